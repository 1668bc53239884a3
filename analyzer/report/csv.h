/* csv.h: tables as comma-separated values (RFC 4180, but with line feeds): a line of names, then a
 * line a row; plain numbers in seconds, bytes and counts, with all their digits; what is not known
 * is empty. Of several traces each row begins with its trace. */
#ifndef ANALYZER_REPORT_CSV_H
#define ANALYZER_REPORT_CSV_H

#include "report/report.h"

struct csv {
	struct text *out;
	const char *trace; /* NULL: rows do not tell */
	bool in_row;
};

/* Begins a table of the columns `names`, separated by commas. */
void csv_begin(struct csv *csv, const struct report_options *options, struct text *out,
               const char *names);
void csv_text(struct csv *csv, const char *cell);
void csv_number(struct csv *csv, double number);
void csv_count(struct csv *csv, int64_t count);
void csv_end_row(struct csv *csv);

/* The tables that several reports share. */
void csv_functions(const struct profile *, const struct report_options *, struct text *);
void csv_categories(const struct profile *, const struct report_options *, struct text *);

#endif

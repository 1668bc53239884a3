/* report.h: what reports there are, and in which formats.
 *
 * A report is a row of the table in report.c: a name, what it is for, and one function a format.
 * Markdown is the text report on a "terminal" that is Markdown; CSV is the one table that a report
 * is about. To add one: a file with its functions, and a row. A new format is a new member of
 * struct report and a row of the table of formats.
 *
 * Reports read a profile and write into a text; they neither compute what another report would need
 * too (that belongs in model/), nor print.
 */
#ifndef ANALYZER_REPORT_REPORT_H
#define ANALYZER_REPORT_REPORT_H

#include <jansson.h>
#include <stddef.h>

#include "base/text.h"
#include "model/profile.h"
#include "report/terminal.h"

struct function_order;
struct pattern;

struct report_options {
	size_t top;                        /* rows of a "top" list; 0: each report's own */
	const struct function_order *sort; /* NULL: each list's own */
	const struct pattern *searches;    /* what is searched for */
	size_t searches_count;
	bool many;           /* several traces are reported together */
	const char *program; /* how the analyzer was called: for commands that work as printed */
	const char *trace;   /* how the user named the trace: for the same */
	struct terminal terminal;
};

struct report {
	const char *name, *summary;
	void (*text)(const struct profile *, const struct report_options *, struct text *);
	json_t *(*json)(const struct profile *, const struct report_options *);
	void (*csv)(const struct profile *, const struct report_options *, struct text *);
	bool sorts;    /* has lists that --sort changes */
	bool searches; /* is about what --search names */
	bool by_need;  /* is there only with --search, and no KIND of --report */
};

/* NULL if there is none of that name. */
const struct report *report_find(const char *name);

/* The report of what --search finds. */
const struct report *report_of_searches(void);

/* The table, ended by a row without a name. */
const struct report *report_all(void);

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_MARKDOWN, REPORT_CSV };

/* False if there is no format of that name. */
bool report_format_find(const char *name, enum report_format *format);

/* "text, json, …" */
const char *report_format_names(void);

/* "sim-summary, sim-details, …" */
const char *report_names(void);

/* Writes reports of several profiles one after the other: text headed by the trace's name where
 * there are several, JSON as one document, or an array of them. */
struct report_set;
struct report_set *report_set_begin(enum report_format format, size_t profiles);
void report_set_add(struct report_set *set, const struct report *report, const struct profile *p,
                    const struct report_options *options);
/* Adds a line for each other trace of the run to a set of text. */
struct other_trace;
void report_set_add_others(struct report_set *set, struct other_trace *others, size_t count,
                           const struct report_options *options);
/* Ends the set, and frees it. */
void report_set_end(struct report_set *set, struct text *out);

/* ---- the reports, each in its own file ---------------------------------------------------- */

void sim_summary_text(const struct profile *, const struct report_options *, struct text *);
json_t *sim_summary_json(const struct profile *, const struct report_options *);
void memory_text(const struct profile *, const struct report_options *, struct text *);
json_t *memory_json(const struct profile *, const struct report_options *);
void sim_details_text(const struct profile *, const struct report_options *, struct text *);
void dev_summary_text(const struct profile *, const struct report_options *, struct text *);
void dev_details_text(const struct profile *, const struct report_options *, struct text *);
json_t *sim_details_json(const struct profile *, const struct report_options *);
json_t *dev_summary_json(const struct profile *, const struct report_options *);
json_t *dev_details_json(const struct profile *, const struct report_options *);
void allocator_text(const struct profile *, const struct report_options *, struct text *);
json_t *allocator_json(const struct profile *, const struct report_options *);
void allocator_csv(const struct profile *, const struct report_options *, struct text *);
void raw_text(const struct profile *, const struct report_options *, struct text *);
json_t *raw_json(const struct profile *, const struct report_options *);
void lines_text(const struct profile *, const struct report_options *, struct text *);
json_t *lines_json(const struct profile *, const struct report_options *);
void lines_csv(const struct profile *, const struct report_options *, struct text *);
void search_text(const struct profile *, const struct report_options *, struct text *);
json_t *search_json(const struct profile *, const struct report_options *);
void search_csv(const struct profile *, const struct report_options *, struct text *);
void sim_summary_csv(const struct profile *, const struct report_options *, struct text *);
void memory_csv(const struct profile *, const struct report_options *, struct text *);

#endif

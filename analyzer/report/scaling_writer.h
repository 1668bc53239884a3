/* scaling_writer.h: headings, lines and tables, as a terminal shows them or as Markdown. */
#ifndef ANALYZER_REPORT_SCALING_WRITER_H
#define ANALYZER_REPORT_SCALING_WRITER_H

#include <stdbool.h>

#include "base/text.h"
#include "base/units.h"
#include "report/grid.h"
#include "report/terminal.h"
#include "scaling/fit.h"
#include "scaling/metric.h"

struct scaling_writer {
	bool markdown;
	const struct terminal *terminal;
	struct text *out;
	struct grid grid; /* the table that is being filled */
};

/* A heading, and in a lower voice what it leaves open ("": nothing); below it where the line would
 * get too long. */
__attribute__((format(printf, 3, 4))) void
scaling_heading(struct scaling_writer *w, const char *note, const char *title, ...);

/* A line of text, indented under its heading, and broken where it gets too long; in Markdown an
 * item of a list. */
__attribute__((format(printf, 2, 3))) void scaling_line(struct scaling_writer *w,
                                                        const char *format, ...);

/* A table: `align` as of grid_begin, then cells row by row, the first row its heading. */
void scaling_table(struct scaling_writer *w, const char *align);
__attribute__((format(printf, 2, 3))) void scaling_cell(struct scaling_writer *w,
                                                        const char *format, ...);
void scaling_table_end(struct scaling_writer *w);

/* A value in its unit: "41.2 MiB", "3.21 µs", "27,648". */
struct unit scaling_value(enum metric_unit unit, double value);

/* A prediction's interval, in the unit of its value where that is near: "[10.6–12.1]". */
struct unit scaling_interval(enum metric_unit unit, const struct fit_prediction *prediction);

#endif

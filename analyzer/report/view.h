/* view.h: what the sections of text reports share: where they write, and how figures look.
 *
 * A section is a function in sections.h that writes a heading and what belongs under it, or nothing
 * when there is no data for it. Reports are sequences of sections.
 */
#ifndef ANALYZER_REPORT_VIEW_H
#define ANALYZER_REPORT_VIEW_H

#include "base/units.h"
#include "report/grid.h"
#include "report/marks.h"
#include "report/report.h"

/* Rows of a list, unless told. */
#define TOP_DEFAULT 10

struct view {
	const struct profile *p;
	const struct report_options *options;
	struct text *out;
	size_t top; /* rows of a list */
	bool steps; /* the run has steps: figures are per step */
};

/* Figures as arguments of printf, or cells. They live to the end of the full expression. */
#define COUNT(n)   unit_count(n).text
#define NUMBER(n)  unit_number(n).text
#define BYTES(n)   unit_bytes((double)(n)).text
#define SECONDS(n) unit_seconds(n).text
#define PERCENT(n) unit_percent(n).text

/* A view of a profile; `top` from the options, or this format's own. */
struct view view_of(const struct profile *p, const struct report_options *options,
                    struct text *out);

/* "TOP 10 " for the title of a list; "" where all rows were asked for. */
struct unit view_top(const struct view *v);

/* A title after an empty line, and what the title leaves open, if anything. */
__attribute__((format(printf, 3, 4))) void view_heading(struct view *v, const char *note,
                                                        const char *title, ...);

/* A string that may hold anything, in one line, shortened to `columns`. */
void view_shortened(struct view *v, const char *string, size_t columns);

/* A figure of a phase (0: of no phase) as a cell: per step where there are steps; "≤ 3.2" where
 * some of it may lie outside of steps; "(3,100)", all of it, where all does; "" where
 * allocations were not recorded. */
struct unit view_count(const struct view *v, uint32_t phase, double count,
                       struct variance variance);
struct unit view_bytes(const struct view *v, uint32_t phase, double bytes,
                       struct variance variance);

/* A figure of allocations as a cell. In sampled mode its error stands behind it, in percent of it:
 * "41.2 MiB ±3.1%"; "±?" where too few samples make it up (estimate.h). */
struct unit view_estimate(const struct view *v, struct unit figure, double value,
                          struct variance variance);

/* The same of a metric of memory among the figures of a stack, a function … */
struct unit view_memory(const struct view *v, const struct figures *of, enum stack_metric metric);

/* The share that `part` has in `whole`, which is made up of the same samples and others, in
 * percent, with its error in points: "45.6 ±1.2". */
struct unit view_share(const struct view *v, double part, struct variance part_variance,
                       double whole, struct variance whole_variance);

/* What these signs mean, below a table that has them. */
void view_places_note(struct view *v, bool outside, bool both);

/* A cell or heading about allocations; "" where they were not recorded: a column of those alone is
 * left out. */
const char *view_if_heap(const struct view *v, const char *cell);

/* The path of a phase; in words what is in no phase, and what no step made. */
const char *view_phase(const struct view *v, uint32_t phase);

#endif

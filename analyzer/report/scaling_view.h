/* scaling_view.h: what the sections about laws have in common: what they show, their cells, and the
 * sections themselves. Nothing here is for other reports. */
#ifndef ANALYZER_REPORT_SCALING_VIEW_H
#define ANALYZER_REPORT_SCALING_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/units.h"
#include "report/scaling.h"
#include "report/scaling_writer.h"

/* A study as it is being told. Borrowed, all of it. */
struct scaling_view {
	const struct scaling_report *r;
	const struct study *study;
	struct scaling_writer *w;
	double target; /* the size to come that tables speak of */
	size_t top;    /* rows of a list */
};

/* Texts that live to the end of the full expression. */
#define SIZE(n)       scaling_size(n).text
#define BYTES(n)      unit_bytes(n).text
#define VALUE(row, v) scaling_value(metric_info((row)->kind)->unit, (v)).text

/* Three arguments of a line, for "%s%s%s": path and metric, or "value" of measurements that have
 * neither. */
#define NAME(row)                                                                                  \
	*(row)->path || *(row)->metric ? (row)->path : "value",                                    \
	        *(row)->path &&*(row)->metric ? ", " : "", (row)->metric

/* What a row's law says at n. */
double scaling_value_at(const struct study_row *row, double n);

/* A row's law, class in words and verdict; a dash, nothing and "cannot tell" where none could be
 * fitted. NULL has no law. */
const char *scaling_law_name(const struct study_row *row);
const char *scaling_class(const struct study_row *row);
const char *scaling_verdict(const struct study_row *row);

/* The law with a sign of doubt: ? likely, ?? cannot tell. */
struct unit scaling_law_cell(const struct study_row *row);

/* The value at n and its 95 % interval, which has the same unit; "—": there is no law. */
struct unit scaling_predicted(const struct scaling_view *v, const struct study_row *row, double n);

/* A size: whole ones, and large ones, without a fraction. */
struct unit scaling_size(double n);

/* A size that a law gives, to three digits: more would say what nobody knows. */
double scaling_rounded(double n);

/* Another quantity of what LIKE is about; NULL: it was not measured. */
const struct study_row *scaling_row_like(const struct scaling_view *v, const struct study_row *like,
                                         enum metric kind);

/* Whether a row is the time of a step or phase, by the clock that is told of it. */
bool scaling_is_time(const struct scaling_view *v, const struct study_row *row);

/* The sections, each with its heading, or nothing. */
void scaling_section_sizes(const struct scaling_view *);
void scaling_section_phases(const struct scaling_view *);
void scaling_section_published(const struct scaling_view *);
void scaling_section_measurements(const struct scaling_view *);
void scaling_section_breaks(const struct scaling_view *);
void scaling_section_sums(const struct scaling_view *);
void scaling_section_lists(const struct scaling_view *);
void scaling_section_step(const struct scaling_view *);
void scaling_section_caches(const struct scaling_view *);
void scaling_section_crossings(const struct scaling_view *);
void scaling_section_memory(const struct scaling_view *);
void scaling_section_density(const struct scaling_view *);
void scaling_section_doubts(const struct scaling_view *);
void scaling_section_gates(const struct scaling_view *);
void scaling_section_notes(const struct scaling_view *);

/* Of a single run. */
void scaling_section_within(const struct scaling_report *r, struct scaling_writer *w);

#endif

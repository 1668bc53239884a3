/* scaling.h: how a study of laws is told, by format: a row of the table in scaling.c each.
 *
 * Text and Markdown are the same sections (scaling_sections.c), which write tables by one
 * interface (scaling_writer.h); JSON and CSV are for programs and leave nothing out.
 */
#ifndef ANALYZER_REPORT_SCALING_H
#define ANALYZER_REPORT_SCALING_H

#include <stdbool.h>

#include "base/text.h"
#include "report/terminal.h"
#include "scaling/gate.h"
#include "scaling/study.h"
#include "scaling/within.h"

struct scaling_report {
	const struct study *study;   /* NULL: the laws are those of one run */
	const struct within *within; /* NULL: there is a study */
	const struct gates *gates;
	bool plan;  /* say which sizes would decide */
	size_t top; /* rows of a list; 0: 10 */
	struct terminal terminal;
};

struct scaling_format {
	const char *name;
	void (*write)(const struct scaling_report *, struct text *);
};

/* The table, ended by a row without a name. */
const struct scaling_format *scaling_format_all(void);
const struct scaling_format *scaling_format_find(const char *name);

void scaling_text(const struct scaling_report *, struct text *);
void scaling_markdown(const struct scaling_report *, struct text *);
void scaling_json(const struct scaling_report *, struct text *);
void scaling_csv(const struct scaling_report *, struct text *);

/* A drawing of the laws that matter most: points, curve, and the band of its interval. */
void scaling_svg(const struct scaling_report *, struct text *);

#endif

/* others.h: the other traces of a run, beside the one that is reported: a line each. */
#ifndef ANALYZER_REPORT_OTHERS_H
#define ANALYZER_REPORT_OTHERS_H

#include "report/report.h"

struct other_trace {
	const char *path, *command; /* kept by the caller */
	double wall;
	int64_t allocations, peak_bytes; /* PROFILE_UNKNOWN: not told */
};

/* Sorts the rows, most allocations first, and writes them; nothing if there are none. */
void others_text(struct other_trace *others, size_t count, const struct report_options *options,
                 struct text *out);

#endif

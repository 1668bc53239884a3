/* beside.h: memory beside the heap, as every format of the reports shows it: by kind of memory, and
 * within a kind by call-site. */
#ifndef ANALYZER_REPORT_BESIDE_H
#define ANALYZER_REPORT_BESIDE_H

#include "model/profile.h"

/* The call-sites of one kind of memory: what the program maps by itself, or one of its pools. */
struct beside_kind {
	const char *pool;               /* its name; NULL: mapped directly */
	const struct call_site **sites; /* most live bytes first */
	size_t count;
	struct call_site total; /* counters and live figures of all of them; no place in code */
};

struct beside {
	struct beside_kind *kinds; /* what is mapped first, if anything is, then pools, as sites */
	size_t count;
	const struct call_site **sorted;
};

struct beside beside_of(const struct profile *profile);
void beside_free(struct beside *beside);

#endif

/* caches.h: where the working set of a study leaves the processor's caches.
 *
 * The working set is taken to be what the heap holds at its peak (the resident set, where no heap
 * was recorded). A law of time has no caches in it: its constants are those of the level that the
 * measured sizes lived in. Within the measured sizes a change of level shows in the points, and
 * widens intervals by itself, if a few of them are beyond it; else nobody has seen what is there.
 * So predictions of times for sizes that leave such a level have their upper end doubled: the
 * simulation that comes with this project took 1.1 to 1.4 times what its laws said when it left the
 * third level, and up to 2.5 times where others used that, too.
 */
#ifndef ANALYZER_SCALING_CACHES_H
#define ANALYZER_SCALING_CACHES_H

#include "scaling/study.h"

/* The upper end of an interval is multiplied by that for each level that is left unseen. */
#define CACHES_RAISE 2.0

/* Measured sizes beyond a level from which on their times are taken to tell what it is like there:
 * as many as a law takes. */
#define CACHES_BEYOND 3u

/* Notes the caches that a trace names (TRACE_UNKNOWN: it does not). */
void caches_note(struct study *study, int64_t l2, int64_t l3);

/* Finds where each level is left; after all rows are fitted. */
void caches_locate(struct study *study);

/* The row that tells the working set, or NULL. */
const struct study_row *caches_working_set(const struct study *study);

/* By how much the upper end of a time's interval at n is to be raised; 1: not at all. */
double caches_raise(const struct study *study, double n);

#endif

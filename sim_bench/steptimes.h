/* steptimes.h: how long steps took, in bounded memory.
 *
 * A log-linear histogram: each power of two of nanoseconds is cut into STEPTIMES_PARTS equal parts,
 * so a quantile is within 1/STEPTIMES_PARTS (0.8 %) of the true one, however many steps there are.
 * Count, sum and maximum are exact.
 */
#ifndef SIM_STEPTIMES_H
#define SIM_STEPTIMES_H

#include <stdint.h>

#define STEPTIMES_PART_BITS 7
#define STEPTIMES_PARTS     (1 << STEPTIMES_PART_BITS)
#define STEPTIMES_BUCKETS   ((64 - STEPTIMES_PART_BITS + 1) * STEPTIMES_PARTS)

struct steptimes {
	uint64_t count, sum_ns, max_ns, max_step;
	uint64_t buckets[STEPTIMES_BUCKETS];
};

/* Adds the duration of one step. */
void steptimes_add(struct steptimes *times, uint64_t step, uint64_t ns);

/* The duration that SHARE (0…1) of the steps did not exceed, in nanoseconds; 0 without steps. */
uint64_t steptimes_quantile(const struct steptimes *times, double share);

#endif

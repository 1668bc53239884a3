/* variances.h: how much an estimate and its variance, which come from the same samples, have in
 * common.
 *
 * A run that happened to sample few of a call-site's blocks has too low an estimate and too low a
 * variance at once. By how much is told by their covariance, the pull. It is estimated by the sum
 * over samples of (1 − p)² ÷ p³ · v³, v being what one of them counts for. Pull ÷ variance is then
 * what a sample counts for among those that make the variance up: where blocks differ in size these
 * are the few small ones, seldom sampled, and not the many that make the estimate up.
 *
 * The trace does not tell it, but blocks of a cell whose requested sizes lie in the same bucket
 * were sampled with almost the same p. Of n samples there the trace has the count, n ÷ p, and its
 * variance, n · (1 − p) ÷ p². What was freed, or is live, is taken to be of the same sizes as what
 * was allocated. Of reallocated blocks no sizes are known: they are taken to be equal. */
#ifndef ANALYZER_TRACE_VARIANCES_H
#define ANALYZER_TRACE_VARIANCES_H

#include "trace/trace.h"

/* From the cells' fields and variances, when all of them have been read. */
void variances_find_pulls(struct trace *trace);

#endif

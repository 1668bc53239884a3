/* estimate.h: how sure the figures of a run in sampled mode are.
 *
 * There every figure of allocations is a sum over samples that were taken independently of each
 * other, and the trace tells the variance of each (TRACE_FORMAT.md, "Sampled mode"). So variances
 * of sums are sums of variances; of a difference only where one part is all of the other's samples
 * that are still there, as live blocks are of those that came, it is the difference.
 *
 * Errors are half the width of the interval that holds the true value in 95 of 100 runs, if enough
 * samples make it up: a sum of few of them is not distributed normally, and its variance is itself
 * not known well. How many equal samples would be as sure is value² ÷ variance. */
#ifndef ANALYZER_MODEL_ESTIMATE_H
#define ANALYZER_MODEL_ESTIMATE_H

#include <stdbool.h>

#include "trace/trace.h"

/* Of fewer samples no error is given. */
#define ESTIMATE_SAMPLES_MIN 8

/* 1.96 standard errors. A variance that rounding has left below 0 is 0. */
double estimate_error(double variance);

/* The figure is made up of fewer samples than an error can be given for. One that is 0 is. */
bool estimate_of_few(double value, double variance);

/* The variance of part ÷ whole, where `part` is made up of some of the samples of `whole`. NAN
 * where the whole is 0. */
double estimate_share_variance(double part, double part_variance, double whole,
                               double whole_variance);

void variances_add(struct trace_variances *sum, const struct trace_variances *from);

/* Of figures that are made up of several fields. */
double variance_live_bytes(const struct trace_variances *v);
double variance_live_blocks(const struct trace_variances *v);
double variance_usable(const struct trace_variances *v); /* at most */
double variance_slack(const struct trace_variances *v);  /* of all blocks made */
double variance_live_slack(const struct trace_variances *v);
double
variance_realloc_growth(const struct trace_variances *v); /* at most: they have some in common */

#endif

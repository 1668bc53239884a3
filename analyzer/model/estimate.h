/* estimate.h: how sure the figures of a run in sampled mode are.
 *
 * There every figure of allocations is a sum over samples that were taken independently of each
 * other, and the trace tells the variance of each (TRACE_FORMAT.md, "Sampled mode"). So variances
 * of sums are sums of variances; of a difference only where one part is all of the other's samples
 * that are still there, as live blocks are of those that came, it is the difference.
 *
 * Errors are half the width of the interval that holds the true value in 95 of 100 runs, if enough
 * samples make it up. How many equal samples would be as sure is value² ÷ variance; but the
 * variance may come from far fewer, and is then too low just when the estimate is
 * (trace/variances.h). So it is taken with three samples more of those that it comes from, of
 * weight w = pull ÷ variance:
 *
 *     error = 1.96 · √(variance + 3 · w²)
 *
 * After A. Agresti and B. A. Coull, "Approximate is better than exact for interval estimation of
 * binomial proportions" (The American Statistician 52, 1998), who add two successes and two
 * failures. Of simulated sites of 19 mixes of sizes, up to 256-fold, that 30 samples or more make
 * up, the interval held the truth 93.0 to 97.0 times of 100 (60,000 draws each), of half of their
 * blocks, freed, too; ±1.96 · √variance did 90.0 to 96.3 times. Where the blocks that make up the
 * variance are so few that a run may see none, no interval can be right. */
#ifndef ANALYZER_MODEL_ESTIMATE_H
#define ANALYZER_MODEL_ESTIMATE_H

#include <stdbool.h>

#include "trace/trace.h"

/* Of fewer samples no error is given. */
#define ESTIMATE_SAMPLES_MIN 8

/* Half of the interval. A variance that rounding has left below 0 is 0. */
double estimate_error(struct variance of);

/* The figure is made up of fewer samples than an error can be given for. One that is 0 is. */
bool estimate_of_few(double value, struct variance of);

/* The variance of part ÷ whole, where `part` is made up of some of the samples of `whole`. NAN
 * where the whole is 0. */
struct variance estimate_share_variance(double part, struct variance of_part, double whole,
                                        struct variance of_whole);

void variance_add(struct variance *sum, struct variance of);

/* Of part of the samples that it is of, taken at random. */
struct variance variance_scaled(struct variance of, double part);

void variances_add(struct trace_variances *sum, const struct trace_variances *from);

/* Of figures that are made up of several fields. */
struct variance variance_live_bytes(const struct trace_variances *v);
struct variance variance_live_blocks(const struct trace_variances *v);
struct variance variance_usable(const struct trace_variances *v); /* at most */
struct variance variance_slack(const struct trace_variances *v);  /* of all blocks made */
struct variance variance_live_slack(const struct trace_variances *v);
/* At most: they have some samples in common. */
struct variance variance_realloc_growth(const struct trace_variances *v);

#endif

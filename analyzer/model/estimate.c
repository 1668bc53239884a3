/* estimate.c: see estimate.h. */
#include "model/estimate.h"

#include <math.h>

/* So many samples more, of those that make up the variance. */
#define SAMPLES_MORE 3

double estimate_error(struct variance of)
{
	double weight = of.variance > 0 ? fmax(of.pull, 0) / of.variance : 0;
	return 1.96 * sqrt(fmax(of.variance, 0) + SAMPLES_MORE * weight * weight);
}

bool estimate_of_few(double value, struct variance of)
{
	return value == 0 || value * value < ESTIMATE_SAMPLES_MIN * of.variance;
}

/* To first order: what the part and the rest of the whole, which are independent, each do to it.
 * What a sample counts for is so much less as the part is of the whole. */
struct variance estimate_share_variance(double part, struct variance of_part, double whole,
                                        struct variance of_whole)
{
	if (whole == 0)
		return (struct variance){NAN, 0};
	double share = part / whole, rest_variance = fmax(of_whole.variance - of_part.variance, 0);
	double variance =
	        ((1 - share) * (1 - share) * of_part.variance + share * share * rest_variance) /
	        (whole * whole);
	double weight = of_part.variance > 0 ? of_part.pull / of_part.variance : 0;
	return (struct variance){variance, variance * fabs(1 - share) * weight / whole};
}

void variance_add(struct variance *sum, struct variance of)
{
	sum->variance += of.variance;
	sum->pull += of.pull;
}

struct variance variance_scaled(struct variance of, double part)
{
	return (struct variance){part * of.variance, part * of.pull};
}

void variances_add(struct trace_variances *sum, const struct trace_variances *from)
{
	for (int i = 0; i < TRACE_CELL_FIELDS_COUNT; i++)
		variance_add(&sum->fields[i], from->fields[i]);
}

#define V(NAME) v->fields[TRACE_CELL_##NAME]

/* Each of the four was rounded to a whole number, which has a variance of 1/12. */
#define ROUNDED (4.0 / 12)

/* Of what came and did not go. */
static struct variance of_live(struct variance allocated, struct variance moved_in,
                               struct variance freed, struct variance moved_out)
{
	return (struct variance){allocated.variance + moved_in.variance - freed.variance -
	                                 moved_out.variance,
	                         allocated.pull + moved_in.pull - freed.pull - moved_out.pull};
}

static struct variance rounded(struct variance of)
{
	return (struct variance){fmax(of.variance, 0) + ROUNDED, fmax(of.pull, 0)};
}

struct variance variance_live_bytes(const struct trace_variances *v)
{
	return rounded(
	        of_live(V(ALLOCATED_BYTES), V(MOVED_IN_BYTES), V(FREED_BYTES), V(MOVED_OUT_BYTES)));
}

struct variance variance_live_blocks(const struct trace_variances *v)
{
	return rounded(of_live(V(ALLOCATIONS), V(MOVED_IN), V(FREES), V(MOVED_OUT)));
}

/* Under the fields of usable bytes the trace has the variance of usable − requested. The standard
 * error of a sum is no more than the sum of standard errors. */
struct variance variance_usable(const struct trace_variances *v)
{
	double error = sqrt(V(ALLOCATED_BYTES).variance) + sqrt(V(ALLOCATED_USABLE).variance);
	return (struct variance){error * error, V(ALLOCATED_BYTES).pull + V(ALLOCATED_USABLE).pull};
}

struct variance variance_slack(const struct trace_variances *v)
{
	struct variance sum = V(ALLOCATED_USABLE);
	variance_add(&sum, V(MOVED_IN_USABLE));
	return sum;
}

struct variance variance_live_slack(const struct trace_variances *v)
{
	return of_live(V(ALLOCATED_USABLE), V(MOVED_IN_USABLE), V(FREED_USABLE),
	               V(MOVED_OUT_USABLE));
}

struct variance variance_realloc_growth(const struct trace_variances *v)
{
	struct variance sum = V(MOVED_IN_BYTES);
	variance_add(&sum, V(MOVED_OUT_BYTES));
	return sum;
}

/* estimate.c: see estimate.h. */
#include "model/estimate.h"

#include <math.h>

double estimate_error(double variance)
{
	return 1.96 * sqrt(fmax(variance, 0));
}

bool estimate_of_few(double value, double variance)
{
	return value == 0 || value * value < ESTIMATE_SAMPLES_MIN * variance;
}

/* To first order: what the part and the rest of the whole, which are independent, each do to it. */
double estimate_share_variance(double part, double part_variance, double whole,
                               double whole_variance)
{
	if (whole == 0)
		return NAN;
	double share = part / whole, rest_variance = fmax(whole_variance - part_variance, 0);
	return ((1 - share) * (1 - share) * part_variance + share * share * rest_variance) /
	       (whole * whole);
}

void variances_add(struct trace_variances *sum, const struct trace_variances *from)
{
	for (int i = 0; i < TRACE_CELL_FIELDS_COUNT; i++)
		sum->fields[i] += from->fields[i];
}

#define V(NAME) v->fields[TRACE_CELL_##NAME]

/* Each of the four was rounded to a whole number, which has a variance of 1/12. */
#define ROUNDED (4.0 / 12)

double variance_live_bytes(const struct trace_variances *v)
{
	return fmax(V(ALLOCATED_BYTES) + V(MOVED_IN_BYTES) - V(FREED_BYTES) - V(MOVED_OUT_BYTES),
	            0) +
	       ROUNDED;
}

double variance_live_blocks(const struct trace_variances *v)
{
	return fmax(V(ALLOCATIONS) + V(MOVED_IN) - V(FREES) - V(MOVED_OUT), 0) + ROUNDED;
}

/* Under the fields of usable bytes the trace has the variance of usable − requested. The standard
 * error of a sum is no more than the sum of standard errors. */
double variance_usable(const struct trace_variances *v)
{
	double error = sqrt(V(ALLOCATED_BYTES)) + sqrt(V(ALLOCATED_USABLE));
	return error * error;
}

double variance_slack(const struct trace_variances *v)
{
	return V(ALLOCATED_USABLE) + V(MOVED_IN_USABLE);
}

double variance_live_slack(const struct trace_variances *v)
{
	return V(ALLOCATED_USABLE) + V(MOVED_IN_USABLE) - V(FREED_USABLE) - V(MOVED_OUT_USABLE);
}

double variance_realloc_growth(const struct trace_variances *v)
{
	return V(MOVED_IN_BYTES) + V(MOVED_OUT_BYTES);
}

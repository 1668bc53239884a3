/* variances.c: see variances.h. */
#include "trace/variances.h"

#include <math.h>

/* What one sample counts for among those that make up a variance. */
struct weights {
	double blocks, bytes;
};

/* The odds against a block of the bucket being sampled, (1 − p) ÷ p, are variance ÷ count; they
 * tell p, and p the size. Weighted by variance, of counts or of bytes. */
static struct weights weights_of(const struct trace_cell *cell, const struct trace_variances *v,
                                 double mean)
{
	double counts = 0, counts_sum = 0, bytes = 0, bytes_sum = 0;
	for (int i = TRACE_CELL_SIZE_0; i < TRACE_CELL_SIZE_0 + TRACE_SIZES; i++) {
		double variance = v->fields[i].variance, count = (double)trace_cell_field(cell, i);
		if (!(variance > 0) || !(count > 0))
			continue;
		double odds = variance / count, size = mean * log1p(1 / odds);
		counts += variance;
		counts_sum += variance * odds;
		bytes += variance * size * size;
		bytes_sum += variance * size * size * odds * size;
	}
	return (struct weights){counts > 0 ? counts_sum / counts : 0,
	                        bytes > 0 ? bytes_sum / bytes : 0};
}

/* As if all samples were alike. */
static double equal_weight(const struct trace_cell *cell, const struct trace_variances *v,
                           int field)
{
	double count = (double)trace_cell_field(cell, field);
	return count > 0 ? v->fields[field].variance / count : 0;
}

static double weight_of(const struct trace_cell *cell, const struct trace_variances *v,
                        const struct weights *weights, double mean, int field)
{
	switch (field) {
	case TRACE_CELL_ALLOCATED_BYTES:
	case TRACE_CELL_FREED_BYTES:
	case TRACE_CELL_PEAK_BYTES:
		return weights->bytes > 0 ? weights->bytes : mean;
	case TRACE_CELL_MOVED_IN_BYTES:
	case TRACE_CELL_MOVED_OUT_BYTES:
		return fmin(mean, equal_weight(cell, v, field));
	/* Of usable − requested bytes. */
	case TRACE_CELL_ALLOCATED_USABLE:
	case TRACE_CELL_FREED_USABLE:
	case TRACE_CELL_MOVED_IN_USABLE:
	case TRACE_CELL_MOVED_OUT_USABLE: {
		double slack =
		        (double)(trace_cell_field(cell, field) - trace_cell_field(cell, field - 1));
		return slack > 0 ? v->fields[field].variance / slack : 0;
	}
	case TRACE_CELL_MOVED_IN:
	case TRACE_CELL_MOVED_OUT:
		return equal_weight(cell, v, field);
	default:
		if (field >= TRACE_CELL_SIZE_0 || !(weights->blocks > 0))
			return equal_weight(cell, v, field);
		return weights->blocks;
	}
}

void variances_find_pulls(struct trace *t)
{
	double mean = (double)t->header.sample_bytes;
	for (size_t i = 1; i < t->variances_count; i++) {
		struct trace_variances *v = &t->variances[i];
		const struct trace_cell *cell = &t->cells[i];
		struct weights weights = weights_of(cell, v, mean);
		for (int field = 0; field < TRACE_CELL_FIELDS_COUNT; field++)
			v->fields[field].pull = v->fields[field].variance *
			                        weight_of(cell, v, &weights, mean, field);
	}
}

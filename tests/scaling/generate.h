/* generate.h: series with a known law, as tests and the large simulation draw them.
 *
 * A draw: one of the 8 classes, each as likely; n = 100, 200 … 1,600; the growing part's share of
 * the value at the largest n uniform in 50–99 %; 5 repetitions, each off by a relative error that
 * is uniform within ±level, or exponential with mean `level` and never below 0. Reproducible: the
 * same seed gives the same draws on any machine.
 */
#ifndef TESTS_SCALING_GENERATE_H
#define TESTS_SCALING_GENERATE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "scaling/law.h"
#include "scaling/series.h"

#define GENERATE_SIZES       5
#define GENERATE_REPETITIONS 5

struct noise_model {
	const char *name;
	double level;
	bool one_sided;
};

struct draw {
	int law;
	double share;
	double c0, c1;
};

/* xorshift64*; the state must not be 0. */
static inline double generate_uniform(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (double)((*state * 0x2545f4914f6cdd1dull) >> 11) / 9007199254740992.0;
}

static inline double generate_error(uint64_t *state, const struct noise_model *noise)
{
	double u = generate_uniform(state);
	return noise->one_sided ? -noise->level * log1p(-u) : noise->level * (2 * u - 1);
}

static inline double generate_truth(const struct draw *draw, double n)
{
	return draw->c0 + draw->c1 * law_value(&law_set(false).laws[draw->law], n);
}

/* `law` < 0: one of the classes, at random. The series is finished. */
static inline struct draw generate_series(uint64_t *state, const struct noise_model *noise, int law,
                                          struct series *series)
{
	struct law_set set = law_set(false);
	double largest = 100 << (GENERATE_SIZES - 1);
	struct draw draw = {law, 0, 0, 0};
	if (law < 0)
		draw.law = (int)(generate_uniform(state) * (double)set.count);
	draw.share = 0.5 + 0.49 * generate_uniform(state);
	if (draw.law == LAW_CONSTANT)
		draw.share = 0;
	draw.c0 = 1 - draw.share;
	draw.c1 = draw.share / law_value(&set.laws[draw.law], largest);
	for (int i = 0; i < GENERATE_SIZES; i++)
		for (int j = 0; j < GENERATE_REPETITIONS; j++)
			series_add(series, 100 << i, 100 << i,
			           generate_truth(&draw, 100 << i) *
			                   (1 + generate_error(state, noise)));
	series_finish(series);
	return draw;
}

#endif

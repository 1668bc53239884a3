/* simulate.c: how often the laws that `analyzer scaling` finds are the true ones.
 *
 *     simulate SEED DRAWS [--by-class]
 *
 * Prints a table with a row for each kind of noise: how often the exact class was found (with the
 * lower 95 % limit, by Wilson's interval), constants called growing, how often and how rightly
 * each verdict was given, and how often the 95 % interval of a prediction at 4 times the largest
 * n held the truth.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "scaling/fit.h"

static const struct noise_model models[] = {
        {"uniform 1 %", 0.01, false},   {"uniform 2.5 %", 0.025, false},
        {"uniform 5 %", 0.05, false},   {"uniform 10 %", 0.10, false},
        {"one-sided 10 %", 0.10, true},
};
#define MODELS (sizeof(models) / sizeof(models[0]))

struct tally {
	long draws, right, constants, grown;
	long given[3], given_right[3];
	long covered;
	double width;
};

static void try_one(uint64_t *state, const struct noise_model *noise, int law, struct tally *t)
{
	struct series series = {0};
	struct fit fit;
	struct draw draw = generate_series(state, noise, law, &series);
	double far = 4 * series.points[series.count - 1].n;
	fit_series(&fit, &series, law_set(false), &(struct fit_traits){0});
	struct fit_prediction p = fit_predict(&fit, far);
	double truth = generate_truth(&draw, far);
	bool right = fit.law == draw.law;
	t->draws++;
	t->right += right;
	t->constants += draw.law == LAW_CONSTANT;
	t->grown += draw.law == LAW_CONSTANT && fit.law != LAW_CONSTANT;
	t->given[fit.verdict]++;
	t->given_right[fit.verdict] += right;
	t->covered += p.interval.low <= truth && truth <= p.interval.high;
	t->width += (p.interval.high - p.interval.low) / truth;
	fit_free(&fit);
	series_free(&series);
}

static double percent(long part, long all)
{
	return all ? 100.0 * (double)part / (double)all : 0;
}

/* Wilson's lower limit, in percent. */
static double lower_limit(long part, long all)
{
	double z = 1.959963984540054, n = (double)all, p = (double)part / n;
	double centre = p + z * z / (2 * n);
	double reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
	return 100 * (centre - reach) / (1 + z * z / n);
}

static void print_row(const char *name, const char *law, const struct tally *t)
{
	printf("%-15s %-8s %7.2f (>= %5.2f) %8.2f", name, law, percent(t->right, t->draws),
	       lower_limit(t->right, t->draws), percent(t->grown, t->constants));
	for (int v = VERDICT_SURE; v >= VERDICT_CANNOT_TELL; v--)
		printf("  %5.1f: %6.2f", percent(t->given[v], t->draws),
		       percent(t->given_right[v], t->given[v]));
	printf("  %7.2f %8.1f\n", percent(t->covered, t->draws), 100 * t->width / (double)t->draws);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	long draws = argc > 2 ? atol(argv[2]) : 500;
	bool by_class = argc > 3 && strcmp(argv[3], "--by-class") == 0;
	struct law_set set = law_set(false);
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15ull;
	printf("seed %llu, %ld draws a row; all figures in %%\n", (unsigned long long)seed, draws);
	printf("%-15s %-8s %-18s %8s  %-13s  %-13s  %-13s  %7s %8s\n", "noise", "law",
	       "exact class", "1 grows", "sure: right", "likely: right", "else: right", "covered",
	       "width");
	for (size_t i = 0; i < MODELS; i++)
		for (int law = by_class ? 0 : -1; law < (by_class ? (int)set.count : 0); law++) {
			struct tally tally = {0};
			for (long k = 0; k < draws; k++)
				try_one(&state, &models[i], law, &tally);
			print_row(models[i].name, law < 0 ? "all" : set.laws[law].name, &tally);
			fflush(stdout);
		}
	return 0;
}

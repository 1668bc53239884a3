/* scaling_section_sizes.c: the sizes that were run: what was asked for, and what came of it. */
#include "report/scaling_view.h"

#include <math.h>
#include <stdlib.h>

#include "base/units.h"

static bool same_size(const struct study_run *a, const struct study_run *b)
{
	return a->asked == b->asked;
}

static void size_row(const struct scaling_view *v, size_t first)
{
	const struct study *s = v->study;
	const struct study_run *run = &s->runs[first];
	double mean = 0, peak = 0, steps = 0, overhead = 0, runs = 0;
	for (size_t i = 0; i < s->runs_count; i++)
		if (same_size(&s->runs[i], run) && !s->runs[i].left_out) {
			mean += s->runs[i].mean;
			peak += s->runs[i].peak;
			steps += s->runs[i].steps;
			overhead += s->runs[i].overhead;
			runs++;
		}
	scaling_cell(v->w, "%s", SIZE(run->asked));
	scaling_cell(v->w, "%s", SIZE(mean / runs));
	scaling_cell(v->w, "%s", SIZE(peak / runs));
	scaling_cell(v->w, "%s", SIZE(runs));
	scaling_cell(v->w, "%s", SIZE(steps / runs));
	scaling_cell(v->w, "%s", unit_percent(overhead / runs).text);
}

static bool is_first(const struct study *s, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_size(&s->runs[j], &s->runs[i]) && !s->runs[j].left_out)
			return false;
	return !s->runs[i].left_out;
}

static int by_asked(const void *a, const void *b, void *study)
{
	const struct study_run *runs = ((const struct study *)study)->runs;
	double x = runs[*(const size_t *)a].asked, y = runs[*(const size_t *)b].asked;
	return (x > y) - (x < y);
}

void scaling_section_sizes(const struct scaling_view *v)
{
	const struct study *s = v->study;
	if (!s->runs_count)
		return;
	size_t *firsts = mem_zero(s->runs_count * sizeof(*firsts)), count = 0;
	for (size_t i = 0; i < s->runs_count; i++)
		if (is_first(s, i))
			firsts[count++] = i;
	qsort_r(firsts, count, sizeof(*firsts), by_asked, (void *)s);
	scaling_heading(v->w, "time is fitted to the mean, what was held to that at the peak",
	                "SCALING OF %s AGAINST %s", count ? s->runs[firsts[0]].program : "",
	                s->against);
	scaling_table(v->w, "rrrrrr");
	const char *heading[] = {"asked", "mean", "at the peak", "runs", "steps", "profiler %"};
	for (size_t i = 0; i < 6; i++)
		scaling_cell(v->w, "%s", heading[i]);
	for (size_t i = 0; i < count; i++)
		size_row(v, firsts[i]);
	scaling_table_end(v->w);
	free(firsts);
}

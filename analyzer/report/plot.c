/* plot.c: see plot.h. */
#include "report/plot.h"

#include <math.h>
#include <string.h>

static double value_at(const struct profile *p, size_t i, size_t offset)
{
	double value;
	memcpy(&value, (const char *)&p->points[i] + offset, sizeof(value));
	return value;
}

double plot_max(const struct profile *p, size_t offset)
{
	double max = NAN;
	for (size_t i = 0; i < p->points_count; i++)
		max = fmax(max, value_at(p, i, offset));
	return max;
}

/* The next point from `i` on that has a value. */
static size_t next_known(const struct profile *p, size_t i, size_t offset)
{
	while (i < p->points_count && isnan(value_at(p, i, offset)))
		i++;
	return i;
}

static double between(const struct profile *p, size_t a, size_t b, size_t offset, double time)
{
	double from = value_at(p, a, offset), to = value_at(p, b, offset);
	double span = p->points[b].time - p->points[a].time;
	return span > 0 ? from + (to - from) * (time - p->points[a].time) / span : to;
}

static const char *block(double value, double max)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	double level = max > 0 ? value / max * 8 : 0;
	return blocks[level < 0 ? 0 : level >= 8 ? 7 : (size_t)level];
}

void plot_series(const struct profile *p, size_t offset, double max, size_t width, struct text *out)
{
	size_t last = next_known(p, 0, offset);
	if (last == p->points_count)
		return;
	double end = p->points[p->points_count - 1].time;
	size_t next = last;
	for (size_t i = 0; i < width; i++) {
		double time = ((double)i + 0.5) / (double)width * end;
		while (next < p->points_count && p->points[next].time < time) {
			last = next;
			next = next_known(p, next + 1, offset);
		}
		double value = next == p->points_count ? value_at(p, last, offset)
		                                       : between(p, last, next, offset, time);
		text_string(out, block(value, max));
	}
}

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

static const char *block(double value, double max)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	double level = max > 0 ? value / max * 8 : 0;
	return blocks[level < 0 ? 0 : level >= 8 ? 7 : (size_t)level];
}

void plot_series(const struct profile *p, size_t offset, double max, size_t width, struct text *out)
{
	double end = p->points[p->points_count - 1].time, held = NAN;
	size_t next = 0;
	for (size_t i = 0; i < width; i++) {
		double until = i + 1 == width ? INFINITY : (double)(i + 1) / (double)width * end;
		double largest = NAN;
		for (; next < p->points_count && p->points[next].time <= until; next++) {
			double value = value_at(p, next, offset);
			held = isnan(value) ? held : value;
			largest = fmax(largest, value);
		}
		largest = isnan(largest) ? held : largest;
		text_string(out, isnan(largest) ? " " : block(largest, max));
	}
}

/* batch/published.c: see published.h. */
#include "batch/published.h"

#include <stddef.h>
#include <string.h>

double published_rate(uint64_t agents)
{
	static const struct {
		uint64_t agents;
		double rate;
	} rates[] = {{10, 8.6}, {25, 7.3}, {30, 1.86}, {50, 6.5}, {100, 4.4}, {200, 2.5}};
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		if (rates[i].agents == agents)
			return rates[i].rate;
	return 0;
}

const struct published_index *published_index(const char *spatial, uint64_t points)
{
	static const struct {
		const char *spatial;
		struct published_index index;
	} indexes[] = {
	        {"kdtree", {1.49e-3, 5.2e-6}},
	        {"quadtree", {10.7e-3, 7.2e-6}},
	        {"grid", {4.0e-3, 3.8e-6}},
	};
	for (size_t i = 0; points == 1000 && i < sizeof indexes / sizeof indexes[0]; i++)
		if (strcmp(indexes[i].spatial, spatial) == 0)
			return &indexes[i].index;
	return NULL;
}

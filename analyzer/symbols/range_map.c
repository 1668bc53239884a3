/* range_map.c: sorted ranges, cut into disjoint segments by one sweep.
 *
 * In the sorted order (begin ascending, end descending, order of addition ascending) a later range
 * is always the more inner one. So the sweep keeps a stack of the ranges that have begun: its top
 * is the innermost, and a range that has ended is dropped when it comes to the top. Each range
 * yields at most one segment when it begins and one for each range that ended above it: fewer than
 * two segments a range in all.
 */
#include "symbols/range_map.h"

#include "base/memory.h"

#include <stdlib.h>

/* Above what the largest real programs have (a few million); a guard against made-up files. */
#define RANGES_MAX (1u << 23)

bool range_map_add(struct range_map *map, uint64_t low, uint64_t high, uint32_t value)
{
	if (low >= high)
		return true;
	if (map->count == RANGES_MAX)
		return false;
	map->ranges = mem_grow(map->ranges, &map->capacity, map->count + 1, sizeof *map->ranges);
	map->ranges[map->count] = (struct range){low, high, value, (uint32_t)map->count};
	map->count++;
	return true;
}

static int outer_first(const void *left, const void *right)
{
	const struct range *a = left, *b = right;

	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->high != b->high)
		return a->high > b->high ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

struct sweep {
	const struct range *ranges;
	uint32_t *stack; /* indices of ranges that have begun, innermost on top */
	size_t depth;
	struct range *segments;
	size_t count;
	uint64_t reached; /* all below it is cut */
};

static void emit(struct sweep *sweep, uint64_t high, uint32_t value)
{
	struct range *last = sweep->count ? &sweep->segments[sweep->count - 1] : NULL;

	if (last && last->high == sweep->reached && last->value == value)
		last->high = high;
	else
		sweep->segments[sweep->count++] = (struct range){sweep->reached, high, value, 0};
	sweep->reached = high;
}

static void sweep_to(struct sweep *sweep, uint64_t limit)
{
	while (sweep->depth && sweep->reached < limit) {
		const struct range *top = &sweep->ranges[sweep->stack[sweep->depth - 1]];
		uint64_t high = top->high < limit ? top->high : limit;

		if (high > sweep->reached)
			emit(sweep, high, top->value);
		if (top->high <= limit)
			sweep->depth--;
	}
	sweep->reached = limit;
}

void range_map_seal(struct range_map *map)
{
	struct sweep sweep = {.ranges = map->ranges};

	if (map->sealed || map->count == 0) {
		map->sealed = true;
		return;
	}
	qsort(map->ranges, map->count, sizeof *map->ranges, outer_first);
	sweep.stack = mem_zero(map->count * sizeof *sweep.stack);
	sweep.segments = mem_zero(2 * map->count * sizeof *sweep.segments);
	for (size_t i = 0; i < map->count; i++) {
		sweep_to(&sweep, map->ranges[i].low);
		sweep.stack[sweep.depth++] = (uint32_t)i;
	}
	sweep_to(&sweep, UINT64_MAX);
	free(sweep.stack);
	free(map->ranges);
	map->ranges = sweep.segments;
	map->count = map->capacity = sweep.count;
	map->sealed = true;
}

/* The first segment that ends above the address; `count`: none does. */
static size_t first_above(const struct range_map *map, uint64_t address)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->ranges[middle].high <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct range *range_map_segment(const struct range_map *map, uint64_t address)
{
	size_t at = first_above(map, address);

	return at < map->count && map->ranges[at].low <= address ? &map->ranges[at] : NULL;
}

uint32_t range_map_span(const struct range_map *map, uint64_t address, uint64_t *end)
{
	size_t at = first_above(map, address);
	const struct range *above = &map->ranges[at];

	*end = UINT64_MAX;
	if (at == map->count)
		return RANGE_MAP_NONE;
	*end = above->low <= address ? above->high : above->low;
	return above->low <= address ? above->value : RANGE_MAP_NONE;
}

uint32_t range_map_find(const struct range_map *map, uint64_t address)
{
	const struct range *segment = range_map_segment(map, address);

	return segment ? segment->value : RANGE_MAP_NONE;
}

void range_map_clear(struct range_map *map)
{
	free(map->ranges);
	*map = (struct range_map){0};
}

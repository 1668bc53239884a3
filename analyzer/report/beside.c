/* beside.c: see beside.h. */
#include "report/beside.h"

#include <stdlib.h>
#include <string.h>

#include "report/lists.h"

static int by_kind_and_live(const void *left, const void *right)
{
	const struct call_site *a = *(const struct call_site *const *)left;
	const struct call_site *b = *(const struct call_site *const *)right;
	int64_t x = a->fields[TRACE_CELL_ALLOCATED_BYTES],
	        y = b->fields[TRACE_CELL_ALLOCATED_BYTES];
	if (a->memory != b->memory)
		return (a->memory > b->memory) - (a->memory < b->memory);
	if (a->live_bytes != b->live_bytes)
		return (a->live_bytes < b->live_bytes) - (a->live_bytes > b->live_bytes);
	if (x != y)
		return (x < y) - (x > y);
	int order = strcmp(a->label, b->label);
	return order ? order : (a->phase > b->phase) - (a->phase < b->phase);
}

/* What is mapped before all pools. */
static int by_live(const void *left, const void *right)
{
	const struct beside_kind *a = left, *b = right;
	int64_t x = a->total.live_bytes, y = b->total.live_bytes;
	if (!a->pool || !b->pool)
		return (a->pool != NULL) - (b->pool != NULL);
	return x != y ? (x < y) - (x > y) : strcmp(a->pool, b->pool);
}

static void add_kind(struct beside *beside, const struct profile *p, size_t first, size_t end)
{
	uint32_t memory = beside->sorted[first]->memory;
	struct beside_kind *kind = &beside->kinds[beside->count++];
	*kind = (struct beside_kind){
	        .pool = memory == TRACE_MEMORY_MAPPED ? NULL : p->trace->strings[memory],
	        .sites = beside->sorted + first,
	        .count = end - first,
	};
	for (size_t i = first; i < end; i++)
		site_add(&kind->total, beside->sorted[i]);
}

struct beside beside_of(const struct profile *p)
{
	size_t count = p->beside.count, first = 0;
	struct beside beside = {
	        .sorted = mem_zero(count * sizeof(*beside.sorted)),
	        .kinds = mem_zero(count * sizeof(*beside.kinds)),
	};
	for (size_t i = 0; i < count; i++)
		beside.sorted[i] = &p->beside.sites[i];
	qsort(beside.sorted, count, sizeof(*beside.sorted), by_kind_and_live);
	for (size_t i = 1; i <= count; i++) {
		if (i < count && beside.sorted[i]->memory == beside.sorted[first]->memory)
			continue;
		add_kind(&beside, p, first, i);
		first = i;
	}
	qsort(beside.kinds, beside.count, sizeof(*beside.kinds), by_live);
	return beside;
}

void beside_free(struct beside *beside)
{
	free(beside->kinds);
	free(beside->sorted);
	*beside = (struct beside){0};
}

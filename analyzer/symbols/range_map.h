/* range_map.h: from an address to the innermost of the ranges that hold it.
 *
 * Ranges [low, high) with a value are added in any order, nested or overlapping; sealing cuts them
 * into disjoint segments, each with the value of the innermost range there: the one that begins
 * last; of those that begin together the shorter; of equal ones the one added last. A look-up is
 * then a binary search. Used for compilation units, functions, inlined scopes and ELF symbols.
 */
#ifndef ANALYZER_SYMBOLS_RANGE_MAP_H
#define ANALYZER_SYMBOLS_RANGE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANGE_MAP_NONE UINT32_MAX

struct range {
	uint64_t low, high;
	uint32_t value;
	uint32_t order; /* of addition */
};

/* All zero is an empty map. */
struct range_map {
	struct range *ranges;
	size_t count, capacity;
	bool sealed; /* ranges are segments: disjoint and sorted */
};

/* Adds [low, high); an empty range is left out. False: more ranges than any honest file has. Not
 * after sealing. */
bool range_map_add(struct range_map *map, uint64_t low, uint64_t high, uint32_t value);

/* Makes the map ready for look-ups. */
void range_map_seal(struct range_map *map);

/* The value of the innermost range at `address`, or RANGE_MAP_NONE. The map must be sealed. */
uint32_t range_map_find(const struct range_map *map, uint64_t address);

/* The same; *end is how far the answer holds: the first address above that may have another, or
 * UINT64_MAX. */
uint32_t range_map_span(const struct range_map *map, uint64_t address, uint64_t *end);

/* The segment that holds `address`: what the innermost range there has to itself; NULL: none. Good
 * until the map is cleared. */
const struct range *range_map_segment(const struct range_map *map, uint64_t address);

/* Frees what the map holds and makes it empty again. */
void range_map_clear(struct range_map *map);

#endif

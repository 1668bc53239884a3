/* intervals.h: disjoint intervals of addresses, ordered, each belonging to somebody.
 *
 * A treap: a search tree by start, and a heap by a random priority, so that it stays shallow
 * whatever the order of insertion. It is cut in two at an address, and two trees of which one lies
 * below the other are joined, both without recursion (the caller may be on a small signal stack).
 * All else is made of these two:
 *
 *     tree      [a   )[b  )   [c     )[d )
 *     cut       ------[##########)--------        takes out b, and c's beginning
 *     tree      [a   )           [c )[d )         the rest of c is an interval of its own
 *
 * Nothing here locks or allocates: nodes are the caller's.
 */
#ifndef MP_PRELOAD_INTERVALS_H
#define MP_PRELOAD_INTERVALS_H

#include <stdbool.h>
#include <stdint.h>

struct mp_interval {
	uintptr_t start, end; /* [start, end) */
	struct mp_interval *left, *right;
	void *owner;
	uint32_t priority;
};

/* Puts an interval in that overlaps none that is there. */
void mp_intervals_put(struct mp_interval **tree, struct mp_interval *interval);

/* The interval that has the address; NULL: none. */
struct mp_interval *mp_intervals_at(struct mp_interval *tree, uintptr_t address);

/* Divides the interval that has `at` inside (not at its start) there; `second` becomes its second
 * part, with the same owner. False: there is none, and `second` was not used. */
bool mp_intervals_divide(struct mp_interval **tree, uintptr_t at, struct mp_interval *second);

/* Takes out, as a tree, all intervals that start in [start, end). Divide at both ends before. */
struct mp_interval *mp_intervals_take(struct mp_interval **tree, uintptr_t start, uintptr_t end);

/* Takes any one interval out of a tree; NULL: it is empty. */
struct mp_interval *mp_intervals_pop(struct mp_interval **tree);

#endif

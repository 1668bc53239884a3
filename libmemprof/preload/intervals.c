/* intervals.c: see intervals.h. */
#include "intervals.h"

#include <stddef.h>

/* Intervals that start below `at`, and the others. */
static void split(struct mp_interval *tree, uintptr_t at, struct mp_interval **below,
                  struct mp_interval **above)
{
	while (tree) {
		if (tree->start < at) {
			*below = tree;
			below = &tree->right;
			tree = tree->right;
		} else {
			*above = tree;
			above = &tree->left;
			tree = tree->left;
		}
	}
	*below = *above = NULL;
}

/* All of `below` starts below all of `above`. */
static struct mp_interval *join(struct mp_interval *below, struct mp_interval *above)
{
	struct mp_interval *tree, **place = &tree;
	while (below && above) {
		if (below->priority > above->priority) {
			*place = below;
			place = &below->right;
			below = below->right;
		} else {
			*place = above;
			place = &above->left;
			above = above->left;
		}
	}
	*place = below ? below : above;
	return tree;
}

/* Xorshift (Marsaglia 2003). The caller's lock is this state's, too; a race would do no harm. */
static uint32_t random_priority(void)
{
	static uint32_t state = 2463534242u;
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

void mp_intervals_put(struct mp_interval **tree, struct mp_interval *interval)
{
	struct mp_interval *below, *above;
	interval->left = interval->right = NULL;
	interval->priority = random_priority();
	split(*tree, interval->start, &below, &above);
	*tree = join(join(below, interval), above);
}

struct mp_interval *mp_intervals_at(struct mp_interval *tree, uintptr_t address)
{
	while (tree && (address < tree->start || address >= tree->end))
		tree = address < tree->start ? tree->left : tree->right;
	return tree;
}

bool mp_intervals_divide(struct mp_interval **tree, uintptr_t at, struct mp_interval *second)
{
	struct mp_interval *first = mp_intervals_at(*tree, at);
	if (!first || first->start == at)
		return false;
	*second = (struct mp_interval){.start = at, .end = first->end, .owner = first->owner};
	first->end = at;
	mp_intervals_put(tree, second);
	return true;
}

struct mp_interval *mp_intervals_take(struct mp_interval **tree, uintptr_t start, uintptr_t end)
{
	struct mp_interval *below, *taken, *above;
	split(*tree, start, &below, &above);
	split(above, end, &taken, &above);
	*tree = join(below, above);
	return taken;
}

struct mp_interval *mp_intervals_pop(struct mp_interval **tree)
{
	struct mp_interval *top = *tree;
	if (top)
		*tree = join(top->left, top->right);
	return top;
}

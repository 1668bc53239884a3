/* stack_tree.h: the tree of stacks with what was measured at each and below it.
 *
 * Parents have lower ids than their children, so sums go up in one pass, and what a stack inherits
 * from its caller's goes down in one. What counts once for a stack however often it is on it needs
 * a walk: depth first, with a count of what is on the way from the root.
 */
#ifndef ANALYZER_MODEL_STACK_TREE_H
#define ANALYZER_MODEL_STACK_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "model/stacks.h"

struct figures {
	double values[STACK_METRICS];
	double samples; /* how many samples make up the time */
	struct stack_variances variances;
};

/* Figures as they are measured: where nothing is estimated they have no variances. */
struct measured {
	double values[STACK_METRICS];
	double samples;
	const struct stack_variances *variances; /* NULL: none */
};

void figures_add(struct figures *sum, const struct figures *from);
void figures_add_measured(struct figures *sum, const struct measured *from);

/* What the row of this number holds. */
struct measured measured_of_row(const struct stacks *stacks, size_t row);

/* Sums over a stack and all below it. */
struct stack_sum {
	double values[STACK_METRICS];
	double samples;
};

struct stack_tree {
	const struct profile *profile;
	size_t count;                            /* of stacks, the empty one included */
	struct stack_sum *below;                 /* by stack */
	struct stack_variances *variances_below; /* by stack; NULL: nothing is estimated */
	struct stack_sum at_root;                /* at the empty stack itself */
	struct stack_variances variances_at_root;
	uint32_t *first_child, *next; /* 0: none */
};

/* Needs the profile's stacks. Free with stack_tree_free. */
void stack_tree_build(struct stack_tree *tree, const struct profile *profile);
void stack_tree_free(struct stack_tree *tree);

/* Goes to every stack, callers before those that they called: `enter` on the way down, `leave` when
 * all below was visited. Of the empty stack, which is nobody's caller, `below` is what was measured
 * at itself. */
struct stack_visit {
	void (*enter)(void *data, uint32_t stack, const struct measured *below);
	void (*leave)(void *data, uint32_t stack);
	void *data;
};
void stack_tree_walk(const struct stack_tree *tree, const struct stack_visit *visit);

#endif

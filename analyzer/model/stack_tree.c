/* stack_tree.c: see stack_tree.h. */
#include "model/stack_tree.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"
#include "model/profile.h"

void figures_add(struct figures *sum, const struct figures *from)
{
	for (int metric = 0; metric < STACK_METRICS; metric++) {
		sum->values[metric] += from->values[metric];
		variance_add(&sum->variances[metric], from->variances[metric]);
	}
	sum->samples += from->samples;
}

struct figures figures_of_row(const struct stack_row *row)
{
	struct figures figures = {.samples = row->samples};
	memcpy(figures.values, row->values, sizeof(figures.values));
	memcpy(figures.variances, row->variances, sizeof(figures.variances));
	return figures;
}

void stack_tree_build(struct stack_tree *tree, const struct profile *p)
{
	size_t count = p->trace->stacks_count;
	*tree = (struct stack_tree){.profile = p,
	                            .count = count,
	                            .below = mem_zero(count * sizeof(*tree->below)),
	                            .first_child = mem_zero(count * sizeof(uint32_t)),
	                            .next = mem_zero(count * sizeof(uint32_t))};
	for (size_t i = 0; i < p->stacks.count; i++) {
		struct figures measured = figures_of_row(&p->stacks.rows[i]);
		figures_add(&tree->below[p->stacks.rows[i].stack], &measured);
	}
	tree->at_root = tree->below[0];
	for (uint32_t id = (uint32_t)count - 1; id > 0; id--) {
		uint32_t parent = p->trace->stacks[id].parent;
		figures_add(&tree->below[parent], &tree->below[id]);
		tree->next[id] = tree->first_child[parent];
		tree->first_child[parent] = id;
	}
}

void stack_tree_free(struct stack_tree *tree)
{
	free(tree->below);
	free(tree->first_child);
	free(tree->next);
	*tree = (struct stack_tree){0};
}

/* Leaves a stack, and the callers whose last it was; returns where the walk goes on, 0: nowhere. */
static uint32_t leave(const struct stack_tree *tree, const struct stack_visit *visit, uint32_t id)
{
	while (id) {
		visit->leave(visit->data, id);
		if (tree->next[id])
			return tree->next[id];
		id = tree->profile->trace->stacks[id].parent;
	}
	return 0;
}

void stack_tree_walk(const struct stack_tree *tree, const struct stack_visit *visit)
{
	visit->enter(visit->data, 0, &tree->at_root);
	visit->leave(visit->data, 0);
	for (uint32_t id = tree->first_child[0]; id;) {
		visit->enter(visit->data, id, &tree->below[id]);
		uint32_t child = tree->first_child[id];
		id = child ? child : leave(tree, visit, id);
	}
}

/* stack_tree.c: see stack_tree.h. */
#include "model/stack_tree.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"
#include "model/profile.h"

static void add_variances(struct stack_variances *sum, const struct stack_variances *from)
{
	for (int metric = 0; metric < STACK_METRICS; metric++)
		variance_add(&sum->of[metric], from->of[metric]);
}

void figures_add(struct figures *sum, const struct figures *from)
{
	for (int metric = 0; metric < STACK_METRICS; metric++)
		sum->values[metric] += from->values[metric];
	sum->samples += from->samples;
	add_variances(&sum->variances, &from->variances);
}

void figures_add_measured(struct figures *sum, const struct measured *from)
{
	for (int metric = 0; metric < STACK_METRICS; metric++)
		sum->values[metric] += from->values[metric];
	sum->samples += from->samples;
	if (from->variances)
		add_variances(&sum->variances, from->variances);
}

struct measured measured_of_row(const struct stacks *stacks, size_t row)
{
	struct measured measured = {.samples = stacks->rows[row].samples};
	memcpy(measured.values, stacks->rows[row].values, sizeof(measured.values));
	measured.variances = stacks->variances ? &stacks->variances[row] : NULL;
	return measured;
}

static struct measured measured_of_sum(const struct stack_sum *sum,
                                       const struct stack_variances *variances)
{
	struct measured measured = {.samples = sum->samples, .variances = variances};
	memcpy(measured.values, sum->values, sizeof(measured.values));
	return measured;
}

static void add_to_sum(struct stack_sum *sum, const double values[STACK_METRICS], double samples)
{
	for (int metric = 0; metric < STACK_METRICS; metric++)
		sum->values[metric] += values[metric];
	sum->samples += samples;
}

/* Of the empty stack too, so that what is there is told apart before sums reach it. */
static void add_rows(struct stack_tree *tree, const struct stacks *stacks)
{
	for (size_t i = 0; i < stacks->count; i++) {
		const struct stack_row *row = &stacks->rows[i];
		add_to_sum(&tree->below[row->stack], row->values, row->samples);
		if (stacks->variances)
			add_variances(&tree->variances_below[row->stack], &stacks->variances[i]);
	}
	tree->at_root = tree->below[0];
	if (stacks->variances)
		tree->variances_at_root = tree->variances_below[0];
}

void stack_tree_build(struct stack_tree *tree, const struct profile *p)
{
	size_t count = p->trace->stacks_count;
	*tree = (struct stack_tree){.profile = p,
	                            .count = count,
	                            .below = mem_zero(count * sizeof(*tree->below)),
	                            .first_child = mem_zero(count * sizeof(uint32_t)),
	                            .next = mem_zero(count * sizeof(uint32_t))};
	if (p->stacks.variances)
		tree->variances_below = mem_zero(count * sizeof(*tree->variances_below));
	add_rows(tree, &p->stacks);
	for (uint32_t id = (uint32_t)count - 1; id > 0; id--) {
		uint32_t parent = p->trace->stacks[id].parent;
		const struct stack_sum *from = &tree->below[id];
		add_to_sum(&tree->below[parent], from->values, from->samples);
		if (tree->variances_below)
			add_variances(&tree->variances_below[parent], &tree->variances_below[id]);
		tree->next[id] = tree->first_child[parent];
		tree->first_child[parent] = id;
	}
}

void stack_tree_free(struct stack_tree *tree)
{
	free(tree->below);
	free(tree->variances_below);
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

static void enter(const struct stack_tree *tree, const struct stack_visit *visit, uint32_t id)
{
	const struct stack_variances *variances =
	        tree->variances_below ? &tree->variances_below[id] : NULL;
	struct measured below = measured_of_sum(&tree->below[id], variances);
	visit->enter(visit->data, id, &below);
}

static void enter_root(const struct stack_tree *tree, const struct stack_visit *visit)
{
	const struct stack_variances *variances =
	        tree->variances_below ? &tree->variances_at_root : NULL;
	struct measured at = measured_of_sum(&tree->at_root, variances);
	visit->enter(visit->data, 0, &at);
	visit->leave(visit->data, 0);
}

void stack_tree_walk(const struct stack_tree *tree, const struct stack_visit *visit)
{
	enter_root(tree, visit);
	for (uint32_t id = tree->first_child[0]; id;) {
		enter(tree, visit, id);
		uint32_t child = tree->first_child[id];
		id = child ? child : leave(tree, visit, id);
	}
}

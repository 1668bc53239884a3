/* collapsed.c: one line a stack, outermost frame first: "main;step;observe 4096". What flame graph
 * scripts, speedscope and many more read. Stacks of the same names are one line. A phase is a frame
 * "phase NAME", a role of threads "thread stepping" or "thread other". */
#include <inttypes.h>
#include <stdlib.h>

#include "export/escape.h"
#include "export/tree.h"

struct collapsed {
	const struct export_job *job;
	struct tree tree;
	const struct tree_node **path; /* from the node at hand up to the root */
	size_t path_capacity;
};

static void *begin(const struct export_job *job)
{
	struct collapsed *c = mem_zero(sizeof(*c));
	c->job = job;
	tree_init(&c->tree);
	return c;
}

static void stack(void *state, const struct export_stack *stack)
{
	struct collapsed *c = state;
	int64_t weight = stack->weight->values[c->job->metric];
	if (weight)
		tree_add(&c->tree, stack, c->job->by)->self[0] += weight;
}

static void write_line(struct collapsed *c, const struct tree_node *node)
{
	struct text *out = c->job->out;
	size_t count = 0;
	for (const struct tree_node *n = node; n != c->tree.nodes; n = &c->tree.nodes[n->parent]) {
		c->path = mem_grow(c->path, &c->path_capacity, count + 1, sizeof(const void *));
		c->path[count++] = n;
	}
	for (size_t i = count; i-- > 0;) {
		const struct tree_label *label = tree_label(&c->tree, c->path[i]);
		text_string(out, tree_kind_prefix(label->kind));
		escape_collapsed(out, label->name);
		text_string(out, i ? ";" : " ");
	}
	/* What was measured where no stack could be taken and in no phase. */
	text_string(out, count ? "" : "all ");
	text_printf(out, "%" PRId64 "\n", node->self[0]);
}

static void end(void *state)
{
	struct collapsed *c = state;
	tree_finish(&c->tree, 0);
	for (size_t i = 0; i < c->tree.count; i++)
		if (c->tree.nodes[i].self[0])
			write_line(c, &c->tree.nodes[i]);
	tree_free(&c->tree);
	free(c->path);
	free(c);
}

const struct exporter export_collapsed = {
        .name = "collapsed",
        .summary = "a line for each stack: frame;frame;frame value",
        .takes = EXPORT_TAKES_METRIC | EXPORT_TAKES_BY,
        .begin = begin,
        .stack = stack,
        .end = end,
};

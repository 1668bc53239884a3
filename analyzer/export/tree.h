/* tree.h: stacks merged by the names of their functions, root first.
 *
 *     main ──► step ──► observe ──► malloc        each node: its own values, and (when the tree
 *                  └──► move                      is finished) those of all below it, too
 *
 * Two frames are the same place of the tree where phase or function, module and source file are
 * the same below the same parent. The main executable counts as one module whatever it is called,
 * so that two builds of a program can be laid over each other. A node has TREE_VALUES values, of
 * which each format decides what they are: metrics, or one metric of two traces.
 */
#ifndef ANALYZER_EXPORT_TREE_H
#define ANALYZER_EXPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "export/export.h"

#define TREE_VALUES STACK_METRICS

enum tree_kind { TREE_ROOT, TREE_PHASE, TREE_THREAD, TREE_FUNCTION };

/* What a node stands for; strings are the tree's own, "" where there is none. */
struct tree_label {
	enum tree_kind kind;
	const char *name;
	/* Of functions: */
	const char *file, *module, *category;
	uint32_t line; /* of the declaration; 0: not known */
	bool own;      /* the user's */
};

struct tree_node {
	uint32_t parent, label, depth;
	uint32_t first, next; /* children, largest first: in the finished tree; 0: none */
	int64_t self[TREE_VALUES];
	int64_t total[TREE_VALUES]; /* of the finished tree */
	/* Of the first two of self where these are estimates; in the finished tree of total. */
	struct variance variance[2];
	struct variance self_variance; /* of self[0], in the finished tree */
};

/* Node 0 is the root, which stands for all; a parent's number is lower than its children's. */
struct tree {
	struct tree_node *nodes;
	size_t count, capacity;
	struct tree_label *labels;
	size_t labels_count, labels_capacity;
	struct table places, names;
	uint32_t *path; /* labels of the stack at hand, innermost first */
	size_t path_capacity;
	/* Labels of the frames of one profile that were met so far: what is found by name is found
	 * once a frame, not once a stack. */
	const struct profile *known;
	uint32_t *known_first; /* by frame: where its labels begin in `known_labels`, + 1 */
	uint32_t *known_labels;
	size_t known_count, known_capacity;
	uint32_t *phases; /* that the stack was in, innermost first */
	size_t phases_capacity;
	struct string_pool strings;
};

void tree_init(struct tree *tree);
void tree_free(struct tree *tree);

/* The node of a stack, made where it is not there; its values are the caller's to add to.
 * `by`: what its outermost nodes stand for. */
struct tree_node *tree_add(struct tree *tree, const struct export_stack *stack,
                           enum export_base by);

/* Adds up the totals and sorts children by total[by], largest first, then by name. Nothing can be
 * added afterwards. */
void tree_finish(struct tree *tree, size_t by);

/* What tells a node's name from a function's where text is all there is: "phase ", "thread ", "".
 */
const char *tree_kind_prefix(enum tree_kind kind);

static inline const struct tree_label *tree_label(const struct tree *tree,
                                                  const struct tree_node *node)
{
	return &tree->labels[node->label];
}

#endif

/* layout.c: see layout.h. Frames are added level by level: the list is its own queue, so a tree of
 * any depth needs no recursion. */
#include "export/layout.h"

#include <math.h>
#include <stdlib.h>

static void add_frame(struct layout *l, struct layout_frame frame)
{
	l->frames = mem_grow(l->frames, &l->capacity, l->count + 1, sizeof(*l->frames));
	l->frames[l->count++] = frame;
	if (frame.depth > l->depth)
		l->depth = frame.depth;
}

static void add_children(struct layout *l, const struct tree *tree, uint32_t parent)
{
	struct layout_frame at = l->frames[parent];
	uint32_t folded = 0;
	int64_t left = at.left, folded_width = 0;
	for (uint32_t i = at.node->first; i; i = tree->nodes[i].next) {
		const struct tree_node *child = &tree->nodes[i];
		int64_t width = child->total[0];
		if (width < l->least) {
			folded += width > 0;
			folded_width += width;
			continue;
		}
		add_frame(l, (struct layout_frame){child, left, width, at.depth + 1, parent, 0});
		left += width;
	}
	if (folded_width >= l->least)
		add_frame(l, (struct layout_frame){at.node, left, folded_width, at.depth + 1,
		                                   parent, folded});
}

static void lay_out(struct layout *l, const struct tree *tree)
{
	l->count = 0;
	l->depth = 0;
	l->least = (int64_t)ceil((double)tree->nodes[0].total[0] * l->share);
	l->least = l->least > 1 ? l->least : 1;
	add_frame(l, (struct layout_frame){tree->nodes, 0, tree->nodes[0].total[0], 0, 0, 0});
	for (uint32_t i = 0; i < l->count && l->count <= LAYOUT_FRAMES_MAX; i++)
		if (!l->frames[i].folded)
			add_children(l, tree, i);
}

static void count_folded(struct layout *l, const struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		l->nodes += tree->nodes[i].total[0] > 0;
	l->folded = l->nodes;
	for (size_t i = 0; i < l->count; i++)
		l->folded -= !l->frames[i].folded;
}

void layout_build(struct layout *l, const struct tree *tree)
{
	*l = (struct layout){.share = LAYOUT_SHARE};
	lay_out(l, tree);
	while (l->count > LAYOUT_FRAMES_MAX) {
		l->share *= 2;
		lay_out(l, tree);
	}
	count_folded(l, tree);
}

void layout_free(struct layout *l)
{
	free(l->frames);
	*l = (struct layout){0};
}

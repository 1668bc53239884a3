/* layout.h: which nodes of a tree a flame graph shows, and where.
 *
 * A frame is as wide as its total; children lie side by side above it, from its left edge, largest
 * first, and what is left free above it is its own. Nodes whose share of all is below `share` are
 * folded: those of one parent make up one frame without a name, if that is wide enough itself.
 */
#ifndef ANALYZER_EXPORT_LAYOUT_H
#define ANALYZER_EXPORT_LAYOUT_H

#include "export/tree.h"

#define LAYOUT_SHARE      0.0005
#define LAYOUT_FRAMES_MAX 20000

struct layout_frame {
	const struct tree_node *node; /* of a folded frame: the parent's */
	int64_t left, width;          /* in weights */
	uint32_t depth;               /* 0: the root */
	uint32_t parent;              /* number of a frame; the root's is 0 */
	uint32_t folded;              /* how many nodes it stands for; 0: it is one node */
};

struct layout {
	struct layout_frame *frames; /* level by level, each from left to right */
	size_t count, capacity;
	size_t nodes;   /* that have a weight */
	size_t folded;  /* of these, that are not shown */
	uint32_t depth; /* of the deepest frame */
	double share;   /* below which nodes are folded */
	int64_t least;  /* the same as a weight */
};

/* Of a finished tree by total[0]. Where more than LAYOUT_FRAMES_MAX frames were left, the share is
 * raised. */
void layout_build(struct layout *layout, const struct tree *tree);
void layout_free(struct layout *layout);

#endif

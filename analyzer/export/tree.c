/* tree.c: see tree.h. */
#include "export/tree.h"

#include <stdlib.h>
#include <string.h>

#include "model/estimate.h"

/* What makes two frames the same; pooled strings compare by address. */
struct label_key {
	const char *name, *file, *module;
	uint64_t kind;
};

struct place_key {
	uint32_t parent, label;
};

static const char *pooled(struct tree *tree, const char *string)
{
	return string_pool_add(&tree->strings, string, strlen(string));
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static uint32_t add_label(struct tree *tree, const struct label_key *key,
                          const struct tree_label *label)
{
	uint32_t number = table_add(&tree->names, key);
	if (number < tree->labels_count)
		return number;
	tree->labels = mem_grow(tree->labels, &tree->labels_capacity, tree->labels_count + 1,
	                        sizeof(*label));
	tree->labels[tree->labels_count++] = *label;
	return number;
}

/* The label of what is no function. */
static uint32_t plain_label(struct tree *tree, enum tree_kind kind, const char *name)
{
	const char *none = pooled(tree, "");
	struct label_key key = {pooled(tree, name), none, none, kind};
	struct tree_label label = {kind, key.name, none, none, none, 0, false};
	return add_label(tree, &key, &label);
}

void tree_init(struct tree *tree)
{
	*tree = (struct tree){0};
	table_init(&tree->places, sizeof(struct place_key));
	table_init(&tree->names, sizeof(struct label_key));
	plain_label(tree, TREE_ROOT, "all");
	tree->nodes = mem_grow(tree->nodes, &tree->capacity, 1, sizeof(*tree->nodes));
	tree->count = 1;
}

void tree_free(struct tree *tree)
{
	free(tree->nodes);
	free(tree->labels);
	free(tree->path);
	free(tree->phases);
	free(tree->known_first);
	free(tree->known_labels);
	table_free(&tree->places);
	table_free(&tree->names);
	string_pool_free(&tree->strings);
	*tree = (struct tree){0};
}

static uint32_t child(struct tree *tree, uint32_t parent, uint32_t label)
{
	struct place_key key = {parent, label};
	uint32_t node = table_add(&tree->places, &key) + 1;
	if (node < tree->count)
		return node;
	tree->nodes = mem_grow(tree->nodes, &tree->capacity, tree->count + 1, sizeof(*tree->nodes));
	tree->nodes[tree->count++] = (struct tree_node){
	        .parent = parent, .label = label, .depth = tree->nodes[parent].depth + 1};
	return node;
}

/* The node of a phase, below those of the phases around it. The way from the outermost phase is
 * first gone backwards. */
static uint32_t add_phase(struct tree *tree, const struct trace *t, uint32_t phase)
{
	uint32_t node = 0;
	size_t count = 0;
	if (!phase)
		return child(tree, 0, plain_label(tree, TREE_PHASE, "no phase"));
	for (; phase; phase = t->phases[phase].parent) {
		tree->phases = mem_grow(tree->phases, &tree->phases_capacity, count + 1,
		                        sizeof(*tree->phases));
		tree->phases[count++] = phase;
	}
	while (count-- > 0) {
		const char *name = t->strings[t->phases[tree->phases[count]].name];
		node = child(tree, node, plain_label(tree, TREE_PHASE, name));
	}
	return node;
}

static uint32_t add_base(struct tree *tree, const struct export_stack *stack, enum export_base by)
{
	switch (by) {
	case EXPORT_BY_PHASE:
		return add_phase(tree, stack->profile->trace, stack->phase);
	case EXPORT_BY_THREAD:
		return child(
		        tree, 0,
		        plain_label(tree, TREE_THREAD,
		                    stack->weight->role == WEIGHT_STEPPING ? "stepping" : "other"));
	case EXPORT_BY_NONE:
		break;
	}
	return 0;
}

/* The category of the function that is the `inner`-th of its frame. */
static const char *category_of(const struct profile *p, uint32_t frame, size_t inner)
{
	size_t count;
	const uint32_t *chain = functions_of_frame(&p->functions, frame, &count);
	const struct profile_function *f = &p->functions.list[chain[inner < count ? inner : 0]];
	return p->functions.categories[f->category].name;
}

static uint32_t function_label(struct tree *tree, const struct profile *p,
                               const struct stack_frame *frame, size_t inner)
{
	bool main =
	        p->code.main_module && frame->module == p->code.modules[p->code.main_module].name;
	struct label_key key = {.name = pooled(tree, frame->function),
	                        .file = pooled(tree, base_name(frame->file)),
	                        .module = pooled(tree, main ? "" : frame->module),
	                        .kind = TREE_FUNCTION};
	struct tree_label label = {TREE_FUNCTION,
	                           key.name,
	                           pooled(tree, frame->file),
	                           pooled(tree, frame->module),
	                           pooled(tree, category_of(p, frame->frame, inner)),
	                           frame->function_line,
	                           frame->own};
	return add_label(tree, &key, &label);
}

static void begin_profile(struct tree *tree, const struct profile *p)
{
	if (tree->known == p)
		return;
	free(tree->known_first);
	tree->known = p;
	tree->known_first = mem_zero(p->trace->frames_count * sizeof(*tree->known_first));
	tree->known_count = 0;
}

/* The labels of the functions frames[0…count) of one frame. */
static const uint32_t *frame_labels(struct tree *tree, const struct profile *p,
                                    const struct stack_frame *frames, size_t count)
{
	uint32_t *first = &tree->known_first[frames->frame];
	if (!*first) {
		tree->known_labels = mem_grow(tree->known_labels, &tree->known_capacity,
		                              tree->known_count + count, sizeof(uint32_t));
		*first = (uint32_t)tree->known_count + 1;
		for (size_t i = 0; i < count; i++)
			tree->known_labels[tree->known_count++] =
			        function_label(tree, p, &frames[i], i);
	}
	return &tree->known_labels[*first - 1];
}

static void find_labels(struct tree *tree, const struct export_stack *stack)
{
	begin_profile(tree, stack->profile);
	tree->path = mem_grow(tree->path, &tree->path_capacity, stack->count, sizeof(*tree->path));
	for (size_t i = 0; i < stack->count;) {
		size_t count = 1;
		while (i + count < stack->count && stack->frames[i + count - 1].inlined)
			count++;
		const uint32_t *labels =
		        frame_labels(tree, stack->profile, &stack->frames[i], count);
		memcpy(&tree->path[i], labels, count * sizeof(*labels));
		i += count;
	}
}

struct tree_node *tree_add(struct tree *tree, const struct export_stack *stack, enum export_base by)
{
	find_labels(tree, stack);
	uint32_t node = add_base(tree, stack, by);
	for (size_t i = stack->count; i-- > 0;)
		node = child(tree, node, tree->path[i]);
	return &tree->nodes[node];
}

const char *tree_kind_prefix(enum tree_kind kind)
{
	return kind == TREE_PHASE ? "phase " : kind == TREE_THREAD ? "thread " : "";
}

/* ---- the finished tree -------------------------------------------------------------------- */

struct order {
	const struct tree *tree;
	size_t by;
};

static int by_size(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	const struct tree_node *x = &order->tree->nodes[*(const uint32_t *)a];
	const struct tree_node *y = &order->tree->nodes[*(const uint32_t *)b];
	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	if (x->total[order->by] != y->total[order->by])
		return x->total[order->by] < y->total[order->by] ? 1 : -1;
	int names = strcmp(tree_label(order->tree, x)->name, tree_label(order->tree, y)->name);
	return names ? names : x->label < y->label ? -1 : 1;
}

static void add_up(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		memcpy(tree->nodes[i].total, tree->nodes[i].self, sizeof(tree->nodes[i].total));
		tree->nodes[i].self_variance = tree->nodes[i].variance[0];
	}
	for (size_t i = tree->count; i-- > 1;) {
		struct tree_node *parent = &tree->nodes[tree->nodes[i].parent];
		for (size_t v = 0; v < TREE_VALUES; v++)
			parent->total[v] += tree->nodes[i].total[v];
		for (size_t v = 0; v < 2; v++)
			variance_add(&parent->variance[v], tree->nodes[i].variance[v]);
	}
}

void tree_finish(struct tree *tree, size_t by)
{
	struct order order = {tree, by};
	uint32_t *sorted = mem_zero(tree->count * sizeof(*sorted));
	add_up(tree);
	for (uint32_t i = 0; i < tree->count; i++)
		sorted[i] = i;
	qsort_r(sorted + 1, tree->count - 1, sizeof(*sorted), by_size, &order);
	for (size_t i = tree->count; i-- > 1;) {
		struct tree_node *node = &tree->nodes[sorted[i]];
		struct tree_node *parent = &tree->nodes[node->parent];
		node->next = parent->first;
		parent->first = sorted[i];
	}
	free(sorted);
}

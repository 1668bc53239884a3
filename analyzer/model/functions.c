/* functions.c: see functions.h.
 *
 * Stacks are a tree in which parents have lower ids than their children. Three passes over it, each
 * linear in the number of stacks:
 *
 *   up     from the last id to the first: what was measured at each stack and in all below it
 *   down   from the first id to the last: which function a stack counts for, inherited from its
 *          caller's stack where it has none itself
 *   walk   depth first, with a count of how often each function, file and category is on the way
 *          from the root: where it comes onto the way, all that lies below is its inclusive figure
 */
#include "model/functions.h"

#include <stdlib.h>
#include <string.h>

#include "model/categories.h"
#include "model/profile.h"

/* ---- which functions there are ----------------------------------------------------------- */

struct function_key {
	const char *name, *file, *module;
	uint64_t line;
};

struct listing {
	struct functions *functions;
	const struct code *code;
	struct table keys, files;
	size_t list_capacity, files_capacity, chains_capacity, chains_count;
	const struct rules *components, *user_categories;
	struct category_rules *shipped;
	uint32_t *user_groups; /* the category of each user group */
};

static uint32_t file_group(struct listing *l, const char *file)
{
	struct functions *f = l->functions;
	uint32_t number = table_add(&l->files, &file);
	if (number == f->files_count) {
		f->files = mem_grow(f->files, &l->files_capacity, f->files_count + 1,
		                    sizeof(*f->files));
		f->files[f->files_count++].name = file;
	}
	return number;
}

static uint32_t category_of(const struct listing *l, uint32_t frame, const char *name,
                            const char *file, const char *module)
{
	uint32_t group = rules_find(l->user_categories, name, file, module);
	if (group != RULES_NONE)
		return l->user_groups[group];
	if (frame < TRACE_FRAME_FIRST)
		return CATEGORY_OTHER;
	return category_find(l->shipped, l->code->frames[frame].module, name, file);
}

static uint32_t add_function(struct listing *l, uint32_t frame, const struct code_function *from,
                             const char *name)
{
	struct functions *f = l->functions;
	struct function_key key;
	memset(&key, 0, sizeof(key));
	key.name = name;
	key.file = from ? from->file : "";
	key.module = frame < TRACE_FRAME_FIRST
	                     ? ""
	                     : l->code->modules[l->code->frames[frame].module].name;
	key.line = from ? from->function_line : 0;
	uint32_t number = table_add(&l->keys, &key);
	if (number < f->count)
		return number;
	f->list = mem_grow(f->list, &l->list_capacity, f->count + 1, sizeof(*f->list));
	struct profile_function *new = &f->list[f->count++];
	new->name = key.name;
	new->file = key.file;
	new->module = key.module;
	new->line = (uint32_t)key.line;
	new->named = from && * from->function;
	new->own = from && from->own;
	new->file_group = file_group(l, key.file);
	new->category = category_of(l, frame, key.name, key.file, key.module);
	new->component = rules_find(l->components, key.name, key.file, key.module);
	f->files[new->file_group].functions++;
	f->files[new->file_group].own |= new->own;
	f->categories[new->category].functions++;
	if (new->component != FUNCTION_NONE)
		f->components[new->component].functions++;
	return number;
}

static void add_to_chain(struct listing *l, uint32_t function)
{
	struct functions *f = l->functions;
	f->chains =
	        mem_grow(f->chains, &l->chains_capacity, l->chains_count + 1, sizeof(*f->chains));
	f->chains[l->chains_count++] = function;
}

static void list_frame(struct listing *l, uint32_t id)
{
	const struct code_frame *frame = &l->code->frames[id];
	if (id < TRACE_FRAME_FIRST) {
		add_to_chain(l, add_function(l, id, NULL, code_special_name(id)));
		return;
	}
	const char *nameless = code_nameless(l->code, frame->module);
	for (uint32_t i = 0; i < frame->count; i++) {
		const struct code_function *from = &frame->functions[i];
		const char *name = *from->function ? from->function : nameless;
		add_to_chain(l, add_function(l, id, from, name));
	}
	if (!frame->count)
		add_to_chain(l, add_function(l, id, NULL, nameless));
}

static void begin_categories(struct listing *l)
{
	static const char *const names[] = {
#define X(NAME, name, what) name,
	        CATEGORIES(X)
#undef X
	};
	struct functions *f = l->functions;
	const struct rules *user = l->user_categories;
	f->categories_count = CATEGORIES_COUNT;
	f->categories = mem_zero((CATEGORIES_COUNT + user->groups_count) * sizeof(*f->categories));
	for (size_t i = 0; i < CATEGORIES_COUNT; i++)
		f->categories[i].name = names[i];
	l->user_groups = mem_zero(user->groups_count * sizeof(*l->user_groups));
	for (size_t i = 0; i < user->groups_count; i++) {
		uint32_t number = 0;
		while (number < f->categories_count &&
		       strcmp(f->categories[number].name, user->groups[i]) != 0)
			number++;
		if (number == f->categories_count)
			f->categories[f->categories_count++].name = user->groups[i];
		l->user_groups[i] = number;
	}
}

static void begin_components(struct listing *l)
{
	struct functions *f = l->functions;
	const struct rules *rules = l->components;
	f->components_count = rules->groups_count ? rules->groups_count + 1 : 0;
	f->components = mem_zero(f->components_count * sizeof(*f->components));
	for (size_t i = 0; i < rules->groups_count; i++)
		f->components[i].name = rules->groups[i];
	if (f->components_count)
		f->components[f->components_count - 1].name = "";
}

static void list_functions(struct functions *f, const struct profile *p,
                           const struct rules *categories, const struct rules *components)
{
	struct listing l = {.functions = f,
	                    .code = &p->code,
	                    .components = components,
	                    .user_categories = categories,
	                    .shipped = category_rules_begin(&p->code)};
	size_t frames = p->trace->frames_count;
	table_init(&l.keys, sizeof(struct function_key));
	table_init(&l.files, sizeof(const char *));
	begin_categories(&l);
	begin_components(&l);
	f->chain_starts = mem_zero((frames + 1) * sizeof(*f->chain_starts));
	for (uint32_t id = 0; id < frames; id++) {
		f->chain_starts[id] = (uint32_t)l.chains_count;
		list_frame(&l, id);
	}
	f->chain_starts[frames] = (uint32_t)l.chains_count;
	category_rules_free(l.shipped);
	table_free(&l.keys);
	table_free(&l.files);
	free(l.user_groups);
}

const uint32_t *functions_of_frame(const struct functions *f, uint32_t frame, size_t *count)
{
	*count = f->chain_starts[frame + 1] - f->chain_starts[frame];
	return &f->chains[f->chain_starts[frame]];
}

/* ---- figures ----------------------------------------------------------------------------- */

static void figures_add(struct figures *sum, const struct figures *from)
{
	for (int metric = 0; metric < STACK_METRICS; metric++)
		sum->values[metric] += from->values[metric];
	sum->samples += from->samples;
}

/* Of each stack: what was measured at it, in it and below it, and which functions that counts for;
 * FUNCTION_NONE: none on it. */
struct stack_tree {
	struct figures *at, *below;
	uint32_t *self, *memory, *site, *component;
	uint32_t *first_child, *next_sibling;
	size_t count;
};

static void measure(struct stack_tree *tree, const struct profile *p)
{
	const struct trace *t = p->trace;
	for (size_t i = 0; i < p->stacks.count; i++) {
		const struct stack_row *row = &p->stacks.rows[i];
		struct figures *at = &tree->at[row->stack];
		for (int metric = 0; metric < STACK_METRICS; metric++)
			at->values[metric] += row->values[metric];
		at->samples += row->samples;
	}
	memcpy(tree->below, tree->at, tree->count * sizeof(*tree->below));
	for (uint32_t id = (uint32_t)tree->count - 1; id > 0; id--) {
		uint32_t parent = t->stacks[id].parent;
		figures_add(&tree->below[parent], &tree->below[id]);
		tree->next_sibling[id] = tree->first_child[parent];
		tree->first_child[parent] = id;
	}
}

static bool passes_allocations_on(const struct profile_function *f)
{
	return f->category == CATEGORY_ALLOCATOR || code_passes_allocations_on(f->name);
}

/* The first function of the frame for which the condition holds; FUNCTION_NONE. */
#define FIRST_FUNCTION(out, f, chain, count, function, condition)                                  \
	do {                                                                                       \
		(out) = FUNCTION_NONE;                                                             \
		for (size_t k_ = 0; k_ < (count) && (out) == FUNCTION_NONE; k_++) {                \
			const struct profile_function *function = &(f)->list[(chain)[k_]];         \
			if (condition)                                                             \
				(out) = (chain)[k_];                                               \
		}                                                                                  \
	} while (0)

static uint32_t or_else(uint32_t function, uint32_t otherwise)
{
	return function != FUNCTION_NONE ? function : otherwise;
}

static void attribute(struct stack_tree *tree, const struct profile *p, const struct functions *f)
{
	for (uint32_t id = 0; id < tree->count; id++) {
		const struct trace_stack *stack = &p->trace->stacks[id];
		size_t count;
		const uint32_t *chain = functions_of_frame(f, id ? stack->frame : 0, &count);
		uint32_t memory, site, matching;
		FIRST_FUNCTION(memory, f, chain, count, one, !passes_allocations_on(one));
		FIRST_FUNCTION(site, f, chain, count, one, one->own);
		FIRST_FUNCTION(matching, f, chain, count, one, one->component != FUNCTION_NONE);
		uint32_t component =
		        matching == FUNCTION_NONE ? FUNCTION_NONE : f->list[matching].component;
		tree->self[id] = chain[0];
		tree->memory[id] = or_else(memory, id ? tree->memory[stack->parent] : chain[0]);
		tree->site[id] = or_else(site, id ? tree->site[stack->parent] : FUNCTION_NONE);
		tree->component[id] =
		        or_else(component, id ? tree->component[stack->parent] : FUNCTION_NONE);
	}
}

/* Time to one function, memory to another. */
static void split_add(struct functions *f, size_t offset, uint32_t time, uint32_t memory,
                      const struct figures *at)
{
	struct figures halves[2] = {*at, *at};
	for (int metric = 0; metric < STACK_METRICS; metric++)
		halves[metric == STACK_TIME].values[metric] = 0;
	halves[1].samples = 0;
	const uint32_t functions[2] = {time, memory};
	for (int half = 0; half < 2; half++) {
		struct profile_function *one = &f->list[functions[half]];
		struct tally *tallies[] = {&one->tally, &f->files[one->file_group].tally,
		                           &f->categories[one->category].tally};
		for (size_t i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
			figures_add((struct figures *)((char *)tallies[i] + offset), &halves[half]);
	}
}

static void add_own_figures(struct stack_tree *tree, struct functions *f)
{
	for (uint32_t id = 0; id < tree->count; id++) {
		const struct figures *at = &tree->at[id];
		uint32_t memory = tree->memory[id], site = tree->site[id];
		split_add(f, offsetof(struct tally, self), tree->self[id], memory, at);
		split_add(f, offsetof(struct tally, site), or_else(site, tree->self[id]),
		          or_else(site, memory), at);
		figures_add(&f->all, at);
		if (f->components_count) {
			uint32_t last = (uint32_t)f->components_count - 1;
			figures_add(&f->components[or_else(tree->component[id], last)].tally.self,
			            at);
		}
	}
}

/* How often each is on the way from the root to where the walk stands. */
struct on_the_way {
	uint32_t *functions, *files, *categories, *components;
};

static void enter(struct functions *f, struct on_the_way *on, uint32_t function,
                  const struct figures *below)
{
	struct profile_function *one = &f->list[function];
	if (on->functions[function]++ == 0)
		figures_add(&one->tally.inclusive, below);
	if (on->files[one->file_group]++ == 0)
		figures_add(&f->files[one->file_group].tally.inclusive, below);
	if (on->categories[one->category]++ == 0)
		figures_add(&f->categories[one->category].tally.inclusive, below);
	if (one->component != FUNCTION_NONE && on->components[one->component]++ == 0)
		figures_add(&f->components[one->component].tally.inclusive, below);
}

static void leave(const struct functions *f, struct on_the_way *on, uint32_t function)
{
	const struct profile_function *one = &f->list[function];
	on->functions[function]--;
	on->files[one->file_group]--;
	on->categories[one->category]--;
	if (one->component != FUNCTION_NONE)
		on->components[one->component]--;
}

static void enter_or_leave(struct functions *f, struct on_the_way *on, const struct profile *p,
                           uint32_t id, const struct figures *below)
{
	size_t count;
	const uint32_t *chain = functions_of_frame(f, id ? p->trace->stacks[id].frame : 0, &count);
	for (size_t i = 0; i < count; i++)
		if (below)
			enter(f, on, chain[i], below);
		else
			leave(f, on, chain[i]);
}

/* The empty stack is nobody's caller: its frame counts only for what was measured at itself. */
static void walk(struct stack_tree *tree, struct functions *f, const struct profile *p)
{
	struct on_the_way on = {mem_zero(f->count * sizeof(uint32_t)),
	                        mem_zero(f->files_count * sizeof(uint32_t)),
	                        mem_zero(f->categories_count * sizeof(uint32_t)),
	                        mem_zero(f->components_count * sizeof(uint32_t))};
	enter_or_leave(f, &on, p, 0, &tree->at[0]);
	enter_or_leave(f, &on, p, 0, NULL);
	for (uint32_t id = tree->first_child[0]; id;) {
		enter_or_leave(f, &on, p, id, &tree->below[id]);
		if (tree->first_child[id]) {
			id = tree->first_child[id];
			continue;
		}
		while (id) {
			enter_or_leave(f, &on, p, id, NULL);
			if (tree->next_sibling[id]) {
				id = tree->next_sibling[id];
				break;
			}
			id = p->trace->stacks[id].parent;
		}
	}
	free(on.functions);
	free(on.files);
	free(on.categories);
	free(on.components);
}

static void tree_begin(struct stack_tree *tree, size_t count)
{
	tree->count = count;
	tree->at = mem_zero(count * sizeof(*tree->at));
	tree->below = mem_zero(count * sizeof(*tree->below));
	uint32_t **const arrays[] = {&tree->self,      &tree->memory,      &tree->site,
	                             &tree->component, &tree->first_child, &tree->next_sibling};
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		*arrays[i] = mem_zero(count * sizeof(uint32_t));
}

static void tree_end(struct stack_tree *tree)
{
	free(tree->at);
	free(tree->below);
	free(tree->self);
	free(tree->memory);
	free(tree->site);
	free(tree->component);
	free(tree->first_child);
	free(tree->next_sibling);
}

void functions_build(struct functions *f, const struct profile *p, const struct rules *categories,
                     const struct rules *components)
{
	struct stack_tree tree;
	*f = (struct functions){0};
	list_functions(f, p, categories, components);
	tree_begin(&tree, p->trace->stacks_count);
	measure(&tree, p);
	attribute(&tree, p, f);
	add_own_figures(&tree, f);
	walk(&tree, f, p);
	tree_end(&tree);
}

void functions_free(struct functions *f)
{
	free(f->list);
	free(f->files);
	free(f->categories);
	free(f->components);
	free(f->chain_starts);
	free(f->chains);
	*f = (struct functions){0};
}

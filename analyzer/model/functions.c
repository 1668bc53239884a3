/* functions.c: see functions.h. What a stack counts for is inherited from its caller's stack where
 * it has none itself; inclusive figures come from a walk over the tree of stacks, so that the cost
 * is that of the number of stacks, not of their depth. */
#include "model/functions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/categories.h"
#include "model/estimate.h"
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
	new->passes_on =
	        new->category == CATEGORY_ALLOCATOR || code_passes_allocations_on(key.name);
	new->calls = PROFILE_UNKNOWN;
	new->counted_self = new->counted_inclusive = NAN;
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

/* By stack: which functions and which component it counts for; FUNCTION_NONE: none on it. */
struct attribution {
	uint32_t *self, *memory, *site, *component;
	size_t count;
};

static uint32_t frame_of(const struct profile *p, uint32_t stack)
{
	return stack ? p->trace->stacks[stack].frame : TRACE_FRAME_ROOT;
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

static void attribute(struct attribution *to, const struct profile *p, const struct functions *f)
{
	for (uint32_t id = 0; id < to->count; id++) {
		uint32_t parent = id ? p->trace->stacks[id].parent : 0;
		size_t count;
		const uint32_t *chain = functions_of_frame(f, frame_of(p, id), &count);
		uint32_t memory, site, matching;
		FIRST_FUNCTION(memory, f, chain, count, one, !one->passes_on);
		FIRST_FUNCTION(site, f, chain, count, one, one->own);
		FIRST_FUNCTION(matching, f, chain, count, one, one->component != FUNCTION_NONE);
		uint32_t component =
		        matching == FUNCTION_NONE ? FUNCTION_NONE : f->list[matching].component;
		to->self[id] = chain[0];
		to->memory[id] = or_else(memory, id ? to->memory[parent] : chain[0]);
		to->site[id] = or_else(site, id ? to->site[parent] : FUNCTION_NONE);
		to->component[id] = or_else(component, id ? to->component[parent] : FUNCTION_NONE);
	}
}

/* Time to one function, memory to another. */
static void split_add(struct figures *time, struct figures *memory, const struct measured *at)
{
	time->values[STACK_TIME] += at->values[STACK_TIME];
	time->samples += at->samples;
	for (int metric = STACK_TIME + 1; metric < STACK_METRICS; metric++)
		memory->values[metric] += at->values[metric];
	for (int metric = STACK_TIME + 1; at->variances && metric < STACK_METRICS; metric++)
		variance_add(&memory->variances.of[metric], at->variances->of[metric]);
}

static void add_own_figures(const struct stacks *stacks, const struct attribution *to,
                            struct functions *f)
{
	uint32_t none = f->components_count ? (uint32_t)f->components_count - 1 : 0;
	for (size_t i = 0; i < stacks->count; i++) {
		struct measured at = measured_of_row(stacks, i);
		uint32_t id = stacks->rows[i].stack, self = to->self[id], memory = to->memory[id],
		         site = to->site[id];
		struct profile_function *list = f->list;
		split_add(&list[self].tally.self, &list[memory].tally.self, &at);
		split_add(&list[or_else(site, self)].tally.site,
		          &list[or_else(site, memory)].tally.site, &at);
		figures_add_measured(&f->all, &at);
		if (f->components_count)
			figures_add_measured(
			        &f->components[or_else(to->component[id], none)].tally.self, &at);
	}
}

/* What a file's or a category's functions have, it has. */
static void add_to_groups(struct functions *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct profile_function *one = &f->list[i];
		f->own_samples += one->own ? one->tally.self.samples : 0;
		struct profile_group *groups[] = {&f->files[one->file_group],
		                                  &f->categories[one->category]};
		for (size_t k = 0; k < sizeof(groups) / sizeof(groups[0]); k++) {
			figures_add(&groups[k]->tally.self, &one->tally.self);
			figures_add(&groups[k]->tally.site, &one->tally.site);
		}
	}
}

/* How often each is on the way from the root to where the walk stands. */
struct on_the_way {
	struct functions *functions;
	const struct profile *profile;
	uint32_t *function, *file, *category, *component;
};

static void enter_function(struct on_the_way *on, uint32_t function, const struct measured *below)
{
	struct functions *f = on->functions;
	struct profile_function *one = &f->list[function];
	if (on->function[function]++ == 0)
		figures_add_measured(&one->tally.inclusive, below);
	if (on->file[one->file_group]++ == 0)
		figures_add_measured(&f->files[one->file_group].tally.inclusive, below);
	if (on->category[one->category]++ == 0)
		figures_add_measured(&f->categories[one->category].tally.inclusive, below);
	if (one->component != FUNCTION_NONE && on->component[one->component]++ == 0)
		figures_add_measured(&f->components[one->component].tally.inclusive, below);
}

static void enter(void *data, uint32_t stack, const struct measured *below)
{
	struct on_the_way *on = data;
	size_t count;
	const uint32_t *chain =
	        functions_of_frame(on->functions, frame_of(on->profile, stack), &count);
	for (size_t i = 0; i < count; i++)
		enter_function(on, chain[i], below);
}

static void leave(void *data, uint32_t stack)
{
	struct on_the_way *on = data;
	size_t count;
	const uint32_t *chain =
	        functions_of_frame(on->functions, frame_of(on->profile, stack), &count);
	for (size_t i = 0; i < count; i++) {
		const struct profile_function *one = &on->functions->list[chain[i]];
		on->function[chain[i]]--;
		on->file[one->file_group]--;
		on->category[one->category]--;
		if (one->component != FUNCTION_NONE)
			on->component[one->component]--;
	}
}

static void add_inclusive_figures(const struct stack_tree *tree, const struct profile *p,
                                  struct functions *f)
{
	struct on_the_way on = {f,
	                        p,
	                        mem_zero(f->count * sizeof(uint32_t)),
	                        mem_zero(f->files_count * sizeof(uint32_t)),
	                        mem_zero(f->categories_count * sizeof(uint32_t)),
	                        mem_zero(f->components_count * sizeof(uint32_t))};
	stack_tree_walk(tree, &(struct stack_visit){enter, leave, &on});
	free(on.function);
	free(on.file);
	free(on.category);
	free(on.component);
}

/* ---- paths ------------------------------------------------------------------------------- */

/* Bytes up to and with the last slash that both have in common. */
static size_t common_root(const char *a, const char *b, size_t length)
{
	size_t root = 0;
	for (size_t i = 0; i < length && a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			root = i + 1;
	return root;
}

static void find_own_root(struct functions *f)
{
	const char *first = NULL;
	for (size_t i = 0; i < f->files_count; i++) {
		const struct profile_group *file = &f->files[i];
		if (!file->own || *file->name != '/')
			continue;
		f->own_root = common_root(first ? first : file->name, file->name,
		                          first ? f->own_root : strlen(file->name));
		first = first ? first : file->name;
	}
}

static bool is_below_root(const struct functions *f, const char *file)
{
	for (size_t i = 0; i < f->files_count; i++)
		if (f->files[i].own && *f->files[i].name == '/')
			return strncmp(f->files[i].name, file, f->own_root) == 0;
	return false;
}

const char *functions_short_path(const struct functions *f, const char *file)
{
	return f->own_root > 1 && is_below_root(f, file) ? file + f->own_root : file;
}

/* ---- calls ------------------------------------------------------------------------------- */

/* The function that begins at a frame's address: not what is inlined there. */
static uint32_t function_at(const struct functions *f, uint32_t frame)
{
	size_t count;
	const uint32_t *chain = functions_of_frame(f, frame, &count);
	return frame < TRACE_FRAME_FIRST ? FUNCTION_NONE : chain[count - 1];
}

static void add_calls(struct profile_function *one, const struct function_call *call)
{
	if (one->calls == PROFILE_UNKNOWN) {
		one->calls = 0;
		one->counted_self = one->counted_inclusive = 0;
	}
	one->calls += call->calls;
	one->counted_self += call->self;
	one->counted_inclusive += call->inclusive;
}

/* The recorder takes the probe's mean cost off each of both, and so may take a little too much off
 * the inclusive time of many short calls. */
static void hold_self_within_inclusive(struct profile_function *one)
{
	if (one->counted_inclusive < one->counted_self)
		one->counted_inclusive = one->counted_self;
}

static double or_zero(double seconds)
{
	return isnan(seconds) ? 0 : seconds;
}

static void build_calls(struct functions *f, const struct profile *p)
{
	const struct trace *t = p->trace;
	f->calls = mem_zero(t->calls_count * sizeof(*f->calls));
	for (size_t i = 0; i < t->calls_count; i++) {
		const struct trace_call *from = &t->calls[i];
		struct function_call call = {.function = function_at(f, from->function),
		                             .caller = function_at(f, from->caller),
		                             .phase = from->phase,
		                             .calls = from->calls,
		                             .self = (double)from->self / p->hz,
		                             .inclusive = (double)from->inclusive / p->hz};
		if (call.function == FUNCTION_NONE)
			continue;
		add_calls(&f->list[call.function], &call);
		f->calls[f->calls_count++] = call;
	}
	for (size_t i = 0; i < f->count; i++) {
		struct profile_function *one = &f->list[i];
		hold_self_within_inclusive(one);
		f->counted_self += or_zero(one->counted_self);
		f->files[one->file_group].counted_self += or_zero(one->counted_self);
	}
}

struct proportion functions_share(const struct functions *f, const struct figures *of)
{
	double whole = f->all.values[STACK_TIME];
	double share = whole > 0 ? of->values[STACK_TIME] / whole : 0;
	return proportion_of(share * f->effective_samples, f->effective_samples);
}

/* ---- the whole --------------------------------------------------------------------------- */

/* Of a row of several samples only the sum of their times is known: they are taken to be equal. */
static double effective_samples(const struct profile *p)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < p->stacks.count; i++) {
		const struct stack_row *row = &p->stacks.rows[i];
		double time = row->values[STACK_TIME];
		if (row->samples > 0) {
			sum += time;
			squares += time * time / row->samples;
		}
	}
	return squares > 0 ? sum * sum / squares : 0;
}

static void measure(struct functions *f, const struct profile *p)
{
	f->effective_samples = effective_samples(p);
	struct stack_tree tree;
	stack_tree_build(&tree, p);
	uint32_t *arrays = mem_zero(4 * tree.count * sizeof(*arrays));
	struct attribution to = {arrays, arrays + tree.count, arrays + 2 * tree.count,
	                         arrays + 3 * tree.count, tree.count};
	attribute(&to, p, f);
	add_own_figures(&p->stacks, &to, f);
	add_to_groups(f);
	add_inclusive_figures(&tree, p, f);
	free(arrays);
	stack_tree_free(&tree);
}

void functions_build(struct functions *f, const struct profile *p, const struct rules *categories,
                     const struct rules *components)
{
	*f = (struct functions){0};
	list_functions(f, p, categories, components);
	measure(f, p);
	build_calls(f, p);
	find_own_root(f);
}

void functions_free(struct functions *f)
{
	free(f->list);
	free(f->files);
	free(f->categories);
	free(f->components);
	free(f->calls);
	free(f->chain_starts);
	free(f->chains);
	*f = (struct functions){0};
}

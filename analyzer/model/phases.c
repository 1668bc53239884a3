/* phases.c: the tree of phases as a table, depth first.
 *
 * A phase that no row speaks of (registered, but not entered by this role) has no times; it is kept
 * if it was never entered by anybody, so that the report can say so. Order among siblings: the time
 * below and in them, largest first.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/estimate.h"
#include "model/parts.h"

/* Deeper phases are named from as many levels above them, longer paths cut: recorders nest to 64,
 * so only a trace that was made up comes to that. */
#define PATH_DEPTH 64
#define PATH_BYTES 1024

/* Phases that nobody entered are told up to this id, for the same reason. */
#define NEVER_ENTERED_MAX 4096

static const char *build_path(struct profile *p, uint32_t id)
{
	const struct trace *t = p->trace;
	const char *parts[PATH_DEPTH];
	size_t count = 0;
	struct text path = {0};
	for (; id && count < PATH_DEPTH; id = t->phases[id].parent)
		parts[count++] = t->strings[t->phases[id].name];
	while (count-- > 0 && path.length < PATH_BYTES)
		text_printf(&path, "%s%.*s", path.length ? "/" : "", PATH_BYTES, parts[count]);
	const char *kept = arena_text(&p->arena, path.bytes, path.length);
	text_free(&path);
	return kept;
}

const char *profile_phase_path(const struct profile *p, uint32_t id)
{
	return p->paths[id];
}

/* ---- times ------------------------------------------------------------------------------- */

/* Whose times the table shows: the stepping thread's, or, without steps, everybody's. */
static int64_t field(const struct profile *p, uint32_t id, enum trace_phase_field which)
{
	const struct trace_phase *phase = &p->trace->phases[id];
	int64_t own = phase->times[TRACE_ROLE_STEPPING].fields[which];
	return p->phases_of_steps ? own : own + phase->times[TRACE_ROLE_OTHERS].fields[which];
}

static int64_t extreme_max(const struct profile *p, uint32_t id)
{
	const struct trace_phase_times *times = p->trace->phases[id].times;
	int64_t own = times[0].fields[TRACE_PHASE_MAX], others = times[1].fields[TRACE_PHASE_MAX];
	return p->phases_of_steps || own > others ? own : others;
}

/* The role whose histogram speaks for the phase. */
static struct trace_phase_times *histogram_times(struct profile *p, uint32_t id)
{
	struct trace_phase_times *times = p->trace->phases[id].times;
	bool others = !p->phases_of_steps && !times[TRACE_ROLE_STEPPING].seen;
	return &times[others ? TRACE_ROLE_OTHERS : TRACE_ROLE_STEPPING];
}

static double phase_quantile(struct profile *p, struct trace_phase_times *times, double q)
{
	double ticks = histogram_quantile(&times->histogram, q, times->fields[TRACE_PHASE_MIN],
	                                  times->fields[TRACE_PHASE_MAX]);
	return ticks < 0 ? NAN : profile_seconds(p, ticks);
}

static double or_zero(double value)
{
	return isnan(value) ? 0 : value;
}

static void measure_times(struct profile *p, struct profile_phase *row)
{
	uint32_t id = row->id;
	double self = (double)field(p, id, TRACE_PHASE_SELF);
	double inclusive = (double)field(p, id, TRACE_PHASE_INCLUSIVE);
	if (p->phases_of_steps) {
		double in_steps = (double)field(p, id, TRACE_PHASE_STEP_SELF);
		double in_steps_all = (double)field(p, id, TRACE_PHASE_STEP_INCLUSIVE);
		row->self_outside = profile_seconds(p, fmax(0, self - in_steps));
		row->inclusive_outside = profile_seconds(p, fmax(0, inclusive - in_steps_all));
		self = in_steps;
		inclusive = in_steps_all;
	}
	double whole = p->phases_of_steps ? p->steps.wall : p->run.wall;
	row->self = profile_seconds(p, self);
	row->inclusive = profile_seconds(p, inclusive);
	row->share = whole > 0 ? row->self / whole : 0;
}

/* A read of the thread's CPU clock takes about 0.3 µs, which lies within what it measures. Of calls
 * shorter than this it would be more than some 6 %, and CPU time counts as not measured. */
#define CPU_CALL_MIN 5e-6

/* Recorders read the CPU clock while a phase's calls are long enough to bear it: those calls are no
 * random sample. Where they are less than this share of the phase's time, they do not speak for
 * it. */
#define CPU_SHARE_MIN 0.5

/* CPU time by wall time, of the calls where it was read; NAN where they do not tell. */
static double cores_of(const struct profile *p, const struct profile_phase *row, double all)
{
	double calls = (double)field(p, row->id, TRACE_PHASE_CPU_CALLS);
	double wall = profile_seconds(p, (double)field(p, row->id, TRACE_PHASE_CPU_TICKS));
	if (calls <= 0 || wall / calls < CPU_CALL_MIN || wall < CPU_SHARE_MIN * all)
		return NAN;
	return (double)field(p, row->id, TRACE_PHASE_CPU_NS) / 1e9 / wall;
}

/* A run that was cut off was in the middle of a phase: that call is not one that nobody ends. */
static int64_t open_at_the_end(const struct profile *p)
{
	const struct trace_end *end = &p->trace->end;
	return !end->known || end->steps_open || end->signal != TRACE_UNKNOWN;
}

static void measure_calls(struct profile *p, struct profile_phase *row)
{
	uint32_t id = row->id;
	const struct trace_facts *facts = &p->trace->facts;
	struct trace_phase_times *times = histogram_times(p, id);
	row->calls = field(p, id, TRACE_PHASE_CALLS);
	row->entered = field(p, id, TRACE_PHASE_ENTERED);
	row->max = profile_seconds(p, (double)extreme_max(p, id));
	row->p50 = phase_quantile(p, times, 0.50);
	row->p95 = phase_quantile(p, times, 0.95);
	row->p99 = phase_quantile(p, times, 0.99);
	double all = profile_seconds(p, (double)field(p, id, TRACE_PHASE_INCLUSIVE));
	row->per_call = row->calls ? all / (double)row->calls : NAN;
	row->cores = cores_of(p, row, all);
	row->cpu = row->cores * all;
	double inner = or_zero(facts->scope_inner_ticks);
	double whole = inner + or_zero(facts->scope_outer_ticks);
	row->marking = profile_seconds(p, inner * (double)row->calls +
	                                          whole * (double)field(p, id, TRACE_PHASE_SCOPES));
	if (row->entered == 0 && row->calls == 0)
		row->flags |= PHASE_NEVER_ENTERED;
	if (row->entered > row->calls + open_at_the_end(p))
		row->flags |= PHASE_NEVER_ENDED;
	if (row->calls && row->per_call < 3 * profile_seconds(p, whole))
		row->flags |= PHASE_BELOW_CLOCK;
	if (p->phases_of_steps && row->calls && row->inclusive <= 0)
		row->flags |= PHASE_OUTSIDE_STEPS;
}

/* ---- allocations ------------------------------------------------------------------------- */

struct allocations {
	int64_t fields[TRACE_CELL_FIELDS_COUNT];
	struct trace_variances variances;
	bool cells; /* there are any */
};

static struct allocations *allocations_by_phase(const struct trace *t)
{
	struct allocations *by_phase = mem_zero(t->phases_count * sizeof(*by_phase));
	for (size_t i = 1; i < t->cells_count; i++) {
		struct allocations *a = &by_phase[t->cells[i].phase];
		a->cells = true;
		trace_cell_add_to(&t->cells[i], a->fields);
		const struct trace_variances *variances = trace_variances_of(t, i);
		if (variances)
			variances_add(&a->variances, variances);
	}
	return by_phase;
}

static void add_allocations(struct profile_phase *row, const struct allocations *from)
{
	const int64_t *f = from->fields;
	row->variances = from->variances;
	row->allocations = f[TRACE_CELL_ALLOCATIONS];
	row->bytes = f[TRACE_CELL_ALLOCATED_BYTES];
	row->temporaries = f[TRACE_CELL_TEMPORARIES];
	row->reallocations = f[TRACE_CELL_MOVED_IN];
	row->live_bytes = f[TRACE_CELL_ALLOCATED_BYTES] - f[TRACE_CELL_FREED_BYTES] +
	                  f[TRACE_CELL_MOVED_IN_BYTES] - f[TRACE_CELL_MOVED_OUT_BYTES];
}

/* ---- order ------------------------------------------------------------------------------- */

/* A phase and how much time lies in it and below; the weight orders siblings. */
struct node {
	uint32_t id, parent;
	double weight;
	bool kept;
	uint32_t first_child, next; /* ids; 0: none */
};

static int by_weight(const void *a, const void *b, void *all)
{
	const struct node *nodes = all;
	const struct node *x = &nodes[*(const uint32_t *)a], *y = &nodes[*(const uint32_t *)b];
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

/* What the table shows: phases with times of these threads, phases that nobody ever entered, and
 * the parents of both. */
static bool is_shown(const struct profile *p, uint32_t id)
{
	const struct trace_phase_times *times = p->trace->phases[id].times;
	bool entered_here = field(p, id, TRACE_PHASE_ENTERED) || field(p, id, TRACE_PHASE_CALLS);
	bool entered = entered_here;
	for (int role = 0; role < 2; role++)
		entered = entered || times[role].fields[TRACE_PHASE_ENTERED] ||
		          times[role].fields[TRACE_PHASE_CALLS];
	return entered_here || (!entered && id <= NEVER_ENTERED_MAX);
}

/* Parents have lower ids, so going down through the ids reaches children first. */
static struct node *build_nodes(const struct profile *p, const struct allocations *by_phase)
{
	const struct trace *t = p->trace;
	struct node *nodes = mem_zero(t->phases_count * sizeof(*nodes));
	for (uint32_t id = (uint32_t)t->phases_count; id-- > 1;) {
		struct node *n = &nodes[id];
		n->id = id;
		n->parent = t->phases[id].parent;
		n->weight += (double)field(
		        p, id, p->phases_of_steps ? TRACE_PHASE_STEP_SELF : TRACE_PHASE_SELF);
		n->kept = n->kept || is_shown(p, id) || by_phase[id].cells;
		nodes[n->parent].weight += n->weight;
		nodes[n->parent].kept = nodes[n->parent].kept || n->kept;
	}
	return nodes;
}

/* Paths of all phases that the profile speaks of: rows, workers, call-sites. */
static void build_paths(struct profile *p, const struct node *nodes)
{
	p->paths = mem_zero(p->trace->phases_count * sizeof(*p->paths));
	for (uint32_t id = 0; id < p->trace->phases_count; id++)
		p->paths[id] = id && nodes[id].kept ? build_path(p, id) : "";
}

/* Links the children of each node, heaviest first. */
static void link_children(struct node *nodes, size_t count)
{
	uint32_t *order = mem_zero(count * sizeof(*order));
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order + 1, count - 1, sizeof(*order), by_weight, nodes);
	/* Lightest first, each put before those that its parent has already. */
	for (size_t i = count; i-- > 1;) {
		struct node *n = &nodes[order[i]];
		n->next = nodes[n->parent].first_child;
		nodes[n->parent].first_child = n->id;
	}
	free(order);
}

static void add_row(struct profile *p, const struct allocations *by_phase, uint32_t id,
                    uint32_t depth)
{
	struct profile_phase *row = &p->phases[p->phases_count++];
	row->id = id;
	row->depth = depth;
	row->name = p->trace->strings[p->trace->phases[id].name];
	row->path = profile_phase_path(p, id);
	measure_times(p, row);
	measure_calls(p, row);
	if (p->heap)
		add_allocations(row, &by_phase[id]);
	else
		row->allocations = row->bytes = row->temporaries = row->reallocations =
		        row->live_bytes = PROFILE_UNKNOWN;
}

static void walk(struct profile *p, const struct node *nodes, const struct allocations *by_phase)
{
	uint32_t id = nodes[0].first_child, depth = 0;
	while (id) {
		if (nodes[id].kept)
			add_row(p, by_phase, id, depth);
		if (nodes[id].kept && nodes[id].first_child) {
			id = nodes[id].first_child;
			depth++;
			continue;
		}
		while (id && !nodes[id].next) {
			id = nodes[id].parent;
			depth -= id != 0;
		}
		id = nodes[id].next;
	}
}

/* ---- other threads ----------------------------------------------------------------------- */

static int by_worker_self(const void *a, const void *b)
{
	const struct profile_worker_phase *x = a, *y = b;
	if (x->self != y->self)
		return x->self < y->self ? 1 : -1;
	return strcmp(x->path, y->path);
}

static void build_workers(struct profile *p)
{
	size_t capacity = 0;
	for (uint32_t id = 1; id < p->trace->phases_count; id++) {
		struct trace_phase_times *times = &p->trace->phases[id].times[TRACE_ROLE_OTHERS];
		const int64_t *f = times->fields;
		if (!f[TRACE_PHASE_CALLS])
			continue;
		p->workers =
		        mem_grow(p->workers, &capacity, p->workers_count + 1, sizeof(*p->workers));
		p->workers[p->workers_count++] = (struct profile_worker_phase){
		        .path = profile_phase_path(p, id),
		        .calls = f[TRACE_PHASE_CALLS],
		        .inclusive = profile_seconds(p, (double)f[TRACE_PHASE_INCLUSIVE]),
		        .self = profile_seconds(p, (double)f[TRACE_PHASE_SELF]),
		        .p50 = phase_quantile(p, times, 0.50),
		};
	}
	if (p->workers_count)
		qsort(p->workers, p->workers_count, sizeof(*p->workers), by_worker_self);
}

static void find_places(struct profile *p, const struct allocations *by_phase)
{
	int64_t *counts = mem_zero(p->trace->phases_count * sizeof(*counts));
	for (size_t id = 0; id < p->trace->phases_count; id++)
		counts[id] = by_phase[id].fields[TRACE_CELL_ALLOCATIONS];
	places_build(p, counts);
	free(counts);
}

/* ---- CPU time by samples ----------------------------------------------------------------- */

/* Samples of a phase that tell of its CPU time: with 30 the error is below 40 %. */
#define CPU_SAMPLES_MIN 30

/* Of phases whose calls are too short to read the CPU clock in. As that, it is the time of all
 * threads in the phase and those in it, over all its calls. */
static void estimate_cpu(struct profile *p)
{
	const struct trace *t = p->trace;
	double *seconds = mem_zero(2 * t->phases_count * sizeof(*seconds));
	double *samples = seconds + t->phases_count;
	for (size_t i = 0; i < p->stacks.count; i++) {
		seconds[p->stacks.rows[i].phase] += p->stacks.rows[i].values[STACK_TIME];
		samples[p->stacks.rows[i].phase] += p->stacks.rows[i].samples;
	}
	for (size_t id = t->phases_count - 1; id > 0; id--) {
		seconds[t->phases[id].parent] += seconds[id];
		samples[t->phases[id].parent] += samples[id];
	}
	for (size_t i = 0; i < p->phases_count; i++) {
		struct profile_phase *row = &p->phases[i];
		double all = row->inclusive + row->inclusive_outside;
		if (!isnan(row->cores) || samples[row->id] < CPU_SAMPLES_MIN || !(all > 0))
			continue;
		row->cpu = seconds[row->id];
		row->cores = row->cpu / all;
		row->cpu_estimated = true;
	}
	free(seconds);
}

void phases_build(struct profile *p)
{
	const struct trace *t = p->trace;
	struct allocations *by_phase = allocations_by_phase(t);
	p->phases_of_steps = profile_has_steps(p);
	p->unaccounted =
	        p->phases_of_steps ? profile_seconds(p, (double)t->steps.unaccounted) : NAN;
	p->outside_allocations = by_phase[0].fields[TRACE_CELL_ALLOCATIONS];
	p->outside_bytes = by_phase[0].fields[TRACE_CELL_ALLOCATED_BYTES];
	p->outside_variances = by_phase[0].variances;
	find_places(p, by_phase);
	struct node *nodes = build_nodes(p, by_phase);
	build_paths(p, nodes);
	link_children(nodes, t->phases_count);
	p->phases = mem_zero(t->phases_count * sizeof(*p->phases));
	walk(p, nodes, by_phase);
	estimate_cpu(p);
	free(nodes);
	free(by_phase);
	if (p->phases_of_steps)
		build_workers(p);
}

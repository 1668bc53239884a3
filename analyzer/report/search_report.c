/* search_report.c: all that bears the names that were searched for: functions, call-sites, phases.
 */
#include <math.h>
#include <stdlib.h>

#include "model/estimate.h"
#include "report/csv.h"
#include "report/function_list.h"
#include "report/json_functions.h"
#include "report/lists.h"
#include "report/search.h"
#include "report/sections.h"

static const struct profile_function *function_of(const struct profile *p, const struct found *f)
{
	return &p->functions.list[f->index];
}

/* ---- text -------------------------------------------------------------------------------- */

static void name_cells(struct grid *g, const struct found *found, size_t ranked, const char *name)
{
	grid_cell(g, found->exact ? "=" : "");
	grid_format(g, "%s/%s", COUNT((int64_t)found->rank), COUNT((int64_t)ranked));
	grid_cell(g, name);
}

static void begin_names(struct grid *g, const char *align, const char *what)
{
	grid_begin(g, align);
	grid_cell(g, "");
	grid_cell(g, "rank");
	grid_cell(g, what);
}

static void function_row(struct view *v, struct grid *g, const struct search *s,
                         const struct found *found)
{
	const struct functions *all = &v->p->functions;
	const struct profile_function *f = function_of(v->p, found);
	bool time = functions_have_time(v->p), samples = all->all.samples > 0;
	double self = function_self(v->p, f, false), inclusive = function_inclusive(v->p, f, false);
	struct text place = function_place(f);
	struct text name = {0};
	text_without(&name, f->name, CODE_ANONYMOUS);
	name_cells(g, found, s->ranked[FOUND_FUNCTION], name.length ? name.bytes : "");
	text_free(&name);
	grid_cell(g, place.length ? place.bytes : "");
	text_free(&place);
	grid_cell(g, f->calls == PROFILE_UNKNOWN ? "unknown" : COUNT(f->calls));
	grid_cell(g, time ? SECONDS(self) : "");
	grid_cell(g, samples ? PERCENT(functions_share(all, &f->tally.self).share) : "");
	if (samples)
		grid_format(g, "±%s",
		            PERCENT(proportion_error(functions_share(all, &f->tally.self))));
	else
		grid_cell(g, "");
	grid_cell(g, time ? SECONDS(inclusive) : "");
	bool counted = f->calls != PROFILE_UNKNOWN && f->calls > 0;
	grid_cell(g, counted ? SECONDS(f->counted_inclusive / (double)f->calls) : "");
	grid_cell(g, view_if_heap(v, view_memory(v, &f->tally.site, STACK_ALLOCATIONS).text));
	grid_cell(g, view_if_heap(v, view_memory(v, &f->tally.site, STACK_BYTES).text));
}

static void function_headings(struct view *v, struct grid *g)
{
	bool time = functions_have_time(v->p), samples = v->p->functions.all.samples > 0;
	begin_names(g, "lrplrrrrrrrr", "function");
	g->optional = "lgd";
	grid_cell(g, "declared at");
	grid_cell(g, "calls");
	grid_cell(g, time ? "self" : "");
	grid_cell(g, samples ? "self %" : "");
	grid_cell(g, samples ? "±" : "");
	grid_cell(g, time ? "incl" : "");
	grid_cell(g, v->p->functions.calls_count ? "per call" : "");
	grid_cell(g, view_if_heap(v, "allocs"));
	grid_cell(g, view_if_heap(v, "bytes"));
}

static struct unit estimated_count(const struct view *v, int64_t count, struct variance variance)
{
	return view_estimate(v, unit_count(count), (double)count, variance);
}

static struct unit estimated_bytes(const struct view *v, int64_t bytes, struct variance variance)
{
	return view_estimate(v, unit_bytes((double)bytes), (double)bytes, variance);
}

static void site_row(struct view *v, struct grid *g, const struct search *s,
                     const struct found *found)
{
	const struct call_site *site = &v->p->sites.sites[found->index];
	const int64_t *f = site->fields;
	name_cells(g, found, s->ranked[FOUND_SITE], site->label);
	grid_cell(g, view_phase(v, site->phase));
	const struct variance *variances = site->variances.fields;
	grid_cell(g,
	          estimated_count(v, f[TRACE_CELL_ALLOCATIONS], variances[TRACE_CELL_ALLOCATIONS])
	                  .text);
	grid_cell(g, PERCENT((double)f[TRACE_CELL_ALLOCATIONS] /
	                     (double)v->p->totals.fields[TRACE_CELL_ALLOCATIONS]));
	grid_cell(g, estimated_bytes(v, f[TRACE_CELL_ALLOCATED_BYTES],
	                             variances[TRACE_CELL_ALLOCATED_BYTES])
	                     .text);
	grid_cell(g, estimated_bytes(v, f[TRACE_CELL_PEAK_BYTES], variances[TRACE_CELL_PEAK_BYTES])
	                     .text);
	grid_cell(g,
	          estimated_bytes(v, site->live_bytes, variance_live_bytes(&site->variances)).text);
}

static void site_headings(struct view *v, struct grid *g)
{
	(void)v;
	begin_names(g, "lrlprrrrr", "call-site");
	g->optional = "ih";
	grid_cell(g, v->p->trace->phases_count > 1 ? "phase" : "");
	grid_cell(g, "allocs");
	grid_cell(g, "allocs %");
	grid_cell(g, "bytes");
	grid_cell(g, "at peak");
	grid_cell(g, "live at exit");
}

static void phase_row(struct view *v, struct grid *g, const struct search *s,
                      const struct found *found)
{
	const struct profile_phase *row = &v->p->phases[found->index];
	name_cells(g, found, s->ranked[FOUND_PHASE], row->path);
	grid_cell(g, COUNT(row->calls));
	grid_cell(g, SECONDS(row->self));
	grid_cell(g, PERCENT(row->share));
	grid_cell(g, SECONDS(row->inclusive));
	grid_cell(g, SECONDS(row->per_call));
	const struct variance *variances = row->variances.fields;
	grid_cell(g, view_if_heap(v, estimated_count(v, row->allocations,
	                                             variances[TRACE_CELL_ALLOCATIONS])
	                                     .text));
	grid_cell(g, view_if_heap(v, estimated_bytes(v, row->bytes,
	                                             variances[TRACE_CELL_ALLOCATED_BYTES])
	                                     .text));
}

static void phase_headings(struct view *v, struct grid *g)
{
	begin_names(g, "lrprrrrrrr", "phase");
	g->optional = "hj";
	grid_cell(g, "calls");
	grid_cell(g, "self");
	grid_cell(g, "self %");
	grid_cell(g, "incl");
	grid_cell(g, "per call");
	grid_cell(g, view_if_heap(v, "allocs"));
	grid_cell(g, view_if_heap(v, "bytes"));
}

/* By kind. What "=" means stands above, what the rank is by in the title. */
static const struct {
	const char *many, *order;
	void (*headings)(struct view *, struct grid *);
	void (*row)(struct view *, struct grid *, const struct search *, const struct found *);
} kinds[] = {
        [FOUND_FUNCTION] = {"FUNCTIONS", NULL, function_headings, function_row},
        [FOUND_SITE] = {"CALL-SITES", "allocations", site_headings, site_row},
        [FOUND_PHASE] = {"PHASES", "self time", phase_headings, phase_row},
};

static void write_kind(struct view *v, const struct search *s, enum found_kind kind)
{
	const struct function_order *order = function_order_of(v->p, NULL, false);
	struct grid g;
	size_t shown = 0, top = v->options->top ? v->options->top : 50;
	if (!s->counts[kind])
		return;
	text_printf(v->out,
	            "  %s: %s  " MARK_FAINT "exact ones (=) first, then by %s" MARK_END "\n",
	            kinds[kind].many, COUNT((int64_t)s->counts[kind]),
	            kinds[kind].order ? kinds[kind].order : order->words);
	kinds[kind].headings(v, &g);
	for (size_t i = 0; i < s->count && shown < top; i++)
		if (s->list[i].kind == kind) {
			kinds[kind].row(v, &g, s, &s->list[i]);
			shown++;
		}
	grid_write(&g, 2, &v->options->terminal, v->out);
	if (shown < s->counts[kind])
		text_printf(v->out, "  %s more; --all shows them\n",
		            COUNT((int64_t)(s->counts[kind] - shown)));
}

/* ---- who calls --------------------------------------------------------------------------- */

static int most_calls_first(const void *a, const void *b)
{
	const struct function_call *x = *(const struct function_call *const *)a;
	const struct function_call *y = *(const struct function_call *const *)b;
	if (x->calls != y->calls)
		return x->calls < y->calls ? 1 : -1;
	return (x > y) - (x < y);
}

/* The counted calls of a function, most first; free with free(). */
static const struct function_call **calls_of(const struct profile *p, uint32_t function,
                                             size_t *count)
{
	const struct functions *f = &p->functions;
	const struct function_call **calls = mem_zero(f->calls_count * sizeof(*calls));
	*count = 0;
	for (size_t i = 0; i < f->calls_count; i++)
		if (f->calls[i].function == function)
			calls[(*count)++] = &f->calls[i];
	if (*count)
		qsort(calls, *count, sizeof(*calls), most_calls_first);
	return calls;
}

static const char *caller_of(const struct profile *p, const struct function_call *call)
{
	return call->caller == FUNCTION_NONE ? "not counted code"
	                                     : p->functions.list[call->caller].name;
}

static void write_callers(struct view *v, const struct found *found)
{
	size_t count;
	const struct function_call **calls = calls_of(v->p, (uint32_t)found->index, &count);
	struct grid g;
	if (count) {
		text_printf(v->out,
		            "  CALLERS OF %.60s  " MARK_FAINT "by calls; wall time" MARK_END "\n",
		            function_of(v->p, found)->name);
		grid_begin(&g, "pprrrr");
		grid_cell(&g, "caller");
		grid_cell(&g, v->p->trace->phases_count > 1 ? "phase" : "");
		grid_cell(&g, "calls");
		grid_cell(&g, "self");
		grid_cell(&g, "incl");
		grid_cell(&g, "per call");
	}
	for (size_t i = 0; i < count && i < v->top; i++) {
		grid_cell(&g, caller_of(v->p, calls[i]));
		grid_cell(&g, view_phase(v, calls[i]->phase));
		grid_cell(&g, COUNT(calls[i]->calls));
		grid_cell(&g, SECONDS(calls[i]->self));
		grid_cell(&g, SECONDS(calls[i]->inclusive));
		grid_cell(&g, calls[i]->calls
		                      ? SECONDS(calls[i]->inclusive / (double)calls[i]->calls)
		                      : "");
	}
	if (count)
		grid_write(&g, 4, &v->options->terminal, v->out);
	if (count > v->top)
		text_printf(v->out, "    %s more\n", COUNT((int64_t)(count - v->top)));
	free(calls);
}

/* Of functions of that very name. */
static void write_all_callers(struct view *v, const struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].kind == FOUND_FUNCTION && s->list[i].exact)
			write_callers(v, &s->list[i]);
}

static json_t *callers_of(const struct profile *p, const struct found *found)
{
	size_t count;
	const struct function_call **calls = calls_of(p, (uint32_t)found->index, &count);
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *o = json_object();
		json_set(o, "caller",
		         calls[i]->caller == FUNCTION_NONE ? json_null()
		                                           : json_text(caller_of(p, calls[i])));
		json_set(o, "phase", json_text(profile_phase_path(p, calls[i]->phase)));
		json_set(o, "calls", json_count(calls[i]->calls));
		json_set(o, "self_seconds", json_number_of(calls[i]->self));
		json_set(o, "inclusive_seconds", json_number_of(calls[i]->inclusive));
		json_array_append_new(list, o);
	}
	free(calls);
	return list;
}

static void write_nothing(struct view *v, const struct search *s)
{
	text_string(v->out, "  nothing in this trace is called so");
	for (size_t i = 0; i < s->near_count; i++) {
		text_string(v->out, i ? ", " : "; near: ");
		view_shortened(v, s->near[i], 60);
	}
	text_string(v->out, "\n");
}

void search_text(const struct profile *p, const struct report_options *options, struct text *out)
{
	struct view v = view_of(p, options, out);
	for (size_t i = 0; i < options->searches_count; i++) {
		struct search s;
		char note[128];
		search_run(&s, p, &options->searches[i]);
		function_list_note(&v, false, note, sizeof(note));
		view_heading(&v, note, "SEARCH %.100s", options->searches[i].text);
		for (int kind = FOUND_FUNCTION; kind <= FOUND_PHASE; kind++)
			write_kind(&v, &s, (enum found_kind)kind);
		write_all_callers(&v, &s);
		if (!s.count)
			write_nothing(&v, &s);
		search_free(&s);
	}
	function_list_missing(&v);
}

/* ---- for programs ------------------------------------------------------------------------- */

static json_t *found_of(const struct profile *p, const struct found *found)
{
	json_t *o;
	if (found->kind == FOUND_FUNCTION) {
		o = json_function(p, function_of(p, found));
		json_set(o, "callers", callers_of(p, found));
	} else if (found->kind == FOUND_SITE) {
		o = json_site(p, &p->sites.sites[found->index]);
	} else {
		const struct profile_phase *row = &p->phases[found->index];
		o = json_object();
		json_set(o, "path", json_text(row->path));
		json_set(o, "calls", json_count(row->calls));
		json_set(o, "self_seconds", json_number_of(row->self));
		json_set(o, "share", json_number_of(row->share));
		json_set(o, "inclusive_seconds", json_number_of(row->inclusive));
		json_set(o, "allocations", json_count(row->allocations));
		json_set(o, "bytes_allocated", json_count(row->bytes));
	}
	json_set(o, "rank", json_count((int64_t)found->rank));
	json_set(o, "exact", json_boolean(found->exact));
	return o;
}

static json_t *search_of(const struct profile *p, const struct pattern *pattern)
{
	static const char *const keys[] = {[FOUND_FUNCTION] = "functions",
	                                   [FOUND_SITE] = "call_sites",
	                                   [FOUND_PHASE] = "phases"};
	struct search s;
	json_t *o = json_object(), *lists[3], *near = json_array();
	search_run(&s, p, pattern);
	json_set(o, "pattern", json_text(pattern->text));
	for (int kind = FOUND_FUNCTION; kind <= FOUND_PHASE; kind++)
		json_set(o, keys[kind], lists[kind] = json_array());
	for (size_t i = 0; i < s.count; i++)
		json_array_append_new(lists[s.list[i].kind], found_of(p, &s.list[i]));
	for (size_t i = 0; i < s.near_count; i++)
		json_array_append_new(near, json_text(s.near[i]));
	json_set(o, "near", near);
	search_free(&s);
	return o;
}

json_t *search_json(const struct profile *p, const struct report_options *options)
{
	json_t *document = json_object(), *list = json_array();
	for (size_t i = 0; i < options->searches_count; i++)
		json_array_append_new(list, search_of(p, &options->searches[i]));
	json_set(document, "schema_version", json_integer(JSON_SCHEMA_VERSION));
	json_set(document, "report", json_string("search"));
	json_set(document, "run", json_run(p));
	json_set(document, "searches", list);
	return document;
}

static void csv_found(struct csv *csv, const struct profile *p, const struct found *found)
{
	double self, inclusive, allocations, bytes;
	const char *name, *phase = "";
	int64_t calls = PROFILE_UNKNOWN;
	if (found->kind == FOUND_FUNCTION) {
		const struct profile_function *f = function_of(p, found);
		name = f->name;
		calls = f->calls;
		self = function_self(p, f, false);
		inclusive = function_inclusive(p, f, false);
		allocations = f->tally.site.values[STACK_ALLOCATIONS];
		bytes = f->tally.site.values[STACK_BYTES];
	} else if (found->kind == FOUND_SITE) {
		const struct call_site *site = &p->sites.sites[found->index];
		name = site->label;
		phase = profile_phase_path(p, site->phase);
		self = inclusive = NAN;
		allocations = (double)site->fields[TRACE_CELL_ALLOCATIONS];
		bytes = (double)site->fields[TRACE_CELL_ALLOCATED_BYTES];
	} else {
		const struct profile_phase *row = &p->phases[found->index];
		name = row->path;
		calls = row->calls;
		self = row->self;
		inclusive = row->inclusive;
		allocations = (double)row->allocations;
		bytes = (double)row->bytes;
	}
	csv_count(csv, (int64_t)found->rank);
	csv_text(csv, name);
	csv_text(csv, phase);
	csv_count(csv, calls);
	csv_number(csv, self);
	csv_number(csv, inclusive);
	csv_number(csv, p->heap ? allocations : NAN);
	csv_number(csv, p->heap ? bytes : NAN);
}

void search_csv(const struct profile *p, const struct report_options *options, struct text *out)
{
	static const char *const names[] = {"function", "call-site", "phase"};
	struct csv csv;
	csv_begin(&csv, options, out,
	          "pattern,kind,exact,rank,name,phase,calls,self_seconds,inclusive_seconds,"
	          "allocations,bytes_allocated");
	for (size_t i = 0; i < options->searches_count; i++) {
		struct search s;
		search_run(&s, p, &options->searches[i]);
		for (size_t k = 0; k < s.count; k++) {
			csv_text(&csv, options->searches[i].text);
			csv_text(&csv, names[s.list[k].kind]);
			csv_count(&csv, s.list[k].exact);
			csv_found(&csv, p, &s.list[k]);
			csv_end_row(&csv);
		}
		search_free(&s);
	}
}

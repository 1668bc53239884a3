/* function_list.c: see function_list.h. A row is a function, or a sum of some; all rows are
 * collected first, since their shares are rounded together. */
#include "report/function_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/percents.h"

struct row {
	const struct profile_function *function; /* NULL: a sum */
	size_t rank;
	struct text name;
	struct figures self, inclusive, memory;
	double seconds, seconds_inclusive;
	int64_t calls;
};

struct rows {
	struct row *list;
	size_t count, capacity;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

struct text function_place(const struct profile_function *f)
{
	struct text place = {0};
	if (*f->file && f->line)
		text_printf(&place, "%s:%u", base_name(f->file), f->line);
	else
		text_string(&place, *f->file ? base_name(f->file) : f->named ? f->module : "");
	return place;
}

/* ---- rows -------------------------------------------------------------------------------- */

static struct row *new_row(struct rows *rows)
{
	rows->list = mem_grow(rows->list, &rows->capacity, rows->count + 1, sizeof(*rows->list));
	struct row *row = &rows->list[rows->count++];
	*row = (struct row){.calls = PROFILE_UNKNOWN, .seconds_inclusive = NAN};
	return row;
}

static void add_to_row(struct row *row, const struct view *v, const struct function_list *list,
                       const struct profile_function *f)
{
	double seconds = function_self(v->p, f, list->site_memory);
	figures_add(&row->self, &f->tally.self);
	figures_add(&row->memory, function_memory(f, list->site_memory));
	row->seconds += isnan(seconds) ? 0 : seconds;
}

static bool is_shown(const struct function_list *list, const struct profile_function *f)
{
	return !list->shown || list->shown(f, list->data);
}

/* Whether there is anything to say of a function in this list. */
static bool has_any(const struct view *v, const struct function_list *list,
                    const struct profile_function *f)
{
	const double *memory = function_memory(f, list->site_memory)->values;
	bool own = list->site_memory;
	return function_self(v->p, f, own) > 0 || function_inclusive(v->p, f, own) > 0 ||
	       f->calls > 0 || memory[STACK_ALLOCATIONS] > 0 || memory[STACK_PEAK] > 0;
}

static void function_row(struct rows *rows, const struct view *v, const struct function_list *list,
                         const struct profile_function *f)
{
	struct row *row = new_row(rows);
	row->function = f;
	row->rank = rows->count;
	row->inclusive = f->tally.inclusive;
	row->seconds_inclusive = function_inclusive(v->p, f, list->site_memory);
	row->calls = f->calls;
	text_without(&row->name, f->name, CODE_ANONYMOUS);
	add_to_row(row, v, list, f);
}

static void others_row(struct rows *rows, const struct view *v, const struct function_list *list,
                       const struct profile_function **left, size_t count)
{
	if (!count)
		return;
	struct row *row = new_row(rows);
	text_printf(&row->name, "%s %s", COUNT((int64_t)count), list->others);
	for (size_t i = 0; i < count; i++)
		add_to_row(row, v, list, left[i]);
}

/* What the list does not show, by category, the largest first. Of the program itself that is what
 * lies in headers of the system. */
static void fold_rows(struct rows *rows, const struct view *v, const struct function_list *list,
                      const struct profile_function **folded, size_t count)
{
	const struct functions *f = &v->p->functions;
	size_t first = rows->count;
	for (uint32_t category = 0; category < f->categories_count; category++) {
		struct row row = {.calls = PROFILE_UNKNOWN, .seconds_inclusive = NAN};
		size_t functions = 0;
		for (size_t i = 0; i < count; i++)
			if (folded[i]->category == category) {
				add_to_row(&row, v, list, folded[i]);
				functions++;
			}
		if (!functions || (row.seconds <= 0 && row.memory.values[STACK_ALLOCATIONS] <= 0))
			continue;
		text_printf(&row.name, "%s (%s)",
		            category ? f->categories[category].name : "not your sources",
		            COUNT((int64_t)functions));
		size_t at = rows->count;
		*new_row(rows) = row;
		for (; at > first && rows->list[at - 1].seconds < rows->list[at].seconds; at--) {
			struct row moved = rows->list[at];
			rows->list[at] = rows->list[at - 1];
			rows->list[at - 1] = moved;
		}
	}
}

static bool is_counted(const struct view *v, const struct function_list *list)
{
	return functions_time(v->p, list->site_memory) == FUNCTION_TIME_COUNTED;
}

static struct rows collect(const struct view *v, const struct function_list *list, size_t top,
                           const struct profile_function **sorted, size_t count)
{
	struct rows rows = {0};
	size_t left_count = 0, folded_count = 0;
	const struct profile_function **left = mem_zero(2 * count * sizeof(*left));
	const struct profile_function **folded = left + count;
	for (size_t i = 0; i < count; i++) {
		if (!has_any(v, list, sorted[i]))
			continue;
		if (!is_shown(list, sorted[i]))
			folded[folded_count++] = sorted[i];
		else if (rows.count < top)
			function_row(&rows, v, list, sorted[i]);
		else
			left[left_count++] = sorted[i];
	}
	others_row(&rows, v, list, left, left_count);
	/* What was not counted has no time of that kind. */
	if (list->fold && !is_counted(v, list))
		fold_rows(&rows, v, list, folded, folded_count);
	free(left);
	return rows;
}

/* ---- cells ------------------------------------------------------------------------------- */

static bool any_calls(const struct view *v)
{
	return v->p->functions.calls_count > 0;
}

static void heading_cells(const struct view *v, const struct function_list *list, struct grid *g)
{
	enum function_time kind = functions_time(v->p, list->site_memory);
	bool time = kind != FUNCTION_TIME_NONE, samples = kind == FUNCTION_TIME_SAMPLED;
	bool file = list->columns & FUNCTION_OF_FILE;
	grid_cell(g, "");
	grid_cell(g, "function");
	grid_cell(g, list->columns & FUNCTION_WHERE ? "declared at" : file ? "line" : "");
	grid_cell(g, list->columns & FUNCTION_CATEGORY ? "category" : "");
	grid_cell(g, time ? "self" : "");
	grid_cell(g, time ? file ? "file %" : "self %" : "");
	grid_cell(g, samples ? "±" : "");
	grid_cell(g, samples && list->site_memory ? "with libs" : "");
	grid_cell(g, time ? "incl" : "");
	grid_cell(g, samples && !file ? "incl %" : "");
	grid_cell(g, any_calls(v) ? "calls" : "");
	grid_cell(g, any_calls(v) ? "per call" : "");
	bool memory = list->columns & FUNCTION_MEMORY;
	grid_cell(g, memory ? view_if_heap(v, "allocs") : "");
	grid_cell(g, memory ? view_if_heap(v, "bytes") : "");
	grid_cell(g, memory ? view_if_heap(v, "at peak") : "");
}

/* The share of self time may have been rounded up for all to add up to 100: what is inclusive is
 * never printed as less. */
static struct unit inclusive_percent(const struct row *row, double whole, int tenths)
{
	int inclusive = (int)lround(row->seconds_inclusive / whole * 1000);
	return percent_cell(inclusive > tenths ? inclusive : tenths, row->seconds_inclusive);
}

/* The share in the run, or in the list's file. */
static struct proportion share_of(const struct functions *f, const struct function_list *list,
                                  const struct figures *self)
{
	if (!list->file)
		return functions_share(f, self);
	double whole = list->file->tally.self.values[STACK_TIME];
	double samples = functions_share(f, &list->file->tally.self).share * f->effective_samples;
	return proportion_of(whole > 0 ? self->values[STACK_TIME] / whole * samples : 0, samples);
}

static void time_cells(const struct view *v, const struct function_list *list, struct grid *g,
                       const struct row *row, int tenths)
{
	const struct functions *f = &v->p->functions;
	enum function_time kind = functions_time(v->p, list->site_memory);
	bool time = kind != FUNCTION_TIME_NONE, samples = kind == FUNCTION_TIME_SAMPLED;
	double whole = samples ? f->all.values[STACK_TIME] : NAN;
	grid_cell(g, time && !isnan(row->seconds) ? SECONDS(row->seconds) : "");
	grid_cell(g, time ? percent_cell(tenths, row->seconds).text : "");
	if (samples)
		grid_format(g, "±%s", PERCENT(proportion_error(share_of(f, list, &row->self))));
	else
		grid_cell(g, "");
	if (samples && list->site_memory && row->function && row->function->own)
		grid_cell(g, SECONDS(function_with_libraries(v->p, row->function, true)));
	else
		grid_cell(g, "");
	bool inclusive = time && row->function && !isnan(row->seconds_inclusive);
	grid_cell(g, inclusive ? SECONDS(row->seconds_inclusive) : "");
	bool of_run = inclusive && samples && !(list->columns & FUNCTION_OF_FILE);
	grid_cell(g, of_run ? inclusive_percent(row, whole, tenths).text : "");
}

static void call_cells(const struct view *v, struct grid *g, const struct row *row)
{
	const struct profile_function *f = row->function;
	bool known = f && f->calls != PROFILE_UNKNOWN;
	if (!any_calls(v) || !f) {
		grid_cell(g, "");
		grid_cell(g, "");
		return;
	}
	grid_cell(g, known ? COUNT(f->calls) : "unknown");
	grid_cell(g, known && f->calls ? SECONDS(f->counted_inclusive / (double)f->calls) : "");
}

static void memory_cells(const struct view *v, const struct function_list *list, struct grid *g,
                         const struct row *row)
{
	const struct figures *memory = &row->memory;
	bool shown = list->columns & FUNCTION_MEMORY;
	for (int metric = STACK_ALLOCATIONS; metric <= STACK_PEAK; metric++)
		grid_cell(g, shown ? view_if_heap(v, view_memory(v, memory, metric).text) : "");
}

static void row_cells(const struct view *v, const struct function_list *list, struct grid *g,
                      const struct row *row, int tenths)
{
	if (row->function && list->ranks)
		grid_format(g, "%zu", row->rank);
	else
		grid_cell(g, "");
	grid_cell(g, row->name.bytes);
	struct text place = {0};
	if (row->function && list->columns & FUNCTION_WHERE)
		place = function_place(row->function);
	else if (row->function && list->columns & FUNCTION_OF_FILE && row->function->line)
		text_printf(&place, "%u", row->function->line);
	grid_cell(g, place.length ? place.bytes : "");
	text_free(&place);
	bool category = row->function && list->columns & FUNCTION_CATEGORY;
	grid_cell(g, category ? v->p->functions.categories[row->function->category].name : "");
	time_cells(v, list, g, row, tenths);
	call_cells(v, g, row);
	memory_cells(v, list, g, row);
}

static void write_rows(struct view *v, const struct function_list *list, struct rows *rows)
{
	struct grid g;
	double *seconds = mem_zero(rows->count * sizeof(*seconds));
	for (size_t i = 0; i < rows->count; i++)
		seconds[i] = rows->list[i].seconds;
	double whole = is_counted(v, list) ? v->p->functions.counted_self
	                                   : v->p->functions.all.values[STACK_TIME];
	bool all = list->fold || list->file;
	int *tenths = percents_of(seconds, rows->count);
	grid_begin(&g, list->file ? "rprrrrrrrrrrrrr" : "rplrrrrrrrrrrrr");
	g.optional = list->file ? "jhogndlmi" : "jolnhidmc";
	heading_cells(v, list, &g);
	for (size_t i = 0; i < rows->count; i++) {
		/* A list of some functions only has shares of the run's time, not of its own. */
		int share =
		        all || whole <= 0 ? tenths[i] : (int)floor(seconds[i] / whole * 1000 + 0.5);
		row_cells(v, list, &g, &rows->list[i], share);
	}
	grid_write(&g, list->ranks ? 1 : 0, &v->options->terminal, v->out);
	free(tenths);
	free(seconds);
}

/* ---- the list ---------------------------------------------------------------------------- */

void function_list_note(struct view *v, bool own, char *note, size_t size)
{
	const struct functions *f = &v->p->functions;
	enum function_time time = functions_time(v->p, own);
	if (time == FUNCTION_TIME_SAMPLED)
		snprintf(note, size, "CPU of all threads, %s samples; ± is 95 %%",
		         COUNT((int64_t)f->all.samples));
	else if (time == FUNCTION_TIME_COUNTED && f->all.samples > 0)
		snprintf(note, size, "wall time of counted calls; %s of %s samples are in yours",
		         COUNT((int64_t)f->own_samples), COUNT((int64_t)f->all.samples));
	else if (time == FUNCTION_TIME_COUNTED)
		snprintf(note, size, "wall time of counted calls");
	else
		note[0] = '\0';
}

static void time_missing(struct view *v)
{
	struct time_missing missing = functions_time_missing(v->p);
	text_printf(v->out, "  no time of functions: %s", missing.why);
	if (missing.freq) {
		text_printf(v->out, " with\n  " MARK_WHOLE "memprof run --freq %s -- ",
		            missing.freq);
		view_shortened(v, v->p->run.command, 1000);
	}
	text_string(v->out, "\n");
}

void function_list_missing(struct view *v)
{
	const char *missing = function_order_missing(v->p, v->options->sort);
	if (missing)
		text_printf(v->out, "  not sorted by %s: %s\n", v->options->sort->words, missing);
	if (!functions_have_time(v->p))
		time_missing(v);
}

void function_list_write(struct view *v, const struct function_list *list, size_t top)
{
	const struct function_order *order =
	        function_order_of(v->p, v->options->sort, list->site_memory);
	size_t count;
	const struct profile_function **sorted =
	        functions_sorted(v->p, order, list->site_memory, &count);
	struct rows rows = collect(v, list, top, sorted, count);
	char note[128];
	if (rows.count && *list->title) {
		function_list_note(v, list->site_memory, note, sizeof(note));
		view_heading(v, note, "%s%s BY %s%s", view_top(v).text, list->title,
		             is_counted(v, list) && function_order_is_of_time(order) ? "COUNTED "
		                                                                     : "",
		             order->heading);
	}
	if (rows.count)
		write_rows(v, list, &rows);
	for (size_t i = 0; i < rows.count; i++)
		text_free(&rows.list[i].name);
	free(rows.list);
	free(sorted);
}

/* section_functions.c: functions: the author's, all, and by category; and groups of them. */
#include "report/sections.h"

#include <stdlib.h>

#include "report/function_list.h"
#include "report/percents.h"

static bool is_own(const struct profile_function *f, const void *data)
{
	(void)data;
	return f->own;
}

void section_own_functions(struct view *v)
{
	if (!functions_have_time(v->p) && v->p->heap) {
		view_heading(v, "", "FUNCTIONS");
		function_list_missing(v);
		return;
	}
	function_list_write(v,
	                    &(struct function_list){.title = "FUNCTIONS",
	                                            .others = "others of yours",
	                                            .columns = FUNCTION_WHERE,
	                                            .site_memory = true,
	                                            .shown = is_own,
	                                            .fold = true,
	                                            .ranks = true},
	                    v->top);
	function_list_missing(v);
	if (functions_time(v->p, true) == FUNCTION_TIME_COUNTED)
		text_string(v->out,
		            "  what was not counted, as in libraries, has CPU time by samples: "
		            "see --report dev-summary\n");
}

void section_all_functions(struct view *v)
{
	function_list_write(v,
	                    &(struct function_list){.title = "FUNCTIONS",
	                                            .others = "others",
	                                            .columns = FUNCTION_WHERE | FUNCTION_CATEGORY |
	                                                       FUNCTION_MEMORY,
	                                            .ranks = true,
	                                            .fold = true},
	                    v->top);
	function_list_missing(v);
}

/* ---- groups ------------------------------------------------------------------------------ */

/* By time, or by bytes where no time is known; the last is never moved if it is what is left. */
static int compare_groups(const void *a, const void *b, void *time)
{
	const struct profile_group *x = *(const struct profile_group *const *)a;
	const struct profile_group *y = *(const struct profile_group *const *)b;
	enum stack_metric metric = *(const bool *)time ? STACK_TIME : STACK_BYTES;
	double vx = x->tally.self.values[metric], vy = y->tally.self.values[metric];
	if (vx != vy)
		return vx < vy ? 1 : -1;
	return (x > y) - (x < y);
}

static void group_headings(const struct view *v, struct grid *g, const char *what)
{
	bool time = v->p->functions.all.samples > 0;
	grid_cell(g, what);
	grid_cell(g, time ? "self" : "");
	grid_cell(g, time ? "self %" : "");
	grid_cell(g, time ? "±" : "");
	grid_cell(g, time ? "incl" : "");
	grid_cell(g, view_if_heap(v, "allocs"));
	grid_cell(g, view_if_heap(v, "allocs %"));
	grid_cell(g, view_if_heap(v, "bytes"));
	grid_cell(g, view_if_heap(v, "at peak"));
	grid_cell(g, "functions");
}

static void group_row(const struct view *v, struct grid *g, const struct profile_group *group,
                      int tenths, int allocation_tenths)
{
	const struct functions *f = &v->p->functions;
	const struct figures *self = &group->tally.self;
	bool time = f->all.samples > 0;
	grid_cell(g, *group->name ? group->name : "in none of them");
	grid_cell(g, time ? SECONDS(self->values[STACK_TIME]) : "");
	grid_cell(g, time ? percent_cell(tenths, self->values[STACK_TIME]).text : "");
	if (time)
		grid_format(g, "±%s", PERCENT(proportion_error(functions_share(f, self))));
	else
		grid_cell(g, "");
	bool inclusive = time && *group->name;
	grid_cell(g, inclusive ? SECONDS(group->tally.inclusive.values[STACK_TIME]) : "");
	grid_cell(g, view_if_heap(v, view_memory(v, self, STACK_ALLOCATIONS).text));
	grid_cell(
	        g,
	        view_if_heap(
	                v, percent_cell(allocation_tenths, self->values[STACK_ALLOCATIONS]).text));
	grid_cell(g, view_if_heap(v, view_memory(v, self, STACK_BYTES).text));
	grid_cell(g, view_if_heap(v, view_memory(v, self, STACK_PEAK).text));
	grid_cell(g, group->functions ? COUNT(group->functions) : "");
}

static void groups_table(struct view *v, const struct profile_group *groups, size_t count,
                         const char *what)
{
	const struct profile_group **sorted = mem_zero(count * sizeof(*sorted));
	double *time = mem_zero(2 * count * sizeof(*time)), *allocations = time + count;
	bool by_time = v->p->functions.all.samples > 0;
	struct grid g;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &groups[i];
	qsort_r(sorted, count, sizeof(*sorted), compare_groups, &by_time);
	for (size_t i = 0; i < count; i++) {
		time[i] = sorted[i]->tally.self.values[STACK_TIME];
		allocations[i] = sorted[i]->tally.self.values[STACK_ALLOCATIONS];
	}
	int *tenths = percents_of(time, count),
	    *allocation_tenths = percents_of(allocations, count);
	grid_begin(&g, "lrrrrrrrrr");
	g.optional = "jigh";
	group_headings(v, &g, what);
	for (size_t i = 0; i < count; i++)
		if (sorted[i]->functions || time[i] > 0 || allocations[i] > 0)
			group_row(v, &g, sorted[i], tenths[i], allocation_tenths[i]);
	grid_write(&g, 2, &v->options->terminal, v->out);
	free(tenths);
	free(allocation_tenths);
	free(time);
	free(sorted);
}

void section_categories(struct view *v)
{
	const struct functions *f = &v->p->functions;
	view_heading(v, "of the innermost function; shares add up to 100 %", "CATEGORIES BY %s",
	             f->all.samples > 0 ? "SELF TIME" : "BYTES ALLOCATED");
	groups_table(v, f->categories, f->categories_count, "category");
}

/* A component that was asked for and that no function is of is left out of the table. */
static void empty_components(struct view *v)
{
	const struct functions *f = &v->p->functions;
	bool any = false;
	for (size_t i = 0; i + 1 < f->components_count; i++) {
		if (f->components[i].functions)
			continue;
		text_printf(v->out, "%s%s",
		            any ? ", " : "  " MARK_FAINT "of no function: ", f->components[i].name);
		any = true;
	}
	if (any)
		text_string(v->out, MARK_END "\n");
}

void section_components(struct view *v)
{
	const struct functions *f = &v->p->functions;
	if (!f->components_count)
		return;
	view_heading(v, "a stack is of the component of its nearest frame; shares add up to 100 %",
	             "COMPONENTS BY %s", f->all.samples > 0 ? "TIME" : "BYTES ALLOCATED");
	groups_table(v, f->components, f->components_count, "component");
	empty_components(v);
}

/* ---- by category --------------------------------------------------------------------------- */

static bool is_of_category(const struct profile_function *f, const void *data)
{
	return f->category == *(const uint32_t *)data;
}

void section_functions_by_category(struct view *v)
{
	const struct functions *f = &v->p->functions;
	const struct function_order *order = function_order_of(v->p, v->options->sort, false);
	for (uint32_t category = 0; category < f->categories_count; category++) {
		const struct profile_group *group = &f->categories[category];
		const struct figures *self = &group->tally.self;
		char note[128];
		if (!(self->values[STACK_TIME] > 0) && !(self->values[STACK_ALLOCATIONS] > 0))
			continue;
		function_list_note(v, false, note, sizeof(note));
		view_heading(v, note, "%sIN %s BY %s", view_top(v).text, group->name,
		             order->heading);
		function_list_write(
		        v,
		        &(struct function_list){.title = "",
		                                .others = "others",
		                                .columns = FUNCTION_WHERE | FUNCTION_MEMORY,
		                                .shown = is_of_category,
		                                .data = &category,
		                                .ranks = true},
		        v->top);
	}
	function_list_missing(v);
}

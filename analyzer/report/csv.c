/* csv.c: see csv.h; and the tables of functions and of categories. */
#include "report/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/function_order.h"

void csv_begin(struct csv *csv, const struct report_options *options, struct text *out,
               const char *names)
{
	*csv = (struct csv){.out = out, .trace = options->many ? options->trace : NULL};
	text_printf(out, "%s%s\n", csv->trace ? "trace," : "", names);
}

static void add_text(struct text *out, const char *cell)
{
	if (!cell[strcspn(cell, ",\"\r\n")]) {
		text_string(out, cell);
		return;
	}
	text_string(out, "\"");
	for (; *cell; cell++)
		text_add(out, *cell == '"' ? "\"\"" : cell, *cell == '"' ? 2 : 1);
	text_string(out, "\"");
}

static void begin_cell(struct csv *csv)
{
	if (!csv->in_row && csv->trace)
		add_text(csv->out, csv->trace);
	text_string(csv->out, csv->in_row || csv->trace ? "," : "");
	csv->in_row = true;
}

void csv_text(struct csv *csv, const char *cell)
{
	begin_cell(csv);
	add_text(csv->out, cell);
}

void csv_number(struct csv *csv, double number)
{
	begin_cell(csv);
	if (isfinite(number))
		text_printf(csv->out, "%.9g", number);
}

void csv_count(struct csv *csv, int64_t count)
{
	begin_cell(csv);
	if (count != PROFILE_UNKNOWN)
		text_printf(csv->out, "%" PRId64, count);
}

void csv_end_row(struct csv *csv)
{
	text_string(csv->out, "\n");
	csv->in_row = false;
}

/* ---- shared tables ------------------------------------------------------------------------ */

static void share_cells(struct csv *csv, const struct functions *f, const struct figures *of)
{
	struct proportion share = functions_share(f, of);
	csv_number(csv, share.share);
	csv_number(csv, share.low);
	csv_number(csv, share.high);
}

static void memory_cells(struct csv *csv, const struct profile *p, const struct figures *of)
{
	for (int metric = STACK_ALLOCATIONS; metric <= STACK_LIVE; metric++)
		csv_number(csv, p->heap ? of->values[metric] : NAN);
}

void csv_functions(const struct profile *p, const struct report_options *options, struct text *out)
{
	const struct function_order *order = function_order_of(p, options->sort, false);
	size_t count;
	const struct profile_function **sorted = functions_sorted_for_programs(p, order, &count);
	const struct functions *f = &p->functions;
	size_t top = options->top ? options->top : count;
	struct csv csv;
	csv_begin(
	        &csv, options, out,
	        "function,file,line,module,category,component,own,self_seconds,self_share,"
	        "self_share_low,self_share_high,inclusive_seconds,samples,inclusive_samples,calls,"
	        "counted_self_seconds,counted_inclusive_seconds,allocations,bytes_allocated,"
	        "peak_bytes,live_at_exit_bytes,site_allocations,site_bytes_allocated,"
	        "site_peak_bytes,site_live_at_exit_bytes");
	for (size_t i = 0; i < count && i < top; i++) {
		const struct profile_function *one = sorted[i];
		bool sampled = f->all.samples > 0;
		csv_text(&csv, one->name);
		csv_text(&csv, one->file);
		csv_count(&csv, one->line ? one->line : PROFILE_UNKNOWN);
		csv_text(&csv, one->module);
		csv_text(&csv, f->categories[one->category].name);
		csv_text(&csv,
		         one->component == FUNCTION_NONE ? "" : f->components[one->component].name);
		csv_count(&csv, one->own);
		csv_number(&csv, sampled ? one->tally.self.values[STACK_TIME] : NAN);
		share_cells(&csv, f, &one->tally.self);
		csv_number(&csv, sampled ? one->tally.inclusive.values[STACK_TIME] : NAN);
		csv_number(&csv, sampled ? one->tally.self.samples : NAN);
		csv_number(&csv, sampled ? one->tally.inclusive.samples : NAN);
		csv_count(&csv, one->calls);
		csv_number(&csv, one->counted_self);
		csv_number(&csv, one->counted_inclusive);
		memory_cells(&csv, p, &one->tally.self);
		memory_cells(&csv, p, &one->tally.site);
		csv_end_row(&csv);
	}
	free(sorted);
}

void csv_categories(const struct profile *p, const struct report_options *options, struct text *out)
{
	const struct functions *f = &p->functions;
	struct csv csv;
	csv_begin(&csv, options, out,
	          "category,functions,self_seconds,self_share,self_share_low,self_share_high,"
	          "inclusive_seconds,samples,allocations,bytes_allocated,peak_bytes,"
	          "live_at_exit_bytes");
	for (size_t i = 0; i < f->categories_count; i++) {
		const struct profile_group *one = &f->categories[i];
		bool sampled = f->all.samples > 0;
		csv_text(&csv, one->name);
		csv_count(&csv, one->functions);
		csv_number(&csv, sampled ? one->tally.self.values[STACK_TIME] : NAN);
		share_cells(&csv, f, &one->tally.self);
		csv_number(&csv, sampled ? one->tally.inclusive.values[STACK_TIME] : NAN);
		csv_number(&csv, sampled ? one->tally.self.samples : NAN);
		memory_cells(&csv, p, &one->tally.self);
		csv_end_row(&csv);
	}
}

/* raw.c: every function in a row, in the columns of Python's pstats, for other programs and for
 * grep:
 *
 *     ncalls  tottime  percall  cumtime  percall  file:line(function)
 *
 * Blanks separate the first five, none of which has any; the rest of the line is the sixth.
 * Seconds;
 * "-" is not known. Times are CPU time by samples, or, where calls were counted and the samples of
 * the user's own functions are few, those of counted calls: then what was not counted has none.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "report/function_order.h"
#include "report/json_functions.h"
#include "report/marks.h"
#include "report/report.h"

static void number_cell(struct text *out, double seconds)
{
	if (isnan(seconds))
		text_printf(out, " %12s", "-");
	else
		text_printf(out, " %12.6f", seconds);
}

static double per_call(double seconds, int64_t calls)
{
	return calls > 0 ? seconds / (double)calls : NAN;
}

static void row(struct text *out, const struct profile *p, const struct profile_function *f)
{
	text_string(out, MARK_WHOLE);
	double self = function_self(p, f, true), inclusive = function_inclusive(p, f, true);
	if (f->calls == PROFILE_UNKNOWN)
		text_printf(out, "%10s", "-");
	else
		text_printf(out, "%10" PRId64, f->calls);
	number_cell(out, self);
	number_cell(out, per_call(self, f->calls));
	number_cell(out, inclusive);
	number_cell(out, per_call(inclusive, f->calls));
	text_printf(out, " %s:%u(%s)\n",
	            *f->file     ? f->file
	            : *f->module ? f->module
	                         : "~",
	            f->line, f->name);
}

static void time_missing(const struct profile *p, struct text *out)
{
	struct time_missing missing = functions_time_missing(p);
	text_printf(out, MARK_WHOLE "# no time of functions: %s", missing.why);
	if (missing.freq)
		text_printf(out, " with memprof run --freq %s, or --count-calls", missing.freq);
	text_string(out, "\n");
}

void raw_text(const struct profile *p, const struct report_options *options, struct text *out)
{
	const struct function_order *order = function_order_of(p, options->sort, false);
	size_t count;
	const struct profile_function **sorted = functions_sorted_for_programs(p, order, &count);
	size_t top = options->top ? options->top : count;
	text_printf(out, "%10s %12s %12s %12s %12s file:line(function)\n", "ncalls", "tottime",
	            "percall", "cumtime", "percall");
	for (size_t i = 0; i < count && i < top; i++)
		row(out, p, sorted[i]);
	free(sorted);
	if (!functions_have_time(p))
		time_missing(p, out);
	else if (functions_time(p, true) == FUNCTION_TIME_COUNTED)
		text_string(out, "# wall time of counted calls; other functions have none\n");
}

static json_t *raw_row(const struct profile *p, const struct profile_function *f)
{
	double self = function_self(p, f, true), inclusive = function_inclusive(p, f, true);
	json_t *o = json_object();
	json_set(o, "ncalls", json_count(f->calls));
	json_set(o, "tottime", json_number_of(self));
	json_set(o, "percall", json_number_of(per_call(self, f->calls)));
	json_set(o, "cumtime", json_number_of(inclusive));
	json_set(o, "cumtime_percall", json_number_of(per_call(inclusive, f->calls)));
	json_set(o, "file", *f->file ? json_text(f->file) : json_null());
	json_set(o, "line", f->line ? json_count(f->line) : json_null());
	json_set(o, "module", *f->module ? json_text(f->module) : json_null());
	json_set(o, "function", json_text(f->name));
	return o;
}

json_t *raw_json(const struct profile *p, const struct report_options *options)
{
	const struct function_order *order = function_order_of(p, options->sort, false);
	size_t count;
	const struct profile_function **sorted = functions_sorted_for_programs(p, order, &count);
	size_t top = options->top ? options->top : count;
	json_t *document = json_object(), *list = json_array();
	for (size_t i = 0; i < count && i < top; i++)
		json_array_append_new(list, raw_row(p, sorted[i]));
	free(sorted);
	json_set(document, "schema_version", json_integer(JSON_SCHEMA_VERSION));
	json_set(document, "report", json_string("raw"));
	json_set(document, "run", json_run(p));
	static const char *const kinds[] = {
	        [FUNCTION_TIME_SAMPLED] = "sampled", [FUNCTION_TIME_COUNTED] = "counted"};
	const char *kind = kinds[functions_time(p, true)];
	json_set(document, "time", kind ? json_string(kind) : json_null());
	json_set(document, "sorted_by", json_string(order->name));
	json_set(document, "functions", list);
	return document;
}

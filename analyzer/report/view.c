/* view.c: see view.h. */
#include "report/view.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/estimate.h"

struct view view_of(const struct profile *p, const struct report_options *options, struct text *out)
{
	size_t top = options->top ? options->top : TOP_DEFAULT;
	return (struct view){p, options, out, top, profile_has_steps(p)};
}

void view_heading(struct view *v, const char *note, const char *title, ...)
{
	char line[128];
	va_list arguments;
	va_start(arguments, title);
	vsnprintf(line, sizeof(line), title, arguments);
	va_end(arguments);
	text_printf(v->out, "\n" MARK_HEADING "%s" MARK_END, line);
	if (*note)
		text_printf(v->out, "  " MARK_FAINT "%s" MARK_END, note);
	text_string(v->out, "\n");
}

struct unit view_top(const struct view *v)
{
	struct unit top = {""};
	if (v->top != SIZE_MAX)
		snprintf(top.text, sizeof(top.text), "TOP %zu ", v->top);
	return top;
}

void view_shortened(struct view *v, const char *string, size_t columns)
{
	bool cut = text_columns(string) > columns;
	size_t length = cut ? text_prefix(string, columns - 1) : strlen(string);
	for (size_t i = 0; i < length; i++)
		text_add(v->out, (unsigned char)string[i] < ' ' ? "?" : string + i, 1);
	text_string(v->out, cut ? "…" : "");
}

static struct unit with_error(struct unit figure, double error, const char *sign)
{
	struct unit cell;
	snprintf(cell.text, sizeof(cell.text), "%.*s ±%.*f%s", UNIT_SIZE - 16, figure.text,
	         error < 9.95 ? 1 : 0, fmin(error, 9999), sign);
	return cell;
}

static struct unit of_few(struct unit figure)
{
	struct unit cell;
	snprintf(cell.text, sizeof(cell.text), "%.*s ±?", UNIT_SIZE - 8, figure.text);
	return cell;
}

struct unit view_estimate(const struct view *v, struct unit figure, double value,
                          struct variance variance)
{
	if (!v->p->sampled || isnan(value))
		return figure;
	if (estimate_of_few(value, variance))
		return of_few(figure);
	return with_error(figure, 100 * estimate_error(variance) / fabs(value), "%");
}

struct unit view_memory(const struct view *v, const struct figures *of, enum stack_metric metric)
{
	double value = of->values[metric];
	struct unit figure =
	        metric == STACK_ALLOCATIONS ? unit_count((int64_t)value) : unit_bytes(value);
	return view_estimate(v, figure, value, of->variances.of[metric]);
}

struct unit view_share(const struct view *v, double part, struct variance part_variance,
                       double whole, struct variance whole_variance)
{
	struct unit figure = unit_percent(whole > 0 ? part / whole : NAN);
	if (!v->p->sampled || !(whole > 0))
		return figure;
	if (estimate_of_few(whole, whole_variance))
		return of_few(figure);
	struct variance variance =
	        estimate_share_variance(part, part_variance, whole, whole_variance);
	return with_error(figure, 100 * estimate_error(variance), "");
}

static struct unit placed(const struct view *v, uint32_t phase, struct unit whole,
                          struct unit per_step)
{
	static const char *const before[] = {
	        [PLACE_STEPS] = "", [PLACE_OUTSIDE] = "(", [PLACE_BOTH] = "≤ "};
	enum profile_place place = v->p->places[phase];
	bool outside = place == PLACE_OUTSIDE;
	struct unit cell;
	if (!v->steps)
		return whole;
	bool below = !outside && *per_step.text == '<'; /* that says it, too */
	snprintf(cell.text, sizeof(cell.text), "%s%.*s%s", below ? "" : before[place],
	         UNIT_SIZE - 8, outside ? whole.text : per_step.text, outside ? ")" : "");
	return cell;
}

struct unit view_count(const struct view *v, uint32_t phase, double count, struct variance variance)
{
	if (!v->p->heap)
		return (struct unit){""};
	struct unit all = unit_count((int64_t)count);
	struct unit per_step = unit_number(count / (double)v->p->steps.count);
	return placed(v, phase, view_estimate(v, all, count, variance),
	              view_estimate(v, per_step, count, variance));
}

struct unit view_bytes(const struct view *v, uint32_t phase, double bytes, struct variance variance)
{
	if (!v->p->heap)
		return (struct unit){""};
	struct unit all = unit_bytes(bytes);
	struct unit per_step = unit_bytes(bytes / (double)v->p->steps.count);
	return placed(v, phase, view_estimate(v, all, bytes, variance),
	              view_estimate(v, per_step, bytes, variance));
}

const char *view_if_heap(const struct view *v, const char *cell)
{
	return v->p->heap ? cell : "";
}

const char *view_phase(const struct view *v, uint32_t phase)
{
	if (phase)
		return profile_phase_path(v->p, phase);
	if (v->steps && v->p->places[phase] == PLACE_OUTSIDE)
		return "outside of steps";
	return v->p->trace->phases_count > 1 ? "no phase" : "";
}

void view_places_note(struct view *v, bool outside, bool both)
{
	if (v->p->heap && v->steps && (outside || both))
		text_printf(v->out, "  " MARK_FAINT "%s%s%s" MARK_END "\n",
		            outside ? "(n): not a step's: all that was made outside of steps" : "",
		            outside && both ? "; " : "",
		            both ? "≤: some of it was perhaps made outside of steps" : "");
}

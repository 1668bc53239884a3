/* section_unaccounted.c: time that no phase accounts for, in plain words: how much, on which
 * functions, how much of it off the CPU; and what the process did meanwhile that the kernel counts.
 */
#include "report/sections.h"

#include <math.h>

/* Of fewer samples no function is named. */
#define SAMPLES_MIN 5

static void functions_of(struct view *v, const struct hunt *hunt)
{
	const struct functions *f = &v->p->functions;
	struct proportion half = proportion_of(0.5 * hunt->samples, hunt->samples);
	if (isnan(hunt->samples))
		return;
	if (hunt->samples < SAMPLES_MIN) {
		text_string(v->out, "; too few samples to tell on what");
		return;
	}
	for (size_t i = 0; i < hunt->functions_count; i++) {
		const struct hunted_function *one = &hunt->functions[i];
		text_string(v->out, i ? ", " : "\n    CPU in ");
		view_shortened(v, f->list[one->function].name, 40);
		text_printf(v->out, " %s %%", PERCENT(one->seconds / hunt->cpu));
	}
	text_printf(v->out, " (±%s, %s samples)", PERCENT(proportion_error(half)),
	            COUNT((int64_t)hunt->samples));
}

/* What is left of the wall time is off the CPU, if it is more than the error of the samples. */
static bool is_off_cpu(const struct hunt *hunt)
{
	double error = hunt->samples > 0 ? 1.96 * hunt->cpu / sqrt(hunt->samples) : hunt->seconds;
	return hunt->off_cpu > error + 0.1 * hunt->seconds;
}

static void hunt_line(struct view *v, const struct hunt *hunt)
{
	text_string(v->out, "  ");
	if (hunt->phase)
		view_shortened(v, profile_phase_path(v->p, hunt->phase), 60);
	else
		text_string(v->out, "outside of all phases");
	text_printf(v->out, ": %s, %s %%%s", SECONDS(hunt->seconds), PERCENT(hunt->share),
	            hunt->phase ? " of it" : " of a step");
	if (is_off_cpu(hunt))
		text_printf(v->out, "; %s of that off the CPU", SECONDS(hunt->off_cpu));
	functions_of(v, hunt);
	text_string(v->out, hunt->mixed && hunt->functions_count ? "; before and after steps, too\n"
	                                                         : "\n");
}

static bool is_known(int64_t value)
{
	return value != TRACE_UNKNOWN;
}

/* What the kernel counts is the process's, not a phase's. */
static void kernel_line(struct view *v)
{
	const struct trace_process *k = &v->p->trace->process;
	if (!k->known || !is_known(k->minor_faults))
		return;
	text_printf(v->out, "  " MARK_FAINT "the whole process: %s page faults (and %s from disk)",
	            COUNT(k->minor_faults), COUNT(k->major_faults));
	if (is_known(k->voluntary_switches))
		text_printf(v->out, "; waited %s times, pushed off the CPU %s",
		            COUNT(k->voluntary_switches), COUNT(k->involuntary_switches));
	if (is_known(k->read_bytes))
		text_printf(v->out, "\n    disk: read %s, wrote %s", BYTES(k->read_bytes),
		            BYTES(k->written_bytes));
	if (!isnan(v->p->run.system))
		text_printf(v->out, "; %s in the kernel", SECONDS(v->p->run.system));
	text_string(v->out, MARK_END "\n");
}

/* Scopes that are told of. */
#define SHOWN 5

void section_unaccounted(struct view *v)
{
	const struct hunts *hunts = &v->p->hunts;
	if (!hunts->count)
		return;
	view_heading(v, "of more than 5 % of a phase, which no phase in it accounts for",
	             "UNACCOUNTED TIME");
	for (size_t i = 0; i < hunts->count && i < SHOWN; i++)
		hunt_line(v, &hunts->list[i]);
	kernel_line(v);
}

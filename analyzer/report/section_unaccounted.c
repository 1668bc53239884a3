/* section_unaccounted.c: time that no phase accounts for, in plain words: how much, what it mostly
 * is, on which functions, how much of it off the CPU, and what the kernel counted there; where that
 * was not read, what it counted for the whole process.
 */
#include "report/sections.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

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

/* "; mostly page faults in memset". */
static void cause_of(struct view *v, const struct hunt *hunt)
{
	static const char *const words[] = {
	        [HUNT_CAUSE_WAITING] = "waiting",
	        [HUNT_CAUSE_PUSHED] = "pushed off the CPU by others",
	        [HUNT_CAUSE_FAULTS] = "page faults",
	        [HUNT_CAUSE_KERNEL] = "in the kernel",
	        [HUNT_CAUSE_CODE] = "computing",
	};
	if (hunt->cause == HUNT_CAUSE_UNKNOWN)
		return;
	text_printf(v->out, "; mostly %s", words[hunt->cause]);
	if (hunt->cause <= HUNT_CAUSE_PUSHED || !hunt->functions_count ||
	    hunt->samples < SAMPLES_MIN)
		return;
	text_string(v->out, " in ");
	view_shortened(v, v->p->functions.list[hunt->functions[0].function].name, 40);
}

/* A part of the line of what the kernel counted, with what stands between it and the one before. */
__attribute__((format(printf, 3, 4))) static void part(struct view *v, bool *any,
                                                       const char *format, ...)
{
	va_list arguments;
	char words[128];
	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	text_printf(v->out, "%s%s", *any ? "; " : "    ", words);
	*any = true;
}

/* What the kernel counted there; nothing where nothing was counted. */
static void usage_line(struct view *v, const struct hunt *hunt)
{
	const struct usage *u = &hunt->usage;
	bool any = false;
	if (!u->known)
		return;
	if (u->minor_faults || u->major_faults)
		part(v, &any, "%s page faults, %s from disk",
		     COUNT(u->minor_faults + u->major_faults), COUNT(u->major_faults));
	if (u->waits)
		part(v, &any, "waited %s times", COUNT(u->waits));
	if (u->preempted)
		part(v, &any, "pushed off the CPU %s", COUNT(u->preempted));
	if (u->system > 0.01 * hunt->seconds)
		part(v, &any, "%s in the kernel", SECONDS(u->system));
	if (u->read_bytes || u->written_bytes)
		part(v, &any, "disk: read %s, wrote %s", BYTES(u->read_bytes),
		     BYTES(u->written_bytes));
	if (any && u->with_short)
		text_string(v->out, "\n    (with that of phases in it too short to be asked)");
	if (any)
		text_string(v->out, "\n");
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
	cause_of(v, hunt);
	if (is_off_cpu(hunt))
		text_printf(v->out, "; %s of that off the CPU", SECONDS(hunt->off_cpu));
	functions_of(v, hunt);
	text_string(v->out, hunt->mixed && hunt->functions_count ? "; before and after steps, too\n"
	                                                         : "\n");
	usage_line(v, hunt);
}

static bool is_known(int64_t value)
{
	return value != TRACE_UNKNOWN;
}

/* For scopes that were too short to be asked. */
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
	bool all = true, any = false;
	for (size_t i = 0; i < hunts->count && i < SHOWN; i++) {
		hunt_line(v, &hunts->list[i]);
		all = all && hunts->list[i].usage.known;
		any = any || hunts->list[i].usage.known;
	}
	if (any)
		section_usage_of_others(v);
	if (!all || v->p->trace->threads_count > 1)
		kernel_line(v);
}

/* scaling_section_outlook.c: what comes as sizes grow: which phase overtakes which, and where
 * memory ends. */
#include "report/scaling_view.h"

#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "scaling/outlook.h"

#define CROSSINGS_MAX 8

/* What a step will take: one line. */
void scaling_section_step(const struct scaling_view *v)
{
	const struct study_row *cpu = study_find(v->study, SUBJECT_STEP, "step", METRIC_CPU);
	const struct study_row *row =
	        cpu && !cpu->trouble ? cpu
	                             : study_find(v->study, SUBJECT_STEP, "step", METRIC_WALL);
	if (!row || row->trouble)
		return;
	double largest = study_row_largest(row), now = scaling_value_at(row, largest);
	scaling_heading(v->w, "", "A STEP AT %s", SIZE(v->target));
	scaling_line(v->w, "%s of %s time, %.3g× that of %s; law %s: %s",
	             scaling_predicted(v, row, v->target).text,
	             row->kind == METRIC_CPU ? "CPU" : "wall",
	             scaling_value_at(row, v->target) / now, SIZE(largest), scaling_law_name(row),
	             scaling_verdict(row));
}

static bool can_be_told(const struct outlook_crossing *crossing)
{
	return crossing->riser->fit.verdict != VERDICT_CANNOT_TELL &&
	       crossing->passed->fit.verdict != VERDICT_CANNOT_TELL;
}

void scaling_section_crossings(const struct scaling_view *v)
{
	struct outlook_crossing crossings[CROSSINGS_MAX];
	size_t count = outlook_crossings(v->study, v->target, crossings, CROSSINGS_MAX);
	size_t doubtful = 0;
	if (!count)
		return;
	scaling_heading(v->w, "self wall time", "CROSSOVERS UP TO %s", SIZE(v->target));
	for (size_t i = 0; i < count; i++) {
		const struct study_row *a = crossings[i].riser, *b = crossings[i].passed;
		bool sure = a->fit.verdict == VERDICT_SURE && b->fit.verdict == VERDICT_SURE;
		if (can_be_told(&crossings[i]))
			scaling_line(v->w, "from n ≈ %s %s overtakes %s%s",
			             SIZE(scaling_rounded(crossings[i].n)), a->path, b->path,
			             sure ? "" : " (likely)");
		else
			doubtful++;
	}
	if (doubtful)
		scaling_line(v->w, "%s%zu by laws that cannot be told (--format json lists them)",
		             doubtful < count ? "and " : "", doubtful);
}

static const char *limit_name(enum study_limit kind)
{
	static const char *const names[] = {"", "of the machine", "of the cgroup",
	                                    "of the address space", "given"};
	return names[kind];
}

static const char *fits_words(const struct outlook_memory *m)
{
	if (m->fits == VERDICT_CANNOT_TELL)
		return m->within ? "may fit" : "may not fit";
	return m->within ? "fits" : "does not fit";
}

static void limit_line(const struct scaling_view *v, const struct outlook_memory *m)
{
	if (isinf(m->reached)) {
		scaling_line(v->w, "the limit is not reached by this law");
		return;
	}
	char high[64] = "any";
	if (isfinite(m->reached_within.high))
		snprintf(high, sizeof(high), "%s", SIZE(scaling_rounded(m->reached_within.high)));
	scaling_line(v->w, "the limit is reached near %s %s [%s–%s]",
	             SIZE(scaling_rounded(m->reached)), v->study->against,
	             SIZE(scaling_rounded(m->reached_within.low)), high);
}

static void memory_law_line(const struct scaling_view *v, const struct outlook_memory *m)
{
	if (m->row->kind == METRIC_PEAK)
		scaling_line(
		        v->w,
		        "by the law of what the heap holds at its peak, %s (%s), of which RSS is "
		        "%s + %.3g ×: RSS has no law of its own to rely on",
		        scaling_law_name(m->row), scaling_verdict(m->row), BYTES(m->base),
		        m->times);
	else
		scaling_line(v->w, "law %s: %s", scaling_law_name(m->row), scaling_verdict(m->row));
}

void scaling_section_memory(const struct scaling_view *v)
{
	struct outlook_memory m = outlook_memory(v->study, v->target);
	if (!m.row)
		return;
	scaling_heading(v->w, "peak RSS without the profiler", "MEMORY");
	char limit[128] = "";
	if (m.limit > 0)
		snprintf(limit, sizeof(limit), " of %s (%s): %s", BYTES(m.limit),
		         limit_name(v->study->limit_kind), fits_words(&m));
	scaling_line(v->w, "%s %s: %s %s%s; %.3g× the largest measured: %s", SIZE(v->target),
	             v->study->against, BYTES(m.at.value),
	             scaling_interval(METRIC_BYTES, &m.at).text, limit, m.beyond,
	             fit_verdict_name(m.limit > 0 ? m.fits : m.verdict));
	if (m.limit > 0)
		limit_line(v, &m);
	memory_law_line(v, &m);
}

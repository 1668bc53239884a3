/* scaling_section_outlook.c: what comes as sizes grow: which phase overtakes which, and where
 * memory ends. */
#include "report/scaling_view.h"

#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "scaling/outlook.h"

#define CROSSINGS_MAX 8

void scaling_section_crossings(const struct scaling_view *v)
{
	struct outlook_crossing crossings[CROSSINGS_MAX];
	size_t count = outlook_crossings(v->study, v->target, crossings, CROSSINGS_MAX);
	if (!count)
		return;
	scaling_heading(v->w, "self wall time", "CROSSOVERS UP TO %s", SIZE(v->target));
	for (size_t i = 0; i < count; i++) {
		const struct study_row *a = crossings[i].riser, *b = crossings[i].passed;
		bool sure = a->fit.verdict == VERDICT_SURE && b->fit.verdict == VERDICT_SURE;
		scaling_line(v->w, "from n ≈ %s %s overtakes %s%s", SIZE(crossings[i].n), a->path,
		             b->path, sure ? "" : " (their laws are not sure)");
	}
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
		return m->within ? "may fit: cannot tell" : "may not fit: cannot tell";
	if (m->fits == VERDICT_LIKELY)
		return m->within ? "fits: likely" : "does not fit: likely";
	return m->within ? "fits: sure" : "does not fit: sure";
}

static void limit_line(const struct scaling_view *v, const struct outlook_memory *m)
{
	if (isinf(m->reached)) {
		scaling_line(v->w, "the limit is not reached by this law");
		return;
	}
	char high[64] = "any";
	if (isfinite(m->reached_within.high))
		snprintf(high, sizeof(high), "%s", SIZE(m->reached_within.high));
	scaling_line(v->w, "the limit is reached near %s %s [%s–%s]", SIZE(m->reached),
	             v->study->against, SIZE(m->reached_within.low), high);
}

void scaling_section_memory(const struct scaling_view *v)
{
	struct outlook_memory m = outlook_memory(v->study, v->target);
	if (!m.row)
		return;
	scaling_heading(v->w, metric_info(m.row->kind)->words, "MEMORY");
	char limit[128] = "";
	if (m.limit > 0)
		snprintf(limit, sizeof(limit), " of %s (%s): %s", BYTES(m.limit),
		         limit_name(v->study->limit_kind), fits_words(&m));
	scaling_line(v->w, "%s %s: %s [%s–%s]%s; %.3g× the largest measured; law %s, %s",
	             SIZE(v->target), v->study->against, BYTES(m.at.value),
	             BYTES(m.at.interval.low), BYTES(m.at.interval.high), limit, m.beyond,
	             scaling_law_name(m.row), scaling_verdict(m.row));
	if (m.limit > 0)
		limit_line(v, &m);
}

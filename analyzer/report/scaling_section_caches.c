/* scaling_section_caches.c: where the working set leaves the processor's caches, and what that does
 * to predictions of time. */
#include "report/scaling_view.h"

#include <math.h>

#include "base/units.h"
#include "scaling/caches.h"

static void cache_line(const struct scaling_view *v, const struct study_cache *cache)
{
	const char *against = v->study->against;
	struct unit bytes = unit_bytes(cache->bytes);
	const struct study_row *row = caches_working_set(v->study);
	double most = study_value(v->study, row, v->target), largest = study_row_largest(row);
	if (cache->seen && cache->left_at <= 0)
		scaling_line(v->w, "%s, %s: all sizes measured are beyond it", cache->name,
		             bytes.text);
	else if (cache->seen)
		scaling_line(
		        v->w,
		        "%s, %s: left near %s %s, among the sizes measured: their times hold it",
		        cache->name, bytes.text, SIZE(scaling_rounded(cache->left_at)), against);
	else if (cache->left_at < v->target)
		scaling_line(v->w,
		             "! %s, %s: left near %s %s, %s: times may lie "
		             "above their laws from there on, so intervals reach up to %.0f times "
		             "as high; measure %u sizes beyond it",
		             cache->name, bytes.text, SIZE(scaling_rounded(cache->left_at)),
		             against,
		             cache->left_at < largest ? "and few of the sizes measured are larger"
		                                      : "beyond the sizes measured",
		             CACHES_RAISE, CACHES_BEYOND);
	else
		scaling_line(v->w, "%s, %s: the working set stays in it up to %s %s%s", cache->name,
		             bytes.text, SIZE(v->target), against,
		             most > cache->bytes / 2 ? ", if nobody else uses half of it" : "");
}

void scaling_section_caches(const struct scaling_view *v)
{
	const struct study_row *row = caches_working_set(v->study);
	const struct study_cache *caches = v->study->caches;
	if (!row || (!caches[0].name && !caches[1].name))
		return;
	scaling_heading(v->w, "", "CACHES");
	scaling_line(v->w, "the working set, taken to be %s: %s at %s, %s at %s",
	             row->kind == METRIC_PEAK ? "what the heap holds at its peak" : "the peak RSS",
	             BYTES(study_value(v->study, row, study_row_largest(row))),
	             SIZE(study_row_largest(row)), scaling_predicted(v, row, v->target).text,
	             SIZE(v->target));
	for (size_t i = 0; i < STUDY_CACHES; i++)
		if (caches[i].name)
			cache_line(v, &caches[i]);
	if (!caches[1].name)
		scaling_line(v->w, "the size of the last level is not known: `memprof caches` "
		                   "measures it, and with --cache this says where it is left");
	else if (v->study->options.cache <= 0)
		scaling_line(v->w, "sizes are as the processor tells them; a virtual machine has "
		                   "often less of the last level: `memprof caches` measures it, "
		                   "--cache takes it");
}

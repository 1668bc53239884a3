/* rising.c: see rising.h. */
#include "scaling/rising.h"

#include <string.h>

static bool is_whole(const struct study_row *row)
{
	bool is_time = row->kind == METRIC_CPU || row->kind == METRIC_WALL;
	return is_time && (row->subject == SUBJECT_STEP || row->subject == SUBJECT_PHASE) &&
	       !row->trouble && !row->breaks.found && !row->fit.exact;
}

static bool lies_in(const struct study_row *part, const struct study_row *whole)
{
	size_t length = strlen(whole->path);
	return whole->subject == SUBJECT_STEP ||
	       (strncmp(part->path, whole->path, length) == 0 &&
	        (part->path[length] == '\0' || part->path[length] == '/'));
}

static double largest_value(const struct study_row *row)
{
	return row->series.points[row->series.count - 1].reduced;
}

/* How much of a whole a part is at the largest size; 0: that is not known. */
static double share_of(const struct study *study, const struct study_row *part,
                       const struct study_row *whole)
{
	/* A phase's own time is wall time. */
	const struct study_row *wall = study_find(study, whole->subject, whole->path, METRIC_WALL);
	return wall && !wall->trouble && wall->series.count == part->series.count
	               ? largest_value(part) / largest_value(wall)
	               : 0;
}

/* The parts of a whole that are seen in it. */
struct parts {
	const struct study_row *fastest, *fastest_sure, *largest; /* NULL: there is none */
	double largest_share;
};

static void add_part(struct parts *parts, const struct study_row *part, double share)
{
	const struct law *law = fit_law(&part->fit);
	if (!parts->fastest || law_compare(law, fit_law(&parts->fastest->fit)) > 0)
		parts->fastest = part;
	if (part->fit.verdict == VERDICT_SURE &&
	    (!parts->fastest_sure || law_compare(law, fit_law(&parts->fastest_sure->fit)) > 0))
		parts->fastest_sure = part;
	if (share > parts->largest_share) {
		parts->largest = part;
		parts->largest_share = share;
	}
}

static struct parts parts_of(const struct study *study, const struct study_row *whole)
{
	struct parts parts = {0};
	for (size_t i = 0; i < study->rows_count; i++) {
		const struct study_row *part = &study->rows[i];
		if (part->subject != SUBJECT_PHASE || part->kind != METRIC_SELF || part->trouble ||
		    !lies_in(part, whole))
			continue;
		double share = share_of(study, part, whole);
		if (share >= RISING_SHARE)
			add_part(&parts, part, share);
	}
	return parts;
}

/* The upper law that a whole has by its parts, where it is not the one that was found; −1: there is
 * none. */
static int law_by_parts(const struct study *study, const struct study_row *whole)
{
	const struct parts parts = parts_of(study, whole);
	const struct law *found = fit_law(&whole->fit);
	const struct study_row *sure = parts.fastest_sure;
	if (sure && law_compare(fit_law(&sure->fit), found) > 0)
		return sure->fit.law;
	bool too_fast = whole->fit.sums.count && sure && sure == parts.largest &&
	                parts.largest_share >= RISING_MOST &&
	                law_compare(found, fit_law(&parts.fastest->fit)) > 0;
	return too_fast ? sure->fit.law : -1;
}

void rising_apply(struct study *study)
{
	for (size_t i = 0; i < study->rows_count; i++) {
		struct study_row *row = &study->rows[i];
		int law = is_whole(row) ? law_by_parts(study, row) : -1;
		if (law >= 0)
			fit_raise(&row->fit, &row->series, law);
	}
}

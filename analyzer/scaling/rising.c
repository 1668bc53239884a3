/* rising.c: see rising.h. */
#include "scaling/rising.h"

#include <string.h>

static bool is_whole(const struct study_row *row)
{
	bool is_time = row->kind == METRIC_CPU || row->kind == METRIC_WALL;
	return is_time && (row->subject == SUBJECT_STEP || row->subject == SUBJECT_PHASE) &&
	       !row->trouble && !row->breaks.found && !row->fit.exact && !row->fit.sums.count;
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

static bool is_seen_in(const struct study *study, const struct study_row *part,
                       const struct study_row *whole)
{
	/* A phase's own time is wall time. */
	const struct study_row *wall = study_find(study, whole->subject, whole->path, METRIC_WALL);
	return wall && !wall->trouble && wall->series.count == part->series.count &&
	       largest_value(part) >= RISING_SHARE * largest_value(wall);
}

/* The fastest law of a part of it that is surely faster than its own; −1: there is none. */
static int fastest_part(const struct study *study, const struct study_row *whole)
{
	const struct law *fastest = fit_law(&whole->fit);
	int found = -1;
	for (size_t i = 0; i < study->rows_count; i++) {
		const struct study_row *part = &study->rows[i];
		if (part->subject == SUBJECT_PHASE && part->kind == METRIC_SELF && !part->trouble &&
		    part->fit.verdict == VERDICT_SURE && lies_in(part, whole) &&
		    law_compare(fit_law(&part->fit), fastest) > 0 &&
		    is_seen_in(study, part, whole)) {
			found = part->fit.law;
			fastest = fit_law(&part->fit);
		}
	}
	return found;
}

void rising_apply(struct study *study)
{
	for (size_t i = 0; i < study->rows_count; i++) {
		struct study_row *row = &study->rows[i];
		int law = is_whole(row) ? fastest_part(study, row) : -1;
		if (law >= 0)
			fit_raise(&row->fit, &row->series, law);
	}
}

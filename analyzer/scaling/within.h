/* within.h: laws from one run whose population changes.
 *
 * Each window of a trace is an observation: the population in it and at its end, its age (steps
 * that had ended), the mean time of its steps, and what was live at its end. A quantity is fitted
 * as
 *
 *     c0 + c1·f(agents) + c2·age
 *
 * for each law f; the one that leaves least is taken. So "slower because more agents" is told from
 * "slower with age" (a leak, a growing log, fragmentation): each slope is that with the other held,
 * and its interval allows for observations that remember (stats/plane.h). Where population and age
 * move together (R² of one from the other above WITHIN_SHARED) nobody can tell, and that is said.
 */
#ifndef ANALYZER_SCALING_WITHIN_H
#define ANALYZER_SCALING_WITHIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "base/memory.h"
#include "model/profile.h"
#include "scaling/law.h"
#include "stats/plane.h"

#define WITHIN_WINDOWS_MIN 8
#define WITHIN_RANGE_MIN   1.2  /* the largest population by the smallest */
#define WITHIN_SHARED      0.95 /* R² */
#define WITHIN_EFFECT_MIN  0.02 /* of the mean: less is no finding */

enum within_cause {
	WITHIN_AGENTS, /* it grows with the population, not with age */
	WITHIN_AGE,    /* it grows with age, not with the population */
	WITHIN_BOTH,
	WITHIN_NEITHER,
	WITHIN_CANNOT_TELL, /* population and age move together */
};

struct within_row {
	const char *path, *metric;
	double *values; /* by window that counts */
	enum within_cause cause;
	const struct law *law; /* against the population; of no meaning but for AGENTS and BOTH */
	bool law_sure;         /* no other law leaves less than twice as much */
	struct slope agents;   /* c1 */
	struct slope age;      /* c2: per step */
	double agents_share,
	        age_share; /* of the mean: what each makes from its least to its most */
	double effect;     /* the larger of these, in what the row is measured in */
	double shared;     /* R² of population and age */
	bool bytes;
};

struct within {
	const char *source;
	double *during, *after;    /* the population over a window, and at its end */
	double *ages, *ages_after; /* in the middle of a window, and at its end */
	size_t windows;
	double least, most;      /* agents */
	struct within_row *rows; /* times first; what grows first; by what agents or age make */
	size_t count, capacity;
	struct arena arena;
};

/* False, with `failure` set, where the run cannot tell: too few windows, or a population that stays
 * as it is. */
bool within_build(struct within *within, const struct profile *profile, const char *source,
                  struct failure *failure);
void within_free(struct within *within);

/* "with agents", "with age" … */
const char *within_cause_name(enum within_cause cause);

#endif

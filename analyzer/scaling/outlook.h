/* outlook.h: what the laws of a study mean at a size to come.
 *
 *   plan       which further size would decide between the two most probable laws of a row
 *   crossings  from which size on one phase takes more time than another
 *   memory     what the run will hold, and at which size the limit is reached
 *   published  the verdict of a classifier that agent simulations use, beside ours: the ratio of
 *              times below 1.5 times the ratio of counts is near-linear, below 2.5 times
 *              sub-quadratic (Dooders, AgentFarm)
 */
#ifndef ANALYZER_SCALING_OUTLOOK_H
#define ANALYZER_SCALING_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "scaling/study.h"

/* As many runs of a size tell its noise. */
#define OUTLOOK_REPETITIONS 5

struct outlook_plan {
	bool needed;       /* the law is not sure */
	double n;          /* the size that would decide; NAN: none within 16 times either way */
	double one, other; /* what the law and the runner-up say there */
	size_t repetitions;
};

/* The size nearest to those measured, of 2, 4, 8 and 16 times the largest and, below them, of a
 * half to a sixteenth of the smallest, where the 95 % intervals of both laws, and the noise of a
 * measurement around them, lie apart. Below comes first: small runs are cheap. */
struct outlook_plan outlook_plan(const struct study_row *row);

struct outlook_crossing {
	const struct study_row *riser, *passed; /* the riser is passed no more */
	double n;
};

/* Of phases' self time, between the largest measured size and `target`, by n. Only phases that take
 * a hundredth of the step or more at either end. Returns how many were put into `crossings`. */
size_t outlook_crossings(const struct study *study, double target,
                         struct outlook_crossing *crossings, size_t capacity);

/* What the process will hold. Its peak RSS, without the profiler's part, has a law of its own; but
 * small processes are mostly what every process has, and a law of that says little of large ones.
 * Where the law of RSS cannot be told, or lies below the heap's (which counts exactly), RSS is
 * taken to be base + times × heap, by least squares over the sizes measured; `times` is at least 1.
 */
struct outlook_memory {
	const struct study_row *row; /* peak RSS, or the heap's peak; NULL: neither is known */
	double base, times;          /* RSS by the heap; 0 and 1 where `row` is RSS */
	struct fit_prediction at;    /* the target */
	double limit;                /* bytes; 0: none is known */
	enum verdict verdict;        /* of the law */
	enum verdict fits;           /* sure: it fits, or does not */
	bool within;                 /* the prediction lies below the limit */
	double reached;              /* n at which the limit is met; INFINITY: at none */
	struct interval reached_within;
	double beyond; /* the target by the largest size measured */
};

struct outlook_memory outlook_memory(const struct study *study, double target);

/* The size, from the least measured on, at which a row reaches a value; INFINITY: at none. */
double outlook_reaches(const struct study *study, const struct study_row *row, double value);

/* One of these; NULL where there are no two sizes. */
#define OUTLOOK_NEAR_LINEAR   "near-linear"
#define OUTLOOK_SUB_QUADRATIC "sub-quadratic"
#define OUTLOOK_QUADRATIC     "quadratic or worse"
const char *outlook_published(const struct study_row *row);

/* The probability that a row's law is of a higher class than `law` (of any set). */
double outlook_above(const struct study_row *row, const struct law *law);

#endif

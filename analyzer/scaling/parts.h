/* parts.h: the heap's peak as the sum of what its call-sites held there.
 *
 * Those sums are exact, so the laws of call-sites are a law of the peak. Each of them is simple (a
 * table an agent, a buffer that is full from some size on), while their sum may bend where no
 * single law does. So where the peak's own law is not sure, and nearly all that was held at the
 * largest size is of call-sites whose laws are sure or likely, the peak is predicted by these.
 */
#ifndef ANALYZER_SCALING_PARTS_H
#define ANALYZER_SCALING_PARTS_H

#include "scaling/study.h"

/* Of the peak at the largest size: what call-sites with a law must make up; and how near the sum of
 * the laws must come to it. */
#define PARTS_SHARE 0.90
#define PARTS_NEAR  0.02

/* Decides; after all rows are fitted. */
void parts_decide(struct study *study);

/* True of the one row that is predicted by its parts. */
bool parts_tell(const struct study *study, const struct study_row *row);

struct fit_prediction parts_predict(const struct study *study, double n);
double parts_value(const struct study *study, double n);

#endif

/* rising.h: a whole grows as fast as its fastest part.
 *
 * Where a phase's own time surely grows faster than the law that was found of the step, or of a
 * phase around it, that law is not the whole's: under noise one law describes the sum of a slow and
 * a fast part well enough, and says far too little of larger sizes. The whole is then fitted as a
 * sum whose upper law is the part's (sums.h), which takes no further proof. Parts that are less
 * than RISING_SHARE of the whole at the largest size are not seen in it, and left alone.
 *
 * Nor does it grow faster. Where a sum was found whose upper law is faster than that of any part
 * that is seen, and one that makes RISING_MOST of the whole has its law for sure, the upper law is
 * that one's: noise at the small sizes made the other lie nearer.
 */
#ifndef ANALYZER_SCALING_RISING_H
#define ANALYZER_SCALING_RISING_H

#include "scaling/study.h"

#define RISING_SHARE 0.10
#define RISING_MOST  0.50

/* Mends the laws of times that need it; after all rows are fitted. */
void rising_apply(struct study *study);

#endif

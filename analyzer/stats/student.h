/* student.h: quantiles of the distributions that intervals are made with. */
#ifndef ANALYZER_STATS_STUDENT_H
#define ANALYZER_STATS_STUDENT_H

/* The standard normal distribution's 97.5 % quantile. */
#define NORMAL_975 1.959963984540054

/* Student's t's 97.5 % quantile with `freedom` ≥ 1 degrees of freedom. Exact for 1 and 2, else by
 * the expansion in 1/freedom of Fisher and Cornish (1960; Abramowitz & Stegun 26.7.5), which is
 * within 0.5 % from 3 on. NAN below 1. */
double student_975(double freedom);

#endif

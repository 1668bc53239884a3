/* student.h: quantiles of the distributions that intervals are made with. */
#ifndef ANALYZER_STATS_STUDENT_H
#define ANALYZER_STATS_STUDENT_H

/* The standard normal distribution's 97.5 % quantile. */
#define NORMAL_975 1.959963984540054

/* Student's t's 97.5 % quantile with `freedom` ≥ 1 degrees of freedom. Exact for 1 and 2, else by
 * the expansion in 1/freedom of Fisher and Cornish (1960; Abramowitz & Stegun 26.7.5), which is
 * within 0.5 % from 3 on. NAN below 1. */
double student_975(double freedom);

/* The probability that Student's t with `freedom` degrees of freedom, a whole number from 1 on, is
 * below `t`. Exact (Abramowitz & Stegun 26.7.3 and 26.7.4) up to 200, above that by the normal
 * distribution of t·(1 − 1/(4·freedom)) / √(1 + t²/(2·freedom)) (26.7.8). */
double student_below(double t, double freedom);

#endif

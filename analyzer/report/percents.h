/* percents.h: shares that add up to 100.0 as they are printed. */
#ifndef ANALYZER_REPORT_PERCENTS_H
#define ANALYZER_REPORT_PERCENTS_H

#include <stddef.h>

#include "base/units.h"

/* Tenths of a per cent of each of `values`, none negative, which add up to exactly 1,000: each is
 * cut off, and the tenths that are left go to those that lost most by it (the largest remainder
 * method, as seats are given to parties). All 0 where the values are. Free with free(). */
int *percents_of(const double *values, size_t count);

/* "45.6"; "<0.1" where nothing is left of a value that is not 0. */
struct unit percent_cell(int tenths, double value);

#endif

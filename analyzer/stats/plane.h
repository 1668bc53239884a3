/* plane.h: what a series owes to each of two others. */
#ifndef ANALYZER_STATS_PLANE_H
#define ANALYZER_STATS_PLANE_H

#include <stddef.h>

struct slope {
	double value, low, high; /* 95 % interval */
};

struct plane {
	struct slope x, z; /* each beside the other, which is held constant */
	/* R² of x and z: how far one of them tells the other. Near 1 the slopes cannot be told
	 * apart. */
	double shared;
};

/* Fits y = c + a·x + b·z by ordinary least squares; intervals by Student's t with n − 3 degrees of
 * freedom, their variance inflated for residuals that remember (autocorrelation.h). From 5 points
 * on, and where neither x nor z is constant nor one tells the other wholly: else slopes are NAN.
 * Pure. */
struct plane plane_fit(const double *x, const double *z, const double *y, size_t n);

#endif

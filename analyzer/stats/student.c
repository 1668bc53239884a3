/* student.c: see student.h. */
#include "stats/student.h"

#include <math.h>

double student_975(double freedom)
{
	double z = NORMAL_975, z2 = z * z, f = freedom;
	if (!(f >= 1))
		return NAN;
	if (f < 2)
		return 12.706204736174705;
	if (f < 3)
		return 4.302652729696142;
	double g1 = z * (z2 + 1) / 4;
	double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
	double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
	double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
	return z + g1 / f + g2 / (f * f) + g3 / (f * f * f) + g4 / (f * f * f * f);
}

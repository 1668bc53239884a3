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

double student_below(double t, double freedom)
{
	if (freedom > 200) {
		double z = t * (1 - 1 / (4 * freedom)) / sqrt(1 + t * t / (2 * freedom));
		return 0.5 * erfc(-z / sqrt(2));
	}
	int whole = (int)freedom;
	double cosine2 = whole / (whole + t * t), sine = t / sqrt(whole + t * t);
	double term = 1, sum = whole > 1;
	for (int k = whole % 2 ? 3 : 2; k < whole; k += 2) {
		term *= cosine2 * (k - 1) / k;
		sum += term;
	}
	double inside =
	        whole % 2 ? (asin(sine) + sine * sqrt(cosine2) * sum) * 2 / M_PI : sine * sum;
	return 0.5 + inside / 2;
}

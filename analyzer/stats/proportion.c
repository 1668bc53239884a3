/* proportion.c: see proportion.h. */
#include "stats/proportion.h"

#include <math.h>

#define Z 1.959963984540054 /* of 95 %, both sides */

struct proportion proportion_of(double found, double all)
{
	if (!(all > 0))
		return (struct proportion){NAN, NAN, NAN};
	double share = found / all, spread = Z * Z / all;
	double middle = (share + spread / 2) / (1 + spread);
	double half = Z / (1 + spread) * sqrt(share * (1 - share) / all + spread / all / 4);
	return (struct proportion){share, fmax(0, middle - half), fmin(1, middle + half)};
}

double proportion_error(struct proportion p)
{
	return (p.high - p.low) / 2;
}

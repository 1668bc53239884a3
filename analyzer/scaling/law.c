/* law.c: see law.h. */
#include "scaling/law.h"

#include <math.h>
#include <string.h>

/* clang-format off */
static const struct law classes[] = {
	{0, 1, 0, "1",       "constant"},
	{0, 1, 1, "log n",   "logarithmic"},
	{1, 2, 0, "sqrt n",  "sublinear"},
	{1, 1, 0, "n",       "linear"},
	{1, 1, 1, "n log n", "linearithmic"},
	{3, 2, 0, "n^1.5",   "superlinear"},
	{2, 1, 0, "n^2",     "quadratic"},
	{3, 1, 0, "n^3",     "cubic"},
};

#define SUBLINEAR   "sublinear"
#define SUPERLINEAR "superlinear"
#define POLYNOMIAL  "above quadratic"
static const struct law wide[] = {
	{0, 1, 0, "1",                 "constant"},
	{0, 1, 1, "log n",             "logarithmic"},
	{0, 1, 2, "log^2 n",           "logarithmic"},
	{1, 4, 0, "n^(1/4)",           SUBLINEAR},
	{1, 4, 1, "n^(1/4) log n",     SUBLINEAR},
	{1, 4, 2, "n^(1/4) log^2 n",   SUBLINEAR},
	{1, 3, 0, "n^(1/3)",           SUBLINEAR},
	{1, 3, 1, "n^(1/3) log n",     SUBLINEAR},
	{1, 3, 2, "n^(1/3) log^2 n",   SUBLINEAR},
	{1, 2, 0, "n^(1/2)",           SUBLINEAR},
	{1, 2, 1, "n^(1/2) log n",     SUBLINEAR},
	{1, 2, 2, "n^(1/2) log^2 n",   SUBLINEAR},
	{2, 3, 0, "n^(2/3)",           SUBLINEAR},
	{2, 3, 1, "n^(2/3) log n",     SUBLINEAR},
	{2, 3, 2, "n^(2/3) log^2 n",   SUBLINEAR},
	{3, 4, 0, "n^(3/4)",           SUBLINEAR},
	{3, 4, 1, "n^(3/4) log n",     SUBLINEAR},
	{3, 4, 2, "n^(3/4) log^2 n",   SUBLINEAR},
	{4, 5, 0, "n^(4/5)",           SUBLINEAR},
	{1, 1, 0, "n",                 "linear"},
	{1, 1, 1, "n log n",           "linearithmic"},
	{1, 1, 2, "n log^2 n",         SUPERLINEAR},
	{5, 4, 0, "n^(5/4)",           SUPERLINEAR},
	{5, 4, 1, "n^(5/4) log n",     SUPERLINEAR},
	{4, 3, 0, "n^(4/3)",           SUPERLINEAR},
	{4, 3, 1, "n^(4/3) log n",     SUPERLINEAR},
	{3, 2, 0, "n^(3/2)",           SUPERLINEAR},
	{3, 2, 1, "n^(3/2) log n",     SUPERLINEAR},
	{3, 2, 2, "n^(3/2) log^2 n",   SUPERLINEAR},
	{5, 3, 0, "n^(5/3)",           SUPERLINEAR},
	{7, 4, 0, "n^(7/4)",           SUPERLINEAR},
	{2, 1, 0, "n^2",               "quadratic"},
	{2, 1, 1, "n^2 log n",         POLYNOMIAL},
	{2, 1, 2, "n^2 log^2 n",       POLYNOMIAL},
	{9, 4, 0, "n^(9/4)",           POLYNOMIAL},
	{7, 3, 0, "n^(7/3)",           POLYNOMIAL},
	{5, 2, 0, "n^(5/2)",           POLYNOMIAL},
	{5, 2, 1, "n^(5/2) log n",     POLYNOMIAL},
	{5, 2, 2, "n^(5/2) log^2 n",   POLYNOMIAL},
	{8, 3, 0, "n^(8/3)",           POLYNOMIAL},
	{11, 4, 0, "n^(11/4)",         POLYNOMIAL},
	{3, 1, 0, "n^3",               "cubic"},
	{3, 1, 1, "n^3 log n",         "above cubic"},
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
_Static_assert(COUNT(wide) <= LAW_COUNT_MAX, "the wide set fits");

struct law_set law_set(bool is_wide)
{
	return is_wide ? (struct law_set){wide, COUNT(wide)}
	               : (struct law_set){classes, COUNT(classes)};
}

double law_value(const struct law *law, double n)
{
	double value = 1;
	for (int i = 0; i < law->logs; i++)
		value *= log2(n);
	if (law->denominator == 1)
		for (int i = 0; i < law->numerator; i++)
			value *= n;
	else
		value *= pow(n, (double)law->numerator / law->denominator);
	return value;
}

bool law_usable(const struct law *law, double least)
{
	return law->logs == 0 || least >= 1;
}

int law_find(struct law_set set, const char *name)
{
	for (size_t i = 0; i < set.count; i++)
		if (strcmp(set.laws[i].name, name) == 0)
			return (int)i;
	for (size_t i = 0; i < set.count; i++)
		if (strcmp(set.laws[i].words, name) == 0)
			return (int)i;
	return -1;
}

int law_compare(const struct law *a, const struct law *b)
{
	int powers = a->numerator * b->denominator - b->numerator * a->denominator;
	return powers ? powers : a->logs - b->logs;
}

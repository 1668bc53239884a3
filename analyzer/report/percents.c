/* percents.c: see percents.h. */
#include "report/percents.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define WHOLE 1000

struct remainder {
	double lost;
	size_t index;
};

/* Most lost first; of equals the one that stands first. */
static int most_lost_first(const void *a, const void *b)
{
	const struct remainder *x = a, *y = b;
	if (x->lost != y->lost)
		return x->lost < y->lost ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

int *percents_of(const double *values, size_t count)
{
	int *tenths = mem_zero(count * sizeof(*tenths));
	struct remainder *lost = mem_zero(count * sizeof(*lost));
	double sum = 0;
	int left = WHOLE;
	for (size_t i = 0; i < count; i++)
		sum += values[i];
	for (size_t i = 0; i < count && sum > 0; i++) {
		double exact = values[i] / sum * WHOLE;
		tenths[i] = (int)floor(exact);
		lost[i] = (struct remainder){exact - tenths[i], i};
		left -= tenths[i];
	}
	if (sum > 0) {
		qsort(lost, count, sizeof(*lost), most_lost_first);
		for (size_t i = 0; i < count && left > 0; i++, left--)
			tenths[lost[i].index]++;
	}
	free(lost);
	return tenths;
}

struct unit percent_cell(int tenths, double value)
{
	struct unit cell;
	if (tenths == 0 && value > 0)
		return (struct unit){"<0.1"};
	snprintf(cell.text, sizeof(cell.text), "%d.%d", tenths / 10, tenths % 10);
	return cell;
}

/* human.c: see human.h. */
#include "human.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void human_bytes(char text[HUMAN_SIZE], uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double)bytes;
	size_t unit = 0;
	/* As reports write them: three digits; 1023.6 KiB would print as 1024 KiB. */
	for (; value >= 1023.5 && unit + 1 < sizeof units / sizeof *units; unit++)
		value /= 1024;
	int decimals = !unit || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	snprintf(text, HUMAN_SIZE, "%.*f %s", decimals, value, units[unit]);
}

/* By how much a unit shifts a number; −1: it is none. */
static int unit_shift(const char *unit)
{
	static const char letters[] = "KMG";
	if (!*unit)
		return 0;
	const char *letter = strchr(letters, *unit);
	if (!letter || (unit[1] && strcmp(unit + 1, "iB") != 0))
		return -1;
	return 10 * (int)(letter - letters + 1);
}

bool human_read_bytes(const char *text, uint64_t *bytes)
{
	char *unit;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	uint64_t number = strtoull(text, &unit, 10);
	int shift = unit_shift(unit);
	if (errno || shift < 0 || number > UINT64_MAX >> shift)
		return false;
	*bytes = number << shift;
	return true;
}

void human_seconds(char text[HUMAN_SIZE], double seconds)
{
	uint64_t whole = (uint64_t)(seconds + 0.5);
	if (seconds < 9.995)
		snprintf(text, HUMAN_SIZE, "%.2f s", seconds);
	else if (seconds < 59.95)
		snprintf(text, HUMAN_SIZE, "%.1f s", seconds);
	else if (whole < 3600)
		snprintf(text, HUMAN_SIZE, "%" PRIu64 " min %02" PRIu64 " s", whole / 60,
		         whole % 60);
	else
		snprintf(text, HUMAN_SIZE, "%" PRIu64 " h %02" PRIu64 " min", whole / 3600,
		         whole % 3600 / 60);
}

void human_count(char text[HUMAN_SIZE], uint64_t count)
{
	char digits[HUMAN_SIZE];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, count), used = 0;
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
}

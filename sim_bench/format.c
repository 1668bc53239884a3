/* format.c: see format.h. */
#include "format.h"

#include <math.h>
#include <stdio.h>

char *format_count(char text[FORMAT_SIZE], uint64_t count)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
	char *at = text;
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return text;
}

char *format_rate(char text[FORMAT_SIZE], double rate)
{
	if (rate >= 100)
		return format_count(text, (uint64_t)llround(rate));
	snprintf(text, FORMAT_SIZE, rate >= 1 ? "%.1f" : "%.3f", rate);
	return text;
}

/* Three significant digits of a value in 0…1000. */
static char *format_unit(char text[FORMAT_SIZE], double value, const char *unit)
{
	int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	snprintf(text, FORMAT_SIZE, "%.*f %s", digits, value, unit);
	return text;
}

char *format_bytes(char text[FORMAT_SIZE], double bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	int unit = -1;
	while (bytes >= 1023.5 && unit < 3) {
		bytes /= 1024;
		unit++;
	}
	if (unit >= 0)
		return format_unit(text, bytes, units[unit]);
	snprintf(text, FORMAT_SIZE, "%.0f B", bytes);
	return text;
}

char *format_seconds(char text[FORMAT_SIZE], double seconds)
{
	if (seconds < 999.5e-9)
		return format_unit(text, seconds * 1e9, "ns");
	if (seconds < 999.5e-6)
		return format_unit(text, seconds * 1e6, "µs");
	if (seconds < 999.5e-3)
		return format_unit(text, seconds * 1e3, "ms");
	if (seconds < 99.95)
		return format_unit(text, seconds, "s");
	uint64_t whole = (uint64_t)llround(seconds);
	if (whole < 3600)
		snprintf(text, FORMAT_SIZE, "%u min %02u s", (unsigned)(whole / 60),
		         (unsigned)(whole % 60));
	else
		snprintf(text, FORMAT_SIZE, "%llu h %02u min", (unsigned long long)(whole / 3600),
		         (unsigned)(whole % 3600 / 60));
	return text;
}

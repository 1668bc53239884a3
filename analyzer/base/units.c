/* units.c: see units.h. Three significant digits, except that seconds from 100 on keep a tenth. */
#include "base/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct unit not_known(void)
{
	return (struct unit){"—"};
}

/* Puts a comma before each group of three digits of the integer part. */
static struct unit grouped(const char *number)
{
	struct unit out;
	size_t sign = number[0] == '-', digits = strspn(number + sign, "0123456789"), at = 0;
	for (size_t i = 0; number[i] && at + 2 < sizeof(out.text); i++) {
		if (i > sign && i < sign + digits && (sign + digits - i) % 3 == 0)
			out.text[at++] = ',';
		out.text[at++] = number[i];
	}
	out.text[at] = '\0';
	return out;
}

struct unit unit_count(int64_t count)
{
	char number[UNIT_SIZE];
	if (count == UNIT_UNKNOWN)
		return not_known();
	snprintf(number, sizeof(number), "%" PRId64, count);
	return grouped(number);
}

/* Decimals that leave three significant digits of a value from 1 to 999. */
static int decimals(double value)
{
	value = fabs(value);
	return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

struct unit unit_number(double number)
{
	char text[UNIT_SIZE];
	if (isnan(number))
		return not_known();
	if (number == 0)
		return (struct unit){"0"};
	if (fabs(number) < 1e-4)
		return number > 0 ? (struct unit){"<0.0001"} : (struct unit){">-0.0001"};
	if (fabs(number) < 0.995)
		snprintf(text, sizeof(text), "%.2g", number);
	else
		snprintf(text, sizeof(text), "%.*f", fabs(number) < 99.95 ? 1 : 0, number);
	return grouped(text);
}

struct unit unit_bytes(double bytes)
{
	static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	char number[UNIT_SIZE];
	size_t unit = 0;
	if (isnan(bytes) || bytes == (double)UNIT_UNKNOWN)
		return not_known();
	while (fabs(bytes) >= 1023.5 && unit + 1 < sizeof(names) / sizeof(names[0])) {
		bytes /= 1024;
		unit++;
	}
	bool whole = unit == 0 && bytes == floor(bytes);
	snprintf(number, sizeof(number), "%.*f %s", whole ? 0 : decimals(bytes), bytes,
	         names[unit]);
	return grouped(number);
}

struct unit unit_seconds(double seconds)
{
	static const struct {
		double below, scale;
		const char *name;
	} units[] = {{999.5e-9, 1e9, "ns"}, {999.5e-6, 1e6, "µs"}, {0.9995, 1e3, "ms"}};
	char number[UNIT_SIZE];
	if (isnan(seconds))
		return not_known();
	if (seconds == 0)
		return (struct unit){"0 s"};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (fabs(seconds) < units[i].below) {
			double value = seconds * units[i].scale;
			snprintf(number, sizeof(number), "%.*f %s", decimals(value), value,
			         units[i].name);
			return grouped(number);
		}
	snprintf(number, sizeof(number), "%.*f s",
	         seconds < 9.995    ? 2
	         : seconds < 999.95 ? 1
	                            : 0,
	         seconds);
	return grouped(number);
}

struct unit unit_percent(double share)
{
	struct unit out;
	if (isnan(share))
		return not_known();
	double percent = share * 100;
	if (percent > 0 && percent < 0.05)
		return (struct unit){"<0.1"};
	snprintf(out.text, sizeof(out.text), "%.1f", percent);
	return out;
}

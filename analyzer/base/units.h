/* units.h: numbers as people read them. Each writes into a buffer of UNIT_SIZE bytes and returns
 * it. NAN, and counts that are not known, are "—". */
#ifndef ANALYZER_BASE_UNITS_H
#define ANALYZER_BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#define UNIT_SIZE 48

/* A count that is not known: what traces and profiles call so, too. */
#define UNIT_UNKNOWN INT64_MIN

struct unit {
	char text[UNIT_SIZE];
};

struct unit unit_count(int64_t count);    /* 27,648 */
struct unit unit_number(double number);   /* 27,648 · 12.3 · 0.042 */
struct unit unit_bytes(double bytes);     /* 41.2 MiB */
struct unit unit_seconds(double seconds); /* 412.0 s · 78.1 ms · 3.21 µs · 14 ns */
struct unit unit_percent(double share);   /* of a share: 45.6 (no sign) */

#endif

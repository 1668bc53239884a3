/* clock.h: the time, monotone for durations and by the calendar for people. */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include <stdint.h>

/* Nanoseconds of a clock that never jumps; only differences mean anything. */
uint64_t clock_ns(void);

/* Bytes that clock_iso_now writes, the final NUL included. */
#define CLOCK_ISO_SIZE 32

/* Now as ISO 8601 with offset from UTC: 2024-05-01T12:00:00+0200. */
void clock_iso_now(char text[CLOCK_ISO_SIZE]);

#endif

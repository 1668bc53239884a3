/* format.h: numbers as people read them. */
#ifndef SIM_FORMAT_H
#define SIM_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* Enough for any result of these functions. */
#define FORMAT_SIZE 40

/* 1234567 → "1,234,567". Returns TEXT. */
char *format_count(char text[FORMAT_SIZE], uint64_t count);

/* A rate: "1,612" from 100 on, "12.3" below, "0.042" below 1. Returns TEXT. */
char *format_rate(char text[FORMAT_SIZE], double rate);

/* A size: "812 B", "4.21 KiB", "1.94 GiB". Returns TEXT. */
char *format_bytes(char text[FORMAT_SIZE], double bytes);

/* A duration: "812 ns", "4.21 µs", "78.1 ms", "1.94 s", "3 min 12 s", "2 h 05 min". Returns TEXT.
 */
char *format_seconds(char text[FORMAT_SIZE], double seconds);

#endif

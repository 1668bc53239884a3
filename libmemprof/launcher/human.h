/* human.h: numbers as people read them. */
#ifndef MEMPROF_LAUNCHER_HUMAN_H
#define MEMPROF_LAUNCHER_HUMAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define HUMAN_SIZE 32

/* "1.4 MiB", "37 B". */
void human_bytes(char text[HUMAN_SIZE], uint64_t bytes);

/* Reads "65536", "64K", "64KiB": a whole number, and K, M or G for powers of 1,024. False when it
 * is none, or is too large. */
bool human_read_bytes(const char *text, uint64_t *bytes);

/* "0.42 s", "12.3 s", "4 min 05 s", "6 h 12 min". */
void human_seconds(char text[HUMAN_SIZE], double seconds);

/* "14,120". */
void human_count(char text[HUMAN_SIZE], uint64_t count);

#endif

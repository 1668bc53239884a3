/* perf_map.h: names of code made at run time, as interpreters and compilers leave them for perf in
 * /tmp/perf-PID.map: lines `START SIZE NAME`, the numbers in hexadecimal.
 *
 * Python (since 3.12, -X perf) writes py::FUNCTION:FILE, node (--perf-basic-prof) JS:*FUNCTION
 * FILE:LINE:COLUMN, or with another word before the colon; these are taken apart. A name of any
 * other form is taken as it is.
 */
#ifndef ANALYZER_SYMBOLS_PERF_MAP_H
#define ANALYZER_SYMBOLS_PERF_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "symbols/symbols.h"

struct perf_map;

/* Reads the map of a process; NULL if there is none. What belongs to somebody else is not believed
 * (unless root asks), nor what was last written outside of [since, until], in seconds since 1970:
 * it is another process's of the same number. */
struct perf_map *perf_map_open(int64_t pid, int64_t since, int64_t until);

/* The same of a file. */
struct perf_map *perf_map_read(const char *path, int64_t since, int64_t until);

/* The function at an address; false: none. Strings are the map's. */
bool perf_map_find(const struct perf_map *map, uint64_t address, struct symbol_frame *out);

void perf_map_close(struct perf_map *map);

#endif

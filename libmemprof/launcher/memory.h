/* memory.h: the launcher's own memory.
 *
 * Running out of it cannot be handled in any useful way half-way through a window, and the program
 * being profiled does not depend on the launcher: these functions therefore end the launcher with
 * a line instead of returning NULL. The program runs on. */
#ifndef MEMPROF_LAUNCHER_MEMORY_H
#define MEMPROF_LAUNCHER_MEMORY_H

#include <stddef.h>

/* Zeroed, to be freed by free(). */
void *memory_new(size_t count, size_t size);

/* A copy of `text`; asprintf that does not fail. Both to be freed by free(). */
char *memory_copy(const char *text);
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes room for at least `need` elements in *array, of which *capacity fit now; what is new is
 * zeroed. The capacity at least doubles, so appending one by one costs constant time. */
void memory_reserve(void *array, size_t *capacity, size_t need, size_t size);

#endif

/* memory.h: memory that is there or ends the program.
 *
 * The analyzer is a short-lived program over one bounded input; where the system has no memory left
 * it has nothing better to do than to say so and stop (exit code 3). So no caller checks for NULL.
 *
 * An arena hands out memory that is given back all at once. Nothing here is thread-safe.
 */
#ifndef ANALYZER_BASE_MEMORY_H
#define ANALYZER_BASE_MEMORY_H

#include <stddef.h>

/* `size` bytes, set to zero. Never NULL, for size 0 neither. Free with free(). */
void *mem_zero(size_t size);

/* Makes room for at least `needed` elements of `size` bytes in an array that grows: returns the
 * array, moved or not; new elements are zero. *capacity is what it holds, in elements. The capacity
 * grows by a share of itself, so that adding one by one costs linear time. */
void *mem_grow(void *array, size_t *capacity, size_t needed, size_t size);

/* The same, but what new elements hold is not set. */
void *mem_room(void *array, size_t *capacity, size_t needed, size_t size);

/* A copy of `length` bytes, ended by a 0. Free with free(). */
char *mem_text(const char *bytes, size_t length);

struct arena_chunk;
struct arena {
	struct arena_chunk *chunks; /* the newest first; a zeroed struct is an empty arena */
};

/* `size` bytes, aligned for any type, not initialised; valid until arena_reset or arena_free. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `length` bytes in the arena, ended by a 0. */
char *arena_text(struct arena *arena, const char *bytes, size_t length);

/* printf into the arena. */
__attribute__((format(printf, 2, 3), nonnull(2))) char *arena_printf(struct arena *arena,
                                                                     const char *format, ...);

/* Gives everything back, but keeps the largest chunk for what comes next. */
void arena_reset(struct arena *arena);

void arena_free(struct arena *arena);

#endif

/* memory.c: see memory.h. An arena is a list of chunks; a chunk is used from its low end.
 *
 * Of a large trace most of the time would go to faults of pages of 4 KiB, so the system is asked
 * for large pages where it has some. */
#include "base/memory.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Chunks double, from the first to the last of these. */
#define CHUNK_BYTES     ((size_t)64 << 10)
#define CHUNK_BYTES_MAX ((size_t)8 << 20)

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

__attribute__((noreturn)) static void out_of_memory(void)
{
	fputs("analyzer: out of memory; read a smaller trace, or on a machine with more\n", stderr);
	exit(3);
}

/* Bytes from which an array of zeros grows by a quarter rather than by its size. */
#define LARGE ((size_t)4 << 20)

/* Bytes from which memory is a mapping of its own, which grows without being copied, in large
 * pages. */
#define MAPPED ((size_t)1 << 20)

#define PAGE       ((size_t)4 << 10)
#define LARGE_PAGE ((size_t)2 << 20)

/* At least what the C library adds to what it maps. */
#define OVERHEAD ((size_t)64)

/* Asks for large pages, before the memory is touched; where there are none, small ones do. They are
 * asked for the whole of a mapping: one of two kinds cannot be moved when it grows. */
static void *prepared(void *memory, size_t size)
{
	if (!memory)
		out_of_memory();
	uintptr_t from = (uintptr_t)memory & ~(PAGE - 1);
	uintptr_t to = ((uintptr_t)memory + size + PAGE - 1) & ~(PAGE - 1);
	if (size >= MAPPED)
		madvise((void *)from, to - from, MADV_HUGEPAGE);
	return memory;
}

/* So that a mapping, with what the C library puts before it, is of whole large pages: the system
 * then lets it begin with one. */
static size_t whole_pages(size_t size)
{
	static bool mapped;
	if (size < MAPPED || size > SIZE_MAX - LARGE_PAGE)
		return size;
	/* The C library would map less and less, as memory is freed. */
	if (!mapped)
		mallopt(M_MMAP_THRESHOLD, (int)MAPPED);
	mapped = true;
	return (size + OVERHEAD + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE - OVERHEAD;
}

void *mem_zero(size_t size)
{
	size = whole_pages(size ? size : 1);
	return prepared(calloc(1, size), size);
}

static void *resized(void *array, size_t *capacity, size_t wanted, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(wanted, size, &bytes))
		out_of_memory();
	bytes = whole_pages(bytes);
	*capacity = bytes / size;
	return prepared(realloc(array, bytes), bytes);
}

void *mem_room(void *array, size_t *capacity, size_t needed, size_t size)
{
	if (needed <= *capacity)
		return array;
	size_t wanted = *capacity ? *capacity : 16;
	while (wanted < needed)
		wanted = wanted > SIZE_MAX / 2 ? needed : wanted * 2;
	return resized(array, capacity, wanted, size);
}

void *mem_grow(void *array, size_t *capacity, size_t needed, size_t size)
{
	if (needed <= *capacity)
		return array;
	size_t had = *capacity, wanted = had ? had : 16;
	while (wanted < needed) {
		/* What is set to zero takes pages, whether it is used or not. */
		size_t more = wanted > LARGE / size ? wanted / 4 : wanted;
		wanted = wanted > SIZE_MAX - more ? needed : wanted + more;
	}
	array = resized(array, capacity, wanted, size);
	memset((char *)array + had * size, 0, (*capacity - had) * size);
	return array;
}

char *mem_text(const char *bytes, size_t length)
{
	char *copy = mem_zero(length + 1);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

static void arena_add_chunk(struct arena *arena, size_t at_least)
{
	size_t size = arena->chunks ? arena->chunks->size * 2 : CHUNK_BYTES;
	size = size < CHUNK_BYTES_MAX ? size : CHUNK_BYTES_MAX;
	size = size > at_least ? size : at_least;
	size = whole_pages(sizeof(struct arena_chunk) + size) - sizeof(struct arena_chunk);
	struct arena_chunk *chunk = prepared(malloc(sizeof(*chunk) + size), sizeof(*chunk) + size);
	chunk->next = arena->chunks;
	chunk->used = 0;
	chunk->size = size;
	arena->chunks = chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > SIZE_MAX / 2)
		out_of_memory();
	size = (size + align - 1) / align * align;
	if (!arena->chunks || arena->chunks->size - arena->chunks->used < size)
		arena_add_chunk(arena, size);
	void *memory = arena->chunks->bytes + arena->chunks->used;
	arena->chunks->used += size;
	return memory;
}

char *arena_text(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		return arena_text(arena, "", 0);
	char *text = arena_alloc(arena, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *largest = arena->chunks;
	if (!largest)
		return;
	for (struct arena_chunk *chunk = largest; chunk; chunk = chunk->next)
		largest = chunk->size > largest->size ? chunk : largest;
	for (struct arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
		next = chunk->next;
		if (chunk != largest)
			free(chunk);
	}
	largest->next = NULL;
	largest->used = 0;
	arena->chunks = largest;
}

void arena_free(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
		free(chunk);
	}
}

/* memory.c: see memory.h. An arena is a list of chunks; a chunk is used from its low end. */
#include "base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)64 * 1024)

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

void *mem_zero(size_t size)
{
	void *memory = calloc(1, size ? size : 1);
	if (!memory)
		out_of_memory();
	return memory;
}

/* Bytes from which an array grows by a quarter rather than by its size. */
#define LARGE ((size_t)4 << 20)

void *mem_grow(void *array, size_t *capacity, size_t needed, size_t size)
{
	if (needed <= *capacity)
		return array;
	size_t wanted = *capacity ? *capacity : 16;
	while (wanted < needed) {
		/* The system moves large arrays without copying; room for nothing costs pages. */
		size_t more = wanted > LARGE / size ? wanted / 4 : wanted;
		wanted = wanted > SIZE_MAX - more ? needed : wanted + more;
	}
	void *grown = reallocarray(array, wanted, size);
	if (!grown)
		out_of_memory();
	memset((char *)grown + *capacity * size, 0, (wanted - *capacity) * size);
	*capacity = wanted;
	return grown;
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
	size_t size = at_least > CHUNK_BYTES ? at_least : CHUNK_BYTES;
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		out_of_memory();
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
	struct arena_chunk *kept = arena->chunks;
	if (!kept)
		return;
	struct arena kept_out = {kept->next};
	arena_free(&kept_out);
	kept->next = NULL;
	kept->used = 0;
}

void arena_free(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
		free(chunk);
	}
}

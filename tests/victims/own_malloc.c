/* own_malloc.c: a program that defines malloc itself, as one linked to another allocator does. */
#include <stdio.h>
#include <string.h>

static char memory[1 << 20];
static size_t used;

void *malloc(size_t size)
{
	char *block = memory + used;
	used += (size + 15) & ~(size_t)15;
	return used <= sizeof(memory) ? block : NULL;
}

void free(void *block)
{
	(void)block;
}

void *calloc(size_t count, size_t size)
{
	return malloc(count * size); /* of memory that was never used before */
}

void *realloc(void *block, size_t size)
{
	char *moved = malloc(size);
	if (block && moved)
		memmove(moved, block, size);
	return moved;
}

int main(void)
{
	char *block = malloc(100);
	strcpy(block, "done");
	puts(block);
	free(block);
	return 0;
}

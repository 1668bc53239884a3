/* memory.c: see memory.h. */
#include "memory.h"
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *must(void *block)
{
	if (block)
		return block;
	say("out of memory: recording ends here, the program runs on; the trace is good up to its "
	    "last window");
	_exit(EXIT_LAUNCHER);
}

void *memory_new(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

char *memory_copy(const char *text)
{
	return must(strdup(text));
}

char *memory_format(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);
	return must(length < 0 ? NULL : text);
}

void memory_reserve(void *array, size_t *capacity, size_t need, size_t size)
{
	if (need <= *capacity)
		return;
	size_t more = *capacity * 2 > need ? *capacity * 2 : need;
	if (more < 16)
		more = 16;
	void *block;
	memcpy(&block, array, sizeof block);
	block = must(reallocarray(block, more, size));
	memset((char *)block + *capacity * size, 0, (more - *capacity) * size);
	memcpy(array, &block, sizeof block);
	*capacity = more;
}

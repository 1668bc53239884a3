/* say.c: see say.h. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void say(const char *format, ...)
{
	static const char prefix[] = "memprof: ";
	char line[2048];
	int kept = errno;
	memcpy(line, prefix, sizeof prefix);
	size_t used = sizeof prefix - 1;
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line + used, sizeof line - used - 1, format, args);
	va_end(args);
	if (length > 0)
		used += (size_t)length < sizeof line - used - 1 ? (size_t)length
		                                                : sizeof line - used - 2;
	line[used++] = '\n';
	ssize_t ignored = write(STDERR_FILENO, line, used);
	(void)ignored;
	errno = kept;
}

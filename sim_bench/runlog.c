/* runlog.c: see runlog.h. */
#include "runlog.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "memory.h"

struct runlog {
	FILE *file;
};

struct runlog *runlog_open(const char *path, char *error, size_t error_size)
{
	FILE *file = fopen(path, "ae");
	if (!file) {
		snprintf(error, error_size, "cannot write %s: %s", path, strerror(errno));
		return NULL;
	}
	struct runlog *log = NEED(malloc(sizeof *log));
	log->file = file;
	return log;
}

void runlog_write(struct runlog *log, const char *format, ...)
{
	char now[CLOCK_ISO_SIZE];
	va_list arguments;
	clock_iso_now(now);
	fprintf(log->file, "%s ", now);
	va_start(arguments, format);
	vfprintf(log->file, format, arguments);
	va_end(arguments);
	fputc('\n', log->file);
	fflush(log->file);
}

void runlog_close(struct runlog *log)
{
	fclose(log->file);
	free(log);
}

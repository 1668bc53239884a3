/* text.h: a text that grows. Reports are written into one, and it goes out whole or not at all. */
#ifndef ANALYZER_BASE_TEXT_H
#define ANALYZER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

struct text {
	char *bytes; /* ended by a 0 once something was added; NULL before */
	size_t length, capacity;
};

void text_add(struct text *text, const char *bytes, size_t length);
void text_string(struct text *text, const char *string);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);
/* Adds a string without each occurrence of `part`. */
void text_without(struct text *text, const char *string, const char *part);
void text_repeat(struct text *text, const char *string, size_t times);
void text_free(struct text *text);

/* Columns that a string takes on a terminal: characters, not bytes. Bytes that are not UTF-8 count
 * one each. */
size_t text_columns(const char *string);

/* The bytes of the first `columns` columns of `string`. */
size_t text_prefix(const char *string, size_t columns);

/* Writes the text to the file `path`, replacing it only when all is written (a temporary file
 * beside it, then a rename), or to standard output where path is NULL or "-". A path that is no
 * regular file (a pipe, /dev/full) is written to as it is. */
bool text_write(const struct text *text, const char *path, struct failure *failure);

#endif

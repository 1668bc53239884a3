/* text.c: see text.h. */
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

void text_add(struct text *text, const char *bytes, size_t length)
{
	text->bytes = mem_room(text->bytes, &text->capacity, text->length + length + 1, 1);
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_string(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	text->bytes = mem_room(text->bytes, &text->capacity, text->length + (size_t)length + 1, 1);
	va_start(arguments, format);
	vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

void text_without(struct text *text, const char *string, const char *part)
{
	for (const char *found; (found = strstr(string, part)); string = found + strlen(part))
		text_add(text, string, (size_t)(found - string));
	text_string(text, string);
}

void text_repeat(struct text *text, const char *string, size_t times)
{
	for (size_t i = 0; i < times; i++)
		text_string(text, string);
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){0};
}

static bool continues_character(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t text_columns(const char *string)
{
	size_t columns = 0;
	for (; *string; string++)
		columns += !continues_character(*string);
	return columns;
}

size_t text_prefix(const char *string, size_t columns)
{
	size_t bytes = 0;
	while (string[bytes] && columns) {
		bytes++;
		while (continues_character(string[bytes]))
			bytes++;
		columns--;
	}
	return bytes;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		length -= (size_t)written;
	}
	return true;
}

static bool cannot_write(const char *path, struct failure *failure)
{
	return failure_set(failure, EXIT_USAGE,
	                   "cannot write %s: %s; choose another place with --output", path,
	                   strerror(errno));
}

/* The mode a new file gets: the old one's, else what the umask leaves. */
static mode_t mode_of_new_file(const struct stat *old)
{
	if (old)
		return old->st_mode & 07777;
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool replace_file(const struct text *text, const char *path, const struct stat *old,
                         struct failure *failure)
{
	struct text temporary = {0};
	text_printf(&temporary, "%s.XXXXXX", path);
	int fd = mkstemp(temporary.bytes);
	if (fd < 0) {
		text_free(&temporary);
		return cannot_write(path, failure);
	}
	bool good =
	        fchmod(fd, mode_of_new_file(old)) == 0 && write_all(fd, text->bytes, text->length);
	good = close(fd) == 0 && good && rename(temporary.bytes, path) == 0;
	if (!good) {
		cannot_write(path, failure);
		unlink(temporary.bytes);
	}
	text_free(&temporary);
	return good;
}

static bool write_through(const struct text *text, int fd, const char *name,
                          struct failure *failure)
{
	return write_all(fd, text->bytes, text->length) || cannot_write(name, failure);
}

bool text_write(const struct text *text, const char *path, struct failure *failure)
{
	if (!path || strcmp(path, "-") == 0)
		return write_through(text, STDOUT_FILENO, "standard output", failure);
	/* Through a link the file it names is replaced, not the link. */
	char *real = realpath(path, NULL);
	const char *target = real ? real : path;
	struct stat old;
	bool exists = stat(target, &old) == 0;
	bool good;
	if (exists && !S_ISREG(old.st_mode)) {
		int fd = open(target, O_WRONLY | O_CLOEXEC);
		good = fd >= 0 ? write_through(text, fd, path, failure)
		               : cannot_write(path, failure);
		if (fd >= 0)
			close(fd);
	} else if (exists && access(target, W_OK) != 0) {
		good = cannot_write(path, failure);
	} else {
		good = replace_file(text, target, exists ? &old : NULL, failure);
	}
	free(real);
	return good;
}

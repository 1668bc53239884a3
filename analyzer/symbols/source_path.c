/* source_path.c: joins and normalises, part by part, in one buffer. */
#include "symbols/source_path.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct path {
	char text[PATH_MAX];
	size_t length;
	size_t fixed; /* what ".." must not remove: the root, or leading ".." parts */
};

static void drop_last(struct path *path)
{
	while (path->length > path->fixed && path->text[path->length - 1] != '/')
		path->length--;
	if (path->length > path->fixed)
		path->length--;
}

static void add_part(struct path *path, const char *part, size_t length)
{
	if (path->length && path->text[path->length - 1] != '/')
		path->text[path->length++] = '/';
	memcpy(path->text + path->length, part, length);
	path->length += length;
}

static void take_part(struct path *path, const char *part, size_t length)
{
	bool absolute = path->fixed == 1 && path->text[0] == '/';

	if (length == 0 || (length == 1 && part[0] == '.'))
		return;
	if (length != 2 || strncmp(part, "..", 2) != 0) {
		add_part(path, part, length);
	} else if (path->length > path->fixed) {
		drop_last(path);
	} else if (!absolute) {
		add_part(path, part, length);
		path->fixed = path->length;
	}
}

const char *source_path(struct text_pool *pool, const char *directory, const char *file)
{
	char joined[PATH_MAX];
	struct path path = {.length = 0};
	bool below = file && file[0] != '/' && directory && directory[0];

	if (!file || !file[0])
		return NULL;
	if (snprintf(joined, sizeof joined, "%s%s%s", below ? directory : "", below ? "/" : "",
	             file) >= (int)sizeof joined)
		return NULL;
	if (joined[0] == '/') {
		path.text[0] = '/';
		path.length = path.fixed = 1;
	}
	for (const char *part = joined, *end; *part; part = *end ? end + 1 : end) {
		end = strchrnul(part, '/');
		take_part(&path, part, (size_t)(end - part));
	}
	path.text[path.length] = '\0';
	return text_pool_keep(pool, path.text);
}

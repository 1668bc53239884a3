/* paths.c: see paths.h. */
#include "paths.h"
#include "memory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY  "libmemprof.so"
#define ANALYZER "analyzer"

/* ---- neighbours -------------------------------------------------------------------------- */

/* The directory that this program lies in; NULL when the kernel does not say. */
static char *own_directory(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length <= 0)
		return NULL;
	path[length] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return memory_copy(path);
}

static char *if_accessible(char *path, int mode)
{
	struct stat info;
	if (access(path, mode) == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode))
		return path;
	free(path);
	return NULL;
}

char *paths_library(void)
{
	static const char *const places[] = {"", "/../lib/memprof", "/../lib"};
	char *directory = own_directory(), *found = NULL;
	for (size_t i = 0; directory && !found && i < sizeof places / sizeof *places; i++)
		found = if_accessible(memory_format("%s%s/" LIBRARY, directory, places[i]), R_OK);
	free(directory);
	char *resolved = found ? realpath(found, NULL) : NULL;
	free(found);
	return resolved;
}

static char *search_path(const char *name)
{
	for (const char *at = getenv("PATH"); at && *at;) {
		size_t length = strcspn(at, ":");
		char *found = NULL;
		if (length)
			found = if_accessible(memory_format("%.*s/%s", (int)length, at, name),
			                      X_OK);
		if (found)
			return found;
		at += length + (at[length] == ':');
	}
	return NULL;
}

char *paths_analyzer(void)
{
	char *directory = own_directory(), *found = NULL;
	if (directory)
		found = if_accessible(memory_format("%s/" ANALYZER, directory), X_OK);
	free(directory);
	return found ? found : search_path(ANALYZER);
}

char *paths_analyzer_as_called(const char *called)
{
	const char *slash = strrchr(called, '/');
	if (slash)
		return if_accessible(memory_format("%.*s/" ANALYZER, (int)(slash - called), called),
		                     X_OK);
	char *found = search_path(ANALYZER);
	if (!found)
		return NULL;
	free(found);
	return memory_copy(ANALYZER);
}

/* ---- names ------------------------------------------------------------------------------- */

const char *paths_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

char *paths_absolute(const char *path)
{
	char directory[PATH_MAX];
	if (path[0] == '/' || !getcwd(directory, sizeof directory))
		return memory_copy(path);
	return memory_format("%s/%s", directory, path);
}

/* Appends to *text, which is replaced. */
static void append(char **text, const char *more, size_t length)
{
	char *longer = memory_format("%s%.*s", *text, (int)length, more);
	free(*text);
	*text = longer;
}

/* Appends what the % at `at` stands for. Returns the length of the pattern's part, 0: *why. */
static size_t expand_one(const char *at, pid_t pid, char **text, const char **why)
{
	char value[256] = "";
	switch (at[1]) {
	case '%':
		append(text, "%", 1);
		return 2;
	case 'p':
		snprintf(value, sizeof value, "%d", (int)pid);
		append(text, value, strlen(value));
		return 2;
	case 'h':
		gethostname(value, sizeof value - 1);
		append(text, value, strlen(value));
		return 2;
	case 'q': {
		size_t length = at[2] == '{' ? strcspn(at + 3, "}") : 0;
		if (length == 0 || length >= sizeof value || at[3 + length] != '}')
			break;
		memcpy(value, at + 3, length);
		const char *variable = getenv(value);
		if (variable)
			append(text, variable, strlen(variable));
		return length + 4;
	}
	default:
		break;
	}
	*why = "% must be followed by p, h, q{VARIABLE} or another %";
	return 0;
}

char *paths_expand(const char *pattern, pid_t pid, const char **why)
{
	char *text = memory_copy("");
	while (*pattern) {
		size_t length = strcspn(pattern, "%");
		append(&text, pattern, length);
		pattern += length;
		if (!*pattern)
			break;
		size_t used = expand_one(pattern, pid, &text, why);
		if (!used) {
			free(text);
			return NULL;
		}
		pattern += used;
	}
	return text;
}

bool paths_has_pid(const char *pattern)
{
	for (const char *at = strchr(pattern, '%'); at && at[1]; at = strchr(at + 2, '%'))
		if (at[1] == 'p')
			return true;
	return false;
}

char *paths_numbered(const char *path, int number)
{
	const char *base = paths_base(path), *dot = strrchr(base, '.');
	if (!dot || dot == base)
		dot = path + strlen(path);
	return memory_format("%.*s.%d%s", (int)(dot - path), path, number, dot);
}

char *paths_quoted(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789_-./+,:@%=";
	if (path[0] && path[strspn(path, plain)] == '\0')
		return memory_copy(path);
	char *text = memory_copy("'");
	while (*path) {
		size_t length = strcspn(path, "'");
		append(&text, path, length);
		path += length;
		if (*path) {
			append(&text, "'\\''", 4);
			path++;
		}
	}
	append(&text, "'", 1);
	return text;
}

bool paths_make_directories(const char *path, mode_t mode)
{
	struct stat info;
	if (stat(path, &info) == 0) {
		errno = S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
		return errno == 0;
	}
	char *copy = memory_copy(path);
	bool made = true;
	for (char *slash = strchr(copy + 1, '/'); made && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		made = mkdir(copy, mode) == 0 || errno == EEXIST || errno == EISDIR ||
		       access(copy, X_OK) == 0;
		*slash = '/';
	}
	made = made && (mkdir(copy, mode) == 0 || errno == EEXIST);
	free(copy);
	return made;
}

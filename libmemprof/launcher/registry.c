/* registry.c: see registry.h. */
#include "registry.h"
#include "memory.h"
#include "paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PLACES 2

/* The directories in which runs may be entered, best first; NULL where there is none. */
static char *place(int number)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	if (number == 1)
		return memory_format("%s/memprof-%d/runs",
		                     runtime && runtime[0] == '/' ? runtime : "/tmp",
		                     (int)geteuid());
	if (state && state[0] == '/')
		return memory_format("%s/memprof/runs", state);
	/* A home that does not exist is not made: it is nobody's, as that of many services. */
	return home && home[0] == '/' && access(home, W_OK | X_OK) == 0
	               ? memory_format("%s/.local/state/memprof/runs", home)
	               : NULL;
}

/* In /tmp anyone could have made a directory of that name. */
static bool is_own(const char *directory)
{
	struct stat info;
	return lstat(directory, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid();
}

static bool enter(const char *directory, const char *status_path)
{
	char host[128] = "";
	gethostname(host, sizeof host - 1);
	if (!paths_make_directories(directory, 0700) || !is_own(directory))
		return false;
	char *path = memory_format("%s/%s.%d.%llx", directory, host, (int)getpid(),
	                           (unsigned long long)time(NULL));
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool entered = false;
	if (fd >= 0) {
		size_t length = strlen(status_path);
		entered = write(fd, status_path, length) == (ssize_t)length;
		close(fd);
	}
	if (fd >= 0 && !entered)
		unlink(path);
	free(path);
	return entered;
}

void registry_add(const char *status_path)
{
	bool entered = false;
	for (int i = 0; i < PLACES && !entered; i++) {
		char *directory = place(i);
		entered = directory && enter(directory, status_path);
		free(directory);
	}
}

/* Only the machine that made an entry can tell that it leads nowhere: the path may be on a disk of
 * its own. */
static bool made_here(const char *name)
{
	char host[128] = "";
	gethostname(host, sizeof host - 1);
	size_t length = strlen(host);
	return strncmp(name, host, length) == 0 && name[length] == '.';
}

/* The path in an entry, to be freed; NULL when it leads nowhere: it is then removed. */
static char *follow(const char *directory, const char *name)
{
	char target[4096];
	char *path = memory_format("%s/%s", directory, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = fd >= 0 ? read(fd, target, sizeof target - 1) : 0;
	if (fd >= 0)
		close(fd);
	target[got > 0 ? got : 0] = '\0';
	bool there = target[0] == '/' && access(target, F_OK) == 0;
	if (!there && made_here(name))
		unlink(path);
	free(path);
	return there ? memory_copy(target) : NULL;
}

/* A run directory that was moved away and another that took its place make one path twice. */
static bool is_listed(char *const *paths, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

static void list_place(const char *directory, char ***paths, size_t *capacity, size_t *count)
{
	DIR *entries = is_own(directory) ? opendir(directory) : NULL;
	if (!entries)
		return;
	for (struct dirent *entry; (entry = readdir(entries));) {
		char *path = entry->d_name[0] == '.' ? NULL : follow(directory, entry->d_name);
		if (path && !is_listed(*paths, *count, path)) {
			memory_reserve(paths, capacity, *count + 1, sizeof **paths);
			(*paths)[(*count)++] = path;
		} else {
			free(path);
		}
	}
	closedir(entries);
}

char **registry_list(size_t *count)
{
	char **paths = NULL;
	size_t capacity = 0;
	*count = 0;
	for (int i = 0; i < PLACES; i++) {
		char *directory = place(i);
		if (directory)
			list_place(directory, &paths, &capacity, count);
		free(directory);
	}
	return paths;
}

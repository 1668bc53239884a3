/* rundir.c: see rundir.h. */
#include "rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dblog/dblog.h"
#include "memory.h"

#define RESULTS "results"
#define TRACE   "trace.msgpack"

/* Runs that may begin in the same second with the same options. */
#define SAME_NAME_MOST 1000

static char *joined(const char *directory, const char *name)
{
	char *path;
	size_t length = strlen(directory);
	const char *slash = length > 0 && directory[length - 1] == '/' ? "" : "/";
	if (asprintf(&path, "%s%s%s", directory, slash, name) < 0)
		memory_exhausted();
	return path;
}

/* SQLite would take :memory: and file:NAME for something else than files of these names. */
static char *database_path(const char *given)
{
	bool special = given[0] == ':' || strncmp(given, "file:", 5) == 0;
	return special ? joined(".", given) : NEED(strdup(given));
}

static void set_paths(const struct config *config, struct rundir *dir)
{
	dir->trace = joined(dir->path, TRACE);
	dir->log = joined(dir->path, "log");
	dir->json = joined(dir->path, "run.json");
	if (!config->db)
		dir->database = joined(dir->path, "sim.db");
	else if (strcmp(config->db, "memory") == 0)
		dir->database = NEED(strdup(DBLOG_IN_MEMORY));
	else if (strcmp(config->db, "none") != 0)
		dir->database = database_path(config->db);
}

void rundir_adopt(const struct config *config, struct rundir *dir)
{
	*dir = (struct rundir){.path = NEED(strdup(config->out))};
	set_paths(config, dir);
}

void rundir_release(struct rundir *dir)
{
	free(dir->path);
	free(dir->trace);
	free(dir->database);
	free(dir->log);
	free(dir->json);
	*dir = (struct rundir){0};
}

static bool exists(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

/* Like mkdir -p. */
static bool make_directories(const char *path)
{
	char *partial = NEED(strdup(path));
	bool made = true;
	for (char *slash = strchr(partial + 1, '/'); slash && made;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		made = mkdir(partial, 0777) == 0 || errno == EEXIST;
		*slash = '/';
	}
	free(partial);
	return made && (mkdir(path, 0777) == 0 || errno == EEXIST);
}

/* Makes a directory below results/ whose name nobody has. NULL with errno. */
static char *make_named(const char *name)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm local;
	localtime_r(&now, &local);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
	if (mkdir(RESULTS, 0777) != 0 && errno != EEXIST)
		return NULL;
	for (int attempt = 1; attempt <= SAME_NAME_MOST; attempt++) {
		char suffix[16] = "", *path;
		if (attempt > 1)
			snprintf(suffix, sizeof suffix, "-%d", attempt);
		if (asprintf(&path, RESULTS "/%s-%s%s", stamp, name, suffix) < 0)
			memory_exhausted();
		if (mkdir(path, 0777) == 0)
			return path;
		free(path);
		if (errno != EEXIST)
			return NULL;
	}
	return NULL;
}

static char *make_for_run(const struct config *config)
{
	char name[96];
	snprintf(name, sizeof name, "a%llu-s%llu-seed%llu", (unsigned long long)config->agents,
	         (unsigned long long)config->steps, (unsigned long long)config->seed);
	return make_named(name);
}

char *rundir_make(const char *out, const char *name, const char *mark, char *error,
                  size_t error_size)
{
	char *path = !out ? make_named(name) : make_directories(out) ? NEED(strdup(out)) : NULL;
	if (!path) {
		snprintf(error, error_size, "--out: cannot make a directory %s: %s; give another",
		         out ? out : "in " RESULTS, strerror(errno));
		return NULL;
	}
	char *file = joined(path, mark);
	bool taken = exists(file);
	free(file);
	if (!taken)
		return path;
	snprintf(error, error_size,
	         "--out: %s already holds a batch (%s); give another directory, or --resume it",
	         path, mark);
	free(path);
	return NULL;
}

/* Whether a file of that name could be made there; it is not left behind. */
static bool can_create(const char *path)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (descriptor < 0)
		return false;
	close(descriptor);
	unlink(path);
	return true;
}

static const char *what_is_there(const struct rundir *dir)
{
	return exists(dir->json)    ? "run.json"
	       : exists(dir->trace) ? TRACE
	       : exists(dir->log)   ? "log"
	                            : NULL;
}

static bool check_directory(const struct rundir *dir, char *error, size_t error_size)
{
	const char *there = what_is_there(dir);
	if (there) {
		snprintf(error, error_size,
		         "--out: %s already holds a run (%s); give another directory, or remove it",
		         dir->path, there);
		return false;
	}
	if (!can_create(dir->log)) {
		snprintf(error, error_size, "--out: cannot write in %s: %s; give another directory",
		         dir->path, strerror(errno));
		return false;
	}
	return true;
}

static bool check_database(const struct rundir *dir, char *error, size_t error_size)
{
	if (!dir->database || strcmp(dir->database, DBLOG_IN_MEMORY) == 0 ||
	    can_create(dir->database))
		return true;
	snprintf(error, error_size, "--db: cannot create %s: %s; give another path, or none",
	         dir->database, strerror(errno));
	return false;
}

bool rundir_create(const struct config *config, struct rundir *dir, char *error, size_t error_size)
{
	bool made = !config->out || !exists(config->out);
	*dir = (struct rundir){0};
	if (!config->out)
		dir->path = make_for_run(config);
	else if (make_directories(config->out))
		dir->path = NEED(strdup(config->out));
	if (!dir->path) {
		snprintf(error, error_size, "--out: cannot make a directory %s: %s; give another",
		         config->out ? config->out : "in " RESULTS, strerror(errno));
		return false;
	}
	set_paths(config, dir);
	if (check_directory(dir, error, error_size) && check_database(dir, error, error_size))
		return true;
	if (made)
		rmdir(dir->path);
	rundir_release(dir);
	return false;
}

/* Whether a link target is the trace of a run, or of one that is gone. */
static bool is_trace_of_run(const char *target)
{
	const char *slash = strrchr(target, '/');
	if (!slash || strcmp(slash + 1, TRACE) != 0)
		return false;
	char *directory = NEED(strndup(target, (size_t)(slash - target) + 1));
	char *json = joined(directory, "run.json");
	bool ours = !exists(directory) || exists(json);
	free(json);
	free(directory);
	return ours;
}

enum place { PLACE_FREE, PLACE_OUR_LINK, PLACE_TAKEN };

static enum place look_at_link(void)
{
	struct stat status;
	char target[PATH_MAX];
	if (lstat(TRACE, &status) != 0)
		return PLACE_FREE;
	if (!S_ISLNK(status.st_mode))
		return PLACE_TAKEN;
	ssize_t length = readlink(TRACE, target, sizeof target - 1);
	if (length < 0)
		return PLACE_TAKEN;
	target[length] = '\0';
	return is_trace_of_run(target) ? PLACE_OUR_LINK : PLACE_TAKEN;
}

/* Replaces in one move, so that there is no moment without a link. */
static bool put_link(const char *target)
{
	char temporary[64];
	snprintf(temporary, sizeof temporary, "." TRACE ".%ld", (long)getpid());
	unlink(temporary);
	if (symlink(target, temporary) != 0)
		return false;
	if (rename(temporary, TRACE) == 0)
		return true;
	unlink(temporary);
	return false;
}

static bool is_current(const char *path)
{
	struct stat here, there;
	return stat(".", &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

const char *rundir_link_trace(const struct rundir *dir, char *note, size_t note_size)
{
	note[0] = '\0';
	if (is_current(dir->path))
		return TRACE;
	if (look_at_link() == PLACE_TAKEN) {
		snprintf(note, note_size,
		         TRACE " here is not a link to a run's trace, and was left as it is");
		return dir->trace;
	}
	if (put_link(dir->trace))
		return TRACE;
	snprintf(note, note_size, "cannot make the link " TRACE " here: %s", strerror(errno));
	return dir->trace;
}

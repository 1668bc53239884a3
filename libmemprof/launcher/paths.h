/* paths.h: where things lie: the launcher's own neighbours, and the files of a run. */
#ifndef MEMPROF_LAUNCHER_PATHS_H
#define MEMPROF_LAUNCHER_PATHS_H

#include <stdbool.h>
#include <sys/types.h>

/* All paths returned here are to be freed. */

/* libmemprof.so: beside this program, in ../lib/memprof or ../lib from there; NULL: not found. */
char *paths_library(void);

/* The analyzer: beside this program, or in PATH; NULL: not found. */
char *paths_analyzer(void);

/* The analyzer as the user would call it, who called this program `called`: the same directory, or
 * its bare name when both are found in PATH. NULL when there is none to be called. */
char *paths_analyzer_as_called(const char *called);

/* The last part of a path. */
const char *paths_base(const char *path);

/* `path` as an absolute one. */
char *paths_absolute(const char *path);

/* Expands %p (pid), %h (host name), %q{VAR} (environment variable, empty when unset) and %%.
 * NULL for any other % and for an unclosed brace: *why then says what is wrong. */
char *paths_expand(const char *pattern, pid_t pid, const char **why);

/* True when the pattern has %p. */
bool paths_has_pid(const char *pattern);

/* Puts a number before a name's suffix: trace.msgpack → trace.PID.msgpack; at its end if it has
 * none.
 */
char *paths_numbered(const char *path, int number);

/* A path as it may be typed into a shell: quoted where it must be. */
char *paths_quoted(const char *path);

/* Makes a directory and those above it. False with errno. */
bool paths_make_directories(const char *path, mode_t mode);

#endif

/* registry.h: which runs this user has on this machine, so that `memprof status` finds them.
 *
 * A directory with one small file a run, which holds the absolute path of its status file:
 * $XDG_STATE_HOME/memprof/runs (~/.local/state/memprof/runs), or, where that cannot be written,
 * memprof-UID/runs below $XDG_RUNTIME_DIR or /tmp. A run stays listed for as long as its status
 * file is there; entries that lead nowhere are removed when they are met, by the machine that made
 * them. A home on a network file system lists the runs of all machines whose files are reachable.
 */
#ifndef MEMPROF_LAUNCHER_REGISTRY_H
#define MEMPROF_LAUNCHER_REGISTRY_H

#include <stddef.h>

/* Enters a run. It never fails the run: a run that cannot be entered is only not listed. */
void registry_add(const char *status_path);

/* Paths of all status files there are, in no order; the array and its strings are to be freed. */
char **registry_list(size_t *count);

#endif

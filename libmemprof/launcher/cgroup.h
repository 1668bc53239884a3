/* cgroup.h: a process's memory cgroup: its limit, and how many processes the kernel killed in it
 * for lack of memory. Knows cgroup v2 and v1, and containers that see only their own part. */
#ifndef MEMPROF_LAUNCHER_CGROUP_H
#define MEMPROF_LAUNCHER_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The limit in bytes; false when there is none, or it is not known. */
bool cgroup_memory_limit(pid_t pid, uint64_t *bytes);

/* The file that counts kills for lack of memory where `pid` runs, to be freed; NULL when there is
 * none. It is looked up while the process lives and may be read after its death. Outside of any
 * cgroup it is the machine's own count. */
char *cgroup_kills_file(pid_t pid);

/* The count in such a file, 0 when it cannot be read. */
uint64_t cgroup_kills(const char *file);

#endif

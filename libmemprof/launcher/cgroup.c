/* cgroup.c: see cgroup.h.
 *
 * /proc/PID/cgroup has a line for each hierarchy, "ID:controllers:path"; v2's has no controllers.
 * In a container the path may be that of the host while only the container's own part is mounted:
 * so the path below the mount is tried first, and then the mount itself. */
#include "cgroup.h"
#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define V1_MOUNT "/sys/fs/cgroup/memory"
#define V2_MOUNT "/sys/fs/cgroup"

/* True when the list "a,b,c" has `memory`. */
static bool has_memory(const char *controllers, size_t length)
{
	static const char name[] = "memory";
	for (const char *end = controllers + length; controllers < end;) {
		size_t word = strcspn(controllers, ",:");
		if (word == sizeof name - 1 && memcmp(controllers, name, word) == 0)
			return true;
		controllers += word + 1;
	}
	return false;
}

/* The path in hierarchy v1 "memory" or in v2, to be freed; NULL when the process is in none. */
static char *cgroup_path(pid_t pid, bool v2)
{
	char file[64], line[4096], *path = NULL;
	snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
	FILE *in = fopen(file, "re");
	if (!in)
		return NULL;
	while (!path && fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		char *controllers = strchr(line, ':');
		char *at = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!at)
			continue;
		size_t length = (size_t)(at - controllers - 1);
		if (v2 ? length == 0 : has_memory(controllers + 1, length))
			path = memory_copy(at + 1);
	}
	fclose(in);
	return path;
}

/* The readable one of MOUNT/path/name and MOUNT/name, to be freed, or NULL. */
static char *find_file(pid_t pid, bool v2, const char *name)
{
	const char *mount = v2 ? V2_MOUNT : V1_MOUNT;
	char *path = cgroup_path(pid, v2);
	if (!path)
		return NULL;
	char *file = memory_format("%s%s/%s", mount, path, name);
	free(path);
	if (access(file, R_OK) == 0)
		return file;
	free(file);
	file = memory_format("%s/%s", mount, name);
	if (access(file, R_OK) == 0)
		return file;
	free(file);
	return NULL;
}

static bool read_limit(char *file, uint64_t *bytes)
{
	if (!file)
		return false;
	FILE *in = fopen(file, "re");
	free(file);
	if (!in)
		return false;
	bool known = fscanf(in, "%" SCNu64, bytes) == 1; /* "max" is no number */
	fclose(in);
	return known;
}

bool cgroup_memory_limit(pid_t pid, uint64_t *bytes)
{
	/* v1 says "none" by a number near 2^63. */
	return (read_limit(find_file(pid, true, "memory.max"), bytes) ||
	        read_limit(find_file(pid, false, "memory.limit_in_bytes"), bytes)) &&
	       *bytes < UINT64_C(1) << 62;
}

char *cgroup_kills_file(pid_t pid)
{
	char *file = find_file(pid, true, "memory.events");
	if (!file)
		file = find_file(pid, false, "memory.oom_control");
	return file ? file : memory_copy("/proc/vmstat");
}

uint64_t cgroup_kills(const char *file)
{
	char line[256];
	uint64_t kills = 0;
	FILE *in = fopen(file, "re");
	if (!in)
		return 0;
	while (fgets(line, sizeof line, in))
		if (sscanf(line, "oom_kill %" SCNu64, &kills) == 1)
			break;
	fclose(in);
	return kills;
}

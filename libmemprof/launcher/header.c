/* header.c: see header.h. */
#include "header.h"
#include "cgroup.h"
#include "memory.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_BYTES_MAX (1u << 16)

void header_boot_id(char *boot)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, boot, 63) : 0;
	if (fd >= 0)
		close(fd);
	boot[got > 0 ? got : 0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
}

/* Arguments as /proc has them, each ended by 0. Returns their length, 0 when the process is gone.
 */
static size_t read_command(pid_t pid, char *command)
{
	char path[64];
	size_t used = 0;
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	for (ssize_t got; used < COMMAND_BYTES_MAX - 1; used += (size_t)got) {
		got = read(fd, command + used, COMMAND_BYTES_MAX - 1 - used);
		if (got <= 0)
			break;
	}
	close(fd);
	command[used] = '\0';
	return used;
}

static void add_argument(struct seq *array, const char *argument)
{
	pack_text(&array->body.packer, argument, strlen(argument));
	array->count++;
}

static void pack_command(struct seq *header, pid_t pid, char *const fallback[])
{
	char *command = memory_new(COMMAND_BYTES_MAX, 1);
	size_t length = read_command(pid, command);
	struct seq array;
	seq_begin(&array);
	for (size_t at = 0; at < length; at += strlen(command + at) + 1)
		add_argument(&array, command + at);
	for (int i = 0; length == 0 && fallback && fallback[i]; i++)
		add_argument(&array, fallback[i]);
	seq_end_array(&array, map_key(header, "command"));
	free(command);
}

/* The path that a link of /proc/PID names; empty when the process is gone. */
static void pack_link(struct seq *header, pid_t pid, const char *name)
{
	char path[64], target[4096];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	ssize_t length = readlink(path, target, sizeof target - 1);
	target[length > 0 ? length : 0] = '\0';
	map_text(header, name, target);
}

static void pack_clock(struct seq *header, const struct region *region, double hz)
{
	struct seq map;
	seq_begin(&map);
	map_text(&map, "source", "tsc");
	map_float(&map, "hz", hz);
	map_uint(&map, "zero", region->start_ticks);
	map_uint(&map, "mono_ns", region->start_mono_ns);
	map_uint(&map, "real_ns", region->start_real_ns);
	map_map(header, "clock", &map);
}

static void pack_limit(struct seq *map, const char *key, bool known, uint64_t bytes)
{
	if (known)
		map_uint(map, key, bytes);
	else
		map_nil(map, key);
}

static void pack_memory(struct seq *header, pid_t pid)
{
	uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t limit = 0;
	struct rlimit space = {.rlim_cur = RLIM_INFINITY};
	struct seq map;
	seq_begin(&map);
	map_uint(&map, "machine", machine);
	bool known = cgroup_memory_limit(pid, &limit);
	pack_limit(&map, "cgroup", known && limit < machine, limit);
	known = prlimit(pid, RLIMIT_AS, NULL, &space) == 0;
	pack_limit(&map, "address_space", known && space.rlim_cur != RLIM_INFINITY, space.rlim_cur);
	map_map(header, "memory", &map);
}

/* The library names its allocator just after it has announced itself; a moment later at most. */
static void read_allocator(const struct region *region, char name[REGION_NAME_MAX])
{
	const struct timespec pause = {.tv_nsec = 50000};
	const uint32_t *offset = &region->header->allocator;
	for (int i = 0; i < 40 && !__atomic_load_n(offset, __ATOMIC_ACQUIRE); i++)
		nanosleep(&pause, NULL);
	region_name(region, __atomic_load_n(offset, __ATOMIC_ACQUIRE), name);
}

static int cores_of(pid_t pid)
{
	cpu_set_t set;
	if (sched_getaffinity(pid, sizeof set, &set) == 0)
		return CPU_COUNT(&set);
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

void header_pack(const struct region *region, pid_t pid, const char *run, double hz,
                 char *const fallback[], msgpack_packer *to)
{
	char host[256] = "", boot[64], allocator[REGION_NAME_MAX];
	struct seq map;
	gethostname(host, sizeof host - 1);
	header_boot_id(boot);
	read_allocator(region, allocator);
	seq_begin(&map);
	map_text(&map, "format", TRACE_MAGIC);
	msgpack_packer *version = map_key(&map, "version");
	msgpack_pack_array(version, 2);
	msgpack_pack_int(version, TRACE_VERSION_MAJOR);
	msgpack_pack_int(version, TRACE_VERSION_MINOR);
	map_text(&map, "writer", "memprof " MEMPROF_VERSION);
	map_text(&map, "run", run);
	map_text(&map, "host", host);
	map_text(&map, "boot", boot);
	map_int(&map, "pid", pid);
	map_int(&map, "ppid", region->parent_pid);
	map_text(&map, "origin", region->origin == MP_ORIGIN_FORK ? "fork" : "exec");
	pack_command(&map, pid, fallback);
	pack_link(&map, pid, "exe");
	pack_link(&map, pid, "cwd");
	pack_clock(&map, region, hz);
	map_text(&map, "arch", "x86_64");
	map_int(&map, "page", sysconf(_SC_PAGESIZE));
	map_int(&map, "cores", cores_of(pid));
	pack_memory(&map, pid);
	map_text(&map, "allocator", allocator);
	map_text(&map, "mode", region->mode == MP_MODE_OFF ? "off" : "exact");
	pack_record(to, TRACE_HEADER);
	seq_end_map(&map, to);
}

/* header.c: see header.h. */
#include "header.h"
#include "caches.h"
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

void header_boot_id(char *boot)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, boot, 63) : 0;
	if (fd >= 0)
		close(fd);
	boot[got > 0 ? got : 0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
}

static void pack_command(struct seq *header, const struct identity *identity)
{
	struct seq array;
	seq_begin(&array);
	for (size_t at = 0; at < identity->command_length;) {
		const char *argument = identity->command + at;
		pack_text(&array.body.packer, argument, strlen(argument));
		array.count++;
		at += strlen(argument) + 1;
	}
	seq_end_array(&array, map_key(header, "command"));
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

static void pack_caches(struct seq *header)
{
	static const char *const keys[CACHES_LEVELS] = {"l1d", "l2", "l3"};
	struct caches caches = caches_find();
	struct seq map;
	seq_begin(&map);
	for (size_t i = 0; i < CACHES_LEVELS; i++)
		pack_limit(&map, keys[i], caches.bytes[i] != 0, caches.bytes[i]);
	map_map(header, "caches", &map);
}

static void pack_sampling(struct seq *header, const struct region *region)
{
	struct seq map;
	if (!region->sampling_hz)
		return;
	seq_begin(&map);
	map_uint(&map, "hz", region->sampling_hz);
	map_text(&map, "clock", "thread_cpu");
	map_map(header, "sampling", &map);
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

static void pack_mode(struct seq *header, const struct region *region)
{
	if (region->mode == MP_MODE_SAMPLED) {
		map_text(header, "mode", "sampled");
		map_uint(header, "sample_bytes", region->sample_bytes);
	} else {
		map_text(header, "mode", region->mode == MP_MODE_OFF ? "off" : "exact");
	}
}

void header_pack(const struct region *region, pid_t pid, const struct identity *identity,
                 const char *run, double hz, msgpack_packer *to)
{
	char host[256] = "", boot[64], allocator[REGION_NAME_MAX];
	int32_t inside = region->header->pid;
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
	if (inside > 0 && inside != pid)
		map_int(&map, "pid_inside", inside);
	map_int(&map, "ppid", region->parent_pid);
	map_text(&map, "origin", region->origin == MP_ORIGIN_FORK ? "fork" : "exec");
	pack_command(&map, identity);
	map_text(&map, "exe", identity->exe);
	map_text(&map, "cwd", identity->cwd);
	pack_clock(&map, region, hz);
	map_text(&map, "arch", "x86_64");
	map_int(&map, "page", sysconf(_SC_PAGESIZE));
	map_int(&map, "cores", cores_of(pid));
	pack_memory(&map, pid);
	pack_caches(&map);
	map_text(&map, "allocator", allocator);
	pack_mode(&map, region);
	pack_sampling(&map, region);
	if (region->count_calls)
		map_bool(&map, "count_calls", true);
	pack_record(to, TRACE_HEADER);
	seq_end_map(&map, to);
}

/* threads.c: see threads.h. */
#include "threads.h"
#include "memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Names are read again at each look, since many are set after the thread began; a program with more
 * threads keeps the names that were seen first. */
#define NAMES_READ_AGAIN 64u

void threads_free(struct threads *threads)
{
	free(threads->slots);
}

static uint32_t read_name(struct tables *tables, pid_t pid, uint32_t tid)
{
	char path[64], name[64];
	snprintf(path, sizeof path, "/proc/%d/task/%u/comm", (int)pid, tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t got = read(fd, name, sizeof name);
	close(fd);
	if (got > 0 && name[got - 1] == '\n')
		got--;
	return got > 0 ? tables_string(tables, name, (size_t)got) : 0;
}

void threads_note_main(struct threads *threads, struct tables *tables, pid_t pid)
{
	threads->main_name = read_name(tables, pid, (uint32_t)pid);
}

static void look_at(struct threads *threads, struct tables *tables, pid_t pid,
                    const struct mp_thread_slot *slot, struct thread_seen *seen, bool stepping)
{
	uint32_t tid = __atomic_load_n(&slot->tid, __ATOMIC_ACQUIRE);
	uint64_t started = region_load(&slot->started);
	if (!tid)
		return;
	bool fresh = seen->tid != tid || seen->started != started;
	if (fresh)
		*seen = (struct thread_seen){
		        .tid = tid, .id = ++threads->last_id, .started = started};
	if (seen->stepping != stepping) {
		seen->stepping = stepping;
		seen->written = false;
	}
	if (!fresh && threads->used > NAMES_READ_AGAIN)
		return;
	uint32_t name = read_name(tables, pid, tid);
	if (!name && !seen->name && tid == (uint32_t)pid)
		name = threads->main_name;
	if (name && name != seen->name) {
		seen->name = name;
		seen->written = false;
	}
}

void threads_read(struct threads *threads, struct tables *tables, const struct region *region,
                  pid_t pid, uint32_t stepping_slot)
{
	uint32_t used = region_threads_used(region);
	memory_reserve(&threads->slots, &threads->capacity, used, sizeof *threads->slots);
	threads->used = used;
	for (uint32_t slot = 1; slot < used; slot++)
		look_at(threads, tables, pid, region_thread(region, slot), &threads->slots[slot],
		        slot == stepping_slot);
}

static void pack_thread(const struct thread_seen *seen, msgpack_packer *to)
{
	struct seq map;
	seq_begin(&map);
	map_uint(&map, "id", seen->id);
	map_uint(&map, "tid", seen->tid);
	map_uint(&map, "name", seen->name);
	map_uint(&map, "started", seen->started);
	map_bool(&map, "stepping", seen->stepping);
	pack_record(to, TRACE_THREAD);
	seq_end_map(&map, to);
}

void threads_pack(struct threads *threads, struct packed *to, bool commit)
{
	for (uint32_t slot = 1; slot < threads->used; slot++) {
		struct thread_seen *seen = &threads->slots[slot];
		if (!seen->tid || seen->written)
			continue;
		pack_thread(seen, &to->packer);
		seen->written = commit;
	}
}

uint32_t threads_id(const struct threads *threads, uint32_t slot)
{
	return slot < threads->used ? threads->slots[slot].id : 0;
}

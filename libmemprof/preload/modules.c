/* modules.c: the table of mapped objects, filled as stacks run through them.
 *
 * The loader is asked by _dl_find_object: it takes no lock and allocates nothing, so that a stack
 * may be taken anywhere, even inside dlopen. An object that is unloaded and loaded again becomes a
 * new module: a frame's meaning never changes.
 *
 * While an object is mapped it has one number, or one and the same stack would be two. Yet several
 * may meet it for the first time at once: threads, and a sample that comes in the middle. So what
 * it starts at is written first, into the first free place of the table, and whose word stands
 * there has the number. Only then it is described, by everyone who finds it without a description:
 * all of them write the same, and none waits for another, who may have been interrupted for good.
 */
#include "modules.h"
#include "capture.h"
#include "names.h"
#include "os.h"
#include "process.h"
#include "stacks.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

static struct mp_module *modules_of(struct mp_region *region)
{
	return mp_at(region, region->modules_at);
}

static uint32_t modules_count(const struct mp_region *region)
{
	uint32_t used = __atomic_load_n(&region->modules_used, __ATOMIC_ACQUIRE);
	return used < region->modules_max ? used : region->modules_max;
}

static bool is_live(const struct mp_module *module, uint64_t start)
{
	return __atomic_load_n(&module->start, __ATOMIC_ACQUIRE) == start &&
	       !__atomic_load_n(&module->unloaded, __ATOMIC_RELAXED);
}

/* The table is in use as far as this place, at least. */
static void note_used(struct mp_region *region, uint32_t number)
{
	uint32_t used = __atomic_load_n(&region->modules_used, __ATOMIC_RELAXED);
	while (used <= number &&
	       !__atomic_compare_exchange_n(&region->modules_used, &used, number + 1, false,
	                                    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

/* Takes the first free place from `number` on for what starts here, unless one on the way has been
 * taken for it. 0: the table is full. */
static uint32_t take_place(struct mp_region *region, uint32_t number, uint64_t start)
{
	struct mp_module *modules = modules_of(region);
	for (; number < region->modules_max; number++) {
		uint64_t there = 0;
		if (__atomic_compare_exchange_n(&modules[number].start, &there, start, false,
		                                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED) ||
		    is_live(&modules[number], start)) {
			note_used(region, number);
			return number;
		}
	}
	mp_overflowed(region);
	return 0;
}

/* The number of the live module that starts here; 0: the table is full. */
static uint32_t number_of(struct mp_region *region, uint64_t start)
{
	uint32_t used = modules_count(region);
	for (uint32_t i = used; i-- > 1;)
		if (is_live(&modules_of(region)[i], start))
			return i;
	return take_place(region, used, start);
}

/* Copies the build-id out of the notes of one program header. */
static void copy_build_id(struct mp_module *module, const char *notes, size_t bytes)
{
	const size_t header = sizeof(ElfW(Nhdr));
	while (bytes >= header) {
		ElfW(Nhdr) note;
		memcpy(&note, notes, header);
		size_t name = (note.n_namesz + 3u) & ~3u, value = (note.n_descsz + 3u) & ~3u;
		if (name > bytes - header || value > bytes - header - name)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    memcmp(notes + header, "GNU", 4) == 0 &&
		    note.n_descsz <= sizeof(module->build_id)) {
			memcpy(module->build_id, notes + header + name, note.n_descsz);
			__atomic_store_n(&module->build_id_length, (uint8_t)note.n_descsz,
			                 __ATOMIC_RELEASE);
			return;
		}
		notes += header + name + value;
		bytes -= header + name + value;
	}
}

/* The object's own headers are mapped at its start. */
static void read_build_id(struct mp_module *module, uintptr_t start, uintptr_t end)
{
	const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)start;
	if (end - start < sizeof(*elf) || memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf->e_phentsize != sizeof(ElfW(Phdr)) ||
	    elf->e_phoff + elf->e_phnum * sizeof(ElfW(Phdr)) > end - start)
		return;
	const ElfW(Phdr) *headers = (const ElfW(Phdr) *)(start + elf->e_phoff);
	for (unsigned i = 0; i < elf->e_phnum; i++) {
		if (__atomic_load_n(&module->build_id_length, __ATOMIC_ACQUIRE))
			return;
		uintptr_t at = module->bias + headers[i].p_vaddr;
		if (headers[i].p_type == PT_NOTE && at >= start && headers[i].p_memsz <= end - at)
			copy_build_id(module, (const char *)at, headers[i].p_memsz);
	}
}

/* The path of an object as the loader knows it; the executable has none there. */
static uint32_t module_path(const struct link_map *map)
{
	if (map && map->l_name && *map->l_name)
		return mp_name_intern(map->l_name);
	char path[MP_PATH_MAX + 1];
	long length = mp_syscall(SYS_readlink, (long)"/proc/self/exe", (long)path, sizeof(path) - 1,
	                         0, 0, 0);
	if (length <= 0)
		return 0;
	path[length] = '\0';
	return mp_name_intern(path);
}

/* Whoever comes here at the same time writes the same, but for the first sight, which is the
 * first's. */
static void describe(struct mp_module *module, const struct dl_find_object *found,
                     const struct mp_region *region)
{
	const struct link_map *map = found->dlfo_link_map;
	uint64_t unseen = 0;
	__atomic_compare_exchange_n(&module->loaded, &unseen, mp_ticks() - region->start_ticks,
	                            false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	module->bias = map ? map->l_addr : 0;
	module->path = module_path(map);
	read_build_id(module, (uintptr_t)found->dlfo_map_start, (uintptr_t)found->dlfo_map_end);
	__atomic_store_n(&module->end, (uintptr_t)found->dlfo_map_end, __ATOMIC_RELEASE);
}

uint64_t mp_where(uintptr_t address)
{
	struct mp_region *region = mp_region();
	struct dl_find_object found;
	if (!MP_NODE_ADDRESS(address))
		return 1; /* neither is code, and 0 stands for nothing */
	if (!region || _dl_find_object((void *)address, &found) != 0)
		return MP_NODE_ADDRESS(address);
	uint32_t number = number_of(region, (uintptr_t)found.dlfo_map_start);
	struct mp_module *module = modules_of(region) + number;
	if (number && !__atomic_load_n(&module->end, __ATOMIC_ACQUIRE))
		describe(module, &found, region);
	return MP_NODE_ADDRESS(address) | (uint64_t)number << 48;
}

void mp_modules_check(void)
{
	struct mp_region *region = mp_region();
	if (!region)
		return;
	bool gone = false;
	struct mp_module *modules = modules_of(region);
	for (uint32_t i = modules_count(region); i-- > 1;) {
		uint64_t start = __atomic_load_n(&modules[i].start, __ATOMIC_ACQUIRE);
		struct dl_find_object found;
		if (!start || modules[i].unloaded ||
		    (_dl_find_object((void *)start, &found) == 0 &&
		     (uintptr_t)found.dlfo_map_start == start))
			continue;
		__atomic_store_n(&modules[i].unloaded, mp_ticks() - region->start_ticks,
		                 __ATOMIC_RELAXED);
		gone = true;
	}
	if (gone)
		mp_capture_forget();
}

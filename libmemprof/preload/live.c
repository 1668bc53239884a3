/* live.c: see live.h. */
#include "jemalloc.h"
#include "live_table.h"
#include "os.h"
#include "ownmem.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

uint64_t *mp_live_roots[MP_ROOTS]; /* 1 MiB of address space; a page of it serves 512 GiB */

#define R(c)  (uint32_t)((1ull << 32) / (c) + 1)
#define R8(n) R(n), R(n + 8), R(n + 16), R(n + 24), R(n + 32), R(n + 40), R(n + 48), R(n + 56)
#define R64(n)                                                                                     \
	R8(n), R8(n + 64), R8(n + 128), R8(n + 192), R8(n + 256), R8(n + 320), R8(n + 384),        \
	        R8(n + 448)
/* clang-format off */
const uint32_t mp_live_reciprocals[MP_SMALL_MAX / 8 + 1] = {
	0, /* no class of 0 bytes */
	R(8), R(16), R(24), R(32), R(40), R(48), R(56),
	R8(64), R8(128), R8(192), R8(256), R8(320), R8(384), R8(448),
	R64(512), R64(1024), R64(1536), R64(2048), R64(2560), R64(3072), R64(3584),
	R(4096)};
/* clang-format on */

/* ---- arrays of records ------------------------------------------------------------------- */

/* Arrays are cut off chunks and kept, by class, when their page comes to another class. */
#define CHUNK_BYTES (1u << 20)

struct chunk {
	_Alignas(16) uint64_t used; /* bytes, this included */
};

struct spare_array {
	struct spare_array *next;
};

static struct chunk *chunk;
static struct spare {
	bool locked;
	struct spare_array *first;
} spares[MP_SMALL_MAX / 8 + 1];

/* Those of large blocks are where those of an impossible class would be. */
static struct spare *spare_of(uint32_t class)
{
	return &spares[class == MP_CLASS_LARGE ? 0 : class / 8];
}

static size_t array_bytes(uint32_t class)
{
	/* A large block has two records: the second holds what does not fit into the first. */
	uint32_t records = class == MP_CLASS_LARGE ? 2 : (MP_PAGE - 1) / class + 1;
	return records * sizeof(struct mp_record);
}

/* Never waits: below a signal handler the holder may be this very thread. */
static struct mp_record *take_spare(uint32_t class)
{
	struct spare *spare = spare_of(class);
	if (!spare->first || __atomic_test_and_set(&spare->locked, __ATOMIC_ACQUIRE))
		return NULL;
	struct spare_array *array = spare->first;
	if (array)
		spare->first = array->next;
	__atomic_clear(&spare->locked, __ATOMIC_RELEASE);
	return (struct mp_record *)array;
}

static void give_spare(uint64_t word)
{
	uint32_t class = mp_live_word_class(word);
	struct spare *spare = spare_of(class);
	if (!class || __atomic_test_and_set(&spare->locked, __ATOMIC_ACQUIRE))
		return;
	struct spare_array *array = (struct spare_array *)mp_live_records(word);
	array->next = spare->first;
	spare->first = array;
	__atomic_clear(&spare->locked, __ATOMIC_RELEASE);
}

static struct mp_record *cut_array(size_t bytes)
{
	for (;;) {
		struct chunk *current = __atomic_load_n(&chunk, __ATOMIC_ACQUIRE);
		if (current) {
			uint64_t at = __atomic_fetch_add(&current->used, bytes, __ATOMIC_RELAXED);
			if (at + bytes <= CHUNK_BYTES) {
				mp_own_reach(current, at, at + bytes);
				return (struct mp_record *)((char *)current + at);
			}
		}
		struct chunk *fresh = mp_own_map(CHUNK_BYTES);
		if (!fresh)
			return NULL;
		fresh->used = sizeof *fresh;
		if (!__atomic_compare_exchange_n(&chunk, &current, fresh, false, __ATOMIC_ACQ_REL,
		                                 __ATOMIC_RELAXED))
			mp_own_unmap(fresh, CHUNK_BYTES);
	}
}

static struct mp_record *new_array(uint32_t class)
{
	size_t bytes = array_bytes(class);
	struct mp_record *array = take_spare(class);
	if (array)
		memset(array, 0, bytes);
	return array ? array : cut_array(bytes);
}

/* Gives the page an array for a class; two threads may come at once with blocks of one slab. */
static bool furnish(uint64_t *word, uint32_t class)
{
	uint64_t was = __atomic_load_n(word, __ATOMIC_RELAXED);
	struct mp_record *array = new_array(class);
	if (!array)
		return false;
	uint64_t now = (uint64_t)(uintptr_t)array << 16 | class;
	if (__atomic_compare_exchange_n(word, &was, now, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE)) {
		give_spare(was);
		return true;
	}
	give_spare(now);
	return mp_live_word_class(was) == class;
}

/* ---- the allocator's mappings ------------------------------------------------------------ */

static uint64_t *make_root(uintptr_t root)
{
	uint64_t *words = __atomic_load_n(&mp_live_roots[root], __ATOMIC_ACQUIRE);
	if (words)
		return words;
	size_t bytes = MP_PAGES_A_ROOT * sizeof(*words);
	words = mp_own_map_sparse(bytes);
	if (!words)
		return NULL;
	uint64_t *was = NULL;
	if (__atomic_compare_exchange_n(&mp_live_roots[root], &was, words, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		return words;
	mp_own_unmap_sparse(words, bytes);
	return was;
}

/* Mappings from this size on are owned by granules of 2 MiB, a bit each, instead of by pages: a
 * program may reserve what it never touches. */
#define WIDE     (64ul << 20)
#define GRANULE  (2ul << 20)
#define GRANULES (1ull << 47 >> 21)
static uint64_t granules[GRANULES / 64]; /* 8 MiB of address space; a page of it serves 64 GiB */

static bool granule_is_owned(uintptr_t address)
{
	uintptr_t granule = address / GRANULE;
	return granule < GRANULES &&
	       (__atomic_load_n(&granules[granule / 64], __ATOMIC_RELAXED) >> granule % 64 & 1);
}

static void set_granules(uintptr_t from, uintptr_t to, bool owned)
{
	for (uintptr_t granule = from / GRANULE; granule < to / GRANULE; granule++) {
		uint64_t bit = 1ull << granule % 64;
		if (owned)
			__atomic_fetch_or(&granules[granule / 64], bit, __ATOMIC_RELAXED);
		else
			__atomic_fetch_and(&granules[granule / 64], ~bit, __ATOMIC_RELAXED);
	}
}

static bool own_each_page(uintptr_t from, uintptr_t to)
{
	for (uintptr_t page = from; page < to; page += MP_PAGE) {
		if (page >> 30 >= MP_ROOTS || !make_root(page >> 30))
			return false;
		uint64_t *word = mp_live_word(page);
		if (!*word)
			__atomic_store_n(word, MP_PAGE_OWNED, __ATOMIC_RELAXED);
	}
	mp_own_touched((to - from) / MP_PAGE * sizeof(uint64_t));
	return true;
}

static void disown_each_page(uintptr_t from, uintptr_t to)
{
	for (uintptr_t page = from; page < to; page += MP_PAGE) {
		uint64_t *word = mp_live_word(page);
		if (word && *word)
			give_spare(__atomic_exchange_n(word, 0, __ATOMIC_RELAXED));
	}
}

/* The part of a mapping that is owned by granules: none of a small one. */
static void wide_part(uintptr_t address, size_t bytes, uintptr_t *from, uintptr_t *to)
{
	*from = *to = address + bytes;
	if (bytes < WIDE)
		return;
	*from = (address + GRANULE - 1) & ~(GRANULE - 1);
	*to = (address + bytes) & ~(GRANULE - 1);
}

static bool own_pages(uintptr_t address, size_t bytes)
{
	uintptr_t from, to;
	wide_part(address, bytes, &from, &to);
	if (address + bytes > (uintptr_t)MP_ROOTS << 30)
		return false;
	set_granules(from, to, true);
	return own_each_page(address, from) && own_each_page(to, address + bytes);
}

static void disown_pages(uintptr_t address, size_t bytes)
{
	uintptr_t from = (address + GRANULE - 1) & ~(GRANULE - 1);
	uintptr_t to = (address + bytes) & ~(GRANULE - 1);
	if (from < to)
		set_granules(from, to, false);
	disown_each_page(address, address + bytes);
}

bool mp_live_owned(uintptr_t address)
{
	uint64_t *word = mp_live_word(address);
	return (word && __atomic_load_n(word, __ATOMIC_RELAXED) != 0) || granule_is_owned(address);
}

/* ---- records ----------------------------------------------------------------------------- */

/* A gigabyte has none where the memory did not come by mp_je_mmap, but by a program's own extent
 * hooks. */
uint64_t *mp_live_word_made(uintptr_t block)
{
	return block >> 30 < MP_ROOTS && make_root(block >> 30) ? mp_live_word(block) : NULL;
}

__attribute__((noinline)) struct mp_record *mp_live_place_made(uintptr_t block, uint32_t class)
{
	uint64_t *word = mp_live_word_made(block);
	if (!word || !furnish(word, class))
		return NULL;
	return mp_live_at(*word, block, mp_live_reciprocal(class));
}

bool mp_live_put(uintptr_t block, size_t size, size_t usable, uint32_t counters, uint64_t owner,
                 uint64_t origin)
{
	uint32_t class = mp_live_class(usable);
	struct mp_record *place = mp_live_place(block, class, mp_live_reciprocal(class));
	if (!place)
		return false;
	if (class == MP_CLASS_LARGE) {
		place[1].what = size;
		place[1].origin = usable;
		size = 0;
	}
	place->what = mp_live_what(size, owner, counters);
	place->origin = origin;
	return true;
}

enum mp_live_found mp_live_take(uintptr_t block, struct mp_live_block *found)
{
	uint64_t *word = mp_live_word(block);
	uint64_t value = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;
	uint32_t class = mp_live_word_class(value);
	if (!class)
		return mp_live_owned(block) ? MP_LIVE_UNKNOWN : MP_LIVE_FOREIGN;
	struct mp_record *place = mp_live_at(value, block, mp_live_reciprocal(class));
	uint64_t what = place->what;
	if (!what)
		return MP_LIVE_UNKNOWN;
	place->what = 0;
	found->counters = (uint32_t)what;
	found->owner = what & MP_RECORD_OWNER;
	found->size = what >> MP_RECORD_SIZE_AT;
	found->usable = class;
	found->origin = place->origin;
	if (class == MP_CLASS_LARGE) {
		found->size = place[1].what;
		found->usable = place[1].origin;
	}
	return MP_LIVE_FOUND;
}

static void void_records(uint64_t word)
{
	struct mp_record *records = mp_live_records(word);
	uint32_t class = mp_live_word_class(word);
	if (!class)
		return;
	/* The second record of a large block is its sizes. */
	size_t count = class == MP_CLASS_LARGE ? 1 : array_bytes(class) / sizeof(*records);
	for (size_t i = 0; i < count; i++)
		if (records[i].what)
			records[i].what =
			        mp_live_what(records[i].what >> MP_RECORD_SIZE_AT, 0, MP_UNCOUNTED);
}

void mp_live_void_all(void)
{
	for (uintptr_t root = 0; root < MP_ROOTS; root++)
		for (uintptr_t i = 0; mp_live_roots[root] && i < MP_PAGES_A_ROOT; i++)
			void_records(mp_live_roots[root][i]);
}

/* jemalloc's mmap and munmap: its object file has had these names put in place of the C library's.
 */
void *mp_je_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	/* What the system would refuse to the C library it shall refuse here: no MAP_NORESERVE. */
	long at = mp_syscall(SYS_mmap, (long)address, (long)bytes, protection,
	                     flags & ~MAP_NORESERVE, fd, offset);
	if (at < 0) {
		errno = (int)-at;
		return MAP_FAILED;
	}
	if (!own_pages((uintptr_t)at, bytes)) {
		(void)mp_syscall(SYS_munmap, at, (long)bytes, 0, 0, 0, 0);
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)at;
}

int mp_je_munmap(void *address, size_t bytes)
{
	/* Before the pages go: after it they may at once be somebody else's. */
	disown_pages((uintptr_t)address, bytes);
	long result = mp_syscall(SYS_munmap, (long)address, (long)bytes, 0, 0, 0, 0);
	if (result == 0)
		return 0;
	(void)own_pages((uintptr_t)address, bytes);
	errno = (int)-result;
	return -1;
}

/* The program break is left to the program. */
void *mp_je_sbrk(intptr_t increment)
{
	(void)increment;
	errno = ENOMEM;
	return (void *)-1;
}

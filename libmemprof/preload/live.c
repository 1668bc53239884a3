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
const uint32_t mp_live_reciprocals[MP_CLASS_LARGE + 1] = {
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
	uint64_t used;
	char bytes[];
};

struct spare_array {
	struct spare_array *next;
};

static struct chunk *chunk;
static struct {
	bool locked;
	struct spare_array *first;
} spare[MP_CLASS_LARGE + 1];

static size_t array_bytes(uint32_t class)
{
	/* A large block has two records: the second holds what does not fit in 32 bits. */
	uint32_t records = class == MP_CLASS_LARGE ? 2 : (MP_PAGE - 1) / (class * 8) + 1;
	return records * sizeof(struct mp_record);
}

/* Never waits: below a signal handler the holder may be this very thread. */
static struct mp_record *take_spare(uint32_t class)
{
	if (!spare[class].first || __atomic_test_and_set(&spare[class].locked, __ATOMIC_ACQUIRE))
		return NULL;
	struct spare_array *array = spare[class].first;
	if (array)
		spare[class].first = array->next;
	__atomic_clear(&spare[class].locked, __ATOMIC_RELEASE);
	return (struct mp_record *)array;
}

static void give_spare(uint64_t word)
{
	uint32_t class = mp_live_word_class(word);
	if (word == 0 || word == MP_PAGE_OWNED ||
	    __atomic_test_and_set(&spare[class].locked, __ATOMIC_ACQUIRE))
		return;
	struct spare_array *array = (struct spare_array *)mp_live_records(word);
	array->next = spare[class].first;
	spare[class].first = array;
	__atomic_clear(&spare[class].locked, __ATOMIC_RELEASE);
}

static struct mp_record *cut_array(size_t bytes)
{
	for (;;) {
		struct chunk *current = __atomic_load_n(&chunk, __ATOMIC_ACQUIRE);
		if (current) {
			uint64_t at = __atomic_fetch_add(&current->used, bytes, __ATOMIC_RELAXED);
			if (at + bytes <= CHUNK_BYTES - sizeof(*current))
				return (struct mp_record *)(current->bytes + at);
		}
		struct chunk *fresh = mp_own_map(CHUNK_BYTES);
		if (!fresh)
			return NULL;
		fresh->used = 16 - sizeof(*fresh) % 16; /* records are aligned to 16 bytes */
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
struct mp_record *mp_live_furnish(uint64_t *word, uint64_t was, uint32_t class)
{
	struct mp_record *array = new_array(class);
	if (!array)
		return NULL;
	uint64_t now = (uint64_t)(uintptr_t)array | (uint64_t) class << 48;
	if (__atomic_compare_exchange_n(word, &was, now, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE)) {
		give_spare(was);
		return array;
	}
	give_spare(now);
	return mp_live_word_class(was) == class ? mp_live_records(was) : NULL;
}

bool mp_live_owned(uintptr_t address)
{
	uint64_t *word = mp_live_word(address);
	return word && __atomic_load_n(word, __ATOMIC_RELAXED) != 0;
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

static bool own_pages(uintptr_t address, size_t bytes)
{
	for (uintptr_t page = address; page < address + bytes; page += MP_PAGE) {
		if (page >> 30 >= MP_ROOTS || !make_root(page >> 30))
			return false;
		uint64_t *word = mp_live_word(page);
		if (!*word)
			__atomic_store_n(word, MP_PAGE_OWNED, __ATOMIC_RELAXED);
	}
	mp_own_touched(bytes / MP_PAGE * sizeof(uint64_t));
	return true;
}

static void disown_pages(uintptr_t address, size_t bytes)
{
	for (uintptr_t page = address; page < address + bytes; page += MP_PAGE) {
		uint64_t *word = mp_live_word(page);
		if (word)
			give_spare(__atomic_exchange_n(word, 0, __ATOMIC_RELAXED));
	}
}

/* jemalloc's mmap and munmap: its object file has had these names put in place of the C library's.
 */
void *mp_je_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	long at = mp_syscall(SYS_mmap, (long)address, (long)bytes, protection, flags, fd, offset);
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

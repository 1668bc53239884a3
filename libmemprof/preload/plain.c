/* plain.c: see plain.h. */
#include "plain.h"
#include "jemalloc.h"
#include "live_table.h"
#include "ownmem.h"

#include <sys/mman.h>

#define NOWHERE (1ull << 63) /* no address is less than a window above it */
#define GIB     (1ull << 30)
#define BELOW   (28 * GIB) /* of the window, below the first mapping */

struct mp_plain mp_plain __attribute__((aligned(64))) = {.base = NOWHERE};

/* Followed from the first mapping on, which may come before it is known how this process records,
 * or after. */
static struct {
	uintptr_t base;
	uint8_t *grains; /* NULL: not made */
	bool begun;
} window;

static bool make_window(uintptr_t first)
{
	if (__atomic_load_n(&window.grains, __ATOMIC_ACQUIRE))
		return true;
	uint8_t *grains = mp_own_map_sparse(MP_PLAIN_GRAINS), *was = NULL;
	if (!grains)
		return false;
	uintptr_t gigabyte = first & ~(GIB - 1), none = 0;
	uintptr_t base = gigabyte > BELOW ? gigabyte - BELOW : MP_PLAIN_GRAIN;
	(void)__atomic_compare_exchange_n(&window.base, &none, base, false, __ATOMIC_RELAXED,
	                                  __ATOMIC_RELAXED);
	if (!__atomic_compare_exchange_n(&window.grains, &was, grains, false, __ATOMIC_ACQ_REL,
	                                 __ATOMIC_ACQUIRE))
		mp_own_unmap_sparse(grains, MP_PLAIN_GRAINS);
	return true;
}

/* Before anybody can have a block that is in it, or before there are threads: what frees read need
 * not be read together. */
static void show_window(void)
{
	uint8_t *grains = __atomic_load_n(&window.grains, __ATOMIC_ACQUIRE);
	if (!grains || !__atomic_load_n(&window.begun, __ATOMIC_RELAXED) || mp_plain.grains)
		return;
	mp_plain.grains = grains;
	__atomic_store_n(&mp_plain.base, window.base, __ATOMIC_RELEASE);
}

void mp_plain_begin(void)
{
	__atomic_store_n(&window.begun, true, __ATOMIC_RELAXED);
	show_window();
}

/* NULL: it is not in the window. */
static uint8_t *grain_of(uintptr_t address)
{
	uint8_t *grains = __atomic_load_n(&window.grains, __ATOMIC_ACQUIRE);
	uintptr_t grain = (address - window.base) / MP_PLAIN_GRAIN;
	return grains && grain < MP_PLAIN_GRAINS ? &grains[grain] : NULL;
}

static void count_page(uintptr_t page, uint8_t change)
{
	uint8_t *grain = grain_of(page);
	if (grain)
		__atomic_fetch_add(grain, change, __ATOMIC_RELAXED);
}

void mp_plain_mark(uintptr_t address)
{
	count_page(address, (uint8_t)-1);
}

void mp_plain_unmark(uintptr_t address)
{
	count_page(address, 1);
}

/* A mark may be left of a block whose free could not have the lock. */
static bool is_marked(uintptr_t page)
{
	const uint64_t *word = mp_live_word(page);
	uint64_t value = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;
	return !mp_live_word_class(value) && value > MP_PAGE_OWNED;
}

/* The window's part of a mapping: whole grains are set, of others pages are counted. */
static void set_pages(uintptr_t from, uintptr_t to, bool plain)
{
	while (from < to) {
		uint8_t *grain = grain_of(from);
		if (from % MP_PLAIN_GRAIN == 0 && to - from >= MP_PLAIN_GRAIN) {
			if (grain)
				__atomic_store_n(grain, plain ? MP_PLAIN_PAGES : 0,
				                 __ATOMIC_RELAXED);
			from += MP_PLAIN_GRAIN;
			continue;
		}
		if (plain || !is_marked(from))
			count_page(from, plain ? 1 : (uint8_t)-1);
		from += MP_PAGE;
	}
}

static void follow(uintptr_t address, size_t bytes, bool plain)
{
	uintptr_t end = window.base + (uintptr_t)MP_PLAIN_GRAINS * MP_PLAIN_GRAIN;
	uintptr_t from = address > window.base ? address : window.base;
	uintptr_t to = address + bytes < end ? address + bytes : end;
	set_pages(from, to, plain);
}

/* What is mapped over what was mapped before (MAP_FIXED: committed or not) stays what it is. */

void *mp_plain_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	void *at = mp_je_mmap(address, bytes, protection, flags, fd, offset);
	if (at == MAP_FAILED || flags & MAP_FIXED || !make_window((uintptr_t)at))
		return at;
	follow((uintptr_t)at, bytes, true);
	show_window();
	return at;
}

int mp_plain_munmap(void *address, size_t bytes)
{
	follow((uintptr_t)address, bytes, false);
	int result = mp_je_munmap(address, bytes);
	if (result != 0)
		follow((uintptr_t)address, bytes, true);
	return result;
}

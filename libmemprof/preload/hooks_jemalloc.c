/* hooks_jemalloc.c: jemalloc's own interface, for programs that are linked to jemalloc: their
 * jemalloc is not used, and what they set and ask by mallctl is that of the one in here. */
#include "hooks.h"
#include "jemalloc.h"
#include "live.h"
#include "next.h"
#include "os.h"
#include "sampled.h"

#include <stdint.h>
#include <string.h>

void *mallocx(size_t size, int flags);
void *rallocx(void *block, size_t size, int flags);
size_t xallocx(void *block, size_t size, size_t extra, int flags);
size_t sallocx(const void *block, int flags);
void dallocx(void *block, int flags);
void sdallocx(void *block, size_t size, int flags);
size_t nallocx(size_t size, int flags);
int mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length);
int mallctlnametomib(const char *name, size_t *mib, size_t *length);
int mallctlbymib(const size_t *mib, size_t mib_length, void *old, size_t *old_length, void *new,
                 size_t new_length);
void malloc_stats_print(void (*write)(void *, const char *), void *argument, const char *options);

MP_HOOK void *mallocx(size_t size, int flags)
{
	void *block = mp_je_mallocx(size, flags);
	if (block && !mp_sampled_passes(mp_hook_size(size)))
		mp_heap_allocated_as(block, size, mp_je_sallocx(block, flags), MP_SITE);
	return block;
}

MP_HOOK void *rallocx(void *block, size_t size, int flags)
{
	struct mp_moving moving = mp_heap_moving(block);
	if (moving.found == MP_LIVE_FOREIGN)
		return mp_next_realloc(block, size);
	void *moved = mp_je_rallocx(block, size, flags);
	if (moved)
		mp_heap_moved(&moving, block, moved, size, mp_je_sallocx(moved, flags), MP_SITE);
	else
		mp_heap_not_moved(&moving, block);
	return moved;
}

/* Resizes in place, or leaves the block as it is; a change of size is a reallocation. */
MP_HOOK size_t xallocx(void *block, size_t size, size_t extra, int flags)
{
	struct mp_moving moving = mp_heap_moving(block);
	size_t usable = mp_je_xallocx(block, size, extra, flags);
	if (usable != moving.from.usable && usable >= size)
		mp_heap_moved(&moving, block, block, size, usable, MP_SITE);
	else
		mp_heap_not_moved(&moving, block);
	return usable;
}

MP_HOOK size_t sallocx(const void *block, int flags)
{
	return mp_live_owned((uintptr_t)block) ? mp_je_sallocx(block, flags)
	                                       : mp_next_usable_size(block);
}

static void free_with_flags(void *block, int flags)
{
	enum mp_freeing way = MP_FREE_HERE;
	if (!mp_plain_is(block) && !mp_heap_frees(block))
		way = mp_heap_freeing(block);
	if (way == MP_FREE_HERE)
		mp_je_dallocx(block, flags);
	else if (way == MP_FREE_NEXT)
		mp_next_free(block);
}

MP_HOOK void dallocx(void *block, int flags)
{
	free_with_flags(block, flags);
}

MP_HOOK void sdallocx(void *block, size_t size, int flags)
{
	(void)size; /* the C library's free does not know it, so it must not be believed */
	free_with_flags(block, flags);
}

MP_HOOK size_t nallocx(size_t size, int flags)
{
	return mp_je_nallocx(size, flags);
}

/* Extent hooks of the program's own would bring memory that we are not told about. */
static bool sets_extent_hooks(const char *name, size_t new_length)
{
	size_t length = strlen(name);
	static const char end[] = ".extent_hooks";
	bool hooks = strcmp(name, "arenas.create") == 0 ||
	             (length > sizeof(end) && strcmp(name + length - sizeof(end) + 1, end) == 0);
	return hooks && new_length;
}

MP_HOOK int mallctl(const char *name, void *old, size_t *old_length, void *new, size_t new_length)
{
	if (sets_extent_hooks(name, new_length)) {
		mp_complain("the program's own extent hooks for jemalloc are left out");
		new = NULL;
		new_length = 0;
	}
	return mp_je_mallctl(name, old, old_length, new, new_length);
}

MP_HOOK int mallctlnametomib(const char *name, size_t *mib, size_t *length)
{
	return mp_je_mallctlnametomib(name, mib, length);
}

MP_HOOK int mallctlbymib(const size_t *mib, size_t mib_length, void *old, size_t *old_length,
                         void *new, size_t new_length)
{
	return mp_je_mallctlbymib(mib, mib_length, old, old_length, new, new_length);
}

MP_HOOK void malloc_stats_print(void (*write)(void *, const char *), void *argument,
                                const char *options)
{
	mp_je_malloc_stats_print(write, argument, options);
}

/* hooks_map.c: the functions by which a program maps memory without the allocator.
 *
 * The function behind ours does the work, as the C library, or an interposer between us and it,
 * defines it; until the constructor has found it, the system call itself. What it returns and what
 * it leaves in errno reach the program untouched. See mappings.h for what is counted.
 */
#include "capture.h"
#include "hooks.h"
#include "mappings.h"
#include "next.h"
#include "os.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE                 4096ul
#define DEFAULT_HUGE_PAGE_AT 21u

typedef void *mmap_function(void *, size_t, int, int, int, off_t);
typedef int munmap_function(void *, size_t);
typedef void *mremap_function(void *, size_t, size_t, int, ...);
typedef void *sbrk_function(intptr_t);
typedef int brk_function(void *);

/* ---- the functions behind ours -----------------------------------------------------------------
 */

static mmap_function *behind_mmap, *behind_mmap64;
static munmap_function *behind_munmap;
static mremap_function *behind_mremap;

/* Not at first use: that may be in a signal handler, where dlsym has no place. */
void mp_mappings_start(void)
{
	static void *place[4];
	behind_mmap = (mmap_function *)mp_next("mmap", &place[0]);
	behind_mmap64 = (mmap_function *)mp_next("mmap64", &place[1]);
	behind_munmap = (munmap_function *)mp_next("munmap", &place[2]);
	behind_mremap = (mremap_function *)mp_next("mremap", &place[3]);
}

static long kernel_says(long result)
{
	if (result >= 0 || result < -4095)
		return result;
	errno = (int)-result;
	return -1;
}

static void *next_mmap(mmap_function *behind, void *address, size_t length, int protection,
                       int flags, int fd, off_t offset)
{
	if (behind)
		return behind(address, length, protection, flags, fd, offset);
	return (void *)kernel_says(
	        mp_syscall(SYS_mmap, (long)address, (long)length, protection, flags, fd, offset));
}

static int next_munmap(void *address, size_t length)
{
	if (behind_munmap)
		return behind_munmap(address, length);
	return (int)kernel_says(mp_syscall(SYS_munmap, (long)address, (long)length, 0, 0, 0, 0));
}

static void *next_mremap(void *old, size_t old_length, size_t length, int flags, void *to)
{
	void *at = behind_mremap
	                   ? behind_mremap(old, old_length, length, flags, to)
	                   : (void *)kernel_says(mp_syscall(SYS_mremap, (long)old, (long)old_length,
	                                                    (long)length, flags, (long)to, 0));
	mp_capture_unmapped();
	return at;
}

/* The break is the C library's own affair: there is no system call to fall back to. Programs use it
 * while they have one thread and outside of handlers, so it is looked up when needed. */
static void *next_sbrk(intptr_t increment)
{
	static void *place;
	sbrk_function *behind = (sbrk_function *)mp_next("sbrk", &place);
	if (behind)
		return behind(increment);
	errno = ENOMEM;
	return (void *)-1;
}

static int next_brk(void *address)
{
	static void *place;
	brk_function *behind = (brk_function *)mp_next("brk", &place);
	if (behind)
		return behind(address);
	errno = ENOMEM;
	return -1;
}

/* ---- mmap --------------------------------------------------------------------------------------
 */

/* A length as the kernel takes it: whole pages; 0 where it is too long to be. */
static size_t whole_pages(size_t length, size_t page)
{
	return (length + page - 1) & ~(page - 1);
}

static size_t page_of(int flags)
{
	if (!(flags & MAP_HUGETLB))
		return PAGE;
	unsigned at = ((unsigned)flags >> MAP_HUGE_SHIFT) & MAP_HUGE_MASK;
	return 1ul << (at ? at : DEFAULT_HUGE_PAGE_AT);
}

/* Maps over whatever is there. */
static bool is_fixed(int flags)
{
	return (flags & MAP_FIXED) && (flags & MAP_FIXED_NOREPLACE) != MAP_FIXED_NOREPLACE;
}

static void *map(mmap_function *behind, void *address, size_t length, int protection, int flags,
                 int fd, off_t offset, MP_SITE_PARAMETERS)
{
	size_t bytes = whole_pages(length, page_of(flags));
	struct mp_mappings_cut under = {NULL};
	if (is_fixed(flags))
		under = mp_mappings_cut((uintptr_t)address, bytes);
	void *at = next_mmap(behind, address, length, protection, flags, fd, offset);
	if (at == MAP_FAILED) {
		mp_mappings_restore(under);
		return at;
	}
	if (is_fixed(flags))
		mp_capture_unmapped();
	mp_mappings_gone(under);
	if (flags & MAP_ANONYMOUS)
		mp_mappings_came((uintptr_t)at, bytes, MP_SITE_ARGUMENTS);
	return at;
}

MP_HOOK void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	return map(behind_mmap, address, length, protection, flags, fd, offset, MP_SITE);
}

MP_HOOK void *mmap64(void *address, size_t length, int protection, int flags, int fd,
                     off64_t offset)
{
	return map(behind_mmap64, address, length, protection, flags, fd, offset, MP_SITE);
}

/* ---- munmap and mremap -------------------------------------------------------------------------
 */

MP_HOOK int munmap(void *address, size_t length)
{
	struct mp_mappings_cut cut = mp_mappings_cut((uintptr_t)address, whole_pages(length, PAGE));
	int result = next_munmap(address, length);
	mp_capture_unmapped();
	if (result == 0)
		mp_mappings_gone(cut);
	else
		mp_mappings_restore(cut);
	return result;
}

/* A reallocation: the old range goes to the new one. */
static void *move(void *old, size_t old_length, size_t length, int flags, void *to,
                  MP_SITE_PARAMETERS)
{
	struct mp_mappings_cut from =
	        mp_mappings_cut((uintptr_t)old, whole_pages(old_length, PAGE));
	struct mp_mappings_cut under = {NULL};
	if (flags & MREMAP_FIXED)
		under = mp_mappings_cut((uintptr_t)to, whole_pages(length, PAGE));
	void *at = next_mremap(old, old_length, length, flags, to);
	if (at == MAP_FAILED) {
		mp_mappings_restore(under);
		mp_mappings_restore(from);
		return at;
	}
	mp_mappings_gone(under);
	mp_mappings_moved(from, (uintptr_t)at, whole_pages(length, PAGE), MP_SITE_ARGUMENTS);
	return at;
}

/* The old range stays as it is, beside a new one. */
static void *copy(void *old, size_t old_length, size_t length, int flags, void *to,
                  MP_SITE_PARAMETERS)
{
	bool counted = mp_mappings_has((uintptr_t)old);
	struct mp_mappings_cut under = {NULL};
	if (flags & MREMAP_FIXED)
		under = mp_mappings_cut((uintptr_t)to, whole_pages(length, PAGE));
	void *at = next_mremap(old, old_length, length, flags, to);
	if (at == MAP_FAILED) {
		mp_mappings_restore(under);
		return at;
	}
	mp_mappings_gone(under);
	if (counted)
		mp_mappings_came((uintptr_t)at, whole_pages(length, PAGE), MP_SITE_ARGUMENTS);
	return at;
}

/* The kernel shrinks in place: it unmaps the end. */
static void *shrink(void *old, size_t old_length, size_t length, int flags)
{
	size_t kept = whole_pages(length, PAGE);
	struct mp_mappings_cut tail =
	        mp_mappings_cut((uintptr_t)old + kept, whole_pages(old_length, PAGE) - kept);
	void *at = next_mremap(old, old_length, length, flags, NULL);
	if (at == MAP_FAILED)
		mp_mappings_restore(tail);
	else
		mp_mappings_gone(tail);
	return at;
}

MP_HOOK void *mremap(void *old, size_t old_length, size_t length, int flags, ...)
{
	va_list rest;
	va_start(rest, flags);
	void *to = va_arg(rest, void *); /* a register; it is not looked at if it was not given */
	va_end(rest);
	if (!old_length || flags & MREMAP_DONTUNMAP)
		return copy(old, old_length, length, flags, to, MP_SITE);
	if (flags & MREMAP_FIXED || whole_pages(length, PAGE) > whole_pages(old_length, PAGE))
		return move(old, old_length, length, flags, to, MP_SITE);
	return shrink(old, old_length, length, flags);
}

/* ---- the break ---------------------------------------------------------------------------------
 */

MP_HOOK void *sbrk(intptr_t increment)
{
	if (increment == 0)
		return next_sbrk(0);
	struct mp_mappings_cut cut = {NULL};
	if (increment < 0)
		cut = mp_mappings_cut((uintptr_t)next_sbrk(0) + (uintptr_t)increment,
		                      -(size_t)increment);
	void *was = next_sbrk(increment);
	if (was == (void *)-1) {
		mp_mappings_restore(cut);
		return was;
	}
	mp_mappings_gone(cut);
	if (increment > 0)
		mp_mappings_came((uintptr_t)was, (size_t)increment, MP_SITE);
	return was;
}

MP_HOOK int brk(void *address)
{
	uintptr_t was = (uintptr_t)next_sbrk(0), is = (uintptr_t)address;
	struct mp_mappings_cut cut = {NULL};
	if (is < was)
		cut = mp_mappings_cut(is, was - is);
	int result = next_brk(address);
	if (result != 0) {
		mp_mappings_restore(cut);
		return result;
	}
	mp_mappings_gone(cut);
	if (is > was)
		mp_mappings_came(was, is - was, MP_SITE);
	return result;
}

/* readable.c: see readable.h. */
#include "unwind/readable.h"

#include <errno.h>
#include <sys/syscall.h>

uintptr_t mp_readable_pages[MP_READABLE_PAGES];

_Static_assert(MP_READABLE_PAGES == 1u << (64 - 53), "mp_readable_slot takes the top 11 bits");

/* Not through libc: errno is the program's. */
static long probe(uintptr_t address)
{
	long result;
	register long size __asm__("r10") = 8;
	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"((long)SYS_rt_sigprocmask), "D"(~0l), "S"(address), "d"(0l), "r"(size)
	                 : "rcx", "r11", "memory");
	return result;
}

bool mp_readable_ask(uintptr_t address)
{
	uintptr_t page = address >> MP_PAGE_SHIFT;
	if (page == 0 || address >> 47 != 0)
		return false;
	if (probe(page << MP_PAGE_SHIFT) == -EFAULT)
		return false;
	__atomic_store_n(&mp_readable_pages[mp_readable_slot(page)], page + 1, __ATOMIC_RELAXED);
	return true;
}

void mp_readable_forget(void)
{
	for (uint32_t i = 0; i < MP_READABLE_PAGES; i++)
		__atomic_store_n(&mp_readable_pages[i], 0, __ATOMIC_RELAXED);
}

bool mp_readable_range(uintptr_t from, uintptr_t to)
{
	if (from >= to)
		return false;
	for (uintptr_t page = from >> MP_PAGE_SHIFT; page <= (to - 1) >> MP_PAGE_SHIFT; page++)
		if (!mp_readable_page(page << MP_PAGE_SHIFT))
			return false;
	return true;
}

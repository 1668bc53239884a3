/* readable.h: is a page there to be read?
 *
 * Right call frame information never leads outside the live stack, so a walk needs no bounds. Wrong
 * information (hand-written assembly, a register that a foreign calling convention spoilt) may lead
 * anywhere, and then a read must fail and not kill the program. So every address that comes out of
 * a rule is asked for here before it is read.
 *
 * Pages that were found readable are remembered, process-wide, in a small table without locks: one
 * load and compare. The first look at a page asks the kernel: rt_sigprocmask with an impossible
 * `how` copies the new mask in before it looks at `how`, so it says EFAULT for an unreadable
 * address and EINVAL for a readable one, and changes nothing. One call for each page of stack ever
 * walked, no descriptor, no errno.
 *
 * A page that is unmapped later stays in the table until mp_readable_forget. That is harmless while
 * rules are right, since then nothing outside the live stack is read at all: both must go wrong at
 * once, on the same page.
 */
#ifndef MP_UNWIND_READABLE_H
#define MP_UNWIND_READABLE_H

#include <stdbool.h>
#include <stdint.h>

#define MP_READABLE_PAGES 2048u /* remembered pages; a power of two */
#define MP_PAGE_SHIFT     12u

extern uintptr_t mp_readable_pages[MP_READABLE_PAGES]; /* number + 1; 0: none */

/* Asks the kernel, and remembers a yes. */
bool mp_readable_ask(uintptr_t address);

/* Voids what is remembered. Lock-free, async-signal-safe. */
void mp_readable_forget(void);

static inline uint32_t mp_readable_slot(uintptr_t page)
{
	return (uint32_t)((page * 0x9e3779b97f4a7c15ull) >> 53);
}

/* Whether the page of `address` can be read. */
static inline bool mp_readable_page(uintptr_t address)
{
	uintptr_t page = address >> MP_PAGE_SHIFT;
	uintptr_t *slot = &mp_readable_pages[mp_readable_slot(page)];
	if (__builtin_expect(__atomic_load_n(slot, __ATOMIC_RELAXED) == page + 1, 1))
		return true;
	return mp_readable_ask(address);
}

/* Whether the 8 bytes at `address` can be read; a stack slot is aligned, or it is none. */
static inline bool mp_readable_word(uintptr_t address)
{
	return (address & 7u) == 0 && mp_readable_page(address);
}

/* Whether every page of [from, to) can be read. */
bool mp_readable_range(uintptr_t from, uintptr_t to);

static inline uintptr_t mp_word_at(uintptr_t address)
{
	return *(const volatile uintptr_t *)address;
}

#endif

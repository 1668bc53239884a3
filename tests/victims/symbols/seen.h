/* seen.h: how a fixture says where it was: the frames that its own source expects at an address.
 *
 * Each line on standard output is an address (the return address into the caller, in the file's
 * own terms) and the frames at it, innermost first: function|line|line of its declaration, each
 * after a tab. A line of 0 is not to be compared.
 */
#ifndef SYMBOLS_SEEN_H
#define SYMBOLS_SEEN_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NEVER_INLINE  __attribute__((noinline, noclone))
#ifdef __clang__
#undef NEVER_INLINE
#define NEVER_INLINE __attribute__((noinline))
#endif

static int take_bias(struct dl_phdr_info *info, size_t size, void *bias)
{
	(void)size;
	*(uintptr_t *)bias = info->dlpi_addr;
	return 1; /* the first is the program */
}

__attribute__((unused)) static uintptr_t in_file_terms(const void *address)
{
	uintptr_t bias = 0;

	dl_iterate_phdr(take_bias, &bias);
	return (uintptr_t)address - bias;
}

static NEVER_INLINE __attribute__((format(printf, 1, 2))) void seen(const char *frames, ...)
{
	va_list arguments;

	printf("%lx\t", (unsigned long)in_file_terms(__builtin_return_address(0)));
	va_start(arguments, frames);
	vprintf(frames, arguments);
	va_end(arguments);
	putchar('\n');
}

/* After a call, so that it is not the function's last act, which a jump would do. */
#define NOT_A_TAIL_CALL() __asm__ volatile("" ::: "memory")

#endif

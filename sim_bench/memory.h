/* memory.h: allocations that must succeed.
 *
 * A simulation cannot go on without its memory, so a refused allocation ends the program with one
 * line. NEED is a macro and not a function on purpose: the call to malloc stays on the line that
 * wanted the memory, which is what a memory profiler names.
 */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stdlib.h>

/* Says on stderr that memory ran out, and exits with code 1. */
_Noreturn void memory_exhausted(void);

/* The value of ALLOCATION (malloc, calloc, realloc, strdup …), never NULL. Ownership is the
 * caller's, as with the function called. */
#define NEED(ALLOCATION)                                                                           \
	(__extension__({                                                                           \
		void *need_ = (ALLOCATION);                                                        \
		if (!need_)                                                                        \
			memory_exhausted();                                                        \
		need_;                                                                             \
	}))

#endif

/* next.h: the allocator that would serve the program if memprof were not there.
 *
 * It gets what is not ours: blocks that came from elsewhere (RTLD_DEEPBIND, dlmopen, an allocator
 * of the program's own), and calls that only it can end as the program expects.
 */
#ifndef MP_PRELOAD_NEXT_H
#define MP_PRELOAD_NEXT_H

#include <stddef.h>

/* The next definition of a function behind ours, remembered in *place after the first look. NULL:
 * there is none. The look-up itself may allocate. */
void *mp_next(const char *name, void **place);

/* The same for a function of the C++ library, which may have come with a plug-in, or be linked into
 * the plug-in that called (`caller`: an address in it), and then is in no scope that we look
 * through: it is found all the same. */
void *mp_next_cxx(const char *name, void **place, void *caller);

/* From now on the next allocator leads back to us (hooks_loader.c): what is foreign is nobody's,
 * and is left alone. */
void mp_next_is_here(void);

void mp_next_free(void *block);
void *mp_next_realloc(void *block, size_t size);
size_t mp_next_usable_size(const void *block);

#endif

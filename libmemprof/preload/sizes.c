/* sizes.c: see sizes.h. */
#include "sizes.h"
#include "heap.h"
#include "jemalloc.h"

struct mp_size mp_sizes[MP_SIZES_MAX / 8 + 1];

void mp_sizes_learn(void)
{
	if (mp_sizes[MP_SIZES_MAX / 8].usable)
		return;
	for (size_t size = 0; size <= MP_SIZES_MAX; size += 8) {
		size_t usable = mp_size_class(mp_hook_size(size));
		mp_sizes[size / 8] = (struct mp_size){
		        .reciprocal = mp_live_reciprocal(mp_live_class(usable)),
		        .usable = (uint16_t)usable,
		        .bucket = (uint16_t)mp_size_bucket(size),
		};
	}
}

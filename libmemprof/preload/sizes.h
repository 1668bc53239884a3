/* sizes.h: what a small request's size tells, looked up instead of worked out at each allocation.
 *
 * It rests on two things: all that the allocator gives for a size is one size class, and classes
 * and buckets end at multiples of eight, so that eight sizes share an entry. Where alignment is
 * asked for, the class is another. */
#ifndef MP_PRELOAD_SIZES_H
#define MP_PRELOAD_SIZES_H

#include "live_table.h"

struct mp_size {
	uint32_t reciprocal; /* of the class, as in mp_live_reciprocals */
	uint16_t usable;     /* the class */
	uint16_t bucket;     /* mp_size_bucket of the size */
};

#define MP_SIZES_MAX MP_SMALL_MAX

extern struct mp_size mp_sizes[MP_SIZES_MAX / 8 + 1];

/* Fills the table; before the first look into it. May be called again, and at once by several. */
void mp_sizes_learn(void);

/* Of a request of up to MP_SIZES_MAX bytes. */
static inline const struct mp_size *mp_size_of(size_t size)
{
	return &mp_sizes[(size + 7) / 8];
}

#endif

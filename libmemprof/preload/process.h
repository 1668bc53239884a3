/* process.h: this process image's recording: whether there is one, and its region.
 *
 * The state lives on a page that the kernel wipes in a forked child (MADV_WIPEONFORK): however the
 * child came to be, it finds itself "not started", and starts a recording of its own at its first
 * event. A child that goes on to exec at once usually has none.
 *
 *     not started --first event--> starting --> recording | off
 *          ^                                        |
 *          +----------------- fork -----------------+
 */
#ifndef MP_PRELOAD_PROCESS_H
#define MP_PRELOAD_PROCESS_H

#include "intern.h"
#include "mappings.h"
#include "pools.h"
#include "shared/region.h"

#include <stdbool.h>

enum mp_process_state {
	MP_NOT_STARTED = 0,
	MP_STARTING,
	MP_RECORDING,
	MP_OFF,
};

struct mp_process {
	uint32_t state;   /* enum mp_process_state */
	uint32_t starter; /* tid of the thread that is starting */
	struct mp_region *region;
	bool heap;                       /* allocations are recorded, not only marks */
	struct mp_heap_sampler *sampler; /* NULL: each of them, or none */
	uint32_t
	        generation; /* forks between the first process of this image and this one, mod 64 */
	struct mp_intern names, phases, samples; /* indexes of the region's tables */
	uint32_t blocks_populated;               /* of the region's pool (pool.c) */
	struct mp_mappings mappings;
	struct mp_pools pools;
};

union mp_process_page {
	struct mp_process process;
	char page[4096];
};
extern union mp_process_page mp_process_page;

/* Starts recording if that has not been tried yet. True when this process is recording. False in
 * the middle of starting too, when called from within (a signal handler). Keeps errno. */
bool mp_process_start(void);

/* The region, NULL when not recording. */
static inline struct mp_region *mp_region(void)
{
	return __atomic_load_n(&mp_process_page.process.region, __ATOMIC_ACQUIRE);
}

/* An address inside the region. */
static inline void *mp_at(struct mp_region *region, uint64_t offset)
{
	return (char *)region + offset;
}

static inline struct mp_node *mp_nodes(struct mp_region *region)
{
	return mp_at(region, region->nodes_at);
}

/* A table was full. */
static inline void mp_overflowed(struct mp_region *region)
{
	__atomic_fetch_add(&region->overflows, 1, __ATOMIC_RELAXED);
}

#endif

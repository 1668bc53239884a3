/* caches.h: how large the processor's caches are, as one core sees them: what a program's speed
 * changes at as its working set grows. */
#ifndef MEMPROF_LAUNCHER_CACHES_H
#define MEMPROF_LAUNCHER_CACHES_H

#include <stdint.h>

#define CACHES_LEVELS 3

struct caches {
	uint64_t bytes[CACHES_LEVELS]; /* data of level 1, 2, 3; 0: not known, or there is none */
};

/* Of the processors that this process may run on, the first one's. Some microseconds. */
struct caches caches_find(void);

/* What lies in the directory of a processor (…/cpuN/cache), as the kernel tells it. */
struct caches caches_read(const char *directory);

#endif

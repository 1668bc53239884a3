/* header.h: what a trace's first record says: what was run, where, when, and on what machine. */
#ifndef MEMPROF_LAUNCHER_HEADER_H
#define MEMPROF_LAUNCHER_HEADER_H

#include "clock.h"
#include "identity.h"
#include "pack.h"
#include "region_map.h"

#include <sys/types.h>

/* Packs the HEADER of the image that `pid` is now. `hz` is the best estimate of the clock's
 * frequency so far. */
void header_pack(const struct region *region, pid_t pid, const struct identity *identity,
                 const char *run, double hz, msgpack_packer *to);

/* The kernel's boot id, into 64 bytes; empty when it cannot be read. */
void header_boot_id(char *boot);

#endif

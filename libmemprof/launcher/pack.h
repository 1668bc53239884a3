/* pack.h: builds msgpack records whose lengths are known only at their end.
 *
 * msgpack puts the number of elements before an array or map. A `seq` therefore collects elements
 * in a buffer of its own, counts them, and hands both on when it ends:
 *
 *     struct seq map;
 *     seq_begin(&map);
 *     map_uint(&map, "n", 3);
 *     map_nonzero(&map, "skew", 0);               left out
 *     seq_end_map(&map, &out.packer);
 *
 * An empty seq under map_seq_… is left out with its key: so says the trace format of windows. */
#ifndef MEMPROF_LAUNCHER_PACK_H
#define MEMPROF_LAUNCHER_PACK_H

#include "memprof/trace_format.h"

#include <msgpack.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes in memory, and a packer that appends to them. Initialised in place: never copied. */
struct packed {
	msgpack_sbuffer bytes;
	msgpack_packer packer;
};

void packed_begin(struct packed *packed);
void packed_free(struct packed *packed);
void packed_append(struct packed *to, const struct packed *from);
bool packed_equal(const struct packed *a, const struct packed *b);

/* Begins a record: what follows is its body. */
void pack_record(msgpack_packer *to, enum trace_kind kind);

/* A string: msgpack str where it is UTF-8, bin where not. */
void pack_text(msgpack_packer *to, const char *text, size_t length);

struct seq {
	struct packed body;
	uint32_t count; /* elements of an array, pairs of a map */
};

void seq_begin(struct seq *seq);
/* Both pack the whole into `to` and free the seq. */
void seq_end_array(struct seq *seq, msgpack_packer *to);
void seq_end_map(struct seq *seq, msgpack_packer *to);
void seq_drop(struct seq *seq);

/* Elements of an array. */
void seq_uint(struct seq *array, uint64_t value);
void seq_int(struct seq *array, int64_t value);
void seq_float(struct seq *array, double value);

/* Pairs of a map. `key` is a literal. */
void map_uint(struct seq *map, const char *key, uint64_t value);
void map_nonzero(struct seq *map, const char *key, uint64_t value); /* left out when 0 */
void map_int(struct seq *map, const char *key, int64_t value);
void map_float(struct seq *map, const char *key, double value);
void map_bool(struct seq *map, const char *key, bool value);
void map_nil(struct seq *map, const char *key);
void map_text(struct seq *map, const char *key, const char *text);
/* The key alone; the value is to be packed next, by the packer that is returned. */
msgpack_packer *map_key(struct seq *map, const char *key);
/* End an inner seq as the value of `key`; an empty one is left out. */
void map_array(struct seq *map, const char *key, struct seq *array);
void map_map(struct seq *map, const char *key, struct seq *inner);

#endif

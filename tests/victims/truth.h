/* truth.h: how a victim counts what it does itself, to be held against what the profiler says.
 *
 * A victim makes each allocation of its truth inside a named phase, and notes it here on the same
 * line; what the run-time libraries allocate for themselves lies in no phase and blurs nothing. At
 * its end it prints its truth as one line of JSON, by phase:
 *
 *     {"phases": {"malloc": {"allocations": 200, "frees": 190, ...}, ...}}
 *
 * Words are the profiler's. A reallocation moves a block's bytes to the phase that reallocates. A
 * block is temporary when its thread frees it before that thread allocates again.
 */
#ifndef VICTIMS_TRUTH_H
#define VICTIMS_TRUTH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct truth {
	const char *phase;
	long long allocations, allocated_bytes, frees, temporaries, reallocations;
	long long live_bytes, live_blocks;
};

/* The block that this thread allocated last, while nothing else was allocated since. */
static __thread void *truth_newest;

static inline void truth_must(int condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "victim: %s\n", what);
		abort();
	}
}

/* Notes that `block` of `bytes` came to be; returns it. */
static inline void *truth_made(struct truth *truth, void *block, size_t bytes)
{
	truth_must(block != NULL, "an allocation failed");
	truth->allocations++;
	truth->allocated_bytes += (long long)bytes;
	truth->live_bytes += (long long)bytes;
	truth->live_blocks++;
	truth_newest = block;
	return block;
}

/* Notes that `block` of `bytes`, which belongs to `truth`, is about to be freed; returns it. */
static inline void *truth_gone(struct truth *truth, void *block, size_t bytes)
{
	truth->frees++;
	truth->live_bytes -= (long long)bytes;
	truth->live_blocks--;
	if (block == truth_newest) {
		truth->temporaries++;
		truth_newest = NULL;
	}
	return block;
}

/* A reallocation, in two halves: truth_came(to, realloc(truth_goes(from, block, old), new), new).
 * It is no allocation: what was the newest block still is, under its new address. */
static __thread int truth_newest_goes;

static inline void *truth_goes(struct truth *from, void *block, size_t bytes)
{
	from->live_bytes -= (long long)bytes;
	from->live_blocks--;
	truth_newest_goes = block == truth_newest;
	return block;
}

static inline void *truth_came(struct truth *to, void *block, size_t bytes)
{
	truth_must(block != NULL, "a reallocation failed");
	to->reallocations++;
	to->live_bytes += (long long)bytes;
	to->live_blocks++;
	if (truth_newest_goes)
		truth_newest = block;
	return block;
}

/* Adds what one thread counted to what all counted. The caller holds a lock. */
static inline void truth_add(struct truth *sum, const struct truth *part)
{
	sum->phase = part->phase;
	sum->allocations += part->allocations;
	sum->allocated_bytes += part->allocated_bytes;
	sum->frees += part->frees;
	sum->temporaries += part->temporaries;
	sum->reallocations += part->reallocations;
	sum->live_bytes += part->live_bytes;
	sum->live_blocks += part->live_blocks;
}

static inline void truth_print_object(FILE *out, const struct truth *truths, size_t count)
{
	fprintf(out, "{\"phases\": {");
	for (size_t i = 0; i < count; i++) {
		const struct truth *t = &truths[i];
		fprintf(out,
		        "%s\"%s\": {\"allocations\": %lld, \"allocated_bytes\": %lld, "
		        "\"frees\": %lld, \"temporaries\": %lld, \"reallocations\": %lld, "
		        "\"live_bytes\": %lld, \"live_blocks\": %lld}",
		        i ? ", " : "", t->phase, t->allocations, t->allocated_bytes, t->frees,
		        t->temporaries, t->reallocations, t->live_bytes, t->live_blocks);
	}
	fprintf(out, "}}");
}

static inline void truth_print(FILE *out, const struct truth *truths, size_t count)
{
	truth_print_object(out, truths, count);
	fprintf(out, "\n");
	fflush(out);
}

#endif

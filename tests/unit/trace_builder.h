/* trace_builder.h: small traces in memory, record by record, right or wrong as a test needs them.
 *
 * Integers go in as variadic `long long`s: use LIST(…) for flat arrays. Time runs at BUILDER_HZ.
 */
#ifndef TESTS_UNIT_TRACE_BUILDER_H
#define TESTS_UNIT_TRACE_BUILDER_H

#include <msgpack.h>
#include <stdbool.h>
#include <stddef.h>

#include "trace/trace.h"

#define BUILDER_HZ  1e9 /* a tick is a nanosecond */
#define BUILDER_RUN "00112233aabbccdd"

struct builder {
	msgpack_sbuffer bytes;
	msgpack_packer packer;
};

/* A flat array of integers, as an argument: count, values. */
#define LIST(...)                                                                                  \
	(sizeof((const long long[]){__VA_ARGS__}) / sizeof(long long)), (const long long[])        \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

void builder_begin(struct builder *b);
void builder_end(struct builder *b);

/* ---- pieces ------------------------------------------------------------------------------ */

void builder_record(struct builder *b, int kind); /* [kind, …; the body comes next */
void builder_map(struct builder *b, size_t pairs);
void builder_text(struct builder *b, const char *text);
void builder_integer(struct builder *b, long long value);
void builder_list(struct builder *b, size_t count, const long long *values);
void builder_key_integer(struct builder *b, const char *key, long long value);
void builder_key_text(struct builder *b, const char *key, const char *text);
void builder_key_list(struct builder *b, const char *key, size_t count, const long long *values);

/* ---- records ----------------------------------------------------------------------------- */

/* A header of that version; the clock begins at 0. CPU time is sampled at 1,000 Hz, and calls are
 * counted. */
void builder_header(struct builder *b, int major, int minor);

/* STRINGS: from `first` on, `count` strings. */
void builder_strings(struct builder *b, long long first, size_t count, const char *const *strings);

/* A table of integers: [first, [values]]. */
void builder_bulk(struct builder *b, int kind, long long first, size_t count,
                  const long long *values);

/* MODULE with that id and path. */
void builder_module(struct builder *b, long long id, long long path);

/* SYMBOLS: the flat array. */
void builder_symbols(struct builder *b, size_t count, const long long *values);

void builder_module_symbols(struct builder *b, long long module, const char *state, int optimized);

/* The head of WINDOW `n` that ends `ticks` after the start; `keys` more keys follow. */
void builder_window(struct builder *b, long long n, long long ticks, size_t keys);

/* SAMPLES of window `n`: rows of TRACE_SAMPLE_FIELDS. */
void builder_samples(struct builder *b, long long n, size_t count, const long long *values);

/* CALLS of window `n`: rows of TRACE_CALL_FIELDS. */
void builder_calls(struct builder *b, long long n, size_t count, const long long *values);

/* END: exited with status 0 at `ticks`. */
void builder_finish(struct builder *b, long long ticks);

/* OPEN, the head of a side file. */
void builder_open(struct builder *b, const char *run, size_t base);

/* ---- a whole trace ----------------------------------------------------------------------- */

/* The trace that several tests share; its truth stands beside it in trace_builder.c. */
void builder_sample(struct builder *b);

/* Reads what was built. */
struct trace *builder_parse(const struct builder *b, struct failure *failure);

#endif

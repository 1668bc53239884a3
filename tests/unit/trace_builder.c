/* trace_builder.c: see trace_builder.h. */
#include "trace_builder.h"

#include <string.h>

void builder_begin(struct builder *b)
{
	msgpack_sbuffer_init(&b->bytes);
	msgpack_packer_init(&b->packer, &b->bytes, msgpack_sbuffer_write);
}

void builder_end(struct builder *b)
{
	msgpack_sbuffer_destroy(&b->bytes);
}

/* ---- pieces ------------------------------------------------------------------------------ */

void builder_record(struct builder *b, int kind)
{
	msgpack_pack_array(&b->packer, 2);
	msgpack_pack_int(&b->packer, kind);
}

void builder_map(struct builder *b, size_t pairs)
{
	msgpack_pack_map(&b->packer, pairs);
}

void builder_text(struct builder *b, const char *text)
{
	msgpack_pack_str(&b->packer, strlen(text));
	msgpack_pack_str_body(&b->packer, text, strlen(text));
}

void builder_integer(struct builder *b, long long value)
{
	msgpack_pack_long_long(&b->packer, value);
}

void builder_list(struct builder *b, size_t count, const long long *values)
{
	msgpack_pack_array(&b->packer, count);
	for (size_t i = 0; i < count; i++)
		builder_integer(b, values[i]);
}

void builder_key_integer(struct builder *b, const char *key, long long value)
{
	builder_text(b, key);
	builder_integer(b, value);
}

void builder_key_text(struct builder *b, const char *key, const char *text)
{
	builder_text(b, key);
	builder_text(b, text);
}

void builder_key_list(struct builder *b, const char *key, size_t count, const long long *values)
{
	builder_text(b, key);
	builder_list(b, count, values);
}

/* ---- records ----------------------------------------------------------------------------- */

void builder_header(struct builder *b, int major, int minor)
{
	builder_record(b, TRACE_HEADER);
	builder_map(b, 12);
	builder_key_text(b, "format", TRACE_MAGIC);
	builder_key_list(b, "version", LIST(major, minor));
	builder_key_text(b, "writer", "test");
	builder_key_text(b, "run", BUILDER_RUN);
	builder_text(b, "command");
	msgpack_pack_array(&b->packer, 2);
	builder_text(b, "./sim");
	builder_text(b, "two words");
	builder_key_text(b, "exe", "/project/sim");
	builder_key_text(b, "mode", "exact");
	builder_key_integer(b, "cores", 4);
	builder_text(b, "sampling");
	builder_map(b, 2);
	builder_key_integer(b, "hz", 1000);
	builder_key_text(b, "clock", "thread_cpu");
	builder_text(b, "count_calls");
	msgpack_pack_true(&b->packer);
	builder_key_integer(b, "pid", 4711);
	builder_text(b, "clock");
	builder_map(b, 4);
	builder_text(b, "hz");
	msgpack_pack_double(&b->packer, BUILDER_HZ);
	builder_key_integer(b, "zero", 12345);
	builder_key_integer(b, "mono_ns", 1000000000000);
	builder_key_integer(b, "real_ns", 1763712000000000000);
}

void builder_strings(struct builder *b, long long first, size_t count, const char *const *strings)
{
	builder_record(b, TRACE_STRINGS);
	msgpack_pack_array(&b->packer, 2);
	builder_integer(b, first);
	msgpack_pack_array(&b->packer, count);
	for (size_t i = 0; i < count; i++)
		builder_text(b, strings[i]);
}

void builder_bulk(struct builder *b, int kind, long long first, size_t count,
                  const long long *values)
{
	builder_record(b, kind);
	msgpack_pack_array(&b->packer, 2);
	builder_integer(b, first);
	builder_list(b, count, values);
}

void builder_module(struct builder *b, long long id, long long path)
{
	builder_record(b, TRACE_MODULE);
	builder_map(b, 2);
	builder_key_integer(b, "id", id);
	builder_key_integer(b, "path", path);
}

void builder_symbols(struct builder *b, size_t count, const long long *values)
{
	builder_record(b, TRACE_SYMBOLS);
	builder_list(b, count, values);
}

void builder_module_symbols(struct builder *b, long long module, const char *state, int optimized)
{
	builder_record(b, TRACE_MODULE_SYMBOLS);
	builder_map(b, 3);
	builder_key_integer(b, "module", module);
	builder_key_text(b, "state", state);
	builder_text(b, "optimized");
	if (optimized)
		msgpack_pack_true(&b->packer);
	else
		msgpack_pack_false(&b->packer);
}

void builder_window(struct builder *b, long long n, long long ticks, size_t keys)
{
	builder_record(b, TRACE_WINDOW);
	builder_map(b, 2 + keys);
	builder_key_integer(b, "n", n);
	builder_key_list(b, "anchor",
	                 LIST(ticks, 1000000000000 + ticks, 1763712000000000000 + ticks));
}

static void builder_rows(struct builder *b, int kind, long long n, long long width, size_t count,
                         const long long *values)
{
	builder_record(b, kind);
	msgpack_pack_array(&b->packer, 3);
	builder_integer(b, n);
	builder_integer(b, width);
	builder_list(b, count, values);
}

void builder_samples(struct builder *b, long long n, size_t count, const long long *values)
{
	builder_rows(b, TRACE_SAMPLES, n, TRACE_SAMPLE_WIDTH, count, values);
}

void builder_calls(struct builder *b, long long n, size_t count, const long long *values)
{
	builder_rows(b, TRACE_CALLS, n, TRACE_CALL_WIDTH, count, values);
}

void builder_finish(struct builder *b, long long ticks)
{
	builder_record(b, TRACE_END);
	builder_map(b, 3);
	builder_key_text(b, "reason", "exited");
	builder_key_integer(b, "status", 0);
	builder_key_list(b, "anchor",
	                 LIST(ticks, 1000000000000 + ticks, 1763712000000000000 + ticks));
}

void builder_open(struct builder *b, const char *run, size_t base)
{
	builder_record(b, TRACE_OPEN);
	builder_map(b, 2);
	builder_key_text(b, "run", run);
	builder_key_integer(b, "base", (long long)base);
}

/* ---- a whole trace ----------------------------------------------------------------------- */

/* Truth of the sample: 10 steps of 100 ms in 2 windows and 2 s; see the tests for the sums.
 *
 *   stacks   1 libc ‹start›   2 main.cpp:10   3 push_back inlined in grid.cpp:44, below main
 *            4 sqlite3_step below main        5 sqlite3_step alone       6 main, no source, below 1
 *   phases   1 observe   2 observe/query   3 log   4 idle, never entered
 *   cells    1 (3, 2)   2 (4, 3)   3 (5, 3)   4 (2, none)
 *   samples  a window, in ms of CPU time: stack 3 in query 100, 2 in observe 300 (290 samples), 4
 * in log 60, 2 in no phase 40; of other threads 6 in observe 200 calls    main once, in no phase,
 * calls grid_rebuild 500 times a window, in query
 */
static void sample_tables(struct builder *b)
{
	static const char *const strings[] = {"/project/sim",
	                                      "/usr/lib/libsqlite3.so.0",
	                                      "/usr/lib/libc.so.6",
	                                      "main",
	                                      "/project/src/main.cpp",
	                                      "grid_rebuild",
	                                      "/project/src/grid.cpp",
	                                      "push_back",
	                                      "/usr/include/c++/12/bits/stl_vector.h",
	                                      "sqlite3_step",
	                                      "__libc_start_main",
	                                      "observe",
	                                      "query",
	                                      "log",
	                                      "idle",
	                                      "births"};
	builder_header(b, 1, 0);
	builder_strings(b, 1, sizeof(strings) / sizeof(strings[0]), strings);
	builder_module(b, 1, 1);
	builder_module(b, 2, 2);
	builder_module(b, 3, 3);
	/* 8 libc start, 9 main.cpp, 10 grid.cpp, 11 sqlite, 12 nameless in the main executable; 13
	 * and 14 where main and grid_rebuild begin */
	builder_bulk(b, TRACE_FRAMES, 8, LIST(3, 16, 1, 32, 1, 48, 2, 64, 1, 80, 1, 30, 1, 40));
	builder_bulk(b, TRACE_STACKS, 1, LIST(0, 8, 1, 9, 2, 10, 2, 11, 0, 11, 1, 12));
	builder_bulk(b, TRACE_PHASES, 1, LIST(0, 12, 1, 13, 0, 14, 0, 15));
	builder_bulk(b, TRACE_CELLS, 1, LIST(3, 2, 4, 3, 5, 3, 2, 0));
	builder_symbols(b,
	                LIST(8, 1, 11, 0, 0, 0, 9, 1, 4, 5, 10, 5, 10, 2, 8, 9, 1287, 1280, 6, 7,
	                     44, 30, 11, 1, 10, 0, 0, 0, 13, 1, 4, 5, 8, 8, 14, 1, 6, 7, 30, 30));
	builder_module_symbols(b, 1, "debug", 1);
	builder_module_symbols(b, 2, "symtab", 1);
	builder_module_symbols(b, 3, "symtab", 1);
}

static void sample_steps(struct builder *b, long long begun)
{
	builder_text(b, "steps");
	builder_map(b, 8);
	builder_key_integer(b, "ended", 5);
	builder_key_integer(b, "ticks", 500000000);
	builder_key_integer(b, "unaccounted", 50000000);
	builder_key_integer(b, "allocations", 70);
	builder_key_integer(b, "bytes", 6400);
	builder_key_integer(b, "begun", begun);
	builder_key_integer(b, "max", 100000000);
	builder_key_integer(b, "max_step", 3);
}

static void sample_window(struct builder *b, long long n)
{
	builder_window(b, n, (n + 1) * 1000000000, 5);
	sample_steps(b, (n + 1) * 5);
	/* cell 1: 50 × 100 B, 40 freed; cell 2: 20 × 70 B, all freed, 10 temporaries;
	 * cell 3: 1 grows by realloc from 100 to 300 B; the peak holds 1000 B more, then 500 less
	 */
	builder_key_list(b, "cells",
	                 LIST(1, 0x201b, 50, 5000, 40, 4000, n ? -500 : 1000, 2, 0x5b, 20, 1400, 20,
	                      1400, 10, 3, 0x1b0003, 1, 100, 1, 300, 1, 100));
	builder_key_list(b, "phases",
	                 LIST(1, 0, 0xd07, 5, 400000000, 300000000, 5, 300000000, 400000000, 2, 0,
	                      0xd07, 500, 100000000, 100000000, 500, 100000000, 100000000, 3, 0,
	                      0xd07, 5, 60000000, 60000000, 5, 50000000, 50000000));
	builder_key_list(b, "step_histogram", LIST(1375, 5));
	builder_key_list(b, "counters", LIST(16, n ? -3 : 10));
	builder_samples(b, n,
	                LIST(3, 2, 0, 100, 100000000, 2, 1, 0, 290, 300000000, 4, 3, 0, 60,
	                     60000000, 2, 0, 0, 40, 40000000, 6, 1, 1, 200, 200000000));
	builder_calls(b, n,
	              LIST(13, 0, 0, 0, n ? 0 : 1, 340000000, 500000000, 0, 14, 13, 2, 0, 500,
	                   100000000, 100000000, 2));
}

void builder_sample(struct builder *b)
{
	sample_tables(b);
	sample_window(b, 0);
	sample_window(b, 1);
	builder_finish(b, 2000000000);
}

struct trace *builder_parse(const struct builder *b, struct failure *failure)
{
	return trace_parse("test.msgpack", b->bytes.data, b->bytes.size, NULL, 0, failure);
}

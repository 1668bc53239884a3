/* launcher_window.c: what a region holds becomes records: ids made unique, changes only, nothing
 * twice.
 */
#include "launcher_region.h"

#include "launcher/identity.h"
#include "launcher/memory.h"
#include "launcher/window.h"

#include <check.h>
#include <fcntl.h>

/* A program: main calls f, which allocates; by a race f's frame and its cell exist twice. */
struct program {
	struct made_region made;
	struct region *region;
	struct procstat stat;
	struct window_source source;
	struct mp_counters *counters, *others; /* slots 1 and 2, the first cells */
	uint32_t cell, twin, phased;           /* twin is the same as cell */
	uint32_t phase;
};

static struct program *program;

static void begin(void)
{
	const char *why;
	program = calloc(1, sizeof *program);
	struct made_region *made = &program->made;
	*made = made_region();
	made->header->peak_bytes = 1; /* cells begin with 0: untouched since any peak */
	uint32_t module = made_module(made, "/bin/program", 0x400000, 0x500000);
	uint32_t main_node = made_node(made, MP_NODE_ROOT, module, 0x400100);
	uint32_t f = made_node(made, main_node, module, 0x400200);
	uint32_t f_again = made_node(made, main_node, module, 0x400200);
	program->phase = made_phase(made, 0, made_name(made, "work"));
	program->cell = made_cell(made, f, 0);
	program->twin = made_cell(made, f_again, 0);
	program->phased = made_cell(made, f, program->phase);
	program->counters = made_counters(made, 1);
	program->others = made_counters(made, 2);
	made_thread(made, (uint32_t)getpid());
	program->region = made_map(made, &why);
	ck_assert_ptr_nonnull(program->region);
	procstat_init(&program->stat);
	window_source_init(&program->source, program->region, getpid(), &program->stat);
}

static void end(void)
{
	window_source_free(&program->source);
	region_unmap(program->region);
	made_free(&program->made);
	free(program);
}

static void cut(struct packed *packed, bool commit)
{
	struct moment anchor = clock_moment();
	packed_begin(packed);
	window_pack(&program->source, &anchor, packed, commit);
	ck_assert(all_whole(packed));
}

static void allocate(struct mp_counters *counters, uint64_t count, uint64_t bytes)
{
	mp_counters_sizes(counters)->sizes[mp_size_bucket(bytes / count)] += (uint32_t)count;
	counters->alloc_bytes += bytes;
	counters->alloc_usable += bytes;
}

START_TEST(duplicates_become_one)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	allocate(&program->counters[program->cell], 3, 30);
	allocate(&program->others[program->twin], 4, 40);
	cut(&packed, true);
	msgpack_object cells = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "cells");
	/* cell 1, mask of five fields, allocations, bytes, usable, held at the peak, of 10 bytes */
	ck_assert_int_eq(cells.via.array.size, 7);
	ck_assert_int_eq(number_at(cells, 0), 1);
	ck_assert_int_eq(number_at(cells, 1),
	                 1 | 2 | 4 | 1 << TRACE_CELL_BIT_PEAK_BYTES | 1 << TRACE_CELL_BIT_SIZE_0);
	ck_assert_int_eq(number_at(cells, 2), 7);
	ck_assert_int_eq(number_at(cells, 3), 70);
	msgpack_unpacked_destroy(&unpacked);
	msgpack_object stacks = record_of(&packed, TRACE_STACKS, 0, &unpacked);
	ck_assert_int_eq(stacks.via.array.ptr[1].via.array.size, 4); /* main, f */
	msgpack_unpacked_destroy(&unpacked);
	msgpack_object frames = record_of(&packed, TRACE_FRAMES, 0, &unpacked);
	ck_assert_int_eq(number_at(frames, 0), TRACE_FRAME_FIRST);
	ck_assert_int_eq(number_at(frames.via.array.ptr[1], 1), 0x100); /* in the module's terms */
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

/* How many numbers of the newest window's cells are this one. */
static int told(const struct packed *packed, int64_t number)
{
	msgpack_unpacked unpacked;
	msgpack_object cells = member(record_of(packed, TRACE_WINDOW, 0, &unpacked), "cells");
	int found = 0;
	for (uint32_t i = 0; i < cells.via.array.size; i++)
		found += number_at(cells, i) == number;
	msgpack_unpacked_destroy(&unpacked);
	return found;
}

/* The bytes of an allocation were read before its count was there, and those of a free before its
 * lifetime: the first line does not change again. */
START_TEST(what_the_first_line_does_not_tell_is_read_at_the_end)
{
	struct packed packed;
	program->source.alive = true;
	program->counters[program->cell].alloc_bytes = 1000;
	program->counters[program->cell].free_bytes = 900;
	cut(&packed, true);
	packed_free(&packed);
	mp_counters_sizes(&program->counters[program->cell])->sizes[5] = 77;
	mp_counters_lives(&program->counters[program->cell])->life_time[3] = 33;
	program->source.alive = false;
	cut(&packed, true);
	ck_assert_int_eq(told(&packed, 77), 2); /* allocations, and of one size */
	ck_assert_int_eq(told(&packed, 33), 2); /* frees, and of one lifetime */
	packed_free(&packed);
}
END_TEST

/* Allocations of the usual size are of its bucket, with those that were counted there before it was
 * the usual one. */
START_TEST(usual_sizes_are_sizes)
{
	struct packed packed;
	struct mp_counters *counters = &program->counters[program->cell];
	counters->usual_size = 6;
	counters->usual = 20;
	counters->alloc_bytes = 50000;
	mp_counters_sizes(counters)->sizes[6] = 3;
	mp_counters_sizes(counters)->sizes[2] = 54;
	cut(&packed, true);
	ck_assert_int_eq(told(&packed, 77), 1); /* allocations */
	ck_assert_int_eq(told(&packed, 23), 1);
	ck_assert_int_eq(told(&packed, 54), 1);
	packed_free(&packed);
	counters->usual += 5;
	counters->alloc_bytes += 10000;
	cut(&packed, true);
	ck_assert_int_eq(told(&packed, 5), 2);
	packed_free(&packed);
}
END_TEST

/* Reallocations, and parts of a mapping that another thread moved, change nothing else. */
START_TEST(moves_are_read_as_they_come)
{
	struct packed packed;
	struct mp_counters *in = &program->counters[program->cell];
	struct mp_counters *out = &program->others[program->phased];
	program->source.alive = true;
	for (int64_t turn = 1; turn <= 2; turn++) {
		in->moved = out->moved = 1;
		mp_counters_moves(in)->moved_in_bytes += 77;
		mp_counters_moves(in)->moved_in_usable += 88;
		mp_counters_moves(out)->moved_out_bytes += 33;
		mp_counters_moves(out)->moved_out_usable += 44;
		cut(&packed, true);
		ck_assert_int_eq(told(&packed, 77), 2); /* and held at the peak */
		ck_assert_int_eq(told(&packed, 88), 1);
		ck_assert_int_eq(told(&packed, 33), 1);
		ck_assert_int_eq(told(&packed, 44), 1);
		packed_free(&packed);
	}
}
END_TEST

static void expect_bytes(const struct packed *packed, const char *bytes, size_t size)
{
	ck_assert_ptr_nonnull(memmem(packed->bytes.data, packed->bytes.size, bytes, size));
}
#define EXPECT_BYTES(PACKED, BYTES) expect_bytes(PACKED, BYTES, sizeof(BYTES) - 1)

/* The worked bytes of TRACE_FORMAT.md. */
START_TEST(bytes_as_documented)
{
	struct packed packed;
	allocate(&program->counters[program->cell], 7, 70);
	allocate(&program->counters[program->phased], 1, 1000);
	program->counters[program->phased].alloc_usable = 1024;
	cut(&packed, true);
	EXPECT_BYTES(&packed, "\x92\x02\x92\x01\x93\xac/bin/program\xa4work");
	EXPECT_BYTES(&packed, "\x92\x04\x92\x08\x94\x01\xcd\x01\x00\x01\xcd\x02\x00"
	                      "\x92\x05\x92\x01\x94\x00\x08\x01\x09"
	                      "\x92\x06\x92\x01\x92\x00\x02"
	                      "\x92\x08\x92\x01\x94\x02\x00\x02\x01");
	EXPECT_BYTES(&packed, "\xa5"
	                      "cells\x9e\x01\xcd\xa0\x07\x07\x46\x46\x46\x07"
	                      "\x02\xce\x00\x80\x20\x07\x01\xcd\x03\xe8\xcd\x04\x00\xcd\x03\xe8"
	                      "\x01");
	packed_free(&packed);
}
END_TEST

/* Rows of the n-th SAMPLES record, which must be of window `window`. */
static msgpack_object sample_rows(const struct packed *packed, int window,
                                  msgpack_unpacked *unpacked)
{
	msgpack_object samples = record_of(packed, TRACE_SAMPLES, 0, unpacked);
	ck_assert_int_eq(number_at(samples, 0), window);
	ck_assert_int_eq(number_at(samples, 1), TRACE_SAMPLE_WIDTH);
	return samples.via.array.ptr[2];
}

START_TEST(samples_are_changes_and_duplicates_become_one)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	const struct mp_cell *cells = made_at(&program->made, program->made.header->cells_at);
	struct mp_sample *first =
	        made_sample(&program->made, cells[program->cell].node, program->phase);
	struct mp_sample *twin =
	        made_sample(&program->made, cells[program->twin].node, program->phase);
	struct mp_sample *others = made_sample(&program->made, cells[program->cell].node,
	                                       program->phase | MP_SAMPLE_OTHERS);
	first->samples = 2;
	first->cpu_ns = 20;
	twin->samples = 3;
	twin->cpu_ns = 40;
	others->samples = 1;
	others->cpu_ns = 7;
	cut(&packed, false);
	packed_free(&packed);
	cut(&packed, true);
	msgpack_object rows = sample_rows(&packed, 0, &unpacked);
	const int64_t expected[] = {2, 1, 0, 5, 60, 2, 1, 1, 1, 7};
	ck_assert_int_eq(rows.via.array.size, 10);
	for (uint32_t i = 0; i < 10; i++)
		ck_assert_int_eq(number_at(rows, i), expected[i]);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	twin->samples = 4;
	twin->cpu_ns = 50;
	cut(&packed, true);
	rows = sample_rows(&packed, 1, &unpacked);
	ck_assert_int_eq(rows.via.array.size, 5);
	ck_assert_int_eq(number_at(rows, 3), 1);
	ck_assert_int_eq(number_at(rows, 4), 10);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	cut(&packed, true);
	ck_assert_int_eq(record_of(&packed, TRACE_SAMPLES, 0, &unpacked).type, MSGPACK_OBJECT_NIL);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

START_TEST(samples_that_found_the_table_full_are_not_lost)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	struct mp_sample *samples = made_at(&program->made, program->made.header->samples_at);
	samples[0].samples = 4;
	samples[0].cpu_ns = 44;
	cut(&packed, true);
	msgpack_object rows = sample_rows(&packed, 0, &unpacked);
	ck_assert_int_eq(number_at(rows, 3), 4);
	msgpack_unpacked_destroy(&unpacked);
	msgpack_object stacks = record_of(&packed, TRACE_STACKS, 0, &unpacked);
	ck_assert_int_eq(number_at(stacks.via.array.ptr[1], 1), TRACE_FRAME_OVERFLOW);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

START_TEST(windows_carry_changes)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	allocate(&program->counters[program->cell], 3, 30);
	cut(&packed, true);
	packed_free(&packed);
	allocate(&program->counters[program->phased], 1, 5);
	cut(&packed, true);
	msgpack_object window = record_of(&packed, TRACE_WINDOW, 0, &unpacked);
	msgpack_object cells = member(window, "cells");
	ck_assert_int_eq(member(window, "n").via.i64, 1);
	ck_assert_int_eq(cells.via.array.size, 7);
	ck_assert_int_eq(number_at(cells, 0), 2); /* the first cell did not change */
	ck_assert_int_eq(member(member(window, "heap"), "live_bytes").via.i64, 35);
	msgpack_unpacked_destroy(&unpacked);
	msgpack_object defined = record_of(&packed, TRACE_CELLS, 0, &unpacked);
	ck_assert_int_eq(number_at(defined, 0), 2);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	cut(&packed, true);
	ck_assert_int_eq(member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "cells").type,
	                 MSGPACK_OBJECT_NIL);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

/* What the side file had is in the next window again, with the same ids. */
START_TEST(an_open_window_changes_nothing)
{
	struct packed open_window, packed;
	msgpack_unpacked unpacked;
	allocate(&program->counters[program->cell], 3, 30);
	cut(&open_window, false);
	msgpack_object window = record_of(&open_window, TRACE_WINDOW, 0, &unpacked);
	ck_assert(member(window, "open").via.boolean);
	msgpack_unpacked_destroy(&unpacked);
	allocate(&program->counters[program->cell], 1, 10);
	cut(&packed, true);
	msgpack_object cells = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "cells");
	ck_assert_int_eq(number_at(cells, 0), 1);
	ck_assert_int_eq(number_at(cells, 2), 4);
	msgpack_unpacked_destroy(&unpacked);
	msgpack_object stacks = record_of(&packed, TRACE_STACKS, 0, &unpacked);
	ck_assert_int_eq(number_at(stacks, 0), 1);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&open_window);
	packed_free(&packed);
}
END_TEST

/* held_at_peak counts where its peak is the region's; elsewhere nothing changed since the peak. */
START_TEST(the_peak_is_put_together)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	program->made.header->peak_bytes = 60;
	allocate(&program->counters[program->cell], 1, 100);
	program->counters[program->cell].held_at_peak = 80;
	program->counters[program->cell].peak = 60;
	allocate(&program->others[program->cell], 1, 11);
	program->others[program->cell].held_at_peak = 9999;
	program->others[program->cell].peak = 59;
	cut(&packed, true);
	msgpack_object cells = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "cells");
	ck_assert_int_eq(number_at(cells, 6), 91);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	/* A later, lower value is a negative change. */
	program->counters[program->cell].held_at_peak = 20;
	cut(&packed, true);
	cells = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "cells");
	ck_assert_int_eq(number_at(cells, 1), 1 << TRACE_CELL_BIT_PEAK_BYTES);
	ck_assert_int_eq(number_at(cells, 2), -60);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

static uint64_t peak_step_of(uint64_t begun, uint64_t when)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	program->made.header->peak_bytes = 60;
	program->made.header->steps.begun = begun;
	program->made.header->peak_when = when;
	cut(&packed, true);
	msgpack_object heap = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "heap");
	uint64_t step = member(heap, "peak_step").via.u64;
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	return step;
}

/* The lower 32 bits of the step are known; a step that began after the steps were read is none. */
START_TEST(the_step_of_the_peak_is_one_that_was_begun)
{
	ck_assert_uint_eq(peak_step_of(20, 17), 17);
	ck_assert_uint_eq(peak_step_of(20, 20), 20);
	ck_assert_uint_eq(peak_step_of(20, 24), 20);
	ck_assert_uint_eq(peak_step_of((1ull << 32) + 5, 0xfffffff0), 0xfffffff0);
}
END_TEST

/* A program that allocates while its cells are read: what came after the frees were read is freed
 * later, or is not yet. The threads' own sum tells what is live at one moment. */
START_TEST(no_more_is_live_than_the_threads_know_of)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	program->made.header->peak_bytes = 4000000;
	program->made.header->live_bytes = 3000000;
	allocate(&program->counters[program->cell], 1, 3960000);
	cut(&packed, true);
	msgpack_object heap = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "heap");
	ck_assert_int_eq(member(heap, "live_bytes").via.i64, 3000000 + MP_LIVE_PORTION);
	ck_assert_int_eq(snapshot_live_now(program->region), 3000000 + MP_LIVE_PORTION);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	/* Nothing changes any more: the cells' sum is exact. */
	program->source.alive = false;
	cut(&packed, true);
	heap = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "heap");
	ck_assert_int_eq(member(heap, "live_bytes").via.i64, 3960000);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

/* Threads that had not yet added to the common sum when the process ended. */
START_TEST(what_is_live_at_the_end_is_no_more_than_the_peak)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	program->made.header->peak_bytes = 60;
	allocate(&program->counters[program->cell], 1, 100);
	program->counters[program->cell].held_at_peak = 60;
	program->counters[program->cell].peak = 60;
	cut(&packed, true);
	msgpack_object heap = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "heap");
	ck_assert_int_eq(member(heap, "peak_bytes").via.i64, 60);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	program->source.alive = false;
	cut(&packed, true);
	msgpack_object window = record_of(&packed, TRACE_WINDOW, 0, &unpacked);
	ck_assert_int_eq(member(member(window, "heap"), "peak_bytes").via.i64, 100);
	msgpack_object cells = member(window, "cells");
	ck_assert_int_eq(number_at(cells, 1), 1 << TRACE_CELL_BIT_PEAK_BYTES);
	ck_assert_int_eq(number_at(cells, 2), 40);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

START_TEST(phases_by_role)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	struct mp_phase_times *mine = made_times(&program->made, 1, program->phase);
	struct mp_phase_times *theirs = made_times(&program->made, 2, program->phase);
	*mine = (struct mp_phase_times){.calls = 2, .self = 50, .min = 20, .max = 30};
	*theirs = (struct mp_phase_times){.calls = 1, .self = 5, .min = 5, .max = 5};
	mine->hist[20] = 1;
	mine->hist[30] = 1;
	cut(&packed, true);
	packed_free(&packed);
	/* The second thread turns out to be the one that steps. What it does from now on counts so;
	 * what was written stays true. */
	program->made.header->steps.thread = 2;
	program->made.header->steps.begun = 1;
	theirs->calls += 1;
	theirs->self += 4;
	theirs->hist[4] += 1;
	cut(&packed, true);
	msgpack_object window = record_of(&packed, TRACE_WINDOW, 0, &unpacked);
	msgpack_object rows = member(window, "phases");
	ck_assert_int_eq(number_at(rows, 0), 1);
	ck_assert_int_eq(number_at(rows, 1), TRACE_ROLE_STEPPING);
	ck_assert_int_eq(number_at(rows, 2), 1 << TRACE_PHASE_CALLS | 1 << TRACE_PHASE_SELF |
	                                             1 << TRACE_PHASE_MIN | 1 << TRACE_PHASE_MAX);
	ck_assert_int_eq(number_at(rows, 3), 1);
	ck_assert_int_eq(number_at(rows, 4), 4);
	ck_assert_int_eq(rows.via.array.size, 7);
	msgpack_object histogram = member(window, "phase_histograms").via.array.ptr[0];
	ck_assert_int_eq(histogram.via.array.size, 4);
	ck_assert_int_eq(number_at(histogram, 2), 4);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

/* A process that dies between taking a number and writing the entry leaves a hole. */
START_TEST(holes_in_tables)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	uint32_t hole = program->made.header->nodes_used++;
	uint32_t below = made_node(&program->made, hole, 1, 0x400300);
	uint32_t cell = made_cell(&program->made, below, 0);
	allocate(&program->counters[cell], 2, 20);
	cut(&packed, true);
	ck_assert_int_eq(member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "cells").type,
	                 MSGPACK_OBJECT_NIL);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
	program->source.alive = false; /* now it never will be written */
	cut(&packed, true);
	msgpack_object cells = member(record_of(&packed, TRACE_WINDOW, 0, &unpacked), "cells");
	ck_assert_int_eq(number_at(cells, 2), 2);
	msgpack_unpacked_destroy(&unpacked);
	msgpack_object stacks = record_of(&packed, TRACE_STACKS, 0, &unpacked).via.array.ptr[1];
	ck_assert_int_eq(number_at(stacks, 1), TRACE_FRAME_UNKNOWN);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

/* ---- regions that a broken program has written to ------------------------------------------- */

static void expect_refused(uint64_t *field, uint64_t value)
{
	const char *why = NULL;
	uint64_t was = *field;
	*field = value;
	ck_assert_ptr_null(made_map(&program->made, &why));
	ck_assert_ptr_nonnull(why);
	*field = was;
}

START_TEST(impossible_layouts_are_refused)
{
	struct mp_region *h = program->made.header;
	const char *why = NULL;
	expect_refused(&h->magic, 1);
	expect_refused(&h->names_at, h->bytes);
	expect_refused(&h->nodes_at, UINT64_MAX - 8);
	expect_refused(&h->pool_at, h->bytes - MP_BLOCK_SIZE);
	expect_refused(&h->cells_at, 0);
	expect_refused(&h->threads_at, h->threads_at + 1);
	h->layout++;
	ck_assert_ptr_null(made_map(&program->made, &why));
	ck_assert_ptr_null(region_map(dup(program->made.fd), program->made.bytes + 1, &why));
	ck_assert_ptr_null(region_map(dup(program->made.fd), 16, &why));
	ck_assert_ptr_null(region_map(open("/dev/null", 0), program->made.bytes, &why));
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

/* Random bytes anywhere in the region: every window must still be whole records. */
START_TEST(scribbled_regions_are_survived)
{
	uint64_t state = 0x9e3779b97f4a7c15ull + (uint64_t)_i;
	struct packed packed;
	uint64_t *words = (uint64_t *)program->made.header;
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 400; i++) {
			uint64_t at = next_random(&state) % (program->made.bytes / 8);
			uint64_t value = next_random(&state);
			words[at] = i % 3 == 0 ? value : i % 3 == 1 ? value % 64 : value >> 32;
		}
		allocate(&program->counters[round], 1, 1);
		program->source.alive = round < 18;
		cut(&packed, round % 2 == 0);
		packed_free(&packed);
	}
}
END_TEST

START_TEST(a_stack_that_calls_itself)
{
	struct packed packed;
	struct mp_node *nodes = made_at(&program->made, program->made.header->nodes_at);
	uint32_t a = made_node(&program->made, 0, 1, 0x400400);
	uint32_t b = made_node(&program->made, a, 1, 0x400500);
	nodes[a].parent = b;
	uint32_t cell = made_cell(&program->made, b, 0);
	allocate(&program->counters[cell], 1, 1);
	cut(&packed, true);
	ck_assert_uint_gt(program->source.tables.damaged, 0);
	packed_free(&packed);
}
END_TEST

static uint32_t innermost_frame(const struct tables *tables, uint32_t stack)
{
	return (uint32_t)tables->stacks.pairs[stack - tables->stacks.first].b;
}

/* A program goes on loading code while it is read: what it then runs is of that code, and nothing
 * was overwritten. */
START_TEST(code_that_is_loaded_after_modules_were_read)
{
	struct tables *tables = &program->source.tables;
	const struct region *region = program->region;
	tables_take_modules(tables, region);
	uint32_t module = made_module(&program->made, "/lib/later.so", 0x700000, 0x800000);
	uint32_t node = made_node(&program->made, MP_NODE_ROOT, module, 0x700400);
	uint32_t stack = tables_stack(tables, region, node);
	ck_assert_uint_ne(stack, 0);
	const struct table_pair *frame =
	        &tables->frames.pairs[innermost_frame(tables, stack) - tables->frames.first];
	ck_assert_uint_eq(frame->a, module);
	ck_assert_uint_eq(frame->b, 0x400);
	ck_assert_uint_eq(tables->damaged, 0);
}
END_TEST

/* Its description may be on its way, or never come. */
START_TEST(code_of_a_module_that_is_not_told_of_yet)
{
	struct tables *tables = &program->source.tables;
	const struct region *region = program->region;
	struct mp_module *modules = made_at(&program->made, program->made.header->modules_at);
	uint32_t module = made_module(&program->made, "/lib/later.so", 0x700000, 0x800000);
	modules[module].start = 0;
	uint32_t node = made_node(&program->made, MP_NODE_ROOT, module, 0x700400);
	ck_assert_uint_eq(tables_stack(tables, region, node), 0);
	ck_assert_uint_eq(tables->damaged, 0);
	tables->settled = true;
	ck_assert_uint_ne(tables_stack(tables, region, node), 0);
	ck_assert_uint_eq(tables->damaged, 1);
}
END_TEST

START_TEST(cpu_time_begins_with_the_recording)
{
	struct packed packed;
	msgpack_unpacked unpacked;
	program->stat.user_ns = 6000000;
	program->stat.system_ns = 2000000;
	program->made.header->start_cpu_ns = 4000000;
	cut(&packed, true);
	msgpack_object window = record_of(&packed, TRACE_WINDOW, 0, &unpacked);
	msgpack_object process = member(window, "process");
	ck_assert_int_eq(member(process, "user_ns").via.i64, 3000000);
	ck_assert_int_eq(member(process, "system_ns").via.i64, 1000000);
	msgpack_unpacked_destroy(&unpacked);
	packed_free(&packed);
}
END_TEST

static struct identity told_identity(const char *command, size_t length)
{
	struct identity identity = {memory_new(length, 1), length, memory_copy("/proc/said"),
	                            memory_copy("/")};
	memcpy(identity.command, command, length);
	ck_assert(identity_take(&identity, program->region));
	ck_assert_str_eq(identity.exe, "/bin/program");
	return identity;
}

START_TEST(an_image_tells_what_it_is)
{
	struct identity none = {0};
	ck_assert(!identity_take(&none, program->region));
	program->made.header->exe = made_name(&program->made, "/bin/program");
	program->made.header->arguments = made_name(&program->made, "program\none\ntwo\nlines");
	/* /proc speaks of another program */
	struct identity identity = told_identity("sh\0-c\0x", 8);
	ck_assert_uint_eq(identity.command_length, 22);
	ck_assert_int_eq(memcmp(identity.command, "program\0one\0two\0lines", 22), 0);
	identity_free(&identity);
	/* /proc has the same, and knows what one argument is */
	identity = told_identity("program\0one\0two\nlines\0more", 27);
	ck_assert_uint_eq(identity.command_length, 27);
	ck_assert_str_eq(identity.command + 12, "two\nlines");
	identity_free(&identity);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("window");
	TCase *tcase = tcase_create("window");
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, duplicates_become_one);
	tcase_add_test(tcase, what_the_first_line_does_not_tell_is_read_at_the_end);
	tcase_add_test(tcase, usual_sizes_are_sizes);
	tcase_add_test(tcase, moves_are_read_as_they_come);
	tcase_add_test(tcase, bytes_as_documented);
	tcase_add_test(tcase, samples_are_changes_and_duplicates_become_one);
	tcase_add_test(tcase, samples_that_found_the_table_full_are_not_lost);
	tcase_add_test(tcase, windows_carry_changes);
	tcase_add_test(tcase, an_open_window_changes_nothing);
	tcase_add_test(tcase, the_peak_is_put_together);
	tcase_add_test(tcase, the_step_of_the_peak_is_one_that_was_begun);
	tcase_add_test(tcase, no_more_is_live_than_the_threads_know_of);
	tcase_add_test(tcase, what_is_live_at_the_end_is_no_more_than_the_peak);
	tcase_add_test(tcase, phases_by_role);
	tcase_add_test(tcase, cpu_time_begins_with_the_recording);
	tcase_add_test(tcase, an_image_tells_what_it_is);
	tcase_add_test(tcase, holes_in_tables);
	tcase_add_test(tcase, impossible_layouts_are_refused);
	tcase_add_test(tcase, a_stack_that_calls_itself);
	tcase_add_test(tcase, code_that_is_loaded_after_modules_were_read);
	tcase_add_test(tcase, code_of_a_module_that_is_not_told_of_yet);
	tcase_add_loop_test(tcase, scribbled_regions_are_survived, 0, 40);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* analyzer_trace.c: the reader takes what is valid, and nothing of what is not. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "trace_builder.h"

static struct builder b;

static void setup(void)
{
	builder_begin(&b);
}

static void teardown(void)
{
	builder_end(&b);
}

/* What was built, which must have a header. */
static struct trace *parsed(void)
{
	struct failure failure = {0};
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	return t;
}

/* Parses and expects damage that tells of `what`. */
static void expect_damage(const char *what)
{
	struct trace *t = parsed();
	ck_assert_msg(strstr(t->damage, what) != NULL, "'%s' does not tell of '%s'", t->damage,
	              what);
	trace_free(t);
}

static void expect_refused(const char *bytes, size_t length, const char *what)
{
	struct failure failure = {0};
	struct trace *t = trace_parse("x", bytes, length, NULL, 0, &failure);
	ck_assert_ptr_null(t);
	ck_assert_int_eq(failure.code, EXIT_TRACE);
	ck_assert_msg(strstr(failure.message, what) != NULL, "'%s' does not tell of '%s'",
	              failure.message, what);
}

START_TEST(sums_are_those_of_the_windows)
{
	builder_sample(&b);
	struct trace *t = parsed();
	ck_assert_str_eq(t->damage, "");
	ck_assert(t->end.known);
	ck_assert(!t->torn);
	ck_assert_uint_eq(t->windows_count, 2);
	ck_assert_int_eq(t->steps.ended, 10);
	ck_assert_int_eq(t->steps.ticks, 1000000000);
	ck_assert_int_eq(t->steps.begun, 10);
	ck_assert_int_eq(trace_cell_field(&t->cells[1], TRACE_CELL_ALLOCATIONS), 100);
	ck_assert_int_eq(trace_cell_field(&t->cells[1], TRACE_CELL_FREED_BYTES), 8000);
	ck_assert_int_eq(trace_cell_field(&t->cells[3], TRACE_CELL_MOVED_IN_BYTES), 600);
	ck_assert_int_eq(t->phases[2].times[0].fields[TRACE_PHASE_CALLS], 1000);
	ck_assert_int_eq(histogram_total(&t->steps.histogram), 10);
	trace_free(t);
}
END_TEST

START_TEST(samples_and_calls_add_up_over_windows)
{
	builder_sample(&b);
	struct trace *t = parsed();
	ck_assert_int_eq(t->header.sampling_hz, 1000);
	ck_assert(t->header.count_calls);
	ck_assert_uint_eq(t->samples_count, 5);
	const struct trace_sample *s = &t->samples[1];
	ck_assert(s->stack == 2 && s->phase == 1 && s->role == TRACE_ROLE_STEPPING);
	ck_assert_int_eq(s->samples, 580);
	ck_assert_int_eq(s->cpu_ns, 600000000);
	ck_assert_int_eq(t->samples[4].role, TRACE_ROLE_OTHERS);
	ck_assert_int_eq(t->samples_total, 1380);
	ck_assert_int_eq(t->sampled_ns_total, 1400000000);
	for (int n = 0; n < 2; n++) {
		ck_assert_int_eq(t->windows[n].samples, 690);
		ck_assert_int_eq(t->windows[n].sampled_ns, 700000000);
	}
	ck_assert_uint_eq(t->calls_count, 2);
	const struct trace_call *c = &t->calls[1];
	ck_assert(c->function == 14 && c->caller == 13 && c->phase == 2);
	ck_assert_int_eq(t->calls[0].calls, 1);
	ck_assert_int_eq(c->calls, 1000);
	ck_assert_int_eq(c->self, 200000000);
	ck_assert_int_eq(c->inclusive, 200000000);
	ck_assert_int_eq(c->untimed, 4);
	trace_free(t);
}
END_TEST

/* A header, one window, and then `take`, which adds a record. */
static void expect_damage_behind_a_window(void (*take)(void), const char *what)
{
	teardown();
	setup();
	builder_header(&b, 1, 2);
	builder_bulk(&b, TRACE_FRAMES, 8, LIST(0, 1));
	builder_bulk(&b, TRACE_STACKS, 1, LIST(0, 8));
	builder_window(&b, 0, 100, 0);
	take();
	expect_damage(what);
}

static void add_samples_of_another_window(void)
{
	builder_samples(&b, 1, LIST(1, 0, 0, 1, 1));
}

static void add_half_a_sample(void)
{
	builder_samples(&b, 0, LIST(1, 0, 0, 1));
}

static void add_samples_of_no_stack(void)
{
	builder_samples(&b, 0, LIST(1, 0, 0, 1, 1, 2, 0, 0, 1, 1));
}

static void add_samples_of_no_role(void)
{
	builder_samples(&b, 0, LIST(1, 0, 2, 1, 1));
}

static void add_too_many_samples(void)
{
	builder_samples(&b, 0,
	                LIST(1, 0, 0, INT64_MAX / 2, 1, 1, 0, 0, INT64_MAX / 2, 1, 1, 0, 1,
	                     INT64_MAX / 2, 1));
}

static void add_calls_of_no_function(void)
{
	builder_calls(&b, 0, LIST(9, 0, 0, 0, 1, 1, 1, 0));
}

static void add_negative_calls(void)
{
	builder_calls(&b, 0, LIST(8, 0, 0, 0, 1, -1, 1, 0));
}

START_TEST(samples_and_calls_that_cannot_be_are_damage)
{
	expect_damage_behind_a_window(add_samples_of_another_window, "window 1");
	expect_damage_behind_a_window(add_half_a_sample, "not whole");
	expect_damage_behind_a_window(add_samples_of_no_stack, "stack");
	expect_damage_behind_a_window(add_samples_of_no_role, "role");
	expect_damage_behind_a_window(add_too_many_samples, "samples");
	expect_damage_behind_a_window(add_calls_of_no_function, "frame");
	expect_damage_behind_a_window(add_negative_calls, "self");
}
END_TEST

START_TEST(columns_that_are_not_known_are_skipped)
{
	builder_header(&b, 1, 9);
	builder_bulk(&b, TRACE_FRAMES, 8, LIST(0, 1));
	builder_bulk(&b, TRACE_STACKS, 1, LIST(0, 8));
	builder_window(&b, 0, 100, 0);
	builder_record(&b, TRACE_SAMPLES);
	msgpack_pack_array(&b.packer, 3);
	builder_integer(&b, 0);
	builder_integer(&b, 6);
	builder_list(&b, LIST(1, 0, 0, 3, 30, 999, 1, 0, 1, 4, 40, 999));
	struct trace *t = parsed();
	ck_assert_str_eq(t->damage, "");
	ck_assert_uint_eq(t->samples_count, 2);
	ck_assert_int_eq(t->samples[1].cpu_ns, 40);
	trace_free(t);
}
END_TEST

START_TEST(changes_may_be_negative_where_the_format_says_so)
{
	builder_sample(&b);
	struct trace *t = parsed();
	ck_assert_int_eq(trace_cell_field(&t->cells[1], TRACE_CELL_PEAK_BYTES), 500);
	ck_assert_int_eq(t->counters[0].value, 7);
	trace_free(t);
}
END_TEST

START_TEST(other_changes_may_not_be_negative)
{
	builder_sample(&b);
	builder_end(&b);
	builder_begin(&b);
	builder_header(&b, 1, 0);
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0));
	builder_window(&b, 0, 10, 1);
	builder_key_list(&b, "cells", LIST(1, 1, -5));
	expect_damage("allocations is -5");
}
END_TEST

/* Cut anywhere: never refused behind the header, never damaged, and each whole record counts. */
START_TEST(a_tail_torn_at_any_byte_is_cut)
{
	struct failure failure = {0};
	builder_sample(&b);
	struct trace *whole = parsed();
	trace_free(whole);
	size_t windows = 0, headless = 0;
	for (size_t length = 0; length < b.bytes.size; length++) {
		/* A copy of just that length, so that a sanitizer sees what is read beyond. */
		char *cut = malloc(length ? length : 1);
		memcpy(cut, b.bytes.data, length);
		struct trace *t = trace_parse("x", cut, length, NULL, 0, &failure);
		if (!t) {
			headless = length;
			ck_assert_uint_eq(windows, 0);
			free(cut);
			continue;
		}
		ck_assert_str_eq(t->damage, "");
		ck_assert(!t->end.known);
		ck_assert_uint_le(t->whole_bytes, length);
		ck_assert_int_eq(t->torn, t->whole_bytes < length);
		ck_assert_uint_ge(t->windows_count, windows);
		windows = t->windows_count;
		ck_assert_int_eq(t->steps.ended, (int64_t)windows * 5);
		trace_free(t);
		free(cut);
	}
	ck_assert_uint_eq(windows, 2);
	ck_assert_uint_lt(headless, 400);
}
END_TEST

START_TEST(damage_in_the_middle_keeps_what_stands_before)
{
	builder_sample(&b);
	struct failure failure = {0};
	struct builder all;
	builder_begin(&all);
	msgpack_sbuffer_write(&all.bytes, b.bytes.data, b.bytes.size);
	size_t good = all.bytes.size;
	msgpack_sbuffer_write(&all.bytes, "\xc1", 1);
	builder_finish(&all, 3000000000);
	struct trace *t = builder_parse(&all, &failure);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_ne(t->damage, "");
	ck_assert_uint_eq(t->whole_bytes, good);
	ck_assert_int_eq(t->steps.ended, 10);
	trace_free(t);
	builder_end(&all);
}
END_TEST

START_TEST(variances_add_up_over_windows)
{
	builder_header(&b, 1, 2);
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0));
	builder_window(&b, 0, 10, 2);
	builder_key_list(&b, "cells", LIST(1, 3, 5, 500));
	builder_key_list(&b, "cell_variances", LIST(1, 3, 100, 2500));
	builder_window(&b, 1, 20, 1);
	builder_key_list(&b, "cell_variances", LIST(1, 1 | 1 << TRACE_CELL_PEAK_BYTES, 44, -7));
	struct trace *t = parsed();
	ck_assert_str_eq(t->damage, "");
	ck_assert_uint_eq(t->variances_count, 2);
	ck_assert_double_eq(t->variances[1].fields[TRACE_CELL_ALLOCATIONS].variance, 144);
	ck_assert_double_eq(t->variances[1].fields[TRACE_CELL_ALLOCATED_BYTES].variance, 2500);
	ck_assert_double_eq(t->variances[1].fields[TRACE_CELL_PEAK_BYTES].variance, 0);
	ck_assert_ptr_null(trace_variances_of(t, 2));
	trace_free(t);
}
END_TEST

static void check_variances_damaged(size_t count, const long long *values)
{
	builder_end(&b);
	builder_begin(&b);
	builder_header(&b, 1, 2);
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0));
	builder_window(&b, 0, 10, 1);
	builder_key_list(&b, "cell_variances", count, values);
	struct trace *t = parsed();
	ck_assert_str_ne(t->damage, "");
	ck_assert_uint_eq(t->windows_count, 0);
	trace_free(t);
}

START_TEST(variances_that_cannot_be_are_damage)
{
	check_variances_damaged(LIST(2, 1, 100));
	check_variances_damaged(LIST(1, 3, 100));
	check_variances_damaged(LIST(1));
}
END_TEST

START_TEST(a_damaged_window_leaves_nothing_of_itself)
{
	builder_header(&b, 1, 0);
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0));
	builder_window(&b, 0, 10, 1);
	builder_key_list(&b, "cells", LIST(1, 1, 5, 1, 1));
	struct trace *t = parsed();
	ck_assert_str_ne(t->damage, "");
	ck_assert_uint_eq(t->windows_count, 0);
	ck_assert_int_eq(trace_cell_field(&t->cells[1], TRACE_CELL_ALLOCATIONS), 0);
	trace_free(t);
}
END_TEST

START_TEST(unknown_kinds_keys_and_bits_are_skipped)
{
	builder_header(&b, 1, 7);
	builder_record(&b, 77);
	builder_list(&b, LIST(1, 2, 3));
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0));
	builder_bulk(&b, TRACE_PHASES, 1, LIST(0, 0));
	builder_window(&b, 0, 10, 3);
	builder_key_list(&b, "from the future", LIST(9, 9));
	/* bits 60 and 63 of a cell, 20 of a phase */
	builder_text(&b, "cells");
	msgpack_pack_array(&b.packer, 5);
	builder_integer(&b, 1);
	msgpack_pack_uint64(&b.packer, 1u | 1ull << 60 | 1ull << 63);
	builder_integer(&b, 5);
	builder_integer(&b, -1);
	builder_text(&b, "not even a number");
	builder_key_list(&b, "phases", LIST(1, 0, 1 | 1 << 20, 3, 99));
	struct trace *t = parsed();
	ck_assert_str_eq(t->damage, "");
	ck_assert(t->newer_minor);
	ck_assert_int_eq(trace_cell_field(&t->cells[1], TRACE_CELL_ALLOCATIONS), 5);
	ck_assert_int_eq(t->phases[1].times[0].fields[TRACE_PHASE_CALLS], 3);
	trace_free(t);
}
END_TEST

START_TEST(another_major_version_is_refused)
{
	builder_header(&b, 2, 0);
	expect_refused(b.bytes.data, b.bytes.size, "format 2.0");
}
END_TEST

START_TEST(what_is_no_trace_is_refused)
{
	static const char zeros[64];
	expect_refused("", 0, "empty");
	expect_refused("\xc1", 1, "not msgpack");
	expect_refused("hello, world\n", 13, "not a memprof trace");
	expect_refused(zeros, sizeof(zeros), "not a memprof trace");
	builder_header(&b, 1, 0);
	expect_refused(b.bytes.data, b.bytes.size / 2, "ends inside its header");
	/* an array that announces 4 billion elements; 40 arrays in each other */
	expect_refused("\xdd\xff\xff\xff\xff", 5, "not a trace");
	char nested[64];
	memset(nested, '\x91', sizeof(nested));
	expect_refused(nested, sizeof(nested), "not msgpack");
}
END_TEST

START_TEST(ids_must_be_defined_before_they_are_used)
{
	static const struct {
		int kind;
		long long first, values[2];
		const char *what;
	} wrong[] = {
	        {TRACE_FRAMES, 8, {1, 10}, "module 1"},
	        {TRACE_FRAMES, 1, {0, 10}, "ids begin"},
	        {TRACE_FRAMES, 8, {0, -1}, "address"},
	        {TRACE_STACKS, 1, {1, 0}, "parent stack 1"},
	        {TRACE_STACKS, 1, {0, 8}, "frame 8"},
	        {TRACE_STACKS, 2, {0, 0}, "ids begin"},
	        {TRACE_PHASES, 1, {1, 0}, "parent phase 1"},
	        {TRACE_PHASES, 1, {0, 1}, "string 1"},
	        {TRACE_CELLS, 1, {1, 0}, "stack 1"},
	        {TRACE_CELLS, 1, {0, 1}, "phase 1"},
	        {TRACE_CELLS, 0, {0, 0}, "ids begin"},
	        {TRACE_STACKS, -1, {0, 0}, "out of range"},
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		builder_end(&b);
		builder_begin(&b);
		builder_header(&b, 1, 0);
		builder_bulk(&b, wrong[i].kind, wrong[i].first, 2, wrong[i].values);
		expect_damage(wrong[i].what);
	}
}
END_TEST

START_TEST(windows_must_follow_each_other)
{
	builder_header(&b, 1, 0);
	builder_window(&b, 0, 100, 0);
	builder_window(&b, 2, 200, 0);
	expect_damage("window 2");
	builder_end(&b);
	builder_begin(&b);
	builder_header(&b, 1, 0);
	builder_window(&b, 0, 100, 0);
	builder_window(&b, 1, 50, 0);
	expect_damage("ends before");
}
END_TEST

START_TEST(sums_that_overflow_are_damage)
{
	const long long most = 0x7fffffffffffffff / 2;
	builder_header(&b, 1, 0);
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0, 0, 0));
	builder_window(&b, 0, 100, 1);
	builder_key_list(&b, "cells", LIST(1, 1, most, 2, 1, most));
	expect_damage("sum of allocations");
}
END_TEST

/* A main trace without END, and the window that would have been next in a side file. */
static void build_open_trace(struct builder *side, const char *run, long long base_off)
{
	builder_header(&b, 1, 0);
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0));
	builder_window(&b, 0, 100, 1);
	builder_key_list(&b, "cells", LIST(1, 1, 5));
	builder_begin(side);
	builder_open(side, run, b.bytes.size + (size_t)base_off);
	builder_window(side, 1, 200, 1);
	builder_key_list(side, "cells", LIST(1, 1, 7));
}

static int64_t allocations_with_side(const struct builder *side, size_t length, bool *joined)
{
	struct failure failure = {0};
	struct trace *t = trace_parse("x", b.bytes.data, length, side->bytes.data, side->bytes.size,
	                              &failure);
	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->damage, "");
	int64_t allocations = trace_cell_field(&t->cells[1], TRACE_CELL_ALLOCATIONS);
	*joined = t->joined;
	trace_free(t);
	return allocations;
}

START_TEST(a_side_file_that_belongs_is_joined)
{
	struct builder side;
	bool joined;
	build_open_trace(&side, BUILDER_RUN, 0);
	size_t base = b.bytes.size;
	ck_assert_int_eq(allocations_with_side(&side, base, &joined), 12);
	ck_assert(joined);
	/* behind a torn tail too */
	builder_window(&b, 1, 150, 0);
	ck_assert_int_eq(allocations_with_side(&side, base + 3, &joined), 12);
	ck_assert(joined);
	/* not once the window it told of was written */
	ck_assert_int_eq(allocations_with_side(&side, b.bytes.size, &joined), 5);
	ck_assert(!joined);
	builder_end(&side);
}
END_TEST

START_TEST(a_side_file_of_another_run_or_length_is_not)
{
	struct builder side;
	bool joined;
	build_open_trace(&side, "ffffffffffffffff", 0);
	ck_assert_int_eq(allocations_with_side(&side, b.bytes.size, &joined), 5);
	ck_assert(!joined);
	builder_end(&side);
	builder_end(&b);
	builder_begin(&b);
	build_open_trace(&side, BUILDER_RUN, 1);
	ck_assert_int_eq(allocations_with_side(&side, b.bytes.size, &joined), 5);
	ck_assert(!joined);
	/* a complete trace needs none */
	builder_finish(&b, 300);
	builder_end(&side);
	builder_begin(&side);
	builder_open(&side, BUILDER_RUN, b.bytes.size);
	builder_window(&side, 1, 400, 0);
	ck_assert_int_eq(allocations_with_side(&side, b.bytes.size, &joined), 5);
	ck_assert(!joined);
	builder_end(&side);
}
END_TEST

START_TEST(what_is_left_out_is_zero_and_nil_is_not_known)
{
	builder_header(&b, 1, 0);
	builder_window(&b, 0, 100, 1);
	builder_text(&b, "process");
	builder_map(&b, 2);
	builder_key_integer(&b, "unexplained", -7);
	builder_text(&b, "mapped_directly");
	msgpack_pack_nil(&b.packer);
	struct trace *t = parsed();
	ck_assert_str_eq(t->damage, "");
	ck_assert(t->process.known);
	ck_assert(!t->heap.known);
	ck_assert_int_eq(t->process.unexplained, -7);
	ck_assert_int_eq(t->process.swap, 0);
	ck_assert_int_eq(t->process.mapped_directly, TRACE_UNKNOWN);
	trace_free(t);
}
END_TEST

START_TEST(quantiles_come_from_the_middle_of_buckets)
{
	struct histogram h = {0};
	for (int i = 1; i <= 100; i++)
		histogram_add(&h, (uint32_t)i, 1);
	ck_assert_double_eq(histogram_quantile(&h, 0.50, 1, 100), 50);
	ck_assert_double_eq(histogram_quantile(&h, 0.95, 1, 100), 95);
	ck_assert_double_eq(histogram_quantile(&h, 0.99, 1, 100), 99);
	ck_assert_double_eq(histogram_quantile(&h, 1, 1, 100), 100);
	histogram_free(&h);
	/* 1,000,000 ticks lie in [999,424, 1,015,808): its middle, but never above the largest */
	ck_assert_int_eq(histogram_low(64 * 14 + 58), 999424);
	histogram_add(&h, 64 * 14 + 58, 3);
	double low = (double)histogram_low(64 * 14 + 58),
	       high = (double)histogram_low(64 * 14 + 59);
	double middle = histogram_quantile(&h, 0.5, 0, INT64_MAX);
	ck_assert_double_eq_tol(middle, (low + high - 1) / 2, 1e-9);
	ck_assert_double_eq(histogram_quantile(&h, 0.5, 0, (int64_t)low + 1), low + 1);
	ck_assert_double_eq(histogram_quantile(&h, 0.5, (int64_t)high, INT64_MAX), high);
	histogram_free(&h);
	ck_assert_double_lt(histogram_quantile(&h, 0.5, 0, 1), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer: trace");
	TCase *tests = tcase_create("trace");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, sums_are_those_of_the_windows);
	tcase_add_test(tests, samples_and_calls_add_up_over_windows);
	tcase_add_test(tests, samples_and_calls_that_cannot_be_are_damage);
	tcase_add_test(tests, columns_that_are_not_known_are_skipped);
	tcase_add_test(tests, changes_may_be_negative_where_the_format_says_so);
	tcase_add_test(tests, other_changes_may_not_be_negative);
	tcase_add_test(tests, a_tail_torn_at_any_byte_is_cut);
	tcase_add_test(tests, damage_in_the_middle_keeps_what_stands_before);
	tcase_add_test(tests, variances_add_up_over_windows);
	tcase_add_test(tests, variances_that_cannot_be_are_damage);
	tcase_add_test(tests, a_damaged_window_leaves_nothing_of_itself);
	tcase_add_test(tests, unknown_kinds_keys_and_bits_are_skipped);
	tcase_add_test(tests, another_major_version_is_refused);
	tcase_add_test(tests, what_is_no_trace_is_refused);
	tcase_add_test(tests, ids_must_be_defined_before_they_are_used);
	tcase_add_test(tests, windows_must_follow_each_other);
	tcase_add_test(tests, sums_that_overflow_are_damage);
	tcase_add_test(tests, a_side_file_that_belongs_is_joined);
	tcase_add_test(tests, a_side_file_of_another_run_or_length_is_not);
	tcase_add_test(tests, what_is_left_out_is_zero_and_nil_is_not_known);
	tcase_add_test(tests, quantiles_come_from_the_middle_of_buckets);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

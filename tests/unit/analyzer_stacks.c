/* analyzer_stacks.c: what was measured at each stack, and the frames that a stack is shown as. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/profile.h"
#include "trace_builder.h"

static struct builder b;
static struct profile *p;

static void setup(void)
{
	struct failure failure = {0};
	builder_begin(&b);
	builder_sample(&b);
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	p = profile_build(t);
}

static void teardown(void)
{
	profile_free(p);
	builder_end(&b);
}

/* Cell 1 of the sample: in two windows 2 × 50 allocations of 100 bytes, of which 2 × 40 were freed;
 * the peak holds 1,000 − 500 of it. */
START_TEST(rows_are_the_cells)
{
	ck_assert_uint_eq(p->stacks.count, 6);
	const struct stack_row *row = &p->stacks.rows[0];
	ck_assert_uint_eq(row->stack, 3);
	ck_assert_uint_eq(row->phase, 2);
	ck_assert_double_eq(row->values[STACK_ALLOCATIONS], 100);
	ck_assert_double_eq(row->values[STACK_BYTES], 10000);
	ck_assert_double_eq(row->values[STACK_LIVE], 2000);
	ck_assert_double_eq(row->values[STACK_PEAK], 500);
}
END_TEST

/* Samples of a pair that has a cell are in its row, and those of all roles are in one row. */
START_TEST(samples_are_in_the_rows)
{
	ck_assert(p->stacks.known[STACK_TIME]);
	ck_assert_double_eq_tol(p->stacks.rows[0].values[STACK_TIME], 0.2, 1e-12);
	ck_assert_double_eq(p->stacks.rows[0].samples, 200);
	ck_assert_double_eq(p->stacks.rows[0].workers_samples, 0);
	double time = 0, workers = 0;
	for (size_t i = 0; i < p->stacks.count; i++) {
		time += p->stacks.rows[i].values[STACK_TIME];
		workers += p->stacks.rows[i].workers_time;
	}
	ck_assert_double_eq_tol(time, 1.4, 1e-12);
	ck_assert_double_eq_tol(workers, 0.4, 1e-12);
}
END_TEST

START_TEST(rows_add_up_to_the_totals)
{
	double sums[STACK_METRICS] = {0};
	for (size_t i = 0; i < p->stacks.count; i++)
		for (int metric = 0; metric < STACK_METRICS; metric++)
			sums[metric] += p->stacks.rows[i].values[metric];
	ck_assert_double_eq(sums[STACK_ALLOCATIONS],
	                    (double)p->totals.fields[TRACE_CELL_ALLOCATIONS]);
	ck_assert_double_eq(sums[STACK_BYTES],
	                    (double)p->totals.fields[TRACE_CELL_ALLOCATED_BYTES]);
	ck_assert_double_eq(sums[STACK_LIVE], (double)p->totals.live_bytes);
}
END_TEST

START_TEST(inlined_functions_are_frames)
{
	struct stack_frame *frames = NULL;
	size_t capacity = 0;
	size_t count = stack_frames(p, 3, &frames, &capacity);
	ck_assert_uint_eq(count, 4);
	ck_assert_str_eq(frames[0].function, "push_back");
	ck_assert(frames[0].inlined && !frames[0].own && frames[0].named);
	ck_assert_str_eq(frames[1].function, "grid_rebuild");
	ck_assert(!frames[1].inlined && frames[1].own);
	ck_assert_uint_eq(frames[1].line, 44);
	ck_assert_str_eq(frames[1].module, "sim");
	ck_assert_str_eq(frames[2].function, "main");
	ck_assert_str_eq(frames[3].function, "__libc_start_main");
	ck_assert_str_eq(frames[3].file, "");
	free(frames);
}
END_TEST

START_TEST(code_without_a_name_is_called_after_its_module)
{
	struct stack_frame *frames = NULL;
	size_t capacity = 0;
	ck_assert_uint_eq(stack_frames(p, 6, &frames, &capacity), 2);
	ck_assert_str_eq(frames[0].function, "[sim]");
	ck_assert(!frames[0].named);
	ck_assert_uint_eq(frames[0].address, 80);
	ck_assert_uint_eq(stack_frames(p, 0, &frames, &capacity), 0);
	free(frames);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stacks");
	TCase *c = tcase_create("stacks");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, rows_are_the_cells);
	tcase_add_test(c, samples_are_in_the_rows);
	tcase_add_test(c, rows_add_up_to_the_totals);
	tcase_add_test(c, inlined_functions_are_frames);
	tcase_add_test(c, code_without_a_name_is_called_after_its_module);
	suite_add_tcase(suite, c);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* analyzer_cell.c: sums of a cell that are told in any order are those of plain arrays. */
#include "base/memory.h"
#include "trace/cell.h"

#include <check.h>

static void add(struct arena *arena, struct trace_cell *cell, int64_t *plain, int field,
                int64_t change)
{
	trace_cell_tell(arena, cell, TRACE_CELL_BIT(field));
	*trace_cell_sum(cell, field) += change;
	plain[field] += change;
}

static void ck_assert_same(const struct trace_cell *cell, const int64_t *plain)
{
	int64_t sums[TRACE_CELL_FIELDS_COUNT] = {0};
	trace_cell_add_to(cell, sums);
	for (int field = 0; field < TRACE_CELL_FIELDS_COUNT; field++) {
		ck_assert_int_eq(trace_cell_field(cell, field), plain[field]);
		ck_assert_int_eq(sums[field], plain[field]);
	}
}

START_TEST(fields_may_come_in_any_order)
{
	struct arena arena = {0};
	uint64_t random = 88172645463325252u;
	for (int round = 0; round < 200; round++) {
		struct trace_cell cell = {0};
		int64_t plain[TRACE_CELL_FIELDS_COUNT] = {0};
		for (int i = 0; i < 80; i++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			add(&arena, &cell, plain, (int)(random % TRACE_CELL_FIELDS_COUNT),
			    (int64_t)(random >> 40));
			ck_assert_same(&cell, plain);
		}
	}
	arena_free(&arena);
}
END_TEST

START_TEST(several_that_are_told_at_once_keep_what_was_there)
{
	struct arena arena = {0};
	struct trace_cell cell = {0};
	int64_t plain[TRACE_CELL_FIELDS_COUNT] = {0};
	add(&arena, &cell, plain, TRACE_CELL_FREED_BYTES, 7);
	trace_cell_tell(&arena, &cell, UINT64_MAX >> (64 - TRACE_CELL_FIELDS_COUNT));
	ck_assert_same(&cell, plain);
	arena_free(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cell");
	TCase *cases = tcase_create("cell");
	tcase_add_test(cases, fields_may_come_in_any_order);
	tcase_add_test(cases, several_that_are_told_at_once_keep_what_was_there);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* analyzer_allocator.c: ALLOCATOR records: what is read, what is refused, and what follows. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/allocator.h"
#include "trace_builder.h"

static struct builder b;

static void setup(void)
{
	builder_begin(&b);
	builder_header(&b, 1, 3);
}

static void teardown(void)
{
	builder_end(&b);
}

static struct trace *parsed(void)
{
	struct failure failure = {0};
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	return t;
}

static void table(const char *key, long long width, size_t count, const long long *values)
{
	builder_text(&b, key);
	msgpack_pack_array(&b.packer, 2);
	builder_integer(&b, width);
	builder_list(&b, count, values);
}

static void allocator(long long taken, long long width, size_t count, const long long *values)
{
	builder_record(&b, TRACE_ALLOCATOR);
	builder_map(&b, 3);
	builder_key_integer(&b, "taken", taken);
	builder_key_integer(&b, "dirty_decay_ms", -1);
	table("classes", width, count, values);
}

/* 10 of 16 regions of 64 bytes in a slab of 1,024, and 3 large ones. */
#define CLASSES LIST(64, 1024, 16, 10, 30, 20, 29, 1, 1, 2, 4096, 0, 0, 3, 4, 1, 4, 0, 0, 0)

START_TEST(classes_are_read)
{
	allocator(7, TRACE_ALLOCATOR_CLASS_WIDTH, CLASSES);
	struct trace *t = parsed();
	const struct trace_allocator_details *d = &t->allocator_details;
	ck_assert_str_eq(t->damage, "");
	ck_assert(d->known && !d->at_end);
	ck_assert_int_eq(d->taken, 7);
	ck_assert_int_eq(d->dirty_decay_ms, -1);
	ck_assert_int_eq(d->muzzy_decay_ms, TRACE_UNKNOWN);
	ck_assert_uint_eq(d->classes_count, 2);
	ck_assert_uint_eq(d->arenas_count, 0);
	ck_assert_int_eq(d->classes[0].size, 64);
	ck_assert_int_eq(d->classes[0].held, 10);
	ck_assert_int_eq(d->classes[1].allocated, 4);
	trace_free(t);
}
END_TEST

START_TEST(columns_of_a_newer_version_are_skipped)
{
	allocator(7, 11,
	          LIST(64, 1024, 16, 10, 30, 20, 29, 1, 1, 2, 77, 4096, 0, 0, 3, 4, 1, 4, 0, 0, 0,
	               78));
	struct trace *t = parsed();
	ck_assert_str_eq(t->damage, "");
	ck_assert_uint_eq(t->allocator_details.classes_count, 2);
	ck_assert_int_eq(t->allocator_details.classes[1].size, 4096);
	ck_assert_int_eq(t->allocator_details.classes[1].slabs_made, 0);
	trace_free(t);
}
END_TEST

START_TEST(the_last_record_counts)
{
	allocator(7, TRACE_ALLOCATOR_CLASS_WIDTH, CLASSES);
	allocator(9, TRACE_ALLOCATOR_CLASS_WIDTH, LIST(32, 1024, 32, 1, 1, 0, 1, 1, 1, 1));
	struct trace *t = parsed();
	ck_assert_int_eq(t->allocator_details.taken, 9);
	ck_assert_uint_eq(t->allocator_details.classes_count, 1);
	trace_free(t);
}
END_TEST

/* Of a record that is not valid nothing is taken over. */
static void expect_damage(const char *what)
{
	struct trace *t = parsed();
	ck_assert_msg(strstr(t->damage, what) != NULL, "'%s' does not tell of '%s'", t->damage,
	              what);
	ck_assert_int_eq(t->allocator_details.taken, 7);
	ck_assert_uint_eq(t->allocator_details.classes_count, 2);
	trace_free(t);
}

START_TEST(bad_tables_are_refused)
{
	allocator(7, TRACE_ALLOCATOR_CLASS_WIDTH, CLASSES);
	switch (_i) {
	case 0: /* cut short */
		allocator(8, TRACE_ALLOCATOR_CLASS_WIDTH, LIST(64, 1024, 16));
		break;
	case 1: /* too narrow */
		allocator(8, 3, LIST(64, 1024, 16));
		break;
	case 2: /* below 0 */
		allocator(8, TRACE_ALLOCATOR_CLASS_WIDTH, LIST(64, 0, 0, -1, 0, 0, 0, 0, 0, 0));
		break;
	default:
		builder_record(&b, TRACE_ALLOCATOR);
		builder_list(&b, LIST(1, 2));
	}
	expect_damage("ALLOCATOR");
}
END_TEST

START_TEST(figures_of_classes)
{
	allocator(7, TRACE_ALLOCATOR_CLASS_WIDTH, CLASSES);
	struct trace *t = parsed();
	const struct trace_allocator_details *d = &t->allocator_details;
	struct class_figures small = class_figures_of(&d->classes[0]);
	struct class_figures large = class_figures_of(&d->classes[1]);
	struct class_figures all = class_figures_sum(d->classes, d->classes_count);
	ck_assert_double_eq(small.held_bytes, 640);
	ck_assert_double_eq(small.room_bytes, 1024);
	ck_assert_double_eq(small.used, 0.625);
	ck_assert_double_eq(small.spare, 384);
	ck_assert_double_eq(large.held_bytes, 12288);
	ck_assert_double_eq(large.used, 1);
	ck_assert_double_eq(all.held_bytes, 12928);
	ck_assert_double_eq(all.spare, 384);
	const struct trace_allocator_class **sorted = classes_by_room(d);
	ck_assert_ptr_eq(sorted[0], &d->classes[1]);
	free(sorted);
	ck_assert(isnan(class_figures_sum(d->classes, 0).used));
	trace_free(t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("allocator");
	TCase *tests = tcase_create("allocator");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, classes_are_read);
	tcase_add_test(tests, columns_of_a_newer_version_are_skipped);
	tcase_add_test(tests, the_last_record_counts);
	tcase_add_loop_test(tests, bad_tables_are_refused, 0, 4);
	tcase_add_test(tests, figures_of_classes);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

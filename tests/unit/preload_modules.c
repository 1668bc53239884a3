/* preload_modules.c: one number for each mapped object, whoever comes first and whatever comes in
 * between: a signal handler, other threads, the end of the object.
 *
 * The object's path is taken in the middle of its recording, and the names of this test are where a
 * signal is raised: it comes at that moment in every run. */
#include "capture.h"
#include "names.h"
#include "process.h"
#include "stacks.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define MODULES 64u
#define THREADS 4u
#define ROUNDS  2000u

union mp_process_page mp_process_page;

static bool interrupts; /* the next name is interrupted */
static uint32_t forgotten;

uint32_t mp_name_intern(const char *string)
{
	if (__atomic_exchange_n(&interrupts, false, __ATOMIC_RELAXED))
		raise(SIGUSR1);
	return (uint32_t)strlen(string);
}

void mp_capture_forget(void)
{
	forgotten++;
}

static struct mp_region *open_region(uint32_t modules)
{
	struct mp_region *region = calloc(1, sizeof *region + modules * sizeof(struct mp_module));
	ck_assert_ptr_nonnull(region);
	region->modules_at = sizeof *region;
	region->modules_max = modules;
	region->modules_used = 1;
	mp_process_page.process.region = region;
	return region;
}

static void close_region(void)
{
	free(mp_process_page.process.region);
	mp_process_page.process.region = NULL;
}

static struct mp_module *module_at(struct mp_region *region, uint32_t number)
{
	return (struct mp_module *)mp_at(region, region->modules_at) + number;
}

/* An address in this program, in the C library, in the one for numbers, in the loader. */
static uintptr_t address_of(uint32_t which)
{
	const uintptr_t inside[] = {(uintptr_t)open_region, (uintptr_t)raise, (uintptr_t)cbrt,
	                            getauxval(AT_BASE)};
	return inside[which % 4];
}

static uint32_t number_of(uint32_t which)
{
	return MP_NODE_MODULE(mp_where(address_of(which)));
}

static void check_described(const struct mp_module *module, uint32_t which)
{
	ck_assert_uint_le(module->start, address_of(which));
	ck_assert_uint_gt(module->end, address_of(which));
	ck_assert_uint_gt(module->path, 0);
	ck_assert_uint_gt(module->loaded, 0);
	ck_assert_uint_eq(module->build_id_length, 20);
}

START_TEST(each_object_has_a_number)
{
	struct mp_region *region = open_region(MODULES);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t which = 0; which < 4; which++)
			ck_assert_uint_eq(number_of(which), which + 1);
	ck_assert_uint_eq(region->modules_used, 5);
	for (uint32_t which = 0; which < 4; which++)
		check_described(module_at(region, which + 1), which);
	close_region();
}
END_TEST

static volatile uint32_t number_in_handler;

static void on_signal(int signal)
{
	(void)signal;
	number_in_handler = number_of(1);
	check_described(module_at(mp_region(), number_in_handler), 1);
}

START_TEST(a_signal_in_the_middle_finds_the_same_number)
{
	struct mp_region *region = open_region(MODULES);
	signal(SIGUSR1, on_signal);
	interrupts = true;
	uint32_t number = number_of(1);
	ck_assert(!interrupts);
	ck_assert_uint_eq(number_in_handler, number);
	ck_assert_uint_eq(number_of(1), number);
	ck_assert_uint_eq(region->modules_used, 2);
	check_described(module_at(region, number), 1);
	close_region();
}
END_TEST

static pthread_barrier_t begin, end;

struct worker {
	pthread_t thread;
	uint32_t first; /* the object that it comes to first */
	uint32_t numbers[4];
};

static void *look(void *context)
{
	struct worker *worker = context;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&begin);
		for (uint32_t i = 0; i < 4; i++) {
			uint32_t which = (worker->first + i) % 4;
			worker->numbers[which] = number_of(which);
		}
		pthread_barrier_wait(&end);
	}
	return NULL;
}

START_TEST(threads_that_come_at_once_find_the_same_numbers)
{
	struct worker workers[THREADS];
	pthread_barrier_init(&begin, NULL, THREADS + 1);
	pthread_barrier_init(&end, NULL, THREADS + 1);
	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i].first = i / 2;
		pthread_create(&workers[i].thread, NULL, look, &workers[i]);
	}
	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct mp_region *region = open_region(MODULES);
		pthread_barrier_wait(&begin);
		pthread_barrier_wait(&end);
		ck_assert_uint_eq(region->modules_used, 5);
		for (uint32_t i = 1; i < THREADS; i++)
			ck_assert_mem_eq(workers[i].numbers, workers[0].numbers,
			                 sizeof workers[0].numbers);
		close_region();
	}
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_barrier_destroy(&begin);
	pthread_barrier_destroy(&end);
}
END_TEST

/* What lies at an object's place now is another one, if it has gone in between. */
START_TEST(what_is_loaded_again_is_another)
{
	struct mp_region *region = open_region(MODULES);
	uint32_t number = number_of(2), other = number_of(1);
	module_at(region, number)->unloaded = 1;
	uint32_t again = number_of(2);
	ck_assert_uint_ne(again, number);
	ck_assert_uint_eq(number_of(2), again);
	ck_assert_uint_eq(number_of(1), other);
	ck_assert_uint_eq(region->modules_used, 4);
	close_region();
}
END_TEST

START_TEST(a_full_table_has_no_number)
{
	struct mp_region *region = open_region(3);
	ck_assert_uint_eq(number_of(0), 1);
	ck_assert_uint_eq(number_of(1), 2);
	ck_assert_uint_eq(mp_where(address_of(2)), address_of(2));
	ck_assert_uint_eq(region->overflows, 1);
	ck_assert_uint_eq(region->modules_used, 3);
	ck_assert_uint_eq(number_of(1), 2);
	close_region();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("modules");
	TCase *cases = tcase_create("modules");
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, each_object_has_a_number);
	tcase_add_test(cases, a_signal_in_the_middle_finds_the_same_number);
	tcase_add_test(cases, threads_that_come_at_once_find_the_same_numbers);
	tcase_add_test(cases, what_is_loaded_again_is_another);
	tcase_add_test(cases, a_full_table_has_no_number);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

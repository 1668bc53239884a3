/* preload_intern.c: numbers of keys, from one thread and from many, while the index grows. */
#include "intern.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#define KEYS    100000u
#define THREADS 4u

struct world {
	struct mp_intern index;
	uint64_t *entries; /* by number; number 0 is none */
	uint32_t used, max;
};

static bool equal(void *context, uint32_t number, const void *key)
{
	return ((struct world *)context)->entries[number] == *(const uint64_t *)key;
}

static uint32_t make(void *context, const void *key)
{
	struct world *world = context;
	uint32_t number = __atomic_add_fetch(&world->used, 1, __ATOMIC_RELAXED);
	if (number >= world->max)
		return 0;
	__atomic_store_n(&world->entries[number], *(const uint64_t *)key, __ATOMIC_RELEASE);
	return number;
}

static void open_world(struct world *world, uint32_t max)
{
	*world = (struct world){.max = max, .entries = calloc(max, sizeof(uint64_t))};
	ck_assert_ptr_nonnull(world->entries);
}

static uint32_t number_of(struct world *world, uint64_t key)
{
	return mp_intern(&world->index, mp_intern_hash(key, 1), equal, make, world, &key);
}

START_TEST(a_key_keeps_its_number)
{
	struct world world;
	open_world(&world, KEYS + 2);
	for (uint64_t key = 1; key <= KEYS; key++)
		ck_assert_uint_eq(number_of(&world, key), key);
	for (uint64_t key = 1; key <= KEYS; key++)
		ck_assert_uint_eq(number_of(&world, key), key);
	ck_assert_uint_eq(world.used, KEYS);
	free(world.entries);
}
END_TEST

START_TEST(a_full_table_says_so)
{
	struct world world;
	open_world(&world, 11);
	for (uint64_t key = 1; key <= 10; key++)
		ck_assert_uint_ne(number_of(&world, key), 0);
	ck_assert_uint_eq(number_of(&world, 99), 0);
	ck_assert_uint_ne(number_of(&world, 5), 0);
	free(world.entries);
}
END_TEST

static void *intern_all(void *argument)
{
	struct world *world = argument;
	for (uint64_t key = 1; key <= KEYS; key++) {
		uint32_t number = number_of(world, key);
		if (!number || world->entries[number] != key)
			return world;
	}
	return NULL;
}

/* A number always is its key's. Two numbers for one key may happen, where a table just grew, but
 * not more than once or so a growth and thread. */
START_TEST(threads_agree)
{
	struct world world;
	open_world(&world, KEYS * (THREADS + 1));
	pthread_t threads[THREADS];
	for (unsigned i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, intern_all, &world), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		void *failed;
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	/* Numbers made and lost to another thread are spent; each key has settled on one. */
	uint32_t spent = world.used;
	for (uint64_t key = 1; key <= KEYS; key++)
		ck_assert_uint_eq(number_of(&world, key), number_of(&world, key));
	ck_assert_uint_eq(world.used, spent);
	free(world.entries);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("intern");
	TCase *cases = tcase_create("index");
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, a_key_keeps_its_number);
	tcase_add_test(cases, a_full_table_says_so);
	tcase_add_test(cases, threads_agree);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

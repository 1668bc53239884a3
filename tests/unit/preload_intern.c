/* preload_intern.c: numbers of keys, from one thread and from many, while the index grows. */
#include "intern.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEYS    200000u
#define THREADS 4u

/* Entries remember their key, and, as a hash has to be told again when a table is moved, its hash.
 */
struct entry {
	uint64_t key, hash;
	uint32_t more;
};

struct world {
	struct mp_intern index;
	struct entry *entries; /* by number; number 0 is none */
	uint32_t used, max;
};

static uint32_t make(void *table, const struct mp_intern_key *key, const void *subject)
{
	(void)subject;
	struct world *world = table;
	uint32_t number = __atomic_add_fetch(&world->used, 1, __ATOMIC_RELAXED);
	if (number >= world->max)
		return 0;
	world->entries[number] = (struct entry){key->key, key->hash, key->more};
	return number;
}

static struct mp_intern_key key_of(const void *table, uint32_t number)
{
	const struct entry *entry = &((const struct world *)table)->entries[number];
	return (struct mp_intern_key){entry->hash, entry->key, entry->more};
}

static const struct mp_intern_kind kind = {.make = make, .key_of = key_of};

static void open_world(struct world *world, uint32_t max)
{
	*world = (struct world){.max = max, .entries = calloc(max, sizeof(struct entry))};
	ck_assert_ptr_nonnull(world->entries);
}

static uint32_t number_with_hash(struct world *world, uint64_t key, uint32_t more, uint64_t hash)
{
	const struct mp_intern_key wanted = {hash, key, more};
	return mp_intern(&world->index, &wanted, &kind, world, NULL);
}

static uint32_t number_of(struct world *world, uint64_t key)
{
	return number_with_hash(world, key, 7, mp_intern_hash(key, 7));
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

/* While tables are moved, too: each key is asked for again right after each growth. */
START_TEST(keys_are_found_in_the_middle_of_every_move)
{
	struct world world;
	open_world(&world, KEYS + 2);
	const struct mp_intern_table *newest = NULL;
	uint32_t growths = 0;
	for (uint64_t key = 1; key <= KEYS; key++) {
		ck_assert_uint_eq(number_of(&world, key), key);
		if (world.index.newest == newest)
			continue;
		newest = world.index.newest;
		growths++;
		for (uint64_t old = key; old >= 1; old--)
			ck_assert_uint_eq(number_of(&world, old), old);
	}
	ck_assert_uint_ge(growths, 5);
	ck_assert_uint_eq(world.used, KEYS);
	free(world.entries);
}
END_TEST

/* A hash decides nothing: keys with one hash are as many keys, told apart by either part. */
START_TEST(keys_of_one_hash_are_told_apart)
{
	struct world world;
	const uint32_t count = 400;
	open_world(&world, 2 * count + 2);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 1; i <= count; i++) {
			ck_assert_uint_eq(number_with_hash(&world, i, 1, 5), 2 * i - 1);
			ck_assert_uint_eq(number_with_hash(&world, i, 2, 5), 2 * i);
		}
	ck_assert_uint_eq(world.used, 2 * count);
	free(world.entries);
}
END_TEST

/* Where the bits in the index are less than the key: names that are told apart by what they are. */
static bool same_name(const void *table, uint32_t number, const void *subject)
{
	return ((const struct world *)table)->entries[number].hash ==
	       ((const struct mp_intern_key *)subject)->hash;
}

START_TEST(a_kind_tells_apart_what_the_index_cannot)
{
	static const struct mp_intern_kind by_name = {
	        .make = make, .key_of = key_of, .same = same_name};
	struct world world;
	open_world(&world, KEYS + 2);
	for (int round = 0; round < 2; round++)
		for (uint64_t i = 1; i <= KEYS / 10; i++) {
			/* sixteen names to a key, and all with the same place */
			const struct mp_intern_key key = {
			        (i / 16 * 0x9e3779b97f4a7c15ull) << 20 | i, i / 16 + 1, 3};
			ck_assert_uint_eq(mp_intern(&world.index, &key, &by_name, &world, &key), i);
		}
	ck_assert_uint_eq(world.used, KEYS / 10);
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

/* ---- threads -------------------------------------------------------------------------------- */

struct racer {
	struct world *world;
	uint32_t *numbers; /* by key */
	uint32_t step;     /* odd: the order in which it goes through the keys */
	uint32_t rounds;
};

static void *race(void *argument)
{
	struct racer *racer = argument;
	for (uint32_t round = 0; round < racer->rounds; round++)
		for (uint32_t i = 0; i < KEYS; i++) {
			uint32_t key = (uint32_t)((uint64_t)i * racer->step % KEYS);
			uint32_t number = number_of(racer->world, key + 1);
			if (!number || racer->world->entries[number].key != key + 1 ||
			    (racer->numbers[key] && racer->numbers[key] != number))
				return racer;
			racer->numbers[key] = number;
		}
	return NULL;
}

static void run_race(const uint32_t steps[THREADS], bool *failed, struct world *world)
{
	pthread_t threads[THREADS];
	struct racer racers[THREADS];
	open_world(world, KEYS * (THREADS + 1));
	for (unsigned i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){world, calloc(KEYS, sizeof(uint32_t)), steps[i], 2};
		ck_assert_int_eq(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		void *result;
		pthread_join(threads[i], &result);
		*failed |= result != NULL;
	}
	for (unsigned i = 1; i < THREADS; i++)
		*failed |=
		        memcmp(racers[i].numbers, racers[0].numbers, KEYS * sizeof(uint32_t)) != 0;
	for (unsigned i = 0; i < THREADS; i++)
		free(racers[i].numbers);
}

/* A key has one number, whoever asked first, and whatever table was being moved then. */
START_TEST(threads_agree)
{
	static const uint32_t orders[][THREADS] = {{1, 1, 1, 1}, {1, 7, 1, 7}, {1, 3, 7, 11}};
	for (int round = 0; round < 6; round++) {
		struct world world;
		bool failed = false;
		run_race(orders[round % 3], &failed, &world);
		ck_assert(!failed);
		free(world.entries);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("intern");
	TCase *cases = tcase_create("index");
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, a_key_keeps_its_number);
	tcase_add_test(cases, keys_are_found_in_the_middle_of_every_move);
	tcase_add_test(cases, keys_of_one_hash_are_told_apart);
	tcase_add_test(cases, a_kind_tells_apart_what_the_index_cannot);
	tcase_add_test(cases, a_full_table_says_so);
	tcase_add_test(cases, threads_agree);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* preload_live.c: the table of live blocks, held against a plain list of what was put into it.
 *
 * Pages are "the allocator's" through its own mmap, as in the library; blocks of one class fill a
 * page, as in the allocator's slabs. */
#include "jemalloc.h"
#include "live_table.h"
#include "ownmem.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

static uintptr_t allocator_pages(size_t pages)
{
	void *at = mp_je_mmap(NULL, pages * MP_PAGE, PROT_READ | PROT_WRITE,
	                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	return (uintptr_t)at;
}

/* Every block of a slab is found again, with its own size, and is gone after that. */
static void check_slab(uintptr_t slab, size_t pages, size_t class)
{
	size_t blocks = pages * MP_PAGE / class;
	for (size_t i = 0; i < blocks; i++)
		ck_assert(mp_live_put(
		        slab + i * class, i % class, class, (uint32_t)i + 1,
		        mp_record_owner((uint32_t)i % 8192, (uint32_t)i % MP_GENERATIONS), i * 7));
	struct mp_live_block found;
	for (size_t i = 0; i < blocks; i++) {
		ck_assert_int_eq(mp_live_take(slab + i * class, &found), MP_LIVE_FOUND);
		ck_assert_uint_eq(found.counters, i + 1);
		ck_assert_uint_eq(found.size, i % class);
		ck_assert_uint_eq(found.usable, class);
		ck_assert_uint_eq(found.owner, mp_record_owner((uint32_t)i % 8192,
		                                               (uint32_t)i % MP_GENERATIONS));
		ck_assert_uint_eq(found.origin, i * 7);
	}
	for (size_t i = 0; i < blocks; i++)
		ck_assert_int_eq(mp_live_take(slab + i * class, &found), MP_LIVE_UNKNOWN);
}

START_TEST(each_class_has_a_record_for_each_block)
{
	static const size_t classes[] = {8,    16,   32,   48,   64,   80,   96,   112,  128,
	                                 160,  192,  224,  256,  320,  384,  448,  512,  640,
	                                 768,  896,  1024, 1280, 1536, 1792, 2048, 2560, 3072,
	                                 3584, 4096, 5120, 6144, 7168, 8192, 14336};
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		check_slab(allocator_pages(56), 56, classes[i]);
}
END_TEST

START_TEST(a_page_may_come_to_another_class)
{
	uintptr_t slab = allocator_pages(8);
	check_slab(slab, 8, 8);
	check_slab(slab, 8, 4096);
	check_slab(slab, 8, 48);
	check_slab(slab, 8, 16384);
	check_slab(slab, 8, 8);
}
END_TEST

START_TEST(sizes_above_4_GiB_are_kept)
{
	uintptr_t block = allocator_pages(4) + 640; /* large blocks need not start a page */
	size_t size = 5000000001, usable = 5368709120;
	ck_assert(mp_live_put(block, size, usable, 7, 0, 8));
	struct mp_live_block found;
	ck_assert_int_eq(mp_live_take(block, &found), MP_LIVE_FOUND);
	ck_assert_uint_eq(found.size, size);
	ck_assert_uint_eq(found.usable, usable);
}
END_TEST

START_TEST(what_is_not_the_allocators_is_foreign)
{
	struct mp_live_block found;
	int local;
	void *heap = malloc(10);
	ck_assert_int_eq(mp_live_take((uintptr_t)&local, &found), MP_LIVE_FOREIGN);
	ck_assert_int_eq(mp_live_take((uintptr_t)heap, &found), MP_LIVE_FOREIGN);
	ck_assert_int_eq(mp_live_take(0, &found), MP_LIVE_FOREIGN);
	ck_assert_int_eq(mp_live_take(UINTPTR_MAX - 7, &found), MP_LIVE_FOREIGN);
	ck_assert(!mp_live_owned((uintptr_t)heap));
	free(heap);
}
END_TEST

START_TEST(pages_given_back_are_nobodys)
{
	uintptr_t pages = allocator_pages(3);
	ck_assert(mp_live_owned(pages) && mp_live_owned(pages + 3 * MP_PAGE - 1));
	ck_assert(mp_live_put(pages, 1, 8, 1, 0, 0));
	ck_assert_int_eq(mp_je_munmap((void *)pages, 3 * MP_PAGE), 0);
	struct mp_live_block found;
	ck_assert(!mp_live_owned(pages));
	ck_assert_int_eq(mp_live_take(pages, &found), MP_LIVE_FOREIGN);
}
END_TEST

/* Threads that hold blocks of the same slabs, as thread caches do. */
struct share {
	uintptr_t slab;
	unsigned first;
};

#define THREADS 4u
#define ROUNDS  2000u
#define CLASS   48u
#define BLOCKS  (16 * MP_PAGE / CLASS)

static void *put_and_take(void *argument)
{
	struct share *share = argument;
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = share->first; i < BLOCKS; i += THREADS)
			if (!mp_live_put(share->slab + i * CLASS, i % CLASS, CLASS, i + 1, 0,
			                 round))
				return share;
		for (unsigned i = share->first; i < BLOCKS; i += THREADS) {
			struct mp_live_block found;
			if (mp_live_take(share->slab + i * CLASS, &found) != MP_LIVE_FOUND ||
			    found.counters != i + 1 || found.origin != round)
				return share;
		}
	}
	return NULL;
}

START_TEST(threads_do_not_see_each_other)
{
	struct share shares[THREADS];
	pthread_t threads[THREADS];
	uintptr_t slab = allocator_pages(16);
	for (unsigned i = 0; i < THREADS; i++) {
		shares[i] = (struct share){slab, i};
		ck_assert_int_eq(pthread_create(&threads[i], NULL, put_and_take, &shares[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		void *failed;
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("live");
	TCase *cases = tcase_create("table");
	tcase_add_test(cases, each_class_has_a_record_for_each_block);
	tcase_add_test(cases, a_page_may_come_to_another_class);
	tcase_add_test(cases, sizes_above_4_GiB_are_kept);
	tcase_add_test(cases, what_is_not_the_allocators_is_foreign);
	tcase_add_test(cases, pages_given_back_are_nobodys);
	tcase_add_test(cases, threads_do_not_see_each_other);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

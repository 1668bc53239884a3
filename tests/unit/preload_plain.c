/* preload_plain.c: which blocks are freed without a further look, held against a plain list of
 * which pages are the allocator's and which have marks. */
#include "jemalloc.h"
#include "plain.h"
#include "sampled_blocks.h"

#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGES 64u
#define GRAIN (MP_PLAIN_GRAIN / MP_PAGE)
#define OWNER ((uintptr_t)&table)

_Static_assert(GRAIN == MP_PLAIN_PAGES, "a grain's pages");

static struct mp_sampled_blocks table;
static uintptr_t area; /* of address space, its pages mapped and unmapped by the tests */

/* What is true of the pages of the area. */
static struct {
	bool owned;
	uint32_t sampled;
} truth[PAGES];

/* Address space that is nobody's, but kept, or other mappings would come to lie in it. */
static void keep_free(uintptr_t from, size_t bytes)
{
	void *at =
	        mmap((void *)from, bytes, PROT_NONE,
	             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (from ? MAP_FIXED : 0), -1, 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	area = from ? area : (uintptr_t)at;
}

/* By a hint: jemalloc's mappings are not MAP_FIXED, but where it maps over its own. */
static void map_pages(uint32_t first, uint32_t count)
{
	uintptr_t wanted = area + first * MP_PAGE;
	ck_assert_int_eq(munmap((void *)wanted, count * MP_PAGE), 0);
	void *at = mp_plain_mmap((void *)wanted, count * MP_PAGE, PROT_READ | PROT_WRITE,
	                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_uint_eq((uintptr_t)at, wanted);
	for (uint32_t i = first; i < first + count; i++)
		truth[i].owned = true;
}

static void unmap_pages(uint32_t first, uint32_t count)
{
	uintptr_t from = area + first * MP_PAGE;
	ck_assert_int_eq(mp_plain_munmap((void *)from, count * MP_PAGE), 0);
	keep_free(from, count * MP_PAGE);
	for (uint32_t i = first; i < first + count; i++)
		truth[i].owned = false;
}

/* The window is made by the first mapping. */
static void begin(void)
{
	void *at = mp_plain_mmap(NULL, MP_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	keep_free(0, (PAGES + GRAIN) * MP_PAGE);
	area = (area + MP_PLAIN_GRAIN - 1) & ~(uintptr_t)(MP_PLAIN_GRAIN - 1);
}

static bool is_plain(uint32_t page)
{
	return mp_plain_is((void *)(area + page * MP_PAGE + 48));
}

static void check_all(void)
{
	for (uint32_t first = 0; first < PAGES; first += GRAIN) {
		bool plain = true;
		for (uint32_t i = first; i < first + GRAIN; i++)
			plain &= truth[i].owned && !truth[i].sampled;
		for (uint32_t i = first; i < first + GRAIN; i++)
			ck_assert_int_eq(is_plain(i), plain);
	}
}

static void put(uint32_t page, uint32_t place)
{
	struct mp_sampled_block block = {.address = area + page * MP_PAGE + place * 16, .size = 1};
	ck_assert(mp_sampled_block_put(&table, &block, OWNER));
	truth[page].sampled++;
}

static void take(uint32_t page, uint32_t place)
{
	struct mp_sampled_block block;
	if (mp_sampled_block_take(&table, area + page * MP_PAGE + place * 16, &block, OWNER))
		truth[page].sampled--;
}

START_TEST(nothing_is_plain_before_the_process_samples)
{
	begin();
	map_pages(0, PAGES);
	ck_assert(!is_plain(0));
	mp_plain_begin();
	check_all();
	ck_assert(is_plain(0));
	ck_assert(!mp_plain_is(NULL));
	ck_assert(!mp_plain_is(&table));
	ck_assert(!mp_plain_is((void *)UINTPTR_MAX));
}
END_TEST

/* Mappings begin and end anywhere, in the middle of grains too. */
START_TEST(plain_is_what_is_owned_and_has_no_sample)
{
	begin();
	mp_plain_begin();
	srand(11);
	for (int i = 0; i < 20000; i++) {
		uint32_t page = (uint32_t)rand() % PAGES, place = (uint32_t)rand() % 256;
		if (!truth[page].owned) {
			uint32_t count = 1;
			while (page + count < PAGES && !truth[page + count].owned && rand() % 4)
				count++;
			map_pages(page, count);
		} else if (rand() % 8 == 0 && !truth[page].sampled) {
			unmap_pages(page, 1);
		} else if (rand() % 2) {
			take(page, place);
			put(page, place);
		} else {
			for (uint32_t at = 0; at < 256 && truth[page].sampled; at++)
				take(page, at);
		}
		if (i % 50 == 0)
			check_all();
	}
	check_all();
}
END_TEST

/* A block's free could not have the lock: its mark stays, when its page goes back to the system. */
START_TEST(a_mark_that_was_left_goes_with_its_page)
{
	begin();
	mp_plain_begin();
	map_pages(0, 4);
	put(1, 3);
	put(2, 3);
	unmap_pages(0, 2);
	unmap_pages(2, 1);
	truth[1].sampled = truth[2].sampled = 0;
	check_all();
	map_pages(0, 3);
	check_all();
}
END_TEST

/* A forked child's table is empty, the marks are its parent's: the first look takes one away. */
START_TEST(a_mark_of_a_table_that_is_gone_is_taken_off)
{
	begin();
	mp_plain_begin();
	map_pages(0, 2);
	put(0, 3);
	put(0, 5);
	table = (struct mp_sampled_blocks){0};
	take(0, 3);
	ck_assert(!is_plain(0));
	take(0, 5);
	ck_assert(is_plain(0));
}
END_TEST

/* jemalloc maps over what it has, where the system does not overcommit. */
START_TEST(what_is_mapped_once_more_is_counted_once)
{
	begin();
	mp_plain_begin();
	map_pages(0, 1);
	void *at = mp_plain_mmap((void *)area, MP_PAGE, PROT_READ | PROT_WRITE,
	                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ck_assert_uint_eq((uintptr_t)at, area);
	check_all();
	map_pages(1, 1);
	check_all();
	ck_assert(is_plain(0));
}
END_TEST

START_TEST(mappings_beyond_the_window_are_followed_as_far_as_it_goes)
{
	begin();
	mp_plain_begin();
	size_t bytes = 48ul << 30;
	char *at = mp_plain_mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	ck_assert(mp_plain_is(at + bytes - MP_PLAIN_GRAIN));
	ck_assert(!mp_plain_is(at));
	ck_assert_int_eq(mp_plain_munmap(at, bytes), 0);
	ck_assert(!mp_plain_is(at + bytes - MP_PLAIN_GRAIN));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plain blocks");
	TCase *cases = tcase_create("window");
	tcase_add_test(cases, nothing_is_plain_before_the_process_samples);
	tcase_add_test(cases, plain_is_what_is_owned_and_has_no_sample);
	tcase_add_test(cases, a_mark_that_was_left_goes_with_its_page);
	tcase_add_test(cases, a_mark_of_a_table_that_is_gone_is_taken_off);
	tcase_add_test(cases, what_is_mapped_once_more_is_counted_once);
	tcase_add_test(cases, mappings_beyond_the_window_are_followed_as_far_as_it_goes);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

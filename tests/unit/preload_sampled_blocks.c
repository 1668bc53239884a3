/* preload_sampled_blocks.c: the table of sampled blocks, held against a plain list of what was put
 * into it, and the marks in the words of pages that keep all other blocks out of it. */
#include "jemalloc.h"
#include "sampled_blocks.h"

#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGES  64u
#define OWNER  ((uintptr_t)&table) /* any number that is not another's */
#define OTHER  ((uintptr_t)&table + 1)
#define PLACES (PAGES * MP_PAGE / 16)

static struct mp_sampled_blocks table;

static uintptr_t allocator_pages(void)
{
	void *at = mp_je_mmap(NULL, PAGES * MP_PAGE, PROT_READ | PROT_WRITE,
	                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	return (uintptr_t)at;
}

static bool put(uintptr_t address, uint64_t size)
{
	struct mp_sampled_block block = {.address = address, .size = size};
	return mp_sampled_block_put(&table, &block, OWNER);
}

static bool is_marked(uintptr_t address)
{
	return (*mp_live_word(address) & mp_sampled_bit(address)) != 0;
}

/* All that is in is marked; what is not in is found nowhere; and a page in which nothing is in has
 * its plain word again. */
static void check_against(const uint64_t sizes[PLACES], uintptr_t pages)
{
	for (uint32_t page = 0; page < PAGES; page++) {
		bool any = false;
		for (uint32_t i = 0; i < MP_PAGE / 16; i++) {
			uint64_t size = sizes[page * (MP_PAGE / 16) + i];
			any |= size != 0;
			if (size)
				ck_assert(is_marked(pages + page * MP_PAGE + i * 16));
		}
		if (!any)
			ck_assert_uint_eq(*mp_live_word(pages + page * MP_PAGE), MP_PAGE_OWNED);
	}
}

START_TEST(what_was_put_in_comes_out_once)
{
	static uint64_t sizes[PLACES];
	uintptr_t pages = allocator_pages();
	srand(7);
	for (int i = 0; i < 400000; i++) {
		uint32_t place = (uint32_t)rand() % PLACES;
		struct mp_sampled_block found;
		uintptr_t address = pages + place * 16ul;
		bool taken = mp_sampled_block_take(&table, address, &found, OWNER);
		ck_assert_int_eq(taken, sizes[place] != 0);
		if (taken)
			ck_assert_uint_eq(found.size, sizes[place]);
		sizes[place] = 0;
		/* Fills up, and empties again. */
		if (rand() % 400000 > i && rand() % 4) {
			sizes[place] = (uint64_t)i + 1;
			ck_assert(put(address, sizes[place]));
		}
		if (i % 40000 == 0)
			check_against(sizes, pages);
	}
	check_against(sizes, pages);
}
END_TEST

START_TEST(a_record_that_was_left_behind_is_replaced)
{
	uintptr_t address = allocator_pages();
	struct mp_sampled_block found;
	ck_assert(put(address, 1));
	ck_assert(put(address, 2));
	ck_assert(mp_sampled_block_take(&table, address, &found, OWNER));
	ck_assert_uint_eq(found.size, 2);
	ck_assert(!mp_sampled_block_take(&table, address, &found, OWNER));
}
END_TEST

/* A page may have records from before it was known that the process samples. */
START_TEST(pages_with_records_are_left_alone)
{
	uintptr_t address = allocator_pages();
	ck_assert(mp_live_put(address, 100, 112, MP_UNCOUNTED, 0, 0));
	uint64_t word = *mp_live_word(address);
	ck_assert(!put(address + 112, 100));
	ck_assert_uint_eq(*mp_live_word(address), word);
}
END_TEST

static void own_all(uintptr_t owner)
{
	for (uint32_t i = 0; i < MP_STRIPES; i++)
		table.stripe[i].owner = owner;
}

START_TEST(nested_events_do_not_wait)
{
	uintptr_t address = allocator_pages();
	struct mp_sampled_block found;
	ck_assert(put(address, 5));
	own_all(OWNER);
	ck_assert(!mp_sampled_block_take(&table, address, &found, MP_SAMPLED_NESTED));
	own_all(0);
	ck_assert(mp_sampled_block_take(&table, address, &found, MP_SAMPLED_NESTED));
}
END_TEST

/* What a handler that left by a jump had interrupted: its own thread goes on with what is there. */
START_TEST(a_lock_left_behind_is_taken_over)
{
	uintptr_t pages = allocator_pages();
	struct mp_sampled_block found;
	for (uint32_t i = 0; i < 100; i++)
		ck_assert(put(pages + i * 16, i + 1));
	own_all(OWNER);
	for (uint32_t i = 0; i < MP_STRIPES; i++)
		table.stripe[i].count = 0;
	for (uint32_t i = 0; i < 100; i++) {
		ck_assert(mp_sampled_block_take(&table, pages + i * 16, &found, OWNER));
		ck_assert_uint_eq(found.size, i + 1);
	}
	ck_assert_uint_eq(*mp_live_word(pages), MP_PAGE_OWNED);
}
END_TEST

/* A lock that is never given back is waited for once; when it is free again all is as it was. */
START_TEST(others_do_not_wait_for_ever)
{
	uintptr_t address = allocator_pages();
	struct mp_sampled_block found;
	ck_assert(put(address, 5));
	own_all(OTHER);
	for (int i = 0; i < 100000; i++)
		ck_assert(!mp_sampled_block_take(&table, address, &found, OWNER));
	own_all(0);
	ck_assert(mp_sampled_block_take(&table, address, &found, OWNER));
}
END_TEST

START_TEST(marked_pages_can_go)
{
	uintptr_t address = allocator_pages();
	ck_assert(put(address, 5));
	ck_assert_int_eq(mp_je_munmap((void *)address, PAGES * MP_PAGE), 0);
	ck_assert(!mp_live_owned(address));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sampled blocks");
	TCase *cases = tcase_create("table");
	tcase_add_test(cases, what_was_put_in_comes_out_once);
	tcase_add_test(cases, a_record_that_was_left_behind_is_replaced);
	tcase_add_test(cases, pages_with_records_are_left_alone);
	tcase_add_test(cases, nested_events_do_not_wait);
	tcase_add_test(cases, a_lock_left_behind_is_taken_over);
	tcase_add_test(cases, others_do_not_wait_for_ever);
	tcase_add_test(cases, marked_pages_can_go);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

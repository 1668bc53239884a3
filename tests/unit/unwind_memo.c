/* unwind_memo.c: what is kept of a stack is found again where its checks hold, and only there,
 * however its frames lie. */
#include "unwind_world.h"

#include "unwind/memo.h"

#include <check.h>
#include <string.h>

#define CHECKS 3u
#define PC     0x401234u

/* A stack of one frame, whose rsp is where it is said to be, and what was read to leave it. */
static struct mp_memo memo;
static struct mp_last last;
static uint64_t words[16];

static void begin(void)
{
	memset(&memo, 0, sizeof memo);
	memset(&last, 0, sizeof last);
	for (uint32_t i = 0; i < 16; i++)
		words[i] = 0x7f0000001000 + i * 0x10010;
}

static void keep(uintptr_t sp)
{
	uint64_t key = mp_memo_root_key(PC, sp);
	last.frames[1] =
	        (struct mp_kept_frame){.frame = {.pc = PC, .sp = sp}, .checks = CHECKS << 1};
	for (uint32_t i = 0; i < CHECKS; i++) {
		uint64_t *at = &words[10 - 3 * i]; /* the innermost last */
		last.checks[i] = (struct mp_check){(uintptr_t)at, *at};
	}
	for (int time = 0; time < 2; time++)
		mp_memo_remember(&memo, key, &last, 1, false);
}

static bool is_found(uintptr_t sp)
{
	uint64_t key;
	return mp_memo_find(&memo, PC, sp, 0, NULL, &key) != NULL;
}

START_TEST(a_stack_is_found_while_all_its_words_hold)
{
	uintptr_t sp = (uintptr_t)&words[1];
	keep(sp);
	ck_assert(is_found(sp));
	for (uint32_t i = 0; i < CHECKS; i++) {
		words[10 - 3 * i] ^= 1ull << 60;
		ck_assert(!is_found(sp));
		words[10 - 3 * i] ^= 1ull << 60;
	}
	ck_assert(is_found(sp));
}
END_TEST

/* Of code that keeps rsp at no multiple of eight: what stands some bytes beside the words that were
 * read must not be taken for them. */
START_TEST(words_are_not_compared_beside_where_they_were_read)
{
	for (uintptr_t odd = 1; odd < 8; odd++) {
		begin();
		uintptr_t sp = (uintptr_t)&words[1] + odd;
		keep(sp);
		for (uint32_t i = 0; i < CHECKS; i++) {
			uint64_t value = words[10 - 3 * i];
			words[10 - 3 * i] = 0;
			memcpy((char *)&words[9 - 3 * i] + odd, &value, sizeof value);
		}
		ck_assert(!is_found(sp));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unwind memo");
	TCase *tests = tcase_create("kept stacks");
	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(tests, a_stack_is_found_while_all_its_words_hold);
	tcase_add_test(tests, words_are_not_compared_beside_where_they_were_read);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* unwind_walk.c: captured stacks are right, whatever the program does between two of them.
 *
 * Each capture is held against libunwind and against a capture without memory (unwind_oracle.h).
 */
#include "unwind_oracle.h"

#include <alloca.h>
#include <check.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

static void reset(void)
{
	oracle_checked = oracle_differed = 0;
}

static void expect_all_right(uint32_t at_least)
{
	ck_assert_uint_ge(oracle_checked, at_least);
	ck_assert_uint_eq(oracle_differed, 0);
}

#define KEEP_FRAME() __asm__ volatile("" : : : "memory")

static uint32_t next_random(void)
{
	static __thread uint64_t state = 88172645463325252ull;
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 33);
}

/* ---- recursion ------------------------------------------------------------------------------ */

__attribute__((noinline)) static void recurse(int levels)
{
	oracle_hook();
	if (levels > 0)
		recurse(levels - 1);
	oracle_hook();
}

START_TEST(recursion_up_and_down)
{
	recurse(60);
	recurse(3);
	recurse(20);
	expect_all_right(160);
}
END_TEST

START_TEST(recursion_beyond_the_limit_keeps_the_innermost_frames)
{
	uint64_t before = world_counts.truncated;
	recurse(400);
	expect_all_right(800);
	ck_assert_uint_gt(world_counts.truncated - before, 500);
}
END_TEST

/* ---- frames of changing size: rules by rbp ----------------------------------------------------
 */

__attribute__((noinline)) static void with_alloca(size_t bytes, int levels)
{
	volatile char *block = alloca(bytes);
	block[0] = 1;
	oracle_hook();
	if (levels > 0)
		with_alloca(next_random() % 64 * 16 + 1, levels - 1);
	block[bytes - 1] = 2;
	oracle_hook();
}

__attribute__((noinline)) static void one_caller(size_t bytes, int levels)
{
	with_alloca(bytes, levels);
	KEEP_FRAME();
}

__attribute__((noinline)) static void other_caller(size_t bytes, int levels)
{
	with_alloca(bytes, levels);
	KEEP_FRAME();
}

START_TEST(alloca_of_every_size_from_two_callers)
{
	for (int i = 0; i < 999; i++) {
		size_t bytes = next_random() % 256 + 1;
		if (i % 2)
			one_caller(bytes, i % 5);
		else
			other_caller(bytes, i % 5);
	}
	expect_all_right(4000);
}
END_TEST

/* The slot that held the return address is where it was, with what it was; but the frame above
 * moved by a block, so that the true caller is another. Only rbp tells. */
__attribute__((noinline)) static void leaf(void)
{
	oracle_hook();
	KEEP_FRAME();
}

__attribute__((noinline)) static void stepped(uint32_t step, int levels)
{
	volatile char *block = alloca(16 + 48 * (step & 3));
	block[0] = (char)step;
	if (levels > 0)
		stepped(step >> 2, levels - 1);
	else
		leaf();
	KEEP_FRAME();
	block[1] = block[0];
}

START_TEST(alloca_that_moves_outer_frames)
{
	for (uint32_t i = 0; i < 999; i++)
		stepped(next_random(), 4);
	expect_all_right(999);
}
END_TEST

__attribute__((noinline)) static void realigned(int levels)
{
	__attribute__((aligned(64))) volatile char block[64];
	block[0] = 1;
	oracle_hook();
	if (levels > 0)
		realigned(levels - 1);
	else
		with_alloca(next_random() % 100 + 1, 1);
	block[1] = block[0];
	oracle_hook();
}

START_TEST(realigned_frames)
{
	for (int i = 0; i < 100; i++) {
		realigned(i % 4);
		one_caller(next_random() % 100 + 1, 1);
	}
	expect_all_right(800);
}
END_TEST

/* ---- jumps ---------------------------------------------------------------------------------- */

static jmp_buf back;

__attribute__((noinline)) static void jump_from(volatile int levels)
{
	oracle_hook();
	if (levels > 0)
		jump_from(levels - 1);
	oracle_hook();
	if (levels == 0)
		longjmp(back, 1);
}

START_TEST(longjmp_over_frames)
{
	for (volatile int i = 0; i < 200; i++) {
		if (setjmp(back) == 0)
			jump_from(i % 17);
		oracle_hook();
		recurse(i % 3);
	}
	expect_all_right(1000);
}
END_TEST

/* ---- coroutines -------------------------------------------------------------------------------
 */

static ucontext_t scheduler, coroutine;

static void coroutine_main(void)
{
	for (int i = 0; i < 3; i++) {
		recurse(4 + i);
		one_caller(next_random() % 100 + 1, 2);
		swapcontext(&coroutine, &scheduler);
	}
	recurse(2);
}

static void run_coroutine(char *stack, size_t bytes, int resumptions)
{
	getcontext(&coroutine);
	coroutine.uc_stack.ss_sp = stack;
	coroutine.uc_stack.ss_size = bytes;
	coroutine.uc_link = &scheduler;
	makecontext(&coroutine, coroutine_main, 0);
	for (int i = 0; i < resumptions; i++) {
		swapcontext(&scheduler, &coroutine);
		recurse(i);
	}
}

/* What lies above the smaller stack is unmapped: whoever reads where the old frames were dies. */
static void run_on_mapping(char *place, size_t bytes, int resumptions)
{
	void *stack = mmap(place, bytes, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ck_assert_ptr_eq(stack, place);
	run_coroutine(stack, bytes, resumptions);
	mmap(place, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
	     0);
}

START_TEST(coroutines_on_stacks_that_go_and_come_back_smaller)
{
	const size_t whole = 1 << 20;
	char *place =
	        mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	for (int round = 0; round < 20; round++) {
		for (size_t bytes = 256 << 10; bytes >= 64 << 10; bytes -= 32 << 10)
			run_on_mapping(place, bytes, 1 + round % 4);
		/* the same end, another beginning */
		run_on_mapping(place + (128 << 10), 64 << 10, 4);
		run_on_mapping(place, 192 << 10, 2);
	}
	munmap(place, whole);
	expect_all_right(2000);
}
END_TEST

/* ---- signals ----------------------------------------------------------------------------------
 */

static volatile sig_atomic_t capturing, handled;

/* As the library does: a handler that interrupts a capture takes its stack without memory. */
__attribute__((noinline)) static void guarded_hook(void)
{
	uint32_t node;
	if (capturing) {
		node = mp_capture_stack_afresh((uintptr_t)__builtin_return_address(0),
		                               (uintptr_t)__builtin_frame_address(0) + 16,
		                               *(uintptr_t *)__builtin_frame_address(0));
	} else {
		capturing = 1;
		__asm__ volatile("" : : : "memory");
		node = WORLD_CAPTURE();
		__asm__ volatile("" : : : "memory");
		capturing = 0;
	}
	oracle_agrees(node, (uintptr_t)__builtin_return_address(0));
}

__attribute__((noinline)) static void in_handler(int levels)
{
	guarded_hook();
	if (levels > 0)
		in_handler(levels - 1);
	KEEP_FRAME();
}

static void handler(int number)
{
	(void)number;
	in_handler(handled++ % 4);
}

static void handle(int number, int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags | SA_RESTART};
	sigaction(number, &action, NULL);
}

__attribute__((noinline)) static void raise_at(int levels)
{
	if (levels == 0)
		raise(SIGUSR1);
	else
		raise_at(levels - 1);
	guarded_hook();
}

START_TEST(handlers_on_the_same_stack)
{
	handle(SIGUSR1, 0);
	for (int i = 0; i < 100; i++)
		raise_at(i % 7);
	expect_all_right(400);
}
END_TEST

START_TEST(handlers_on_an_alternate_stack)
{
	static char below[64 << 10];
	stack_t stack = {.ss_sp = below, .ss_size = sizeof below};
	sigaltstack(&stack, NULL);
	handle(SIGUSR1, SA_ONSTACK);
	for (int i = 0; i < 100; i++)
		raise_at(i % 7);
	/* and on one above: the thread's own stack is below it */
	char *above = mmap((void *)0x7fffffff0000, 64 << 10, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack.ss_sp = above;
	sigaltstack(&stack, NULL);
	for (int i = 0; i < 100; i++)
		raise_at(i % 7);
	expect_all_right(800);
}
END_TEST

__attribute__((noinline)) static uint32_t work(uint32_t levels)
{
	volatile char *block = alloca(next_random() % 64 + 1);
	block[0] = 1;
	guarded_hook();
	uint32_t sum = levels ? work(levels - 1) : 0;
	KEEP_FRAME();
	return sum + (uint32_t)block[0];
}

/* Signals arrive anywhere: in prologues, epilogues, procedure linkage stubs, in captures. */
START_TEST(a_storm_of_signals)
{
	handle(SIGALRM, 0);
	handled = 0;
	struct itimerval often = {{0, 1000}, {0, 1000}}; /* what a check takes, and more */
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 400000 && handled < 1000; i++)
		work(next_random() % 12);
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	ck_assert_int_gt(handled, 200);
	expect_all_right(2000);
}
END_TEST

/* ---- threads -----------------------------------------------------------------------------------
 */

static struct mp_capture *handed_on;

static void *thread_main(void *levels)
{
	/* the memory of a thread that is gone, whose stack this one probably has now */
	world_capture = handed_on;
	recurse((int)(intptr_t)levels);
	one_caller(40, 3);
	return NULL;
}

START_TEST(threads_that_inherit_stack_and_memory)
{
	handed_on = world_map(mp_capture_size);
	for (intptr_t i = 0; i < 60; i++) {
		pthread_attr_t attributes;
		pthread_t thread;
		pthread_attr_init(&attributes);
		pthread_attr_setstacksize(&attributes, i % 3 ? 64 << 10 : 128 << 10);
		pthread_create(&thread, &attributes, thread_main, (void *)(i % 9));
		pthread_join(thread, NULL);
		pthread_attr_destroy(&attributes);
	}
	expect_all_right(600);
}
END_TEST

static void *busy_thread(void *unused)
{
	(void)unused;
	for (int i = 0; i < 300; i++) {
		recurse(i % 23);
		one_caller((size_t)i % 77 + 1, 2);
	}
	return NULL;
}

START_TEST(threads_at_once)
{
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, busy_thread, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	expect_all_right(20000);
}
END_TEST

/* ---- many paths: the memo
 * ------------------------------------------------------------------------ */

static bool with_oracle;

__attribute__((noinline)) static void at_the_end(void)
{
	if (with_oracle) {
		oracle_hook();
		return;
	}
	uint32_t node = WORLD_CAPTURE();
	oracle_expect(node == mp_capture_stack_afresh((uintptr_t)__builtin_return_address(0),
	                                              (uintptr_t)__builtin_frame_address(0) + 16,
	                                              *(uintptr_t *)__builtin_frame_address(0)));
	oracle_checked++;
}

#define FROM(place)                                                                                \
	do {                                                                                       \
		branch(levels - 1, path >> 2, alloca_bytes);                                       \
		__asm__ volatile("nop # " #place);                                                 \
	} while (0)

__attribute__((noinline)) static void branch(int levels, uint32_t path, uint32_t alloca_bytes)
{
	if (levels == 0) {
		at_the_end();
	} else if (levels == 3 && alloca_bytes) {
		volatile char *block = alloca(alloca_bytes);
		block[0] = 1;
		FROM(alloca);
	} else {
		switch (path & 3u) {
		case 0:
			FROM(0);
			break;
		case 1:
			FROM(1);
			break;
		case 2:
			FROM(2);
			break;
		default:
			FROM(3);
			break;
		}
	}
	KEEP_FRAME();
}

START_TEST(the_same_many_paths_again_and_again)
{
	with_oracle = true;
	for (int i = 0; i < 3000; i++)
		branch(8, next_random() % 64 * 0x31, next_random() % 3 * 32);
	/* while frames keep their sizes, few have to be walked */
	uint64_t walked = world_counts.frames_walked;
	with_oracle = false;
	for (int i = 0; i < 20000; i++)
		branch(8, next_random() % 64 * 0x31, 0);
	ck_assert_uint_lt(world_counts.frames_walked - walked, 20000 * 2);
	expect_all_right(23000);
}
END_TEST

/* Two functions, far apart, with frames of two sizes full of variables that are never the same. */
static void by_turns(int levels, uint32_t path);

#define FRAME_OF(name, words)                                                                      \
	__attribute__((noinline, aligned(4096))) static void name(int levels, uint32_t path)       \
	{                                                                                          \
		volatile uint64_t variables[words];                                                \
		for (int i = 0; i < (words); i++)                                                  \
			variables[i] = next_random();                                              \
		by_turns(levels - 1, path >> 1);                                                   \
		__asm__ volatile("" : : "r"(variables) : "memory");                                \
	}
FRAME_OF(small_frame, 6)
FRAME_OF(large_frame, 20)

__attribute__((noinline)) static void by_turns(int levels, uint32_t path)
{
	if (levels == 0)
		at_the_end();
	else if (path & 1)
		large_frame(levels, path);
	else
		small_frame(levels, path);
	KEEP_FRAME();
}

/* All orders of four and four: innermost frames lie at one place, outer ones where another path has
 * its variables. */
START_TEST(frames_that_lie_where_others_have_variables)
{
	uint32_t paths[70], count = 0;
	for (uint32_t path = 0; path < 256; path++)
		if (__builtin_popcount(path) == 4)
			paths[count++] = path;
	ck_assert_uint_eq(count, 70);
	with_oracle = false;
	for (int i = 0; i < 3000; i++)
		by_turns(8, paths[next_random() % 70]);
	uint64_t walked = world_counts.frames_walked;
	for (int i = 0; i < 20000; i++)
		by_turns(8, paths[next_random() % 70]);
	ck_assert_uint_lt(world_counts.frames_walked - walked, 20000 / 2);
	expect_all_right(23000);
}
END_TEST

__attribute__((noinline)) static void below_a_large_frame(uint32_t path)
{
	volatile char *block = alloca(700 << 10);
	block[0] = 1;
	branch(4, path, 0);
	KEEP_FRAME();
}

__attribute__((noinline)) static void above_a_large_frame(uint32_t outer, uint32_t path)
{
	if (outer & 1)
		below_a_large_frame(path);
	else
		below_a_large_frame(path + 1);
	KEEP_FRAME();
}

/* Further outside than the memo's words reach; both what is near and what is far decides. */
START_TEST(frames_of_more_than_half_a_mib)
{
	with_oracle = true;
	for (int i = 0; i < 1000; i++)
		above_a_large_frame(next_random() % 2, next_random() % 16);
	with_oracle = false;
	uint64_t walked = world_counts.frames_walked;
	for (int i = 0; i < 20000; i++)
		above_a_large_frame(next_random() % 2, next_random() % 16);
	ck_assert_uint_lt(world_counts.frames_walked - walked, 20000 / 10);
	expect_all_right(21000);
}
END_TEST

START_TEST(more_paths_than_the_memo_holds)
{
	with_oracle = false;
	for (int i = 0; i < 200000; i++)
		branch(10, next_random() % 30000 * 0x1f, next_random() % 5 * 16);
	expect_all_right(200000);
}
END_TEST

/* ---- forgetting --------------------------------------------------------------------------------
 */

START_TEST(forgetting_in_between)
{
	for (int i = 0; i < 50; i++) {
		recurse(i % 11);
		mp_capture_forget();
		uint64_t before = world_counts.frames_walked;
		oracle_hook();
		ck_assert_uint_gt(world_counts.frames_walked, before);
	}
	expect_all_right(300);
}
END_TEST

START_TEST(an_unchanged_stack_is_not_walked)
{
	uint64_t walked = 0;
	for (int i = 0; i < 100; i++) {
		uint64_t before = world_counts.frames_walked;
		leaf();
		if (i > 1) /* the compiler may have peeled the first call */
			walked += world_counts.frames_walked - before;
	}
	ck_assert_uint_eq(walked, 0);
	expect_all_right(100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unwind walk");
	TCase *tests = tcase_create("captures are what libunwind finds");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, reset, NULL);
	tcase_add_test(tests, recursion_up_and_down);
	tcase_add_test(tests, recursion_beyond_the_limit_keeps_the_innermost_frames);
	tcase_add_test(tests, alloca_of_every_size_from_two_callers);
	tcase_add_test(tests, alloca_that_moves_outer_frames);
	tcase_add_test(tests, realigned_frames);
	tcase_add_test(tests, longjmp_over_frames);
	tcase_add_test(tests, coroutines_on_stacks_that_go_and_come_back_smaller);
	tcase_add_test(tests, handlers_on_the_same_stack);
	tcase_add_test(tests, handlers_on_an_alternate_stack);
	tcase_add_test(tests, a_storm_of_signals);
	tcase_add_test(tests, threads_that_inherit_stack_and_memory);
	tcase_add_test(tests, threads_at_once);
	tcase_add_test(tests, the_same_many_paths_again_and_again);
	tcase_add_test(tests, frames_that_lie_where_others_have_variables);
	tcase_add_test(tests, frames_of_more_than_half_a_mib);
	tcase_add_test(tests, more_paths_than_the_memo_holds);
	tcase_add_test(tests, forgetting_in_between);
	tcase_add_test(tests, an_unchanged_stack_is_not_walked);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* unwind_code.c: stacks through code made at run time, which nothing but its bytes tells about.
 *
 * Each piece of code calls the function that it is given. It is called with rbp as no frame
 * pointer, from a function with call frame information, whose own callers libunwind knows: those
 * must follow in the captured stack, to the outermost.
 */
#include "unwind_oracle.h"

#include <check.h>
#include <string.h>

#define PAGE 4096

static unsigned char *page;

/* call_code(code, function): code(function), with a value in rbp that points nowhere. */
void call_code(void *code, void (*function)(void));
__asm__(".pushsection .text\n"
        ".type call_code, @function\n"
        "call_code:\n"
        "	.cfi_startproc\n"
        "	push %rbp\n"
        "	.cfi_def_cfa_offset 16\n"
        "	.cfi_offset %rbp, -16\n"
        "	mov %rdi, %rax\n"
        "	mov %rsi, %rdi\n"
        "	mov $0x7b, %ebp\n"
        "	call *%rax\n"
        "call_code_returned:\n"
        "	pop %rbp\n"
        "	.cfi_def_cfa_offset 8\n"
        "	ret\n"
        "	.cfi_endproc\n"
        "	.size call_code, .-call_code\n"
        ".popsection\n");
extern const char call_code_returned[];

static uint32_t captured;

__attribute__((noinline)) static void hook(void)
{
	captured = WORLD_CAPTURE();
	uint32_t afresh = mp_capture_stack_afresh((uintptr_t)__builtin_return_address(0),
	                                          (uintptr_t)__builtin_frame_address(0) + 16,
	                                          *(uintptr_t *)__builtin_frame_address(0));
	ck_assert_uint_eq(captured, afresh);
}

__attribute__((noinline)) static void leaf(void)
{
	hook();
	__asm__ volatile("" : : : "memory");
}

static void put_code(const void *code, size_t bytes)
{
	if (page)
		munmap(page, PAGE);
	page = mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(page, MAP_FAILED);
	mp_capture_unmapped();
	memcpy(page, code, bytes);
	ck_assert_int_eq(mprotect(page, PAGE, PROT_READ | PROT_EXEC), 0);
}

/* Takes a stack through the code at `page`, whose call returns at `after_call`. */
__attribute__((noinline)) static void take(size_t after_call, bool found)
{
	uintptr_t ours[MP_CAPTURE_DEPTH + 1], theirs[ORACLE_DEPTH];
	uint32_t root;
	uint32_t expected = oracle_path((uintptr_t)__builtin_return_address(0), theirs);
	call_code(page, leaf);
	uint32_t count = world_path(captured, ours, MP_CAPTURE_DEPTH + 1, &root);
	ck_assert_uint_ge(count, 2);
	ck_assert_uint_eq(ours[1], (uintptr_t)page + after_call - 1);
	if (!found) {
		ck_assert_uint_eq(root, MP_NODE_UNKNOWN);
		ck_assert_uint_eq(count, 2);
		return;
	}
	/* leaf, the code, call_code, this function, and those around it */
	ck_assert_uint_eq(root, MP_NODE_ROOT);
	ck_assert_uint_eq(count, 4 + expected);
	ck_assert_uint_eq(ours[2], (uintptr_t)call_code_returned - 1);
	ck_assert_mem_eq(ours + 4, theirs, expected * sizeof *theirs);
}

static void expect_way(const void *code, size_t bytes, size_t after_call, bool found)
{
	put_code(code, bytes);
	for (int times = 0; times < 4; times++)
		take(after_call, found);
}

#define EXPECT_WAY(after_call, found, ...)                                                         \
	do {                                                                                       \
		static const unsigned char code[] = {__VA_ARGS__};                                 \
		expect_way(code, sizeof code, after_call, found);                                  \
	} while (0)

START_TEST(a_trampoline_without_frame_pointer)
{
	/* sub $8, %rsp; call *%rdi; add $8, %rsp; ret */
	EXPECT_WAY(6, true, 0x48, 0x83, 0xec, 8, 0xff, 0xd7, 0x48, 0x83, 0xc4, 8, 0xc3);
}
END_TEST

START_TEST(a_trampoline_with_frame_pointer)
{
	/* push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret */
	EXPECT_WAY(6, true, 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3);
}
END_TEST

START_TEST(code_that_saves_registers)
{
	/* push %r12; push %rbp; push %rbx; mov $9, %ebp; sub $0x100, %rsp; call *%rdi;
	 * add $0x100, %rsp; pop %rbx; pop %rbp; pop %r12; ret */
	EXPECT_WAY(18, true, 0x41, 0x54, 0x55, 0x53, 0xbd, 9, 0, 0, 0, 0x48, 0x81, 0xec, 0, 1, 0, 0,
	           0xff, 0xd7, 0x48, 0x81, 0xc4, 0, 1, 0, 0, 0x5b, 0x5d, 0x41, 0x5c, 0xc3);
}
END_TEST

START_TEST(code_that_goes_on_has_its_frame_pointer)
{
	/* push %rbp; mov %rsp, %rbp; sub $32, %rsp; call *%rdi; xor %eax, %eax; leave; ret */
	EXPECT_WAY(10, true, 0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 32, 0xff, 0xd7, 0x31, 0xc0,
	           0xc9, 0xc3);
}
END_TEST

START_TEST(code_that_goes_on_without_one_ends_the_stack)
{
	/* sub $24, %rsp; call *%rdi; xor %eax, %eax; add $24, %rsp; ret */
	EXPECT_WAY(6, false, 0x48, 0x83, 0xec, 24, 0xff, 0xd7, 0x31, 0xc0, 0x48, 0x83, 0xc4, 24,
	           0xc3);
}
END_TEST

START_TEST(other_code_at_the_same_address)
{
	for (int turn = 0; turn < 4; turn++) {
		EXPECT_WAY(6, true, 0x48, 0x83, 0xec, 8, 0xff, 0xd7, 0x48, 0x83, 0xc4, 8, 0xc3);
		EXPECT_WAY(6, true, 0x48, 0x83, 0xec, 88, 0xff, 0xd7, 0x48, 0x83, 0xc4, 88, 0xc3);
	}
}
END_TEST

/* What follows the call lies beyond what is mapped. */
START_TEST(code_at_the_end_of_what_is_mapped)
{
	static const unsigned char code[] = {0x48, 0x83, 0xec, 8,    0xff, 0xd7,
	                                     0x48, 0x83, 0xc4, 0x08, 0xc3};
	unsigned char *two =
	        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *at = two + PAGE - sizeof code;
	memcpy(at, code, sizeof code);
	ck_assert_int_eq(mprotect(two, PAGE, PROT_READ | PROT_EXEC), 0);
	ck_assert_int_eq(munmap(two + PAGE, PAGE), 0);
	call_code(at, leaf);
	uintptr_t ours[MP_CAPTURE_DEPTH + 1];
	uint32_t root;
	ck_assert_uint_gt(world_path(captured, ours, MP_CAPTURE_DEPTH + 1, &root), 3);
	ck_assert_uint_eq(root, MP_NODE_ROOT);
	ck_assert_uint_eq(ours[2], (uintptr_t)call_code_returned - 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unwind code");
	TCase *tests = tcase_create("code made at run time");
	tcase_add_test(tests, a_trampoline_without_frame_pointer);
	tcase_add_test(tests, a_trampoline_with_frame_pointer);
	tcase_add_test(tests, code_that_saves_registers);
	tcase_add_test(tests, code_that_goes_on_has_its_frame_pointer);
	tcase_add_test(tests, code_that_goes_on_without_one_ends_the_stack);
	tcase_add_test(tests, other_code_at_the_same_address);
	tcase_add_test(tests, code_at_the_end_of_what_is_mapped);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

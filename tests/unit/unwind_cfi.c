/* unwind_cfi.c: call frame information is read right, and hostile data harms nobody; rules are
 * remembered, shared, and forgotten.
 */
#include "unwind/bytes.h"
#include "unwind/cfi.h"
#include "unwind/full.h"
#include "unwind/rule_cache.h"
#include "unwind_world.h"

#include <check.h>
#include <dlfcn.h>
#include <string.h>

static uint32_t next_random(void)
{
	static uint64_t state = 1;
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 33);
}

/* ---- encodings ----------------------------------------------------------------------------- */

START_TEST(numbers_of_variable_length)
{
	static const uint8_t bytes[] = {0x02, 0x7f, 0x80, 0x01, 0xe5, 0x8e, 0x26,
	                                0x7f, 0x80, 0x7f, 0x9b, 0xf1, 0x59};
	struct mp_bytes b = mp_bytes(bytes, bytes + sizeof bytes);
	ck_assert_uint_eq(mp_bytes_uleb(&b), 2);
	ck_assert_uint_eq(mp_bytes_uleb(&b), 127);
	ck_assert_uint_eq(mp_bytes_uleb(&b), 128);
	ck_assert_uint_eq(mp_bytes_uleb(&b), 624485);
	ck_assert_int_eq(mp_bytes_sleb(&b), -1);
	ck_assert_int_eq(mp_bytes_sleb(&b), -128);
	ck_assert_int_eq(mp_bytes_sleb(&b), -624485);
	ck_assert(!b.bad && b.at == b.end);
	ck_assert_uint_eq(mp_bytes_u8(&b), 0);
	ck_assert(b.bad);
}
END_TEST

START_TEST(numbers_without_end)
{
	uint8_t bytes[32];
	memset(bytes, 0xff, sizeof bytes);
	struct mp_bytes b = mp_bytes(bytes, bytes + sizeof bytes);
	ck_assert_uint_eq(mp_bytes_uleb(&b), 0);
	ck_assert(b.bad);
	b = mp_bytes(bytes, bytes + 3);
	ck_assert_int_eq(mp_bytes_sleb(&b), 0);
	ck_assert(b.bad);
}
END_TEST

/* ---- expressions ----------------------------------------------------------------------------- */

static const uintptr_t memory[2] = {0x1111, 0x2222};

static const struct {
	const char *bytes;
	size_t size;
	bool good;
	uintptr_t result;
} expressions[] = {
        {"\x77\x08", 2, true, 0x1008},                 /* breg7 8 */
        {"\x77\x78", 2, true, 0xff8},                  /* breg7 -8 */
        {"\x57\x23\x10", 3, true, 0x1010},             /* reg7's value, plus_uconst 16 */
        {"\x35\x33\x1c", 3, true, 2},                  /* 5 - 3 */
        {"\x35\x33\x1e", 3, true, 15},                 /* 5 * 3 */
        {"\x3f\x3b\x2a\x33\x24", 5, true, 8},          /* (15 >= 11) << 3 */
        {"\x3a\x3b\x2a\x33\x24", 5, true, 0},          /* (10 >= 11) << 3 */
        {"\x09\xff\x31\x2d", 4, true, 1},              /* -1 < 1, signed */
        {"\x31\x1f", 2, true, ~0ull},                  /* -1 */
        {"\x30\x20", 2, true, ~0ull},                  /* ~0 */
        {"\x31\x32\x16\x1c", 4, true, 1},              /* swap: 2 - 1 */
        {"\x31\x32\x14\x1c\x22", 5, true, 2},          /* 1 2 over: 1 + (2 - 1) */
        {"\x34\x12\x1e", 3, true, 16},                 /* dup: 4 * 4 */
        {"\x76\x00\x06", 3, true, 0x1111},             /* breg6 0, deref */
        {"\x76\x08\x06\x23\x08", 5, true, 0x222a},     /* breg6 8, deref, plus 8 */
        {"\x08\xff\x0a\x34\x12\x27", 6, true, 0x12cb}, /* 0xff xor 0x1234 */
        {"\x0b\xff\xff\x34\x26", 5, true, ~0ull},      /* -1 >> 4, arithmetic */
        {"\x0e\x00\x00\x00\x00\x00\x00\x00\x80\x3f\x25", 11, true, 1ull << 48}, /* logical */
        {"", 0, false, 0},             /* nothing on the stack */
        {"\x22", 1, false, 0},         /* plus of nothing */
        {"\x73\x00", 2, false, 0},     /* rbx is not known */
        {"\x31\x06", 2, false, 0},     /* deref of 1 */
        {"\x0e\x01", 2, false, 0},     /* torn constant */
        {"\xff", 1, false, 0},         /* unknown */
        {"\x2f\xfd\xff", 3, false, 0}, /* a jump backwards */
};

START_TEST(expression)
{
	struct mp_registers registers = {.pc = 0x4000};
	registers.value[MP_REG_RSP] = 0x1000;
	registers.value[MP_REG_RBP] = (uintptr_t)memory;
	registers.known = 1u << MP_REG_RSP | 1u << MP_REG_RBP;
	const uint8_t *bytes = (const uint8_t *)expressions[_i].bytes;
	uintptr_t result = 0;
	bool good =
	        mp_full_evaluate(bytes, bytes + expressions[_i].size, &registers, NULL, &result);
	ck_assert_int_eq(good, expressions[_i].good);
	if (good)
		ck_assert_uint_eq(result, expressions[_i].result);
}
END_TEST

START_TEST(expressions_of_random_bytes)
{
	struct mp_registers registers = {.pc = 0x4000};
	registers.value[MP_REG_RSP] = (uintptr_t)memory;
	registers.known = 1u << MP_REG_RSP;
	for (int i = 0; i < 200000; i++) {
		uint8_t bytes[24];
		uintptr_t result;
		for (size_t j = 0; j < sizeof bytes; j++)
			bytes[j] = (uint8_t)next_random();
		mp_full_evaluate(bytes, bytes + i % sizeof bytes, &registers, NULL, &result);
	}
}
END_TEST

/* ---- a whole object's information, damaged --------------------------------------------------- */

struct copy {
	uint8_t *start, *end, *hdr;
	size_t table; /* entries */
};

/* A copy of libc as it is mapped: what it says about itself is relative, and so moves along. */
static struct copy copy_libc(void)
{
	struct dl_find_object object;
	ck_assert_int_eq(_dl_find_object((void *)(uintptr_t)qsort, &object), 0);
	const uint8_t *from = object.dlfo_map_start, *to = object.dlfo_map_end;
	uint8_t *place = world_map((size_t)(to - from));
	for (const uint8_t *page = from; page < to; page += 4096)
		if (mp_readable_page((uintptr_t)page))
			memcpy(place + (page - from), page, 4096);
	struct copy copy = {place, place + (to - from),
	                    place + ((uint8_t *)object.dlfo_eh_frame - from), 0};
	uint32_t entries;
	memcpy(&entries, copy.hdr + 8, sizeof entries);
	copy.table = entries;
	return copy;
}

static uintptr_t function_of(const struct copy *copy, size_t entry)
{
	int32_t distance;
	memcpy(&distance, copy->hdr + 12 + entry * 8, sizeof distance);
	return (uintptr_t)(copy->hdr + distance);
}

START_TEST(every_function_has_a_row)
{
	struct copy copy = copy_libc();
	struct mp_cfi_row row;
	size_t simple = 0;
	ck_assert_uint_gt(copy.table, 1000);
	for (size_t i = 0; i < copy.table; i++) {
		ck_assert(
		        mp_cfi_row_in(function_of(&copy, i), copy.hdr, copy.start, copy.end, &row));
		simple += !row.cfa_is_expression && row.cfa_register == MP_REG_RSP &&
		          row.cfa_value == 8;
	}
	/* at its first instruction a function has pushed nothing yet */
	ck_assert_uint_gt(simple * 100, copy.table * 90);
}
END_TEST

START_TEST(damaged_information)
{
	struct copy copy = copy_libc();
	struct mp_cfi_row row;
	size_t size = (size_t)(copy.end - copy.hdr);
	if (size > 300000)
		size = 300000;
	for (int i = 0; i < 300000; i++) {
		/* mostly in the records of a function that is then asked for */
		size_t entry = next_random() % copy.table;
		uintptr_t function = function_of(&copy, entry);
		int32_t distance;
		memcpy(&distance, copy.hdr + 12 + entry * 8 + 4, sizeof distance);
		uint8_t *victim = copy.hdr + distance + next_random() % 40;
		if (i % 8 == 0)
			victim = copy.hdr + next_random() % (i % 16 ? size : 16);
		if (victim < copy.start || victim >= copy.end)
			continue;
		uint8_t whole = *victim;
		*victim = (uint8_t)next_random();
		for (uintptr_t offset = 0; offset < 64; offset += 9)
			mp_cfi_row_in(function + offset, copy.hdr, copy.start, copy.end, &row);
		*victim = whole;
	}
}
END_TEST

START_TEST(truncated_information)
{
	struct copy copy = copy_libc();
	struct mp_cfi_row row;
	for (size_t size = 0; size < 100000; size += size < 100 ? 1 : 97) {
		uintptr_t function = function_of(&copy, next_random() % copy.table);
		mp_cfi_row_in(function, copy.hdr, copy.start, copy.hdr + size, &row);
		mp_cfi_row_in(function, copy.hdr, copy.hdr, copy.hdr + size, &row);
	}
	ck_assert(!mp_cfi_row_in(0, copy.hdr, copy.start, copy.end, &row));
	ck_assert(!mp_cfi_row_in(~0ull, copy.hdr, copy.start, copy.end, &row));
}
END_TEST

/* ---- what is remembered ------------------------------------------------------------------------
 */

/* Addresses within libc, more than the first table holds. */
static uintptr_t address_in_libc(uint32_t i)
{
	return (uintptr_t)qsort + i * 7u;
}

#define MANY 40000u

static void *learn_all(void *wrong)
{
	for (uint32_t round = 0; round < 3; round++) {
		uint32_t generation = mp_rules_generation();
		for (uint32_t i = 0; i < MANY; i++) {
			uintptr_t address = address_in_libc(i);
			struct mp_known known = mp_rule_of(address, generation);
			if (known.where != mp_where(address) ||
			    (i % 64 == 0 && known.rule.bits != mp_rule_derive(address).bits))
				__atomic_fetch_add((uint32_t *)wrong, 1, __ATOMIC_RELAXED);
		}
		if (round == 1)
			mp_rules_forget();
	}
	return NULL;
}

START_TEST(threads_learn_and_forget_at_once)
{
	uint32_t wrong = 0;
	pthread_t threads[3];
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, learn_all, &wrong);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(an_address_is_derived_once)
{
	uint32_t generation = mp_rules_generation();
	mp_rule_of(address_in_libc(0), generation);
	uint32_t before = world_asked;
	mp_rule_of(address_in_libc(0), generation);
	ck_assert_uint_eq(world_asked, before);
	for (uint32_t i = 0; i < MANY; i++)
		mp_rule_of(address_in_libc(i), generation);
	before = world_asked;
	for (uint32_t i = 0; i < MANY; i++)
		mp_rule_of(address_in_libc(i), generation);
	ck_assert_uint_eq(world_asked, before);
	mp_rules_forget();
	mp_rule_of(address_in_libc(0), mp_rules_generation());
	ck_assert_uint_eq(world_asked, before + 1);
}
END_TEST

static size_t tables(void)
{
	size_t count = 0;
	for (const struct mp_rule_table *t = mp_rule_newest; t; t = t->older)
		count++;
	return count;
}

START_TEST(forgetting_costs_no_memory)
{
	for (uint32_t i = 0; i < 3000; i++) {
		for (uint32_t j = 0; j < 1500; j += 1 + i % 7)
			mp_rule_of(address_in_libc(j), mp_rules_generation());
		mp_rules_forget();
	}
	ck_assert_uint_le(tables(), 2);
}
END_TEST

START_TEST(code_of_no_object_is_not_remembered)
{
	uintptr_t code = (uintptr_t)world_map(4096);
	uint32_t generation = mp_rules_generation();
	struct mp_known known = mp_rule_of(code + 16, generation);
	ck_assert_int_eq(mp_rule_kind(known.rule), MP_RULE_NO_OBJECT);
	uint32_t before = world_asked;
	mp_rule_of(code + 16, generation);
	ck_assert_uint_eq(world_asked, before + 1);
}
END_TEST

/* ---- pages ----------------------------------------------------------------------------------- */

START_TEST(pages_that_can_be_read)
{
	uint8_t *pages = world_map(3 * 4096);
	mprotect(pages + 4096, 4096, PROT_NONE);
	uintptr_t at = (uintptr_t)pages;
	ck_assert(mp_readable_word(at));
	ck_assert(!mp_readable_word(at + 4));
	ck_assert(!mp_readable_word(at + 4096));
	ck_assert(mp_readable_word(at + 8192));
	ck_assert(mp_readable_range(at, at + 4096));
	ck_assert(!mp_readable_range(at, at + 4097));
	ck_assert(!mp_readable_range(at + 8, at + 8));
	ck_assert(!mp_readable_page(0));
	ck_assert(!mp_readable_page(~0ull));
	ck_assert(!mp_readable_page(1ull << 47));
	munmap(pages, 4096);
	mp_readable_forget();
	ck_assert(!mp_readable_word(at));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unwind cfi");
	TCase *tests = tcase_create("call frame information");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, numbers_of_variable_length);
	tcase_add_test(tests, numbers_without_end);
	tcase_add_loop_test(tests, expression, 0, (int)(sizeof expressions / sizeof *expressions));
	tcase_add_test(tests, expressions_of_random_bytes);
	tcase_add_test(tests, every_function_has_a_row);
	tcase_add_test(tests, damaged_information);
	tcase_add_test(tests, truncated_information);
	tcase_add_test(tests, threads_learn_and_forget_at_once);
	tcase_add_test(tests, an_address_is_derived_once);
	tcase_add_test(tests, forgetting_costs_no_memory);
	tcase_add_test(tests, code_of_no_object_is_not_remembered);
	tcase_add_test(tests, pages_that_can_be_read);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

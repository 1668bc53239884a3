/* symbols_parts.c: the resolver's parts by themselves: ranges against a brute-force oracle, paths,
 * names, what compilers say of themselves, and the pool of strings. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/demangle.h"
#include "symbols/producer.h"
#include "symbols/range_map.h"
#include "symbols/source_path.h"
#include "symbols/text_pool.h"

/* ---- ranges -------------------------------------------------------------------------------- */

struct known_range {
	uint64_t low, high;
};

/* The rule, word for word: begins last; then the shorter; then added last. */
static uint32_t innermost(const struct known_range *ranges, uint32_t count, uint64_t address)
{
	uint32_t best = RANGE_MAP_NONE;

	for (uint32_t i = 0; i < count; i++) {
		if (address < ranges[i].low || address >= ranges[i].high)
			continue;
		if (best == RANGE_MAP_NONE || ranges[i].low > ranges[best].low ||
		    (ranges[i].low == ranges[best].low && ranges[i].high <= ranges[best].high))
			best = i;
	}
	return best;
}

START_TEST(ranges_agree_with_brute_force)
{
	enum { COUNT = 40, SPACE = 120 };
	struct known_range ranges[COUNT];
	struct range_map map = {0};
	unsigned seed = (unsigned)_i;
	uint32_t count = (uint32_t)(rand_r(&seed) % COUNT);

	for (uint32_t i = 0; i < count; i++) {
		ranges[i].low = (uint64_t)(rand_r(&seed) % SPACE);
		ranges[i].high = ranges[i].low + (uint64_t)(rand_r(&seed) % (_i % 2 ? 8 : SPACE));
		ck_assert(range_map_add(&map, ranges[i].low, ranges[i].high, i));
	}
	range_map_seal(&map);
	for (uint64_t address = 0; address < 2 * SPACE; address++)
		ck_assert_uint_eq(range_map_find(&map, address), innermost(ranges, count, address));
	range_map_clear(&map);
}
END_TEST

START_TEST(ranges_at_the_edges)
{
	struct range_map map = {0};

	range_map_seal(&map);
	ck_assert_uint_eq(range_map_find(&map, 0), RANGE_MAP_NONE);
	range_map_clear(&map);
	range_map_add(&map, 0, UINT64_MAX, 7);
	range_map_add(&map, 5, 5, 8);
	range_map_add(&map, 9, 6, 9);
	range_map_seal(&map);
	ck_assert_uint_eq(range_map_find(&map, 0), 7);
	ck_assert_uint_eq(range_map_find(&map, 5), 7);
	ck_assert_uint_eq(range_map_find(&map, 6), 7);
	ck_assert_uint_eq(range_map_find(&map, UINT64_MAX - 1), 7);
	ck_assert_uint_eq(range_map_find(&map, UINT64_MAX), RANGE_MAP_NONE);
	range_map_clear(&map);
}
END_TEST

/* ---- paths --------------------------------------------------------------------------------- */

static const struct {
	const char *directory, *file, *path;
} paths[] = {
        {"/src", "a.c", "/src/a.c"},
        {"/src", "/abs/a.c", "/abs/a.c"},
        {"/src/", "./a.c", "/src/a.c"},
        {"/src", "../inc/a.h", "/inc/a.h"},
        {"/src/lib", "x/../../a.c", "/src/a.c"},
        {"/", "../../a.c", "/a.c"},
        {NULL, "/usr/lib/gcc/x86_64-linux-gnu/12/../../../../include/c++/12/bits/stl_vector.h",
         "/usr/include/c++/12/bits/stl_vector.h"},
        {NULL, "a//b/./c.c", "a/b/c.c"},
        {NULL, "../a.c", "../a.c"},
        {"../b", "../a.c", "../a.c"},
        {"b", "../../a.c", "../a.c"},
        {".", "a.c", "a.c"},
        {"", "a.c", "a.c"},
        {"/src", "..a/...", "/src/..a/..."},
        {"/src", "", NULL},
        {"/src", NULL, NULL},
};

START_TEST(paths_are_joined_and_normal)
{
	struct text_pool pool = {0};
	const char *path = source_path(&pool, paths[_i].directory, paths[_i].file);

	if (paths[_i].path)
		ck_assert_str_eq(path, paths[_i].path);
	else
		ck_assert_ptr_null(path);
	text_pool_clear(&pool);
}
END_TEST

START_TEST(an_overlong_path_is_refused)
{
	struct text_pool pool = {0};
	char file[8192];

	memset(file, 'a', sizeof file - 1);
	file[sizeof file - 1] = '\0';
	ck_assert_ptr_null(source_path(&pool, "/src", file));
	text_pool_clear(&pool);
}
END_TEST

/* ---- names --------------------------------------------------------------------------------- */

static const struct {
	const char *linkage, *name;
} names[] = {
        {"_Z3foov", "foo"},
        {"_ZN5world5Agent7observeEi", "world::Agent::observe"},
        {"_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back"},
        {"_ZN12_GLOBAL__N_14anonEi", "(anonymous namespace)::anon"},
        {"_ZL4stati", "stat"},
        {"_ZL4stati.part.0", "stat"},
        {"_Znwm", "operator new"},
        {"_ZN1AC2Ev", "A::A"},
        {"_ZNK1AcvbEv", "A::operator bool"},
        {"_Z3addIiET_S0_S0_", "add<int>"},
        {"_RNvC7mycrate3foo", "mycrate::foo"},
        {"_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"},
        {"main", NULL},
        {"_start", NULL},
        {"_Z", NULL},
        {"_Znonsense", NULL},
        {"", NULL},
};

START_TEST(names_are_demangled)
{
	struct text_pool pool = {0};

	for (int again = 0; again < 2; again++) {
		const char *name = demangle(&pool, names[_i].linkage);

		if (names[_i].name)
			ck_assert_str_eq(name, names[_i].name);
		else
			ck_assert_ptr_null(name);
	}
	text_pool_clear(&pool);
}
END_TEST

/* f<p<p<p…: each template has the one before twice, so that the name doubles with each level. */
START_TEST(a_name_that_would_never_end_is_refused)
{
	struct text_pool pool = {0};
	char linkage[8192] = "_Z1fI1pIiiE";
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t length = strlen(linkage);

	for (size_t level = 1; level < 36; level++)
		length += (size_t)sprintf(linkage + length, "S0_IS%c_S%c_E", digits[level - 1],
		                          digits[level - 1]);
	strcpy(linkage + length, "Evv");
	demangle(&pool, linkage);
	text_pool_clear(&pool);
}
END_TEST

START_TEST(a_deep_or_long_name_does_no_harm)
{
	struct text_pool pool = {0};
	static char linkage[100000];

	for (size_t length = 1000; length < sizeof linkage; length *= 2) {
		memset(linkage, 'P', length);
		memcpy(linkage, "_Z1f", 4);
		strcpy(linkage + length, "i");
		demangle(&pool, linkage);
		memset(linkage, 'N', length);
		memcpy(linkage, "_Z", 2);
		demangle(&pool, linkage);
	}
	text_pool_clear(&pool);
}
END_TEST

/* libiberty takes stack for each pair of a template and a reference to a parameter. */
START_TEST(a_name_that_needs_a_large_stack_is_refused)
{
	struct text_pool pool = {0};
	char linkage[8192] = "_Z1fIJ";

	for (int i = 0; i < 800; i++)
		strcat(linkage, "1aIJRT_EE");
	strcat(linkage, "EEvv");
	ck_assert_ptr_null(demangle(&pool, linkage));
	text_pool_clear(&pool);
}
END_TEST

START_TEST(a_long_template_name_is_demangled)
{
	struct text_pool pool = {0};
	char linkage[4096] = "_Z1fIJ";
	const char *name;

	for (int i = 0; i < 100; i++)
		strcat(linkage, "19a_class_of_19_chars");
	strcat(linkage, "EEvv");
	name = demangle(&pool, linkage);
	ck_assert_ptr_nonnull(name);
	ck_assert_int_eq(strncmp(name, "f<a_class_of_19_chars, a_", 25), 0);
	text_pool_clear(&pool);
}
END_TEST

/* ---- producers ----------------------------------------------------------------------------- */

static const struct {
	const char *producer;
	enum producer_verdict verdict;
} producers[] = {
        {"GNU C17 12.2.0 -mtune=generic -march=x86-64 -g -O2", PRODUCER_OPTIMIZED},
        {"GNU C17 12.2.0 -mtune=generic -march=x86-64 -g -O0", PRODUCER_UNOPTIMIZED},
        {"GNU C17 12.2.0 -mtune=generic -march=x86-64 -g", PRODUCER_UNOPTIMIZED},
        {"GNU C17 12.2.0 -mtune=generic -g -Og", PRODUCER_UNOPTIMIZED},
        {"GNU C17 12.2.0 -g -O", PRODUCER_OPTIMIZED},
        {"GNU C17 12.2.0 -g -O2 -O0", PRODUCER_UNOPTIMIZED},
        {"GNU C++17 12.2.0 -g -O0 -Ofast", PRODUCER_OPTIMIZED},
        {"GNU GIMPLE 12.2.0 -g -Os -fno-openmp", PRODUCER_OPTIMIZED},
        {"GNU C17 12.2.0", PRODUCER_UNKNOWN},
        {"GNU AS 2.40", PRODUCER_ASSEMBLER},
        {"Debian clang version 14.0.6", PRODUCER_UNKNOWN},
        {"Debian clang version 14.0.6 /usr/lib/llvm-14/bin/clang -g -O2 a.c", PRODUCER_OPTIMIZED},
        {"Debian clang version 14.0.6 /usr/lib/llvm-14/bin/clang -g a.c", PRODUCER_UNKNOWN},
        {"", PRODUCER_UNKNOWN},
};

START_TEST(producers_are_judged)
{
	ck_assert_int_eq(producer_judge(producers[_i].producer), producers[_i].verdict);
}
END_TEST

/* ---- the pool ------------------------------------------------------------------------------ */

START_TEST(the_pool_keeps_each_string_once)
{
	enum { COUNT = 5000 };
	static const char *kept[COUNT];
	struct text_pool pool = {0};
	char string[32];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < COUNT; i++) {
			const char *one;

			snprintf(string, sizeof string, "string %d", i);
			one = text_pool_keep(&pool, string);
			ck_assert_str_eq(one, string);
			if (round == 0)
				kept[i] = one;
			ck_assert_ptr_eq(one, kept[i]);
		}
	}
	ck_assert_uint_eq(pool.count, COUNT);
	ck_assert_ptr_null(text_pool_keep(&pool, NULL));
	text_pool_clear(&pool);
	ck_assert_uint_eq(pool.count, 0);
}
END_TEST

#define LOOP_OVER(suite_case, test, table)                                                         \
	tcase_add_loop_test(suite_case, test, 0, sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *suite = suite_create("symbols_parts");
	TCase *parts = tcase_create("parts");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(parts, ranges_agree_with_brute_force, 0, 100);
	tcase_add_test(parts, ranges_at_the_edges);
	LOOP_OVER(parts, paths_are_joined_and_normal, paths);
	tcase_add_test(parts, an_overlong_path_is_refused);
	LOOP_OVER(parts, names_are_demangled, names);
	tcase_add_test(parts, a_name_that_would_never_end_is_refused);
	tcase_add_test(parts, a_deep_or_long_name_does_no_harm);
	tcase_add_test(parts, a_name_that_needs_a_large_stack_is_refused);
	tcase_add_test(parts, a_long_template_name_is_demangled);
	LOOP_OVER(parts, producers_are_judged, producers);
	tcase_add_test(parts, the_pool_keeps_each_string_once);
	suite_add_tcase(suite, parts);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

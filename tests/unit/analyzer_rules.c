/* analyzer_rules.c: patterns, the groups that they make, and what somebody may have meant. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "base/pattern.h"
#include "model/rules.h"

static bool matches(const char *text, enum pattern_use use, const char *name)
{
	struct pattern pattern;
	struct failure failure;
	ck_assert(pattern_parse(&pattern, text, use, &failure));
	bool found = pattern_matches(&pattern, name);
	pattern_free(&pattern);
	return found;
}

START_TEST(a_search_finds_parts_whatever_their_case)
{
	ck_assert(matches("OBSERVE", PATTERN_SEARCH, "Agent::observe"));
	ck_assert(!matches("observed", PATTERN_SEARCH, "Agent::observe"));
	ck_assert(matches("agent::*", PATTERN_SEARCH, "Agent::observe"));
	ck_assert(!matches("observe*", PATTERN_SEARCH, "Agent::observe"));
	ck_assert(matches("/^agent::o.*e$/", PATTERN_SEARCH, "Agent::observe"));
	ck_assert(matches("operator[]", PATTERN_SEARCH, "operator[]"));
}
END_TEST

START_TEST(a_rule_is_of_whole_names_and_minds_their_case)
{
	ck_assert(matches("grid_*", PATTERN_RULE, "grid_rebuild"));
	ck_assert(!matches("grid", PATTERN_RULE, "grid_rebuild"));
	ck_assert(!matches("Grid_*", PATTERN_RULE, "grid_rebuild"));
	ck_assert(matches("/rebuild/", PATTERN_RULE, "grid_rebuild"));
}
END_TEST

START_TEST(an_exact_match_is_known_as_such)
{
	struct pattern pattern;
	struct failure failure;
	ck_assert(pattern_parse(&pattern, "APPLY", PATTERN_SEARCH, &failure));
	ck_assert(pattern_is_exact(&pattern, "apply"));
	ck_assert(!pattern_is_exact(&pattern, "apply_all"));
	pattern_free(&pattern);
}
END_TEST

START_TEST(what_is_no_pattern_is_refused_in_one_line)
{
	struct pattern pattern;
	struct failure failure = {0};
	ck_assert(!pattern_parse(&pattern, "/[/", PATTERN_SEARCH, &failure));
	ck_assert_int_eq(failure.code, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(failure.message, "/[/"));
	ck_assert_ptr_null(strchr(failure.message, '\n'));
	ck_assert(!pattern_parse(&pattern, "", PATTERN_SEARCH, &failure));
}
END_TEST

START_TEST(the_first_rule_that_matches_decides)
{
	struct rules rules = {0};
	struct failure failure;
	ck_assert(rules_add(&rules, "spatial=kdtree_*,grid_*", &failure));
	ck_assert(rules_add(&rules, " io = file:*/io.c , module:libz* ", &failure));
	ck_assert(rules_add(&rules, "other=*", &failure));
	ck_assert_uint_eq(rules.groups_count, 3);
	ck_assert_str_eq(rules.groups[1], "io");
	ck_assert_uint_eq(rules_find(&rules, "grid_query", "/x/io.c", ""), 0);
	ck_assert_uint_eq(rules_find(&rules, "put", "/x/io.c", ""), 1);
	ck_assert_uint_eq(rules_find(&rules, "deflate", "", "libz.so.1"), 1);
	ck_assert_uint_eq(rules_find(&rules, "deflate", "", ""), 2);
	rules_free(&rules);
}
END_TEST

START_TEST(commas_in_brackets_belong_to_the_pattern)
{
	struct rules rules = {0};
	struct failure failure;
	ck_assert(rules_add(&rules, "maps=std::map<int, int>::*,/x{1,2}/", &failure));
	ck_assert_uint_eq(rules.count, 2);
	ck_assert_uint_eq(rules_find(&rules, "std::map<int, int>::find", "", ""), 0);
	ck_assert_uint_eq(rules_find(&rules, "axxb", "", ""), 0);
	ck_assert_uint_eq(rules_find(&rules, "std::map", "", ""), RULES_NONE);
	rules_free(&rules);
}
END_TEST

START_TEST(rules_written_wrongly_are_refused)
{
	static const char *const wrong[] = {"spatial", "=grid_*", "spatial=", "spatial=a,,b",
	                                    "spatial=/(/"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct rules rules = {0};
		struct failure failure = {0};
		ck_assert_msg(!rules_add(&rules, wrong[i], &failure), "%s", wrong[i]);
		ck_assert_int_eq(failure.code, EXIT_USAGE);
		rules_free(&rules);
	}
}
END_TEST

START_TEST(a_file_of_rules_is_read_by_lines)
{
	char path[] = "/tmp/rules-XXXXXX";
	int fd = mkstemp(path);
	static const char good[] = "# groups\n\nspatial = grid_*   # of cells\nio=put\n";
	static const char bad[] = "spatial = grid_*\nnonsense\n";
	struct rules rules = {0};
	struct failure failure = {0};
	ck_assert_int_eq(write(fd, good, strlen(good)), (ssize_t)strlen(good));
	ck_assert_msg(rules_read(&rules, path, &failure), "%s", failure.message);
	ck_assert_uint_eq(rules.count, 2);
	ck_assert_uint_eq(rules_find(&rules, "grid_query", "", ""), 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, bad, strlen(bad), 0), (ssize_t)strlen(bad));
	ck_assert(!rules_read(&rules, path, &failure));
	ck_assert_ptr_nonnull(strstr(failure.message, "line 2"));
	close(fd);
	unlink(path);
	ck_assert(!rules_read(&rules, path, &failure));
	rules_free(&rules);
}
END_TEST

START_TEST(near_words_are_those_a_typing_error_away)
{
	static const char *const words[] = {"observe", "decide", "rebuild", "observer", "obsevre"};
	const char *found[3];
	ck_assert_uint_eq(near_distance("observe", "OBSERVE"), 0);
	ck_assert_uint_eq(near_distance("obsreve", "observe"), 1);
	ck_assert_uint_eq(near_distance("", "abc"), 3);
	ck_assert_uint_eq(near_words("obseve", words, 5, found, 3), 3);
	ck_assert_str_eq(found[0], "observe");
	ck_assert_uint_eq(near_words("zzzzzz", words, 5, found, 3), 0);
}
END_TEST

START_TEST(near_words_are_those_that_share_a_long_part)
{
	static const char *const words[] = {"grid_free", "observation/spatial_index/query", "query",
	                                    "quell", "spatial_hits_add"};
	const char *found[4];
	ck_assert_uint_eq(near_words("zzQuer", words, 5, found, 4), 2);
	ck_assert_str_eq(found[0], "query");
	ck_assert_str_eq(found[1], "observation/spatial_index/query");
	ck_assert_uint_eq(near_words("spatial_grid", words, 5, found, 4), 2);
	ck_assert_str_eq(found[0], "spatial_hits_add");
	ck_assert_uint_eq(near_words("quite", words, 5, found, 4), 0);
	ck_assert_uint_eq(near_words("qery", words, 5, found, 4), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules");
	TCase *c = tcase_create("rules");
	tcase_add_test(c, a_search_finds_parts_whatever_their_case);
	tcase_add_test(c, a_rule_is_of_whole_names_and_minds_their_case);
	tcase_add_test(c, an_exact_match_is_known_as_such);
	tcase_add_test(c, what_is_no_pattern_is_refused_in_one_line);
	tcase_add_test(c, the_first_rule_that_matches_decides);
	tcase_add_test(c, commas_in_brackets_belong_to_the_pattern);
	tcase_add_test(c, rules_written_wrongly_are_refused);
	tcase_add_test(c, a_file_of_rules_is_read_by_lines);
	tcase_add_test(c, near_words_are_those_a_typing_error_away);
	tcase_add_test(c, near_words_are_those_that_share_a_long_part);
	suite_add_tcase(suite, c);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

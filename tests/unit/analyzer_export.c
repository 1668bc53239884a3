/* analyzer_export.c: the parts that exports are made of, and each format of the trace whose truth
 * stands in trace_builder.c. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "export/escape.h"
#include "export/export.h"
#include "export/layout.h"
#include "export/palette.h"
#include "export/proto_writer.h"
#include "export/shares.h"
#include "export/short_name.h"
#include "export/tree.h"
#include "trace_builder.h"

static struct text out;

static void clear(void)
{
	text_free(&out);
}

/* What was written since the last call. */
static const char *written(void)
{
	static char *kept;
	free(kept);
	kept = mem_text(out.bytes ? out.bytes : "", out.length);
	text_free(&out);
	return kept;
}

/* ---- names -------------------------------------------------------------------------------- */

START_TEST(names_stay_well_formed)
{
	escape_xml(&out, "operator<(a&&, \"b\")\x01");
	ck_assert_str_eq(written(), "operator&lt;(a&amp;&amp;, &quot;b&quot;)\xef\xbf\xbd");
	escape_xml(&out, "python3 -c 'a\r\n\tb'");
	ck_assert_str_eq(written(), "python3 -c 'a   b'");
	escape_json(&out, "a\"b\\c\n\x7f");
	ck_assert_str_eq(written(), "\"a\\\"b\\\\c\\u000a\\u007f\"");
	escape_collapsed(&out, "  a; b\n c ");
	ck_assert_str_eq(written(), "a: b c");
	escape_collapsed(&out, "   ");
	ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(what_is_no_utf8_is_replaced)
{
	static const struct {
		const char *bytes, *expected;
	} cases[] = {
	        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9c",
	         "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9c"},
	        {"\xff", "\xef\xbf\xbd"},
	        {"a\xc3", "a\xef\xbf\xbd"},                               /* cut short */
	        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong */
	        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* surrogate */
	        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	        {"\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* not in XML */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		escape_xml(&out, cases[i].bytes);
		ck_assert_str_eq(written(), cases[i].expected);
	}
}
END_TEST

START_TEST(the_last_part_of_a_name)
{
	static const char *const cases[][2] = {
	        {"main", "main"},
	        {"Agent::observe", "observe"},
	        {"(anonymous namespace)::grid<a::b, c>::rebuild", "rebuild"},
	        {"ns::holder<std::pair<int, char> >::operator<<", "operator<<"},
	        {"ns::functor::operator()", "operator()"},
	        {"a::operators::run", "run"},
	        {"std::vector<int>::push_back(std::string const&)",
	         "push_back(std::string const&)"},
	        {"main::{lambda(a::b)#1}::operator()", "operator()"},
	        {"a::", "a::"},
	        {"", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_str_eq(short_name(cases[i][0]), cases[i][1]);
}
END_TEST

/* ---- protocol buffers --------------------------------------------------------------------- */

/* Bytes as in the format's own description: field 1 with 150 is 08 96 01, field 2 with "testing"
 * 12 07 …, field 6 packed with 3, 270 and 86942 is 32 06 03 8e 02 9e a7 05. */
START_TEST(messages_are_bytes_as_described)
{
	static const int64_t packed[] = {3, 270, 86942};
	struct text inner = {0};
	proto_integer(&out, 1, 150);
	proto_string(&out, 2, "testing");
	proto_integer(&out, 3, 0); /* left out */
	proto_integer(&inner, 1, 150);
	proto_message(&out, 3, &inner);
	proto_packed(&out, 6, packed, 3);
	proto_packed(&out, 7, packed, 0); /* left out */
	static const char expected[] = "\x08\x96\x01"
	                               "\x12\x07testing"
	                               "\x1a\x03\x08\x96\x01"
	                               "\x32\x06\x03\x8e\x02\x9e\xa7\x05";
	ck_assert_uint_eq(out.length, sizeof(expected) - 1);
	ck_assert_mem_eq(out.bytes, expected, sizeof(expected) - 1);
	ck_assert_uint_eq(inner.length, 0);
	text_free(&out);
	proto_integer(&out, 1, -2);
	ck_assert_mem_eq(out.bytes, "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);
	text_free(&inner);
}
END_TEST

/* ---- weights ------------------------------------------------------------------------------ */

/* Three rows of a third of a nanosecond and more: 0.33 + 1.33 + 2.34 = 4; the largest remainder is
 * the last one's. */
START_TEST(remainders_are_shared_out)
{
	struct stack_row rows[] = {
	        {.stack = 1, .values[STACK_TIME] = 0.33e-9, .samples = 1},
	        {.stack = 2, .values[STACK_TIME] = 1.33e-9, .samples = 2},
	        {.stack = 3, .values[STACK_TIME] = 2.34e-9, .samples = 3},
	};
	struct stacks stacks = {.rows = rows, .count = 3, .known[STACK_TIME] = true};
	struct weights w;
	weights_build(&w, &stacks);
	ck_assert_int_eq(w.totals[STACK_TIME], 4);
	ck_assert_int_eq(w.samples, 6);
	ck_assert_uint_eq(w.count, 3);
	ck_assert_int_eq(w.list[0].values[STACK_TIME], 0);
	ck_assert_int_eq(w.list[1].values[STACK_TIME], 1);
	ck_assert_int_eq(w.list[2].values[STACK_TIME], 3);
	weights_free(&w);
}
END_TEST

START_TEST(values_below_zero_count_as_zero)
{
	struct stack_row rows[] = {{.stack = 1, .values[STACK_LIVE] = -64},
	                           {.stack = 2, .values[STACK_LIVE] = 100}};
	struct stacks stacks = {.rows = rows, .count = 2, .known[STACK_LIVE] = true};
	struct weights w;
	weights_build(&w, &stacks);
	ck_assert_uint_eq(w.count, 1);
	ck_assert_int_eq(w.totals[STACK_LIVE], 100);
	weights_free(&w);
}
END_TEST

START_TEST(many_odd_values_add_up)
{
	enum { ROWS = 10007 };
	struct stack_row *rows = mem_zero(ROWS * sizeof(*rows));
	struct stacks stacks = {.rows = rows, .count = ROWS, .known[STACK_TIME] = true};
	double sum = 0;
	for (size_t i = 0; i < ROWS; i++) {
		rows[i].values[STACK_TIME] = 1e-3 / (double)(i + 3);
		rows[i].workers_time = i % 3 ? 0 : rows[i].values[STACK_TIME] / 7;
		sum += rows[i].values[STACK_TIME];
	}
	struct weights w;
	weights_build(&w, &stacks);
	ck_assert_double_eq_tol((double)w.totals[STACK_TIME], sum * 1e9, 0.5 + 1e-3);
	weights_free(&w);
	free(rows);
}
END_TEST

/* ---- layout ------------------------------------------------------------------------------- */

/* A profile of one stack after the other: frames of the sample's stack 3. */
static struct builder b;
static struct profile *p;

static void setup(void)
{
	struct failure failure = {0};
	builder_begin(&b);
	builder_sample(&b);
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	p = profile_build(t);
}

static void teardown(void)
{
	profile_free(p);
	builder_end(&b);
	clear();
}

static const char *exported(const char *format, enum stack_metric metric, enum export_base by)
{
	struct failure failure = {0};
	const struct exporter *exporter;
	ck_assert(export_find(format, &exporter, &failure));
	struct export_job job = {.profile = p, .metric = metric, .by = by, .out = &out};
	ck_assert_msg(export_profile(exporter, job, &failure), "%s", failure.message);
	return written();
}

/* Adds a stack of frames made here, which share the number of a frame of the sample: what the tree
 * remembers of that is not theirs. */
static struct tree_node *add_made(struct tree *tree, const struct stack_frame *frames, size_t count)
{
	struct weight weight = {.row = 0};
	struct export_stack stack = {
	        .profile = p, .frames = frames, .count = count, .weight = &weight};
	tree->known = NULL;
	return tree_add(tree, &stack, EXPORT_BY_NONE);
}

static void add_to(struct tree *tree, const char *function, int64_t value)
{
	struct stack_frame frame = {.function = function, .file = "", .module = "", .frame = 12};
	add_made(tree, &frame, 1)->self[0] += value;
}

/* Where it is called from, and what it is: function, source file, and library; the main executable
 * is one whatever its name. */
START_TEST(places_are_told_apart)
{
	struct tree tree;
	const char *own = p->code.modules[p->code.main_module].name;
	const struct stack_frame frames[] = {
	        {.function = "f", .file = "/src/a.c", .module = "liba.so", .frame = 12},
	        {.function = "f", .file = "/src/a.c", .module = "libb.so", .frame = 12},
	        {.function = "f", .file = "/src/b.c", .module = "liba.so", .frame = 12},
	        {.function = "f", .file = "/other/a.c", .module = "liba.so", .frame = 12},
	        {.function = "f", .file = "/src/a.c", .module = own, .frame = 12},
	};
	static const size_t nodes[] = {2, 3, 4, 4, 5}; /* after each */
	tree_init(&tree);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		add_made(&tree, &frames[i], 1);
		ck_assert_uint_eq(tree.count, nodes[i]);
	}
	tree_free(&tree);
}
END_TEST

START_TEST(small_frames_are_folded_into_one)
{
	struct tree tree;
	struct layout layout;
	tree_init(&tree);
	add_to(&tree, "large", 9000);
	add_to(&tree, "middle", 990);
	add_to(&tree, "small", 4);
	add_to(&tree, "smaller", 3);
	add_to(&tree, "smallest", 3);
	tree_finish(&tree, 0);
	layout_build(&layout, &tree);
	ck_assert_uint_eq(layout.count, 4);
	ck_assert_uint_eq(layout.folded, 3);
	ck_assert_int_eq(layout.frames[0].width, 10000);
	ck_assert_str_eq(tree_label(&tree, layout.frames[1].node)->name, "large");
	ck_assert_int_eq(layout.frames[2].left, 9000);
	ck_assert_uint_eq(layout.frames[3].folded, 3);
	ck_assert_int_eq(layout.frames[3].left, 9990);
	ck_assert_int_eq(layout.frames[3].width, 10);
	layout_free(&layout);
	tree_free(&tree);
}
END_TEST

START_TEST(a_picture_has_so_many_frames_at_most)
{
	enum { LEVELS = 100, WIDE = 400 };
	struct tree tree;
	struct layout layout;
	char names[WIDE][16];
	struct stack_frame frames[LEVELS];
	tree_init(&tree);
	for (int i = 0; i < WIDE; i++) {
		snprintf(names[i], sizeof(names[i]), "function %d", i);
		for (int k = 0; k < LEVELS; k++)
			frames[k] = (struct stack_frame){
			        .function = names[i], .file = "", .module = "", .frame = 12};
		add_made(&tree, frames, LEVELS)->self[0] += 1000 + i;
	}
	tree_finish(&tree, 0);
	layout_build(&layout, &tree);
	ck_assert_uint_le(layout.count, LAYOUT_FRAMES_MAX);
	ck_assert_double_gt(layout.share, LAYOUT_SHARE);
	ck_assert_int_eq(layout.frames[0].width, tree.nodes[0].total[0]);
	layout_free(&layout);
	tree_free(&tree);
}
END_TEST

/* ---- shares ------------------------------------------------------------------------------- */

/* The sample has 1,380 samples of 1.4 s: at a share of 50 % the error is about 2.6 points, and that
 * of a difference 3.7. */
START_TEST(a_change_is_told_from_chance)
{
	static const char *const names[] = {"grew", "stayed", "rest"};
	static const int64_t values[2][3] = {{700, 500, 200}, {200, 540, 660}};
	struct tree tree;
	tree_init(&tree);
	for (int i = 0; i < 3; i++) {
		struct stack_frame frame = {
		        .function = names[i], .file = "", .module = "", .frame = 12};
		struct tree_node *node = add_made(&tree, &frame, 1);
		node->self[RUN_NEW] = values[0][i] * 1000000;
		node->self[RUN_OLD] = values[1][i] * 1000000;
	}
	tree_finish(&tree, RUN_NEW);
	struct shares shares = {&tree, STACK_TIME, {p, p}};
	const struct tree_node *grew = &tree.nodes[1], *stayed = &tree.nodes[2];
	ck_assert_double_eq_tol(share_error(&shares, grew, RUN_NEW), 0.0264, 0.001);
	ck_assert_double_eq_tol(share_sure_change(&shares, grew), 500.0 / 1400, 1e-9);
	ck_assert_double_eq_tol(share_change(&shares, stayed), -40.0 / 1400, 1e-9);
	ck_assert_double_eq(share_sure_change(&shares, stayed), 0);
	/* The same figures as counts are exact. */
	shares.metric = STACK_BYTES;
	ck_assert_double_eq(share_change_error(&shares, stayed), 0);
	ck_assert_double_eq_tol(share_sure_change(&shares, stayed), -40.0 / 1400, 1e-9);
	tree_free(&tree);
}
END_TEST

/* ---- colours ------------------------------------------------------------------------------ */

START_TEST(colours_follow_from_names)
{
	struct tree_label one = {TREE_FUNCTION, "observe", "a.c", "sim", "program", 3, true};
	struct tree_label other = {TREE_FUNCTION, "observe", "b.c", "sim", "program", 9, true};
	ck_assert_str_eq(palette_of(&one).text, palette_of(&other).text);
	other.category = "libc";
	other.own = false;
	ck_assert_str_ne(palette_of(&one).text, palette_of(&other).text);
	other.category = "a category of the user's";
	ck_assert_uint_eq(strlen(palette_of(&other).text), 7);
	ck_assert_str_ne(palette_of_change(1).text, palette_of_change(-1).text);
	ck_assert_str_eq(palette_of_change(2).text, palette_of_change(1).text);
}
END_TEST

/* ---- the sample --------------------------------------------------------------------------- */

START_TEST(collapsed_stacks_of_the_sample)
{
	ck_assert_str_eq(
	        exported("collapsed", STACK_BYTES, EXPORT_BY_PHASE),
	        "phase observe;phase query;__libc_start_main;main;grid_rebuild;push_back 10000\n"
	        "phase log;__libc_start_main;main;sqlite3_step 2800\n"
	        "phase log;sqlite3_step 200\n");
	ck_assert_str_eq(exported("collapsed", STACK_TIME, EXPORT_BY_NONE),
	                 "__libc_start_main;main 680000000\n"
	                 "__libc_start_main;main;grid_rebuild;push_back 200000000\n"
	                 "__libc_start_main;main;sqlite3_step 120000000\n"
	                 "__libc_start_main;[sim] 400000000\n");
	ck_assert_str_eq(exported("collapsed", STACK_TIME, EXPORT_BY_THREAD),
	                 "thread stepping;__libc_start_main;main 680000000\n"
	                 "thread stepping;__libc_start_main;main;grid_rebuild;push_back 200000000\n"
	                 "thread stepping;__libc_start_main;main;sqlite3_step 120000000\n"
	                 "thread other;__libc_start_main;[sim] 400000000\n");
}
END_TEST

START_TEST(chrome_counts_what_windows_tell)
{
	const char *text = exported("chrome", STACK_BYTES, EXPORT_BY_PHASE);
	ck_assert_ptr_nonnull(strstr(text, "\"name\":\"window 1: 5 steps in sum\""));
	ck_assert_ptr_nonnull(strstr(text, "\"ts\":1000000.000,\"dur\":1000000.000"));
	ck_assert_ptr_nonnull(strstr(text, "\"name\":\"query ×500 (sum)\""));
	ck_assert_ptr_nonnull(strstr(text, "\"inclusive_seconds\":0.4,\"self_seconds\":0.3"));
	ck_assert_ptr_nonnull(strstr(text, "\"allocations/s\",\"pid\":4711,\"tid\":0,\"ts\":0.000,"
	                                   "\"args\":{\"allocations\":71}"));
	ck_assert_ptr_nonnull(strstr(text,
	                             "\"mean step time (ms)\",\"pid\":4711,\"tid\":0,\"ts\":0.000,"
	                             "\"args\":{\"ms\":100}"));
}
END_TEST

/* In a window of one second end calls of two phases that took 3 s and 1 s: they began before it. */
START_TEST(calls_of_earlier_windows_are_shortened_to_fit)
{
	static const char *const names[] = {"long", "short"};
	struct builder own;
	struct failure failure = {0};
	builder_begin(&own);
	builder_header(&own, 1, 0);
	builder_strings(&own, 1, 2, names);
	builder_bulk(&own, TRACE_PHASES, 1, LIST(0, 1, 0, 2));
	builder_window(&own, 0, 1000000000, 1);
	builder_key_list(
	        &own, "phases",
	        LIST(1, 0, 7, 1, 3000000000, 3000000000, 2, 0, 7, 1, 1000000000, 1000000000));
	struct profile *of_sample = p;
	p = profile_build(builder_parse(&own, &failure));
	const char *text = exported("chrome", STACK_BYTES, EXPORT_BY_PHASE);
	ck_assert_ptr_nonnull(strstr(text, "\"long ×1 (sum)\",\"pid\":4711,\"tid\":2,\"ts\":0.000,"
	                                   "\"dur\":750000.000,\"args\":{\"calls\":1,"
	                                   "\"inclusive_seconds\":3,"));
	ck_assert_ptr_nonnull(strstr(text, "\"short ×1 (sum)\",\"pid\":4711,\"tid\":2,"
	                                   "\"ts\":750000.000,\"dur\":250000.000"));
	profile_free(p);
	p = of_sample;
	builder_end(&own);
}
END_TEST

START_TEST(a_comparison_with_itself_has_no_change)
{
	struct failure failure = {0};
	struct export_job job = {
	        .profile = p, .old = p, .metric = STACK_BYTES, .by = EXPORT_BY_PHASE, .out = &out};
	ck_assert(export_profile(&export_flamegraph, job, &failure));
	const char *text = written();
	ck_assert_ptr_nonnull(strstr(text, "): +0.00 points"));
	ck_assert_ptr_nonnull(strstr(text, "Nothing of the run before is gone."));
	ck_assert_ptr_null(strstr(text, "nan"));
	ck_assert_ptr_null(strstr(text, "inf%"));
}
END_TEST

START_TEST(what_is_not_known_is_refused)
{
	struct failure failure = {0};
	struct export_job job = {.profile = p, .metric = STACK_TIME, .out = &out};
	p->stacks.known[STACK_TIME] = false;
	ck_assert(!export_profile(&export_collapsed, job, &failure));
	ck_assert_int_eq(failure.code, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(failure.message, "memprof run --freq"));
	job.metric = STACK_BYTES;
	job.by = EXPORT_BY_THREAD;
	ck_assert(!export_profile(&export_collapsed, job, &failure));
	job.by = EXPORT_BY_PHASE;
	for (size_t i = 0; i < p->stacks.count; i++)
		p->stacks.rows[i].values[STACK_BYTES] = 0;
	ck_assert(!export_profile(&export_collapsed, job, &failure));
	ck_assert_ptr_nonnull(strstr(failure.message, "nothing to export"));
	ck_assert_uint_eq(out.length, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("export");
	TCase *parts = tcase_create("parts"), *sample = tcase_create("sample");
	tcase_add_checked_fixture(parts, NULL, clear);
	tcase_add_test(parts, names_stay_well_formed);
	tcase_add_test(parts, what_is_no_utf8_is_replaced);
	tcase_add_test(parts, the_last_part_of_a_name);
	tcase_add_test(parts, messages_are_bytes_as_described);
	tcase_add_test(parts, remainders_are_shared_out);
	tcase_add_test(parts, values_below_zero_count_as_zero);
	tcase_add_test(parts, many_odd_values_add_up);
	tcase_add_test(parts, colours_follow_from_names);
	suite_add_tcase(suite, parts);
	tcase_add_checked_fixture(sample, setup, teardown);
	tcase_add_test(sample, a_change_is_told_from_chance);
	tcase_add_test(sample, places_are_told_apart);
	tcase_add_test(sample, small_frames_are_folded_into_one);
	tcase_add_test(sample, a_picture_has_so_many_frames_at_most);
	tcase_add_test(sample, collapsed_stacks_of_the_sample);
	tcase_add_test(sample, chrome_counts_what_windows_tell);
	tcase_add_test(sample, calls_of_earlier_windows_are_shortened_to_fit);
	tcase_add_test(sample, a_comparison_with_itself_has_no_change);
	tcase_add_test(sample, what_is_not_known_is_refused);
	suite_add_tcase(suite, sample);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

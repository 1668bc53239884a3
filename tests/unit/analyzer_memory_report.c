/* analyzer_memory_report.c: the memory report, as text and as JSON, of a run whose truth is known.
 */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analyzer_memory.h"
#include "report/report.h"

#define WINDOWS 30
#define PER     20 /* steps a window */
#define STEPS   (WINDOWS * PER)

static struct memory_run run;
static struct profile *p;
static struct report_options options = {
        .program = "analyzer", .trace = "t", .terminal = {.width = 200, .utf8 = true}};

static long long twenty(long long window)
{
	(void)window;
	return PER;
}

static void leaks(struct memory_site *s, long long step, long long agents)
{
	(void)step, (void)agents;
	memory_make(s, 1, 1000);
}

/* Four blocks, one of which is temporary, one another thread frees. */
static void churns(struct memory_site *s, long long step, long long agents)
{
	(void)step, (void)agents;
	memory_make(s, 4, 400);
	memory_drop(s, 4, 400, 0);
	s->fields[TRACE_CELL_TEMPORARIES]++;
	s->fields[TRACE_CELL_CROSS_FREES]++;
	s->fields[TRACE_CELL_ALLOCATED_USABLE] += 48;
	s->fields[TRACE_CELL_FREED_USABLE] += 48;
}

/* A block of the site that churns comes here, and goes from here a step later. */
static void grows(struct memory_site *s, long long step, long long agents)
{
	(void)agents;
	s->fields[TRACE_CELL_MOVED_IN]++;
	s->fields[TRACE_CELL_MOVED_IN_BYTES] += 500;
	s->fields[TRACE_CELL_MOVED_IN_USABLE] += 512;
	s->live += 500;
	if (step > 1) {
		memory_drop(s, 1, 500, 1);
		s->fields[TRACE_CELL_FREED_USABLE] += 12;
	}
}

static void gives_away(struct memory_site *s, long long step, long long agents)
{
	(void)step, (void)agents;
	memory_make(s, 1, 200);
	s->fields[TRACE_CELL_MOVED_OUT]++;
	s->fields[TRACE_CELL_MOVED_OUT_BYTES] += 200;
	s->fields[TRACE_CELL_MOVED_OUT_USABLE] += 200;
	s->live -= 200;
}

static void setup(void)
{
	memset(&run, 0, sizeof(run));
	run.windows = WINDOWS;
	run.window_steps = twenty;
	run.cgroup = 128ll << 20;
	memory_add(&run, "leaks", leaks);
	memory_add(&run, "churns", churns);
	memory_add(&run, "grows", grows);
	memory_add(&run, "gives_away", gives_away);
	p = NULL;
}

static void build(void)
{
	p = memory_profile(&run);
	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(p->trace->damage, "");
}

static void teardown(void)
{
	profile_free(p);
	options.top = 0;
	options.terminal.utf8 = true;
}

static json_t *document(void)
{
	struct text out = {0};
	struct report_set *set = report_set_begin(REPORT_JSON, 1);
	report_set_add(set, report_find("memory"), p, &options);
	report_set_end(set, &out);
	json_error_t error;
	json_t *parsed = json_loads(out.bytes, 0, &error);
	ck_assert_msg(parsed != NULL, "%s", error.text);
	text_free(&out);
	return parsed;
}

static struct text text_of(const char *report)
{
	struct text out = {0};
	struct report_set *set = report_set_begin(REPORT_TEXT, 1);
	report_set_add(set, report_find(report), p, &options);
	report_set_end(set, &out);
	return out;
}

static json_int_t integer(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	ck_assert_msg(json_is_integer(value), "%s is no integer", key);
	return json_integer_value(value);
}

static const json_t *list(const json_t *d, const char *name)
{
	return json_object_get(json_object_get(d, "call_sites"), name);
}

/* ---- tests -------------------------------------------------------------------------------- */

static const struct {
	const char *list, *key, *first;
	json_int_t first_figure, total;
} lists[] = {
        {"live_at_exit", "live_at_exit_bytes", "leaks", 1000 * STEPS, 1000 * STEPS + 500},
        {"churn", "frees", "churns", 4 * STEPS, 5 * STEPS - 1},
        {"temporaries", "temporary_allocations", "churns", STEPS, STEPS},
        {"step_local", "freed_in_step", "churns", 4 * STEPS, 4 * STEPS},
        {"short_lived", "freed_within_10_ms", "churns", 4 * STEPS, 5 * STEPS - 1},
        {"cross_thread_frees", "cross_thread_frees", "churns", STEPS, STEPS},
        {"slack", "slack_bytes", "churns", 48 * STEPS, 60 * STEPS},
        {"growth_by_reallocation", "growth_by_reallocation_bytes", "grows", 500 * STEPS,
         300 * STEPS},
};

START_TEST(lists_lead_with_the_largest_and_add_up)
{
	build();
	options.top = 1;
	json_t *d = document();
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const json_t *l = list(d, lists[i].list), *rows = json_object_get(l, "rows");
		const json_t *first = json_array_get(rows, 0),
		             *others = json_object_get(l, "others");
		const json_t *all = json_object_get(d, "all_call_sites");
		ck_assert_msg(json_array_size(rows) == 1, "%s", lists[i].list);
		ck_assert_str_eq(json_string_value(json_object_get(first, "function")),
		                 lists[i].first);
		ck_assert_int_eq(integer(first, lists[i].key), lists[i].first_figure);
		ck_assert_int_eq(integer(l, "total"), lists[i].total);
		ck_assert_int_eq(integer(first, lists[i].key) + integer(others, lists[i].key),
		                 lists[i].total);
		ck_assert_int_eq(integer(all, lists[i].key), lists[i].total);
	}
	json_decref(d);
}
END_TEST

START_TEST(text_has_the_figures_of_the_document)
{
	build();
	json_t *d = document();
	const json_t *growth = json_object_get(d, "growth");
	const json_t *leak = json_array_get(json_object_get(growth, "call_sites"), 0);
	struct text text = text_of("memory");
	ck_assert_str_eq(json_string_value(json_object_get(leak, "verdict")), "sure");
	double slope = json_number_value(json_object_get(json_object_get(leak, "whole"), "slope"));
	ck_assert_double_eq_tol(slope, 1000, 10);
	ck_assert_double_eq(json_number_value(json_object_get(growth, "sure_slope")), slope);
	static const char *const shown[] = {
	        "sim.c:10 leaks",
	        "+1,000 B/step",
	        "586 KiB", /* held: 600 × 1,000 bytes */
	        "(cgroup)",
	        "TOP 10 CALL-SITES BY CHURN",
	        "sim.c:11 churns",
	        "in step         2,400", /* lifetimes: 4 × 600 */
	        "1 step            599",
	        "LIFETIMES IN TIME",
	        "SIZES  allocations by what was asked for",
	        "513 B–1 KiB",
	};
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		ck_assert_msg(strstr(text.bytes, shown[i]) != NULL, "no '%s'", shown[i]);
	text_free(&text);
	json_decref(d);
}
END_TEST

START_TEST(the_default_report_has_sure_growth_in_a_line)
{
	build();
	struct text text = text_of("sim-summary");
	const char *block = strstr(text.bytes, "GROWS WITH AGE (sure)\n");
	ck_assert_ptr_nonnull(block);
	ck_assert_ptr_nonnull(strstr(block, "sim.c:10 leaks  +1,000 B/step"));
	ck_assert_ptr_nonnull(strstr(block, "→ 128 MiB near step 1"));
	text_free(&text);
}
END_TEST

START_TEST(the_default_report_is_silent_where_nothing_is_sure)
{
	run.windows = 5;
	build();
	struct text text = text_of("sim-summary");
	ck_assert_ptr_null(strstr(text.bytes, "GROWS WITH AGE"));
	text_free(&text);
	text = text_of("memory");
	ck_assert_ptr_nonnull(strstr(text.bytes, "too short a run to tell"));
	text_free(&text);
}
END_TEST

/* A step takes 10 ms, so 1,000 bytes a step are 100,000 a second. */
START_TEST(without_steps_age_is_time)
{
	run.unmarked = true;
	build();
	json_t *d = document();
	const json_t *growth = json_object_get(d, "growth");
	const json_t *leak = json_array_get(json_object_get(growth, "call_sites"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(growth, "age")), "seconds");
	ck_assert_str_eq(json_string_value(json_object_get(leak, "verdict")), "sure");
	double slope = json_number_value(json_object_get(json_object_get(leak, "whole"), "slope"));
	ck_assert_double_eq_tol(slope, 100000, 1000);
	struct text text = text_of("memory");
	ck_assert_ptr_nonnull(strstr(text.bytes, "KiB/s "));
	ck_assert_ptr_nonnull(strstr(text.bytes, "SHORT-LIVED"));
	ck_assert_ptr_null(strstr(text.bytes, "LIFETIMES IN STEPS"));
	ck_assert_ptr_null(strstr(text.bytes, "/step"));
	text_free(&text);
	json_decref(d);
}
END_TEST

START_TEST(a_plain_terminal_gets_plain_characters)
{
	build();
	options.terminal.utf8 = false;
	struct text text = text_of("memory");
	for (size_t i = 0; i < text.length; i++)
		ck_assert_msg((unsigned char)text.bytes[i] < 0x80, "at %s", text.bytes + i);
	ck_assert_ptr_null(strchr(text.bytes, '?'));
	text_free(&text);
}
END_TEST

START_TEST(a_trace_without_allocations_is_reported)
{
	run.sites_count = 0;
	build();
	json_t *d = document();
	ck_assert_uint_eq(json_array_size(json_object_get(list(d, "churn"), "rows")), 0);
	json_decref(d);
	struct text text = text_of("memory");
	ck_assert_ptr_null(strstr(text.bytes, "CHURN"));
	text_free(&text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer: memory report");
	TCase *tests = tcase_create("memory");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, lists_lead_with_the_largest_and_add_up);
	tcase_add_test(tests, text_has_the_figures_of_the_document);
	tcase_add_test(tests, the_default_report_has_sure_growth_in_a_line);
	tcase_add_test(tests, the_default_report_is_silent_where_nothing_is_sure);
	tcase_add_test(tests, without_steps_age_is_time);
	tcase_add_test(tests, a_plain_terminal_gets_plain_characters);
	tcase_add_test(tests, a_trace_without_allocations_is_reported);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

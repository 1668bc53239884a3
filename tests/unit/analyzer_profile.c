/* analyzer_profile.c: what reports say of a trace whose truth is known. */
#include <check.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/profile.h"
#include "report/grid.h"
#include "report/lists.h"
#include "report/plot.h"
#include "report/report.h"
#include "report/shorten.h"
#include "trace_builder.h"

static struct builder b;
static struct profile *p;

/* The sample; with other than its own number of allocations in steps, if `in_steps` is not 0. */
static void build(int64_t in_steps)
{
	struct failure failure = {0};
	builder_begin(&b);
	builder_sample(&b);
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	if (in_steps)
		t->steps.allocations = in_steps;
	p = profile_build(t);
}

static void setup(void)
{
	build(0);
}

static void teardown(void)
{
	profile_free(p);
	builder_end(&b);
}

static const struct profile_phase *phase(const char *path)
{
	for (size_t i = 0; i < p->phases_count; i++)
		if (strcmp(p->phases[i].path, path) == 0)
			return &p->phases[i];
	ck_abort_msg("no phase %s", path);
}

static const struct call_site *site(const char *label, const char *path)
{
	for (size_t i = 0; i < p->sites.count; i++) {
		const struct call_site *s = &p->sites.sites[i];
		if (strcmp(s->label, label) == 0 &&
		    strcmp(profile_phase_path(p, s->phase), path) == 0)
			return s;
	}
	ck_abort_msg("no call-site %s in '%s'", label, path);
}

START_TEST(a_push_back_is_the_line_that_calls_it)
{
	const struct call_site *s = site("grid.cpp:44 grid_rebuild", "observe/query");
	ck_assert(s->own);
	ck_assert_str_eq(s->function, "grid_rebuild");
	ck_assert_str_eq(s->file, "/project/src/grid.cpp");
	ck_assert_uint_eq(s->line, 44);
	ck_assert_int_eq(s->fields[TRACE_CELL_ALLOCATIONS], 100);
	ck_assert_int_eq(s->live_bytes, 2000);
	ck_assert_int_eq(s->live_blocks, 20);
}
END_TEST

START_TEST(a_library_called_by_the_user_is_the_users_line)
{
	const struct call_site *s = site("main.cpp:10 main", "log");
	ck_assert(s->own);
	ck_assert_int_eq(s->fields[TRACE_CELL_TEMPORARIES], 20);
	ck_assert_int_eq(s->live_bytes, 0);
}
END_TEST

START_TEST(a_stack_without_the_user_is_named_by_its_library)
{
	const struct call_site *s = site("libsqlite3.so.0 sqlite3_step", "log");
	ck_assert(!s->own);
	ck_assert_int_eq(s->live_bytes, 600);
	ck_assert_int_eq(s->fields[TRACE_CELL_MOVED_IN], 2);
}
END_TEST

START_TEST(phases_and_unaccounted_add_up_to_the_steps)
{
	double sum = p->unaccounted;
	for (size_t i = 0; i < p->phases_count; i++)
		sum += p->phases[i].self;
	ck_assert_double_eq_tol(sum, p->steps.wall, 1e-12);
	ck_assert_double_eq_tol(p->steps.wall, 1.0, 1e-12);
	ck_assert_double_eq_tol(p->run.wall, 2.0, 1e-12);
	ck_assert_double_eq_tol(phase("observe")->self, 0.6, 1e-12);
	ck_assert_double_eq_tol(phase("observe")->inclusive, 0.8, 1e-12);
	ck_assert_double_eq_tol(phase("log")->self, 0.1, 1e-12);
	ck_assert_double_eq_tol(phase("log")->self_outside, 0.02, 1e-12);
	ck_assert_uint_eq(p->warnings_count, 1); /* so few steps */
}
END_TEST

START_TEST(phases_come_depth_first_and_heaviest_first)
{
	static const char *const paths[] = {"observe", "observe/query", "log", "idle"};
	ck_assert_uint_eq(p->phases_count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq(p->phases[i].path, paths[i]);
	ck_assert_uint_eq(phase("idle")->flags, PHASE_NEVER_ENTERED);
}
END_TEST

START_TEST(steps_have_their_percentiles)
{
	ck_assert_int_eq(p->steps.count, 10);
	ck_assert_double_eq_tol(p->steps.per_second, 10, 1e-9);
	ck_assert_double_eq_tol(p->steps.p50, 0.1, 0.001);
	ck_assert_double_le(p->steps.p99, p->steps.max);
	ck_assert_double_eq_tol(p->steps.max, 0.1, 1e-12);
	ck_assert_int_eq(p->steps.max_step, 3);
}
END_TEST

START_TEST(totals_are_the_sums_of_call_sites)
{
	int64_t allocations = 0, live = 0;
	for (size_t i = 0; i < p->sites.count; i++) {
		allocations += p->sites.sites[i].fields[TRACE_CELL_ALLOCATIONS];
		live += p->sites.sites[i].live_bytes;
	}
	ck_assert_int_eq(p->totals.fields[TRACE_CELL_ALLOCATIONS], 142);
	ck_assert_int_eq(allocations, 142);
	ck_assert_int_eq(p->totals.live_bytes, 2600);
	ck_assert_int_eq(live, 2600);
}
END_TEST

START_TEST(lists_are_sorted_by_what_they_say)
{
	for (int order = BY_ALLOCATIONS; order <= LIVE_AT_EXIT; order++) {
		const struct call_site **sorted = sites_sorted(p, (enum site_order)order);
		for (size_t i = 1; i < p->sites.count; i++)
			ck_assert_int_ge(site_figure(sorted[i - 1], (enum site_order)order),
			                 site_figure(sorted[i], (enum site_order)order));
		free(sorted);
	}
}
END_TEST

static const struct report_options options = {
        .top = 10, .program = "analyzer", .trace = "t.msgpack", .terminal = {100, false, true}};

START_TEST(json_has_every_promised_key)
{
	static const char *const keys[] = {"run.command",
	                                   "run.host",
	                                   "run.started",
	                                   "run.wall_seconds",
	                                   "run.cpu_seconds",
	                                   "run.cpu_per_core",
	                                   "run.steps",
	                                   "run.agents_first",
	                                   "run.agents_last",
	                                   "run.agents_mean",
	                                   "run.agents_max",
	                                   "run.complete",
	                                   "run.mode",
	                                   "run.profiler_overhead_share",
	                                   "run.stack_audits",
	                                   "run.stack_audit_mismatches",
	                                   "run.warnings",
	                                   "totals.allocations",
	                                   "totals.frees",
	                                   "totals.reallocations",
	                                   "totals.bytes_allocated",
	                                   "totals.peak_live_bytes",
	                                   "totals.live_at_exit_bytes",
	                                   "totals.live_at_exit_allocations",
	                                   "totals.temporary_allocations",
	                                   "totals.peak_rss_bytes",
	                                   "totals.mean_rss_bytes",
	                                   "steps.count",
	                                   "steps.wall_seconds",
	                                   "steps.per_second",
	                                   "steps.mean",
	                                   "steps.p50",
	                                   "steps.p95",
	                                   "steps.p99",
	                                   "steps.max",
	                                   "steps.max_step"};
	json_t *document = report_all()->json(p, &options);
	ck_assert_int_eq(json_integer_value(json_object_get(document, "schema_version")), 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char section[16];
		const char *dot = strchr(keys[i], '.');
		snprintf(section, sizeof(section), "%.*s", (int)(dot - keys[i]), keys[i]);
		json_t *object = json_object_get(document, section);
		ck_assert_msg(json_object_get(object, dot + 1) != NULL, "no %s", keys[i]);
	}
	json_t *phases = json_object_get(document, "phases");
	double sum = json_number_value(json_object_get(document, "unaccounted_seconds"));
	for (size_t i = 0; i < json_array_size(phases); i++)
		sum += json_number_value(
		        json_object_get(json_array_get(phases, i), "self_seconds"));
	ck_assert_double_eq_tol(sum, 1.0, 1e-12);
	ck_assert_uint_gt(json_array_size(json_object_get(document, "functions")), 0);
	json_decref(document);
}
END_TEST

START_TEST(text_has_its_sections_and_no_empty_ones)
{
	struct text out = {0};
	struct report_set *set = report_set_begin(REPORT_TEXT, 1);
	report_set_add(set, report_all(), p, &options);
	report_set_end(set, &out);
	ck_assert_ptr_nonnull(strstr(out.bytes, "./sim 'two words'"));
	ck_assert_ptr_nonnull(strstr(out.bytes, "WHERE A STEP GOES"));
	ck_assert_ptr_nonnull(strstr(out.bytes, "never entered"));
	ck_assert_ptr_nonnull(strstr(out.bytes, "TOP 10 BOTTLENECKS"));
	ck_assert_ptr_nonnull(strstr(out.bytes, "grid.cpp:44 grid_rebuild"));
	ck_assert_ptr_null(strstr(out.bytes, "MEMORY OVER THE RUN"));
	ck_assert_ptr_null(strstr(out.bytes, "SLOWEST"));
	for (char *c = out.bytes; *c; c++)
		ck_assert(*c == '\n' || (unsigned char)*c >= ' ');
	text_free(&out);
}
END_TEST

static char *text_of(size_t width)
{
	struct text out = {0};
	struct report_options narrow = options;
	narrow.terminal.width = width;
	struct report_set *set = report_set_begin(REPORT_TEXT, 1);
	report_set_add(set, report_all(), p, &narrow);
	report_set_end(set, &out);
	return out.bytes;
}

START_TEST(what_no_step_made_is_not_per_step)
{
	/* Of 142 allocations the steps made 140: which of no phase and of `log` did not is open. */
	ck_assert_int_eq(p->places[2], PLACE_STEPS);
	ck_assert_int_eq(p->places[3], PLACE_BOTH);
	ck_assert_int_eq(p->places[0], PLACE_BOTH);
	char *text = text_of(100);
	ck_assert_ptr_nonnull(strstr(text, "≤ 4"));
	free(text);
	teardown();
	/* The phase that lies in steps made all of the steps' 100. */
	build(100);
	ck_assert_int_eq(p->places[2], PLACE_STEPS);
	ck_assert_int_eq(p->places[3], PLACE_OUTSIDE);
	text = text_of(100);
	ck_assert_ptr_nonnull(strstr(text, "(40)"));
	ck_assert_ptr_null(strstr(text, "≤ 4"));
	free(text);
	teardown();
	build(142);
	ck_assert_int_eq(p->places[0], PLACE_STEPS);
	ck_assert_int_eq(p->places[3], PLACE_STEPS);
}
END_TEST

START_TEST(a_path_is_cut_where_it_tells_least)
{
	struct grid g;
	struct text out = {0};
	const struct terminal narrow = {.width = 40, .utf8 = true};
	grid_begin(&g, "prr");
	g.optional = "c";
	grid_cell(&g, "phase");
	grid_end_row(&g);
	static const char *const paths[] = {"observation/of_neighbours/spatial_index/query",
	                                    "observation/of_neighbours/spatial_index/build",
	                                    "destruction/of_neighbours/spatial_index/query"};
	for (size_t i = 0; i < 3; i++) {
		grid_cell(&g, paths[i]);
		grid_cell(&g, "1");
		grid_cell(&g, "123456789012");
	}
	grid_write(&g, 0, &narrow, &out);
	/* All are shorter than the line, and each is still another. */
	ck_assert_ptr_nonnull(strstr(out.bytes, "observation/…ours/spatial_index/query  1\n"));
	ck_assert_ptr_nonnull(strstr(out.bytes, "observation/…ours/spatial_index/build  1\n"));
	ck_assert_ptr_nonnull(strstr(out.bytes, "destruction/…ours/spatial_index/query  1\n"));
	ck_assert_ptr_null(strstr(out.bytes, "123456789012"));
	text_free(&out);
}
END_TEST

static size_t widest_line(const char *text)
{
	size_t widest = 0;
	for (char *copy = strdup(text), *rest = copy, *line; (line = strsep(&rest, "\n"));) {
		size_t columns = text_columns(line);
		widest = columns > widest ? columns : widest;
		if (!rest)
			free(copy);
	}
	return widest;
}

START_TEST(lists_fit_into_80_columns)
{
	char *text = text_of(80);
	char *lists = strstr(text, "TOP 10 BOTTLENECKS");
	*strstr(lists, "\nWARNINGS") = '\0';
	ck_assert_uint_le(widest_line(lists), 80);
	free(text);
}
END_TEST

/* Rebuilds the profile from the sample, with CPU time and the profiler's cost as given. */
static void build_with_cpu(int64_t cpu_ns, int64_t overhead_ticks)
{
	struct failure failure = {0};
	teardown();
	builder_begin(&b);
	builder_sample(&b);
	struct trace *t = builder_parse(&b, &failure);
	t->process.known = t->profiler.known = true;
	t->process.user_ns = cpu_ns;
	t->process.system_ns = 0;
	t->profiler.events = t->profiler.overhead_events = 1000;
	t->profiler.overhead_ticks = overhead_ticks;
	p = profile_build(t);
}

START_TEST(figures_that_cannot_be_are_not_told)
{
	build_with_cpu(3000000000, 1000000000); /* 2 s wall, 4 cores */
	ck_assert_double_eq_tol(p->run.cores_used, 1.5, 1e-9);
	ck_assert_double_eq_tol(p->cost.share, 1.0 / 3, 1e-9);
	size_t warnings = p->warnings_count;
	build_with_cpu(8100000000, 1000000000);
	ck_assert(isnan(p->run.cores_used));
	ck_assert_uint_eq(p->warnings_count, warnings + 1);
	char *text = text_of(100);
	ck_assert_ptr_nonnull(strstr(text, "(— of 4 cores)"));
	free(text);
	build_with_cpu(1000000000, 1000000001);
	text = text_of(100);
	ck_assert_ptr_nonnull(strstr(text, "profiler's time not measured well"));
	free(text);
	json_t *document = report_all()->json(p, &options);
	json_t *run = json_object_get(document, "run");
	ck_assert(json_is_null(json_object_get(run, "profiler_overhead_share")));
	ck_assert(json_is_null(json_object_get(run, "profiler_overhead_seconds")));
	json_decref(document);
}
END_TEST

START_TEST(why_children_were_lost_is_told)
{
	teardown();
	struct failure failure = {0};
	builder_begin(&b);
	builder_sample(&b);
	struct trace *t = builder_parse(&b, &failure);
	t->profiler.known = true;
	t->profiler.children_lost = 1;
	t->profiler.children_lost_error = EMFILE;
	p = profile_build(t);
	char *text = text_of(100);
	ck_assert_ptr_nonnull(strstr(text, "1 child process could not be recorded (no free file "
	                                   "descriptor: raise ulimit -n)"));
	free(text);
}
END_TEST

static char *plot_of(size_t points, const double *times, const double *values, size_t width)
{
	struct text out = {0};
	struct profile made = {.points_count = points};
	made.points = mem_zero(points * sizeof(*made.points));
	for (size_t i = 0; i < points; i++)
		made.points[i] = (struct profile_point){.time = times[i], .live = values[i]};
	plot_series(&made, offsetof(struct profile_point, live), 8, width, &out);
	free(made.points);
	return out.bytes;
}

START_TEST(a_plot_draws_only_what_was_told)
{
	/* A value is held until the next is told; of two in one column the larger is drawn. */
	char *plot = plot_of(4, (double[]){3, 6.5, 7, 8}, (double[]){2, 8, 1, NAN}, 8);
	ck_assert_str_eq(plot, "  ▃▃▃▃█▂");
	free(plot);
}
END_TEST

static void check_shortened(const char *name, size_t width, enum shorten_tail tells,
                            const char *expected)
{
	struct arena arena = {0};
	ck_assert_str_eq(shorten(&arena, name, width, tells), expected);
	arena_free(&arena);
}

START_TEST(names_are_shortened_in_the_middle)
{
	enum shorten_tail end = SHORTEN_END_TELLS, beginning = SHORTEN_BEGINNING_TELLS;
	check_shortened("short", 5, end, "short");
	check_shortened("observation/query", 12, end, "obs…on/query");
	check_shortened("colony.cc:12 Agent::look", 12, beginning, "colony.…look");
	check_shortened("öäüöäüöäüöäü", 6, end, "ö…üöäü");
	/* Template arguments go first, whole; what is an operator's name is none. */
	check_shortened("std::vector<int, std::allocator<int> >::push_back", 30, end,
	                "std::vector<…>::push_back");
	check_shortened("operator<<(Stream<int>)", 22, end, "operator<<(Stream<…>)");
	check_shortened("A<int>::operator->", 17, end, "A<…>::operator->");
	check_shortened("f<g(a->b)>::call_it", 17, end, "f<…>::call_it");
	check_shortened("less<unfinished", 10, end, "les…nished");
}
END_TEST

static struct profile *with_live(int64_t first, int64_t second, const char *mode)
{
	struct failure failure = {0};
	struct builder own;
	builder_begin(&own);
	builder_sample(&own);
	struct trace *t = builder_parse(&own, &failure);
	builder_end(&own);
	ck_assert_msg(t != NULL, "%s", failure.message);
	t->header.mode = mode;
	t->windows[0].heap = (struct trace_heap){.known = true, .live_bytes = first};
	t->windows[1].heap = (struct trace_heap){.known = true, .live_bytes = second};
	t->heap = (struct trace_heap){
	        .known = true, .live_bytes = second, .peak_bytes = 3000, .peak_ticks = 500000000};
	return profile_build(t);
}

/* Allocations of a window are read after its frees: together they may make more than there was. */
START_TEST(no_more_is_live_than_the_peak)
{
	struct profile *own = with_live(3960, 2000, "exact");
	ck_assert_uint_eq(own->points_count, 4); /* the start, the peak, two windows */
	ck_assert_double_eq(own->points[1].live, 3000);
	ck_assert_double_eq(own->points[2].live, 3000);
	ck_assert_double_eq(own->points[3].live, 2000);
	profile_free(own);
	own = with_live(TRACE_UNKNOWN, 3001, "exact");
	ck_assert(isnan(own->points[2].live));
	ck_assert_double_eq(own->points[3].live, 3000);
	profile_free(own);
	/* Of estimates each is right on average, and one says nothing of another. */
	own = with_live(3960, 2000, "sampled");
	ck_assert_double_eq(own->points[2].live, 3960);
	profile_free(own);
}
END_TEST

/* The kernel's own highest RSS is not always up to date. */
START_TEST(no_window_has_more_rss_than_the_peak)
{
	struct failure failure = {0};
	struct builder own;
	builder_begin(&own);
	builder_sample(&own);
	struct trace *t = builder_parse(&own, &failure);
	builder_end(&own);
	t->windows[0].process = (struct trace_process){
	        .known = true, .rss_anon = 5000, .rss_file = 600, .rss_shmem = TRACE_UNKNOWN};
	t->process = (struct trace_process){
	        .known = true, .rss_anon = 4000, .peak_rss = 5500, .user_ns = TRACE_UNKNOWN};
	struct profile *profile = profile_build(t);
	ck_assert_int_eq(profile->totals.peak_rss, 5600);
	profile_free(profile);
}
END_TEST

static json_t *value_at(const json_t *document, const char *section, const char *key)
{
	json_t *value = json_object_get(json_object_get(document, section), key);
	ck_assert_msg(value != NULL, "no %s.%s", section, key);
	return value;
}

/* --mode off: nobody counted, so there is no 0 to tell. */
static void only_marks(void)
{
	struct failure failure = {0};
	teardown();
	builder_begin(&b);
	builder_sample(&b);
	struct trace *t = builder_parse(&b, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	t->header.mode = "off";
	t->agents = (struct trace_agents){
	        .known = true, .steps = 10, .sum = 100, .first = 10, .last = 10, .max = 10};
	p = profile_build(t);
}

START_TEST(a_heap_not_recorded_has_no_figures_in_text)
{
	only_marks();
	char *text = text_of(100);
	ck_assert_ptr_nonnull(strstr(text, "marks only\n"));
	ck_assert_ptr_nonnull(strstr(text, "heap not recorded (--mode off)"));
	ck_assert_ptr_nonnull(strstr(text, "WHERE A STEP GOES"));
	ck_assert_ptr_nonnull(strstr(text, "one agent in one step: "));
	ck_assert_ptr_null(strstr(text, "heap peak"));
	ck_assert_ptr_null(strstr(text, "allocs"));
	ck_assert_ptr_null(strstr(text, "allocations"));
	ck_assert_ptr_null(strstr(text, "bytes"));
	ck_assert_ptr_null(strstr(text, "9223372036854775808"));
	free(text);
}
END_TEST

START_TEST(a_heap_not_recorded_is_null_in_json)
{
	only_marks();
	json_t *document = report_all()->json(p, &options);
	static const char *const unknown[][2] = {
	        {"totals", "allocations"},
	        {"totals", "frees"},
	        {"totals", "reallocations"},
	        {"totals", "bytes_allocated"},
	        {"totals", "peak_live_bytes"},
	        {"totals", "live_at_exit_bytes"},
	        {"totals", "live_at_exit_allocations"},
	        {"totals", "temporary_allocations"},
	        {"steps", "allocations"},
	        {"steps", "bytes_allocated"},
	        {"per_agent_step", "allocations"},
	        {"per_agent_step", "bytes_allocated"},
	        {"growth", "sure_slope"},
	};
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		ck_assert_msg(json_is_null(value_at(document, unknown[i][0], unknown[i][1])),
		              "%s.%s is known", unknown[i][0], unknown[i][1]);
	ck_assert(json_is_number(value_at(document, "per_agent_step", "seconds")));
	json_t *phases = json_object_get(document, "phases");
	ck_assert_uint_gt(json_array_size(phases), 0);
	for (size_t i = 0; i < json_array_size(phases); i++) {
		json_t *row = json_array_get(phases, i);
		ck_assert(json_is_null(json_object_get(row, "allocations")));
		ck_assert(json_is_null(json_object_get(row, "live_bytes_end")));
		ck_assert(json_is_number(json_object_get(row, "self_seconds")));
	}
	json_decref(document);
}
END_TEST

START_TEST(numbers_read_as_people_write_them)
{
	ck_assert_str_eq(unit_count(1234567).text, "1,234,567");
	ck_assert_str_eq(unit_count(-1234).text, "-1,234");
	ck_assert_str_eq(unit_count(TRACE_UNKNOWN).text, "—");
	ck_assert_str_eq(unit_seconds(412).text, "412.0 s");
	ck_assert_str_eq(unit_seconds(1530).text, "1,530 s");
	ck_assert_str_eq(unit_seconds(0.0781).text, "78.1 ms");
	ck_assert_str_eq(unit_seconds(0.9996).text, "1.00 s");
	ck_assert_str_eq(unit_seconds(14e-9).text, "14.0 ns");
	ck_assert_str_eq(unit_bytes(0).text, "0 B");
	ck_assert_str_eq(unit_bytes(1023.9).text, "1.00 KiB");
	ck_assert_str_eq(unit_bytes(43200000).text, "41.2 MiB");
	ck_assert_str_eq(unit_number(0.042).text, "0.042");
	ck_assert_str_eq(unit_number(27648).text, "27,648");
	ck_assert_str_eq(unit_number(0.0001).text, "0.0001");
	ck_assert_str_eq(unit_number(8.2e-6).text, "<0.0001");
	ck_assert_str_eq(unit_number(-8.2e-6).text, ">-0.0001");
	ck_assert_str_eq(unit_percent(0.456).text, "45.6");
	ck_assert_str_eq(unit_percent(0.0001).text, "<0.1");
	ck_assert_str_eq(unit_percent(NAN).text, "—");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer: profile");
	TCase *tests = tcase_create("profile");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_push_back_is_the_line_that_calls_it);
	tcase_add_test(tests, a_library_called_by_the_user_is_the_users_line);
	tcase_add_test(tests, a_stack_without_the_user_is_named_by_its_library);
	tcase_add_test(tests, phases_and_unaccounted_add_up_to_the_steps);
	tcase_add_test(tests, phases_come_depth_first_and_heaviest_first);
	tcase_add_test(tests, steps_have_their_percentiles);
	tcase_add_test(tests, totals_are_the_sums_of_call_sites);
	tcase_add_test(tests, lists_are_sorted_by_what_they_say);
	tcase_add_test(tests, json_has_every_promised_key);
	tcase_add_test(tests, text_has_its_sections_and_no_empty_ones);
	tcase_add_test(tests, what_no_step_made_is_not_per_step);
	tcase_add_test(tests, a_path_is_cut_where_it_tells_least);
	tcase_add_test(tests, names_are_shortened_in_the_middle);
	tcase_add_test(tests, lists_fit_into_80_columns);
	tcase_add_test(tests, figures_that_cannot_be_are_not_told);
	tcase_add_test(tests, no_more_is_live_than_the_peak);
	tcase_add_test(tests, no_window_has_more_rss_than_the_peak);
	tcase_add_test(tests, a_plot_draws_only_what_was_told);
	tcase_add_test(tests, a_heap_not_recorded_has_no_figures_in_text);
	tcase_add_test(tests, a_heap_not_recorded_is_null_in_json);
	tcase_add_test(tests, why_children_were_lost_is_told);
	tcase_add_test(tests, numbers_read_as_people_write_them);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

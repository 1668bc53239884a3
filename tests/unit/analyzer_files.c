/* analyzer_files.c: what the analyzer does to files: which it reads, what it adds to them, and that
 * nothing earlier is lost when something goes wrong. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "model/symbolize.h"
#include "symbols/symbols.h"
#include "trace/append.h"
#include "trace/locate.h"
#include "trace_builder.h"

static char directory[] = "/tmp/analyzer_files.XXXXXX";
static struct builder b;

static void setup(void)
{
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	builder_begin(&b);
}

static void teardown(void)
{
	char command[256];
	builder_end(&b);
	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	ck_assert_int_eq(system(command), 0);
}

static void save(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

static off_t size_of(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 ? status.st_size : -1;
}

static struct trace *loaded(const char *path)
{
	struct failure failure = {0};
	struct trace *t = trace_load(path, &failure);
	ck_assert_msg(t != NULL, "%s", failure.message);
	return t;
}

/* ---- adding records ---------------------------------------------------------------------- */

/* A header, a cell and a window of 5 allocations: a trace without an end. */
static void build_open(void)
{
	builder_header(&b, 1, 0);
	builder_bulk(&b, TRACE_CELLS, 1, LIST(0, 0));
	builder_window(&b, 0, 100, 1);
	builder_key_list(&b, "cells", LIST(1, 1, 5));
}

static struct builder warning(void)
{
	struct builder w;
	builder_begin(&w);
	builder_record(&w, TRACE_WARNING);
	builder_text(&w, "added");
	return w;
}

START_TEST(a_torn_tail_is_cut_before_records_are_added)
{
	struct failure failure = {0};
	struct builder w = warning();
	build_open();
	size_t whole = b.bytes.size;
	builder_window(&b, 1, 200, 0);
	save("t.msgpack", b.bytes.data, b.bytes.size - 2);
	struct trace *t = loaded("t.msgpack");
	ck_assert(t->torn);
	ck_assert(trace_append(t, w.bytes.data, w.bytes.size, &failure));
	trace_free(t);
	ck_assert_int_eq(size_of("t.msgpack"), (off_t)(whole + w.bytes.size));
	t = loaded("t.msgpack");
	ck_assert(!t->torn);
	ck_assert_uint_eq(t->warnings_count, 1);
	ck_assert_uint_eq(t->windows_count, 1);
	trace_free(t);
	builder_end(&w);
}
END_TEST

START_TEST(a_joined_side_file_goes_into_the_trace)
{
	struct failure failure = {0};
	struct builder w = warning(), side;
	build_open();
	builder_begin(&side);
	builder_open(&side, BUILDER_RUN, b.bytes.size);
	builder_window(&side, 1, 200, 1);
	builder_key_list(&side, "cells", LIST(1, 1, 7));
	save("t.msgpack", b.bytes.data, b.bytes.size);
	save("t.msgpack.open", side.bytes.data, side.bytes.size);
	struct trace *t = loaded("t.msgpack");
	ck_assert(t->joined);
	ck_assert(trace_append(t, w.bytes.data, w.bytes.size, &failure));
	trace_free(t);
	ck_assert_int_eq(size_of("t.msgpack.open"), -1);
	t = loaded("t.msgpack");
	ck_assert(!t->joined);
	ck_assert_uint_eq(t->windows_count, 2);
	ck_assert_int_eq(trace_cell_field(&t->cells[1], TRACE_CELL_ALLOCATIONS), 12);
	ck_assert_uint_eq(t->warnings_count, 1);
	trace_free(t);
	builder_end(&side);
	builder_end(&w);
}
END_TEST

START_TEST(nothing_is_added_where_it_might_do_harm)
{
	struct failure failure = {0};
	struct builder w = warning();
	build_open();
	save("t.msgpack", b.bytes.data, b.bytes.size);
	struct trace *t = loaded("t.msgpack");
	/* another process holds the trace */
	int fd = open("t.msgpack", O_RDONLY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert(!trace_append(t, w.bytes.data, w.bytes.size, &failure));
	ck_assert_int_eq(failure.code, EXIT_TRACE);
	close(fd);
	/* it has grown since it was read */
	save("t.msgpack", b.bytes.data, b.bytes.size - 1);
	ck_assert(!trace_append(t, w.bytes.data, w.bytes.size, &failure));
	ck_assert_int_eq(size_of("t.msgpack"), (off_t)b.bytes.size - 1);
	trace_free(t);
	/* it is damaged */
	msgpack_sbuffer_write(&b.bytes, "\xc1", 1);
	save("t.msgpack", b.bytes.data, b.bytes.size);
	t = loaded("t.msgpack");
	ck_assert(!trace_append(t, w.bytes.data, w.bytes.size, &failure));
	ck_assert_int_eq(size_of("t.msgpack"), (off_t)b.bytes.size);
	trace_free(t);
	builder_end(&w);
}
END_TEST

/* ---- symbols ----------------------------------------------------------------------------- */

/* Resolves what the trace lacks and adds it; returns the number of frames that got names. */
static size_t symbolize_with(struct symbols *symbols, const char *path)
{
	struct failure failure = {0};
	struct trace *t = loaded(path);
	struct code code;
	msgpack_sbuffer records;
	msgpack_sbuffer_init(&records);
	code_build(&code, t, symbols);
	size_t frames = symbolize_pack(&code, &records);
	if (records.size)
		ck_assert_msg(trace_append(t, records.data, records.size, &failure), "%s",
		              failure.message);
	msgpack_sbuffer_destroy(&records);
	code_free(&code);
	trace_free(t);
	return frames;
}

static size_t symbolize(const char *path)
{
	struct symbols *symbols = symbols_open();
	size_t frames = symbolize_with(symbols, path);
	symbols_close(symbols);
	return frames;
}

/* A function whose address the trace names; the test program has its own debug information. */
__attribute__((noinline)) static int known_function(int x)
{
	return x * 3;
}

extern const char __executable_start[];

/* A trace of this program, of one frame: known_function's. */
static void save_trace_of_self(const char *path)
{
	char self[4096] = "";
	ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof(self) - 1), 0);
	const char *strings[] = {self};
	builder_header(&b, 1, 0);
	builder_strings(&b, 1, 1, strings);
	builder_module(&b, 1, 1);
	builder_bulk(&b, TRACE_FRAMES, 8,
	             LIST(1, (const char *)known_function - __executable_start));
	builder_finish(&b, 100);
	save(path, b.bytes.data, b.bytes.size);
}

START_TEST(one_resolver_serves_many_traces)
{
	static const char *const paths[] = {"a.msgpack", "b.msgpack", "c.msgpack"};
	struct symbols *symbols = symbols_open();
	save_trace_of_self(paths[0]);
	save(paths[1], b.bytes.data, b.bytes.size);
	save(paths[2], b.bytes.data, b.bytes.size);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(symbolize_with(symbols, paths[i]), 1);
	symbols_close(symbols);
	/* Each has its own names, and what became of the module. */
	for (size_t i = 0; i < 3; i++) {
		struct trace *t = loaded(paths[i]);
		struct code code;
		code_build(&code, t, NULL);
		ck_assert_uint_eq(code.frames[8].count, 1);
		ck_assert_str_eq(code.frames[8].functions[0].function, "known_function");
		ck_assert_int_eq(code.modules[1].state, TRACE_SYMBOLS_DEBUG);
		code_free(&code);
		trace_free(t);
	}
}
END_TEST

START_TEST(symbols_are_added_once)
{
	save_trace_of_self("t.msgpack");
	ck_assert_uint_eq(symbolize("t.msgpack"), 1);
	off_t size = size_of("t.msgpack");
	ck_assert_int_gt(size, (off_t)b.bytes.size);
	ck_assert_uint_eq(symbolize("t.msgpack"), 0);
	ck_assert_int_eq(size_of("t.msgpack"), size);
	struct trace *t = loaded("t.msgpack");
	ck_assert_str_eq(t->damage, "");
	ck_assert_int_ne(t->modules[1].state, TRACE_SYMBOLS_UNSEEN);
	ck_assert_uint_ge(t->frames[8].symbols_count, 1);
	ck_assert_str_eq(t->strings[t->frames[8].symbols[0].function], "known_function");
	trace_free(t);
	ck_assert_int_eq(known_function(2), 6);
}
END_TEST

START_TEST(a_file_that_is_gone_is_said_to_be_gone_once)
{
	const char *strings[] = {"/nowhere/at/all"};
	builder_header(&b, 1, 0);
	builder_strings(&b, 1, 1, strings);
	builder_module(&b, 1, 1);
	builder_bulk(&b, TRACE_FRAMES, 8, LIST(1, 100));
	builder_finish(&b, 100);
	save("t.msgpack", b.bytes.data, b.bytes.size);
	ck_assert_uint_eq(symbolize("t.msgpack"), 0);
	off_t size = size_of("t.msgpack");
	symbolize("t.msgpack");
	ck_assert_int_eq(size_of("t.msgpack"), size);
	struct trace *t = loaded("t.msgpack");
	ck_assert_int_eq(t->modules[1].state, TRACE_SYMBOLS_GONE);
	trace_free(t);
}
END_TEST

/* ---- which file -------------------------------------------------------------------------- */

static void expect_located(const char *argument, const char *path)
{
	struct failure failure = {0};
	char *found = trace_locate(argument, &failure);
	ck_assert_msg(found != NULL, "%s", failure.message);
	ck_assert_str_eq(found, path);
	free(found);
}

START_TEST(of_a_directory_the_simulation_is_read)
{
	struct failure failure = {0};
	struct builder small;
	ck_assert_int_eq(mkdir("run", 0777), 0);
	ck_assert_ptr_null(trace_locate("run", &failure));
	ck_assert_int_eq(failure.code, EXIT_TRACE);
	ck_assert_ptr_null(trace_locate("nowhere", &failure));
	/* most steps first, then size */
	builder_begin(&small);
	builder_header(&small, 1, 0);
	save("run/a.msgpack", small.bytes.data, small.bytes.size);
	expect_located("run", "run/a.msgpack");
	msgpack_sbuffer_write(&small.bytes, "\xc0", 1);
	save("run/b.msgpack", small.bytes.data, small.bytes.size);
	expect_located("run/", "run/b.msgpack");
	builder_sample(&b);
	save("run/c.msgpack", b.bytes.data, b.bytes.size);
	char zeros[20000] = {0};
	save("run/d.msgpack", zeros, sizeof(zeros));
	expect_located("run", "run/c.msgpack");
	save("run/trace.msgpack", small.bytes.data, small.bytes.size);
	expect_located("run", "run/trace.msgpack");
	builder_end(&small);
}
END_TEST

/* ---- output ------------------------------------------------------------------------------ */

static void expect_content(const char *path, const char *content)
{
	char bytes[64] = "";
	FILE *file = fopen(path, "rb");
	ck_assert_ptr_nonnull(file);
	bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
	fclose(file);
	ck_assert_str_eq(bytes, content);
}

START_TEST(output_replaces_a_file_whole_or_not_at_all)
{
	struct failure failure = {0};
	struct text text = {0};
	struct stat status;
	text_string(&text, "new");
	save("out", "old", 3);
	ck_assert_int_eq(chmod("out", 0640), 0);
	ck_assert_int_eq(symlink("out", "link"), 0);
	ck_assert(text_write(&text, "link", &failure));
	expect_content("out", "new");
	ck_assert_int_eq(lstat("link", &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	ck_assert_int_eq(stat("out", &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0640);
	ck_assert(text_write(&text, "fresh", &failure));
	expect_content("fresh", "new");
	ck_assert(!text_write(&text, "no/such/directory", &failure));
	ck_assert_int_eq(failure.code, EXIT_USAGE);
	ck_assert(!text_write(&text, "/dev/full", &failure));
	ck_assert(!text_write(&text, directory, &failure));
	text_free(&text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer: files");
	TCase *tests = tcase_create("files");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_torn_tail_is_cut_before_records_are_added);
	tcase_add_test(tests, a_joined_side_file_goes_into_the_trace);
	tcase_add_test(tests, nothing_is_added_where_it_might_do_harm);
	tcase_add_test(tests, one_resolver_serves_many_traces);
	tcase_add_test(tests, symbols_are_added_once);
	tcase_add_test(tests, a_file_that_is_gone_is_said_to_be_gone_once);
	tcase_add_test(tests, of_a_directory_the_simulation_is_read);
	tcase_add_test(tests, output_replaces_a_file_whole_or_not_at_all);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

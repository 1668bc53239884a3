/* symbols_fixture.h: compiling the fixtures of tests/victims/symbols, and holding a resolver
 * against what they say of themselves (see seen.h there).
 */
#ifndef SYMBOLS_FIXTURE_H
#define SYMBOLS_FIXTURE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/elf_image.h"
#include "symbols/symbols.h"

#define FRAMES_MAX 32

static char fixture_directory[512];

/* The path of `name` in the test's own directory; good until the fourth call after. */
__attribute__((unused)) static const char *made(const char *name)
{
	static char paths[4][1024];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", fixture_directory, name);
	return path;
}

__attribute__((unused)) static const char *fixture_source(const char *name)
{
	static char path[1024];
	const char *root = getenv("MEMPROF_SOURCE");

	snprintf(path, sizeof path, "%s/tests/victims/symbols/%s", root ? root : ".", name);
	return path;
}

/* Runs a shell command in the test's directory; it must succeed. */
__attribute__((unused, format(printf, 1, 2))) static void shell(const char *format, ...)
{
	char command[4096], whole[5120];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	snprintf(whole, sizeof whole, "cd %s && %s", fixture_directory, command);
	ck_assert_msg(system(whole) == 0, "failed: %s", whole);
}

/* Builds the fixture `source` into the file `name` with this compiler and these options. */
__attribute__((unused)) static void build(const char *name, const char *compiler,
                                          const char *options, const char *source)
{
	shell("%s %s -o %s %s", compiler, options, name, fixture_source(source));
}

static void make_directory(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(fixture_directory, sizeof fixture_directory, "%s/symbols.XXXXXX",
	         parent ? parent : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(fixture_directory));
}

static void remove_directory(void)
{
	shell("rm -rf %s", fixture_directory);
}

/* ---- what a fixture expects ---------------------------------------------------------------- */

static void print_frames(const struct symbol_frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "  %s|%u|%u %s\n", frames[i].function ? frames[i].function : "?",
		        frames[i].line, frames[i].function_line,
		        frames[i].file ? frames[i].file : "?");
}

/* One expected frame, "function|line|function line" (0: any). */
static void check_frame(const struct symbol_frame *frame, const char *expected, const char *source)
{
	char function[256];
	unsigned line, function_line;

	ck_assert_int_eq(sscanf(expected, "%255[^|]|%u|%u", function, &line, &function_line), 3);
	ck_assert_ptr_nonnull(frame->function);
	ck_assert_str_eq(frame->function, function);
	ck_assert_uint_eq(frame->line, line);
	if (function_line)
		ck_assert_uint_eq(frame->function_line, function_line);
	ck_assert_ptr_nonnull(frame->file);
	ck_assert_str_eq(frame->file, source);
}

static void check_frames(struct symbols *symbols, int module, uint64_t address, char *expected,
                         const char *source)
{
	struct symbol_frame frames[FRAMES_MAX];
	size_t count = symbols_resolve(symbols, module, address, frames, FRAMES_MAX), at = 0;

	fprintf(stderr, "%#lx: %s\n", (unsigned long)address, expected);
	print_frames(frames, count);
	for (char *rest = expected, *one; (one = strsep(&rest, "\t")); at++) {
		ck_assert_uint_lt(at, count);
		check_frame(&frames[at], one, source);
	}
	ck_assert_uint_eq(at, count);
}

/* The first frame outside of the system's headers, over a stack of addresses, is the call-site. */
static void check_call_site(struct symbols *symbols, int module, char *expected, const char *source)
{
	unsigned line = (unsigned)strtoul(strsep(&expected, "\t"), NULL, 10);

	for (char *one; (one = strsep(&expected, "\t"));) {
		struct symbol_frame frames[FRAMES_MAX];
		size_t count = symbols_resolve(symbols, module, strtoull(one, NULL, 16) - 1, frames,
		                               FRAMES_MAX);

		for (size_t i = 0; i < count; i++) {
			ck_assert_ptr_nonnull(frames[i].file);
			if (strncmp(frames[i].file, "/usr/include/", 13) == 0 ||
			    strncmp(frames[i].file, "/usr/lib/", 9) == 0 ||
			    strcmp(frames[i].function, "operator new") == 0)
				continue;
			print_frames(frames, count);
			ck_assert_str_eq(frames[i].function, "grow");
			ck_assert_uint_eq(frames[i].line, line);
			ck_assert_str_eq(frames[i].file, source);
			return;
		}
	}
	ck_abort_msg("no call-site");
}

/* Runs the fixture `program` and checks every line that it prints against the module. */
__attribute__((unused)) static void check_against(struct symbols *symbols, int module,
                                                  const char *program, const char *source)
{
	FILE *output = popen(program, "r");
	char line[4096];
	int checked = 0;

	ck_assert_ptr_nonnull(output);
	while (fgets(line, sizeof line, output)) {
		char *expected = line;
		const char *first;

		line[strcspn(line, "\n")] = '\0';
		first = strsep(&expected, "\t");
		if (strcmp(first, "stack") == 0)
			check_call_site(symbols, module, expected, source);
		else
			check_frames(symbols, module, strtoull(first, NULL, 16) - 1, expected,
			             source);
		checked++;
	}
	ck_assert_int_eq(pclose(output), 0);
	ck_assert_int_gt(checked, 3);
}

/* The build-id of a file that was made. */
__attribute__((unused)) static struct build_id id_of(const char *path)
{
	struct elf_image image;
	struct build_id id;

	ck_assert(elf_image_open(&image, path));
	id = image.id;
	elf_image_close(&image);
	return id;
}

static int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif

/* symbols_kept.c: what is known without the file that ran: from the cache of an earlier look, and
 * from the maps that interpreters write for perf. */
#include "symbols_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "symbols/perf_map.h"
#include "symbols/symbol_cache.h"

static const char SOURCE[] = "static int inner(int a) { return a * 3; }\n"
                             "int outer(int a) { return inner(a) + 1; }\n"
                             "int other(int a) { return a - 1; }\n"
                             "int main(int c, char **v) { (void)v; return outer(c) + other(c); }\n";

static struct build_id id;

static void set_up(void)
{
	struct elf_image image;

	make_directory();
	FILE *file = fopen(made("p.c"), "w");
	ck_assert_int_eq(fputs(SOURCE, file) < 0, 0);
	fclose(file);
	shell("gcc -g -O1 -fno-ipa-icf -Wl,--build-id p.c -o p");
	ck_assert(elf_image_open(&image, made("p")));
	id = image.id;
	elf_image_close(&image);
}

static uint64_t address_of(const char *symbol)
{
	char command[2048], line[256] = "";

	snprintf(command, sizeof command, "nm %s | grep ' %s$'", made("p"), symbol);
	FILE *output = popen(command, "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof line, output));
	pclose(output);
	return strtoull(line, NULL, 16);
}

/* What a resolver says of each address of a module's code: one string. */
static char *all_answers(const char *path, const char *cache, uint64_t low, uint64_t high)
{
	struct symbols *symbols = symbols_open();
	struct symbol_frame frames[FRAMES_MAX];
	char *answers;
	size_t size;
	FILE *out = open_memstream(&answers, &size);

	symbols_cache(symbols, cache);
	int module = symbols_module(symbols, path, id.bytes, id.length, NULL);
	for (uint64_t address = low; address < high; address++) {
		size_t count = symbols_resolve(symbols, module, address, frames, FRAMES_MAX);
		fprintf(out, "%lx:", (unsigned long)address);
		for (size_t i = 0; i < count; i++)
			fprintf(out, " %s %s:%u %u", frames[i].function, frames[i].file,
			        frames[i].line, frames[i].function_line);
		fputc('\n', out);
	}
	symbols_close(symbols);
	fclose(out);
	return answers;
}

/* Where the code of the program made last lies. */
static void code_of(const char *path, uint64_t *low, uint64_t *high)
{
	struct elf_image image;

	ck_assert(elf_image_open(&image, path));
	id = image.id;
	elf_image_code_span(&image, low, high);
	elf_image_close(&image);
}

/* Asks a new resolver with the cache for an address; expects a name, or that nothing is known. */
static void check(const char *path, enum symbols_state state, uint64_t address, const char *name)
{
	struct symbols *symbols = symbols_open();
	struct symbol_module_info info;
	struct symbol_frame frames[8];

	symbols_cache(symbols, made("cache"));
	int module = symbols_module(symbols, path, id.bytes, id.length, &info);
	ck_assert_int_eq(info.state, state);
	size_t count = symbols_resolve(symbols, module, address, frames, 8);
	ck_assert_uint_eq(count, name ? 1 : 0);
	if (name) {
		ck_assert_str_eq(frames[0].function, name);
		ck_assert_str_eq(strrchr(frames[0].file, '/'), "/p.c");
		ck_assert_uint_gt(frames[0].line, 0);
	}
	symbols_close(symbols);
}

START_TEST(what_was_found_once_is_known_without_the_file)
{
	uint64_t other = address_of("other"), unasked = address_of("main");
	check(made("p"), SYMBOLS_DEBUG, other, "other");
	shell("rm p");
	check(made("p"), SYMBOLS_DEBUG, other, "other");
	check(made("p"), SYMBOLS_DEBUG, other + 1, "other");
	check(made("p"), SYMBOLS_DEBUG, unasked, "main");
}
END_TEST

static const char *const builds[] = {
        "gcc -g -O2 -Wl,--build-id",         "g++ -g -O2 -Wl,--build-id",
        "gcc -g -O0 -Wl,--build-id -no-pie", "gcc -g -O2 -gdwarf-4 -gz -Wl,--build-id",
        "clang -g -O2 -Wl,--build-id",
};

static const char MIXED[] =
        "#ifdef __cplusplus\n"
        "#include <vector>\n"
        "namespace space { struct Agent { std::vector<int> seen; int look(int a)\n"
        "	{ for (int i = 0; i < a; i++) seen.push_back(i);\n"
        "	auto add = [this](int x) { return x + (int)seen.size(); };\n"
        "	return add(a); } }; }\n"
        "int cxx(int a) { space::Agent agent; return agent.look(a); }\n"
        "#else\n"
        "int cxx(int a) { return a; }\n"
        "#endif\n"
        "__asm__(\".text\\n.globl bare\\n.type bare,@function\\nbare: nop\\nnop\\nret\\n\"\n"
        "        \".size bare,.-bare\\n\");\n"
        "static inline int innermost(int a) { return a * 3 + (a >> 2); }\n"
        "static inline int inner(int a) { return innermost(a) ^ innermost(a + 7); }\n"
        "int outer(int a) { for (int i = 0; i < a; i++) a += inner(i); return a; }\n"
        "int main(int c, char **v) { (void)v; if (c > 99) __builtin_abort();\n"
        "	return outer(c) + cxx(c); }\n";

/* One address is asked for; from then on the cache answers for all others as the file does. */
START_TEST(kept_ranges_say_what_the_file_says)
{
	uint64_t low, high;

	FILE *file = fopen(made("mixed.c"), "w");
	ck_assert_int_ge(fputs(MIXED, file), 0);
	fclose(file);
	shell("%s mixed.c -o p", builds[_i]);
	code_of(made("p"), &low, &high);
	char *truth = all_answers(made("p"), NULL, low, high);
	char *first =
	        all_answers(made("p"), made("cache"), address_of("main"), address_of("main") + 1);
	char *cached = all_answers(made("p"), made("cache"), low, high);
	ck_assert_str_eq(cached, truth);
	free(cached);
	/* Now what lies between functions was asked for, too. */
	shell("rm p");
	cached = all_answers(made("p"), made("cache"), low, high);
	ck_assert_str_eq(cached, truth);
	free(cached);
	free(first);
	free(truth);
}
END_TEST

/* Of a large module the functions asked about are kept, and all of it once it is met again. */
START_TEST(large_modules_are_kept_by_function)
{
	FILE *file = fopen(made("large.c"), "w");
	fputs("int other(int a) { return a + 1; }\nint main(void) { return other(1); }\n", file);
	fputs("#define F(n) int f##n(int a) { __asm__(\".fill 4096,1,0x90\"); return a; }\n", file);
	for (int i = 0; i < 80; i++)
		fprintf(file, "F(%d)\n", i);
	fclose(file);
	shell("gcc -g -O1 -Wl,--build-id -x c large.c -o p && cp p kept && mv large.c p.c");
	uint64_t low, high, other = address_of("other"), f1 = address_of("f1");
	code_of(made("p"), &low, &high);
	char *answer = all_answers(made("p"), made("cache"), other, other + 1);
	shell("rm p");
	char *within = all_answers(made("p"), made("cache"), other, other + 2);
	char *unasked = all_answers(made("p"), made("cache"), f1, f1 + 1);
	ck_assert_ptr_nonnull(strstr(strchr(within, '\n'), " other "));
	ck_assert_ptr_null(strstr(unasked, "f1 "));
	free(answer);
	free(within);
	free(unasked);
	shell("cp kept p");
	answer = all_answers(made("p"), made("cache"), f1, f1 + 1);
	ck_assert_ptr_nonnull(strstr(answer, "f1 "));
	free(answer);
	uint64_t f70 = address_of("f70");
	shell("rm p");
	answer = all_answers(made("p"), made("cache"), f70, f70 + 1);
	ck_assert_ptr_nonnull(strstr(answer, "f70 "));
	free(answer);
}
END_TEST

START_TEST(a_program_built_anew_is_not_answered_from_the_old_cache)
{
	uint64_t other = address_of("other");
	check(made("p"), SYMBOLS_DEBUG, other, "other");
	shell("sed -i s/other/newer/g p.c && gcc -g -O1 -fno-ipa-icf -Wl,--build-id p.c -o p");
	struct elf_image image;
	ck_assert(elf_image_open(&image, made("p")));
	id = image.id;
	elf_image_close(&image);
	check(made("p"), SYMBOLS_DEBUG, address_of("newer"), "newer");
	shell("[ $(ls cache | wc -l) = 2 ]");
}
END_TEST

static const char *kept_path(void)
{
	static char path[2048];
	int length = snprintf(path, sizeof path, "%s/cache/", fixture_directory);
	for (size_t i = 0; i < id.length; i++)
		length += snprintf(path + length, 3, "%02x", id.bytes[i]);
	return path;
}

/* Several at once: each replaces the file as a whole, so that any of them is a good one. */
START_TEST(writers_at_once_leave_a_file_that_is_whole)
{
	uint64_t other = address_of("other");
	for (int i = 0; i < 8; i++) {
		if (fork() != 0)
			continue;
		for (int j = 0; j < 20; j++) {
			struct symbols *symbols = symbols_open();
			struct symbol_frame frames[8];
			symbols_cache(symbols, made("cache"));
			int module = symbols_module(symbols, made("p"), id.bytes, id.length, NULL);
			if (symbols_resolve(symbols, module, other, frames, 8) != 1 ||
			    strcmp(frames[0].function, "other") != 0)
				_exit(1);
			symbols_close(symbols);
			/* So that there is something to write again. */
			if (j % 3 == i % 3 && unlink(kept_path()) != 0 && errno != ENOENT)
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0, status; i < 8; i++) {
		ck_assert_int_ge(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	check(made("p"), SYMBOLS_DEBUG, other, "other");
	shell("rm p && [ $(ls cache | wc -l) = 1 ]");
	check(made("p"), SYMBOLS_DEBUG, other, "other");
}
END_TEST

START_TEST(more_is_added_to_what_is_kept)
{
	check(made("p"), SYMBOLS_DEBUG, address_of("other"), "other");
	uint64_t outer = address_of("other"), more = address_of("main");
	check(made("p"), SYMBOLS_DEBUG, more, "main");
	shell("rm p");
	check(made("p"), SYMBOLS_DEBUG, outer, "other");
	check(made("p"), SYMBOLS_DEBUG, more, "main");
}
END_TEST

START_TEST(another_build_is_not_taken_for_it)
{
	uint64_t outer = address_of("other");
	check(made("p"), SYMBOLS_DEBUG, outer, "other");
	id.bytes[3] ^= 1;
	check(made("p"), SYMBOLS_CHANGED, outer, NULL);
}
END_TEST

START_TEST(names_without_debug_information_are_not_kept)
{
	shell("strip -g p");
	struct symbols *symbols = symbols_open();
	struct symbol_module_info info;
	struct symbol_frame frame;
	uint64_t other = address_of("other");

	symbols_cache(symbols, made("cache"));
	int module = symbols_module(symbols, made("p"), id.bytes, id.length, &info);
	ck_assert_uint_eq(symbols_resolve(symbols, module, other, &frame, 1), 1);
	symbols_close(symbols);
	shell("[ ! -d cache ] || [ -z \"$(ls cache)\" ]");
}
END_TEST

/* Each byte in turn is damaged; what is said stays right, and nothing is read out of bounds. */
START_TEST(a_damaged_cache_is_as_none)
{
	uint64_t outer = address_of("other");
	char path[2048], byte;
	check(made("p"), SYMBOLS_DEBUG, outer, "other");
	snprintf(path, sizeof path, "%s/cache", fixture_directory);
	struct symbol_cache *cache = symbol_cache_open(path, &id);
	struct symbol_module_info info;
	ck_assert(symbol_cache_has_module(cache, &info));
	symbol_cache_close(cache, &info);
	shell("cp cache/* kept");
	struct stat status;
	ck_assert_int_eq(stat(made("kept"), &status), 0);
	for (off_t at = 0; at < status.st_size; at += 7) {
		shell("cp kept cache/$(ls cache)");
		shell("ls cache > name");
		FILE *names = fopen(made("name"), "r");
		char name[256];
		ck_assert_int_eq(fscanf(names, "%255s", name), 1);
		fclose(names);
		snprintf(path, sizeof path, "%s/cache/%s", fixture_directory, name);
		int fd = open(path, O_RDWR);
		ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
		byte ^= 0x41;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		close(fd);
		check(made("p"), SYMBOLS_DEBUG, outer, "other");
	}
	shell("f=cache/$(ls cache); head -c 50 kept >$f");
	check(made("p"), SYMBOLS_DEBUG, outer, "other");
	/* What was damaged has been written anew. */
	shell("cmp kept cache/$(ls cache)");
}
END_TEST

START_TEST(a_cache_that_cannot_be_written_does_no_harm)
{
	shell("touch cache");
	check(made("p"), SYMBOLS_DEBUG, address_of("other"), "other");
	shell("[ -f cache ]");
}
END_TEST

/* ---- maps --------------------------------------------------------------------------------- */

static const char MAP[] = "7f0000001000 40 py::step:/home/me/sim.py\n"
                          "7f0000001040 40 JS:*observe file:///home/me/sim.js:12:34\n"
                          "7f0000001080 40 LazyCompile:~decide /home/me/sim.js:20:1\n"
                          "7f00000010c0 40 Builtin:ArrayPush\n"
                          "7f0000001100 40 JS:^ /home/me/sim.js:3:9\n"
                          "nonsense\n"
                          "7f0000001000 40 py::later:/home/me/sim.py\n"
                          "7f0000002000 0 empty\n"
                          "ffffffffffffff00 fff wraps\n"
                          "7f0000003000 10 ";

static struct perf_map *map_of(int64_t since, int64_t until)
{
	FILE *file = fopen(made("map"), "w");
	ck_assert_int_ge(fputs(MAP, file), 0);
	fclose(file);
	return perf_map_read(made("map"), since, until);
}

static void check_made(const struct perf_map *map, uint64_t address, const char *function,
                       const char *file, unsigned line)
{
	struct symbol_frame frame;
	ck_assert(perf_map_find(map, address, &frame));
	ck_assert_str_eq(frame.function, function);
	ck_assert_str_eq(frame.file ? frame.file : "", file);
	ck_assert_uint_eq(frame.function_line, line);
}

START_TEST(a_perf_map_names_code_made_at_run_time)
{
	struct symbol_frame frame;
	struct perf_map *map = map_of(0, INT64_MAX);
	ck_assert_ptr_nonnull(map);
	check_made(map, 0x7f0000001000, "later", "/home/me/sim.py", 0);
	check_made(map, 0x7f000000107f, "observe", "/home/me/sim.js", 12);
	check_made(map, 0x7f0000001080, "decide", "/home/me/sim.js", 20);
	check_made(map, 0x7f00000010d0, "Builtin:ArrayPush", "", 0);
	check_made(map, 0x7f0000001100, "(anonymous)", "/home/me/sim.js", 3);
	ck_assert(!perf_map_find(map, 0x7f0000001140, &frame));
	ck_assert(!perf_map_find(map, 0x7f0000002000, &frame));
	perf_map_close(map);
}
END_TEST

START_TEST(a_map_of_another_time_is_another_processs)
{
	int64_t now = time(NULL);
	ck_assert_ptr_null(map_of(now + 100, INT64_MAX));
	ck_assert_ptr_null(map_of(0, now - 100));
	ck_assert_ptr_null(perf_map_read(made("no_such"), 0, INT64_MAX));
	ck_assert_ptr_null(perf_map_open(0, 0, INT64_MAX));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbols: kept");
	TCase *tests = tcase_create("kept");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, set_up, remove_directory);
	tcase_add_test(tests, what_was_found_once_is_known_without_the_file);
	tcase_add_loop_test(tests, kept_ranges_say_what_the_file_says, 0,
	                    sizeof builds / sizeof *builds);
	tcase_add_test(tests, large_modules_are_kept_by_function);
	tcase_add_test(tests, a_program_built_anew_is_not_answered_from_the_old_cache);
	tcase_add_test(tests, writers_at_once_leave_a_file_that_is_whole);
	tcase_add_test(tests, more_is_added_to_what_is_kept);
	tcase_add_test(tests, another_build_is_not_taken_for_it);
	tcase_add_test(tests, names_without_debug_information_are_not_kept);
	tcase_add_test(tests, a_damaged_cache_is_as_none);
	tcase_add_test(tests, a_cache_that_cannot_be_written_does_no_harm);
	suite_add_tcase(suite, tests);
	TCase *maps = tcase_create("maps");
	tcase_add_checked_fixture(maps, make_directory, remove_directory);
	tcase_add_test(maps, a_perf_map_names_code_made_at_run_time);
	tcase_add_test(maps, a_map_of_another_time_is_another_processs);
	suite_add_tcase(suite, maps);
	return run_suite(suite);
}

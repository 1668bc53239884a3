/* symbols_files.c: which file is read, and what is said where there is none: stripped, separated,
 * changed, gone, not ELF at all; names of linkage stubs, of packed tables, and of the vdso. */
#include "symbols_fixture.h"

#include <lzma.h>
#include <sys/auxv.h>
#include <sys/resource.h>

static struct symbols *symbols;

static void set_up(void)
{
	make_directory();
	symbols = symbols_open();
	symbols_debug_root(symbols, made("root"));
}

static void tear_down(void)
{
	symbols_close(symbols);
	remove_directory();
}

static int add(const char *path, const struct build_id *id, enum symbols_state state)
{
	struct symbol_module_info info;
	int module =
	        symbols_module(symbols, path, id ? id->bytes : NULL, id ? id->length : 0, &info);

	ck_assert_int_ge(module, 0);
	ck_assert_int_eq(info.state, state);
	ck_assert_ptr_nonnull(info.producer);
	return module;
}

/* The file's own address of a symbol, from nm. */
static uint64_t address_of(const char *name, const char *symbol)
{
	char command[2048], line[256] = "";
	FILE *output;

	snprintf(command, sizeof command, "nm %s | grep ' %s$'", made(name), symbol);
	output = popen(command, "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof line, output));
	pclose(output);
	return strtoull(line, NULL, 16);
}

static void check_name(int module, uint64_t address, const char *name)
{
	struct symbol_frame frame;

	ck_assert_uint_eq(symbols_resolve(symbols, module, address, &frame, 1), 1);
	ck_assert_str_eq(frame.function, name);
	ck_assert_ptr_null(frame.file);
	ck_assert_uint_eq(frame.line, 0);
	ck_assert_uint_eq(frame.function_line, 0);
}

static void check_unknown(int module, uint64_t address)
{
	struct symbol_frame frame;

	ck_assert_uint_eq(symbols_resolve(symbols, module, address, &frame, 1), 0);
}

/* Puts the debug information of `name` where its build-id is looked for. */
static void install_debug_file(const char *name)
{
	struct build_id id = id_of(made(name));
	char hex[2 * BUILD_ID_MAX + 1];

	for (size_t i = 0; i < id.length; i++)
		sprintf(hex + 2 * i, "%02x", id.bytes[i]);
	shell("mkdir -p root/.build-id/%.2s && objcopy --only-keep-debug %s "
	      "root/.build-id/%.2s/%s.debug",
	      hex, name, hex, hex + 2);
}

START_TEST(without_debug_information_there_are_names)
{
	int module;

	build("plain", "gcc", "-O2 -g0", "chain.c");
	module = add(made("plain"), NULL, SYMBOLS_SYMTAB);
	check_name(module, address_of("plain", "plain") + 1, "plain");
	check_name(module, address_of("plain", "hidden") + 1, "hidden");
	check_name(module, address_of("plain", "main") + 1, "main");
	check_name(module, address_of("plain", "_start") + 8, "_start");
	check_unknown(module, 0);
	check_unknown(module, UINT64_MAX);
}
END_TEST

START_TEST(names_of_cxx_are_demangled_without_parameters)
{
	int module;

	build("plain", "g++", "-O2 -g0", "chain.cc");
	module = add(made("plain"), NULL, SYMBOLS_SYMTAB);
	check_name(module, address_of("plain", "_ZNK5world5Agent7observeEi") + 1,
	           "world::Agent::observe");
	check_name(module, address_of("plain", "_Znwm") + 1, "operator new");
}
END_TEST

START_TEST(a_stripped_file_has_its_dynamic_names)
{
	uint64_t plain, hidden;
	int module;

	build("program", "gcc", "-O2 -g -rdynamic", "chain.c");
	plain = address_of("program", "plain");
	hidden = address_of("program", "hidden");
	shell("strip program");
	module = add(made("program"), NULL, SYMBOLS_SYMTAB);
	check_name(module, plain + 1, "plain");
	check_unknown(module, hidden + 1);
}
END_TEST

START_TEST(a_stripped_file_without_names_has_none)
{
	uint64_t plain;

	build("program", "gcc", "-O2 -g", "chain.c");
	plain = address_of("program", "plain");
	shell("strip program");
	check_unknown(add(made("program"), NULL, SYMBOLS_NONE), plain + 1);
}
END_TEST

START_TEST(stubs_are_named_after_what_they_call)
{
	static const char *const options[] = {"-O2 -g", "-O2 -g -fcf-protection", "-O2 -g -no-pie",
	                                      "-O2 -g -Wl,-z,now", "-O2 -g -fuse-ld=lld"};
	char command[2048], line[256] = "";
	struct symbol_frame frame;
	uint64_t stub;
	FILE *output;
	int module;

	build("program", "gcc", options[_i], "chain.c");
	/* The call of dl_iterate_phdr goes to its stub. */
	snprintf(command, sizeof command,
	         "objdump -d --no-show-raw-insn %s | sed -n 's/.*call *\\([0-9a-f]*\\) "
	         "<dl_iterate_phdr@plt>.*/\\1/p' | head -1",
	         made("program"));
	output = popen(command, "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof line, output));
	pclose(output);
	stub = strtoull(line, NULL, 16);
	module = add(made("program"), NULL, SYMBOLS_DEBUG);
	ck_assert_uint_eq(symbols_resolve(symbols, module, stub, &frame, 1), 1);
	ck_assert_str_eq(frame.function, "dl_iterate_phdr@plt");
}
END_TEST

START_TEST(a_debug_file_is_found_by_build_id)
{
	struct build_id id;

	build("program", "gcc", "-O2 -g", "chain.c");
	id = id_of(made("program"));
	install_debug_file("program");
	shell("strip program");
	check_against(symbols, add(made("program"), &id, SYMBOLS_DEBUG), made("program"),
	              fixture_source("chain.c"));
}
END_TEST

START_TEST(a_debug_file_is_found_by_its_link)
{
	static const char *const places[] = {".", ".debug", "root$PWD"};

	build("program", "gcc", "-O2 -g -Wl,--build-id=none", "chain.c");
	shell("objcopy --only-keep-debug program linked.debug && strip program && "
	      "objcopy --add-gnu-debuglink=linked.debug program && "
	      "mkdir -p %s && { [ %s = . ] || mv linked.debug %s; }",
	      places[_i], places[_i], places[_i]);
	check_against(symbols, add(made("program"), NULL, SYMBOLS_DEBUG), made("program"),
	              fixture_source("chain.c"));
}
END_TEST

START_TEST(a_linked_file_with_another_sum_is_not_taken)
{
	build("program", "gcc", "-O2 -g -Wl,--build-id=none", "chain.c");
	shell("objcopy --only-keep-debug program linked.debug && strip program && "
	      "objcopy --add-gnu-debuglink=linked.debug program && printf x >> linked.debug");
	add(made("program"), NULL, SYMBOLS_NONE);
}
END_TEST

START_TEST(a_linked_file_of_another_build_is_not_taken)
{
	build("program", "gcc", "-O2 -g", "chain.c");
	build("other", "gcc", "-O1 -g", "chain.c");
	shell("objcopy --only-keep-debug other linked.debug && strip program && "
	      "objcopy --add-gnu-debuglink=linked.debug program");
	add(made("program"), NULL, SYMBOLS_NONE);
}
END_TEST

START_TEST(a_changed_file_gives_no_names)
{
	struct build_id id;
	uint64_t plain;

	build("program", "gcc", "-O2 -g", "chain.c");
	id = id_of(made("program"));
	build("program", "gcc", "-O1 -g", "chain.c");
	plain = address_of("program", "plain");
	check_unknown(add(made("program"), &id, SYMBOLS_CHANGED), plain + 1);
}
END_TEST

START_TEST(a_file_without_build_id_where_one_was_is_changed)
{
	struct build_id id;

	build("program", "gcc", "-O2 -g", "chain.c");
	id = id_of(made("program"));
	build("program", "gcc", "-O2 -g -Wl,--build-id=none", "chain.c");
	add(made("program"), &id, SYMBOLS_CHANGED);
}
END_TEST

START_TEST(a_changed_or_missing_file_is_replaced_by_its_debug_file)
{
	struct build_id id;

	build("program", "gcc", "-O2 -g", "chain.c");
	id = id_of(made("program"));
	install_debug_file("program");
	shell("mv program original");
	if (_i == 0)
		build("program", "gcc", "-O1 -g", "chain.c");
	check_against(symbols, add(made("program"), &id, SYMBOLS_DEBUG), made("original"),
	              fixture_source("chain.c"));
}
END_TEST

START_TEST(what_cannot_be_read_is_gone)
{
	struct symbol_module_info info;
	struct build_id id = {{1, 2, 3, 4}, 4};

	shell("mkdir directory && mkfifo fifo && : > empty && echo text > text && "
	      "printf '\\177ELF' > head && ln -s loop loop");
	check_unknown(add(made("missing"), NULL, SYMBOLS_GONE), 0x1000);
	add(made("directory"), NULL, SYMBOLS_GONE);
	add(made("fifo"), NULL, SYMBOLS_GONE);
	add(made("empty"), NULL, SYMBOLS_GONE);
	add(made("text"), NULL, SYMBOLS_GONE);
	add(made("head"), NULL, SYMBOLS_GONE);
	add(made("loop"), NULL, SYMBOLS_GONE);
	add("", NULL, SYMBOLS_GONE);
	add(made("missing"), &id, SYMBOLS_GONE);
	ck_assert_int_ge(symbols_module(symbols, made("missing"), NULL, 0, &info), 0);
	ck_assert_int_eq(info.optimized, -1);
	ck_assert_str_eq(info.producer, "");
}
END_TEST

START_TEST(the_same_module_is_added_once)
{
	struct build_id id = {{1, 2, 3, 4}, 4};
	int first = symbols_module(symbols, "/a", NULL, 0, NULL);

	ck_assert_int_eq(symbols_module(symbols, "/a", NULL, 0, NULL), first);
	ck_assert_int_ne(symbols_module(symbols, "/a", id.bytes, id.length, NULL), first);
	ck_assert_int_ne(symbols_module(symbols, "/b", NULL, 0, NULL), first);
}
END_TEST

/* More modules than descriptors. */
START_TEST(modules_keep_no_descriptors)
{
	enum { MODULES = 100 };
	struct rlimit few = {MODULES / 2, MODULES / 2};
	int modules[MODULES];
	uint64_t plain;

	build("program", "gcc", "-O2 -g0", "chain.c");
	plain = address_of("program", "plain");
	shell("for i in $(seq 0 %d); do ln program copy$i; done", MODULES - 1);
	setrlimit(RLIMIT_NOFILE, &few);
	for (int i = 0; i < MODULES; i++) {
		char name[32];

		snprintf(name, sizeof name, "copy%d", i);
		modules[i] = add(made(name), NULL, SYMBOLS_SYMTAB);
	}
	for (int i = 0; i < MODULES; i++)
		check_name(modules[i], plain + 1, "plain");
}
END_TEST

/* Packs the file `table` into the section .gnu_debugdata of `program`. */
static void pack_into(const char *program, const char *table)
{
	static uint8_t plain[1 << 20], packed[1 << 20];
	FILE *file = fopen(made(table), "rb");
	size_t size = fread(plain, 1, sizeof plain, file), packed_size = 0;

	fclose(file);
	ck_assert_int_eq(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, plain, size, packed,
	                                         &packed_size, sizeof packed),
	                 LZMA_OK);
	file = fopen(made("packed.xz"), "wb");
	fwrite(packed, 1, packed_size, file);
	fclose(file);
	shell("objcopy --add-section .gnu_debugdata=packed.xz %s", program);
}

START_TEST(a_packed_table_gives_names)
{
	uint64_t hidden;

	build("program", "gcc", "-O2 -g", "chain.c");
	hidden = address_of("program", "hidden");
	shell("objcopy --only-keep-debug program table && strip -g table && strip program");
	pack_into("program", "table");
	check_name(add(made("program"), NULL, SYMBOLS_SYMTAB), hidden + 1, "hidden");
}
END_TEST

START_TEST(a_damaged_packed_table_gives_none)
{
	uint64_t hidden;

	build("program", "gcc", "-O2 -g", "chain.c");
	hidden = address_of("program", "hidden");
	shell("strip program && head -c 5000 /dev/urandom > noise && "
	      "objcopy --add-section .gnu_debugdata=noise program");
	check_unknown(add(made("program"), NULL, SYMBOLS_NONE), hidden + 1);
}
END_TEST

START_TEST(the_vdso_is_the_running_kernels)
{
	struct build_id none_such = {{1, 2, 3, 4}, 4};
	struct symbol_module_info info;
	int module;

	if (!getauxval(AT_SYSINFO_EHDR))
		return;
	module = symbols_module(symbols, "[vdso]", NULL, 0, &info);
	ck_assert(info.state == SYMBOLS_SYMTAB || info.state == SYMBOLS_DEBUG);
	check_unknown(module, 0);
	add("[vdso]", &none_such, SYMBOLS_CHANGED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbols_files");
	TCase *files = tcase_create("files");

	tcase_add_checked_fixture(files, set_up, tear_down);
	tcase_set_timeout(files, 60);
	tcase_add_test(files, without_debug_information_there_are_names);
	tcase_add_test(files, names_of_cxx_are_demangled_without_parameters);
	tcase_add_test(files, a_stripped_file_has_its_dynamic_names);
	tcase_add_test(files, a_stripped_file_without_names_has_none);
	tcase_add_loop_test(files, stubs_are_named_after_what_they_call, 0, 5);
	tcase_add_test(files, a_debug_file_is_found_by_build_id);
	tcase_add_loop_test(files, a_debug_file_is_found_by_its_link, 0, 3);
	tcase_add_test(files, a_linked_file_with_another_sum_is_not_taken);
	tcase_add_test(files, a_linked_file_of_another_build_is_not_taken);
	tcase_add_test(files, a_changed_file_gives_no_names);
	tcase_add_test(files, a_file_without_build_id_where_one_was_is_changed);
	tcase_add_loop_test(files, a_changed_or_missing_file_is_replaced_by_its_debug_file, 0, 2);
	tcase_add_test(files, what_cannot_be_read_is_gone);
	tcase_add_test(files, the_same_module_is_added_once);
	tcase_add_test(files, modules_keep_no_descriptors);
	tcase_add_test(files, a_packed_table_gives_names);
	tcase_add_test(files, a_damaged_packed_table_gives_none);
	tcase_add_test(files, the_vdso_is_the_running_kernels);
	suite_add_tcase(suite, files);
	return run_suite(suite);
}

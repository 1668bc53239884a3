/* symbols_chains.c: functions, lines and inlined frames are those that the fixtures expect, from
 * both compilers, at both ends of optimisation, in every form that debug information comes in. */
#include "symbols_fixture.h"

struct way {
	const char *compiler, *options, *source;
	int optimized; /* the verdict that is due */
};

static const struct way ways[] = {
        {"gcc", "-g -O0", "chain.c", 0},
        {"gcc", "-g -O2", "chain.c", 1},
        {"gcc", "-g -Og", "chain.c", 0},
        {"gcc", "-gdwarf-4 -O2", "chain.c", 1},
        {"gcc", "-gdwarf-5 -gz -O2", "chain.c", 1},
        {"gcc", "-g -O2 -no-pie", "chain.c", 1},
        {"gcc", "-g -O2 -flto -ffat-lto-objects", "chain.c", 1},
        {"gcc", "-g -O2 -ffunction-sections -Wl,--gc-sections", "chain.c", 1},
        {"gcc", "-gdwarf-4 -gsplit-dwarf -O2", "chain.c", 1},
        {"gcc", "-gdwarf-5 -gsplit-dwarf -O0", "chain.c", 0},
        {"gcc", "-g -gno-record-gcc-switches -O2", "chain.c", -1},
        {"clang", "-g -O0", "chain.c", -1},
        {"clang", "-g -O2", "chain.c", -1},
        {"clang", "-gdwarf-4 -O2 -grecord-command-line", "chain.c", 1},
        {"clang", "-gdwarf-5 -gz -O2 -no-pie", "chain.c", -1},
        {"clang", "-gdwarf-5 -gsplit-dwarf -O2", "chain.c", -1},
        {"clang", "-g -O2 -fuse-ld=lld", "chain.c", -1},
        {"g++", "-g -O0", "chain.cc", 0},
        {"g++", "-g -O2", "chain.cc", 1},
        {"g++", "-gdwarf-4 -O2", "chain.cc", 1},
        {"g++", "-g -O2 -flto", "chain.cc", 1},
        {"clang++", "-g -O0", "chain.cc", -1},
        {"clang++", "-g -O2", "chain.cc", -1},
        {"clang++", "-gdwarf-4 -O2", "chain.cc", -1},
};

START_TEST(every_frame_is_as_the_source_says)
{
	const struct way *way = &ways[_i];
	struct symbol_module_info info;
	struct symbols *symbols = symbols_open();
	struct build_id id;
	int module;

	fprintf(stderr, "%s %s %s\n", way->compiler, way->options, way->source);
	make_directory();
	build("program", way->compiler, way->options, way->source);
	id = id_of(made("program"));
	module = symbols_module(symbols, made("program"), id.bytes, id.length, &info);
	ck_assert_int_ge(module, 0);
	ck_assert_int_eq(info.state, SYMBOLS_DEBUG);
	ck_assert_int_eq(info.optimized, way->optimized);
	check_against(symbols, module, made("program"), fixture_source(way->source));
	symbols_close(symbols);
	remove_directory();
}
END_TEST

/* A chain that does not fit keeps its inner frames and the real function. */
START_TEST(a_long_chain_is_cut_in_the_middle)
{
	struct symbols *symbols = symbols_open();
	struct symbol_frame whole[FRAMES_MAX], cut[2];
	FILE *output;
	char line[4096];
	size_t longest = 0;
	int module;

	make_directory();
	build("program", "gcc", "-g -O2", "chain.c");
	module = symbols_module(symbols, made("program"), NULL, 0, NULL);
	output = popen(made("program"), "r");
	while (fgets(line, sizeof line, output)) {
		uint64_t address = strtoull(line, NULL, 16) - 1;
		size_t count = symbols_resolve(symbols, module, address, whole, FRAMES_MAX);

		ck_assert_uint_eq(symbols_resolve(symbols, module, address, cut, 0), 0);
		ck_assert_uint_eq(symbols_resolve(symbols, module, address, cut, 1), 1);
		ck_assert_str_eq(cut[0].function, whole[count - 1].function);
		ck_assert_uint_eq(symbols_resolve(symbols, module, address, cut, 2),
		                  count < 2 ? count : 2);
		ck_assert_str_eq(cut[0].function, whole[0].function);
		if (count >= 2)
			ck_assert_str_eq(cut[1].function, whole[count - 1].function);
		longest = count > longest ? count : longest;
	}
	pclose(output);
	ck_assert_uint_eq(longest, 3);
	symbols_close(symbols);
	remove_directory();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbols_chains");
	TCase *chains = tcase_create("chains");

	tcase_set_timeout(chains, 60);
	tcase_add_loop_test(chains, every_frame_is_as_the_source_says, 0,
	                    sizeof ways / sizeof ways[0]);
	tcase_add_test(chains, a_long_chain_is_cut_in_the_middle);
	suite_add_tcase(suite, chains);
	return run_suite(suite);
}

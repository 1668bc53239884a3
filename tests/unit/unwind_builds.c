/* unwind_builds.c: captures are right in code of gcc and clang, at any optimisation, with and
 * without frame pointers, stripped; in hand-written code; and when code comes and goes.
 *
 * Builds tests/victims/unwind/ at run time, loads it, and captures from within (unwind_oracle.h).
 */
#include "unwind_oracle.h"

#include <check.h>
#include <link.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef void (*runner)(void (*)(void));

static char built[256];

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);
	return value ? value : otherwise;
}

static void reset(void)
{
	oracle_checked = oracle_differed = 0;
	snprintf(built, sizeof built, "%s/unwind_shapes.%d.so", from_environment("TMPDIR", "/tmp"),
	         getpid());
}

static void remove_built(void)
{
	unlink(built);
}

static void expect_all_right(uint32_t at_least)
{
	ck_assert_uint_ge(oracle_checked, at_least);
	ck_assert_uint_eq(oracle_differed, 0);
}

static void build(const char *compiler, const char *flags, const char *source)
{
	char command[1024];
	snprintf(command, sizeof command, "%s -shared -fPIC %s %s/tests/victims/unwind/%s -o %s",
	         compiler, flags, from_environment("MEMPROF_SOURCE", "."), source, built);
	ck_assert_msg(system(command) == 0, "failed: %s", command);
}

static void hook(void)
{
	oracle_hook();
	__asm__ volatile("" : : : "memory");
}

static void *load(void)
{
	void *library = dlopen(built, RTLD_NOW | RTLD_LOCAL);
	ck_assert_msg(library != NULL, "%s", dlerror());
	return library;
}

static runner find(void *library, const char *name)
{
	runner run;
	*(void **)&run = dlsym(library, name);
	ck_assert_ptr_nonnull(run);
	return run;
}

/* Code is gone: what the library's own hook of dlclose does. */
static void unload(void *library)
{
	dlclose(library);
	mp_capture_forget();
}

static const struct {
	const char *compiler, *flags, *source;
} builds[] = {
        {"gcc", "-O0 -g", "shapes.c"},
        {"gcc", "-O1", "shapes.c"},
        {"gcc", "-O2 -fno-omit-frame-pointer", "shapes.c"},
        {"gcc", "-O3 -march=native -fomit-frame-pointer", "shapes.c"},
        {"gcc", "-Os -s", "shapes.c"},
        {"gcc", "-O2 -mstackrealign -fstack-protector-all -fcf-protection", "shapes.c"},
        {"gcc", "-O2 -ffunction-sections -Wl,--gc-sections -s", "shapes.c"},
        {"clang", "-O0 -g", "shapes.c"},
        {"clang", "-O2", "shapes.c"},
        {"clang", "-O3 -march=native -fno-omit-frame-pointer -s", "shapes.c"},
        {"clang", "-O2 -fuse-ld=lld", "shapes.c"},
        {"g++", "-O0", "shapes.cc"},
        {"g++", "-O2", "shapes.cc"},
        {"g++", "-O3 -fno-omit-frame-pointer -s", "shapes.cc"},
        {"clang++", "-O2", "shapes.cc"},
};

START_TEST(every_build)
{
	build(builds[_i].compiler, builds[_i].flags, builds[_i].source);
	void *library = load();
	runner run = find(library, "shapes_run");
	run(hook);
	run(hook);
	unload(library);
	expect_all_right(400);
}
END_TEST

/* ---- code that comes and goes --------------------------------------------------------------- */

START_TEST(other_code_at_the_same_address)
{
	static const char *flags[] = {"-O0", "-O2", "-O2 -fno-omit-frame-pointer"};
	uintptr_t places[12];
	uint32_t same = 0;
	for (uint32_t i = 0; i < 12; i++) {
		build("gcc", flags[i % 3], "shapes.c");
		void *library = load();
		places[i] = ((struct link_map *)library)->l_addr;
		same += i > 0 && places[i] == places[i - 1];
		find(library, "shapes_run")(hook);
		unload(library);
	}
	ck_assert_uint_gt(same, 0); /* or it has shown nothing */
	expect_all_right(5000);
}
END_TEST

/* ---- frames that no compiler makes -------------------------------------------------------------
 */

START_TEST(uncommon_call_frame_information)
{
	static const char *names[] = {"cfa_in_rbx", "cfa_on_stack", "cfa_of_plt"};
	build("gcc", "", "shapes_asm.S");
	void *library = load();
	for (int i = 0; i < 300; i++)
		find(library, names[i % 3])(hook);
	expect_all_right(300);
}
END_TEST

static uintptr_t path[MP_CAPTURE_DEPTH + 1];
static uint32_t count, root;

static void unchecked_hook(void)
{
	count = world_path(WORLD_CAPTURE(), path, MP_CAPTURE_DEPTH + 1, &root);
}

__attribute__((noinline)) static void call_bare(runner function)
{
	function(unchecked_hook);
	__asm__ volatile("" : : : "memory");
}

START_TEST(no_information_but_a_frame_pointer)
{
	build("gcc", "", "shapes_asm.S");
	void *library = load();
	runner function = find(library, "bare_with_frame");
	for (int i = 0; i < 3; i++) {
		call_bare(function);
		ck_assert_uint_eq(root, MP_NODE_ROOT);
		ck_assert_uint_gt(count, 3);
		ck_assert(path[0] - (uintptr_t)function < 32);
		ck_assert(path[1] - (uintptr_t)call_bare < 32);
	}
}
END_TEST

START_TEST(no_information_at_all_is_said)
{
	static const char *names[] = {"bare_without_frame", "wrong_cfa"};
	build("gcc", "", "shapes_asm.S");
	void *library = load();
	for (int i = 0; i < 6; i++) {
		runner function = find(library, names[i % 2]);
		call_bare(function);
		ck_assert_uint_eq(root, MP_NODE_UNKNOWN);
		ck_assert_uint_eq(count, 1);
		ck_assert(path[0] - (uintptr_t)function < 32);
	}
}
END_TEST

START_TEST(a_wild_frame_pointer_harms_nobody)
{
	build("gcc", "", "shapes_asm.S");
	void *library = load();
	void (*function)(void (*)(void), uintptr_t);
	*(void **)&function = dlsym(library, "bare_with_wild_rbp");
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t wild[] = {0,          1,
	                    8,          4096,
	                    here + 3,   here + 8,
	                    here | 7,   here & ~0xfffull,
	                    1ull << 47, (1ull << 47) - 8,
	                    ~0ull,      ~0ull - 7,
	                    1ull << 63, 0xffffffffff600000ull,
	                    here - 800, (uintptr_t)built};
	for (uint32_t i = 0; i < sizeof wild / sizeof *wild; i++) {
		function(unchecked_hook, wild[i]);
		ck_assert_uint_ge(count, 1);
	}
}
END_TEST

/* ---- locks: nobody waits for anybody ------------------------------------------------------------
 */

static bool storming;

static bool storm_lasts(void)
{
	return __atomic_load_n(&storming, __ATOMIC_RELAXED);
}

static int count_object(struct dl_phdr_info *info, size_t size, void *objects)
{
	(void)info, (void)size;
	++*(uint32_t *)objects;
	oracle_expect(WORLD_CAPTURE() != 0); /* with the loader's lock held */
	return 0;
}

static void *iterate(void *unused)
{
	(void)unused;
	while (storm_lasts()) {
		uint32_t objects = 0;
		dl_iterate_phdr(count_object, &objects);
	}
	return NULL;
}

__attribute__((noinline)) static void capture_deep(int levels)
{
	if (levels > 0)
		capture_deep(levels - 1);
	oracle_expect(WORLD_CAPTURE() != 0);
}

static void *capture(void *unused)
{
	(void)unused;
	for (int i = 0; storm_lasts(); i++)
		capture_deep(i % 20);
	return NULL;
}

static void on_alarm(int number)
{
	(void)number;
	oracle_expect(mp_capture_stack_afresh((uintptr_t)__builtin_return_address(0),
	                                      (uintptr_t)__builtin_frame_address(0) + 16,
	                                      *(uintptr_t *)__builtin_frame_address(0)) != 0);
}

START_TEST(a_storm_of_loading_iterating_and_signals)
{
	build("gcc", "-O2", "shapes.c");
	mp_capture_start();
	storming = true;
	pthread_t threads[3];
	pthread_create(&threads[0], NULL, iterate, NULL);
	pthread_create(&threads[1], NULL, capture, NULL);
	pthread_create(&threads[2], NULL, capture, NULL);
	signal(SIGALRM, on_alarm);
	struct itimerval often = {{0, 500}, {0, 500}};
	setitimer(ITIMER_REAL, &often, NULL);
	time_t end = time(NULL) + atoi(from_environment("UNWIND_STORM_SECONDS", "2"));
	uint32_t loads = 0;
	for (; time(NULL) <= end; loads++) {
		void *library = load();
		capture_deep(7);
		unload(library);
	}
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	__atomic_store_n(&storming, false, __ATOMIC_RELAXED);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_gt(loads, 10);
	ck_assert_uint_eq(oracle_differed, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unwind builds");
	TCase *tests = tcase_create("captures in code of every make");
	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, reset, remove_built);
	tcase_add_loop_test(tests, every_build, 0, (int)(sizeof builds / sizeof *builds));
	tcase_add_test(tests, other_code_at_the_same_address);
	tcase_add_test(tests, uncommon_call_frame_information);
	tcase_add_test(tests, no_information_but_a_frame_pointer);
	tcase_add_test(tests, no_information_at_all_is_said);
	tcase_add_test(tests, a_wild_frame_pointer_harms_nobody);
	tcase_add_test(tests, a_storm_of_loading_iterating_and_signals);
	suite_add_tcase(suite, tests);
	SRunner *all = srunner_create(suite);
	srunner_run_all(all, CK_ENV);
	int failed = srunner_ntests_failed(all);
	srunner_free(all);
	return failed != 0;
}

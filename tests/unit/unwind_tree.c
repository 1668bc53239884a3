/* unwind_tree.c: the tree of stacks, interned by several threads at once: each path has one node,
 * whose chain of parents is the path, whatever the others do. */
#include "unwind_world.h"

#include <check.h>
#include <string.h>

#define THREADS 4u
#define PATHS   20000u
#define DEPTH   12u
#define WAYS    6u /* addresses to choose from at each level */

/* The address at a level of a path: two paths have as much in common as their numbers in base WAYS.
 */
static uint64_t where_at(uint32_t path, uint32_t level)
{
	for (uint32_t i = 0; i < level && path; i++)
		path /= WAYS;
	return 0x400000 + 0x1000 * level + path % WAYS * 0x10;
}

static uint32_t child(uint32_t parent, uint64_t where)
{
	return mp_node_child(mp_nodes(mp_region()), parent, where);
}

static uint32_t intern_path(uint32_t path)
{
	uint32_t node = MP_NODE_ROOT;
	for (uint32_t level = 0; level < DEPTH; level++)
		node = child(node, where_at(path, level));
	return node;
}

static bool is_path(uint32_t node, uint32_t path)
{
	for (uint32_t level = DEPTH; level-- > 0;) {
		uint64_t where;
		if (!mp_node_read(node, &node, &where) || where != where_at(path, level))
			return false;
	}
	return node == MP_NODE_ROOT;
}

struct worker {
	uint32_t step; /* odd and no multiple of 5: the order in which it goes */
	uint32_t wrong;
	uint32_t nodes[PATHS];
};

static void *work(void *argument)
{
	struct worker *worker = argument;
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < PATHS; i++) {
			uint32_t path = (uint32_t)((uint64_t)i * worker->step % PATHS);
			uint32_t node = intern_path(path);
			worker->wrong +=
			        !is_path(node, path) || (round && node != worker->nodes[path]);
			worker->nodes[path] = node;
		}
	return NULL;
}

static void race(const uint32_t steps[THREADS])
{
	static struct worker workers[THREADS];
	pthread_t threads[THREADS];
	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i].step = steps[i];
		workers[i].wrong = 0;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t i = 0; i < THREADS; i++) {
		ck_assert_uint_eq(workers[i].wrong, 0);
		ck_assert_int_eq(
		        memcmp(workers[i].nodes, workers[0].nodes, sizeof workers[0].nodes), 0);
	}
}

START_TEST(threads_on_the_same_paths)
{
	race((const uint32_t[]){1, 1, 1, 1});
}
END_TEST

START_TEST(threads_on_paths_in_other_orders)
{
	race((const uint32_t[]){1, 3, 7, 11});
}
END_TEST

START_TEST(one_address_below_two_roots_and_in_two_modules)
{
	uint32_t a = child(MP_NODE_ROOT, 0x1000);
	uint32_t b = child(MP_NODE_CUT, 0x1000);
	uint32_t c = child(MP_NODE_ROOT, 0x1000 | 1ull << 48);
	ck_assert_uint_ne(a, b);
	ck_assert_uint_ne(a, c);
	ck_assert_uint_ne(b, c);
	ck_assert_uint_eq(a, child(MP_NODE_ROOT, 0x1000));
	ck_assert_uint_eq(b, child(MP_NODE_CUT, 0x1000));
	ck_assert_uint_eq(c, child(MP_NODE_ROOT, 0x1000 | 1ull << 48));
}
END_TEST

/* The most siblings that a search for one of `count` children, `stride` apart, comes by. */
static uint32_t longest_search(uint32_t parent, uint32_t count, uint64_t stride)
{
	const struct mp_node *nodes = mp_nodes(mp_region());
	uint32_t longest = 0;
	for (uint32_t i = 0; i < count; i++)
		child(parent, 0x400000 + i * stride);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t where = 0x400000 + i * stride, order = mp_node_order(where);
		uint32_t at = nodes[parent].children[order >> 63], steps = 1;
		for (; nodes[at].where != where; steps++)
			at = nodes[at].beside[order > mp_node_order(nodes[at].where)];
		longest = steps > longest ? steps : longest;
	}
	return longest;
}

/* 100,000 random keys make a tree of some 40 levels. */
START_TEST(many_children_are_found_in_few_steps)
{
	static const uint64_t strides[] = {1, 2, 3, 5, 7, 16, 24, 96, 4096, 65536, 1ull << 20};
	for (uint32_t i = 0; i < sizeof strides / sizeof *strides; i++) {
		uint32_t parent = child(MP_NODE_ROOT, 0x7000 + i);
		uint32_t longest = longest_search(parent, 100000, strides[i]);
		ck_assert_msg(longest <= 64, "%u steps at a stride of %lu", longest, strides[i]);
	}
}
END_TEST

START_TEST(a_full_tree_says_so)
{
	struct mp_region *region = mp_process_page.process.region;
	uint32_t known = intern_path(1);
	region->nodes_max = region->nodes_used;
	ck_assert_uint_eq(intern_path(2), MP_NODE_OVERFLOW);
	ck_assert_uint_gt(region->overflows, 0);
	ck_assert_uint_eq(intern_path(1), known);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tree");
	TCase *tests = tcase_create("each path has one node");
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, threads_on_the_same_paths);
	tcase_add_test(tests, threads_on_paths_in_other_orders);
	tcase_add_test(tests, one_address_below_two_roots_and_in_two_modules);
	tcase_add_test(tests, many_children_are_found_in_few_steps);
	tcase_add_test(tests, a_full_tree_says_so);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

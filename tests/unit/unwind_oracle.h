/* unwind_oracle.h: a hook whose every capture is held against libunwind's own local unwinder, and
 * against a capture without memory.
 *
 * Opened by dlopen, as tests link nothing but the room's objects. libunwind guesses where it has no
 * call frame information; a test of such code says so and compares what must still hold.
 */
#ifndef TESTS_UNWIND_ORACLE_H
#define TESTS_UNWIND_ORACLE_H

#include "unwind/rules.h"
#include "unwind_world.h"

#include <dlfcn.h>
#include <libunwind.h>

static struct {
	int (*getcontext)(unw_context_t *);
	int (*init)(unw_cursor_t *, unw_context_t *);
	int (*step)(unw_cursor_t *);
	int (*get)(unw_cursor_t *, int, unw_word_t *);
} oracle;

#define ORACLE_DEPTH 600

static uint32_t oracle_checked, oracle_differed;

static inline void oracle_expect(bool right)
{
	if (!right)
		__atomic_fetch_add(&oracle_differed, 1, __ATOMIC_RELAXED);
}

__attribute__((constructor)) static void oracle_start(void)
{
	void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "libunwind.so.8 is needed: install libunwind8\n");
		exit(2);
	}
	*(void **)&oracle.getcontext = dlsym(library, "_Ux86_64_getcontext");
	*(void **)&oracle.init = dlsym(library, "_ULx86_64_init_local");
	*(void **)&oracle.step = dlsym(library, "_ULx86_64_step");
	*(void **)&oracle.get = dlsym(library, "_ULx86_64_get_reg");
	/* Or it would go on with the rules of code that was unloaded. */
	int (*set_caching)(unw_addr_space_t, unw_caching_policy_t);
	*(void **)&set_caching = dlsym(library, "_ULx86_64_set_caching_policy");
	set_caching(*(unw_addr_space_t *)dlsym(library, "_ULx86_64_local_addr_space"),
	            UNW_CACHE_NONE);
}

/* The addresses to look up from the frame with return address `from` outward. */
static inline uint32_t oracle_path(uintptr_t from, uintptr_t *path)
{
	unw_context_t context;
	unw_cursor_t cursor;
	uint32_t count = 0;
	bool resumes = false;
	oracle.getcontext(&context);
	oracle.init(&cursor, &context);
	do {
		unw_word_t ip = 0;
		oracle.get(&cursor, UNW_X86_64_RIP, &ip);
		if (ip == 0)
			break;
		if (count > 0 || ip == from)
			path[count++] = resumes ? ip : ip - 1;
		resumes = mp_rule_is_sigreturn(ip);
	} while (count < ORACLE_DEPTH && oracle.step(&cursor) > 0);
	return count;
}

static inline void oracle_show(const uintptr_t *ours, uint32_t count, const uintptr_t *theirs,
                               uint32_t expected)
{
	for (uint32_t i = 0; i < count || i < expected; i++) {
		Dl_info info = {0};
		if (i < expected)
			dladdr((void *)theirs[i], &info);
		fprintf(stderr, "  %2u  %12lx  %12lx  %s\n", i, i < count ? ours[i] : 0,
		        i < expected ? theirs[i] : 0, info.dli_sname ? info.dli_sname : "");
	}
}

/* Is the path of `node` what libunwind finds from the return address on? */
static inline bool oracle_agrees(uint32_t node, uintptr_t return_address)
{
	uintptr_t ours[MP_CAPTURE_DEPTH + 1], theirs[ORACLE_DEPTH]; /* a handler may come here */
	uint32_t root;
	uint32_t count = world_path(node, ours, MP_CAPTURE_DEPTH + 1, &root);
	uint32_t expected = oracle_path(return_address, theirs);
	bool cut = expected > MP_CAPTURE_DEPTH;
	bool agrees = root == (cut ? (uint32_t)MP_NODE_CUT : (uint32_t)MP_NODE_ROOT) &&
	              count == (cut ? MP_CAPTURE_DEPTH : expected);
	for (uint32_t i = 0; agrees && i < count; i++)
		agrees = ours[i] == theirs[i];
	__atomic_fetch_add(&oracle_checked, 1, __ATOMIC_RELAXED);
	if (!agrees && __atomic_fetch_add(&oracle_differed, 1, __ATOMIC_RELAXED) < 3)
		oracle_show(ours, count, theirs, expected);
	return agrees;
}

/* Captures from its caller as a hook does, and compares. Returns the node. */
__attribute__((noinline, unused)) static uint32_t oracle_hook(void)
{
	uint32_t node = WORLD_CAPTURE();
	uint32_t afresh = mp_capture_stack_afresh((uintptr_t)__builtin_return_address(0),
	                                          (uintptr_t)__builtin_frame_address(0) + 16,
	                                          *(uintptr_t *)__builtin_frame_address(0));
	if (node != afresh) {
		fprintf(stderr, "capture %u, afresh %u\n", node, afresh);
		__atomic_fetch_add(&oracle_differed, 1, __ATOMIC_RELAXED);
	}
	oracle_agrees(node, (uintptr_t)__builtin_return_address(0));
	return node;
}

#endif

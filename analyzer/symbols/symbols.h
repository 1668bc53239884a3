/* symbols.h: what stands at an address: function, file and line, and what was inlined there.
 *
 * A resolver holds modules (ELF files, named by path and build-id) and answers for addresses in
 * them. Addresses are the file's own (as in its program headers: run-time address − bias), and are
 * those to look up: of a call, the return address less one.
 *
 * Words: a module's companion is its separate debug file; a frame is one function at an address.
 * With inlining one address has several frames: the innermost inlined function first, each with
 * the line in it, the function that really is there last.
 *
 * Names are qualified and without parameters ("Agent::observe", "std::vector<int, std::allocator
 * <int> >::push_back"), so that a function has the same name inlined, out of line, and in a
 * stripped file, and patterns need no argument lists; overloads differ in file and function_line.
 * A jump through the procedure linkage table is "foo@plt".
 *
 * Nothing is made up: what is not known is NULL or 0, and a file that is not the one that ran
 * (another build-id) gives no names, unless its debug file is found by the recorded build-id.
 *
 * A resolver is for one thread at a time. Different resolvers are independent of one another.
 */
#ifndef ANALYZER_SYMBOLS_H
#define ANALYZER_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbols;

struct symbol_frame {
	const char *function;   /* NULL: not known */
	const char *file;       /* of `line`; absolute where the file says so; NULL: not known */
	unsigned line;          /* in this function: of the code, or of the call inlined there */
	unsigned function_line; /* where the function is declared; 0: not known */
};

enum symbols_state {
	SYMBOLS_DEBUG,   /* debug information: functions, files, lines, inlining */
	SYMBOLS_SYMTAB,  /* names of functions only */
	SYMBOLS_NONE,    /* the file is there, but has neither */
	SYMBOLS_CHANGED, /* the file is not the one that ran (its build-id differs) */
	SYMBOLS_GONE,    /* no such file, or it cannot be read as ELF */
};

struct symbol_module_info {
	enum symbols_state state;
	int optimized;        /* was most of its code built with -O1 or more? 1, 0, -1 not known */
	const char *producer; /* compiler of most of its code; "" if not known */
};

/* A new resolver without modules. (Without memory the program ends, as base/memory.h says.) */
struct symbols *symbols_open(void);

/* Ends the resolver and every string it gave out. NULL is allowed. */
void symbols_close(struct symbols *symbols);

/* Looks for separate debug files of the modules added from now on below `directory` (copied), as in
 * /usr/lib/debug, which is the default. */
void symbols_debug_root(struct symbols *symbols, const char *directory);

/* Keeps what debug information says of the modules added from now on below `directory` (copied;
 * NULL: nowhere, which is the default), and takes from there what was kept before. */
void symbols_cache(struct symbols *symbols, const char *directory);

/* Adds the module at `path` and says in `*info` (may be NULL) what is known of it. `build_id` is
 * the one recorded when it ran; with length 0 the file is taken as it is, changed or not.
 * "[vdso]" and "linux-vdso.so.1" are the kernel's own, found only where the same kernel still
 * runs. Returns a handle ≥ 0, also for a module that could not be opened (info->state says why;
 * its addresses resolve to nothing). The same path and build-id again give the same handle. */
int symbols_module(struct symbols *symbols, const char *path, const uint8_t *build_id,
                   size_t build_id_length, struct symbol_module_info *info);

/* Writes the frames at `address` of the module, a handle of this resolver, innermost first, to
 * `out`, at most `max` of them: of a longer chain, the innermost ones and the real function.
 * Returns how many; 0: nothing is known there. The strings belong to the resolver and live until
 * symbols_close. */
size_t symbols_resolve(struct symbols *symbols, int module, uint64_t address,
                       struct symbol_frame *out, size_t max);

#endif

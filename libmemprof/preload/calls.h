/* calls.h: counts the calls of functions, one by one, and times them.
 *
 * A program compiled with -finstrument-functions calls a hook where each function begins and ends
 * (hooks_calls.c). Each thread keeps the stack of its open calls, and counters for each edge
 * (function, calling function, phase):
 *
 *     open[0] main          ─ begun ─ ticks in what it called ─ calls below it
 *     open[1]   step        ─ …
 *     open[2]     look      ◀ depth
 *
 *     edges: hash of (function, caller, phase) ─▶ struct mp_call_counts in the region
 *
 * The caller is the innermost open call: the nearest function that is counted too. Edges are found
 * in the thread's own memory, without a lock; their counters are in blocks of the thread's slot, so
 * nothing is lost when the process is killed, but the time of calls that were open.
 *
 * Calls that never end. Each open call knows where the stack stood in its function. longjmp tells
 * where it goes to, and everything inside of that has ended (hooks_calls.c). Whatever else leaves a
 * function without its hook (an exception through C, pthread_exit) is seen at the next hook: the
 * stack then stands above that of the innermost open call. A handler on an alternate stack stands
 * elsewhere, and ends nothing. Where a program switches stacks itself (coroutines), counts are
 * right, and times are those of whoever was innermost.
 *
 * Recursion. A function's inclusive time grows by its outermost call on the thread only.
 *
 * What it costs is measured (mp_calls_calibrate), in two parts: inside a call's own interval, and
 * outside of it, in the caller's. Both are taken off, of all calls below a call too.
 *
 * Bounds. MP_CALLS_DEPTH open calls: what is deeper is counted, and not timed. MP_CALLS_EDGES edges
 * a thread: calls of others are counted as missed.
 */
#ifndef MP_PRELOAD_CALLS_H
#define MP_PRELOAD_CALLS_H

#include "thread.h"

#include <stdbool.h>
#include <stdint.h>

#define MP_CALLS_DEPTH 65536u
#define MP_CALLS_EDGES (1u << 20)

/* True when calls are counted: the one test of every hook. */
extern bool mp_calls_wanted;

/* `here` is where the stack stands in the function that calls the hook: the hook's CFA. Where a
 * function ends by jumping to its last hook (`tail`), its frame is gone already: it is then where
 * the stack stood before the function was called. */
void mp_calls_enter(uintptr_t function, uintptr_t here);
void mp_calls_exit(uintptr_t function, uintptr_t here, bool tail, uint64_t now);

/* What the compiler calls (hooks_calls.c): of a function, and where it was called from. */
void __cyg_profile_func_enter(void *function, void *site);
void __cyg_profile_func_exit(void *function, void *site);

/* The calling thread's stack is about to stand at `sp` again: calls inside of that have ended. */
void mp_calls_jump(uintptr_t sp);

/* The thread ends: so do its open calls. */
void mp_calls_thread_ends(struct mp_thread *thread);

#endif

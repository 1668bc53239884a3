/* ending.c: the library's destructor: the last look at the allocator of a program that ends by
 * exit, if it was more than a small one. Nothing is torn down: what other destructors do is
 * recorded as ever.
 *
 * A signal handler may call exit, with the thread in the middle of anything. If that was jemalloc,
 * its locks are held and will never be released: then, and wherever it cannot be excluded, there is
 * no last look. The kernel's signal frames are told by what they must hold: the saved registers'
 * pointer to the saved state of the FPU, and in that the kernel's magic number. A frame of long ago
 * that nothing has overwritten may look the same; that costs the last look and no more.
 */
#include "allocator_stats.h"
#include "os.h"
#include "thread.h"

#include <stdbool.h>
#include <sys/auxv.h>
#include <time.h>

/* Stacks are looked through up to this size. */
#define STACK_MAX (1u << 20)

/* Linux, arch/x86/include/uapi/asm/sigcontext.h: FP_XSTATE_MAGIC1 and its place in the state, which
 * is aligned; in struct sigcontext cs stands five words before the pointer to it. */
#define FPU_MAGIC    0x46505853u
#define FPU_MAGIC_AT 464u
#define FPU_ALIGN    64u
#define CS_BEFORE    5
#define CS_USER      0x33u

/* The state lies above the registers, this far at most. */
#define FPU_NEAR 1024u

static bool is_signal_frame(const uintptr_t *word, uintptr_t top)
{
	uintptr_t state = *word, at = (uintptr_t)word;
	return state % FPU_ALIGN == 0 && state > at && state - at < FPU_NEAR &&
	       state + FPU_MAGIC_AT + sizeof(uint32_t) <= top &&
	       *(const uint32_t *)(state + FPU_MAGIC_AT) == FPU_MAGIC &&
	       (uint16_t)word[-CS_BEFORE] == CS_USER;
}

/* True where it is certain that this is the main thread, on its own stack and in no handler. */
static bool in_no_handler(void)
{
	/* The kernel's random bytes lie above the main thread's first frame. */
	uintptr_t sp = mp_stack_pointer(), top = getauxval(AT_RANDOM) & ~(sizeof(uintptr_t) - 1);
	if (mp_gettid() != mp_getpid() || sp >= top || top - sp > STACK_MAX)
		return false;
	const uintptr_t *word = (const uintptr_t *)sp + CS_BEFORE;
	for (; (uintptr_t)word < top; word++)
		if (is_signal_frame(word, top))
			return false;
	return true;
}

/* The look takes up to 0.8 ms, most of it for what jemalloc prepares when it is first asked. Of the
 * many small programs that a script runs nobody wants to know, and their time counts. */
#define CPU_NS_MIN 50000000u

__attribute__((destructor(101))) static void end(void)
{
	const struct mp_process *process = &mp_process_page.process;
	if (__atomic_load_n(&process->state, __ATOMIC_ACQUIRE) != MP_RECORDING ||
	    mp_self->state == MP_THREAD_BUSY ||
	    mp_clock_ns(CLOCK_PROCESS_CPUTIME_ID) < CPU_NS_MIN || !in_no_handler())
		return;
	mp_allocator_stats_end(mp_region());
}

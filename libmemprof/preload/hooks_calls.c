/* hooks_calls.c: where functions begin and end in a program compiled with -finstrument-functions,
 * and where longjmp leaves several at once. Without --count-calls each costs a test.
 */
#include "calls.h"
#include "hooks.h"
#include "next.h"
#include "os.h"

#include <setjmp.h>
#include <stdint.h>

/* Where the stack stands in the function that calls a hook. */
#define HERE ((uintptr_t)__builtin_frame_address(0) + 16)

MP_HOOK void __cyg_profile_func_enter(void *function, void *site)
{
	(void)site;
	if (__builtin_expect(mp_calls_wanted, 0))
		mp_calls_enter((uintptr_t)function, HERE);
}

MP_HOOK void __cyg_profile_func_exit(void *function, void *site)
{
	if (__builtin_expect(mp_calls_wanted, 0))
		mp_calls_exit((uintptr_t)function, HERE, __builtin_return_address(0) == site,
		              mp_ticks());
}

/* glibc keeps the stack pointer in the sixth word of a jmp_buf, mangled by a rotation and a word of
 * the thread's (x86-64: sysdeps/x86_64/jmpbuf-offsets.h). What does not look like an older part of
 * this stack is left alone. */
#define JUMP_SP 6

static void look_at(const struct __jmp_buf_tag *environment)
{
	uint64_t mangled = (uint64_t)environment->__jmpbuf[JUMP_SP], guard;
	__asm__("movq %%fs:0x30, %0" : "=r"(guard));
	if (mp_calls_wanted)
		mp_calls_jump((mangled >> 17 | mangled << 47) ^ guard);
}

#define JUMPS(name)                                                                                \
	static void *next_##name;                                                                  \
	MP_HOOK void name(struct __jmp_buf_tag environment[1], int value)                          \
	{                                                                                          \
		void (*next)(struct __jmp_buf_tag *, int) =                                        \
		        (void (*)(struct __jmp_buf_tag *, int))mp_next(#name, &next_##name);       \
		look_at(environment);                                                              \
		next(environment, value);                                                          \
		__builtin_unreachable();                                                           \
	}

/* With _FORTIFY_SOURCE; not declared without. */
void __longjmp_chk(struct __jmp_buf_tag environment[1], int value) __attribute__((noreturn));

JUMPS(longjmp)
JUMPS(_longjmp)
JUMPS(siglongjmp)
JUMPS(__longjmp_chk)

void mp_hooks_calls_start(void)
{
	(void)mp_next("longjmp", &next_longjmp);
	(void)mp_next("_longjmp", &next__longjmp);
	(void)mp_next("siglongjmp", &next_siglongjmp);
	(void)mp_next("__longjmp_chk", &next___longjmp_chk);
}

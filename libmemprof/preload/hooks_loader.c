/* hooks_loader.c: the dynamic loader's two moments that matter here: code that goes away (dlclose),
 * and code that will not see us (dlopen with RTLD_DEEPBIND).
 *
 * dlopen looks at who called it (search path, namespace), so our dlopen only looks at the flags,
 * and jumps on: the real one returns to the program. New code needs no hook; it is found when a
 * stack first runs through it.
 *
 * RTLD_DEEPBIND makes a library and what it depends on bind to the C library's own malloc, past
 * every interposition. Blocks would then cross: the library's free gets what strdup allocated by
 * way of us. Only when that flag is seen, the C library's allocation functions are made to lead to
 * ours: their first bytes become a jump. Nobody is running in them, since until then every call
 * came to us. Where the system does not allow that, the flag is left out instead.
 */
#include "hooks.h"
#include "modules.h"
#include "next.h"
#include "os.h"
#include "thread.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

MP_HOOK int dlclose(void *handle)
{
	static void *place;
	int (*next)(void *) = (int (*)(void *))mp_next("dlclose", &place);
	if (!next)
		return -1;
	int result = next(handle);
	mp_modules_check();
	return result;
}

/* ---- leading the C library's allocator to ours --------------------------------------------- */

/* jmp *0(%rip); the address follows. */
struct long_jump {
	uint8_t code[6];
	uint8_t target[8];
} __attribute__((packed));

static bool write_jump(void *from, void *to)
{
	struct long_jump jump = {.code = {0xff, 0x25, 0, 0, 0, 0}};
	memcpy(jump.target, &to, sizeof(to));
	uintptr_t page = (uintptr_t)from & ~(uintptr_t)4095;
	size_t bytes = (uintptr_t)from + sizeof(jump) - page;
	if (mp_syscall(SYS_mprotect, (long)page, (long)bytes, PROT_READ | PROT_WRITE | PROT_EXEC, 0,
	               0, 0) < 0)
		return false;
	memcpy(from, &jump, sizeof(jump));
	(void)mp_syscall(SYS_mprotect, (long)page, (long)bytes, PROT_READ | PROT_EXEC, 0, 0, 0);
	return true;
}

static bool lead_libc_here(void)
{
	static const char *const names[] = {
	        "malloc", "calloc",         "realloc",           "reallocarray",
	        "free",   "posix_memalign", "aligned_alloc",     "memalign",
	        "valloc", "pvalloc",        "malloc_usable_size"};
	void *libc = dlopen("libc.so.6", RTLD_NOLOAD | RTLD_LAZY);
	void *ours = dlopen("libmemprof.so", RTLD_NOLOAD | RTLD_LAZY);
	bool led = libc && ours;
	mp_next_is_here();
	for (size_t i = 0; led && i < sizeof(names) / sizeof(*names); i++) {
		void *from = dlsym(libc, names[i]), *to = dlsym(ours, names[i]);
		led = from && to && from != to && write_jump(from, to);
	}
	return led;
}

/* The flags to hand on. */
__attribute__((used)) static int look_at_flags(int flags)
{
	static int state; /* 0: never seen, 1: led here, 2: not possible */
	if (!mp_process_start())
		return flags;
	if (!state) {
		state = 1; /* dlopen is called from within */
		mp_thread_own_work_begins();
		if (!lead_libc_here())
			state = 2;
		mp_thread_own_work_ends();
	}
	return state == 1 ? flags : flags & ~RTLD_DEEPBIND;
}

__attribute__((used)) static void *next_dlopen(void)
{
	static void *place;
	return mp_next("dlopen", &place);
}

/* Keeps dlopen's arguments, and the return address where the program's call put it. */
__asm__(".pushsection .text\n"
        ".globl dlopen\n"
        ".type dlopen, @function\n"
        "dlopen:\n"
        "	.cfi_startproc\n"
        "	endbr64\n"
        "	pushq %rdi\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	pushq %rsi\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	subq $8, %rsp\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	testl $8, %esi\n" /* RTLD_DEEPBIND */
        "	je 1f\n"
        "	movl %esi, %edi\n"
        "	call look_at_flags\n"
        "	movl %eax, 8(%rsp)\n"
        "1:	call next_dlopen\n"
        "	addq $8, %rsp\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %rsi\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	popq %rdi\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	jmp *%rax\n"
        "	.cfi_endproc\n"
        "	.size dlopen, .-dlopen\n"
        ".popsection\n");

/* small_stacks.c: coroutines on stacks of 8 KiB that end in a page that must not be touched,
 * burning CPU time; first as they are, then with an alternate stack for signals.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "spin.h"

#define STACK 8192u

static ucontext_t scheduler, coroutine;
static long spins;

__attribute__((noinline)) static void in_a_coroutine(void)
{
	for (int i = 0; i < 20; i++) {
		spin_here(spins);
		swapcontext(&coroutine, &scheduler);
	}
}

static void one_coroutine(void)
{
	char *memory = mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                    -1, 0);
	mprotect(memory, 4096, PROT_NONE);
	getcontext(&coroutine);
	coroutine.uc_stack = (stack_t){.ss_sp = memory + 4096, .ss_size = STACK};
	coroutine.uc_link = &scheduler;
	makecontext(&coroutine, in_a_coroutine, 0);
	for (int i = 0; i < 20; i++)
		swapcontext(&scheduler, &coroutine);
	munmap(memory, STACK + 4096);
}

int main(void)
{
	stack_t alternate = {.ss_sp = malloc(1u << 16), .ss_size = 1u << 16};
	spins = (long)(spin_rate() * 0.001);
	for (int i = 0; i < 20; i++)
		one_coroutine();
	sigaltstack(&alternate, NULL);
	for (int i = 0; i < 20; i++)
		one_coroutine();
	puts("coroutines 40");
	return 0;
}

/* hostile_control.c: control flow and registers that are not what a profiler expects.
 * `hostile_control KIND`:
 *
 *     jumps  a signal handler leaves by siglongjmp, mostly out of the middle of malloc or free, as
 *            a timeout does. Afterwards a known number of blocks is made in allocate().
 *     frame  code without call frame information uses rbp as an ordinary pointer, into memory that
 *            lies above the stack and is gone by the next call
 */
#include <memprof/memprof.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "truth.h"

enum { JUMPS = 20, AFTERWARDS = 200000 };

static sigjmp_buf start;
static volatile sig_atomic_t jumps;

static void leave(int number)
{
	(void)number;
	siglongjmp(start, 1);
}

/* Pairs of malloc and free: neither allocator takes a lock for them that a jump could leave held.
 */
static __attribute__((noinline)) void allocate(long count)
{
	for (long i = 0; i < count; i++) {
		void *volatile block = malloc(100);
		free(block);
	}
}

static void alarm_every(int microseconds)
{
	struct itimerval timer = {{0, microseconds}, {0, microseconds}};
	setitimer(ITIMER_REAL, &timer, NULL);
}

static int jump(void)
{
	signal(SIGALRM, leave);
	if (sigsetjmp(start, 1))
		jumps++;
	if (jumps < JUMPS) {
		alarm_every(2000);
		for (;;)
			allocate(1000);
	}
	alarm_every(0);
	MEMPROF_PHASE ("afterwards")
		allocate(AFTERWARDS);
	printf("{\"afterwards\": %d}\n", AFTERWARDS);
	return 0;
}

void *allocate_with_rbp(void *rbp);
__asm__(".text\n"
        ".globl allocate_with_rbp\n"
        ".type allocate_with_rbp, @function\n"
        "allocate_with_rbp:\n"
        "	push %rbp\n"
        "	mov %rdi, %rbp\n"
        "	mov $32, %edi\n"
        "	call malloc@PLT\n"
        "	pop %rbp\n"
        "	ret\n"
        ".size allocate_with_rbp, . - allocate_with_rbp\n");

static const size_t MEBIBYTE = (size_t)1 << 20;

static void *use_frame(void *buffer)
{
	free(allocate_with_rbp(buffer));
	free(allocate_with_rbp(buffer));
	munmap(buffer, MEBIBYTE);
	free(allocate_with_rbp(buffer));
	free(allocate_with_rbp((char *)buffer + 64));
	return NULL;
}

/* The stack and the buffer above it lie in one mapping, so that rbp points the way that frames do.
 */
static int frame(void)
{
	char *memory = mmap(NULL, 64 * MEBIBYTE, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	truth_must(memory != MAP_FAILED, "mmap");
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, memory, 16 * MEBIBYTE);
	pthread_t thread;
	truth_must(pthread_create(&thread, &attributes, use_frame, memory + 32 * MEBIBYTE) == 0,
	           "pthread_create");
	pthread_join(thread, NULL);
	printf("4 blocks\n");
	return 0;
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";
	if (strcmp(kind, "jumps") == 0)
		return jump();
	if (strcmp(kind, "frame") == 0)
		return frame();
	return 2;
}

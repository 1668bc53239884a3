/* hostile_control.c: control flow and registers that are not what a profiler expects.
 * `hostile_control KIND`:
 *
 *     jumps  a signal handler leaves by siglongjmp, mostly out of the middle of malloc or free, as
 *            a timeout does. Afterwards a known number of blocks is made in allocate().
 *     entry CALL  the same in a forked child, out of the middle of its first allocation: of the
 *            system call CALL (gettid, memfd_create), if somebody makes it there
 *     frame  code without call frame information uses rbp as an ordinary pointer, into memory that
 *            lies above the stack and is gone by the next call
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <memprof/memprof.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "truth.h"

enum { JUMPS = 20, AFTERWARDS = 200000 };

static sigjmp_buf start;
static volatile sig_atomic_t jumps;

static void leave(int number)
{
	(void)number;
	siglongjmp(start, 1);
}

/* Pairs of malloc and free: after the first of them the profiled program's allocator takes no lock
 * for them that a jump could leave held, nor leaves anything half done. */
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
	allocate(1);
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

/* The sixth argument of a system call that is let through. */
enum { LET_THROUGH = 0x6d70 };

/* Makes the system call after all, and has a signal come right behind it. */
static void trapped(int number, siginfo_t *info, void *context)
{
	int error = errno;
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	(void)number;
	long result =
	        syscall(info->si_syscall, registers[REG_RDI], registers[REG_RSI],
	                registers[REG_RDX], registers[REG_R10], registers[REG_R8], LET_THROUGH);
	registers[REG_RAX] = result == -1 ? -errno : result;
	if (!jumps)
		syscall(SYS_tgkill, getpid(), syscall(SYS_gettid, 0, 0, 0, 0, 0, LET_THROUGH),
		        SIGALRM);
	errno = error;
}

static void trap(long call)
{
	struct sock_filter filter[] = {
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 2),
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LET_THROUGH, 0, 1),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};
	struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
	sigaddset(&action.sa_mask, SIGALRM);
	truth_must(sigaction(SIGSYS, &action, NULL) == 0, "sigaction");
	truth_must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no new privileges");
	truth_must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "seccomp");
}

static int entry_of_child(long call)
{
	signal(SIGALRM, leave);
	trap(call);
	if (sigsetjmp(start, 1))
		jumps++;
	else
		allocate(1);
	MEMPROF_PHASE ("afterwards")
		allocate(AFTERWARDS);
	printf("{\"pid\": %d, \"afterwards\": %d}\n", getpid(), AFTERWARDS);
	/* What was jumped out of has happened, or there is no profiler. */
	fprintf(stderr, "jumps: %d\n", (int)jumps);
	return 0;
}

static int entry(const char *name)
{
	long call = strcmp(name, "gettid") == 0 ? SYS_gettid : SYS_memfd_create;
	int status;
	pid_t child = fork();
	truth_must(child >= 0, "fork");
	if (child == 0)
		return entry_of_child(call);
	truth_must(waitpid(child, &status, 0) == child, "waitpid");
	return status != 0;
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
	if (strcmp(kind, "entry") == 0 && argc == 3)
		return entry(argv[2]);
	if (strcmp(kind, "frame") == 0)
		return frame();
	return 2;
}

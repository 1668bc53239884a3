/* calls.cc: functions that call each other in every way that a count of calls can get wrong. It is
 * compiled with -finstrument-functions, and counts its calls itself.
 *
 *     calls N      how many of each kind, in thousands
 *
 * Its truth: {"function": calls}. Every `after_…` is called by main, whatever was left before it.
 */
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <pthread.h>
#include <string>

#define UNCOUNTED __attribute__((no_instrument_function))
#define FUNCTION  __attribute__((noinline, noclone, no_icf)) static

/* Every function that is counted: X(name) */
#define FUNCTIONS(X)                                                                               \
	X(leaf)                                                                                    \
	X(work)                                                                                    \
	X(fib) X(even) X(odd) X(thrower) X(passer) X(catcher) X(jumper) X(landing) X(deep)         \
	        X(compare) X(sorter) X(handler) X(raiser) X(leaver) X(small) X(outer)              \
	                X(after_work) X(after_throws) X(after_jumps) X(after_deep)                 \
	                        X(after_signals) X(after_leaving)

enum function {
#define X(name) name##_,
	FUNCTIONS(X)
#undef X
	        functions_count
};

static long counts[functions_count];

#define COUNT(name) __atomic_add_fetch(&counts[name##_], 1, __ATOMIC_RELAXED)
#define STAYS       __asm__ volatile("" ::: "memory")

FUNCTION void leaf()
{
	COUNT(leaf);
}

FUNCTION long fib(int n)
{
	COUNT(fib);
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

FUNCTION bool odd(int n);

FUNCTION bool even(int n)
{
	COUNT(even);
	return n == 0 ? true : odd(n - 1);
}

FUNCTION bool odd(int n)
{
	COUNT(odd);
	return n == 0 ? false : even(n - 1);
}

__attribute__((always_inline)) static inline void small()
{
	COUNT(small);
	STAYS;
}

FUNCTION void outer()
{
	COUNT(outer);
	small();
	small();
	STAYS;
}

FUNCTION void *work(void *thousands)
{
	COUNT(work);
	long n = (long)thousands;
	for (long i = 0; i < n * 1000; i++)
		leaf();
	for (long i = 0; i < n; i++) {
		fib(12);
		even(9);
		outer();
	}
	return nullptr;
}

struct Thrown : std::exception {
};

FUNCTION void thrower(int depth)
{
	COUNT(thrower);
	std::string alive(100, 'x'); /* has a destructor to run on the way */
	if (depth == 0)
		throw Thrown();
	thrower(depth - 1);
	STAYS;
}

FUNCTION void passer()
{
	COUNT(passer);
	thrower(4);
	STAYS;
}

FUNCTION void catcher()
{
	COUNT(catcher);
	try {
		passer();
	} catch (const std::exception &) {
		leaf();
	}
}

static jmp_buf target;
static volatile bool never; /* so that the compiler believes that recursions end */

FUNCTION void jumper(int depth)
{
	COUNT(jumper);
	if (depth == 0 && !never)
		longjmp(target, 1);
	if (!never)
		jumper(depth - 1);
	STAYS;
}

FUNCTION void landing()
{
	COUNT(landing);
	if (setjmp(target) == 0)
		jumper(4);
	leaf();
	STAYS;
}

FUNCTION void deep(long depth)
{
	COUNT(deep);
	if (depth > 1)
		deep(depth - 1);
	STAYS;
}

FUNCTION int compare(const void *a, const void *b)
{
	COUNT(compare);
	return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

FUNCTION void sorter()
{
	COUNT(sorter);
	int numbers[] = {5, 3, 8, 1, 9, 2};
	qsort(numbers, 6, sizeof(int), compare);
	STAYS;
}

FUNCTION void handler(int)
{
	COUNT(handler);
	leaf();
	STAYS;
}

FUNCTION void raiser()
{
	COUNT(raiser);
	raise(SIGUSR1);
	leaf();
	STAYS;
}

FUNCTION void *leaver(void *depth)
{
	COUNT(leaver);
	if (!depth && !never)
		pthread_exit(nullptr);
	if (!never)
		leaver(static_cast<char *>(depth) - 1);
	STAYS;
	return nullptr;
}

#define AFTER(what)                                                                                \
	FUNCTION void after_##what()                                                               \
	{                                                                                          \
		COUNT(after_##what);                                                               \
		leaf();                                                                            \
	}
AFTER(work)
AFTER(throws)
AFTER(jumps)
AFTER(deep)
AFTER(signals)
AFTER(leaving)

UNCOUNTED static void signals(long n, int flags)
{
	struct sigaction action = {};
	action.sa_handler = handler;
	action.sa_flags = flags;
	sigaction(SIGUSR1, &action, nullptr);
	for (long i = 0; i < n; i++)
		raiser();
}

UNCOUNTED static void show()
{
	static const char *const names[] = {
#define X(name) #name,
	        FUNCTIONS(X)
#undef X
	};
	printf("{");
	for (int i = 0; i < functions_count; i++)
		printf("%s\"%s\": %ld", i ? ", " : "", names[i], counts[i]);
	printf("}\n");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	long n = atol(argv[1]);
	pthread_t thread;
	pthread_create(&thread, nullptr, work, reinterpret_cast<void *>(n));
	work(reinterpret_cast<void *>(n));
	pthread_join(thread, nullptr);
	after_work();
	for (long i = 0; i < n * 10; i++)
		catcher();
	after_throws();
	for (long i = 0; i < n * 10; i++)
		landing();
	after_jumps();
	deep(80000);
	after_deep();
	sorter();
	static char alternate[1 << 16];
	stack_t stack = {};
	stack.ss_sp = alternate;
	stack.ss_size = sizeof alternate;
	signals(n, 0);
	sigaltstack(&stack, nullptr);
	signals(n, SA_ONSTACK);
	after_signals();
	pthread_create(&thread, nullptr, leaver, reinterpret_cast<void *>(5));
	pthread_join(thread, nullptr);
	after_leaving();
	show();
	return 0;
}

/* shapes.c: frames of every shape that a C compiler makes, with a call to `hook` in them.
 *
 * A test builds this with several compilers and options, and loads it.
 */
#include <stdlib.h>
#include <string.h>

typedef void (*shapes_hook)(void);
static shapes_hook hook;

#define NOINLINE     __attribute__((noinline))
#define KEEP_FRAME() __asm__ volatile("" : : : "memory")

static unsigned next_random(void)
{
	static unsigned state = 1;
	return (state = state * 1103515245u + 12345u) >> 16;
}

NOINLINE static void leaf(void)
{
	hook();
	KEEP_FRAME();
}

NOINLINE static void variable(unsigned bytes, int levels)
{
	volatile char block[bytes];
	block[bytes - 1] = 1;
	leaf();
	if (levels > 0)
		variable(next_random() % 200 + 1, levels - 1);
	KEEP_FRAME();
	block[0] = block[bytes - 1];
}

NOINLINE static void realigned(int levels)
{
	__attribute__((aligned(64))) volatile char block[128];
	block[0] = 1;
	leaf();
	if (levels > 0)
		realigned(levels - 1);
	KEEP_FRAME();
	block[1] = block[0];
}

/* Both at once: the frame has rbp, and keeps the CFA below it. */
NOINLINE static void realigned_variable(unsigned bytes, int levels)
{
	__attribute__((aligned(64))) volatile char block[128];
	volatile char more[bytes];
	block[0] = more[bytes - 1] = 1;
	leaf();
	if (levels > 0)
		realigned_variable(next_random() % 300 + 1, levels - 1);
	KEEP_FRAME();
	block[1] = more[0];
}

struct large {
	long words[20];
};

NOINLINE static long by_value(struct large a, long b, long c, long d, long e, long f, long g,
                              long h)
{
	leaf();
	KEEP_FRAME();
	return a.words[3] + b + c + d + e + f + g + h;
}

/* Keeps every register busy across a call, so that all of them are saved, rbp among them. */
NOINLINE static long busy(long a, long b, long c, int levels)
{
	long d = a * b, e = b * c, f = c * a, g = d ^ e, h = e ^ f;
	leaf();
	long deep = levels > 0 ? busy(d, e, f, levels - 1) : 1;
	leaf();
	return a + b + c + d + e + f + g + h + deep;
}

NOINLINE static void huge(int levels)
{
	volatile char block[20000];
	memset((void *)block, levels, sizeof block);
	leaf();
	if (levels > 0)
		huge(levels - 1);
	KEEP_FRAME();
}

NOINLINE static void tail(int levels)
{
	if (levels > 0) {
		leaf();
		tail(levels - 1);
		return;
	}
	leaf();
}

static int compare(const void *a, const void *b)
{
	hook();
	return *(const int *)a - *(const int *)b;
}

NOINLINE static void in_library(void)
{
	int values[] = {3, 1, 4, 1, 5, 9, 2, 6};
	qsort(values, sizeof values / sizeof *values, sizeof *values, compare);
	KEEP_FRAME();
}

NOINLINE static void even(int levels);
NOINLINE static void odd(int levels)
{
	leaf();
	if (levels > 0)
		even(levels - 1);
	KEEP_FRAME();
}
NOINLINE static void even(int levels)
{
	volatile long block[7];
	block[0] = levels;
	leaf();
	if (levels > 0)
		odd(levels - 1);
	KEEP_FRAME();
	block[1] = block[0];
}

void shapes_run(shapes_hook with)
{
	hook = with;
	for (int i = 0; i < 40; i++) {
		leaf();
		variable(next_random() % 100 + 1, i % 5);
		realigned(i % 3);
		realigned_variable(next_random() % 100 + 1, i % 4);
		(void)by_value((struct large){{1, 2, 3, 4}}, i, 2, 3, 4, 5, 6, 7);
		(void)busy(i, i + 1, i + 2, i % 6);
		huge(i % 3);
		tail(i % 4);
		in_library();
		odd(i % 9);
	}
}

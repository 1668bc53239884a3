/* queue.c: what is temporary and what is not. In the FIFO each block outlives 1,000 others, though
 * all come from one call-site and go at the same rate: none is temporary. */
#include <memprof/memprof.h>

#include "truth.h"

#define QUEUE  1000
#define PUSHES 100000

static struct truth fifo = {.phase = "fifo"};
static struct truth pairs = {.phase = "pairs"};
static struct truth nested = {.phase = "nested"};
static struct truth delayed = {.phase = "delayed"};

static void run_fifo(void)
{
	static void *queue[QUEUE];
	for (int i = 0; i < PUSHES; i++) {
		void *block = truth_made(&fifo, malloc(40), 40);
		if (queue[i % QUEUE])
			free(truth_gone(&fifo, queue[i % QUEUE], 40));
		queue[i % QUEUE] = block;
	}
	truth_made(&fifo, malloc(8), 8); /* so that the last one of the queue is not the newest */
	for (int i = 0; i < QUEUE; i++)
		free(truth_gone(&fifo, queue[(PUSHES + i) % QUEUE], 40));
}

static void run_nested(void)
{
	for (int i = 0; i < 500; i++) {
		void *outer = truth_made(&nested, malloc(24), 24);
		void *inner = truth_made(&nested, malloc(48), 48);
		free(truth_gone(&nested, inner, 48)); /* temporary */
		free(truth_gone(&nested, outer, 24)); /* not: inner was allocated since */
	}
}

int main(void)
{
	MEMPROF_PHASE ("fifo")
		run_fifo();
	MEMPROF_PHASE ("pairs")
		for (int i = 0; i < 5000; i++) {
			void *block = truth_made(&pairs, malloc((size_t)i), (size_t)i);
			free(truth_gone(&pairs, block, (size_t)i));
		}
	MEMPROF_PHASE ("nested")
		run_nested();
	/* all allocated, then all freed: only the last one went before another came */
	static void *blocks[300];
	MEMPROF_PHASE ("delayed") {
		for (int i = 0; i < 300; i++)
			blocks[i] = truth_made(&delayed, malloc(64), 64);
		for (int i = 299; i >= 0; i--)
			free(truth_gone(&delayed, blocks[i], 64));
	}
	struct truth all[] = {fifo, pairs, nested, delayed};
	truth_print(stdout, all, 4);
	return 0;
}

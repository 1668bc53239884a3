/* trampolines.c: an interpreter that runs every function of its language through a piece of code of
 * its own, made at run time, as Python does from 3.12 on under -X perf: the same few instructions
 * for each, one after the other in a page, which call back the interpreter. Its map for perf has
 * names as Python writes them.
 *
 * argv[1]: "frames" where that code keeps frame pointers, else "bare". Each function allocates as
 * often as its name is long, in the interpreter; what it and all below it allocated is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct frame;
typedef void *evaluator(void *state, struct frame *frame, int thrown);
typedef void *trampoline(void *state, struct frame *frame, int thrown, evaluator *back);

/* sub $8, %rsp; call *%rcx; add $8, %rsp; ret */
static const unsigned char BARE[] = {0x48, 0x83, 0xec, 0x08, 0xff, 0xd1,
                                     0x48, 0x83, 0xc4, 0x08, 0xc3};
/* push %rbp; mov %rsp, %rbp; call *%rcx; pop %rbp; ret */
static const unsigned char FRAMES[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd1, 0x5d, 0xc3};

#define STRIDE 32 /* bytes from one to the next */

struct frame {
	const char *name, *file;
	int calls[3]; /* indices of functions; 0 ends them */
	trampoline *code;
	long allocations; /* in one call, by itself */
	int deep;         /* calls itself so often */
	int depth;
	long inclusive; /* truth: of its outermost calls */
};

/* As qualified names, files and pseudo-files are. */
static struct frame functions[] = {
        {.name = "<module>", .file = "/project/main.py", .calls = {1, 3}},
        {.name = "World.step", .file = "/project/world.py", .calls = {2, 3}},
        {.name = "Agent.observe.<locals>.<listcomp>", .file = "/project/agent.py"},
        {.name = "Tree.walk", .file = "/project/tree.py", .calls = {4}, .deep = 5},
        {.name = "<lambda>", .file = "/project/tree.py"},
};
#define FUNCTIONS (sizeof functions / sizeof functions[0])

static void *volatile kept;
static long made; /* allocations so far */

__attribute__((noinline)) static void allocate(long times)
{
	for (long i = 0; i < times; i++) {
		kept = malloc(48);
		free(kept);
		made++;
	}
}

/* The interpreter: one C function for all of the program's. */
__attribute__((noinline)) static void *evaluate(void *state, struct frame *frame, int thrown)
{
	long before = made;
	frame->depth++;
	allocate(frame->allocations);
	for (int i = 0; i < 3 && frame->calls[i]; i++) {
		struct frame *callee = &functions[frame->calls[i]];
		callee->code(state, callee, thrown, evaluate);
	}
	if (frame->depth <= frame->deep)
		frame->code(state, frame, thrown, evaluate);
	frame->depth--;
	if (frame->depth == 0)
		frame->inclusive += made - before;
	return state;
}

static void make_code(unsigned char *page, const unsigned char *code, size_t size, FILE *map)
{
	for (size_t i = 0; i < FUNCTIONS; i++) {
		unsigned char *at = page + i * STRIDE;
		memcpy(at, code, size);
		memcpy(&functions[i].code, &at, sizeof at);
		functions[i].allocations = (long)strlen(functions[i].name);
		fprintf(map, "%lx %x py::%s:%s\n", (unsigned long)at, (unsigned)STRIDE,
		        functions[i].name, functions[i].file);
	}
}

int main(int argc, char **argv)
{
	char path[64];
	int frames = argc > 1 && strcmp(argv[1], "frames") == 0;
	unsigned char *page =
	        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
	FILE *map = fopen(path, "w");
	if (page == MAP_FAILED || !map)
		return 1;
	make_code(page, frames ? FRAMES : BARE, frames ? sizeof FRAMES : sizeof BARE, map);
	fclose(map);
	if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0)
		return 1;
	functions[0].code(NULL, &functions[0], 0, evaluate);
	printf("{\"inclusive\": {");
	for (size_t i = 0; i < FUNCTIONS; i++)
		printf("%s\"%s\": %ld", i ? ", " : "", functions[i].name, functions[i].inclusive);
	printf("}}\n");
	return 0;
}

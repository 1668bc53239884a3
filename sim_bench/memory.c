/* memory.c: the end of a program that was refused memory; see memory.h. */
#include "memory.h"

#include <unistd.h>

_Noreturn void memory_exhausted(void)
{
	/* No stdio: it may want memory itself. */
	static const char line[] = "sim_bench: out of memory; use fewer --agents, or raise the "
	                           "memory limit of this shell or batch job\n";
	ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);
	(void)ignored;
	_exit(1);
}

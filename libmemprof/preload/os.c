/* os.c: see os.h. */
#include "os.h"

#include <string.h>
#include <time.h>

uint64_t mp_clock_ns(int clock)
{
	struct timespec now = {0, 0};
	/* By way of the vDSO for the clocks that it serves. It cannot fail for the clocks we ask.
	 */
	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void mp_complain(const char *what)
{
	char line[256] = "memprof: ";
	size_t length = strlen(line);
	while (*what && length < sizeof(line) - 1)
		line[length++] = *what++;
	line[length++] = '\n';
	(void)mp_syscall(SYS_write, 2, (long)line, (long)length, 0, 0, 0);
}

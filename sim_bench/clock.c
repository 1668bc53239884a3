/* clock.c: see clock.h. */
#include "clock.h"

#include <time.h>

uint64_t clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void clock_iso_now(char text[CLOCK_ISO_SIZE])
{
	time_t now = time(NULL);
	struct tm local;
	localtime_r(&now, &local);
	if (strftime(text, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S%z", &local) == 0)
		text[0] = '\0';
}

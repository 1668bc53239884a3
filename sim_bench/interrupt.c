/* interrupt.c: see interrupt.h. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

#define PATIENCE_NS UINT64_C(1000000000)

static volatile sig_atomic_t caught;
static uint64_t caught_ns;

/* Both handlers are blocked while one runs, and reading the clock is safe in a handler. */
static void catch (int number)
{
	if (caught && clock_ns() - caught_ns >= PATIENCE_NS) {
		signal(number, SIG_DFL);
		raise(number);
		return;
	}
	if (!caught) {
		caught_ns = clock_ns();
		caught = number;
	}
}

void interrupt_catch(void)
{
	struct sigaction action = {.sa_handler = catch, .sa_flags = SA_RESTART};
	sigaddset(&action.sa_mask, SIGINT);
	sigaddset(&action.sa_mask, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int interrupt_signal(void)
{
	return caught;
}

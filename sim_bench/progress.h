/* progress.h: how far a run is, on stderr while it goes on.
 *
 * On a terminal one line is redrawn a few times a second; elsewhere a plain line is written every
 * ten seconds, so that logs of batch jobs stay short. NO_COLOR (https://no-color.org) is obeyed.
 */
#ifndef SIM_PROGRESS_H
#define SIM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	uint64_t steps, started_ns, shown_ns;
	bool terminal, color, drawn;
};

/* Starts counting, at NOW_NS of clock_ns, towards STEPS. */
struct progress progress_start(uint64_t steps, uint64_t now_ns);

/* Says how far it is, if it is time to. */
void progress_show(struct progress *progress, uint64_t now_ns, uint64_t step, uint64_t agents);

/* Clears the line that was redrawn. */
void progress_end(struct progress *progress);

#endif

/* progress.c: see progress.h. */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"

#define REDRAW_NS UINT64_C(100000000)
#define LINE_NS   UINT64_C(10000000000)
#define BAR_CELLS 28

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

struct progress progress_start(uint64_t steps, uint64_t now_ns)
{
	bool terminal = isatty(STDERR_FILENO);
	return (struct progress){
	        .steps = steps,
	        .started_ns = now_ns,
	        .shown_ns = now_ns,
	        .terminal = terminal,
	        .color = terminal && wants_color(),
	};
}

static void draw_bar(const struct progress *progress, uint64_t step)
{
	int filled = (int)(step * BAR_CELLS / progress->steps);
	fprintf(stderr, "\r\033[K%s", progress->color ? "\033[36m" : "");
	for (int i = 0; i < BAR_CELLS; i++)
		fputs(i < filled ? "█" : "░", stderr);
	fprintf(stderr, "%s ", progress->color ? "\033[0m" : "");
}

static void describe(const struct progress *progress, uint64_t now_ns, uint64_t step,
                     uint64_t agents)
{
	char done[FORMAT_SIZE], wanted[FORMAT_SIZE], rate[FORMAT_SIZE], left[FORMAT_SIZE],
	        living[FORMAT_SIZE];
	double seconds = (double)(now_ns - progress->started_ns) * 1e-9;
	double per_second = (double)step / seconds;
	fprintf(stderr, "step %s of %s  %s steps/s  %s left  %s agents", format_count(done, step),
	        format_count(wanted, progress->steps), format_rate(rate, per_second),
	        format_seconds(left, (double)(progress->steps - step) / per_second),
	        format_count(living, agents));
}

void progress_show(struct progress *progress, uint64_t now_ns, uint64_t step, uint64_t agents)
{
	if (now_ns - progress->shown_ns < (progress->terminal ? REDRAW_NS : LINE_NS))
		return;
	progress->shown_ns = now_ns;
	if (progress->terminal)
		draw_bar(progress, step);
	else
		fputs("sim_bench: ", stderr);
	describe(progress, now_ns, step, agents);
	if (progress->terminal)
		progress->drawn = true;
	else
		fputc('\n', stderr);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", stderr);
	progress->drawn = false;
}

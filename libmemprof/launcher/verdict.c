/* verdict.c: see verdict.h. */
#include "verdict.h"
#include "clock.h"
#include "header.h"
#include "human.h"
#include "procstat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_this_host(const struct status *status)
{
	char host[256] = "";
	gethostname(host, sizeof host - 1);
	return status->host && strcmp(status->host, host) == 0;
}

static bool is_this_boot(const struct status *status)
{
	char boot[64];
	header_boot_id(boot);
	return status->boot_id && strcmp(status->boot_id, boot) == 0;
}

static enum verdict look_at_processes(const struct status *status)
{
	if (!is_this_boot(status))
		return VERDICT_DIED;
	if (status->launcher_start &&
	    procstat_start_time(status->launcher_pid) == status->launcher_start)
		return VERDICT_RUNNING;
	/* The program was started after memprof: an older one of its pid cannot be it. */
	if (status->pid > 0 && procstat_start_time(status->pid) >= status->launcher_start)
		return VERDICT_UNWATCHED;
	return VERDICT_DIED;
}

enum verdict verdict_of(const struct status *status)
{
	if (status->state == RUN_FINISHED)
		return VERDICT_FINISHED;
	if (status->state == RUN_CRASHED)
		return VERDICT_CRASHED;
	if (is_this_host(status))
		return look_at_processes(status);
	return verdict_heartbeat_age(status) <= VERDICT_SILENT_SECONDS ? VERDICT_RUNNING
	                                                               : VERDICT_SILENT;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
	        [VERDICT_RUNNING] = "running",     [VERDICT_FINISHED] = "finished",
	        [VERDICT_CRASHED] = "crashed",     [VERDICT_DIED] = "died",
	        [VERDICT_UNWATCHED] = "unwatched", [VERDICT_SILENT] = "silent",
	};
	return names[verdict];
}

double verdict_heartbeat_age(const struct status *status)
{
	struct moment now = clock_moment();
	double age = (double)now.real_ns / (double)NS_PER_SECOND - status->updated;
	return age > 0 ? age : 0;
}

/* " at step 12" for a run that has steps. */
static void at_step(const struct status *status, char text[64])
{
	char step[HUMAN_SIZE];
	human_count(step, status->step);
	text[0] = '\0';
	if (status->step)
		snprintf(text, 64, " at step %s", step);
}

static void crash_sentence(const struct status *status, const char *step, char *text, size_t size)
{
	const char *name = sigdescr_np(status->signal);
	if (status->out_of_memory)
		snprintf(text, size, "crashed%s: killed for lack of memory", step);
	else
		snprintf(text, size, "crashed%s: signal %d (%s)", step, status->signal,
		         name ? name : "unknown");
}

void verdict_sentence(const struct status *status, char *text, unsigned long size)
{
	char step[64], age[HUMAN_SIZE];
	const char *host = status->host ? status->host : "?";
	at_step(status, step);
	human_seconds(age, verdict_heartbeat_age(status));
	switch (verdict_of(status)) {
	case VERDICT_RUNNING:
		snprintf(text, size, "running, last sign of life %s ago on %s", age, host);
		break;
	case VERDICT_FINISHED:
		snprintf(text, size, "finished with exit status %d, %s ago on %s",
		         status->exit_status, age, host);
		break;
	case VERDICT_CRASHED:
		crash_sentence(status, step, text, size);
		break;
	case VERDICT_DIED:
		snprintf(text, size, "died%s, with memprof; last sign of life %s ago on %s", step,
		         age, host);
		break;
	case VERDICT_UNWATCHED:
		snprintf(text, size, "memprof died%s, %s ago; the program (%d) runs on, unrecorded",
		         step, age, status->pid);
		break;
	case VERDICT_SILENT:
		snprintf(text, size, "no sign of life for %s from %s%s", age, host, step);
		break;
	}
}

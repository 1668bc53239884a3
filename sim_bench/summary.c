/* summary.c: see summary.h. */
#include "summary.h"

#include <memprof/memprof.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "format.h"

static void print_head(const struct run *run, const struct run_result *result)
{
	const struct config *config = run->config;
	printf("sim_bench  %llu steps, %llu agents, seed %llu, %s, %s  ",
	       (unsigned long long)config->steps, (unsigned long long)config->agents,
	       (unsigned long long)config->seed, config->spatial,
	       run->dir->database ? "database" : "no database");
	if (result->status == RUN_INTERRUPTED)
		printf("INTERRUPTED at step %llu by SIG%s\n", (unsigned long long)result->steps,
		       sigabbrev_np(result->signal));
	else if (result->status == RUN_FAILED)
		printf("FAILED at step %llu\n", (unsigned long long)result->steps);
	else
		puts("COMPLETE");
}

static void print_steps(const struct run_result *result)
{
	char steps[FORMAT_SIZE], seconds[FORMAT_SIZE], rate[FORMAT_SIZE], p50[FORMAT_SIZE],
	        p95[FORMAT_SIZE], p99[FORMAT_SIZE], max[FORMAT_SIZE], max_step[FORMAT_SIZE];
	const struct steptimes *times = &result->times;
	if (result->steps == 0)
		return;
	printf("steps      %s in %s (%s/s)  p50 %s  p95 %s  p99 %s  max %s (step %s)\n",
	       format_count(steps, result->steps), format_seconds(seconds, result->seconds),
	       format_rate(rate, (double)result->steps / result->seconds),
	       format_seconds(p50, (double)steptimes_quantile(times, 0.50) * 1e-9),
	       format_seconds(p95, (double)steptimes_quantile(times, 0.95) * 1e-9),
	       format_seconds(p99, (double)steptimes_quantile(times, 0.99) * 1e-9),
	       format_seconds(max, (double)times->max_ns * 1e-9),
	       format_count(max_step, times->max_step));
}

static void print_agents(const struct run_result *result)
{
	char first[FORMAT_SIZE], last[FORMAT_SIZE], most[FORMAT_SIZE], births[FORMAT_SIZE],
	        deaths[FORMAT_SIZE];
	printf("agents     %s → %s (mean %.1f, most %s)  births %s  deaths %s%s\n",
	       format_count(first, result->agents_first), format_count(last, result->agents_last),
	       result->agents_mean, format_count(most, result->agents_most),
	       format_count(births, result->births), format_count(deaths, result->deaths),
	       result->agents_last == 0 ? "  EXTINCT: too few agents to last" : "");
	printf("state hash %016llx\n", (unsigned long long)result->hash);
}

static void print_places(const struct run *run, const struct run_result *result)
{
	char steps[FORMAT_SIZE], rows[FORMAT_SIZE];
	printf("run        %s\n", run->dir->path);
	if (run->dir->database)
		printf("database   %s (%s rows of %s steps)\n", run->dir->database,
		       format_count(rows, result->database.rows),
		       format_count(steps, result->database.steps));
}

/* A word of a command, in quotes if a shell would not take it as it is. */
static void print_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                            "_-./+,:=@%";
	if (*word && !word[strspn(word, plain)]) {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\'", stdout);
		putchar(*word);
	}
	putchar('\'');
}

/* ../sim_bench → ../analyzer TRACE, or memprof report TRACE. */
static void print_next(const struct launch *launch, const char *trace)
{
	char program[PATH_MAX];
	const char *command;
	if (!launch_reader(launch, program, &command))
		return;
	fputs("next       ", stdout);
	print_word(program);
	if (command)
		printf(" %s", command);
	putchar(' ');
	print_word(trace);
	putchar('\n');
}

static void print_trace(const struct run *run)
{
	char note[512];
	if (!run->launch->launched) {
		if (memprof_active())
			puts("trace      where `memprof run` writes it");
		else
			puts("trace      none (run without profile)");
		return;
	}
	const char *typed = rundir_link_trace(run->dir, note, sizeof note);
	printf("trace      %s\n", run->dir->trace);
	if (note[0])
		printf("           %s\n", note);
	print_next(run->launch, typed);
}

bool summary_print(const struct run *run, const struct run_result *result)
{
	print_head(run, result);
	print_steps(result);
	print_agents(result);
	print_places(run, result);
	print_trace(run);
	return fflush(stdout) == 0 && !ferror(stdout);
}

/* status_view.c: see status_view.h. */
#include "status_view.h"
#include "clock.h"
#include "human.h"
#include "memory.h"
#include "paths.h"
#include "verdict.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BAR_WIDTH    40
#define FILES_SHOWN  8
#define PHASES_SHOWN 6

void status_view_init(struct status_view *view, const char *called)
{
	const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
	view->terminal = isatty(STDOUT_FILENO);
	view->colour = view->terminal && !(no_colour && *no_colour) &&
	               !(terminal && strcmp(terminal, "dumb") == 0);
	view->called = called;
}

static void print_verdict(const struct status_view *view, const struct status *status)
{
	static const char *const colours[] = {
	        [VERDICT_RUNNING] = "32", [VERDICT_FINISHED] = "36",  [VERDICT_CRASHED] = "31",
	        [VERDICT_DIED] = "31",    [VERDICT_UNWATCHED] = "33", [VERDICT_SILENT] = "33",
	};
	char text[512];
	verdict_sentence(status, text, sizeof text);
	if (view->colour)
		printf("\033[%sm%s\033[0m", colours[verdict_of(status)], text);
	else
		fputs(text, stdout);
}

/* ---- progress ---------------------------------------------------------------------------- */

static double done_share(const struct status *s)
{
	double share = (double)s->last_step / (double)s->steps_expected;
	return share < 1 ? share : 1;
}

static void print_bar(double share)
{
	int full = (int)(share * BAR_WIDTH + 0.5);
	for (int i = 0; i < BAR_WIDTH; i++)
		fputs(i < full ? "█" : "░", stdout);
	fputs("  ", stdout);
}

static void print_step(const struct status *s)
{
	char step[HUMAN_SIZE], expected[HUMAN_SIZE];
	human_count(step, s->last_step);
	human_count(expected, s->steps_expected);
	printf("step %s", step);
	if (s->steps_expected)
		printf(" of %s (%.1f %%)", expected, done_share(s) * 100);
	if (s->steps_per_second <= 0)
		return;
	human_count(step, (uint64_t)(s->steps_per_second + 0.5));
	if (s->steps_per_second < 100)
		printf(", %.3g steps/s", s->steps_per_second);
	else
		printf(", %s steps/s", step);
}

static void print_time_left(const struct status *s)
{
	char left[HUMAN_SIZE];
	if (verdict_of(s) != VERDICT_RUNNING || s->eta_seconds < 0)
		return;
	human_seconds(left, s->eta_seconds);
	printf(", %s left", left);
}

static void print_progress(const struct status_view *view, const struct status *s)
{
	if (!s->step) {
		puts("progress   no steps marked (memprof_step_begin, MEMPROF_STEP)");
		return;
	}
	fputs("progress   ", stdout);
	if (view->terminal && s->steps_expected)
		print_bar(done_share(s));
	print_step(s);
	print_time_left(s);
	putchar('\n');
	if (s->agents_known) {
		char agents[HUMAN_SIZE];
		human_count(agents, s->agents);
		printf("agents     %s\n", agents);
	}
}

static void print_phases(const struct status *s)
{
	char open[HUMAN_SIZE];
	if (s->phases_count)
		fputs("phases     ", stdout);
	for (uint32_t i = 0; i < s->phases_count && i < PHASES_SHOWN; i++)
		printf("%s%s %.1f %%", i ? ", " : "", s->phases[i].path, s->phases[i].share * 100);
	if (s->phases_count)
		puts(" of recent phase time");
	if (verdict_of(s) != VERDICT_RUNNING || s->step_seconds < 1)
		return;
	human_seconds(open, s->step_seconds);
	printf("now        step open for %s%s%s\n", open, s->current_phase ? ", in " : "",
	       s->current_phase ? s->current_phase : "");
}

#define HEAP_OFF "heap not recorded (--mode off)"

static const char *about(const struct status *s)
{
	return s->heap_estimated ? "about " : "";
}

static void print_memory(const struct status *s)
{
	char live[HUMAN_SIZE], peak[HUMAN_SIZE], rss[HUMAN_SIZE], peak_rss[HUMAN_SIZE];
	char count[HUMAN_SIZE], rate[HUMAN_SIZE];
	human_bytes(rss, s->rss_bytes);
	human_bytes(peak_rss, s->peak_rss_bytes);
	if (s->heap_off) {
		printf("memory     " HEAP_OFF ", resident %s (peak %s)\n", rss, peak_rss);
		return;
	}
	human_bytes(live, s->live_heap_bytes);
	human_bytes(peak, s->peak_heap_bytes);
	human_count(count, s->allocations);
	human_count(rate, (uint64_t)s->allocations_per_second);
	printf("memory     heap %s%s (peak %s), resident %s (peak %s)\n", about(s), live, peak, rss,
	       peak_rss);
	printf("allocated  %s%s times", about(s), count);
	if (verdict_of(s) == VERDICT_RUNNING)
		printf(", %s/s", rate);
	putchar('\n');
}

/* ---- files ------------------------------------------------------------------------------- */

struct listed_file {
	char *name;
	uint64_t bytes;
	double changed; /* seconds since 1970 */
};

static int latest_first(const void *a, const void *b)
{
	const struct listed_file *x = a, *y = b;
	return (x->changed < y->changed) - (x->changed > y->changed);
}

static struct listed_file *list_files(const char *directory, size_t *count)
{
	struct listed_file *files = NULL;
	size_t capacity = 0;
	*count = 0;
	DIR *entries = opendir(directory);
	if (!entries)
		return NULL;
	for (struct dirent *entry; (entry = readdir(entries));) {
		struct stat info;
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(entries), entry->d_name, &info, 0) != 0 || !S_ISREG(info.st_mode))
			continue;
		memory_reserve(&files, &capacity, *count + 1, sizeof *files);
		files[(*count)++] = (struct listed_file){
		        .name = memory_copy(entry->d_name),
		        .bytes = (uint64_t)info.st_size,
		        .changed = (double)info.st_mtim.tv_sec +
		                   (double)info.st_mtim.tv_nsec / (double)NS_PER_SECOND,
		};
	}
	closedir(entries);
	if (files)
		qsort(files, *count, sizeof *files, latest_first);
	return files;
}

static void print_file(const struct listed_file *file, double now)
{
	char bytes[HUMAN_SIZE], age[HUMAN_SIZE];
	human_bytes(bytes, file->bytes);
	human_seconds(age, now > file->changed ? now - file->changed : 0);
	printf("           %10s  %-28s changed %s ago\n", bytes, file->name, age);
}

/* What the run has made, and when it last did: its recent activity. */
static void print_files(const char *directory)
{
	size_t count;
	struct listed_file *files = list_files(directory, &count);
	double now = (double)clock_moment().real_ns / (double)NS_PER_SECOND;
	printf("files      %s, latest change first\n", directory);
	for (size_t i = 0; i < count; i++) {
		if (i < FILES_SHOWN)
			print_file(&files[i], now);
		free(files[i].name);
	}
	if (count > FILES_SHOWN)
		printf("           and %zu more\n", count - FILES_SHOWN);
	free(files);
}

static void print_trace_alone(const struct status *s)
{
	char bytes[HUMAN_SIZE];
	human_bytes(bytes, s->trace_bytes);
	printf("files      %s (%s)\n", s->trace ? s->trace : "?", bytes);
}

/* ---- what to do next ------------------------------------------------------------------------ */

/* A path as it is shortest to type from here. */
static char *shortened(const char *path)
{
	char here[4096];
	size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
	bool below = length > 1 && strncmp(path, here, length) == 0 && path[length] == '/';
	return paths_quoted(below ? path + length + 1 : path);
}

static void print_next(const struct status_view *view, const struct status *s, const char *path)
{
	enum verdict verdict = verdict_of(s);
	char *trace = s->trace ? shortened(s->trace) : NULL;
	char *target = shortened(s->run_dir ? s->run_dir : path);
	char *analyzer = paths_analyzer_as_called(view->called);
	const char *label = "next       ";
	if (verdict == VERDICT_RUNNING) {
		printf("%s%s status --watch %s\n", label, view->called, target);
		label = "           ";
	}
	if (trace && s->trace_bytes && analyzer)
		printf("%s%s %s%s\n", label, analyzer, trace,
		       verdict == VERDICT_RUNNING ? "    # what is recorded so far" : "");
	else if (trace && s->trace_bytes)
		printf("%s%s report %s\n", label, view->called, trace);
	else if (verdict != VERDICT_RUNNING)
		printf("%sno trace was written\n", label);
	free(trace);
	free(target);
	free(analyzer);
}

/* ---- views ------------------------------------------------------------------------------- */

static void print_head(const struct status_view *view, const struct status *s)
{
	char since[HUMAN_SIZE];
	double until = verdict_of(s) == VERDICT_RUNNING
	                       ? (double)clock_moment().real_ns / (double)NS_PER_SECOND
	                       : s->updated;
	human_seconds(since, until > s->started ? until - s->started : 0);
	printf("run        %s\n", s->command ? s->command : "?");
	fputs("state      ", stdout);
	print_verdict(view, s);
	printf("\nprocess    %d (memprof %d), for %s", s->pid, s->launcher_pid, since);
	if (s->processes > 1)
		printf("; %" PRIu64 " processes recorded", s->processes);
	putchar('\n');
}

void status_view_run(const struct status_view *view, const struct status *s, const char *path)
{
	print_head(view, s);
	print_progress(view, s);
	print_phases(s);
	print_memory(s);
	if (s->run_dir)
		print_files(s->run_dir);
	else
		print_trace_alone(s);
	print_next(view, s, path);
}

void status_view_line(const struct status *s)
{
	char live[HUMAN_SIZE], rss[HUMAN_SIZE];
	human_bytes(live, s->live_heap_bytes);
	human_bytes(rss, s->rss_bytes);
	printf("%s  ", verdict_name(verdict_of(s)));
	if (s->step) {
		print_step(s);
		print_time_left(s);
		fputs(", ", stdout);
	}
	if (s->heap_off)
		printf(HEAP_OFF ", resident %s\n", rss);
	else
		printf("heap %s%s, resident %s\n", about(s), live, rss);
}

void status_view_entry(const struct status_view *view, const struct status *s)
{
	char *place = shortened(s->run_dir ? s->run_dir : s->trace ? s->trace : "?");
	printf("%-32s  ", place);
	free(place);
	print_verdict(view, s);
	fputs("\n    ", stdout);
	if (s->step) {
		print_step(s);
		print_time_left(s);
		fputs("  ", stdout);
	}
	printf("%s\n", s->command ? s->command : "?");
}

/* procstat.c: see procstat.h. */
#include "procstat.h"
#include "clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS_READ 256

/* Reads a small file whole into `text`, ended by 0. */
static bool read_small(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t got = read(fd, text, size - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

static bool read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[512];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return read_small(path, text, size);
}

/* The number after "\nkey:"; leaves *value alone when there is none. */
static void take_number(const char *text, const char *key, uint64_t unit, uint64_t *value)
{
	char pattern[64];
	snprintf(pattern, sizeof pattern, "\n%s:", key);
	const char *at = strstr(text, pattern);
	if (at)
		*value = strtoull(at + strlen(pattern), NULL, 10) * unit;
}

void procstat_init(struct procstat *stat)
{
	memset(stat, 0xff, sizeof *stat); /* every field PROCSTAT_UNKNOWN */
}

static void read_status(struct procstat *stat, pid_t pid)
{
	char text[4096];
	if (!read_proc(pid, "status", text, sizeof text))
		return;
	uint64_t peak = PROCSTAT_UNKNOWN;
	take_number(text, "RssAnon", 1024, &stat->rss_anon);
	take_number(text, "RssFile", 1024, &stat->rss_file);
	take_number(text, "RssShmem", 1024, &stat->rss_shmem);
	take_number(text, "VmSwap", 1024, &stat->swap);
	take_number(text, "VmHWM", 1024, &peak);
	take_number(text, "Threads", 1, &stat->threads);
	if (peak != PROCSTAT_UNKNOWN)
		stat->peak_rss = peak;
}

/* Fields of /proc/PID/stat from the third on (proc(5)); the second, in brackets, may hold spaces.
 */
struct stat_fields {
	char state;
	uint64_t minflt, cminflt, majflt, cmajflt, utime, stime, cutime, cstime, starttime;
};

static bool read_stat(pid_t pid, struct stat_fields *f)
{
	char text[1024];
	if (!read_proc(pid, "stat", text, sizeof text))
		return false;
	const char *at = strrchr(text, ')');
	return at &&
	       sscanf(at + 1,
	              " %c %*d %*d %*d %*d %*d %*u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
	              " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %*d %*d %*d %*d %" SCNu64,
	              &f->state, &f->minflt, &f->cminflt, &f->majflt, &f->cmajflt, &f->utime,
	              &f->stime, &f->cutime, &f->cstime, &f->starttime) == 10;
}

void procstat_set_cpu(struct procstat *stat, uint64_t total_ns)
{
	bool known = stat->user_ns != PROCSTAT_UNKNOWN && stat->system_ns != PROCSTAT_UNKNOWN;
	uint64_t counted = known ? stat->user_ns + stat->system_ns : 0;
	double system = counted ? (double)stat->system_ns / (double)counted : 0;
	stat->system_ns = (uint64_t)((double)total_ns * system);
	stat->user_ns = total_ns - stat->system_ns;
}

/* The CPU clock of the process is good to the nanosecond, but does not tell user from system time;
 * the counts of /proc/PID/stat do, in 10 ms. So: the sum of the one, in the proportion of the
 * other. */
static void take_cpu_time(struct procstat *stat, pid_t pid, const struct stat_fields *f)
{
	uint64_t tick_ns = NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
	clockid_t clock;
	struct timespec used;
	stat->user_ns = f->utime * tick_ns;
	stat->system_ns = f->stime * tick_ns;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		return;
	procstat_set_cpu(stat, (uint64_t)used.tv_sec * NS_PER_SECOND + (uint64_t)used.tv_nsec);
}

static void read_times(struct procstat *stat, pid_t pid)
{
	struct stat_fields f;
	if (!read_stat(pid, &f))
		return;
	stat->minor_faults = f.minflt;
	stat->major_faults = f.majflt;
	take_cpu_time(stat, pid, &f);
}

static void read_io(struct procstat *stat, pid_t pid)
{
	char text[512] = "\n";
	if (!read_proc(pid, "io", text + 1, sizeof text - 1))
		return;
	take_number(text, "read_bytes", 1, &stat->read_bytes);
	take_number(text, "write_bytes", 1, &stat->written_bytes);
}

void procstat_read(struct procstat *stat, pid_t pid)
{
	read_status(stat, pid);
	read_times(stat, pid);
	read_io(stat, pid);
}

void procstat_read_zombie(struct procstat *stat, pid_t pid)
{
	read_times(stat, pid);
}

void procstat_read_switches(struct procstat *stat, pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *tasks = opendir(path);
	if (!tasks)
		return;
	uint64_t voluntary = 0, involuntary = 0;
	int threads = 0;
	for (struct dirent *task; (task = readdir(tasks)) && threads <= THREADS_READ;) {
		char name[300], text[4096];
		uint64_t v = 0, i = 0;
		if (task->d_name[0] == '.')
			continue;
		threads++;
		snprintf(name, sizeof name, "task/%s/status", task->d_name);
		if (!read_proc(pid, name, text, sizeof text))
			continue;
		take_number(text, "voluntary_ctxt_switches", 1, &v);
		take_number(text, "nonvoluntary_ctxt_switches", 1, &i);
		voluntary += v;
		involuntary += i;
	}
	closedir(tasks);
	bool all = threads <= THREADS_READ;
	stat->voluntary_switches = all ? voluntary : PROCSTAT_UNKNOWN;
	stat->involuntary_switches = all ? involuntary : PROCSTAT_UNKNOWN;
}

static uint64_t timeval_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * NS_PER_SECOND + (uint64_t)time->tv_usec * 1000;
}

void procstat_add_usage(struct procstat *stat, const struct rusage *usage, uint64_t own_rss)
{
	uint64_t peak = (uint64_t)usage->ru_maxrss * 1024;
	stat->user_ns = timeval_ns(&usage->ru_utime);
	stat->system_ns = timeval_ns(&usage->ru_stime);
	stat->minor_faults = (uint64_t)usage->ru_minflt;
	stat->major_faults = (uint64_t)usage->ru_majflt;
	stat->voluntary_switches = (uint64_t)usage->ru_nvcsw;
	stat->involuntary_switches = (uint64_t)usage->ru_nivcsw;
	if (peak > own_rss && (stat->peak_rss == PROCSTAT_UNKNOWN || peak > stat->peak_rss))
		stat->peak_rss = peak;
}

bool procstat_has_children(pid_t pid)
{
	struct stat_fields f;
	return !read_stat(pid, &f) || f.cminflt || f.cutime || f.cstime;
}

uint64_t procstat_own_rss(void)
{
	char text[128];
	unsigned long pages;
	if (!read_small("/proc/self/statm", text, sizeof text) ||
	    sscanf(text, "%*u %lu", &pages) != 1)
		return 0;
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t procstat_start_time(pid_t pid)
{
	struct stat_fields f;
	return read_stat(pid, &f) && f.state != 'Z' && f.state != 'X' ? f.starttime : 0;
}

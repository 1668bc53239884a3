/* procstat.h: what the kernel says about a process: memory, CPU time, faults, switches, I/O.
 *
 * Read from /proc while the process lives. Once it is dead the kernel knows of no memory any more:
 * the last figures are kept, and what our own child's zombie and its resource usage still tell is
 * filled in (procstat_final). What could not be read is PROCSTAT_UNKNOWN, never 0. */
#ifndef MEMPROF_LAUNCHER_PROCSTAT_H
#define MEMPROF_LAUNCHER_PROCSTAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define PROCSTAT_UNKNOWN UINT64_MAX

struct procstat {
	uint64_t rss_anon, rss_file, rss_shmem, swap, peak_rss; /* bytes */
	uint64_t user_ns, system_ns;
	uint64_t minor_faults, major_faults;
	uint64_t voluntary_switches, involuntary_switches; /* all live threads */
	uint64_t read_bytes, written_bytes;
	uint64_t threads;
};

void procstat_init(struct procstat *stat);

/* Reads what is cheap: some tens of microseconds. Figures that cannot be read keep their values. */
void procstat_read(struct procstat *stat, pid_t pid);

/* Sums context switches over the threads; a read a thread, so it is left out beyond 256 threads
 * (the figures become unknown), and not to be called more than once a second. Only live threads
 * count: the kernel keeps no sum that others may read. */
void procstat_read_switches(struct procstat *stat, pid_t pid);

/* What is known of a dead child that nobody has waited for yet: CPU time and faults to the end. */
void procstat_read_zombie(struct procstat *stat, pid_t pid);

/* Adds what wait4 returned for a child; `own_rss` is what the launcher itself had resident when it
 * started the child (the kernel carries the high-water mark over exec). The usage includes children
 * that the child has waited for: it is used only where procstat_has_children said there are none.
 */
void procstat_add_usage(struct procstat *stat, const struct rusage *usage, uint64_t own_rss);

/* Sets the sum of user and system time, in their present proportion. */
void procstat_set_cpu(struct procstat *stat, uint64_t total_ns);

/* True when the process has waited for children, so that its usage is not only its own. */
bool procstat_has_children(pid_t pid);

/* Resident bytes of the calling process. */
uint64_t procstat_own_rss(void);

/* Time of start in clock ticks since boot: with the pid, it names a process for as long as the
 * machine runs. 0 when there is no such process, or only its remains (a zombie). */
uint64_t procstat_start_time(pid_t pid);

#endif

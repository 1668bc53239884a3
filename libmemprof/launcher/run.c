/* run.c: see run.h. */
#include "run.h"
#include "cgroup.h"
#include "child.h"
#include "elfcheck.h"
#include "finish.h"
#include "header.h"
#include "listen.h"
#include "memory.h"
#include "paths.h"
#include "recording.h"
#include "registry.h"
#include "run_files.h"
#include "run_status.h"
#include "say.h"
#include "window_policy.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often the launcher wakes up when nothing happens. The coarse clock of the region is in units
 * of 10 ms, but so many wake-ups would cost the program more than they give. */
#define WAKE_NS COARSE_MOVE_NS

/* How long a connection that has not said hello may keep the end of a run waiting. */
#define HELLO_WAIT_MS 100

enum watch_kind {
	WATCH_LISTENER,
	WATCH_SIGNALS,
	WATCH_TIMER,
	WATCH_CONNECTION, /* someone who has not said hello yet */
	WATCH_PROCESS,    /* a pidfd */
};

/* A descriptor that is waited for. */
struct watch {
	enum watch_kind kind;
	int fd;
	pid_t pid;                   /* WATCH_PROCESS */
	struct recording *recording; /* its image now; the main process may have none */
	struct watch *next;
};

struct run {
	const struct run_options *options;
	struct child child;
	struct listener listener;
	struct run_files files;
	struct run_status status;
	struct finished_traces finished;
	int epoll;
	struct watch *watches; /* all but those that have ended */
	struct watch *main;    /* the command's process */
	struct moment started;
	uint64_t status_due_ns;
	char *kills_file;
	uint64_t kills_before;
	uint64_t arrivals, refused;
	bool main_arrived; /* an image of the command's process has */
	bool ended;        /* the command has */
	int wait_status;
};

/* ---- watches ----------------------------------------------------------------------------- */

static struct watch *watch_add(struct run *run, enum watch_kind kind, int fd)
{
	struct watch *watch = memory_new(1, sizeof *watch);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};
	/* Connections that no descriptor is left for would be reported again and again. */
	if (kind == WATCH_LISTENER)
		event.events |= EPOLLET;
	watch->kind = kind;
	watch->fd = fd;
	watch->next = run->watches;
	run->watches = watch;
	if (fd >= 0 && epoll_ctl(run->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		say("cannot wait for events: %s", strerror(errno));
	return watch;
}

static void watch_remove(struct run *run, struct watch *watch)
{
	struct watch **link = &run->watches;
	while (*link != watch)
		link = &(*link)->next;
	*link = watch->next;
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch);
}

static struct watch *watch_of_process(const struct run *run, pid_t pid)
{
	struct watch *watch = run->watches;
	while (watch && !(watch->kind == WATCH_PROCESS && watch->pid == pid))
		watch = watch->next;
	return watch;
}

/* ---- ends of images ---------------------------------------------------------------------- */

/* The trace of an image is done: it is kept for what comes after the run, or, with nothing in it,
 * removed. The main process's last image is kept in any case. */
static void end_image(struct run *run, struct watch *watch, const struct ending *ending)
{
	struct recording *recording = watch->recording;
	bool main = watch == run->main;
	bool keep = !recording_is_empty(recording) || (main && ending->reason != END_EXEC);
	watch->recording = NULL;
	if (recording->trace && keep) {
		recording_finish(recording, ending);
		if (ending->reason == END_EXEC)
			run_files_retire(&run->files, recording->trace, watch->pid);
		finished_add(&run->finished, recording->trace, ending->reason == END_EXEC, main);
	} else if (recording->trace) {
		trace_remove(recording->trace);
	}
	recording_free(recording);
}

static struct ending ending_now(enum end_reason reason)
{
	return (struct ending){.reason = reason, .status = -1, .anchor = clock_moment()};
}

static bool has_ended(const struct watch *watch)
{
	struct pollfd poll_fd = {.fd = watch->fd, .events = POLLIN};
	if (watch->fd >= 0)
		return poll(&poll_fd, 1, 0) == 1;
	return kill(watch->pid, 0) != 0 && errno == ESRCH;
}

/* A process that is not the command: how it ended only its parent is told. */
static void end_process(struct run *run, struct watch *watch, enum end_reason reason)
{
	struct ending ending = ending_now(reason);
	if (watch->recording)
		end_image(run, watch, &ending);
	watch_remove(run, watch);
}

/* ---- arrivals ---------------------------------------------------------------------------- */

static double best_hz(const struct run *run)
{
	double hz = 0;
	while (hz <= 0) {
		struct moment now = clock_moment();
		hz = clock_hz(&run->started, &now);
		if (hz <= 0)
			usleep(200);
	}
	return hz;
}

/* The process has become another program: the CPU time that the new image began with is the old
 * one's last. */
static void end_former_image(struct run *run, struct watch *watch, const struct region *next)
{
	struct ending ending = ending_now(END_EXEC);
	uint64_t cpu_ns = region_load(&next->header->start_cpu_ns);
	if (cpu_ns)
		procstat_set_cpu(&watch->recording->process, cpu_ns);
	end_image(run, watch, &ending);
	if (watch == run->main)
		run_status_forget_image(&run->status);
}

static struct watch *watch_for_arrival(struct run *run, pid_t pid, const struct region *region)
{
	struct watch *watch = watch_of_process(run, pid);
	/* The same process, as another program. It may be dead by now; that a pid is used again
	 * before we have seen the end of the one that had it takes thousands of processes more. */
	if (watch && watch->recording)
		end_former_image(run, watch, region);
	if (watch)
		return watch;
	/* −1 when it is gone already, or no descriptor is left: the timer then looks for its end.
	 */
	watch = watch_add(run, WATCH_PROCESS, pidfd_open(pid, 0));
	watch->pid = pid;
	return watch;
}

/* Which program an arrival is, by its own word; an image that could not tell is what /proc says of
 * it, if that is not too late. A forked child may be another program by now: it was what its parent
 * is. Only the first image of the command can be what the command says. */
static void identify(struct run *run, const struct region *region, pid_t pid,
                     struct identity *identity)
{
	const struct watch *parent = watch_of_process(run, region->parent_pid);
	bool first = pid == run->child.pid && !run->main_arrived;
	identity_read(identity, pid, first ? run->options->command : NULL);
	run->main_arrived = run->main_arrived || first;
	if (identity_take(identity, region))
		return;
	if (region->origin == MP_ORIGIN_FORK && parent && parent->recording)
		identity_inherit(identity, &parent->recording->identity);
}

static void take_arrival(struct run *run, const struct arrival *arrival)
{
	const char *why = "libmemprof.so and memprof are of different builds";
	struct region *region = NULL;
	struct identity identity;
	run->arrivals++;
	if (arrival->hello.layout == MP_REGION_LAYOUT)
		region = region_map(arrival->fd, arrival->hello.bytes, &why);
	else
		close(arrival->fd);
	if (!region) {
		if (run->refused++ == 0)
			say("process %d, and perhaps others, cannot be recorded: %s",
			    (int)arrival->pid, why);
		return;
	}
	identify(run, region, arrival->pid, &identity);
	struct watch *watch = watch_for_arrival(run, arrival->pid, region);
	bool main = watch == run->main;
	struct trace_writer *trace = run_files_trace(&run->files, arrival->pid, main);
	watch->recording = recording_begin(region, arrival->pid, trace, best_hz(run), &identity);
	watch->recording->source.params = run->options->params;
	watch->recording->source.params_count = run->options->params_count;
}

/* False when it has not said anything yet. */
static bool take_hello(struct run *run, int connection)
{
	struct arrival arrival;
	enum received received = listener_receive(connection, &arrival);
	if (received == RECEIVED)
		take_arrival(run, &arrival);
	return received != RECEIVED_LATER;
}

static void take_connections(struct run *run)
{
	int connection;
	while ((connection = listener_accept(&run->listener)) >= 0) {
		if (take_hello(run, connection))
			close(connection);
		else
			watch_add(run, WATCH_CONNECTION, connection);
	}
}

/* Before the run ends: whoever has connected gets the time to be heard. */
static void take_last_connections(struct run *run)
{
	take_connections(run);
	for (struct watch *watch = run->watches, *next; watch; watch = next) {
		next = watch->next;
		if (watch->kind != WATCH_CONNECTION)
			continue;
		struct pollfd poll_fd = {.fd = watch->fd, .events = POLLIN};
		poll(&poll_fd, 1, HELLO_WAIT_MS);
		take_hello(run, watch->fd);
		watch_remove(run, watch);
		next = run->watches; /* the list has changed in any way */
	}
}

/* ---- the clock --------------------------------------------------------------------------- */

static void update_status(struct run *run)
{
	uint64_t processes = 0;
	for (struct watch *watch = run->watches; watch; watch = watch->next)
		processes += watch->recording != NULL;
	run->status.status.processes = processes;
	run_status_take(&run->status, run->main->recording, best_hz(run));
	run_status_write(&run->status);
}

static void take_timer(struct run *run, int timer)
{
	uint64_t expirations;
	ssize_t ignored = read(timer, &expirations, sizeof expirations);
	(void)ignored;
	uint64_t now_ns = clock_mono_ns();
	take_connections(run);
	for (struct watch *watch = run->watches, *next; watch; watch = next) {
		next = watch->next;
		if (watch->recording)
			recording_tick(watch->recording, now_ns);
		if (watch->kind == WATCH_PROCESS && watch->fd < 0 && has_ended(watch))
			end_process(run, watch, END_EXITED);
	}
	if (now_ns < run->status_due_ns)
		return;
	run->status_due_ns = now_ns + NS_PER_SECOND;
	update_status(run);
}

static int start_timer(void)
{
	struct itimerspec period = {
	        .it_interval.tv_nsec = WAKE_NS,
	        .it_value.tv_nsec = WAKE_NS,
	};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (timer >= 0)
		timerfd_settime(timer, 0, &period, NULL);
	return timer;
}

/* ---- the end ----------------------------------------------------------------------------- */

/* Reaps the command, after the last look at what the kernel knows of it, and notes how it ended. */
static void reap_child(struct run *run, struct ending *ending)
{
	struct recording *recording = run->main->recording;
	struct rusage usage;
	bool has_children = procstat_has_children(run->child.pid);
	if (recording)
		procstat_read_zombie(&recording->process, run->child.pid);
	while (wait4(run->child.pid, &run->wait_status, 0, &usage) < 0 && errno == EINTR)
		;
	if (recording && !has_children)
		procstat_add_usage(&recording->process, &usage, procstat_own_rss());
	if (WIFSIGNALED(run->wait_status)) {
		ending->reason = END_SIGNALLED;
		ending->signal = WTERMSIG(run->wait_status);
		ending->out_of_memory = ending->signal == SIGKILL &&
		                        cgroup_kills(run->kills_file) > run->kills_before;
	} else {
		ending->status = WEXITSTATUS(run->wait_status);
	}
}

static void end_status(struct run *run, const struct ending *ending)
{
	struct status *status = &run->status.status;
	run_status_take(&run->status, run->main->recording, best_hz(run));
	run_status_take_mean(&run->status, run->main->recording, best_hz(run));
	status->state = ending->signal ? RUN_CRASHED : RUN_FINISHED;
	status->exit_status = ending->status;
	status->signal = ending->signal;
	status->out_of_memory = ending->out_of_memory;
	status->eta_seconds = -1;
	status->processes = 0;
}

static void end_others(struct run *run)
{
	for (struct watch *watch = run->watches, *next; watch; watch = next) {
		next = watch->next;
		if (watch->kind == WATCH_PROCESS && watch != run->main)
			end_process(run, watch, has_ended(watch) ? END_EXITED : END_STOPPED);
	}
}

/* The command has ended. It may have announced itself, and others may have, since we looked. */
static void end_run(struct run *run)
{
	struct ending ending = ending_now(END_EXITED);
	run->ended = true;
	take_last_connections(run);
	reap_child(run, &ending);
	end_status(run, &ending);
	if (run->main->recording)
		end_image(run, run->main, &ending);
	end_others(run);
}

/* ---- events ------------------------------------------------------------------------------ */

static void take_signals(struct run *run, int signals)
{
	struct signalfd_siginfo signal;
	while (read(signals, &signal, sizeof signal) == sizeof signal)
		child_pass_on(&run->child, &signal);
}

static void take_event(struct run *run, struct watch *watch)
{
	switch (watch->kind) {
	case WATCH_LISTENER:
		take_connections(run);
		break;
	case WATCH_SIGNALS:
		take_signals(run, watch->fd);
		break;
	case WATCH_TIMER:
		take_timer(run, watch->fd);
		break;
	case WATCH_CONNECTION:
		if (take_hello(run, watch->fd))
			watch_remove(run, watch);
		break;
	case WATCH_PROCESS:
		/* Before its end it may have become another program, which still waits to be heard.
		 */
		take_connections(run);
		if (watch == run->main)
			end_run(run);
		else
			end_process(run, watch, END_EXITED);
		break;
	}
}

/* One event a turn: handling one may end watches that others of the same turn are about. */
static void take_events(struct run *run)
{
	while (!run->ended) {
		struct epoll_event event;
		if (epoll_wait(run->epoll, &event, 1, -1) == 1)
			take_event(run, event.data.ptr);
	}
}

/* ---- the beginning ------------------------------------------------------------------------- */

#define OWN_VARIABLES 5

static char *environment_mode(const struct run_options *options)
{
	if (options->sample_bytes)
		return memory_format(MP_ENV_MODE "=sampled=%" PRIu64, options->sample_bytes);
	return memory_format(MP_ENV_MODE "=%s", options->marks_only ? "off" : "exact");
}

/* The variables that make a process one of ours come first, and are to be freed; the rest is the
 * launcher's own environment. What the user had in LD_PRELOAD stays behind ours. */
static char **make_environment(const struct run *run, const char *library)
{
	extern char **environ;
	static const char *const ours[OWN_VARIABLES] = {"LD_PRELOAD=", MP_ENV_SOCKET "=",
	                                                MP_ENV_MODE "=", MP_ENV_FREQ "=",
	                                                MP_ENV_CALLS "="};
	const char *preload = getenv("LD_PRELOAD");
	size_t count = 0, kept = OWN_VARIABLES;
	while (environ[count])
		count++;
	char **environment = memory_new(count + OWN_VARIABLES + 1, sizeof *environment);
	for (size_t i = 0; i < count; i++) {
		bool is_ours = false;
		for (size_t j = 0; j < OWN_VARIABLES; j++)
			is_ours |= strncmp(environ[i], ours[j], strlen(ours[j])) == 0;
		if (!is_ours)
			environment[kept++] = environ[i];
	}
	environment[0] = preload && *preload ? memory_format("LD_PRELOAD=%s:%s", library, preload)
	                                     : memory_format("LD_PRELOAD=%s", library);
	environment[1] = memory_format(MP_ENV_SOCKET "=%s", run->listener.path);
	environment[2] = environment_mode(run->options);
	environment[4] = memory_format(MP_ENV_CALLS "=%d", run->options->count_calls);
	environment[3] = memory_format(MP_ENV_FREQ "=%u", run->options->sampling_hz);
	return environment;
}

static void free_environment(char **environment)
{
	for (int i = 0; i < OWN_VARIABLES; i++)
		free(environment[i]);
	free(environment);
}

static char *find_library(void)
{
	char *library = paths_library();
	if (!library)
		say("libmemprof.so is neither beside memprof nor in ../lib/memprof or ../lib from "
		    "there: install both together");
	else if (strpbrk(library, ": "))
		say("the path %s has a space or colon, which LD_PRELOAD cannot hold: move memprof "
		    "to another directory",
		    library);
	else
		return library;
	free(library);
	return NULL;
}

/* The command as it may be typed again. */
static char *join_command(char *const command[])
{
	char *joined = memory_copy("");
	for (int i = 0; command[i]; i++) {
		char *word = paths_quoted(command[i]);
		char *longer = memory_format("%s%s%s", joined, i ? " " : "", word);
		free(joined);
		free(word);
		joined = longer;
	}
	return joined;
}

static void begin_status(struct run *run)
{
	char host[256] = "", boot[64];
	struct status *status = &run->status.status;
	char *path = paths_absolute(run->files.status);
	run_status_init(&run->status, path);
	gethostname(host, sizeof host - 1);
	header_boot_id(boot);
	status->pid = run->child.pid;
	status->launcher_pid = getpid();
	status->launcher_start = procstat_start_time(getpid());
	status->host = memory_copy(host);
	status->boot_id = memory_copy(boot);
	status->command = join_command(run->options->command);
	status->trace = paths_absolute(run->files.trace);
	status->run_dir = run->files.directory ? paths_absolute(run->files.directory) : NULL;
	status->started = (double)run->started.real_ns / (double)NS_PER_SECOND;
	run_status_write(&run->status);
	registry_add(path);
	free(path);
}

static void begin_watches(struct run *run, int signals)
{
	run->epoll = epoll_create1(EPOLL_CLOEXEC);
	watch_add(run, WATCH_LISTENER, run->listener.fd);
	watch_add(run, WATCH_SIGNALS, signals);
	watch_add(run, WATCH_TIMER, start_timer());
	run->main = watch_add(run, WATCH_PROCESS, pidfd_open(run->child.pid, 0));
	run->main->pid = run->child.pid;
}

/* From here on there is a child that waits. Returns an exit status, or 0: the command is running.
 */
static int start(struct run *run, int signals)
{
	if (!run_files_make(&run->files, run->options, run->child.pid)) {
		child_abandon(&run->child);
		return EXIT_LAUNCHER;
	}
	run->kills_file = cgroup_kills_file(run->child.pid);
	run->kills_before = cgroup_kills(run->kills_file);
	begin_watches(run, signals);
	run->started = clock_moment();
	begin_status(run);
	int error = child_go(&run->child);
	if (error == 0)
		return 0;
	say("%s: %s", run->options->command[0], strerror(error));
	unlink(run->files.status);
	run_files_unmake(&run->files);
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* What the closing line begins with, for a command that did not end by itself. */
static const char *end_in_words(const struct status *status)
{
	static char text[128];
	const char *name = sigdescr_np(status->signal);
	if (status->out_of_memory)
		return "killed for lack of memory; ";
	snprintf(text, sizeof text, "ended by signal %d (%s); ", status->signal,
	         name ? name : "unknown");
	return status->signal ? text : "";
}

/* What is left to say and do when all traces are written. */
static void close_run(struct run *run)
{
	if (run->arrivals == 0) {
		say("nothing was recorded: %s did not load libmemprof.so (static, setuid, or with "
		    "a "
		    "cleaned environment?), or made no allocation and no mark",
		    run->options->command[0]);
		unlink(run->files.status);
	}
	run_files_unmake(&run->files);
	finished_resolve(&run->finished, !run->options->quiet);
	if (run->arrivals)
		run->status.status.trace_bytes = finished_main_bytes(&run->finished);
	if (run->arrivals)
		run_status_write(&run->status);
	finished_tell(&run->finished, run->options, &run->started,
	              end_in_words(&run->status.status));
	finished_free(&run->finished);
	run_status_free(&run->status);
	run_files_free(&run->files);
	free(run->kills_file);
}

int run_command(const struct run_options *options)
{
	struct run run = {.options = options};
	char *path;
	int status = command_check(options->command[0], &path);
	if (status)
		return status;
	char *library = find_library();
	int signals = library ? child_take_signals() : -1;
	if (!library || !listener_open(&run.listener)) {
		free(library);
		free(path);
		return EXIT_LAUNCHER;
	}
	char **environment = make_environment(&run, library);
	if (!child_fork(&run.child, path, options->command, environment)) {
		say("cannot start a process: %s", strerror(errno));
		status = EXIT_LAUNCHER;
	} else {
		status = start(&run, signals);
	}
	free_environment(environment);
	free(library);
	free(path);
	if (status) {
		listener_close(&run.listener);
		return status;
	}
	take_events(&run);
	listener_close(&run.listener);
	close_run(&run);
	child_exit_like(run.wait_status);
}

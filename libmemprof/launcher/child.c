/* child.c: see child.h. */
#include "child.h"
#include "memory.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the launcher was started with. */
static struct {
	sigset_t mask;
	struct sigaction xfsz, pipe, chld;
	struct rlimit files;
} inherited;

static void add_passed_on(sigset_t *set)
{
	static const int signals[] = {
	        SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,   SIGUSR1, SIGUSR2,  SIGALRM, SIGCONT, SIGTSTP,
	        SIGTTIN, SIGTTOU, SIGPWR,  SIGVTALRM, SIGURG,  SIGWINCH, SIGPROF, SIGIO,
	};
	sigemptyset(set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(set, signals[i]);
	for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
		sigaddset(set, signal);
}

/* A write beyond a file size limit, or to a closed standard error, shall fail, not kill. An
 * inherited SIG_IGN for SIGCHLD would have the kernel forget how the child ended. */
static void set_dispositions(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
	sigaction(SIGXFSZ, &ignore, &inherited.xfsz);
	sigaction(SIGPIPE, &ignore, &inherited.pipe);
	sigaction(SIGCHLD, &standard, &inherited.chld);
}

/* Each process recorded takes a few descriptors; a parallel build has many processes. */
static void raise_file_limit(void)
{
	getrlimit(RLIMIT_NOFILE, &inherited.files);
	struct rlimit most = {inherited.files.rlim_max, inherited.files.rlim_max};
	setrlimit(RLIMIT_NOFILE, &most);
}

int child_take_signals(void)
{
	sigset_t set;
	add_passed_on(&set);
	sigaddset(&set, SIGCHLD);
	set_dispositions();
	raise_file_limit();
	if (sigprocmask(SIG_BLOCK, &set, &inherited.mask) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* In the child, between fork and exec: only what is safe there. */
static void become(int go, int error, const char *path, char *const arguments[],
                   char *const environment[])
{
	char word;
	ssize_t got;
	do
		got = read(go, &word, 1);
	while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(EXIT_LAUNCHER);
	sigaction(SIGXFSZ, &inherited.xfsz, NULL);
	sigaction(SIGPIPE, &inherited.pipe, NULL);
	sigaction(SIGCHLD, &inherited.chld, NULL);
	setrlimit(RLIMIT_NOFILE, &inherited.files);
	sigprocmask(SIG_SETMASK, &inherited.mask, NULL);
	execve(path, arguments, environment);
	int why = errno;
	got = write(error, &why, sizeof why);
	_exit(EXIT_LAUNCHER);
}

bool child_fork(struct child *child, const char *path, char *const arguments[],
                char *const environment[])
{
	int go[2], error[2];
	if (pipe2(go, O_CLOEXEC) != 0)
		return false;
	if (pipe2(error, O_CLOEXEC) != 0) {
		close(go[0]);
		close(go[1]);
		return false;
	}
	child->pid = fork();
	if (child->pid == 0) {
		close(go[1]);
		close(error[0]);
		become(go[0], error[1], path, arguments, environment);
	}
	close(go[0]);
	close(error[1]);
	child->go = go[1];
	child->error = error[0];
	if (child->pid > 0)
		return true;
	close(child->go);
	close(child->error);
	return false;
}

int child_go(struct child *child)
{
	int why = 0;
	ssize_t got = write(child->go, "", 1);
	close(child->go);
	do
		got = read(child->error, &why, sizeof why);
	while (got < 0 && errno == EINTR);
	close(child->error);
	if (got != sizeof why)
		return 0;
	waitpid(child->pid, NULL, 0);
	return why;
}

void child_abandon(struct child *child)
{
	close(child->go);
	close(child->error);
	waitpid(child->pid, NULL, 0);
}

static bool is_terminal_stop(int signal)
{
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void follow_stops(pid_t pid)
{
	siginfo_t state = {0};
	if (waitid(P_PID, (id_t)pid, &state, WSTOPPED | WNOHANG) == 0 && state.si_pid == pid &&
	    is_terminal_stop(state.si_status))
		kill(getpid(), SIGSTOP);
}

void child_pass_on(const struct child *child, const struct signalfd_siginfo *signal)
{
	int number = (int)signal->ssi_signo;
	if (number == SIGCHLD) {
		follow_stops(child->pid);
		return;
	}
	bool from_process = signal->ssi_code <= 0;
	if (!from_process || (pid_t)signal->ssi_pid == child->pid)
		return;
	union sigval value = {.sival_ptr = (void *)(uintptr_t)signal->ssi_ptr};
	if (signal->ssi_code == SI_QUEUE)
		sigqueue(child->pid, number, value);
	else
		kill(child->pid, number);
}

void child_exit_like(int status)
{
	if (!WIFSIGNALED(status))
		exit(WEXITSTATUS(status));
	int number = WTERMSIG(status);
	struct rlimit none = {0, 0};
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t set;
	fflush(NULL);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	sigaction(number, &standard, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + number);
}

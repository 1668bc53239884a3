/* process.c: see process.h. */
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

#define EXIT_NOT_STARTED 127

/* A look at the wish to stop, should its signal have come between two naps. */
#define NAP_NS 200000000

static bool redirect(const char *path, int descriptor)
{
	if (!path)
		return true;
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return file >= 0 && dup2(file, descriptor) >= 0;
}

/* The paths of files are as the caller sees them, so they are opened first. */
static void become(char *const argv[], const struct process_where *where)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (redirect(where->output, STDOUT_FILENO) && redirect(where->errors, STDERR_FILENO) &&
	    (!where->directory || chdir(where->directory) == 0))
		execv(argv[0], argv);
	_exit(EXIT_NOT_STARTED);
}

/* A signal for us ends the nap, as does the child's end. A child of the same terminal may have had
 * the signal too, which receivers count as one. */
static int wait_for(pid_t child, const sigset_t *child_ends)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	int status;
	bool told = false;
	while (waitpid(child, &status, WNOHANG) == 0) {
		sigtimedwait(child_ends, NULL, &nap);
		if (interrupt_signal() && !told) {
			kill(child, SIGTERM);
			told = true;
		}
	}
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

int process_run(char *const argv[], const struct process_where *where)
{
	sigset_t child_ends, before;
	sigemptyset(&child_ends);
	sigaddset(&child_ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_ends, &before);
	pid_t child = fork();
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		become(argv, where);
	}
	int status = child > 0 ? wait_for(child, &child_ends) : -1;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status == EXIT_NOT_STARTED ? -1 : status;
}

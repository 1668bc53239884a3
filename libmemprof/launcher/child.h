/* child.h: the command as a child of the launcher, and signals between the two.
 *
 * The child is forked before the run's files are made, since its pid is in their names; it waits
 * for the word to go on, and then becomes the command. It gets back the signal mask and
 * dispositions that the launcher itself was started with, and its limit of open files: to the
 * command it is as if there were no launcher.
 *
 * Signals. Both are in one process group. What the terminal sends (Ctrl-C, Ctrl-\, Ctrl-Z) reaches
 * the child by itself: the kernel marks it SI_KERNEL, and it is not passed on. What another process
 * sends to the launcher (SI_USER and its like) is passed on, except what the child itself sent. A
 * sender that signals the whole group reaches the child twice; the kernel does not tell the
 * launcher which of the two it was. SIGKILL and SIGSTOP cannot be passed on: the program outlives
 * the launcher.
 *
 * Job control. When a terminal stop (SIGTSTP, SIGTTIN, SIGTTOU) has stopped the child, the launcher
 * stops itself, so that the shell sees its job stopped; the shell then continues both. A child
 * stopped by SIGSTOP does not stop the launcher: whoever continues it would not continue us. */
#ifndef MEMPROF_LAUNCHER_CHILD_H
#define MEMPROF_LAUNCHER_CHILD_H

#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int go;    /* closing it without a word ends the waiting child */
	int error; /* errno of a failed exec comes back here */
};

/* Blocks what the launcher wants to hear of and returns a signalfd for it; what it was started with
 * is kept for the child. To be called first and once. -1 with errno. */
int child_take_signals(void);

/* Forks the waiting child, which will execute `path` with `arguments` and `environment`. False with
 * errno. */
bool child_fork(struct child *child, const char *path, char *const arguments[],
                char *const environment[]);

/* Lets it go on. Returns 0, or the errno with which exec failed (the child is then gone). */
int child_go(struct child *child);

/* Ends a child that has not gone on. */
void child_abandon(struct child *child);

/* Deals with one signal that came by the signalfd, SIGCHLD included. */
void child_pass_on(const struct child *child, const struct signalfd_siginfo *signal);

/* Ends the launcher as the command ended: with its exit status, or by its signal (without a core
 * file: the command has left its own). `status` is that of wait(2). */
void child_exit_like(int status) __attribute__((noreturn));

#endif

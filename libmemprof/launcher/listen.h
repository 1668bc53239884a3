/* listen.h: where profiled processes announce themselves.
 *
 * A Unix stream socket in a directory that only this user can enter. Each process image connects,
 * sends struct mp_hello with its region's descriptor, and closes; nothing is answered, so a process
 * never waits for the launcher. It may be dead before its hello is read: what it sent is kept by
 * the kernel. */
#ifndef MEMPROF_LAUNCHER_LISTEN_H
#define MEMPROF_LAUNCHER_LISTEN_H

#include "shared/region.h"

#include <stdbool.h>
#include <sys/types.h>

struct listener {
	int fd;
	char *directory; /* private, 0700; removed by listener_close */
	char *path;      /* of the socket; fits sun_path */
};

/* What a process sent. */
struct arrival {
	pid_t pid; /* as the kernel tells, in the launcher's own pid namespace */
	int fd;    /* the region; the receiver's to close */
	struct mp_hello hello;
};

/* Makes directory and socket below $XDG_RUNTIME_DIR or /tmp. False: said why. */
bool listener_open(struct listener *listener);
void listener_close(struct listener *listener);

/* The next connection, non-blocking; -1 when there is none (or no descriptor is left for it). */
int listener_accept(const struct listener *listener);

enum received {
	RECEIVED,       /* *arrival is filled in */
	RECEIVED_LATER, /* nothing has come yet */
	RECEIVED_JUNK,  /* whoever that was, it is not one of ours */
};

/* Takes the hello from a connection, which stays open. */
enum received listener_receive(int connection, struct arrival *arrival);

#endif

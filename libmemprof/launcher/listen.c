/* listen.c: see listen.h. */
#include "listen.h"
#include "memory.h"
#include "say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME "/socket"

/* A fresh private directory below `base` whose socket path is short enough; NULL when there can be
 * none. */
static char *make_directory(const char *base)
{
	char *directory = memory_format("%s/memprof-XXXXXX", base);
	if (strlen(directory) + sizeof SOCKET_NAME <= sizeof((struct sockaddr_un *)0)->sun_path &&
	    mkdtemp(directory))
		return directory;
	free(directory);
	return NULL;
}

static char *find_directory(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *directory = runtime && runtime[0] == '/' ? make_directory(runtime) : NULL;
	return directory ? directory : make_directory("/tmp");
}

bool listener_open(struct listener *listener)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	listener->directory = find_directory();
	if (!listener->directory) {
		say("cannot make a directory for the socket in /tmp: %s; set XDG_RUNTIME_DIR to a "
		    "directory that you can write to",
		    strerror(errno));
		return false;
	}
	listener->path = memory_format("%s" SOCKET_NAME, listener->directory);
	memcpy(address.sun_path, listener->path, strlen(listener->path) + 1);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd >= 0 &&
	    bind(listener->fd, (struct sockaddr *)&address, sizeof address) == 0 &&
	    listen(listener->fd, SOMAXCONN) == 0)
		return true;
	say("cannot listen on %s: %s", listener->path, strerror(errno));
	listener_close(listener);
	return false;
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	unlink(listener->path);
	rmdir(listener->directory);
	free(listener->path);
	free(listener->directory);
	*listener = (struct listener){.fd = -1};
}

int listener_accept(const struct listener *listener)
{
	int connection;
	do
		connection = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (connection < 0 && (errno == EINTR || errno == ECONNABORTED));
	return connection;
}

/* Descriptors that came along: the first is returned, any others are closed. -1: none. */
static int take_descriptors(struct msghdr *message)
{
	int first = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (first < 0)
				first = fd;
			else
				close(fd);
		}
	}
	return first;
}

enum received listener_receive(int connection, struct arrival *arrival)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec data = {&arrival->hello, sizeof arrival->hello};
	struct msghdr message = {
	        .msg_iov = &data,
	        .msg_iovlen = 1,
	        .msg_control = control,
	        .msg_controllen = sizeof control,
	};
	struct ucred peer;
	socklen_t size = sizeof peer;
	ssize_t got;
	do
		got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return RECEIVED_LATER;
	arrival->fd = got > 0 ? take_descriptors(&message) : -1;
	if (arrival->fd >= 0 && got == sizeof arrival->hello &&
	    arrival->hello.magic == MP_REGION_MAGIC &&
	    getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0) {
		arrival->pid = peer.pid;
		return RECEIVED;
	}
	if (arrival->fd >= 0)
		close(arrival->fd);
	return RECEIVED_JUNK;
}

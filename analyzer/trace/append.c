/* append.c: see append.h. */
#include "trace/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* The first `size` − 1 bytes of a small file, without its line end; "" if it cannot be read. */
static void read_line(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, out, size - 1) : 0;
	if (fd >= 0)
		close(fd);
	out[length > 0 ? length : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

/* Whether the recorded process lives: the kernel is still the same one, and has a process of that
 * number that is not a zombie. */
static bool still_runs(const struct trace *t)
{
	char boot[64], path[64], status[512];
	read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	if (!*boot || strcmp(boot, t->header.boot) != 0 || t->header.pid <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)t->header.pid);
	read_line(path, status, sizeof(status));
	const char *state = strrchr(status, ')');
	return state && state[1] == ' ' && !strchr("ZX", state[2]);
}

static bool write_at(int fd, const char *bytes, size_t length, size_t offset)
{
	while (length) {
		ssize_t written = pwrite(fd, bytes, length, (off_t)offset);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		offset += (size_t)written;
		length -= (size_t)written;
	}
	return true;
}

static bool cannot(const struct trace *t, struct failure *failure)
{
	return failure_set(failure, EXIT_USAGE, "cannot add to %s: %s", t->path, strerror(errno));
}

static bool check_untouched(const struct trace *t, int fd, struct failure *failure)
{
	struct stat status;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK
		               ? failure_set(
		                         failure, EXIT_TRACE,
		                         "%s is being written; try again when its run has ended",
		                         t->path)
		               : cannot(t, failure);
	if (fstat(fd, &status) != 0)
		return cannot(t, failure);
	if ((size_t)status.st_size != t->file_bytes)
		return failure_set(failure, EXIT_TRACE,
		                   "%s has changed meanwhile; try again when its run has ended",
		                   t->path);
	return true;
}

static bool write_records(const struct trace *t, int fd, const struct text *records,
                          struct failure *failure)
{
	if (!check_untouched(t, fd, failure))
		return false;
	if (t->torn && ftruncate(fd, (off_t)t->whole_bytes) != 0)
		return cannot(t, failure);
	if (write_at(fd, records->bytes, records->length, t->whole_bytes))
		return true;
	cannot(t, failure);
	/* What there is of it would be cut off by the next reader anyway. */
	if (ftruncate(fd, (off_t)t->whole_bytes) != 0)
		return false;
	return false;
}

static void remove_side(const struct trace *t)
{
	struct text path = {0};
	text_printf(&path, "%s%s", t->path, TRACE_OPEN_SUFFIX);
	unlink(path.bytes);
	text_free(&path);
}

bool trace_append(const struct trace *t, const char *bytes, size_t length, struct failure *failure)
{
	struct text records = {0};
	if (t->damage[0])
		return failure_set(failure, EXIT_TRACE,
		                   "%s is damaged at byte %zu: %s; nothing was added to it",
		                   t->path, t->whole_bytes, t->damage);
	if (!t->end.known && still_runs(t))
		return failure_set(
		        failure, EXIT_TRACE,
		        "%s: its program (pid %lld) still runs; try again when it has ended",
		        t->path, (long long)t->header.pid);
	int fd = open(t->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return cannot(t, failure);
	if (t->joined)
		text_add(&records, t->side_bytes, t->side_length);
	text_add(&records, bytes, length);
	bool good = write_records(t, fd, &records, failure);
	if (good && t->joined)
		remove_side(t);
	close(fd);
	text_free(&records);
	return good;
}

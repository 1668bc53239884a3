/* trace_writer.c: see trace_writer.h. */
#include "trace_writer.h"
#include "memory.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static void name_run(char run[17])
{
	uint64_t random = 0;
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
		random = (uint64_t)getpid() * 0x9e3779b97f4a7c15ull ^ (uint64_t)(uintptr_t)run;
	snprintf(run, 17, "%016" PRIx64, random);
}

/* Removes a trace, and the side file that a recorder which was killed may have left beside it. */
static bool remove_old(const char *path)
{
	char *side = memory_format("%s" TRACE_OPEN_SUFFIX, path);
	unlink(side);
	free(side);
	return unlink(path) == 0 || errno == ENOENT;
}

struct trace_writer *trace_create(const char *path, bool replace)
{
	if (replace && !remove_old(path))
		return NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return NULL;
	struct trace_writer *writer = memory_new(1, sizeof *writer);
	writer->path = memory_copy(path);
	writer->fd = fd;
	packed_begin(&writer->pending);
	name_run(writer->run);
	return writer;
}

/* Writes all of it at an offset; false with errno when not all could be. */
static bool write_all(int fd, const char *data, size_t size, uint64_t at)
{
	while (size > 0) {
		ssize_t wrote = pwrite(fd, data, size, (off_t)at);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			errno = wrote == 0 ? ENOSPC : errno;
			return false;
		}
		data += wrote;
		at += (uint64_t)wrote;
		size -= (size_t)wrote;
	}
	return true;
}

bool trace_flush(struct trace_writer *writer)
{
	msgpack_sbuffer *bytes = &writer->pending.bytes;
	if (write_all(writer->fd, bytes->data, bytes->size, writer->good)) {
		writer->good += bytes->size;
		msgpack_sbuffer_clear(bytes);
		if (writer->failing)
			say("%s can be written again: nothing was lost", writer->path);
		writer->failing = false;
		return true;
	}
	if (!writer->failing)
		say("cannot write %s: %s; the program runs on, and writing is tried again",
		    writer->path, strerror(errno));
	writer->failing = true;
	if (ftruncate(writer->fd, (off_t)writer->good) != 0)
		say("cannot cut %s back to its last whole record: %s", writer->path,
		    strerror(errno));
	return false;
}

static void pack_open(const struct trace_writer *writer, msgpack_packer *to)
{
	struct seq map;
	seq_begin(&map);
	map_text(&map, "run", writer->run);
	map_uint(&map, "base", writer->good);
	pack_record(to, TRACE_OPEN);
	seq_end_map(&map, to);
}

void trace_replace_side(struct trace_writer *writer, const struct packed *open_window)
{
	char *side = memory_format("%s" TRACE_OPEN_SUFFIX, writer->path);
	char *fresh = memory_format("%s" TRACE_OPEN_SUFFIX ".new", writer->path);
	struct packed all;
	packed_begin(&all);
	pack_open(writer, &all.packer);
	packed_append(&all, open_window);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0) {
		bool whole = write_all(fd, all.bytes.data, all.bytes.size, 0);
		close(fd);
		if (whole && rename(fresh, side) == 0)
			writer->side = true;
		else
			unlink(fresh);
	}
	packed_free(&all);
	free(fresh);
	free(side);
}

void trace_remove_side(struct trace_writer *writer)
{
	if (!writer->side)
		return;
	char *side = memory_format("%s" TRACE_OPEN_SUFFIX, writer->path);
	unlink(side);
	free(side);
	writer->side = false;
}

bool trace_rename(struct trace_writer *writer, const char *path)
{
	trace_remove_side(writer);
	if (renameat2(AT_FDCWD, writer->path, AT_FDCWD, path, RENAME_NOREPLACE) != 0) {
		if (errno != EINVAL && errno != ENOSYS)
			return false;
		/* A file system that cannot promise it (NFS). */
		if (access(path, F_OK) == 0) {
			errno = EEXIST;
			return false;
		}
		if (rename(writer->path, path) != 0)
			return false;
	}
	free(writer->path);
	writer->path = memory_copy(path);
	return true;
}

void trace_remove(struct trace_writer *writer)
{
	trace_remove_side(writer);
	unlink(writer->path);
}

void trace_close(struct trace_writer *writer)
{
	close(writer->fd);
	packed_free(&writer->pending);
	free(writer->path);
	free(writer);
}

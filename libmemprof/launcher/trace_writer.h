/* trace_writer.h: the file of one trace, and its side file.
 *
 *     pending (memory)  ── one write a window ──▶  TRACE        grows by whole records
 *     open window       ── write, rename ───────▶  TRACE.open   replaced, removed at the end
 *
 * Records are collected in `pending` and written together. When a write fails, or is cut short, the
 * file is truncated back to its last good length and `pending` is kept: the next flush tries again,
 * so the file never has a torn record that is followed by another. Nobody may pack more while
 * records wait (trace_is_behind): the window simply stays open, and memory stays bounded.
 *
 * Nothing is synced to disk: what the kernel has been given survives the death of any process, and
 * a machine that loses power has lost the run anyway. */
#ifndef MEMPROF_LAUNCHER_TRACE_WRITER_H
#define MEMPROF_LAUNCHER_TRACE_WRITER_H

#include "pack.h"

struct trace_writer {
	char *path;
	int fd;
	uint64_t good; /* length of the file: whole records */
	struct packed pending;
	bool failing; /* the last flush failed; said once */
	bool side;    /* there is a side file */
	char run[17]; /* 16 hex digits, of this trace alone */
};

/* Creates the file; one that exists is left alone (EEXIST), or, with `replace`, removed first.
 * Returns NULL with errno set. */
struct trace_writer *trace_create(const char *path, bool replace);

/* Writes what is pending. False when it could not be written; it is then still pending. */
bool trace_flush(struct trace_writer *writer);

static inline bool trace_is_behind(const struct trace_writer *writer)
{
	return writer->pending.bytes.size != 0;
}

/* Replaces the side file by an OPEN record and the records in `open`. A failure is not said: the
 * next time may do better, and the trace itself will tell. */
void trace_replace_side(struct trace_writer *writer, const struct packed *open);
void trace_remove_side(struct trace_writer *writer);

/* Gives the trace (not the side file, which is removed) another name, unless that is taken: then
 * false, with errno EEXIST, and it keeps its own. */
bool trace_rename(struct trace_writer *writer, const char *path);

/* Removes the trace from disk; it remains to be closed. */
void trace_remove(struct trace_writer *writer);

/* Frees the writer. The file stays. */
void trace_close(struct trace_writer *writer);

#endif

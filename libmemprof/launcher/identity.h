/* identity.h: which program a process image is: its arguments, its executable, where it runs.
 *
 * An image tells it itself, in its region. What /proc says once it has announced itself may be too
 * late: a process can be gone by then, or be another program; it serves where the image could not
 * tell, and for the place. A forked child is the same program as its parent and takes over what is
 * known of that one, since it often becomes another within a millisecond. */
#ifndef MEMPROF_LAUNCHER_IDENTITY_H
#define MEMPROF_LAUNCHER_IDENTITY_H

#include "region_map.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct identity {
	char *command; /* arguments, each ended by 0 */
	size_t command_length;
	char *exe, *cwd; /* empty when not known */
};

/* What /proc says of `pid`; of a process that is gone the command is `fallback` (NULL-terminated;
 * NULL: not known). */
void identity_read(struct identity *identity, pid_t pid, char *const fallback[]);

/* Takes command and executable as the image itself tells them. False: it did not. An argument that
 * holds a line's end is told from two only where /proc had the same. */
bool identity_take(struct identity *identity, const struct region *region);

/* Takes command and executable over from the image that this one was forked from. */
void identity_inherit(struct identity *identity, const struct identity *parent);

void identity_free(struct identity *identity);

#endif

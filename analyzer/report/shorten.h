/* shorten.h: names that are longer than the room there is.
 *
 * Template arguments of C++ go first ("std::vector<…>::push_back"), then what is in the middle. */
#ifndef ANALYZER_REPORT_SHORTEN_H
#define ANALYZER_REPORT_SHORTEN_H

#include <stddef.h>

#include "base/memory.h"

/* Which part of a name more is kept of. */
enum shorten_tail {
	SHORTEN_BEGINNING_TELLS, /* a place, a sentence */
	SHORTEN_END_TELLS,       /* a path, a qualified function */
};

/* The name in no more than `width` columns, a mark where something is left out: itself if it fits,
 * else in the arena. Less than 2 columns are taken for any number. */
const char *shorten(struct arena *arena, const char *name, size_t width, enum shorten_tail tells);

#endif

/* allocator.h: the allocator inside, by size class, and where its memory goes on the way from what
 * the program asked for to what is resident. */
#ifndef ANALYZER_MODEL_ALLOCATOR_H
#define ANALYZER_MODEL_ALLOCATOR_H

#include <stddef.h>

#include "trace/trace.h"

struct profile;

/* Of one size class, or of several together. */
struct class_figures {
	double held_bytes; /* of its regions that are not free */
	double room_bytes; /* of its slabs, or of the regions' own pages */
	double used;       /* the one of the other, 0…1; NAN: no room */
	double spare;      /* room that holds nothing */
};

struct class_figures class_figures_of(const struct trace_allocator_class *size_class);
struct class_figures class_figures_sum(const struct trace_allocator_class *classes, size_t count);

/* All classes of a trace, the most room first. Free with free(). */
const struct trace_allocator_class **classes_by_room(const struct trace_allocator_details *details);

/* From live bytes to resident memory: what each reason adds to the one before. Bytes; NAN where the
 * trace does not tell. Only of a run whose allocator was looked at when it had ended: else its
 * figures and those of the heap are of different moments. */
struct allocator_way {
	double live;     /* requested and live */
	double rounding; /* size classes give more than was asked for */
	double beside;   /* not recorded, or in a thread's cache */
	double spare;    /* free regions of slabs, and padding of large blocks */
	double unused;   /* whole pages that wait to be given back */
	double metadata; /* the allocator's own */
	double resident; /* by the allocator's own account, which is an upper bound */
};

/* False where it cannot be told. */
bool allocator_way_find(const struct profile *profile, struct allocator_way *way);

#endif

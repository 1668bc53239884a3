/* allocator.c: see allocator.h. */
#include "model/allocator.h"

#include <math.h>
#include <stdlib.h>

#include "model/profile.h"

static struct class_figures figures(double held_bytes, double room_bytes)
{
	return (struct class_figures){
	        .held_bytes = held_bytes,
	        .room_bytes = room_bytes,
	        .used = room_bytes > 0 ? held_bytes / room_bytes : NAN,
	        .spare = fmax(0, room_bytes - held_bytes),
	};
}

struct class_figures class_figures_of(const struct trace_allocator_class *size_class)
{
	double held = (double)size_class->held * (double)size_class->size;
	bool small = size_class->slab_bytes > 0;
	return figures(held,
	               small ? (double)size_class->slabs * (double)size_class->slab_bytes : held);
}

struct class_figures class_figures_sum(const struct trace_allocator_class *classes, size_t count)
{
	double held = 0, room = 0;
	for (size_t i = 0; i < count; i++) {
		struct class_figures one = class_figures_of(&classes[i]);
		held += one.held_bytes;
		room += one.room_bytes;
	}
	return figures(held, room);
}

static int most_room_first(const void *a, const void *b)
{
	const struct trace_allocator_class *x = *(const struct trace_allocator_class *const *)a;
	const struct trace_allocator_class *y = *(const struct trace_allocator_class *const *)b;
	double room_x = class_figures_of(x).room_bytes, room_y = class_figures_of(y).room_bytes;
	if (room_x != room_y)
		return room_x < room_y ? 1 : -1;
	return (x->size > y->size) - (x->size < y->size);
}

const struct trace_allocator_class **classes_by_room(const struct trace_allocator_details *details)
{
	const struct trace_allocator_class **sorted =
	        mem_zero((details->classes_count + 1) * sizeof(*sorted));
	for (size_t i = 0; i < details->classes_count; i++)
		sorted[i] = &details->classes[i];
	qsort(sorted, details->classes_count, sizeof(*sorted), most_room_first);
	return sorted;
}

static double live_usable(const struct trace *t)
{
	const int64_t *f = t->totals;
	return (double)(f[TRACE_CELL_ALLOCATED_USABLE] - f[TRACE_CELL_FREED_USABLE]) +
	       (double)(f[TRACE_CELL_MOVED_IN_USABLE] - f[TRACE_CELL_MOVED_OUT_USABLE]);
}

static double unused_pages(const struct trace_allocator_details *details)
{
	double bytes = 0;
	for (size_t i = 0; i < details->arenas_count; i++)
		bytes += (double)details->arenas[i].dirty;
	return bytes;
}

bool allocator_way_find(const struct profile *p, struct allocator_way *way)
{
	const struct trace *t = p->trace;
	const struct trace_allocator *a = &t->allocator;
	if (!p->heap || p->sampled || !t->heap.known || !a->known || !t->allocator_details.at_end ||
	    !(a->resident > 0) || a->active == TRACE_UNKNOWN || a->allocated == TRACE_UNKNOWN)
		return false;
	double live = (double)p->totals.live_bytes, usable = live_usable(t);
	*way = (struct allocator_way){
	        .live = live,
	        .rounding = usable - live,
	        .beside = (double)a->allocated - usable,
	        .spare = (double)a->active - (double)a->allocated,
	        .unused = unused_pages(&t->allocator_details),
	        .resident = (double)a->resident,
	};
	way->metadata = way->resident - (double)a->active - way->unused;
	return true;
}

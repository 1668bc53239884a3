/* beside.c: see beside.h. */
#include "beside.h"
#include "cells.h"
#include "count.h"

/* Own counters have one writer; slot 0's have many. */
#define COUNT(event, field, amount)                                                                \
	do {                                                                                       \
		if ((event)->nested)                                                               \
			ADD_SHARED(field, amount);                                                 \
		else                                                                               \
			ADD(field, amount);                                                        \
	} while (0)

/* False once it is known that memory is not recorded: nothing, or only marks. */
static bool may_be_recorded(void)
{
	const struct mp_process *process = &mp_process_page.process;
	uint32_t state = __atomic_load_n(&process->state, __ATOMIC_ACQUIRE);
	return state != MP_OFF && (state != MP_RECORDING || process->heap);
}

bool mp_beside_enter(struct mp_beside *event)
{
	if (!may_be_recorded())
		return false;
	struct mp_thread *thread = mp_thread_enter();
	event->nested = !thread;
	event->region = mp_region();
	event->thread = thread;
	if (thread)
		return true;
	if (!event->region || !mp_process_page.process.heap || mp_thread_is_own_work())
		return false;
	event->thread = mp_thread_shared();
	return event->thread != NULL;
}

void mp_beside_leave(const struct mp_beside *event)
{
	if (!event->nested)
		mp_thread_leave_mark(event->thread);
}

static uint32_t node_here(const struct mp_beside *event, MP_SITE_PARAMETERS)
{
	if (event->nested)
		return MP_NODE_NESTED;
	ADD(event->thread->slot->allocs_less_captures, -1);
	return mp_capture_stack(event->thread->capture, event->thread->counts, return_address, sp,
	                        bp);
}

static uint32_t phase_here(const struct mp_beside *event)
{
	return event->nested ? __atomic_load_n(&event->region->now_phase, __ATOMIC_RELAXED)
	                     : mp_thread_phase(event->thread);
}

bool mp_beside_tally(const struct mp_beside *event, uint32_t kind, struct mp_tally *tally,
                     MP_SITE_PARAMETERS)
{
	uint32_t memory = kind << MP_CELL_KIND_AT;
	uint32_t cell = mp_cell_of(node_here(event, MP_SITE_ARGUMENTS), phase_here(event) | memory);
	if (!cell)
		cell = mp_cell_of(MP_NODE_OVERFLOW, memory);
	struct mp_counters *counters = cell ? mp_counters_of(event->thread, cell) : NULL;
	if (!counters)
		return false;
	*tally = (struct mp_tally){
	        .counters = mp_counters_number(event->thread, counters),
	        .slot = event->thread->slot_index,
	        .origin = mp_now(event->region),
	};
	return true;
}

/* This thread's counters for the cell of a tally, which may be another thread's. */
static struct mp_counters *own_counters(const struct mp_beside *event, const struct mp_tally *tally)
{
	if (tally->slot == event->thread->slot_index)
		return mp_counters_at(event->thread, tally->counters);
	return mp_counters_of(event->thread, mp_counters_cell(tally->counters));
}

void mp_beside_came(const struct mp_beside *event, const struct mp_tally *tally, uint64_t bytes,
                    uint64_t usable)
{
	struct mp_counters *counters = mp_counters_at(event->thread, tally->counters);
	COUNT(event, counters->alloc_bytes, bytes);
	COUNT(event, counters->alloc_usable, usable);
	COUNT(event, mp_counters_sizes(counters)->sizes[mp_size_bucket(bytes)], 1);
}

void mp_beside_went(const struct mp_beside *event, const struct mp_tally *tally, uint64_t bytes,
                    uint64_t usable, bool whole)
{
	struct mp_counters *counters = own_counters(event, tally);
	if (!counters)
		return;
	COUNT(event, counters->free_bytes, bytes);
	COUNT(event, counters->free_usable, usable);
	if (!whole)
		return;
	uint64_t now = mp_now(event->region);
	struct mp_counters_lives *lives = mp_counters_lives(counters);
	COUNT(event, lives->life_steps[mp_life_steps(tally->origin, now)], 1);
	COUNT(event, lives->life_time[mp_life_time(tally->origin, now)], 1);
	if (tally->slot != event->thread->slot_index)
		COUNT(event, lives->cross_frees, 1);
}

void mp_beside_moved_out(const struct mp_beside *event, const struct mp_tally *tally,
                         uint64_t bytes, bool whole)
{
	struct mp_counters *counters = own_counters(event, tally);
	if (!counters)
		return;
	SET(counters->moved, 1);
	struct mp_counters_moves *moves = mp_counters_moves(counters);
	if (whole)
		COUNT(event, moves->moved_out, 1);
	COUNT(event, moves->moved_out_bytes, bytes);
	COUNT(event, moves->moved_out_usable, bytes);
}

void mp_beside_moved_in(const struct mp_beside *event, const struct mp_tally *tally, uint64_t bytes)
{
	struct mp_counters *counters = mp_counters_at(event->thread, tally->counters);
	SET(counters->moved, 1);
	struct mp_counters_moves *moves = mp_counters_moves(counters);
	COUNT(event, moves->moved_in, 1);
	COUNT(event, moves->moved_in_bytes, bytes);
	COUNT(event, moves->moved_in_usable, bytes);
}

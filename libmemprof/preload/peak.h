/* peak.h: the sum of live bytes over all threads, and the highest that it was.
 *
 * The region has the sum. A thread adds its changes to it in portions, of at most 64 KiB, so with
 * several threads the peak is right to within threads × 64 KiB. A thread that is alone follows the
 * peak exactly. Either way an event costs one subtraction or addition, and a comparison: a thread
 * keeps how much room there is, and only when there is none left something has to be looked at.
 *
 *     room       bytes that may still be allocated. Each allocation takes from it, each free gives
 *     room_most  where room grows beyond it, so much was freed that the sum must be told
 *     mark       the sum (as this thread knows it) where room is 0: mark − room is what is live
 *     flushed    the sum as it was when this thread last looked at it
 *
 * A thread that is alone is in one of two states:
 *
 *     below the peak   mark is the peak, or less than a portion above what is live
 *     at the peak      what is live is the peak, and each allocation raises it. Nothing is written
 *                      for that, as long as there is no free: the first free makes the peak known
 *                      before it takes anything away. So room_most is such that each free comes by.
 *
 * What each cell held at the peak. The peak only ever rises, so its value tells one peak from
 * another. Counters remember the peak after which they were last touched: the first change after a
 * new one saves what was held (held_at_peak); as long as there is none, what is held now is what
 * was held then. So a peak costs one store, and nothing is ever scanned. */
#ifndef MP_PRELOAD_PEAK_H
#define MP_PRELOAD_PEAK_H

#include "count.h"
#include "thread.h"

/* A slot gets a thread, and loses it. */
void mp_balance_begin(struct mp_thread *thread);
void mp_balance_end(struct mp_thread *thread);

/* The slow ways of the two functions below. */
void mp_balance_leave_peak(struct mp_thread *thread);
void mp_balance_look(struct mp_thread *thread);

/* Before counters change for an event that changes live bytes by `change`. */
static inline void mp_balance_before(struct mp_thread *thread, int64_t change)
{
	if (change < 0 && thread->balance.room_most == INT64_MIN)
		mp_balance_leave_peak(thread);
}

/* After they did. */
static inline void mp_balance_after(struct mp_thread *thread, int64_t change)
{
	int64_t room = thread->balance.room - change;
	thread->balance.room = room;
	if (__builtin_expect(room < 0 || (change < 0 && room > thread->balance.room_most), 0))
		mp_balance_look(thread);
}

/* Before a cell's counters change: keeps what was held at the peak, if nothing has changed since.
 * True if it had to be kept, as mostly where they are new. */
static inline bool mp_keep_peak(const struct mp_region *region, struct mp_counters *counters)
{
	int64_t peak = __atomic_load_n(&region->peak_bytes, __ATOMIC_RELAXED);
	if (__builtin_expect(counters->peak == peak, 1))
		return false;
	SET(counters->held_at_peak, mp_counters_held(counters));
	SET(counters->peak, peak);
	return true;
}

#endif

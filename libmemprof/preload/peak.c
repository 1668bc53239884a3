/* peak.c: see peak.h. */
#include "peak.h"

/* Raises the peak to `live`, unless it is as high already. */
static void raise_peak(struct mp_region *region, int64_t live)
{
	int64_t peak = __atomic_load_n(&region->peak_bytes, __ATOMIC_RELAXED);
	while (live > peak) {
		if (!__atomic_compare_exchange_n(&region->peak_bytes, &peak, live, true,
		                                 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			continue;
		SET(region->peak_when, mp_now(region));
		return;
	}
}

static void note_error(struct mp_region *region, uint32_t threads)
{
	uint64_t error = (uint64_t)threads * MP_LIVE_PORTION;
	if (error > __atomic_load_n(&region->peak_error_bytes, __ATOMIC_RELAXED))
		SET(region->peak_error_bytes, error);
}

/* Nobody else changes the sum: there is no other thread, and what signal handlers did is known. */
static bool is_alone(const struct mp_balance *balance, const struct mp_region *region)
{
	return __atomic_load_n(&region->threads_live, __ATOMIC_RELAXED) <= 1 &&
	       __atomic_load_n(&region->live_bytes, __ATOMIC_RELAXED) == balance->flushed;
}

static void set_room(struct mp_balance *balance, int64_t live, int64_t room)
{
	balance->room = room;
	balance->mark = live + room;
	balance->room_most = balance->mark - balance->flushed + MP_LIVE_PORTION;
}

/* Adds this thread's portion to the sum, and sees how far it is from the peak. */
static void flush(struct mp_balance *balance, struct mp_region *region)
{
	int64_t portion = balance->mark - balance->room - balance->flushed;
	int64_t live = ADD_SHARED(region->live_bytes, portion) + portion;
	balance->flushed = live;
	raise_peak(region, live);
	uint32_t threads = __atomic_load_n(&region->threads_live, __ATOMIC_RELAXED);
	int64_t room = MP_LIVE_PORTION;
	if (threads > 1) {
		note_error(region, threads);
	} else {
		int64_t below = __atomic_load_n(&region->peak_bytes, __ATOMIC_RELAXED) - live;
		if (below < MP_LIVE_PORTION)
			room = below;
	}
	set_room(balance, live, room);
}

__attribute__((noinline)) void mp_balance_leave_peak(struct mp_thread *thread)
{
	struct mp_balance *balance = &thread->balance;
	struct mp_region *region = thread->region;
	if (!is_alone(balance, region)) {
		flush(balance, region);
		return;
	}
	int64_t live = balance->mark - balance->room;
	raise_peak(region, live);
	set_room(balance, live, 0);
}

/* There is no room left, or there is more than may be kept back. */
__attribute__((noinline)) void mp_balance_look(struct mp_thread *thread)
{
	struct mp_balance *balance = &thread->balance;
	struct mp_region *region = thread->region;
	int64_t live = balance->mark - balance->room;
	int64_t portion = live - balance->flushed;
	if (portion >= MP_LIVE_PORTION || portion <= -MP_LIVE_PORTION ||
	    !is_alone(balance, region) ||
	    live <= __atomic_load_n(&region->peak_bytes, __ATOMIC_RELAXED)) {
		flush(balance, region);
		return;
	}
	set_room(balance, live, MP_LIVE_PORTION - portion);
	balance->room_most = INT64_MIN;
}

void mp_balance_begin(struct mp_thread *thread)
{
	/* No room: the first allocation looks. */
	thread->balance.flushed = __atomic_load_n(&thread->region->live_bytes, __ATOMIC_RELAXED);
	set_room(&thread->balance, thread->balance.flushed, 0);
}

void mp_balance_end(struct mp_thread *thread)
{
	flush(&thread->balance, thread->region);
}

/* patient_lock.h: a lock that is waited for, but not for ever.
 *
 * An event inside the profiler (a signal handler's) never waits: the holder may be the very thread
 * that it interrupted. Others wait some 10 ms; a holder that has not come back by then never will
 * (its handler left by siglongjmp), and the lock is abandoned: nobody gets it any more, and nobody
 * waits again. Zeroed memory is a free lock.
 */
#ifndef MP_PRELOAD_PATIENT_LOCK_H
#define MP_PRELOAD_PATIENT_LOCK_H

#include "os.h"

#include <stdbool.h>

/* Rounds of giving the processor away: some 10 ms, or as long as it takes. */
#define MP_PATIENCE 20000u

struct mp_patient_lock {
	bool locked;
	bool abandoned;
};

/* False: the lock is not to be had. */
static inline bool mp_patient_lock(struct mp_patient_lock *lock, bool nested)
{
	for (unsigned i = 0; i < MP_PATIENCE; i++) {
		if (__atomic_load_n(&lock->abandoned, __ATOMIC_RELAXED))
			return false;
		if (!__atomic_test_and_set(&lock->locked, __ATOMIC_ACQUIRE))
			return true;
		if (nested)
			return false;
		(void)mp_syscall(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
	}
	__atomic_store_n(&lock->abandoned, true, __ATOMIC_RELAXED);
	return false;
}

static inline void mp_patient_unlock(struct mp_patient_lock *lock)
{
	__atomic_clear(&lock->locked, __ATOMIC_RELEASE);
}

#endif

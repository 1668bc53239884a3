/* audit.h: another unwinder's opinion, for a share of captures.
 *
 * libunwind walks the same stack from the same frame, with its own parsers and its own memory of
 * them; what it finds is compared frame by frame. An audit can neither block nor deadlock:
 *
 * - libunwind is opened by dlopen with RTLD_LOCAL, so that its _Unwind_* names replace nobody's;
 * and only in mp_capture_start, never in the middle of an event.
 * - It works on an address space of our own. Objects are found by _dl_find_object, and not by
 *   dl_iterate_phdr, whose lock the program or the loader may hold; memory is read through
 *   readable.h. So all that it may wait for are its own inner locks (pools, caches), which it takes
 *   with signals blocked and holds for no longer than a few loads or an mmap.
 * - One audit at a time in a process. Who finds another one under way goes without: also a signal
 *   handler that interrupts an audit, and every thread of a child that was forked in the middle of
 *   one. Children made by fork do not audit at all, since an inner lock may have been inherited.
 */
#ifndef MP_UNWIND_AUDIT_H
#define MP_UNWIND_AUDIT_H

#include "unwind/step.h"

#include <stdbool.h>
#include <stdint.h>

/* One in so many captures of a thread is audited, and, as long as it has taken fewer than
 * MP_AUDIT_EARLY, one in so many. An audit takes about 0.6 µs a frame. The environment may say that
 * it is one in so many from the first to the last. */
#define MP_AUDIT_PERIOD       16384u
#define MP_AUDIT_EARLY_PERIOD 1024u
#define MP_AUDIT_EARLY        65536u
#define MP_AUDIT_VARIABLE     "MEMPROF_AUDIT_PERIOD"

/* The capture to be audited next, when so many have been taken. */
uint64_t mp_audit_next(uint64_t captures);

/* Opens libunwind; without it nothing is audited. It may allocate: not within an event. */
void mp_audit_start(void);

/* Begins at a frame. False if there is no audit now; else mp_audit_end must follow. `generation` is
 * that of the rules: a new one makes libunwind forget, too. */
bool mp_audit_begin(const struct mp_frame *frame, uint32_t generation);

/* The address to look up of the frame it is in. */
uintptr_t mp_audit_pc(void);

/* Goes to the caller: MP_STEP_ON, MP_STEP_END, or MP_STEP_LOST where libunwind knows no way. */
enum mp_step mp_audit_step(void);

void mp_audit_end(void);

#endif

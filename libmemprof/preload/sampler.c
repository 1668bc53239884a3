/* sampler.c: see sampler.h. */
#include "sampler.h"
#include "count.h"
#include "cpu_timer.h"
#include "os.h"
#include "phases.h"
#include "sampler_signal.h"

#include <ucontext.h>

static uint64_t period; /* ns; 0: off */
static char cookie;     /* its address is in the signals of our timers, and in no others */

/* A forked child that has used so much CPU time, without an event of its own, is not about to
 * become another program. */
#define SCOUT_NS 10000000u

/* A forked child's timer until it is recorded, its number + 1; and where its recording is begun. */
static int scout;
static char scout_stack[32 << 10] __attribute__((aligned(16)));
static __thread bool in_handler; /* whose mask is not the thread's, which let the signal in */

bool mp_sampler_is_on(void)
{
	return period != 0;
}

/* ---- timers ------------------------------------------------------------------------------ */

/* From 1 to the period, as good as random. */
static uint64_t first_expiry(void)
{
	uint64_t mixed = mp_intern_hash(mp_ticks(), (uint64_t)&mixed);
	return 1 + mixed % period;
}

/* A thread's timer, or none. */
static void begin_timer(struct mp_thread *thread)
{
	int signal = mp_sampler_signal();
	uint64_t first = first_expiry();
	__atomic_store_n(&thread->sample_due, mp_cpu_timer_clock(thread->tid) + first,
	                 __ATOMIC_RELAXED);
	int made = signal ? mp_cpu_timer_begin(thread->tid, signal, &cookie, first, period) : -1;
	if (made < 0)
		ADD_SHARED(mp_region()->unsampled_threads, 1);
	else
		__atomic_store_n(&thread->timer, made + 1, __ATOMIC_RELEASE);
}

/* True if it had one. */
static bool end_timer(struct mp_thread *thread)
{
	int timer = __atomic_exchange_n(&thread->timer, 0, __ATOMIC_ACQ_REL);
	if (timer)
		mp_cpu_timer_end(timer - 1);
	return timer != 0;
}

static void end_scout(void)
{
	int timer = __atomic_exchange_n(&scout, 0, __ATOMIC_RELAXED);
	if (timer)
		mp_cpu_timer_end(timer - 1);
}

void mp_sampler_thread_begins(struct mp_thread *thread, mp_signals *mask)
{
	if (!period)
		return;
	(void)end_timer(thread); /* the slot may have had a thread that never said its end */
	end_scout();
	begin_timer(thread);
	if (thread->timer && !in_handler)
		mp_sampler_signal_let_in(mask);
}

static void renew(struct mp_thread *thread)
{
	if (end_timer(thread))
		begin_timer(thread);
}

void mp_sampler_moved(void)
{
	end_scout();
	if (mp_region())
		mp_threads_each(renew);
}

/* The parent's numbers mean nothing here. */
void mp_sampler_forked(void)
{
	int signal = mp_sampler_signal();
	scout = 0;
	if (!period || !signal)
		return;
	int made = mp_cpu_timer_begin((uint32_t)mp_gettid(), signal, &cookie, SCOUT_NS, SCOUT_NS);
	scout = made < 0 ? 0 : made + 1;
}

/* ---- counting ---------------------------------------------------------------------------- */

static uint32_t sample_make(void *table, const struct mp_intern_key *key, const void *subject)
{
	(void)subject;
	struct mp_region *region = mp_region();
	uint32_t number = __atomic_fetch_add(&region->samples_used, 1, __ATOMIC_RELAXED);
	if (number >= region->samples_max) {
		__atomic_store_n(&region->samples_used, region->samples_max, __ATOMIC_RELAXED);
		mp_overflowed(region);
		return 0;
	}
	struct mp_sample *sample = (struct mp_sample *)table + number;
	sample->phase = key->more;
	__atomic_store_n(&sample->node, (uint32_t)(key->key - 1), __ATOMIC_RELEASE);
	return number;
}

static struct mp_intern_key key_of(uint32_t node, uint32_t phase)
{
	return (struct mp_intern_key){mp_intern_hash(node, phase), node + 1ull, phase};
}

static struct mp_intern_key sample_key(const void *table, uint32_t number)
{
	const struct mp_sample *sample = (const struct mp_sample *)table + number;
	return key_of(sample->node, sample->phase);
}

static const struct mp_intern_kind kind = {.make = sample_make, .key_of = sample_key};

/* Where a stack's samples are counted; entry 0, which is of none, when the table is full. */
static struct mp_sample *sample_of(struct mp_region *region, uint32_t node, uint32_t phase)
{
	struct mp_sample *table = mp_at(region, region->samples_at);
	const struct mp_intern_key key = key_of(node, phase);
	return table + mp_intern(&mp_process_page.process.samples, &key, &kind, table, NULL);
}

struct found {
	struct mp_thread *thread;
	const ucontext_t *interrupted;
	uint64_t periods;
};

static void add_sample(struct mp_thread *thread, uint32_t node, uint64_t periods)
{
	struct mp_region *region = mp_region();
	uint32_t phase = thread->phase;
	if (!phase)
		phase = __atomic_load_n(&region->now_phase, __ATOMIC_RELAXED);
	if (!mp_thread_is_stepping(thread, region))
		phase |= MP_SAMPLE_OTHERS;
	struct mp_sample *sample = sample_of(region, node, phase);
	ADD_SHARED(sample->samples, 1);
	ADD_SHARED(sample->cpu_ns, periods * period);
	ADD_SHARED(region->samples, 1);
	ADD_SHARED(thread->sample_due, periods * period);
}

static void count(void *context)
{
	const struct found *found = context;
	uint64_t begin = mp_ticks();
	add_sample(found->thread, mp_capture_interrupted(found->interrupted), found->periods);
	ADD_SHARED(mp_region()->sampling_ticks, mp_ticks() - begin);
}

/* What expired and was not told: the kernel looks at its ticks only, and a thread that lives for
 * less than one mostly ends before. How much it was is known, where it went is not. */
static void count_untold(struct mp_thread *thread)
{
	uint64_t due = __atomic_load_n(&thread->sample_due, __ATOMIC_RELAXED);
	uint64_t now = mp_cpu_timer_clock(thread->tid);
	if (now >= due)
		add_sample(thread, MP_NODE_UNKNOWN, 1 + (now - due) / period);
}

void mp_sampler_thread_ends(struct mp_thread *thread)
{
	if (end_timer(thread) && mp_region())
		count_untold(thread);
	end_scout();
}

/* ---- the handler ------------------------------------------------------------------------- */

/* Calls with the stack at `top`, which is aligned to 16 bytes. */
static void call_on_stack(char *top, void (*function)(void *), void *argument)
{
	__asm__ volatile("movq %%rsp, %%rbx\n\t"
	                 "movq %0, %%rsp\n\t"
	                 "callq *%1\n\t"
	                 "movq %%rbx, %%rsp"
	                 : "+r"(top), "+r"(function), "+D"(argument)
	                 :
	                 : "rbx", "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory",
	                   "cc");
}

static void begin_recording(void *argument)
{
	(void)argument;
	in_handler = true;
	(void)mp_thread_enter_slow(mp_stack_pointer());
	in_handler = false;
}

/* Nothing in here touches errno. */
static void on_signal(int signal, siginfo_t *info, void *context)
{
	struct mp_thread *thread = mp_self;
	if (info->si_code != SI_TIMER || info->si_value.sival_ptr != &cookie) {
		mp_sampler_signal_foreign(signal, info, context);
		return;
	}
	if (!mp_region() && __atomic_load_n(&scout, __ATOMIC_RELAXED)) {
		call_on_stack(scout_stack + sizeof(scout_stack), begin_recording, NULL);
		return;
	}
	if (!mp_region() || !thread->sampler_stack)
		return;
	struct found found = {thread, context, 1u + (unsigned)info->si_overrun};
	call_on_stack(thread->sampler_stack, count, &found);
}

void mp_sampler_start(uint64_t period_ns)
{
	static bool started; /* stays so in a forked child, and so does the handler */
	if (started || !period_ns)
		return;
	started = true;
	if (mp_sampler_signal_take(on_signal))
		period = period_ns;
}

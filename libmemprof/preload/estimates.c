/* estimates.c: see estimates.h. */
#include "estimates.h"
#include "count.h"
#include "live.h"
#include "os.h"
#include "ownmem.h"
#include "pool.h"
#include "process.h"

/* ---- sums -------------------------------------------------------------------------------- */

/* Two may come at once: the loser gives his back. */
static struct mp_estimates **blocks_of(struct mp_estimate_table *table)
{
	struct mp_estimates **blocks = __atomic_load_n(&table->blocks, __ATOMIC_ACQUIRE),
	                    **was = NULL;
	if (blocks)
		return blocks;
	size_t bytes = (mp_region()->cells_max / MP_ESTIMATES_PER_BLOCK + 1) * sizeof(*blocks);
	blocks = mp_own_map_sparse(bytes);
	if (!blocks || __atomic_compare_exchange_n(&table->blocks, &was, blocks, false,
	                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return blocks;
	mp_own_unmap_sparse(blocks, bytes);
	return was;
}

struct mp_estimates *mp_estimates_of(struct mp_estimate_table *table, uint32_t cell)
{
	struct mp_estimates **blocks = cell ? blocks_of(table) : NULL;
	if (!blocks)
		return NULL;
	struct mp_estimates **place = &blocks[cell / MP_ESTIMATES_PER_BLOCK];
	struct mp_estimates *block = __atomic_load_n(place, __ATOMIC_ACQUIRE), *was = NULL;
	if (!block) {
		block = mp_pool_take(1, MP_BLOCK_ESTIMATES, 0, cell / MP_ESTIMATES_PER_BLOCK);
		if (!block)
			return NULL;
		/* The loser's block stays empty. */
		if (!__atomic_compare_exchange_n(place, &was, block, false, __ATOMIC_ACQ_REL,
		                                 __ATOMIC_ACQUIRE))
			block = was;
	}
	return block + cell % MP_ESTIMATES_PER_BLOCK;
}

static void add_double(double *to, double amount)
{
	double was, now;
	__atomic_load(to, &was, __ATOMIC_RELAXED);
	do {
		now = was + amount;
	} while (!__atomic_compare_exchange(to, &was, &now, true, __ATOMIC_RELAXED,
	                                    __ATOMIC_RELAXED));
}

static void add(struct mp_estimates *sums, uint32_t field, uint64_t amount, double variance)
{
	ADD_SHARED(sums->estimate[field], amount);
	add_double(&sums->variance[field], variance);
}

static void add_block(struct mp_estimates *sums, enum mp_estimate field,
                      const struct mp_weight *weight)
{
	add(sums, field, weight->count, weight->count_variance);
	add(sums, field + 1, weight->bytes, weight->bytes_variance);
	add(sums, field + 2, weight->usable, weight->slack_variance);
}

void mp_estimates_counted(struct mp_estimates *sums, uint32_t field, const struct mp_weight *weight)
{
	add(sums, field, weight->count, weight->count_variance);
}

/* ---- the peak ---------------------------------------------------------------------------- */

static void keep_peak(const struct mp_region *region, struct mp_estimates *sums)
{
	int64_t peak = __atomic_load_n(&region->peak_bytes, __ATOMIC_ACQUIRE);
	if (__atomic_load_n(&sums->peak, __ATOMIC_RELAXED) == peak)
		return;
	double variance = mp_estimates_held_variance(sums);
	SET(sums->held_at_peak, mp_estimates_held(sums));
	__atomic_store(&sums->held_at_peak_variance, &variance, __ATOMIC_RELAXED);
	__atomic_store_n(&sums->peak, peak, __ATOMIC_RELEASE);
}

static void raise_peak(struct mp_region *region, int64_t live)
{
	int64_t peak = __atomic_load_n(&region->peak_bytes, __ATOMIC_RELAXED);
	do {
		if (live <= peak)
			return;
	} while (!__atomic_compare_exchange_n(&region->peak_bytes, &peak, live, true,
	                                      __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	SET(region->peak_when, mp_now(region));
}

void mp_estimates_came(struct mp_region *region, struct mp_estimates *sums, enum mp_estimate field,
                       const struct mp_weight *weight)
{
	keep_peak(region, sums);
	ADD_SHARED(sums->sampled, 1);
	add_block(sums, field, weight);
	int64_t units =
	        ADD_SHARED(region->live_bytes, (int64_t)weight->bytes) + (int64_t)weight->bytes;
	raise_peak(region, units >> MP_ESTIMATE_BYTES_BITS);
}

void mp_estimates_went(struct mp_region *region, struct mp_estimates *sums, enum mp_estimate field,
                       const struct mp_weight *weight)
{
	keep_peak(region, sums);
	add_block(sums, field, weight);
	ADD_SHARED(region->live_bytes, -(int64_t)weight->bytes);
}

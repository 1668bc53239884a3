/* decision/network_batched.c: one neural network for all agents, which sees them all at once: few
 * large products, by blocks of rows that threads share. */
#include <string.h>

#include "decision/blas.h"
#include "decision/brain.h"
#include "decision/kinds.h"
#include "decision/tilt.h"
#include "memory.h"
#include "parallel.h"

/* Rows of one product. Fixed, so that each row is computed alike for any number of threads. */
#define BLOCK_ROWS 128

/* Experiences that are remembered of all agents, and lessons in a step. */
#define EXPERIENCES 20000
#define LESSONS     4

/* One agent's part of a step. */
struct row {
	struct situation situation;
	double weights[ACTION_COUNT];
	struct rng *rng;
	struct choice *choice;
	enum action_kind kind;
	float reward;
	bool learned, lived; /* has a lesson; and lived to see what came */
};

struct batched {
	struct decider base;
	struct brain *brain;
	struct row *rows;
	float *inputs, *nexts, *values; /* a row each for every agent */
	size_t count, capacity;
};

static struct decider *batched_create(const struct decision_settings *settings)
{
	struct batched *batched = NEED(calloc(1, sizeof *batched));
	batched->brain = brain_create(rng_stream(settings->seed, RNG_NETWORK, 0, 0),
	                              settings->training ? EXPERIENCES : 0);
	return &batched->base;
}

static void release_rows(struct batched *batched)
{
	free(batched->rows);
	free(batched->inputs);
	free(batched->nexts);
	free(batched->values);
}

static void batched_destroy(struct decider *decider)
{
	struct batched *batched = (struct batched *)decider;
	release_rows(batched);
	brain_destroy(batched->brain);
	free(batched);
}

static void batched_begin(struct decider *decider, size_t count)
{
	struct batched *batched = (struct batched *)decider;
	batched->count = count;
	if (count > batched->capacity) {
		size_t capacity = count + count / 2;
		release_rows(batched);
		batched->capacity = capacity;
		batched->rows = NEED(malloc(capacity * sizeof *batched->rows));
		batched->inputs = NEED(malloc(capacity * BRAIN_INPUTS * sizeof(float)));
		batched->nexts = NEED(malloc(capacity * BRAIN_INPUTS * sizeof(float)));
		batched->values = NEED(malloc(capacity * ACTION_COUNT * sizeof(float)));
	}
	for (size_t i = 0; i < count; i++)
		batched->rows[i].learned = false;
}

static void batched_decide(struct decider *decider, const struct decision_seat *seat,
                           const struct observation *view, struct rng *rng, struct choice *choice)
{
	struct batched *batched = (struct batched *)decider;
	struct row *row = &batched->rows[seat->slot];
	row->situation = situation_of(view);
	row->rng = rng;
	row->choice = choice;
	situation_weigh(view, &row->situation, &decider->settings, seat->weights, row->weights);
	brain_features(view, batched->inputs + seat->slot * BRAIN_INPUTS);
}

static void decide_block(void *context, size_t block, unsigned worker)
{
	struct batched *batched = context;
	size_t first = block * BLOCK_ROWS, end = first + BLOCK_ROWS;
	(void)worker;
	if (end > batched->count)
		end = batched->count;
	brain_values(batched->brain, end - first, batched->inputs + first * BRAIN_INPUTS,
	             batched->values + first * ACTION_COUNT);
	for (size_t i = first; i < end; i++) {
		struct row *row = &batched->rows[i];
		tilt_weights(row->weights, batched->values + i * ACTION_COUNT);
		*row->choice =
		        situation_choice(&row->situation, situation_draw(row->weights, row->rng),
		                         batched->base.settings.move_reach, row->rng);
	}
}

static void batched_decide_all(struct decider *decider)
{
	struct batched *batched = (struct batched *)decider;
	size_t blocks = (batched->count + BLOCK_ROWS - 1) / BLOCK_ROWS;
	parallel_for(decider->settings.threads, blocks, decide_block, batched);
}

static void batched_learn(struct decider *decider, const struct decision_seat *seat,
                          const struct lesson *lesson)
{
	struct batched *batched = (struct batched *)decider;
	struct row *row = &batched->rows[seat->slot];
	row->learned = true;
	row->lived = lesson->after != NULL;
	row->kind = lesson->kind;
	row->reward = (float)lesson->reward;
	if (lesson->after)
		brain_features(lesson->after, batched->nexts + seat->slot * BRAIN_INPUTS);
}

/* Experiences are remembered in the order of the agents, whichever thread brought them. */
static void batched_learn_all(struct decider *decider, uint64_t step)
{
	struct batched *batched = (struct batched *)decider;
	for (size_t i = 0; i < batched->count; i++) {
		const struct row *row = &batched->rows[i];
		if (row->learned)
			brain_remember(batched->brain, batched->inputs + i * BRAIN_INPUTS,
			               row->kind, (double)row->reward,
			               row->lived ? batched->nexts + i * BRAIN_INPUTS : NULL);
	}
	for (uint64_t lesson = 0; lesson < LESSONS; lesson++)
		brain_learn(batched->brain,
		            rng_stream(decider->settings.seed, RNG_REPLAY, lesson, step));
}

static uint64_t batched_hash(const struct decider *decider)
{
	return brain_hash(((const struct batched *)decider)->brain);
}

const struct decision_kind decision_network_batched = {
        .name = "network-batched",
        .available = blas_load,
        .create = batched_create,
        .destroy = batched_destroy,
        .begin = batched_begin,
        .decide = batched_decide,
        .decide_all = batched_decide_all,
        .learn = batched_learn,
        .learn_all = batched_learn_all,
        .hash = batched_hash,
};

/* decision/brain.c: see brain.h. */
#include "decision/brain.h"

#include <math.h>
#include <string.h>

#include "decision/blas.h"
#include "memory.h"

#define DISCOUNT      0.95f
#define LEARNING_RATE 0.001f

/* Rewards of single acts go up to some 5; errors beyond this are cut, so that one cannot undo what
 * was learned. */
#define ERROR_MOST 1.0f

struct layers {
	float hidden[BRAIN_INPUTS * BRAIN_HIDDEN];
	float hidden_bias[BRAIN_HIDDEN];
	float output[BRAIN_HIDDEN * ACTION_COUNT];
	float output_bias[ACTION_COUNT];
};

struct experience {
	float input[BRAIN_INPUTS], next[BRAIN_INPUTS];
	float reward;
	enum action_kind action;
	bool last; /* next is nothing */
};

struct brain {
	struct layers layers;
	struct experience *ring; /* capacity; NULL: cannot learn */
	size_t capacity, count, head;
};

static void draw_weights(float *weights, size_t count, double most, struct rng *rng)
{
	for (size_t i = 0; i < count; i++)
		weights[i] = (float)rng_between(rng, -most, most);
}

struct brain *brain_create(struct rng rng, size_t experiences)
{
	struct brain *brain = NEED(calloc(1, sizeof *brain));
	struct layers *layers = &brain->layers;
	draw_weights(layers->hidden, BRAIN_INPUTS * BRAIN_HIDDEN, sqrt(6.0 / BRAIN_INPUTS), &rng);
	draw_weights(layers->output, BRAIN_HIDDEN * ACTION_COUNT, sqrt(6.0 / BRAIN_HIDDEN) / 4,
	             &rng);
	brain->capacity = experiences;
	if (experiences > 0)
		brain->ring = NEED(malloc(experiences * sizeof *brain->ring));
	return brain;
}

void brain_destroy(struct brain *brain)
{
	if (!brain)
		return;
	free(brain->ring);
	free(brain);
}

/* ---- seeing -------------------------------------------------------------------------------- */

/* The mean of a channel over each of 3 × 3 parts of the window. */
static void pool(const float *cells, int size, float *sectors)
{
	int counts[BRAIN_SECTORS] = {0};
	memset(sectors, 0, BRAIN_SECTORS * sizeof *sectors);
	for (int row = 0; row < size; row++) {
		for (int column = 0; column < size; column++) {
			int sector = row * 3 / size * 3 + column * 3 / size;
			sectors[sector] += cells[row * size + column];
			counts[sector]++;
		}
	}
	for (int sector = 0; sector < BRAIN_SECTORS; sector++)
		sectors[sector] /= (float)(counts[sector] > 0 ? counts[sector] : 1);
}

void brain_features(const struct observation *view, float input[BRAIN_INPUTS])
{
	for (int c = 0; c < CHANNEL_COUNT; c++)
		pool(observation_channel(view, (enum channel)c), view->size,
		     input + c * BRAIN_SECTORS);
	float *own = input + CHANNEL_COUNT * BRAIN_SECTORS;
	own[0] = (float)fmin(view->resources / 10, 3);
	own[1] = (float)view->health;
	own[2] = (float)view->hunger;
}

/* ---- forward ------------------------------------------------------------------------------- */

static void add_bias(float *values, size_t rows, size_t columns, const float *bias)
{
	for (size_t row = 0; row < rows; row++)
		for (size_t column = 0; column < columns; column++)
			values[row * columns + column] += bias[column];
}

/* HIDDEN is rows × BRAIN_HIDDEN, VALUES rows × ACTION_COUNT. */
static void forward(const struct layers *layers, size_t rows, const float *inputs, float *hidden,
                    float *values)
{
	blas_product(BLAS_AS_IS, BLAS_AS_IS, rows, BRAIN_HIDDEN, BRAIN_INPUTS, 1, inputs,
	             layers->hidden, 0, hidden);
	add_bias(hidden, rows, BRAIN_HIDDEN, layers->hidden_bias);
	for (size_t i = 0; i < rows * BRAIN_HIDDEN; i++)
		hidden[i] = hidden[i] > 0 ? hidden[i] : 0;
	blas_product(BLAS_AS_IS, BLAS_AS_IS, rows, ACTION_COUNT, BRAIN_HIDDEN, 1, hidden,
	             layers->output, 0, values);
	add_bias(values, rows, ACTION_COUNT, layers->output_bias);
}

void brain_values(const struct brain *brain, size_t rows, const float *inputs, float *values)
{
	float *hidden = NEED(malloc(rows * BRAIN_HIDDEN * sizeof *hidden));
	forward(&brain->layers, rows, inputs, hidden, values);
	free(hidden);
}

/* ---- learning ------------------------------------------------------------------------------ */

void brain_remember(struct brain *brain, const float *input, enum action_kind action, double reward,
                    const float *next)
{
	struct experience *experience = &brain->ring[brain->head];
	memcpy(experience->input, input, sizeof experience->input);
	if (next)
		memcpy(experience->next, next, sizeof experience->next);
	experience->last = next == NULL;
	experience->action = action;
	experience->reward = (float)reward;
	brain->head = (brain->head + 1) % brain->capacity;
	if (brain->count < brain->capacity)
		brain->count++;
}

/* What one lesson works on. */
struct lesson_block {
	const struct experience *drawn[BRAIN_BATCH];
	float inputs[BRAIN_BATCH * BRAIN_INPUTS];
	float hidden[BRAIN_BATCH * BRAIN_HIDDEN], back[BRAIN_BATCH * BRAIN_HIDDEN];
	float values[BRAIN_BATCH * ACTION_COUNT], errors[BRAIN_BATCH * ACTION_COUNT];
	float targets[BRAIN_BATCH];
};

static void draw_experiences(const struct brain *brain, struct rng *rng, struct lesson_block *block)
{
	for (size_t i = 0; i < BRAIN_BATCH; i++)
		block->drawn[i] = &brain->ring[rng_next(rng) % brain->count];
}

static void set_targets(const struct layers *layers, struct lesson_block *block)
{
	for (size_t i = 0; i < BRAIN_BATCH; i++) {
		float *row = block->inputs + i * BRAIN_INPUTS;
		if (block->drawn[i]->last)
			memset(row, 0, BRAIN_INPUTS * sizeof *row);
		else
			memcpy(row, block->drawn[i]->next, BRAIN_INPUTS * sizeof *row);
	}
	forward(layers, BRAIN_BATCH, block->inputs, block->hidden, block->values);
	for (size_t i = 0; i < BRAIN_BATCH; i++) {
		float best = block->values[i * ACTION_COUNT];
		for (size_t a = 1; a < ACTION_COUNT; a++)
			best = fmaxf(best, block->values[i * ACTION_COUNT + a]);
		block->targets[i] =
		        block->drawn[i]->reward + (block->drawn[i]->last ? 0 : DISCOUNT * best);
	}
}

/* How far the value of each chosen action is from its target. */
static void set_errors(const struct layers *layers, struct lesson_block *block)
{
	for (size_t i = 0; i < BRAIN_BATCH; i++)
		memcpy(block->inputs + i * BRAIN_INPUTS, block->drawn[i]->input,
		       BRAIN_INPUTS * sizeof(float));
	forward(layers, BRAIN_BATCH, block->inputs, block->hidden, block->values);
	memset(block->errors, 0, sizeof block->errors);
	for (size_t i = 0; i < BRAIN_BATCH; i++) {
		size_t at = i * ACTION_COUNT + block->drawn[i]->action;
		float error = block->values[at] - block->targets[i];
		block->errors[at] = fmaxf(-ERROR_MOST, fminf(ERROR_MOST, error));
	}
}

static void sum_columns(float scale, const float *rows, size_t columns, float *sums)
{
	for (size_t i = 0; i < BRAIN_BATCH; i++)
		for (size_t c = 0; c < columns; c++)
			sums[c] += scale * rows[i * columns + c];
}

/* One step down the gradient of the squared errors. */
static void descend(struct layers *layers, struct lesson_block *block)
{
	const float rate = -LEARNING_RATE / BRAIN_BATCH;
	blas_product(BLAS_AS_IS, BLAS_TRANSPOSED, BRAIN_BATCH, BRAIN_HIDDEN, ACTION_COUNT, 1,
	             block->errors, layers->output, 0, block->back);
	for (size_t i = 0; i < BRAIN_BATCH * BRAIN_HIDDEN; i++)
		if (block->hidden[i] <= 0)
			block->back[i] = 0;
	blas_product(BLAS_TRANSPOSED, BLAS_AS_IS, BRAIN_HIDDEN, ACTION_COUNT, BRAIN_BATCH, rate,
	             block->hidden, block->errors, 1, layers->output);
	sum_columns(rate, block->errors, ACTION_COUNT, layers->output_bias);
	blas_product(BLAS_TRANSPOSED, BLAS_AS_IS, BRAIN_INPUTS, BRAIN_HIDDEN, BRAIN_BATCH, rate,
	             block->inputs, block->back, 1, layers->hidden);
	sum_columns(rate, block->back, BRAIN_HIDDEN, layers->hidden_bias);
}

void brain_learn(struct brain *brain, struct rng rng)
{
	if (brain->count < BRAIN_BATCH)
		return;
	struct lesson_block *block = NEED(malloc(sizeof *block));
	draw_experiences(brain, &rng, block);
	set_targets(&brain->layers, block);
	set_errors(&brain->layers, block);
	descend(&brain->layers, block);
	free(block);
}

uint64_t brain_hash(const struct brain *brain)
{
	const unsigned char *bytes = (const unsigned char *)&brain->layers;
	uint64_t hash = 0;
	for (size_t i = 0; i < sizeof brain->layers; i += sizeof(uint32_t)) {
		uint32_t word;
		memcpy(&word, bytes + i, sizeof word);
		hash = rng_mix(hash * UINT64_C(0x9fb21c651e98df25) + word + 1);
	}
	return hash;
}

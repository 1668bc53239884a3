/* cell_sums.c: see cell_sums.h. */
#include "cell_sums.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_A_BLOCK 512u

_Static_assert(TRACE_CELL_FIELDS_COUNT <= 64, "a bit of a word for each field");

/* Of the fields that were not 0, a bit each, the values in order. */
struct written {
	uint64_t fields;
	uint64_t *values;
	uint32_t capacity;
};

struct cell_block {
	struct cell_sum now[CELLS_A_BLOCK];
	struct written written[CELLS_A_BLOCK];
	bool changed[CELLS_A_BLOCK];
	bool any_changed;
};

static struct cell_block *block_of(const struct cell_sums *sums, uint32_t cell)
{
	return sums->blocks[cell / CELLS_A_BLOCK];
}

static uint32_t blocks_of(const struct cell_sums *sums)
{
	return (sums->count + CELLS_A_BLOCK - 1) / CELLS_A_BLOCK;
}

void cell_sums_free(struct cell_sums *sums)
{
	for (uint32_t i = 0; i < blocks_of(sums); i++) {
		for (uint32_t k = 0; sums->blocks[i] && k < CELLS_A_BLOCK; k++)
			free(sums->blocks[i]->written[k].values);
		free(sums->blocks[i]);
	}
	free(sums->blocks);
	*sums = (struct cell_sums){0};
}

static void add_cells(struct cell_sums *sums, uint32_t count)
{
	uint32_t from = blocks_of(sums);
	sums->count = count;
	memory_reserve(&sums->blocks, &sums->blocks_capacity, blocks_of(sums),
	               sizeof *sums->blocks);
	for (uint32_t i = from; i < blocks_of(sums); i++)
		sums->blocks[i] = memory_new(1, sizeof **sums->blocks);
}

uint64_t *cell_sums_change(struct cell_sums *sums, uint32_t cell)
{
	if (cell >= sums->count)
		add_cells(sums, cell + 1);
	struct cell_block *block = block_of(sums, cell);
	block->changed[cell % CELLS_A_BLOCK] = true;
	block->any_changed = true;
	return block->now[cell % CELLS_A_BLOCK].field;
}

const struct cell_sum *cell_sums_now(const struct cell_sums *sums, uint32_t cell)
{
	return &block_of(sums, cell)->now[cell % CELLS_A_BLOCK];
}

uint32_t cell_sums_next_changed(const struct cell_sums *sums, uint32_t cell)
{
	while (cell < sums->count) {
		const struct cell_block *block = block_of(sums, cell);
		if (!block->any_changed)
			cell = (cell / CELLS_A_BLOCK + 1) * CELLS_A_BLOCK;
		else if (!block->changed[cell % CELLS_A_BLOCK])
			cell++;
		else
			return cell;
	}
	return sums->count;
}

void cell_sums_written(const struct cell_sums *sums, uint32_t cell, struct cell_sum *to)
{
	const struct written *written = &block_of(sums, cell)->written[cell % CELLS_A_BLOCK];
	const uint64_t *value = written->values;
	memset(to, 0, sizeof *to);
	for (uint64_t left = written->fields; left; left &= left - 1)
		to->field[__builtin_ctzll(left)] = *value++;
}

static void write_down(struct written *written, const struct cell_sum *now)
{
	uint64_t fields = 0;
	for (uint32_t field = 0; field < TRACE_CELL_FIELDS_COUNT; field++)
		fields |= (uint64_t)(now->field[field] != 0) << field;
	uint32_t count = (uint32_t)__builtin_popcountll(fields), at = 0;
	if (count > written->capacity) {
		free(written->values);
		written->values = memory_new(count, sizeof *written->values);
		written->capacity = count;
	}
	written->fields = fields;
	for (uint64_t left = fields; left; left &= left - 1)
		written->values[at++] = now->field[__builtin_ctzll(left)];
}

static void commit_block(struct cell_block *block)
{
	for (uint32_t i = 0; i < CELLS_A_BLOCK; i++)
		if (block->changed[i])
			write_down(&block->written[i], &block->now[i]);
	memset(block->changed, 0, sizeof block->changed);
	block->any_changed = false;
}

void cell_sums_commit(struct cell_sums *sums)
{
	for (uint32_t i = 0; i < blocks_of(sums); i++)
		if (sums->blocks[i]->any_changed)
			commit_block(sums->blocks[i]);
}

void cell_sums_clear(struct cell_sums *sums)
{
	for (uint32_t i = 0; i < blocks_of(sums); i++)
		memset(sums->blocks[i]->now, 0, sizeof sums->blocks[i]->now);
}

/* observation/layer.h: the storage of one channel of one agent. The interface of every storage.
 *
 * A layer is a square of size × size float32 cells that are 0 unless something was put there. How
 * it is kept in memory is the business of its kind; what it holds is not: all kinds agree to the
 * bit after the same calls. Kinds add in the order of the calls, in float32, and a faded value
 * below LAYER_FAINT becomes 0.
 *
 * To add a kind: a file that defines a struct layer_kind, and a row in layer.c.
 */
#ifndef SIM_OBSERVATION_LAYER_H
#define SIM_OBSERVATION_LAYER_H

#include <stddef.h>

/* What fading does not keep: a trace of an event is gone after some tens of steps. */
#define LAYER_FAINT 0.001f

struct layer;

/* Cells are addressed by column and row, both within 0 … size-1. */
struct layer_kind {
	const char *name;

	/* An empty layer; size at most VIEW_SIZE_MOST. Released by destroy. */
	struct layer *(*create)(int size);
	void (*destroy)(struct layer *layer);

	/* Adds VALUE to a cell. */
	void (*add)(struct layer *layer, int column, int row, float value);

	/* Sets a cell. */
	void (*put)(struct layer *layer, int column, int row, float value);

	/* Sets all cells at once from size × size values. */
	void (*load)(struct layer *layer, const float *cells);

	/* Empties the layer. */
	void (*clear)(struct layer *layer);

	/* Multiplies all cells by a factor in 0…1, and drops what became faint. */
	void (*fade)(struct layer *layer, float factor);

	/* Moves what is held by whole cells; what leaves the square is lost. */
	void (*shift)(struct layer *layer, int columns, int rows);

	/* Writes all size × size cells. */
	void (*render)(const struct layer *layer, float *cells);
};

struct layer {
	const struct layer_kind *kind;
	int size;
};

/* The kind of that name, or NULL. */
const struct layer_kind *layer_kind_find(const char *name);

/* The kinds there are, in the order of the table; NULL beyond the last. */
const struct layer_kind *layer_kind_at(size_t i);

/* How a value between cells is put into cells. */
enum splat_kind {
	SPLAT_BILINEAR, /* shared out over the four nearest by bilinear weights, which sum to 1 */
	SPLAT_NEAREST,  /* all to the nearest */
};

/* Adds VALUE at a place. (column, row) counts from the centre of cell (0, 0); what falls outside is
 * lost. */
void layer_splat(struct layer *layer, enum splat_kind kind, double column, double row, float value);

#endif

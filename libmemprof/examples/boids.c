/* boids: a flock, in C. Each bird sees those near it, steers towards the middle of the flock, flies
 * as the others do, and keeps away from who is too near (C. Reynolds, "Flocks, herds and schools",
 * SIGGRAPH 1987).
 *
 *     boids [BIRDS [STEPS]]                       cc -O2 -g boids.c -lm
 *     memprof run -- ./boids 2000 500             where do time and memory go?
 *
 * What is for the profiler are the lines with MEMPROF_ and memprof_: not profiled, each of them
 * costs a load and a test.
 */
#include <math.h>
#include <memprof/memprof.h>
#include <stdio.h>
#include <stdlib.h>

#define SIGHT      4.0 /* how far a bird sees */
#define TOO_NEAR   1.0 /* nearer than this it turns away */
#define SPEED_MOST 0.5 /* in a step */
#define BIRDS_CELL 2   /* birds to each cell of the sky, on average */

struct bird {
	double x, y, dx, dy;
};

/* The birds that one bird sees. Allocated for each look: simple, and what a profiler is for. */
struct flock {
	const struct bird **birds;
	size_t count, capacity;
};

/* The sky: a torus in cells as wide as birds see, each with a list of its birds. */
struct sky {
	double side;
	size_t cells; /* to a side */
	struct flock *lists;
};

static void *need(void *memory)
{
	if (!memory) {
		fputs("boids: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

static void add(struct flock *flock, const struct bird *bird)
{
	if (flock->count == flock->capacity) {
		flock->capacity = flock->capacity ? 2 * flock->capacity : 4;
		flock->birds = need(realloc(flock->birds, flock->capacity * sizeof(struct bird *)));
	}
	flock->birds[flock->count++] = bird;
}

static double wrapped(double value, double side)
{
	return value - side * floor(value / side);
}

/* The shorter way from A to B around the torus. */
static double apart(double a, double b, double side)
{
	double d = b - a;
	return d > side / 2 ? d - side : d < -side / 2 ? d + side : d;
}

static size_t cell_of(const struct sky *sky, double x, double y)
{
	size_t column = (size_t)(x / sky->side * (double)sky->cells) % sky->cells;
	size_t row = (size_t)(y / sky->side * (double)sky->cells) % sky->cells;
	return row * sky->cells + column;
}

static struct sky make_sky(size_t count)
{
	size_t cells = (size_t)fmax(3, sqrt((double)count / BIRDS_CELL));
	return (struct sky){
	        .side = (double)cells * SIGHT,
	        .cells = cells,
	        .lists = need(calloc(cells * cells, sizeof(struct flock))),
	};
}

/* Puts every bird into the list of its cell. */
static void sort_into_cells(struct sky *sky, const struct bird *birds, size_t count)
{
	for (size_t i = 0; i < sky->cells * sky->cells; i++)
		sky->lists[i].count = 0;
	for (size_t i = 0; i < count; i++)
		add(&sky->lists[cell_of(sky, birds[i].x, birds[i].y)], &birds[i]);
}

/* Who is within sight, of the nine cells around; the caller frees the list. */
static struct flock look_around(const struct sky *sky, const struct bird *self)
{
	struct flock seen = {0};
	for (int row = -1; row <= 1; row++) {
		for (int column = -1; column <= 1; column++) {
			double x = wrapped(self->x + column * SIGHT, sky->side);
			double y = wrapped(self->y + row * SIGHT, sky->side);
			const struct flock *list = &sky->lists[cell_of(sky, x, y)];
			for (size_t i = 0; i < list->count; i++) {
				const struct bird *other = list->birds[i];
				double dx = apart(self->x, other->x, sky->side);
				double dy = apart(self->y, other->y, sky->side);
				if (other != self && dx * dx + dy * dy <= SIGHT * SIGHT)
					add(&seen, other);
			}
		}
	}
	return seen;
}

/* How a bird will fly next, from those that it sees. */
static struct bird steer(const struct sky *sky, const struct bird *self, const struct flock *seen)
{
	struct bird next = *self;
	double n = (double)seen->count;
	for (size_t i = 0; i < seen->count; i++) {
		const struct bird *other = seen->birds[i];
		double dx = apart(self->x, other->x, sky->side);
		double dy = apart(self->y, other->y, sky->side);
		double near = dx * dx + dy * dy < TOO_NEAR * TOO_NEAR ? -0.05 : 0;
		next.dx += dx * (0.005 / n + near) + (other->dx - self->dx) * 0.05 / n;
		next.dy += dy * (0.005 / n + near) + (other->dy - self->dy) * 0.05 / n;
	}
	double speed = hypot(next.dx, next.dy);
	if (speed > SPEED_MOST) {
		next.dx *= SPEED_MOST / speed;
		next.dy *= SPEED_MOST / speed;
	}
	return next;
}

static void fly(const struct sky *sky, struct bird *bird)
{
	bird->x = wrapped(bird->x + bird->dx, sky->side);
	bird->y = wrapped(bird->y + bird->dy, sky->side);
}

static void step(struct sky *sky, struct bird *birds, struct bird *next, size_t count)
{
	MEMPROF_PHASE ("spatial_index")
		sort_into_cells(sky, birds, count);
	for (size_t i = 0; i < count; i++) {
		struct flock seen;
		MEMPROF_PHASE ("observation")
			seen = look_around(sky, &birds[i]);
		MEMPROF_PHASE ("decision")
			next[i] = steer(sky, &birds[i], &seen);
		memprof_count("seen", (int64_t)seen.count);
		free(seen.birds);
	}
	MEMPROF_PHASE ("action") {
		for (size_t i = 0; i < count; i++) {
			birds[i] = next[i];
			fly(sky, &birds[i]);
		}
	}
}

/* How much the flock flies one way: 1 when all do, near 0 when none do. */
static double order(const struct bird *birds, size_t count)
{
	double dx = 0, dy = 0;
	for (size_t i = 0; i < count; i++) {
		double speed = hypot(birds[i].dx, birds[i].dy);
		dx += speed > 0 ? birds[i].dx / speed : 0;
		dy += speed > 0 ? birds[i].dy / speed : 0;
	}
	return hypot(dx, dy) / (double)count;
}

static double between(double low, double high)
{
	return low + (high - low) * rand() / ((double)RAND_MAX + 1);
}

int main(int argc, char **argv)
{
	long birds_wanted = argc > 1 ? atol(argv[1]) : 1000;
	long steps = argc > 2 ? atol(argv[2]) : 200;
	if (birds_wanted < 1 || steps < 1) {
		fputs("usage: boids [BIRDS [STEPS]]\n", stderr);
		return 2;
	}
	size_t count = (size_t)birds_wanted;
	struct sky sky = make_sky(count);
	struct bird *birds = need(calloc(count, sizeof *birds));
	struct bird *next = need(calloc(count, sizeof *next));
	for (size_t i = 0; i < count; i++)
		birds[i] = (struct bird){between(0, sky.side), between(0, sky.side),
		                         between(-SPEED_MOST, SPEED_MOST),
		                         between(-SPEED_MOST, SPEED_MOST)};
	double before = order(birds, count);

	memprof_steps_expected((uint64_t)steps);
	memprof_run_begin("boids");
	for (long i = 0; i < steps; i++) {
		MEMPROF_STEP {
			memprof_agents(count);
			step(&sky, birds, next, count);
		}
	}
	memprof_run_end();

	printf("%zu birds, %ld steps: order %.2f -> %.2f\n", count, steps, before,
	       order(birds, count));
	for (size_t i = 0; i < sky.cells * sky.cells; i++)
		free(sky.lists[i].birds);
	free(sky.lists);
	free(next);
	free(birds);
	return 0;
}

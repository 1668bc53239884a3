/* observation/observe.c: fills an agent's layers from the world.
 *
 *     neighbours, resources (spatial index) ─┐
 *     terrain ───────────────────────────────┼─ splat, load, put ─▶ layers ─ render ─▶ view
 *     what it remembers, shifted and faded ──┘
 *
 * Positions in the window: a place (x, y) of the world lies at column x - 0.5 - (middle column -
 * radius), so that whole numbers are centres of cells.
 */
#include "observation/observe.h"

#include <math.h>
#include <memprof/memprof.h>

#include "memory.h"

/* Landmarks stand at the middles of squares of this side, in cells. */
#define LANDMARK_CELLS 25

/* The window of one observation. */
struct window {
	const struct world *world;
	struct perception *perception;
	int left, top; /* the world's cell at column 0, row 0 */
	bool occupied[VIEW_SIZE_MOST * VIEW_SIZE_MOST];
};

static double column_of(const struct window *window, double x)
{
	return x - 0.5 - window->left;
}

static double row_of(const struct window *window, double y)
{
	return y - 0.5 - window->top;
}

static void splat(struct window *window, enum channel channel, double x, double y, double value)
{
	layer_splat(window->perception->layers[channel], window->world->components.splat,
	            column_of(window, x), row_of(window, y), (float)value);
}

static void put(struct window *window, enum channel channel, int column, int row, float value)
{
	struct layer *layer = window->perception->layers[channel];
	layer->kind->put(layer, column, row, value);
}

static void mark_occupied(struct window *window, double x, double y)
{
	int size = window->perception->size;
	int column = (int)floor(x) - window->left, row = (int)floor(y) - window->top;
	if (column >= 0 && row >= 0 && column < size && row < size)
		window->occupied[row * size + column] = true;
}

static bool is_fresh(const struct window *window, const struct trace_left *trace)
{
	return trace->step > 0 && trace->step == window->world->state;
}

/* What agents did in the last step has left something that others see once. */
static void see_traces(struct window *window, const struct agent *observer,
                       const struct agent *other)
{
	if (is_fresh(window, &other->trail))
		splat(window, CHANNEL_TRAILS, other->trail.x, other->trail.y,
		      other->trail.strength);
	if (is_fresh(window, &other->hurt))
		splat(window, CHANNEL_DAMAGE_HEAT, other->hurt.x, other->hurt.y,
		      other->hurt.strength);
	if (is_fresh(window, &other->signal) && other->kind == observer->kind)
		splat(window, CHANNEL_ALLY_SIGNAL, other->signal.x, other->signal.y,
		      other->signal.strength);
}

static void see_agents(struct window *window, const struct world *world,
                       const struct agent *observer, const struct spatial_hits *hits)
{
	bool first = observer->looked != world->state;
	for (size_t i = 0; i < hits->count; i++) {
		const struct agent *other = hits->points[i].item;
		mark_occupied(window, other->x, other->y);
		if (first)
			see_traces(window, observer, other);
		if (other != observer)
			splat(window,
			      other->kind == observer->kind ? CHANNEL_ALLIES : CHANNEL_ENEMIES,
			      other->x, other->y, other->health / world->params.full_health);
	}
}

static void see_resources(struct window *window, const struct world *world,
                          const struct spatial_hits *hits)
{
	for (size_t i = 0; i < hits->count; i++) {
		const struct resource *resource = hits->points[i].item;
		mark_occupied(window, resource->x, resource->y);
		splat(window, CHANNEL_RESOURCES, resource->x, resource->y,
		      resource->amount / world->params.resource_capacity);
	}
}

static void see_terrain(struct window *window, const struct world *world)
{
	struct perception *perception = window->perception;
	float obstacles[VIEW_SIZE_MOST * VIEW_SIZE_MOST], costs[VIEW_SIZE_MOST * VIEW_SIZE_MOST];
	int size = perception->size;

	for (int row = 0; row < size; row++) {
		for (int column = 0; column < size; column++) {
			int cell = row * size + column;
			int world_column = window->left + column, world_row = window->top + row;
			bool blocked = terrain_blocked(&world->terrain, world_column, world_row);
			obstacles[cell] = blocked;
			costs[cell] = terrain_cost(&world->terrain, world_column, world_row);
			window->occupied[cell] = blocked;
		}
	}
	struct layer *obstacle_layer = perception->layers[CHANNEL_OBSTACLES];
	struct layer *cost_layer = perception->layers[CHANNEL_TERRAIN_COST];
	struct layer *sight_layer = perception->layers[CHANNEL_VISIBILITY];
	obstacle_layer->kind->load(obstacle_layer, obstacles);
	cost_layer->kind->load(cost_layer, costs);
	sight_layer->kind->load(sight_layer, world->sight);
}

static void see_empty(struct window *window, const struct world *world)
{
	int size = window->perception->size;
	for (int row = 0; row < size; row++) {
		for (int column = 0; column < size; column++) {
			int cell = row * size + column;
			if (world->sight[cell] != 0)
				put(window, CHANNEL_KNOWN_EMPTY, column, row,
				    window->occupied[cell] ? 0 : 1);
		}
	}
}

static int clamped(double value, int most)
{
	return (int)fmax(0, fmin(most, round(value)));
}

static void see_goal(struct window *window, const struct agent *agent)
{
	int most = window->perception->size - 1;
	put(window, CHANNEL_GOAL, clamped(column_of(window, agent->goal_x), most),
	    clamped(row_of(window, agent->goal_y), most), 1);
}

/* The first landmark at or beyond a cell. */
static int landmark_from(int cell)
{
	int steps = (int)ceil((cell - LANDMARK_CELLS / 2) / (double)LANDMARK_CELLS);
	return steps * LANDMARK_CELLS + LANDMARK_CELLS / 2;
}

static void see_landmarks(struct window *window, const struct world *world)
{
	int size = window->perception->size, side = world->terrain.side;
	for (int y = landmark_from(window->top); y < window->top + size; y += LANDMARK_CELLS)
		for (int x = landmark_from(window->left); x < window->left + size;
		     x += LANDMARK_CELLS)
			if (x >= 0 && y >= 0 && x < side && y < side)
				put(window, CHANNEL_LANDMARKS, x - window->left, y - window->top,
				    1);
}

static void fill_layers(const struct world *world, struct agent *agent,
                        const struct spatial_hits *agents, const struct spatial_hits *resources)
{
	struct perception *perception = agent->perception;
	struct window window = {.world = world, .perception = perception};
	perception_place(perception, (int)floor(agent->x), (int)floor(agent->y));
	window.left = perception->column - perception->radius;
	window.top = perception->row - perception->radius;

	if (agent->looked != world->state)
		perception_age(perception);
	perception_forget(perception);
	put(&window, CHANNEL_SELF_HEALTH, perception->radius, perception->radius,
	    (float)(agent->health / world->params.full_health));
	see_terrain(&window, world);
	see_agents(&window, world, agent, agents);
	see_resources(&window, world, resources);
	see_empty(&window, world);
	see_goal(&window, agent);
	see_landmarks(&window, world);
	agent->looked = world->state;
}

static void make_view(const struct world *world, const struct agent *agent,
                      struct observation *view)
{
	const struct perception *perception = agent->perception;
	size_t cells = (size_t)(CHANNEL_COUNT * perception->size * perception->size);
	view->radius = perception->radius;
	view->size = perception->size;
	view->resources = agent->resources;
	view->health = agent->health / world->params.full_health;
	view->hunger = (double)agent->starving / world->params.starvation_steps;
	if (!view->cells)
		view->cells = NEED(malloc(cells * sizeof(float)));
	perception_render(perception, view->cells);
}

void observe(const struct world *world, struct agent *agent, struct lookout *lookout,
             struct observation *view)
{
	spatial_hits_clear(&lookout->agents);
	spatial_hits_clear(&lookout->resources);
	world_near(world, agent->x, agent->y, agent->perception->radius, &lookout->agents,
	           &lookout->resources);
	MEMPROF_PHASE ("splat")
		fill_layers(world, agent, &lookout->agents, &lookout->resources);
	make_view(world, agent, view);
	if (!world->components.reuse_buffers)
		lookout_release(lookout);
}

void lookout_release(struct lookout *lookout)
{
	spatial_hits_free(&lookout->agents);
	spatial_hits_free(&lookout->resources);
}

/* decision/circumstances.c: see circumstances.h. */
#include "decision/circumstances.h"

#include <math.h>

/* Own resources below which an agent counts itself poor. */
#define POOR 3.0

/* Resources this near can be gathered without a move, in cells. */
#define NEAR 3.5

static void find_best_resource(const struct observation *view, struct situation *situation)
{
	const float *amounts = observation_channel(view, CHANNEL_RESOURCES);
	const float *visible = observation_channel(view, CHANNEL_VISIBILITY);
	double best = 0;
	for (int row = 0; row < view->size; row++) {
		for (int column = 0; column < view->size; column++) {
			int cell = row * view->size + column;
			if (amounts[cell] <= 0 || visible[cell] == 0)
				continue;
			double dx = column - view->radius, dy = row - view->radius;
			double value = amounts[cell] / (1 + dx * dx + dy * dy);
			if (value > best) {
				best = value;
				situation->resource_dx = dx;
				situation->resource_dy = dy;
			}
		}
	}
	situation->resource_seen = best > 0;
	situation->resource_near =
	        best > 0 && hypot(situation->resource_dx, situation->resource_dy) <= NEAR;
}

/* The one cell of the goal's channel that is set: the goal, or the rim in its direction. */
static void goal_offset(const struct observation *view, double *dx, double *dy)
{
	const float *goal = observation_channel(view, CHANNEL_GOAL);
	int cells = view->size * view->size, at = 0;
	while (at < cells && goal[at] <= 0)
		at++;
	*dx = at < cells ? at % view->size - view->radius : 0;
	*dy = at < cells ? at / view->size - view->radius : 0;
}

struct situation situation_of(const struct observation *view)
{
	struct situation situation = {
	        .allies = observation_sum(view, CHANNEL_ALLIES),
	        .enemies = observation_sum(view, CHANNEL_ENEMIES),
	        .damage = observation_sum(view, CHANNEL_DAMAGE_HEAT),
	};
	find_best_resource(view, &situation);
	goal_offset(view, &situation.goal_dx, &situation.goal_dy);
	return situation;
}

void situation_weigh(const struct observation *view, const struct situation *situation,
                     const struct decision_settings *settings, const float *own,
                     double weights[ACTION_COUNT])
{
	bool poor = view->resources < POOR;

	for (int a = 0; a < ACTION_COUNT; a++)
		weights[a] = own[a];
	weights[ACTION_MOVE] *= situation->resource_near ? 0.5 : 1.5;
	weights[ACTION_GATHER] *= situation->resource_near ? (poor ? 3.0 : 2.0) : 0;
	weights[ACTION_ATTACK] *= situation->enemies > 0 ? (poor ? 1.4 : 0.6) : 0;
	weights[ACTION_SHARE] *=
	        situation->allies > 0 && view->resources > POOR + settings->share_amount ? 1.3 : 0;
	weights[ACTION_REPRODUCE] *= view->resources >= settings->birth_threshold ? 3.0 : 0;
	weights[ACTION_DEFEND] *=
	        situation->enemies > 0 && (situation->damage > 0 || view->health < 0.5) ? 2.0 : 0.2;
	weights[ACTION_PASS] *= 1 - view->hunger;
}

enum action_kind situation_draw(const double weights[ACTION_COUNT], struct rng *rng)
{
	double sum = 0;
	for (int a = 0; a < ACTION_COUNT; a++)
		sum += weights[a];
	double at = rng_unit(rng) * sum;
	for (int a = 0; a < ACTION_COUNT; a++) {
		at -= weights[a];
		if (at < 0)
			return (enum action_kind)a;
	}
	return ACTION_PASS;
}

struct choice situation_choice(const struct situation *situation, enum action_kind kind,
                               double reach, struct rng *rng)
{
	struct choice choice = {.kind = kind};
	double dx = situation->resource_dx, dy = situation->resource_dy;
	if (kind != ACTION_MOVE)
		return choice;
	if (!situation->resource_seen || situation->resource_near) {
		dx = situation->goal_dx;
		dy = situation->goal_dy;
	}
	/* A little chance in the direction lets agents get round obstacles. */
	dx += rng_between(rng, -1, 1);
	dy += rng_between(rng, -1, 1);
	double length = hypot(dx, dy);
	double scale = length > reach ? reach / length : 1;
	choice.dx = dx * scale;
	choice.dy = dy * scale;
	return choice;
}

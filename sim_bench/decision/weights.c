/* decision/weights.c: an action drawn by weight: the agent's own weights, each multiplied by what
 * the view suggests (no resources in sight: move; poor: gather; enemies: attack or defend …). */
#include "decision/circumstances.h"
#include "decision/kinds.h"
#include "memory.h"

static struct decider *weights_create(const struct decision_settings *settings)
{
	(void)settings;
	return NEED(calloc(1, sizeof(struct decider)));
}

static void weights_destroy(struct decider *decider)
{
	free(decider);
}

static void weights_decide(struct decider *decider, const struct decision_seat *seat,
                           const struct observation *view, struct rng *rng, struct choice *choice)
{
	const struct decision_settings *settings = &decider->settings;
	struct situation situation = situation_of(view);
	double weights[ACTION_COUNT];
	situation_weigh(view, &situation, settings, seat->weights, weights);
	*choice = situation_choice(&situation, situation_draw(weights, rng), settings->move_reach,
	                           rng);
}

const struct decision_kind decision_weights = {
        .name = "weights",
        .create = weights_create,
        .destroy = weights_destroy,
        .decide = weights_decide,
};

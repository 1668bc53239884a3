/* decision/network.c: a neural network for each agent, with a memory of its own: many small
 * products of one row, and memory that grows with the agents. */
#include <string.h>

#include "decision/blas.h"
#include "decision/brain.h"
#include "decision/kinds.h"
#include "decision/tilt.h"
#include "memory.h"

/* Experiences that an agent remembers. */
#define EXPERIENCES 64

struct mind {
	struct brain *brain;
	float input[BRAIN_INPUTS]; /* what the last choice was made from */
};

static struct decider *network_create(const struct decision_settings *settings)
{
	(void)settings;
	return NEED(calloc(1, sizeof(struct decider)));
}

static void network_destroy(struct decider *decider)
{
	free(decider);
}

static struct mind *network_mind_create(const struct decider *decider, uint32_t agent)
{
	struct mind *mind = NEED(calloc(1, sizeof *mind));
	mind->brain = brain_create(rng_stream(decider->settings.seed, RNG_NETWORK, agent, 0),
	                           decider->settings.training ? EXPERIENCES : 0);
	return mind;
}

static void network_mind_destroy(struct mind *mind)
{
	brain_destroy(mind->brain);
	free(mind);
}

static void network_decide(struct decider *decider, const struct decision_seat *seat,
                           const struct observation *view, struct rng *rng, struct choice *choice)
{
	struct situation situation = situation_of(view);
	double weights[ACTION_COUNT];
	float values[ACTION_COUNT];
	situation_weigh(view, &situation, &decider->settings, seat->weights, weights);
	brain_features(view, seat->mind->input);
	brain_values(seat->mind->brain, 1, seat->mind->input, values);
	tilt_weights(weights, values);
	*choice = situation_choice(&situation, situation_draw(weights, rng),
	                           decider->settings.move_reach, rng);
}

static void network_learn(struct decider *decider, const struct decision_seat *seat,
                          const struct lesson *lesson)
{
	float next[BRAIN_INPUTS];
	if (lesson->after)
		brain_features(lesson->after, next);
	brain_remember(seat->mind->brain, seat->mind->input, lesson->kind, lesson->reward,
	               lesson->after ? next : NULL);
	brain_learn(seat->mind->brain,
	            rng_stream(decider->settings.seed, RNG_REPLAY, seat->agent, lesson->step));
}

static uint64_t network_mind_hash(const struct mind *mind)
{
	return brain_hash(mind->brain);
}

const struct decision_kind decision_network = {
        .name = "network",
        .available = blas_load,
        .create = network_create,
        .destroy = network_destroy,
        .mind_create = network_mind_create,
        .mind_destroy = network_mind_destroy,
        .decide = network_decide,
        .learn = network_learn,
        .mind_hash = network_mind_hash,
};

/* decision/brain.h: a small neural network and what it remembers.
 *
 *     view ─features─▶ input (BRAIN_INPUTS) ─▶ hidden (BRAIN_HIDDEN, ReLU) ─▶ a value an action
 *
 * Learning is Q-learning with experience replay: each choice becomes an experience (input, action,
 * reward, what was seen next) in a ring; a lesson draws BRAIN_BATCH of them and takes one step of
 * gradient descent towards  reward + discount · best value of what was seen next.
 * Source: Mnih et al., "Human-level control through deep reinforcement learning", Nature 518
 * (2015).
 *
 * Deterministic: chance comes from named streams, products from one thread. On another machine
 * OpenBLAS may round differently.
 */
#ifndef SIM_DECISION_BRAIN_H
#define SIM_DECISION_BRAIN_H

#include "decision/decision.h"

#define BRAIN_SECTORS 9 /* each channel is pooled into 3 × 3 means */
#define BRAIN_INPUTS  (CHANNEL_COUNT * BRAIN_SECTORS + 3)
#define BRAIN_HIDDEN  32
#define BRAIN_BATCH   32

struct brain;

/* Weights drawn from a stream. Remembers EXPERIENCES (at least BRAIN_BATCH); 0: cannot learn.
 * Released by brain_destroy. */
struct brain *brain_create(struct rng rng, size_t experiences);
void brain_destroy(struct brain *brain);

/* What a network is told of a view. */
void brain_features(const struct observation *view, float input[BRAIN_INPUTS]);

/* The values of all actions, for ROWS inputs: ROWS × ACTION_COUNT. Any number of threads at a time
 * while nobody teaches. */
void brain_values(const struct brain *brain, size_t rows, const float *inputs, float *values);

/* Keeps an experience; NEXT is NULL where nothing was seen any more. */
void brain_remember(struct brain *brain, const float *input, enum action_kind action, double reward,
                    const float *next);

/* Learns from experiences drawn by RNG, once there are enough. */
void brain_learn(struct brain *brain, struct rng rng);

/* A number for all weights, to the last bit. */
uint64_t brain_hash(const struct brain *brain);

#endif

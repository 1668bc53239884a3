/* decision/decision.h: from an observation to a choice. The interface of every way to decide.
 *
 *     begin ─▶ decide, each agent ─▶ decide_all ─▶ (acts) ─▶ learn, each agent ─▶ learn_all
 *
 * The decision sees an observation, what is the agent's own, and its stream of chance; it includes
 * nothing of the world, so it cannot know more than the agent does.
 *
 * decide and learn are called for many agents at once, from several threads; the choice for one
 * depends on no other, so that it is the same for any number of threads. The others are called by
 * one thread. A choice may be left to decide_all, which then makes it for all who decided.
 *
 * To add a way to decide: a file that defines a struct decision_kind, and a row in decision.c.
 */
#ifndef SIM_DECISION_DECISION_H
#define SIM_DECISION_DECISION_H

#include <stdbool.h>
#include <stddef.h>

#include "action/kinds.h"
#include "observation/view.h"
#include "rng.h"

/* What agents of a run decide by, fixed for the run. */
struct decision_settings {
	double birth_threshold; /* resources below which reproducing is pointless */
	double share_amount;    /* resources below which sharing is pointless */
	double move_reach;      /* longest move, in cells */
	uint64_t seed;
	unsigned threads;
	bool training; /* networks learn from what came of their choices */
};

struct decider; /* what all agents of a run share */
struct mind;    /* what one agent has for itself */

/* Who decides. */
struct decision_seat {
	uint32_t agent;       /* id */
	size_t slot;          /* from 0, each once in a step */
	const float *weights; /* the agent's own action weights */
	struct mind *mind;    /* NULL where agents have none */
};

/* What came of a choice. */
struct lesson {
	uint64_t step;
	enum action_kind kind;
	double reward;
	const struct observation *after; /* NULL: it did not live to see it */
};

/* Functions may be NULL but create, destroy and decide. */
struct decision_kind {
	const char *name;
	/* False, with one line, where it cannot be had on this machine. To be asked before create.
	 */
	bool (*available)(char *error, size_t error_size);
	struct decider *(*create)(const struct decision_settings *settings);
	void (*destroy)(struct decider *decider);
	struct mind *(*mind_create)(const struct decider *decider, uint32_t agent);
	void (*mind_destroy)(struct mind *mind);

	/* COUNT agents are going to decide. */
	void (*begin)(struct decider *decider, size_t count);
	/* Sets *CHOICE, now or in decide_all; until then RNG and CHOICE stay where they are. */
	void (*decide)(struct decider *decider, const struct decision_seat *seat,
	               const struct observation *view, struct rng *rng, struct choice *choice);
	void (*decide_all)(struct decider *decider);
	void (*learn)(struct decider *decider, const struct decision_seat *seat,
	              const struct lesson *lesson);
	void (*learn_all)(struct decider *decider, uint64_t step);
	/* What is learned, for the hash of the state; 0 where nothing is. */
	uint64_t (*hash)(const struct decider *decider);
	uint64_t (*mind_hash)(const struct mind *mind);
};

/* An implementation embeds it first. */
struct decider {
	const struct decision_kind *kind;
	struct decision_settings settings;
};

/* The kind of that name, or NULL. */
const struct decision_kind *decision_kind_find(const char *name);

/* The kinds there are, in the order of the table; NULL beyond the last. */
const struct decision_kind *decision_kind_at(size_t i);

/* A decider of a kind that is available. Released by decider_destroy. */
struct decider *decider_create(const struct decision_kind *kind,
                               const struct decision_settings *settings);
void decider_destroy(struct decider *decider);

#endif

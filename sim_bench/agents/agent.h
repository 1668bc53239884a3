/* agents/agent.h: one agent.
 *
 * Agents are allocated one by one and do not move in memory while they live: lists and the spatial
 * index hold pointers to them. A dead agent (alive is false) stays in memory until the end of the
 * step in which it died.
 */
#ifndef SIM_AGENTS_AGENT_H
#define SIM_AGENTS_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "action/kinds.h"
#include "observation/perception.h"
#include "observation/view.h"

/* KIND(symbol, name, weights of: move gather attack share reproduce defend pass) */
#define AGENT_KIND_LIST(KIND)                                                                      \
	KIND(SYSTEM, "system", 0.30f, 0.30f, 0.02f, 0.20f, 0.15f, 0.03f, 0.05f)                    \
	KIND(INDEPENDENT, "independent", 0.30f, 0.35f, 0.08f, 0.03f, 0.15f, 0.05f, 0.05f)          \
	KIND(CONTROL, "control", 0.30f, 0.30f, 0.05f, 0.10f, 0.15f, 0.05f, 0.05f)

enum agent_kind {
#define AGENT_KIND_ENUM(SYMBOL, NAME, ...) AGENT_##SYMBOL,
	AGENT_KIND_LIST(AGENT_KIND_ENUM)
#undef AGENT_KIND_ENUM
	        AGENT_KIND_COUNT
};

struct mind;

/* Something that others can see after the step in which it happened: where and how much. Step 0:
 * never. */
struct trace_left {
	uint64_t step;
	double x, y;
	float strength;
};

struct agent {
	uint32_t id;     /* from 1, in order of birth */
	uint32_t parent; /* 0: there from the start */
	uint32_t generation;
	enum agent_kind kind;
	bool alive, defending;
	double x, y;           /* in cells */
	double goal_x, goal_y; /* where it wanders when it sees no resources */
	double resources, health, reward;
	uint32_t starving; /* steps without resources, in a row */
	uint64_t born;     /* step */
	float weights[ACTION_COUNT];
	struct trace_left trail, hurt, signal;
	uint64_t looked; /* the world's state that its memory has taken in; NEVER_LOOKED */
	struct perception *perception;
	struct mind *mind;        /* of its own, where the way to decide gives it one; else NULL */
	struct observation *seen; /* where views are kept: what it saw last; NULL if that is old */
};

#define NEVER_LOOKED UINT64_MAX

/* Names and first weights by kind. */
extern const char *const agent_kind_names[AGENT_KIND_COUNT];
extern const float agent_kind_weights[AGENT_KIND_COUNT][ACTION_COUNT];

#endif

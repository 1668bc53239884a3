/* dblog/rows.h: a step as rows, copied out of the world, so that whoever writes them needs nothing
 * of it any more. Lists keep their memory from step to step. */
#ifndef SIM_DBLOG_ROWS_H
#define SIM_DBLOG_ROWS_H

#include "journal.h"
#include "metrics.h"
#include "world.h"

struct agent_row {
	uint32_t id, parent, generation;
	enum agent_kind kind;
	uint64_t born;
	double x, y, resources, health;
	float weights[ACTION_COUNT];
};

struct agent_state_row {
	uint32_t id, starving;
	bool defending;
	uint64_t age;
	double x, y, resources, health, reward;
};

struct resource_row {
	uint32_t id;
	double x, y, amount;
};

/* A list of rows: its memory is kept when it is emptied. */
#define ROW_LIST(TYPE)                                                                             \
	struct {                                                                                   \
		TYPE *rows;                                                                        \
		size_t count, capacity;                                                            \
	}

struct step_rows {
	uint64_t step;
	bool has_step; /* false: only agents, those that a world starts with */
	struct step_metrics metrics;
	ROW_LIST(struct agent_row) agents; /* new ones */
	ROW_LIST(uint32_t) deaths;
	ROW_LIST(struct agent_state_row) states;
	ROW_LIST(struct resource_row) resources;
	ROW_LIST(struct incident_record) incidents;
	ROW_LIST(struct action_record) actions;
};

/* The agents of a world with ids above LAST_AGENT, in place of what was there. */
void rows_of_agents(struct step_rows *rows, const struct world *world, uint32_t last_agent);

/* A step that is over, in place of what was there; LAST_AGENT as above. */
void rows_of_step(struct step_rows *rows, const struct world *world,
                  const struct step_metrics *metrics, uint32_t last_agent);

void rows_release(struct step_rows *rows);

#endif

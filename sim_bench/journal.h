/* journal.h: what happened in a step, as lists that the database writes out.
 *
 * The simulation only appends; it does not know whether anybody reads. So a run is the same with
 * and without a database. Lists grow as things happen and are released when the step is over.
 */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/kinds.h"

struct action_record {
	uint32_t agent, target; /* target 0: none */
	enum action_kind kind;
	bool success;
	double resources_before, resources_after, reward;
};

struct incident_record {
	uint32_t agent, by; /* by 0: nobody */
	double health_before, health_after;
	const char *cause; /* static: "attack", "starvation" */
};

struct journal {
	struct action_record *actions;
	size_t action_count, action_capacity;
	struct incident_record *incidents;
	size_t incident_count, incident_capacity;
	uint32_t *deaths; /* ids */
	size_t death_count, death_capacity;
	size_t births; /* the newest agents of the population */
	size_t attacks, hits;
	double gathered, shared;
};

void journal_add_action(struct journal *journal, const struct action_record *record);
void journal_add_incident(struct journal *journal, const struct incident_record *record);
void journal_add_death(struct journal *journal, uint32_t agent);

/* Releases the lists and sets all counts to 0. */
void journal_clear(struct journal *journal);

#endif

/* dblog/schema.h: tables, pragma profiles and statements of the database. */
#ifndef SIM_DBLOG_SCHEMA_H
#define SIM_DBLOG_SCHEMA_H

#include <stddef.h>

/* Creates the seven tables and their indexes. */
extern const char dblog_schema[];

/* The prepared statements: STATEMENT(symbol, SQL). Parameters are bound in the order of the
 * columns named. */
#define DBLOG_STATEMENT_LIST(STATEMENT)                                                            \
	STATEMENT(BEGIN, "BEGIN")                                                                  \
	STATEMENT(COMMIT, "COMMIT")                                                                \
	STATEMENT(SIMULATION, "INSERT INTO simulations(simulation_id, started, status, seed, "     \
	                      "steps, agents, parameters) VALUES(?,?,?,?,?,?,?)")                  \
	STATEMENT(SIMULATION_END, "UPDATE simulations SET status=?, finished=?, final_hash=? "     \
	                          "WHERE simulation_id=?")                                         \
	STATEMENT(PROGRESS, "UPDATE simulations SET last_step=?, rows_logged=? "                   \
	                    "WHERE simulation_id=?")                                               \
	STATEMENT(AGENT, "INSERT INTO agents(agent_id, simulation_id, agent_type, birth_time, "    \
	                 "parent_id, generation, position_x, position_y, initial_resources, "      \
	                 "starting_health, action_weights) VALUES(?,?,?,?,?,?,?,?,?,?,?)")         \
	STATEMENT(DEATH, "UPDATE agents SET death_time=? WHERE agent_id=?")                        \
	STATEMENT(AGENT_STATE,                                                                     \
	          "INSERT INTO agent_states(simulation_id, step_number, agent_id, position_x, "    \
	          "position_y, resource_level, current_health, starvation_counter, is_defending, " \
	          "total_reward, age) VALUES(?,?,?,?,?,?,?,?,?,?,?)")                              \
	STATEMENT(RESOURCE_STATE, "INSERT INTO resource_states(simulation_id, step_number, "       \
	                          "resource_id, amount, position_x, position_y) "                  \
	                          "VALUES(?,?,?,?,?,?)")                                           \
	STATEMENT(STEP, "INSERT INTO simulation_steps(simulation_id, step_number, total_agents, "  \
	                "system_agents, independent_agents, control_agents, total_resources, "     \
	                "average_agent_resources, average_agent_health, average_agent_age, "       \
	                "average_reward, births, deaths, max_generation, combat_encounters, "      \
	                "successful_attacks, resources_gathered, resources_shared) "               \
	                "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")                             \
	STATEMENT(ACTION, "INSERT INTO agent_actions(simulation_id, step_number, agent_id, "       \
	                  "action_type, action_target_id, success, resources_before, "             \
	                  "resources_after, reward) VALUES(?,?,?,?,?,?,?,?,?)")                    \
	STATEMENT(INCIDENT, "INSERT INTO health_incidents(simulation_id, step_number, agent_id, "  \
	                    "health_before, health_after, cause, other_agent_id) "                 \
	                    "VALUES(?,?,?,?,?,?,?)")

enum dblog_statement {
#define STATEMENT_ENUM(SYMBOL, SQL) STATEMENT_##SYMBOL,
	DBLOG_STATEMENT_LIST(STATEMENT_ENUM)
#undef STATEMENT_ENUM
	        STATEMENT_COUNT
};

extern const char *const dblog_statements[STATEMENT_COUNT];

/* How much safety is paid for. To add a profile: a row in schema.c. */
struct dblog_profile {
	const char *name;
	const char *pragmas;
};

/* The profiles there are, in the order of the table; NULL beyond the last. */
const struct dblog_profile *dblog_profile_at(size_t i);

/* The profile of that name, or NULL. */
const struct dblog_profile *dblog_profile_find(const char *name);

#endif

/* dblog/schema.c: see schema.h. Every table but simulations refers to it and, where it speaks of an
 * agent, to agents; ids of agents are unique in a database because it holds one run. */
#include "dblog/schema.h"

#include <string.h>

const char dblog_schema[] =
        "CREATE TABLE simulations("
        "  simulation_id INTEGER PRIMARY KEY,"
        "  started TEXT NOT NULL, finished TEXT, status TEXT NOT NULL,"
        "  seed TEXT NOT NULL, steps INTEGER NOT NULL, last_step INTEGER,"
        "  rows_logged INTEGER, -- in all tables, up to the last commit\n"
        "  agents INTEGER NOT NULL, parameters TEXT NOT NULL, final_hash TEXT);"
        "CREATE TABLE agents("
        "  agent_id INTEGER PRIMARY KEY,"
        "  simulation_id INTEGER NOT NULL REFERENCES simulations,"
        "  agent_type TEXT NOT NULL, birth_time INTEGER NOT NULL, death_time INTEGER,"
        "  parent_id INTEGER REFERENCES agents, generation INTEGER NOT NULL,"
        "  position_x REAL NOT NULL, position_y REAL NOT NULL,"
        "  initial_resources REAL NOT NULL, starting_health REAL NOT NULL,"
        "  action_weights TEXT NOT NULL);"
        "CREATE TABLE agent_states("
        "  id INTEGER PRIMARY KEY,"
        "  simulation_id INTEGER NOT NULL REFERENCES simulations,"
        "  step_number INTEGER NOT NULL, agent_id INTEGER NOT NULL REFERENCES agents,"
        "  position_x REAL NOT NULL, position_y REAL NOT NULL,"
        "  resource_level REAL NOT NULL, current_health REAL NOT NULL,"
        "  starvation_counter INTEGER NOT NULL, is_defending INTEGER NOT NULL,"
        "  total_reward REAL NOT NULL, age INTEGER NOT NULL);"
        "CREATE INDEX agent_states_by_agent ON agent_states(agent_id, step_number);"
        "CREATE TABLE resource_states("
        "  id INTEGER PRIMARY KEY,"
        "  simulation_id INTEGER NOT NULL REFERENCES simulations,"
        "  step_number INTEGER NOT NULL, resource_id INTEGER NOT NULL,"
        "  amount REAL NOT NULL, position_x REAL NOT NULL, position_y REAL NOT NULL);"
        "CREATE INDEX resource_states_by_step ON resource_states(step_number);"
        "CREATE TABLE simulation_steps("
        "  simulation_id INTEGER NOT NULL REFERENCES simulations,"
        "  step_number INTEGER NOT NULL, total_agents INTEGER NOT NULL,"
        "  system_agents INTEGER NOT NULL, independent_agents INTEGER NOT NULL,"
        "  control_agents INTEGER NOT NULL, total_resources REAL NOT NULL,"
        "  average_agent_resources REAL NOT NULL, average_agent_health REAL NOT NULL,"
        "  average_agent_age REAL NOT NULL, average_reward REAL NOT NULL,"
        "  births INTEGER NOT NULL, deaths INTEGER NOT NULL, max_generation INTEGER NOT NULL,"
        "  combat_encounters INTEGER NOT NULL, successful_attacks INTEGER NOT NULL,"
        "  resources_gathered REAL NOT NULL, resources_shared REAL NOT NULL,"
        "  PRIMARY KEY(simulation_id, step_number));"
        "CREATE TABLE agent_actions("
        "  action_id INTEGER PRIMARY KEY,"
        "  simulation_id INTEGER NOT NULL REFERENCES simulations,"
        "  step_number INTEGER NOT NULL, agent_id INTEGER NOT NULL REFERENCES agents,"
        "  action_type TEXT NOT NULL, action_target_id INTEGER REFERENCES agents,"
        "  success INTEGER NOT NULL, resources_before REAL NOT NULL,"
        "  resources_after REAL NOT NULL, reward REAL NOT NULL);"
        "CREATE INDEX agent_actions_by_agent ON agent_actions(agent_id, step_number);"
        "CREATE TABLE health_incidents("
        "  incident_id INTEGER PRIMARY KEY,"
        "  simulation_id INTEGER NOT NULL REFERENCES simulations,"
        "  step_number INTEGER NOT NULL, agent_id INTEGER NOT NULL REFERENCES agents,"
        "  health_before REAL NOT NULL, health_after REAL NOT NULL, cause TEXT NOT NULL,"
        "  other_agent_id INTEGER REFERENCES agents);"
        "CREATE INDEX health_incidents_by_agent ON health_incidents(agent_id);";

const char *const dblog_statements[STATEMENT_COUNT] = {
#define STATEMENT_SQL(SYMBOL, SQL) SQL,
        DBLOG_STATEMENT_LIST(STATEMENT_SQL)
#undef STATEMENT_SQL
};

static const struct dblog_profile profiles[] = {
        {"balanced", "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                     "PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY;"},
        /* Fast, and not safe: a program or a machine that dies in a commit may spoil it. */
        {"performance", "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"
                        "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"},
        /* Every commit is on the disk when it is done. */
        {"safety", "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY;"},
        /* Little memory: a small cache, and a log that is written back early. */
        {"memory", "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                   "PRAGMA cache_size=-512; PRAGMA wal_autocheckpoint=100;"
                   "PRAGMA temp_store=FILE;"},
};

#define PROFILE_COUNT (sizeof profiles / sizeof profiles[0])

const struct dblog_profile *dblog_profile_at(size_t i)
{
	return i < PROFILE_COUNT ? &profiles[i] : NULL;
}

const struct dblog_profile *dblog_profile_find(const char *name)
{
	for (size_t i = 0; i < PROFILE_COUNT; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}

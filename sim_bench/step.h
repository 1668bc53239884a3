/* step.h: one step of the simulation.
 *
 *     collect the living ─▶ all observe and decide, from the state as it is (in parallel)
 *     ─▶ all act, one by one, by rising id ─▶ resources regrow ─▶ agents age, starve, heal
 *     ─▶ spatial index ─▶ all who live observe what came of it (in parallel) ─▶ rewards, learning
 *     ─▶ metrics ─▶ database
 *
 * Nobody decides on what others do in the same step. Acts do follow each other: who comes first
 * takes what there is, and who is killed does not act. The index is brought up to date once.
 *
 * Everything is within a named phase, so that a profile leaves next to nothing unaccounted.
 */
#ifndef SIM_STEP_H
#define SIM_STEP_H

#include "dblog/dblog.h"
#include "metrics.h"
#include "world.h"

/* Runs the next step of a world and writes it to LOG, if there is one. *METRICS is set. False if
 * the database failed (dblog_error says how); the world itself has then gone through the step. */
bool step_run(struct world *world, struct dblog *log, struct step_metrics *metrics);

#endif

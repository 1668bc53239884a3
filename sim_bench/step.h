/* step.h: one step of the simulation.
 *
 *     collect the living ─▶ each, by rising id: observe ─▶ decide ─▶ act ─▶ observe again ─▶ reward
 *                           (what one does, the next one sees)
 *     ─▶ resources regrow ─▶ agents age, starve, heal ─▶ metrics ─▶ database ─▶ spatial index
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

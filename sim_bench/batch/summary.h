/* batch/summary.h: what the points of a batch came to, as summary.json and summary.md. */
#ifndef SIM_BATCH_SUMMARY_H
#define SIM_BATCH_SUMMARY_H

#include "batch/plan.h"

/* Writes both into DIRECTORY, in place of what was there. False with errno. */
bool batch_summary_write(const struct plan *plan, const char *directory);

#endif

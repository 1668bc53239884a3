/* shares.h: what share of all a node of a tree has, how sure that is, and how it has changed from
 * one run to another.
 *
 * A tree's values 0 and 1 are those of the new and of the old run. What was counted is exact, and
 * has no error. Errors are half the width of the interval that holds the true value in 95 of 100
 * runs: of CPU time from the samples, of allocations in sampled mode from the variances that the
 * trace tells, as in reports. */
#ifndef ANALYZER_EXPORT_SHARES_H
#define ANALYZER_EXPORT_SHARES_H

#include <stdbool.h>

#include "export/tree.h"

enum shares_run { RUN_NEW, RUN_OLD };

struct shares {
	const struct tree *tree; /* finished */
	enum stack_metric metric;
	const struct profile *runs[2]; /* the old one may be NULL */
};

/* The run's figures of this metric are estimates from samples of allocations. */
bool shares_estimated(const struct shares *shares, enum shares_run run);

double share_of(const struct shares *shares, int64_t weight, enum shares_run run);

/* The error of a node's share. NAN where too few samples make it up to tell. */
double share_error(const struct shares *shares, const struct tree_node *node, enum shares_run run);

/* The same of what was measured in the node itself, of the new run. */
double share_self_error(const struct shares *shares, const struct tree_node *node);

/* Of a share of the sampled time. */
double share_time_error(const struct shares *shares, double share, enum shares_run run);

/* By how much a node's share has grown, 0 where that may be chance. */
double share_sure_change(const struct shares *shares, const struct tree_node *node);

/* By how much it has grown as far as was measured, and the error of that, as share_error. */
double share_change(const struct shares *shares, const struct tree_node *node);
double share_change_error(const struct shares *shares, const struct tree_node *node);

#endif

/* shares.c: see shares.h. */
#include "export/shares.h"

#include <math.h>

#include "model/estimate.h"

bool shares_estimated(const struct shares *s, enum shares_run run)
{
	return s->metric != STACK_TIME && s->runs[run]->sampled;
}

double share_of(const struct shares *s, int64_t weight, enum shares_run run)
{
	return (double)weight / (double)s->tree->nodes[0].total[run];
}

double share_time_error(const struct shares *s, double share, enum shares_run run)
{
	double seconds = share * (double)s->tree->nodes[0].total[run] / 1e9;
	struct figures figures = {.values[STACK_TIME] = seconds};
	return proportion_error(functions_share(&s->runs[run]->functions, &figures));
}

/* That there is no sample at all is told by what the other run has. */
static double error_of(const struct shares *s, int64_t weight, struct variance variance,
                       enum shares_run run)
{
	const struct tree_node *all = s->tree->nodes;
	if (s->metric == STACK_TIME)
		return share_time_error(s, share_of(s, weight, run), run);
	if (!shares_estimated(s, run) || !weight)
		return 0;
	if (estimate_of_few((double)weight, variance))
		return NAN;
	return estimate_error(estimate_share_variance((double)weight, variance,
	                                              (double)all->total[run], all->variance[run]));
}

double share_error(const struct shares *s, const struct tree_node *node, enum shares_run run)
{
	return error_of(s, node->total[run], node->variance[run], run);
}

double share_self_error(const struct shares *s, const struct tree_node *node)
{
	return error_of(s, node->self[RUN_NEW], node->self_variance, RUN_NEW);
}

double share_change(const struct shares *s, const struct tree_node *node)
{
	return share_of(s, node->total[RUN_NEW], RUN_NEW) -
	       share_of(s, node->total[RUN_OLD], RUN_OLD);
}

double share_change_error(const struct shares *s, const struct tree_node *node)
{
	return hypot(share_error(s, node, RUN_NEW), share_error(s, node, RUN_OLD));
}

double share_sure_change(const struct shares *s, const struct tree_node *node)
{
	double change = share_change(s, node);
	return fabs(change) > share_change_error(s, node) ? change : 0;
}

/* metric.c: see metric.h. */
#include "scaling/metric.h"

static const struct metric_info infos[] = {
#define X(id, name, words, unit, counted, peak) {name, words, unit, counted, peak},
        METRICS(X)
#undef X
                {"", "", METRIC_PLAIN, false, false},
};

const struct metric_info *metric_info(enum metric metric)
{
	return &infos[metric];
}

const char *subject_name(enum subject subject)
{
	static const char *const names[] = {"run",       "step",     "phase",
	                                    "call_site", "function", "measurement"};
	return names[subject];
}

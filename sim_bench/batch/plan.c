#include "batch/plan.h"
const char *plan_suite_name(size_t i)
{
	static const char *const n[] = {"phase1", "components", NULL};
	return i < 2 ? n[i] : NULL;
}
const char *plan_bench_name(size_t i)
{
	static const char *const n[] = {"spatial", "observation", "database", "system", NULL};
	return i < 4 ? n[i] : NULL;
}

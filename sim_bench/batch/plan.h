#ifndef SIM_BATCH_PLAN_H
#define SIM_BATCH_PLAN_H
#include <stddef.h>
const char *plan_suite_name(size_t i);
const char *plan_bench_name(size_t i);
#endif

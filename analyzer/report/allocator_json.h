/* allocator_json.h: the allocator inside, for programs: shared by the reports that have it. */
#ifndef ANALYZER_REPORT_ALLOCATOR_JSON_H
#define ANALYZER_REPORT_ALLOCATOR_JSON_H

#include "report/json_parts.h"

/* Its sums, "classes", "arenas", decay and "way" (from live to resident); an empty object where
 * nothing is known. */
json_t *json_allocator(const struct profile *profile);

#endif

/* json_functions.h: functions, files, categories and components, for programs. */
#ifndef ANALYZER_REPORT_JSON_FUNCTIONS_H
#define ANALYZER_REPORT_JSON_FUNCTIONS_H

#include "report/json_parts.h"
#include "report/report.h"

/* Adds the keys "sampling", "functions", "functions_omitted", "files", "categories" and
 * "components" to a document; the first `top` functions in the order that the options ask for. */
void json_add_functions(json_t *document, const struct profile *p,
                        const struct report_options *options, size_t top);

/* One function, and one of each group. */
json_t *json_function(const struct profile *p, const struct profile_function *function);

#endif

/* json_parts.h: what JSON reports share: values, and the parts that each of them has.
 *
 * Seconds, bytes and counts, nothing rounded. A figure that is not known is null, a list without
 * data is empty. Keys are only ever added; `schema_version` changes if one had to change meaning.
 * All functions return new references.
 */
#ifndef ANALYZER_REPORT_JSON_PARTS_H
#define ANALYZER_REPORT_JSON_PARTS_H

#include <jansson.h>

#include "model/profile.h"

#define JSON_SCHEMA_VERSION 1

json_t *json_number_of(double value); /* null if not finite */
json_t *json_count(int64_t value);    /* null if PROFILE_UNKNOWN */

/* Paths and names need not be UTF-8; JSON must. Bytes that are not become U+FFFD. */
json_t *json_text(const char *value);

/* Puts `value` into `object`, and takes it over. */
void json_set(json_t *object, const char *key, json_t *value);

/* A count, or bytes, of allocations. Where it is an estimate (`sampled`), also its error under
 * `key`_error: half the width of the 95 % interval, in the same unit; null where too few samples
 * make it up. */
void json_set_estimate(json_t *object, bool sampled, const char *key, int64_t value,
                       struct variance variance);

/* Freed blocks by lifetime, in the buckets of TRACE_FORMAT.md: from the fields of a cell, and the
 * variances of these. */
void json_set_lifetimes(json_t *object, bool sampled, const int64_t *fields,
                        const struct variance *variances);

/* Allocations by size, in the buckets of TRACE_FORMAT.md, likewise. */
void json_set_sizes(json_t *object, bool sampled, const int64_t *fields,
                    const struct variance *variances);

json_t *json_run(const struct profile *profile);
json_t *json_totals(const struct profile *profile);
json_t *json_site(const struct profile *profile, const struct call_site *site);
json_t *json_growth(const struct profile *profile);

#endif

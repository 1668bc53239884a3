/* records.h: what each kind of record means to a struct trace. */
#ifndef ANALYZER_TRACE_RECORDS_H
#define ANALYZER_TRACE_RECORDS_H

#include <msgpack/object.h>

#include "trace/values.h"

/* Checks the record `[kind, body]` and takes it over. False, with r->problem set and nothing taken
 * over, if it is not valid. Unknown kinds are skipped. */
bool record_take(struct reading *r, const msgpack_object *record);

/* The kind of a record, or −1 if the object is not an array of two that begins with an integer. */
int64_t record_kind(const msgpack_object *object);

/* WINDOW, the largest; in window.c. */
bool window_take(struct reading *r, const msgpack_object *body);

/* SAMPLES and CALLS; in samples.c, with the tables that they fill. */
bool samples_take(struct reading *r, const msgpack_object *body);
bool calls_take(struct reading *r, const msgpack_object *body);
/* ALLOCATOR; in allocator.c. */
bool allocator_take(struct reading *r, const msgpack_object *body);
void allocator_free(struct trace_allocator_details *details);

void samples_begin(struct trace *t);
void samples_end(struct trace *t);

#endif

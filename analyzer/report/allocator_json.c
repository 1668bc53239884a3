/* allocator_json.c: see allocator_json.h. */
#include "report/allocator_json.h"

#include "model/allocator.h"

static json_t *classes_of(const struct trace_allocator_details *details)
{
	json_t *list = json_array();
	for (size_t i = 0; i < details->classes_count; i++) {
		const struct trace_allocator_class *c = &details->classes[i];
		struct class_figures figures = class_figures_of(c);
		json_t *o = json_object();
#define X(name, text) json_set(o, #name, json_count(c->name));
		TRACE_ALLOCATOR_CLASS_FIELDS(X)
#undef X
		json_set(o, "held_bytes", json_number_of(figures.held_bytes));
		json_set(o, "room_bytes", json_number_of(figures.room_bytes));
		json_set(o, "used", json_number_of(figures.used));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *arenas_of(const struct trace_allocator_details *details)
{
	json_t *list = json_array();
	for (size_t i = 0; i < details->arenas_count; i++) {
		json_t *o = json_object();
#define X(name, text) json_set(o, #name, json_count(details->arenas[i].name));
		TRACE_ALLOCATOR_ARENA_FIELDS(X)
#undef X
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *way_of(const struct profile *p)
{
	struct allocator_way way;
	if (!allocator_way_find(p, &way))
		return json_null();
	json_t *o = json_object();
	json_set(o, "live", json_number_of(way.live));
	json_set(o, "rounding", json_number_of(way.rounding));
	json_set(o, "beside", json_number_of(way.beside));
	json_set(o, "spare", json_number_of(way.spare));
	json_set(o, "unused", json_number_of(way.unused));
	json_set(o, "metadata", json_number_of(way.metadata));
	json_set(o, "resident", json_number_of(way.resident));
	return o;
}

json_t *json_allocator(const struct profile *p)
{
	const struct trace_allocator *a = &p->trace->allocator;
	const struct trace_allocator_details *details = &p->trace->allocator_details;
	json_t *o = json_object();
	if (a->known) {
#define X(name) json_set(o, #name, json_count(a->name));
		TRACE_ALLOCATOR_KEYS(X)
#undef X
	}
	if (!details->known)
		return o;
	json_set(o, "details_taken", json_count(details->taken));
	json_set(o, "at_end", json_boolean(details->at_end));
	json_set(o, "dirty_decay_ms", json_count(details->dirty_decay_ms));
	json_set(o, "muzzy_decay_ms", json_count(details->muzzy_decay_ms));
	json_set(o, "arenas_all", json_count(details->arenas_all));
	const int64_t *totals = p->totals.fields; /* by class they are not recorded */
	json_set(o, "requested_bytes", json_count(totals[TRACE_CELL_ALLOCATED_BYTES]));
	json_set(o, "usable_bytes", json_count(totals[TRACE_CELL_ALLOCATED_USABLE]));
	json_set(o, "classes", classes_of(details));
	json_set(o, "arenas", arenas_of(details));
	json_set(o, "way", way_of(p));
	return o;
}

/* allocator_report.c: the allocator inside, for whoever wonders why more is resident than is live.
 */
#include "model/allocator.h"
#include "report/allocator_json.h"
#include "report/csv.h"
#include "report/sections.h"

void allocator_text(const struct profile *p, const struct report_options *options, struct text *out)
{
	static void (*const sections[])(struct view *) = {
	        section_head,    section_allocator, section_fragmentation,
	        section_classes, section_arenas,    section_warnings,
	};
	struct view v = view_of(p, options, out);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](&v);
	if (!p->trace->allocator_details.known)
		text_string(out, "\nNo size classes: the recorder was an older one, the program's "
		                 "allocator its own, or the run too short.\n");
}

json_t *allocator_json(const struct profile *p, const struct report_options *options)
{
	json_t *document = json_object();
	(void)options;
	json_set(document, "schema_version", json_integer(JSON_SCHEMA_VERSION));
	json_set(document, "report", json_string("allocator"));
	json_set(document, "run", json_run(p));
	json_set(document, "totals", json_totals(p));
	json_set(document, "allocator", json_allocator(p));
	return document;
}

/* The table of size classes, all of them, smallest first. */
void allocator_csv(const struct profile *p, const struct report_options *options, struct text *out)
{
	const struct trace_allocator_details *details = &p->trace->allocator_details;
	struct csv csv;
	csv_begin(&csv, options, out,
	          "size,slab_bytes,slab_regions,held,allocated,freed,requests,slabs,slabs_partial,"
	          "slabs_made,held_bytes,room_bytes,used");
	for (size_t i = 0; i < details->classes_count; i++) {
		const struct trace_allocator_class *c = &details->classes[i];
		struct class_figures figures = class_figures_of(c);
#define X(name, text) csv_count(&csv, c->name);
		TRACE_ALLOCATOR_CLASS_FIELDS(X)
#undef X
		csv_number(&csv, figures.held_bytes);
		csv_number(&csv, figures.room_bytes);
		csv_number(&csv, figures.used);
		csv_end_row(&csv);
	}
}

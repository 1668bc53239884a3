/* function_reports.c: the reports that are about functions: sequences of sections, as in
 * sim_summary_text.c, and one document for programs.
 *
 *   sim-details  for the author: all functions of their own, file by file
 *   dev-summary  for whoever develops what lies beneath: all kinds of code, and the overheads
 *   dev-details  the same in full: functions of each kind, the allocator, how well was recorded */
#include "report/allocator_json.h"
#include "report/json_functions.h"
#include "report/sections.h"

typedef void section(struct view *v);

static void write_sections(struct view *v, section *const *sections, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sections[i](v);
}

#define WRITE(v, sections) write_sections(v, sections, sizeof(sections) / sizeof((sections)[0]))

void sim_details_text(const struct profile *p, const struct report_options *options,
                      struct text *out)
{
	static section *const sections[] = {section_head, section_components, section_files,
	                                    section_warnings};
	struct view v = view_of(p, options, out);
	WRITE(&v, sections);
}

/* Rows of the list of functions in the summary for developers, unless told. */
#define DEV_TOP 15

void dev_summary_text(const struct profile *p, const struct report_options *options,
                      struct text *out)
{
	static section *const sections[] = {section_head,       section_categories,
	                                    section_components, section_all_functions,
	                                    section_overheads,  section_warnings};
	struct view v = view_of(p, options, out);
	v.top = options->top ? options->top : DEV_TOP;
	WRITE(&v, sections);
}

void dev_details_text(const struct profile *p, const struct report_options *options,
                      struct text *out)
{
	static section *const sections[] = {section_head,          section_categories,
	                                    section_components,    section_functions_by_category,
	                                    section_usage,         section_allocator,
	                                    section_fragmentation, section_classes,
	                                    section_arenas,        section_overheads,
	                                    section_capture,       section_warnings};
	struct view v = view_of(p, options, out);
	WRITE(&v, sections);
}

/* ---- for programs ------------------------------------------------------------------------- */

static json_t *document_of(const struct profile *p, const struct report_options *options,
                           const char *report)
{
	json_t *document = json_object();
	json_set(document, "schema_version", json_integer(JSON_SCHEMA_VERSION));
	json_set(document, "report", json_string(report));
	json_set(document, "run", json_run(p));
	json_set(document, "totals", json_totals(p));
	json_add_functions(document, p, options, options->top ? options->top : SIZE_MAX);
	return document;
}

json_t *sim_details_json(const struct profile *p, const struct report_options *options)
{
	return document_of(p, options, "sim-details");
}

json_t *dev_summary_json(const struct profile *p, const struct report_options *options)
{
	return document_of(p, options, "dev-summary");
}

static json_t *capture_of(const struct profile *p)
{
	const struct trace_profiler *f = &p->trace->profiler;
	json_t *o = json_object();
	if (!f->known)
		return o;
#define X(name) json_set(o, #name, json_count(f->name));
	TRACE_PROFILER_KEYS(X)
#undef X
	return o;
}

json_t *dev_details_json(const struct profile *p, const struct report_options *options)
{
	json_t *document = document_of(p, options, "dev-details");
	json_set(document, "allocator", json_allocator(p));
	json_set(document, "profiler", capture_of(p));
	return document;
}

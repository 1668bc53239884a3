/* report.c: see report.h. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "report/marks.h"
#include "report/others.h"

static const struct report reports[] = {
        {"sim-summary", "the simulation's author's view: steps, phases, call-sites, memory",
         sim_summary_text, sim_summary_json},
        {"memory", "where memory goes: over the run, by call-site, by lifetime, and what grows",
         memory_text, memory_json},
        {NULL, NULL, NULL, NULL},
};

static const struct {
	const char *name;
	enum report_format format;
} formats[] = {{"text", REPORT_TEXT}, {"json", REPORT_JSON}};

const struct report *report_all(void)
{
	return reports;
}

const struct report *report_find(const char *name)
{
	for (const struct report *r = reports; r->name; r++)
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

bool report_format_find(const char *name, enum report_format *format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0) {
			*format = formats[i].format;
			return true;
		}
	return false;
}

const char *report_format_names(void)
{
	return "text, json";
}

struct report_set {
	enum report_format format;
	size_t expected;
	struct text text;
	json_t *documents;
	struct terminal terminal;
};

struct report_set *report_set_begin(enum report_format format, size_t expected)
{
	struct report_set *set = mem_zero(sizeof(*set));
	set->format = format;
	set->expected = expected;
	if (format == REPORT_JSON)
		set->documents = json_array();
	return set;
}

void report_set_add(struct report_set *set, const struct report *report, const struct profile *p,
                    const struct report_options *options)
{
	if (set->format == REPORT_JSON) {
		json_array_append_new(set->documents, report->json(p, options));
		return;
	}
	set->terminal = options->terminal;
	if (set->text.length)
		text_string(&set->text, "\n\n");
	if (set->expected > 1)
		text_printf(&set->text, MARK_HEADING "==> %s <==" MARK_END "\n\n", options->trace);
	report->text(p, options, &set->text);
}

void report_set_add_others(struct report_set *set, struct other_trace *others, size_t count,
                           const struct report_options *options)
{
	if (set->format == REPORT_TEXT)
		others_text(others, count, options, &set->text);
}

void report_set_end(struct report_set *set, struct text *out)
{
	if (set->format == REPORT_JSON) {
		json_t *document =
		        set->expected == 1 ? json_array_get(set->documents, 0) : set->documents;
		char *bytes = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
		text_string(out, bytes ? bytes : "[]");
		text_string(out, "\n");
		free(bytes);
		json_decref(set->documents);
	} else if (set->text.length) {
		marks_render(&set->text, &set->terminal, out);
	}
	text_free(&set->text);
	free(set);
}

/* report.c: see report.h. */
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/csv.h"
#include "report/marks.h"
#include "report/others.h"

static const struct report reports[] = {
        {"sim-summary",
         "the simulation's author's view: steps, phases, functions, call-sites, memory",
         sim_summary_text, sim_summary_json, sim_summary_csv, true, false, false},
        {"sim-details", "all functions of the author's own sources, file by file", sim_details_text,
         sim_details_json, csv_functions, true, false, false},
        {"dev-summary",
         "all kinds of code with time and memory, top functions, what profiling cost",
         dev_summary_text, dev_summary_json, csv_categories, true, false, false},
        {"dev-details", "functions by kind of code, the allocator inside, how well was recorded",
         dev_details_text, dev_details_json, csv_functions, true, false, false},
        {"memory", "where memory goes: over the run, by call-site, by lifetime, and what grows",
         memory_text, memory_json, memory_csv, false, false, false},
        {"allocator",
         "the allocator inside: size classes, arenas, from live bytes to resident ones",
         allocator_text, allocator_json, allocator_csv, false, false, false},
        {"raw", "every function: ncalls tottime percall cumtime percall file:line(function)",
         raw_text, raw_json, csv_functions, true, false, false},
        {"lines", "the source lines of a function or file (--search), or of the top function",
         lines_text, lines_json, lines_csv, true, true, false},
        {"search", "all that bears the names of --search", search_text, search_json, search_csv,
         false, true, true},
        {NULL, NULL, NULL, NULL, NULL, false, false, false},
};

static const struct {
	const char *name;
	enum report_format format;
} formats[] = {{"text", REPORT_TEXT},
               {"json", REPORT_JSON},
               {"markdown", REPORT_MARKDOWN},
               {"csv", REPORT_CSV}};

const struct report *report_all(void)
{
	return reports;
}

const struct report *report_of_searches(void)
{
	const struct report *r = reports;
	while (!r->by_need)
		r++;
	return r;
}

const struct report *report_find(const char *name)
{
	for (const struct report *r = reports; r->name; r++)
		if (!r->by_need && strcmp(r->name, name) == 0)
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
	return "text, json, markdown, csv";
}

const char *report_names(void)
{
	static char names[256];
	size_t length = 0;
	for (const struct report *r = reports; r->name && !r->by_need; r++)
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
		                           length ? ", " : "", r->name);
	snprintf(names + length, sizeof(names) - length, ", all");
	return names;
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
		text_string(&set->text, set->format == REPORT_CSV ? "\n" : "\n\n");
	if (set->format == REPORT_CSV) {
		report->csv(p, options, &set->text);
		return;
	}
	if (set->expected > 1)
		text_printf(&set->text,
		            set->format == REPORT_MARKDOWN ? MARK_HEADING "%s: %s" MARK_END "\n\n"
		                                           : MARK_HEADING "==> %s: %s <==" MARK_END
		                                                          "\n\n",
		            report->name, options->trace);
	report->text(p, options, &set->text);
}

void report_set_add_others(struct report_set *set, struct other_trace *others, size_t count,
                           const struct report_options *options)
{
	if (set->format == REPORT_TEXT || set->format == REPORT_MARKDOWN)
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
	} else if (set->format == REPORT_CSV) {
		text_add(out, set->text.bytes ? set->text.bytes : "", set->text.length);
	} else if (set->text.length) {
		marks_render(&set->text, &set->terminal, out);
	}
	text_free(&set->text);
	free(set);
}

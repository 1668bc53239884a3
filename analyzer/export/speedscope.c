/* speedscope.c: speedscope's own file format: functions once, and for each metric a sampled
 * profile: stacks of numbers of functions, outermost first, and their weights. The metric that was
 * asked for is the one shown first. */
#include <inttypes.h>
#include <stdlib.h>

#include "export/escape.h"
#include "export/tree.h"

struct speedscope {
	const struct export_job *job;
	struct tree tree;
	uint32_t *path; /* labels from the node at hand up to the root */
	size_t path_capacity;
};

static void *begin(const struct export_job *job)
{
	struct speedscope *s = mem_zero(sizeof(*s));
	s->job = job;
	tree_init(&s->tree);
	return s;
}

static void stack(void *state, const struct export_stack *stack)
{
	struct speedscope *s = state;
	struct tree_node *node = tree_add(&s->tree, stack, s->job->by);
	for (int metric = 0; metric < STACK_METRICS; metric++)
		node->self[metric] += stack->weight->values[metric];
}

/* Label 0 is the root's, which is the number of what has no frame at all. */
static void write_frames(struct speedscope *s)
{
	struct text *out = s->job->out, name = {0};
	text_string(out, "\"shared\":{\"frames\":[");
	for (size_t i = 0; i < s->tree.labels_count; i++) {
		const struct tree_label *label = &s->tree.labels[i];
		name.length = 0;
		text_printf(&name, "%s%s", tree_kind_prefix(label->kind), label->name);
		text_string(out, i ? ",\n{\"name\":" : "\n{\"name\":");
		escape_json(out, name.bytes);
		if (*label->file) {
			text_string(out, ",\"file\":");
			escape_json(out, label->file);
		}
		if (*label->file && label->line)
			text_printf(out, ",\"line\":%u", label->line);
		text_string(out, "}");
	}
	text_string(out, "]},\n");
	text_free(&name);
}

/* A large file is little else than these. */
static void add_number(struct text *out, uint32_t number)
{
	char digits[10];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	text_add(out, digits + at, sizeof(digits) - at);
}

static void write_sample(struct speedscope *s, const struct tree_node *node)
{
	struct text *out = s->job->out;
	size_t count = 0;
	for (const struct tree_node *n = node; n != s->tree.nodes; n = &s->tree.nodes[n->parent]) {
		s->path = mem_grow(s->path, &s->path_capacity, count + 1, sizeof(*s->path));
		s->path[count++] = n->label;
	}
	text_string(out, count ? "[" : "[0");
	for (size_t i = count; i-- > 0;) {
		add_number(out, s->path[i]);
		text_string(out, i ? "," : "");
	}
	text_string(out, "]");
}

static void write_profile(struct speedscope *s, enum stack_metric metric)
{
	struct text *out = s->job->out;
	const char *separator = "";
	bool estimated = metric != STACK_TIME && s->job->profile->sampled;
	text_printf(out, "{\"type\":\"sampled\",\"name\":\"%s%s\"", export_metric_title(metric),
	            estimated ? ", estimated" : "");
	text_printf(out,
	            ",\"unit\":\"%s\",\"startValue\":0,\"endValue\":%" PRId64 ",\n\"samples\":[",
	            metric == STACK_ALLOCATIONS ? "none" : export_unit(metric),
	            s->job->weights->totals[metric]);
	for (size_t i = 0; i < s->tree.count; i++)
		if (s->tree.nodes[i].self[metric]) {
			text_string(out, separator);
			write_sample(s, &s->tree.nodes[i]);
			separator = ",\n";
		}
	text_string(out, "],\n\"weights\":[");
	separator = "";
	for (size_t i = 0; i < s->tree.count; i++)
		if (s->tree.nodes[i].self[metric]) {
			text_printf(out, "%s%" PRId64, separator, s->tree.nodes[i].self[metric]);
			separator = ",";
		}
	text_string(out, "]}");
}

static void write_profiles(struct speedscope *s)
{
	struct text *out = s->job->out;
	size_t count = 0, active = 0;
	text_string(out, "\"profiles\":[");
	for (int metric = 0; metric < STACK_METRICS; metric++) {
		if (!s->job->weights->totals[metric])
			continue;
		if (metric == (int)s->job->metric)
			active = count;
		text_string(out, count++ ? ",\n" : "\n");
		write_profile(s, (enum stack_metric)metric);
	}
	text_printf(out, "],\n\"activeProfileIndex\":%zu}\n", active);
}

static void end(void *state)
{
	struct speedscope *s = state;
	struct text *out = s->job->out;
	tree_finish(&s->tree, s->job->metric);
	text_string(out, "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
	                 "\"exporter\":\"memprof " MEMPROF_VERSION "\",\n\"name\":");
	escape_json(out, s->job->profile->run.command);
	text_string(out, ",\n");
	write_frames(s);
	write_profiles(s);
	tree_free(&s->tree);
	free(s->path);
	free(s);
}

const struct exporter export_speedscope = {
        .name = "speedscope",
        .summary = "for speedscope: each metric a profile (JSON)",
        .takes = EXPORT_TAKES_METRIC | EXPORT_TAKES_BY,
        .begin = begin,
        .stack = stack,
        .end = end,
};

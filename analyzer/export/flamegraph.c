/* flamegraph.c: an interactive flame graph: one SVG file that any browser opens, with no network.
 *
 *     title, metric, total, run            [search] [invert] [reset]
 *     ┌ frames: one row a depth, the root at the foot (or at the top)
 *     └
 *     legend, what is folded; of a comparison what has vanished
 *
 * The picture is whole without its script (flamegraph.js), which makes it answer. Of a comparison
 * widths are those of the new trace, and colours tell by how many points a frame's share of all
 * has changed, where that is more than chance. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/escape.h"
#include "export/layout.h"
#include "export/palette.h"
#include "export/shares.h"
#include "export/short_name.h"
#include "export/tree.h"
#include "model/estimate.h"

#define WIDTH    1200
#define PAD      12
#define ROW      18
#define TOP      96
#define LETTER   7.23 /* the width of a letter of 12 px, in the fonts that are asked for */
#define LINE     18
#define GONE_MAX 20

/* Files that become part of the program: a 0 ends each. */
#define EMBED(name, file)                                                                          \
	extern const char name[];                                                                  \
	__asm__(".pushsection .rodata\n" #name ":\n.incbin \"analyzer/export/" file                \
	        "\"\n.byte 0\n.popsection\n")

EMBED(flamegraph_css, "flamegraph.css");
EMBED(flamegraph_js, "flamegraph.js");

struct gone {
	const struct tree_node *node;
	double share;
};

struct flamegraph {
	const struct export_job *job;
	struct tree tree;
	struct layout layout;
	struct shares shares;
	double change_max; /* the largest sure change of a share */
	struct gone *gone; /* by share, largest first */
	size_t gone_count, gone_capacity;
	struct text *out;
};

/* ---- listening ---------------------------------------------------------------------------- */

static void *begin(const struct export_job *job)
{
	struct flamegraph *f = mem_zero(sizeof(*f));
	f->job = job;
	f->out = job->out;
	f->shares = (struct shares){&f->tree, job->metric, {job->profile, job->old}};
	tree_init(&f->tree);
	return f;
}

static void listen(struct flamegraph *f, const struct export_stack *stack, enum shares_run run)
{
	const struct stack_variances *variances = stack->profile->stacks.variances;
	int64_t weight = stack->weight->values[f->job->metric];
	if (!weight)
		return;
	struct tree_node *node = tree_add(&f->tree, stack, f->job->by);
	node->self[run] += weight;
	if (variances && shares_estimated(&f->shares, run))
		variance_add(&node->variance[run],
		             variances[stack->weight->row].of[f->job->metric]);
}

static void old_stack(void *state, const struct export_stack *stack)
{
	listen(state, stack, RUN_OLD);
}

static void stack(void *state, const struct export_stack *stack)
{
	listen(state, stack, RUN_NEW);
}

/* ---- what has changed --------------------------------------------------------------------- */

static void note_largest_change(struct flamegraph *f)
{
	for (size_t i = 1; i < f->layout.count; i++) {
		double size = fabs(share_sure_change(&f->shares, f->layout.frames[i].node));
		if (!f->layout.frames[i].folded && size > f->change_max)
			f->change_max = size;
	}
}

static int by_share(const void *a, const void *b)
{
	const struct gone *x = a, *y = b;
	if (x->share != y->share)
		return x->share < y->share ? 1 : -1;
	return x->node < y->node ? -1 : 1;
}

/* Nodes of the old trace that the new one has nothing of, without those below another of them. */
static void note_gone(struct flamegraph *f)
{
	for (size_t i = 1; i < f->tree.count; i++) {
		const struct tree_node *node = &f->tree.nodes[i];
		double was = share_of(&f->shares, node->total[RUN_OLD], RUN_OLD);
		if (node->total[RUN_NEW] || was < f->layout.share ||
		    !f->tree.nodes[node->parent].total[RUN_NEW] ||
		    share_sure_change(&f->shares, node) == 0)
			continue;
		f->gone = mem_grow(f->gone, &f->gone_capacity, f->gone_count + 1, sizeof(*f->gone));
		f->gone[f->gone_count++] = (struct gone){node, was};
	}
	if (f->gone_count)
		qsort(f->gone, f->gone_count, sizeof(*f->gone), by_share);
}

/* ---- text --------------------------------------------------------------------------------- */

/* A text element whose content the caller adds and then closes. */
static void open_text(struct flamegraph *f, const char *class, int x, int y)
{
	text_printf(f->out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
}

static void close_text(struct flamegraph *f)
{
	text_string(f->out, "</text>\n");
}

/* As much of a text as fits in so many pixels; "" where that is not worth reading. */
static void add_clipped(struct text *out, const char *text, double pixels)
{
	int letters = (int)((pixels - 6) / LETTER);
	if (letters < 3)
		return;
	if (text_columns(text) <= (size_t)letters) {
		escape_xml(out, text);
		return;
	}
	escape_xml_part(out, text, text_prefix(text, (size_t)letters - 1));
	text_string(out, "…");
}

/* The same of a name, of which the last part comes first. */
static void add_clipped_name(struct text *out, const char *name, double pixels)
{
	bool fits = (double)text_columns(name) * LETTER + 6 <= pixels;
	add_clipped(out, fits ? name : short_name(name), pixels);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* "41.2 MiB (11.6 %)"; where it was sampled "41.2 MiB (11.6 ±0.9 %)". */
static void add_amount(struct flamegraph *f, int64_t weight, double error)
{
	double value = share_of(&f->shares, weight, RUN_NEW);
	text_printf(f->out, "%s (%.*f", export_amount(f->job->metric, weight).text,
	            value < 0.001 ? 2 : 1, value * 100);
	if (isnan(error))
		text_string(f->out, " %, of few samples)");
	else if (error > 0 && value < 1)
		text_printf(f->out, " ±%.1f %%)", error * 100);
	else
		text_string(f->out, " %)");
}

static void add_change(struct flamegraph *f, const struct tree_node *node)
{
	double error = share_change_error(&f->shares, node);
	text_printf(f->out, "\nwas %s (%.2f %%): %+.2f",
	            export_amount(f->job->metric, node->total[RUN_OLD]).text,
	            share_of(&f->shares, node->total[RUN_OLD], RUN_OLD) * 100,
	            share_change(&f->shares, node) * 100);
	if (error > 0)
		text_printf(f->out, " ±%.2f", error * 100);
	text_string(f->out, " points");
	if (share_sure_change(&f->shares, node) == 0 && error != 0)
		text_string(f->out, ", which may be chance");
}

static void add_place(struct flamegraph *f, const struct tree_label *label)
{
	text_string(f->out, "\n");
	if (*label->file) {
		escape_xml(f->out, base_name(label->file));
		if (label->line)
			text_printf(f->out, ":%u", label->line);
		text_string(f->out, " · ");
	}
	if (*label->module) {
		escape_xml(f->out, label->module);
		text_string(f->out, " · ");
	}
	escape_xml(f->out, label->category);
}

/* What is told of a frame when the mouse is on it. */
static void add_details(struct flamegraph *f, const struct layout_frame *frame)
{
	const struct tree_node *node = frame->node;
	const struct tree_label *label = tree_label(&f->tree, node);
	if (frame->folded) {
		text_printf(f->out, "%u small frame%s, folded\n", frame->folded,
		            frame->folded == 1 ? "" : "s");
		add_amount(f, frame->width, 0);
		return;
	}
	text_string(f->out, tree_kind_prefix(label->kind));
	escape_xml(f->out, label->name);
	text_string(f->out, "\n");
	add_amount(f, node->total[RUN_NEW], share_error(&f->shares, node, RUN_NEW));
	if (node->self[RUN_NEW] && frame->depth) {
		text_string(f->out, ", itself ");
		add_amount(f, node->self[RUN_NEW], share_self_error(&f->shares, node));
	}
	if (f->job->old)
		add_change(f, node);
	if (label->kind == TREE_FUNCTION)
		add_place(f, label);
}

/* ---- frames ------------------------------------------------------------------------------- */

static struct colour colour_of(const struct flamegraph *f, const struct layout_frame *frame)
{
	if (frame->folded)
		return (struct colour){"#dcdee3"};
	if (!f->job->old)
		return palette_of(tree_label(&f->tree, frame->node));
	return palette_of_change(f->change_max > 0 && frame->depth
	                                 ? share_sure_change(&f->shares, frame->node) /
	                                           f->change_max
	                                 : 0);
}

static void add_name(struct text *out, const struct flamegraph *f, const struct layout_frame *frame)
{
	if (frame->folded)
		text_printf(out, "(%u folded)", frame->folded);
	else
		text_string(out, tree_label(&f->tree, frame->node)->name);
}

static void write_frame(struct flamegraph *f, const struct layout_frame *frame)
{
	struct text *out = f->out, name = {0};
	double scale = (double)(WIDTH - 2 * PAD) / (double)f->tree.nodes[0].total[RUN_NEW];
	double x = PAD + (double)frame->left * scale, width = (double)frame->width * scale;
	uint32_t row = f->job->inverted ? frame->depth : f->layout.depth - frame->depth;
	uint32_t y = TOP + row * ROW;
	add_name(&name, f, frame);
	text_printf(out,
	            "<g class=\"f%s\" data-x=\"%" PRId64 "\" data-w=\"%" PRId64
	            "\" data-s=\"%" PRId64 "\" data-d=\"%u\" data-p=\"%u\" data-n=\"",
	            frame->folded ? " folded" : "", frame->left, frame->width,
	            frame->folded ? 0 : frame->node->self[RUN_NEW], frame->depth, frame->parent);
	escape_xml(out, name.bytes);
	if (short_name(name.bytes) != name.bytes) {
		text_string(out, "\" data-b=\"");
		escape_xml(out, short_name(name.bytes));
	}
	text_string(out, "\"><title>");
	add_details(f, frame);
	text_printf(out,
	            "</title><rect x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%d\" fill=\"%s\"/>"
	            "<text x=\"%.2f\" y=\"%u\">",
	            x, y, fmax(width - 0.6, 0.2), ROW - 1, colour_of(f, frame).text, x + 3,
	            y + ROW - 5);
	add_clipped_name(out, name.bytes, width);
	text_string(out, "</text></g>\n");
	text_free(&name);
}

/* ---- around the frames -------------------------------------------------------------------- */

static void write_title(struct flamegraph *f)
{
	const struct profile *p = f->job->profile;
	escape_xml(f->out, *p->run.name ? p->run.name : "a run");
	text_printf(f->out, ": %s", export_metric_title(f->job->metric));
	if (f->job->old)
		text_string(f->out, ", compared");
}

static void write_total(struct flamegraph *f)
{
	const struct profile *p = f->job->profile;
	int64_t total = f->tree.nodes[0].total[RUN_NEW];
	text_printf(f->out, "%s in all", export_amount(f->job->metric, total).text);
	if (f->job->metric == STACK_TIME)
		text_printf(f->out, ", from %s samples (±%.1f points at a share of 50 %%)",
		            unit_count(f->job->weights->samples).text,
		            share_time_error(&f->shares, 0.5, RUN_NEW) * 100);
	else if (shares_estimated(&f->shares, RUN_NEW))
		text_printf(
		        f->out, " ±%s, estimated from samples",
		        export_amount(f->job->metric,
		                      llround(estimate_error(f->tree.nodes[0].variance[RUN_NEW])))
		                .text);
	else if (f->job->metric != STACK_ALLOCATIONS)
		text_printf(f->out, " (%s bytes)", unit_count(total).text);
	/* What call-sites held at the peak was read while other threads went on. */
	if (f->job->metric == STACK_PEAK && p->totals.peak_error > 0)
		text_printf(f->out, ", within %s", unit_bytes((double)p->totals.peak_error).text);
	text_printf(f->out, " · run of %s", p->run.started);
	if (*p->trace->header.host) {
		text_string(f->out, " on ");
		escape_xml(f->out, p->trace->header.host);
	}
	if (!p->run.complete || strcmp(p->run.ending, "COMPLETE") != 0) {
		text_string(f->out, " · ");
		escape_xml(f->out, p->run.ending);
	}
}

static void write_old(struct flamegraph *f)
{
	const struct profile *old = f->job->old;
	int64_t before = f->tree.nodes[0].total[RUN_OLD], now = f->tree.nodes[0].total[RUN_NEW];
	text_printf(f->out, "before: %s in all (now %+.1f %%) · run of %s",
	            export_amount(f->job->metric, before).text,
	            ((double)now / (double)before - 1) * 100, old->run.started);
	if (*old->trace->header.host) {
		text_string(f->out, " on ");
		escape_xml(f->out, old->trace->header.host);
	}
}

/* They appear when the script runs. */
static void write_controls(struct flamegraph *f)
{
	text_printf(
	        f->out,
	        "<g id=\"controls\" class=\"none sans\">\n"
	        "<text id=\"found\" x=\"%d\" y=\"29\" text-anchor=\"end\"/>\n"
	        "<foreignObject x=\"%d\" y=\"11\" width=\"230\" height=\"28\"><input "
	        "xmlns=\"http://www.w3.org/1999/xhtml\" id=\"search\" type=\"search\" "
	        "placeholder=\"search (regular expression)\" aria-label=\"search\"/>"
	        "</foreignObject>\n"
	        "<g id=\"invert\" class=\"button\"><title>upside down (i)</title><rect "
	        "x=\"%d\" y=\"46\" width=\"90\" height=\"24\" rx=\"4\"/><text x=\"%d\" y=\"62\" "
	        "text-anchor=\"middle\">invert</text></g>\n"
	        "<g id=\"reset\" class=\"button none\"><title>show all (Escape)</title><rect "
	        "x=\"%d\" y=\"46\" width=\"90\" height=\"24\" rx=\"4\"/><text x=\"%d\" y=\"62\" "
	        "text-anchor=\"middle\">reset zoom</text></g>\n</g>\n",
	        WIDTH - PAD - 240, WIDTH - PAD - 230, WIDTH - PAD - 90, WIDTH - PAD - 45,
	        WIDTH - PAD - 190, WIDTH - PAD - 145);
}

/* Behind the frames in the document, before them in the picture: it stays in sight. */
static void write_head(struct flamegraph *f)
{
	text_printf(f->out,
	            "<g id=\"head\">\n<rect id=\"behind\" x=\"0\" y=\"0\" width=\"%d\" "
	            "height=\"%d\"/>\n",
	            WIDTH, TOP - 10);
	open_text(f, "sans title", PAD, 30);
	write_title(f);
	close_text(f);
	open_text(f, "sans", PAD, 52);
	write_total(f);
	close_text(f);
	open_text(f, f->job->old ? "sans" : "quiet", PAD, 72);
	if (f->job->old)
		write_old(f);
	else
		add_clipped(f->out, f->job->profile->run.command, WIDTH - 2 * PAD - 200);
	close_text(f);
	write_controls(f);
	text_string(f->out, "</g>\n");
}

static int legend_entry(struct flamegraph *f, int x, int y, struct colour colour, const char *name)
{
	text_printf(f->out,
	            "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"14\" rx=\"2\" fill=\"%s\"/>", x,
	            y - 11, colour.text);
	open_text(f, "sans", x + 20, y);
	escape_xml(f->out, name);
	close_text(f);
	return x + 44 + (int)((double)text_columns(name) * 6.6);
}

static bool seen_before(const struct flamegraph *f, size_t frame)
{
	const struct tree_label *label = tree_label(&f->tree, f->layout.frames[frame].node);
	for (size_t i = 0; i < frame; i++) {
		const struct tree_label *other = tree_label(&f->tree, f->layout.frames[i].node);
		if (other->category == label->category && other->own == label->own &&
		    other->kind == label->kind)
			return true;
	}
	return false;
}

/* What is in the picture, in the order in which it comes. */
static void write_categories(struct flamegraph *f, int y)
{
	int x = PAD;
	for (size_t i = 0; i < f->layout.count; i++) {
		const struct tree_label *label = tree_label(&f->tree, f->layout.frames[i].node);
		if (label->kind != TREE_FUNCTION || x > WIDTH - 150 || seen_before(f, i))
			continue;
		if (label->own && strcmp(label->category, "program") == 0)
			x = legend_entry(f, x, y, palette_of_own(), "your own code");
		else
			x = legend_entry(f, x, y, palette_of_category(label->category),
			                 label->category);
	}
}

static bool is_sampled(const struct flamegraph *f)
{
	return f->job->metric == STACK_TIME || shares_estimated(&f->shares, RUN_NEW) ||
	       shares_estimated(&f->shares, RUN_OLD);
}

/* From less to more, each colour with what it stands for. */
static void write_changes(struct flamegraph *f, int y)
{
	int x = PAD;
	if (f->change_max <= 0) {
		open_text(f, "sans", x, y);
		text_printf(f->out, "no frame's share of all has changed%s",
		            is_sampled(f) ? ", beyond chance (95 %)" : "");
		close_text(f);
		return;
	}
	for (int i = -2; i <= 2; i++) {
		char points[64];
		double change = (double)i / 2;
		snprintf(points, sizeof(points), i ? "%+.2f points" : "no change",
		         change * fabs(change) * f->change_max * 100);
		x = legend_entry(f, x, y, palette_of_change(change * fabs(change)), points);
	}
	open_text(f, "sans quiet", x, y);
	text_string(f->out, "change of a frame's share of all");
	if (is_sampled(f))
		text_string(f->out, ", beyond chance (95 %)");
	close_text(f);
}

static void write_path(struct flamegraph *f, const struct tree_node *node)
{
	const struct tree_node *parent = &f->tree.nodes[node->parent];
	escape_xml(f->out, tree_kind_prefix(tree_label(&f->tree, node)->kind));
	escape_xml(f->out, tree_label(&f->tree, node)->name);
	if (parent != f->tree.nodes) {
		text_string(f->out, " in ");
		escape_xml(f->out, tree_kind_prefix(tree_label(&f->tree, parent)->kind));
		escape_xml(f->out, tree_label(&f->tree, parent)->name);
	}
}

static void write_gone(struct flamegraph *f, int y)
{
	size_t shown = f->gone_count < GONE_MAX ? f->gone_count : GONE_MAX;
	open_text(f, "sans", PAD, y);
	text_string(f->out, f->gone_count   ? "Gone since the run before (share of it then):"
	                    : is_sampled(f) ? "Nothing of the run before is gone, beyond chance."
	                                    : "Nothing of the run before is gone.");
	close_text(f);
	for (size_t i = 0; i < shown; i++) {
		open_text(f, "gone", PAD, y += LINE);
		text_printf(f->out, "%6.2f %%  ", f->gone[i].share * 100);
		write_path(f, f->gone[i].node);
		close_text(f);
	}
	if (shown < f->gone_count) {
		open_text(f, "sans quiet", PAD, y + LINE);
		text_printf(f->out, "and %zu more", f->gone_count - shown);
		close_text(f);
	}
}

static void write_foot(struct flamegraph *f)
{
	int y = TOP + (int)(f->layout.depth + 1) * ROW + 24;
	if (f->job->old)
		write_changes(f, y);
	else
		write_categories(f, y);
	open_text(f, "sans quiet", PAD, y + 22);
	if (f->layout.folded)
		text_printf(f->out, "frames below %.3g %% of all are folded: %s of %s · ",
		            f->layout.share * 100, unit_count((int64_t)f->layout.folded).text,
		            unit_count((int64_t)f->layout.nodes).text);
	text_string(f->out, "click: zoom · / search · n next match · arrows: walk · Enter: zoom · "
	                    "Esc: all · i: invert");
	close_text(f);
	if (f->job->old)
		write_gone(f, y + 50);
}

static int height(const struct flamegraph *f)
{
	size_t gone = f->gone_count < GONE_MAX ? f->gone_count : GONE_MAX + 1;
	return TOP + (int)(f->layout.depth + 1) * ROW + 60 +
	       (f->job->old ? 30 + (int)gone * LINE : 0);
}

static void write_document(struct flamegraph *f)
{
	int high = height(f);
	text_printf(f->out,
	            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	            "viewBox=\"0 0 %d %d\" data-width=\"%d\" data-pad=\"%d\" data-row=\"%d\" "
	            "data-top=\"%d\" data-depth=\"%u\" data-inverted=\"%d\" data-metric=\"%s\" "
	            "data-total=\"%" PRId64 "\" role=\"group\">\n<title>",
	            WIDTH, high, WIDTH, high, WIDTH, PAD, ROW, TOP, f->layout.depth,
	            f->job->inverted, export_unit(f->job->metric), f->tree.nodes[0].total[RUN_NEW]);
	write_title(f);
	text_string(f->out, "</title>\n<style>");
	text_string(f->out, flamegraph_css);
	text_string(f->out, "</style>\n");
	text_string(f->out, "<g id=\"frames\">\n");
	for (size_t i = 0; i < f->layout.count; i++)
		write_frame(f, &f->layout.frames[i]);
	text_string(f->out, "</g>\n");
	write_foot(f);
	write_head(f);
	text_string(f->out, "<g id=\"tip\" class=\"none\"><rect x=\"0\" y=\"0\" width=\"10\" "
	                    "height=\"10\"/><text/></g>\n<script><![CDATA[\n");
	text_string(f->out, flamegraph_js);
	text_string(f->out, "]]></script>\n</svg>\n");
}

static void end(void *state)
{
	struct flamegraph *f = state;
	tree_finish(&f->tree, RUN_NEW);
	layout_build(&f->layout, &f->tree);
	if (f->job->old) {
		note_largest_change(f);
		note_gone(f);
	}
	write_document(f);
	layout_free(&f->layout);
	tree_free(&f->tree);
	free(f->gone);
	free(f);
}

const struct exporter export_flamegraph = {
        .name = "flamegraph",
        .summary = "an interactive picture (SVG) that any browser opens",
        .takes = EXPORT_TAKES_METRIC | EXPORT_TAKES_BY | EXPORT_TAKES_DIFF | EXPORT_TAKES_INVERTED,
        .begin = begin,
        .old_stack = old_stack,
        .stack = stack,
        .end = end,
};

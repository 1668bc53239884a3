/* scaling_svg.c: laws as a drawing: a panel a quantity, with its points, its law's curve, and the
 * band of the 95 % interval, on logarithmic axes. The step and phases by time, the run's memory,
 * and plain measurements, as many as fit a page. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/scaling.h"
#include "report/scaling_writer.h"

#define PANELS_MAX 24
#define COLUMNS    3
#define PANEL_W    330
#define PANEL_H    250
#define LEFT       62
#define RIGHT      14
#define TOP        40
#define BOTTOM     34
#define SAMPLES    25
#define TITLE_MAX  42 /* characters of a panel's width */

struct panel {
	const struct study *study;
	const struct study_row *row;
	double x, y; /* of its corner */
	double n_low, n_high, low, high;
};

static double across(const struct panel *p, double n)
{
	double along = log(n / p->n_low) / log(p->n_high / p->n_low);
	return p->x + LEFT + along * (PANEL_W - LEFT - RIGHT);
}

static double up(const struct panel *p, double value)
{
	double along = log(fmax(value, p->low) / p->low) / log(p->high / p->low);
	return p->y + PANEL_H - BOTTOM - fmin(along, 1) * (PANEL_H - TOP - BOTTOM);
}

/* Text in XML: what would be markup, and what XML does not allow at all. */
static void add_escaped(struct text *out, const char *value)
{
	for (; *value; value++)
		switch (*value) {
		case '<':
			text_string(out, "&lt;");
			break;
		case '>':
			text_string(out, "&gt;");
			break;
		case '&':
			text_string(out, "&amp;");
			break;
		case '"':
			text_string(out, "&quot;");
			break;
		default:
			text_add(out, (unsigned char)*value < ' ' ? "?" : value, 1);
		}
}

static void label(struct text *out, double x, double y, const char *anchor, const char *style,
                  const char *value)
{
	text_printf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y,
	            anchor, style);
	add_escaped(out, value);
	text_string(out, "</text>\n");
}

static double size_at(const struct panel *p, int i)
{
	double from = p->row->breaks.found ? p->row->breaks.at : p->n_low;
	return from * pow(p->n_high / from, (double)i / (SAMPLES - 1));
}

static void set_range(struct panel *p, double target)
{
	const struct series *s = &p->row->series;
	p->n_low = s->points[0].n;
	p->n_high = fmax(target, s->points[s->count - 1].n * 1.0001);
	struct fit_prediction last = study_predict(p->study, p->row, p->n_high);
	p->low = study_predict(p->study, p->row, p->n_low).value;
	p->high = last.interval.high;
	for (size_t i = 0; i < s->count; i++) {
		p->low = fmin(p->low, s->points[i].least);
		p->high = fmax(p->high, s->points[i].most);
	}
	p->low /= 1.15;
	p->high *= 1.15;
}

static void draw_band(const struct panel *p, struct text *out)
{
	struct fit_prediction at[SAMPLES];
	for (int i = 0; i < SAMPLES; i++)
		at[i] = study_predict(p->study, p->row, size_at(p, i));
	text_string(out, "<polygon class=\"band\" points=\"");
	for (int i = 0; i < SAMPLES; i++)
		text_printf(out, "%.1f,%.1f ", across(p, at[i].n), up(p, at[i].interval.low));
	for (int i = SAMPLES; i-- > 0;)
		text_printf(out, "%.1f,%.1f ", across(p, at[i].n), up(p, at[i].interval.high));
	text_string(out, "\"/>\n<polyline class=\"law\" points=\"");
	for (int i = 0; i < SAMPLES; i++)
		text_printf(out, "%.1f,%.1f ", across(p, at[i].n), up(p, at[i].value));
	text_string(out, "\"/>\n");
}

static void draw_points(const struct panel *p, struct text *out)
{
	for (size_t i = 0; i < p->row->series.count; i++) {
		const struct series_point *point = &p->row->series.points[i];
		for (size_t k = 0; k < point->count; k++)
			text_printf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>\n",
			            across(p, point->n), up(p, point->values[k]));
	}
}

static void draw_axes(const struct panel *p, struct text *out)
{
	enum metric_unit unit = metric_info(p->row->kind)->unit;
	double left = p->x + LEFT, bottom = p->y + PANEL_H - BOTTOM;
	text_printf(out, "<path class=\"axis\" d=\"M%.1f %.1fV%.1fH%.1f\"/>\n", left, p->y + TOP,
	            bottom, p->x + PANEL_W - RIGHT);
	label(out, left - 4, p->y + TOP + 4, "end", "tick", scaling_value(unit, p->high).text);
	label(out, left - 4, bottom, "end", "tick", scaling_value(unit, p->low).text);
	label(out, left, bottom + 14, "start", "tick", unit_count(llround(p->n_low)).text);
	label(out, p->x + PANEL_W - RIGHT, bottom + 14, "end", "tick",
	      unit_count(llround(p->n_high)).text);
}

static void draw_panel(const struct panel *p, struct text *out)
{
	struct text title = {0};
	const struct study_row *row = p->row;
	text_printf(&title, "%s", row->path);
	if (title.length > TITLE_MAX)
		title.length = text_prefix(title.bytes, TITLE_MAX);
	text_add(&title, "", 0);
	title.bytes[title.length] = '\0';
	label(out, p->x + 8, p->y + 16, "start", "title", title.bytes);
	title.length = 0;
	text_printf(&title, "%s%s%s, %s", row->metric, *row->metric ? ": " : "",
	            fit_law(&row->fit)->name, fit_verdict_name(row->fit.verdict));
	label(out, p->x + 8, p->y + 30, "start", "tick", title.bytes);
	text_free(&title);
	draw_band(p, out);
	draw_points(p, out);
	draw_axes(p, out);
}

static bool is_drawn(const struct study *study, const struct study_row *row)
{
	if (row->trouble)
		return false;
	return row->subject == SUBJECT_OTHER ||
	       (row->kind == study_time(study, row) &&
	        (row->subject == SUBJECT_STEP || row->subject == SUBJECT_PHASE)) ||
	       (row->subject == SUBJECT_RUN && row->kind != METRIC_LIVE);
}

static void open_svg(struct text *out, size_t panels)
{
	size_t rows = (panels + COLUMNS - 1) / COLUMNS,
	       columns = panels < COLUMNS ? panels : COLUMNS;
	text_printf(out,
	            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" "
	            "font-family=\"sans-serif\">\n"
	            "<style>.title{font-size:12px;font-weight:bold}.tick{font-size:10px;fill:#555}"
	            ".band{fill:#4a7fb5;opacity:.25}.law{fill:none;stroke:#1f4e79;stroke-width:1.5}"
	            ".axis{fill:none;stroke:#888}circle{fill:#b03a2e}</style>\n"
	            "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
	            columns * PANEL_W, rows * PANEL_H);
}

void scaling_svg(const struct scaling_report *r, struct text *out)
{
	struct panel panels[PANELS_MAX];
	size_t count = 0;
	for (size_t i = 0; r->study && i < r->study->rows_count && count < PANELS_MAX; i++)
		if (is_drawn(r->study, &r->study->rows[i])) {
			panels[count] = (struct panel){.study = r->study,
			                               .row = &r->study->rows[i],
			                               .x = (double)(count % COLUMNS) * PANEL_W,
			                               .y = (double)(count / COLUMNS) * PANEL_H};
			count++;
		}
	open_svg(out, count ? count : 1);
	for (size_t i = 0; i < count; i++) {
		set_range(&panels[i], study_target(r->study));
		draw_panel(&panels[i], out);
	}
	text_string(out, "</svg>\n");
}

/* scaling_plot.c: see scaling_plot.h. */
#include "report/scaling_plot.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/scaling_view.h"

#define WIDTH  60
#define HEIGHT 12

struct frame {
	double left, right, bottom, top; /* logarithms */
	char cells[HEIGHT][WIDTH];       /* 0: empty */
};

const struct study_row *scaling_plot_row(const struct study *study)
{
	static const enum metric times[] = {METRIC_CPU, METRIC_WALL};
	for (size_t i = 0; i < 2; i++) {
		const struct study_row *step = study_find(study, SUBJECT_STEP, "step", times[i]);
		if (step && !step->trouble)
			return step;
	}
	for (size_t i = 0; i < study->rows_count; i++)
		if (!study->rows[i].trouble)
			return &study->rows[i];
	return NULL;
}

static void put(struct frame *f, double n, double value, char sign)
{
	double x = (log(n) - f->left) / (f->right - f->left) * (WIDTH - 1);
	double y = (log(value) - f->bottom) / (f->top - f->bottom) * (HEIGHT - 1);
	if (x < 0 || x > WIDTH - 1 || !(y >= 0 && y <= HEIGHT - 1))
		return;
	f->cells[HEIGHT - 1 - (int)lround(y)][(int)lround(x)] = sign;
}

static double law_at(const struct study_row *row, double n)
{
	return fit_value(&row->fit, n);
}

static void set_frame(struct frame *f, const struct study_row *row, double target)
{
	const struct series *s = &row->series;
	f->left = log(s->points[0].n);
	f->right = log(fmax(target, s->points[s->count - 1].n));
	f->bottom = INFINITY;
	f->top = log(law_at(row, target));
	for (size_t i = 0; i < s->count; i++) {
		f->bottom = fmin(f->bottom, log(s->points[i].least));
		f->top = fmax(f->top, log(s->points[i].most));
	}
	f->bottom = fmin(f->bottom, log(law_at(row, s->points[0].n)));
	/* What stays the same is a line in the middle. */
	double spread = f->top - f->bottom < 0.5 ? 0.5 : 0.05 * (f->top - f->bottom);
	f->bottom -= spread;
	f->top += spread;
}

static void draw(struct frame *f, const struct study_row *row, double target)
{
	set_frame(f, row, target);
	double from = row->breaks.found ? row->breaks.at : row->series.points[0].n;
	for (int i = 0; i < WIDTH; i++) {
		double n = exp(f->left + (f->right - f->left) * i / (WIDTH - 1));
		if (n >= from)
			put(f, n, law_at(row, n), '.');
	}
	for (size_t i = 0; i < row->series.count; i++)
		for (size_t k = 0; k < row->series.points[i].count; k++)
			put(f, row->series.points[i].n, row->series.points[i].values[k], 'o');
}

static void write_line(const struct frame *f, int y, const char *label, struct text *out)
{
	size_t columns = text_columns(label);
	text_repeat(out, " ", columns < 12 ? 12 - columns : 0);
	text_printf(out, "%s │", label);
	for (int x = 0; x < WIDTH; x++) {
		char sign = f->cells[y][x];
		text_string(out, sign == 'o' ? "o" : sign ? "·" : " ");
	}
	text_string(out, "\n");
}

void scaling_plot(const struct study *study, double target, struct scaling_writer *w)
{
	const struct study_row *row = scaling_plot_row(study);
	struct frame f = {0};
	if (!row || row->series.points[0].n >= target)
		return;
	draw(&f, row, target);
	enum metric_unit unit = metric_info(row->kind)->unit;
	scaling_heading(w, "o measured, · the law; both axes logarithmic", "%s%s%s", NAME(row));
	text_string(w->out, w->markdown ? "```\n" : "");
	for (int y = 0; y < HEIGHT; y++)
		write_line(&f, y,
		           y == 0            ? scaling_value(unit, exp(f.top)).text
		           : y == HEIGHT - 1 ? scaling_value(unit, exp(f.bottom)).text
		                             : "",
		           w->out);
	text_repeat(w->out, " ", 13);
	text_string(w->out, "└");
	text_repeat(w->out, "─", WIDTH);
	struct unit left = unit_count(llround(exp(f.left))),
	            right = unit_count(llround(exp(f.right)));
	text_printf(w->out, "\n%14s%s%*s\n", "", left.text, (int)(WIDTH - strlen(left.text)),
	            right.text);
	text_string(w->out, w->markdown ? "```\n" : "");
}

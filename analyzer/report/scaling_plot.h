/* scaling_plot.h: measurements and their law as a drawing of characters. */
#ifndef ANALYZER_REPORT_SCALING_PLOT_H
#define ANALYZER_REPORT_SCALING_PLOT_H

#include "report/scaling_writer.h"
#include "scaling/study.h"

/* The row that one drawing of a study shows: the step's time, else the first law; NULL: none. */
const struct study_row *scaling_plot_row(const struct study *study);

/* Draws it up to `target`: o measured, · the law, both axes logarithmic. */
void scaling_plot(const struct study *study, double target, struct scaling_writer *w);

#endif

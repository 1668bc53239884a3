/* study.h: all quantities that were measured at several sizes, and what was found of each.
 *
 *     inputs (traces, CSV, Extra-P) ──study_measure──► rows: path × metric → series
 *                                                        │ study_fit
 *                                                        ▼
 *                                       laws, breaks, predictions ──► plan, crossings, memory, gate
 *
 * A study is of one program in one configuration, against one parameter: `against`. Rows without a
 * law say why in `trouble`. Figures of a study are never changed after study_fit.
 */
#ifndef ANALYZER_SCALING_STUDY_H
#define ANALYZER_SCALING_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "scaling/breaks.h"
#include "scaling/fit.h"
#include "scaling/metric.h"
#include "scaling/series.h"

/* What is fitted. */
struct study_options {
	const char *against;   /* NULL: agents, or the one parameter that the input names */
	const double *predict; /* sizes */
	size_t predict_count;
	bool wide;
	double limit;      /* bytes; 0: that of the traces */
	double cache;      /* bytes of the last level of cache; 0: that of the traces */
	const char *input; /* the name of an input; NULL: by content */
};

struct study_row {
	const char *path, *metric; /* as in JSON; "" where the input names none */
	enum subject subject;
	enum metric kind;
	struct series series;
	double quantum;      /* what a value is rounded to */
	bool nonzero;        /* a value is not 0 */
	size_t last;         /* number of its last value, from 1; of runs */
	const char *trouble; /* why there is no law; NULL: there is one */
	struct fit fit;      /* of the sizes above the last break */
	struct breaks breaks;
	struct fit_prediction *predictions; /* at options.predict, or at study_target */
};

struct study_param {
	const char *name, *value;
};

/* One trace, as it was run. NAN: not known. */
struct study_run {
	const char *source, *identity, *program; /* the file; the run's random name; what ran */
	struct study_param *params;
	size_t params_count;
	double asked, mean, peak; /* sizes: asked for, the mean over steps, at the heap's peak */
	double steps;
	double overhead;      /* the profiler's share of CPU time */
	const char *left_out; /* why it is not in the series; NULL: it is */
	double profiler;      /* bytes of the profiler in the process */
	double density;       /* agents by area; NAN: no area is recorded */
};

/* A value of a run, until it is in a series. */
struct study_value {
	size_t row, run;
	double value, quantum;
};

/* A level of the processor's cache. */
struct study_cache {
	const char *name; /* "L2"; NULL: its size is not known */
	double bytes;
	double left_at; /* the size from which on the working set is larger: 0: all that were
	                   measured; INFINITY: none */
	bool seen;      /* enough of the measured sizes are beyond it (caches.h) */
};

#define STUDY_CACHES 2

enum study_limit { STUDY_NO_LIMIT, STUDY_MACHINE, STUDY_CGROUP, STUDY_ADDRESS_SPACE, STUDY_GIVEN };

struct study {
	const char *against;
	struct study_options options;
	struct study_row *rows;
	size_t rows_count, rows_capacity;
	struct study_run *runs;
	size_t runs_count, runs_capacity;
	struct study_value *values;
	size_t values_count, values_capacity;
	bool asked_told, stepless_told; /* what is said once: sizes are those asked for; no steps */
	struct text along;              /* parameters that change along with `against` */
	const char **warnings;
	size_t warnings_count, warnings_capacity;
	enum study_limit limit_kind;
	double limit;                            /* bytes */
	struct study_cache caches[STUDY_CACHES]; /* the second, and the last one */
	bool by_parts;   /* the heap's peak is predicted by its call-sites, see parts.h */
	double *targets; /* sizes of each row's `predictions` */
	size_t targets_count;
	struct table keys;
	struct string_pool strings;
	struct arena arena;
};

void study_begin(struct study *study, const struct study_options *options);
void study_free(struct study *study);

/* The row of a path and a metric (its name for METRIC_OTHER), made at first sight. Valid until the
 * next call. */
struct study_row *study_row(struct study *study, enum subject subject, const char *path,
                            enum metric kind, const char *metric);

__attribute__((format(printf, 2, 3))) void study_warn(struct study *study, const char *format, ...);

/* Fits every row. False, with `failure` set, if there is no row with a law at all: then its message
 * is that of the first row. */
bool study_fit(struct study *study, struct failure *failure);

/* The row, or NULL. */
const struct study_row *study_find(const struct study *study, enum subject subject,
                                   const char *path, enum metric kind);

/* The largest size of a row's series, and of the study. */
double study_row_largest(const struct study_row *row);
double study_largest(const struct study *study);

/* The size that figures are given at: the largest that predictions are asked for, else 4 times the
 * largest measured. */
double study_target(const struct study *study);

/* What the law of a row says at n. The interval of a time is wider where the working set leaves a
 * cache that it was never seen to leave, see caches.h; the heap's peak may be told by its parts,
 * see parts.h. */
struct fit_prediction study_predict(const struct study *study, const struct study_row *row,
                                    double n);

/* The value of that alone. */
double study_value(const struct study *study, const struct study_row *row, double n);

/* The time that reports speak of, of a phase or step: CPU time where it was measured at every size,
 * else wall time. `like`: any of its rows. */
enum metric study_time(const struct study *study, const struct study_row *like);

#endif

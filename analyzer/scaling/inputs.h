/* inputs.h: what a study can be made from, recognised by content.
 *
 * Each input is a file with two functions (does this look like mine? measure it) and a row of the
 * table in inputs.c:
 *
 *   trace     traces of `memprof run`, each one measurement of everything; also a directory with
 *             run directories in it
 *   manifest  a sweep's list of its runs: {"kind": "memprof-sweep", "param", "points": [{"value",
 *             "repeat", "trace", "status"}]}
 *   jsonl     Extra-P's JSON lines: {"params": {"n": 8}, "metric": "time", "callpath": "a->b",
 *             "value": 1.5}, one measurement a line
 *   extrap    Extra-P's text: PARAMETER, POINTS, REGION, METRIC, DATA
 *   csv       a heading with n and value, and metric and path where there are several
 */
#ifndef ANALYZER_SCALING_INPUTS_H
#define ANALYZER_SCALING_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "scaling/study.h"

struct input {
	const char *name;
	bool (*recognise)(const char *bytes, size_t length);
	/* `path`: for messages, and for what else lies beside it. `bytes` end with a 0. */
	bool (*measure)(struct study *study, const char *path, const char *bytes, size_t length,
	                struct failure *failure);
};

/* The table, ended by a row without a name. */
const struct input *input_all(void);
const struct input *input_find(const char *name);

/* Measures all files and directories. False, with `failure` set, if one of them cannot be read, or
 * they do not make one study. */
bool inputs_measure(struct study *study, char **paths, size_t count, struct failure *failure);

/* ---- the inputs, each in its own file ----------------------------------------------------- */

bool input_trace_recognise(const char *bytes, size_t length);
bool input_trace_measure(struct study *, const char *, const char *, size_t, struct failure *);
bool input_manifest_recognise(const char *bytes, size_t length);
bool input_manifest_measure(struct study *, const char *, const char *, size_t, struct failure *);
bool input_jsonl_recognise(const char *bytes, size_t length);
bool input_jsonl_measure(struct study *, const char *, const char *, size_t, struct failure *);
bool input_extrap_recognise(const char *bytes, size_t length);
bool input_extrap_measure(struct study *, const char *, const char *, size_t, struct failure *);
bool input_csv_recognise(const char *bytes, size_t length);
bool input_csv_measure(struct study *, const char *, const char *, size_t, struct failure *);

/* The parameter that an input names. False, with `failure` set, if the study is against another. */
bool inputs_against(struct study *study, const char *path, const char *name,
                    struct failure *failure);

#endif

/* gate.c: see gate.h. */
#include "scaling/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scaling/outlook.h"

static bool is_named(const struct study_row *row, const char *name)
{
	size_t path = strlen(row->path), length = strlen(name);
	if (strcmp(row->path, name) == 0)
		return true;
	return row->subject == SUBJECT_PHASE && path > length &&
	       row->path[path - length - 1] == '/' && strcmp(row->path + path - length, name) == 0;
}

static bool is_judged(const struct study *study, const struct study_row *row)
{
	if (row->subject == SUBJECT_OTHER)
		return true;
	return (row->subject == SUBJECT_PHASE || row->subject == SUBJECT_STEP) &&
	       row->kind == study_time(study, row);
}

static void judge(struct gates *gates, const struct study_row *row, const struct law *expected)
{
	struct gate gate = {row, expected, GATE_OPEN, NAN};
	if (!row->trouble) {
		bool described = row->fit.exact || row->fit.off <= FIT_OFF;
		gate.above = outlook_above(row, expected);
		if (described && gate.above >= FIT_SURE)
			gate.outcome = GATE_BROKEN;
		else if (described && gate.above <= 1 - FIT_SURE)
			gate.outcome = GATE_KEPT;
	}
	gates->list =
	        mem_grow(gates->list, &gates->capacity, gates->count + 1, sizeof(*gates->list));
	gates->list[gates->count++] = gate;
}

static const struct law *find_law(const char *name)
{
	for (int wide = 0; wide < 2; wide++) {
		struct law_set set = law_set(wide);
		int law = law_find(set, name);
		if (law >= 0)
			return &set.laws[law];
	}
	return NULL;
}

static bool judge_one(struct gates *gates, const struct study *study, const char *name,
                      const char *wanted, struct failure *failure)
{
	const struct law *expected = find_law(wanted);
	size_t before = gates->count;
	if (!expected)
		return failure_set(
		        failure, EXIT_USAGE,
		        "--expect %s=%s: there is no law '%s'; say constant, "
		        "logarithmic, sublinear, linear, linearithmic, quadratic, cubic, "
		        "or a law as reports write it",
		        name, wanted, wanted);
	for (size_t i = 0; i < study->rows_count; i++)
		if (is_named(&study->rows[i], name) && is_judged(study, &study->rows[i]))
			judge(gates, &study->rows[i], expected);
	if (gates->count == before)
		return failure_set(failure, EXIT_USAGE,
		                   "--expect %s=%s: nothing called '%s' was measured", name, wanted,
		                   name);
	return true;
}

bool gates_judge(struct gates *gates, const struct study *study, const char *expectations,
                 struct failure *failure)
{
	char *copy = mem_text(expectations, strlen(expectations)), *rest = copy;
	bool good = true;
	for (char *one; good && (one = strsep(&rest, ","));) {
		/* The last one: a call-site's path may have others. */
		char *equals = strrchr(one, '=');
		if (!equals || equals == one) {
			good = failure_set(failure, EXIT_USAGE,
			                   "--expect wants PHASE=LAW, as observation=linear, not "
			                   "'%s'",
			                   one);
			break;
		}
		*equals = '\0';
		good = judge_one(gates, study, one, equals + 1, failure);
	}
	free(copy);
	return good;
}

void gates_free(struct gates *gates)
{
	free(gates->list);
	*gates = (struct gates){0};
}

enum gate_outcome gates_worst(const struct gates *gates)
{
	enum gate_outcome worst = GATE_KEPT;
	for (size_t i = 0; i < gates->count; i++)
		if (gates->list[i].outcome > worst)
			worst = gates->list[i].outcome;
	return worst;
}

const char *gate_outcome_name(enum gate_outcome outcome)
{
	static const char *const names[] = {"kept", "cannot tell", "broken"};
	return names[outcome];
}

/* gate.h: expectations of laws: `observation=linear,spatial_index=linearithmic`.
 *
 * An expectation names a path (of a phase: whole, or its last part) and the highest law that its
 * time (study_time), or, of a plain measurement, every metric of it, may have. It is broken where
 * the law is higher with a probability of FIT_SURE or more, kept where it is not with such a
 * probability, and open between: which of two lower laws it is does not matter.
 */
#ifndef ANALYZER_SCALING_GATE_H
#define ANALYZER_SCALING_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "scaling/study.h"

enum gate_outcome { GATE_KEPT, GATE_OPEN, GATE_BROKEN };

struct gate {
	const struct study_row *row;
	const struct law *expected;
	enum gate_outcome outcome;
	double above; /* the probability that the law is higher; NAN: there is no law */
};

struct gates {
	struct gate *list;
	size_t count, capacity;
};

/* Judges a list of expectations, parted by commas. False, with `failure` set (usage), where one
 * cannot be read or names nothing that was measured. Adds to `gates`. */
bool gates_judge(struct gates *gates, const struct study *study, const char *expectations,
                 struct failure *failure);
void gates_free(struct gates *gates);

/* The worst outcome; GATE_KEPT of none. */
enum gate_outcome gates_worst(const struct gates *gates);

/* "kept", "cannot tell", "broken" */
const char *gate_outcome_name(enum gate_outcome outcome);

#endif

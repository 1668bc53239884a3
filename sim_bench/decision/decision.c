/* decision/decision.c: the table of kinds; see decision.h. */
#include "decision/decision.h"

#include <string.h>

#include "decision/kinds.h"

static const struct decision_kind *const kinds[] = {&decision_weights, &decision_network,
                                                    &decision_network_batched};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

const struct decision_kind *decision_kind_find(const char *name)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const struct decision_kind *decision_kind_at(size_t i)
{
	return i < KIND_COUNT ? kinds[i] : NULL;
}

struct decider *decider_create(const struct decision_kind *kind,
                               const struct decision_settings *settings)
{
	struct decider *decider = kind->create(settings);
	decider->kind = kind;
	decider->settings = *settings;
	return decider;
}

void decider_destroy(struct decider *decider)
{
	if (decider)
		decider->kind->destroy(decider);
}

/* agents/agent.c: the kinds of agents as tables. */
#include "agents/agent.h"

const char *const agent_kind_names[AGENT_KIND_COUNT] = {
#define KIND_NAME(SYMBOL, NAME, ...) NAME,
        AGENT_KIND_LIST(KIND_NAME)
#undef KIND_NAME
};

const float agent_kind_weights[AGENT_KIND_COUNT][ACTION_COUNT] = {
#define KIND_WEIGHTS(SYMBOL, NAME, ...) {__VA_ARGS__},
        AGENT_KIND_LIST(KIND_WEIGHTS)
#undef KIND_WEIGHTS
};

/* observation/channels.c: the list of channels.h as a table. */
#include "observation/channels.h"

const struct channel_info channel_infos[CHANNEL_COUNT] = {
#define CHANNEL_ROW(SYMBOL, PERSISTENCE, FACTOR) {PERSISTENCE, (float)(FACTOR)},
        CHANNEL_LIST(CHANNEL_ROW)
#undef CHANNEL_ROW
};

/* observation/channels.h: what an agent can see, in one list.
 *
 * An observation has one square grid of float32 for each channel. How a channel lives between
 * observations is its persistence:
 *   INSTANT     emptied before each observation and seen anew
 *   FADING      kept, multiplied by its factor once a step: memory of what was
 *   PERSISTENT  kept until it leaves the window
 * Kept channels move with the agent: what it remembers stays where it was in the world.
 */
#ifndef SIM_OBSERVATION_CHANNELS_H
#define SIM_OBSERVATION_CHANNELS_H

enum persistence { INSTANT, FADING, PERSISTENT };

/* CHANNEL(symbol, persistence, factor a step)  what a cell holds */
#define CHANNEL_LIST(CHANNEL)                                                                      \
	CHANNEL(SELF_HEALTH, INSTANT, 0)   /* own health at the centre, 0…1 */                   \
	CHANNEL(ALLIES, INSTANT, 0)        /* health of agents of one's kind, splatted */          \
	CHANNEL(ENEMIES, INSTANT, 0)       /* health of agents of other kinds, splatted */         \
	CHANNEL(RESOURCES, INSTANT, 0)     /* amount over capacity, splatted */                    \
	CHANNEL(OBSTACLES, INSTANT, 0)     /* 1 where nobody can go */                             \
	CHANNEL(TERRAIN_COST, INSTANT, 0)  /* factor of the cost of a move, 1…2 */               \
	CHANNEL(VISIBILITY, INSTANT, 0)    /* 1 within the disk of sight */                        \
	CHANNEL(KNOWN_EMPTY, FADING, 0.98) /* 1 where nothing was when last seen */                \
	CHANNEL(DAMAGE_HEAT, FADING, 0.85) /* damage dealt there, over full health, splatted */    \
	CHANNEL(TRAILS, FADING, 0.90)      /* where agents were before they moved, splatted */     \
	CHANNEL(ALLY_SIGNAL, FADING, 0.92) /* where allies shared, splatted */                     \
	CHANNEL(GOAL, INSTANT, 0)          /* 1 at the goal, or at the rim in its direction */     \
	CHANNEL(LANDMARKS, PERSISTENT, 1)  /* 1 at a landmark */

enum channel {
#define CHANNEL_ENUM(SYMBOL, PERSISTENCE, FACTOR) CHANNEL_##SYMBOL,
	CHANNEL_LIST(CHANNEL_ENUM)
#undef CHANNEL_ENUM
	        CHANNEL_COUNT
};

struct channel_info {
	enum persistence persistence;
	float factor;
};

extern const struct channel_info channel_infos[CHANNEL_COUNT];

#endif

/* action/kinds.h: what an agent can choose to do, in one list. */
#ifndef SIM_ACTION_KINDS_H
#define SIM_ACTION_KINDS_H

/* ACTION(symbol, name) */
#define ACTION_LIST(ACTION)                                                                        \
	ACTION(MOVE, "move")           /* go in a direction, at most move_reach cells */           \
	ACTION(GATHER, "gather")       /* take from the nearest place that has resources */        \
	ACTION(ATTACK, "attack")       /* hurt the nearest agent of another kind */                \
	ACTION(SHARE, "share")         /* give to the poorest ally nearby */                       \
	ACTION(REPRODUCE, "reproduce") /* have a child */                                          \
	ACTION(DEFEND, "defend")       /* take less damage until the next turn */                  \
	ACTION(PASS, "pass")           /* nothing */

enum action_kind {
#define ACTION_ENUM(SYMBOL, NAME) ACTION_##SYMBOL,
	ACTION_LIST(ACTION_ENUM)
#undef ACTION_ENUM
	        ACTION_COUNT
};

/* Names by kind. */
extern const char *const action_names[ACTION_COUNT];

/* What a decision hands to the world. */
struct choice {
	enum action_kind kind;
	double dx, dy; /* for a move: where to, in cells from here; 0 otherwise */
};

#endif

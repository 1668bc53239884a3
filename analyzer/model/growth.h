/* growth.h: which call-sites hold more and more as a run gets older.
 *
 * A call-site's live bytes at the ends of windows are fitted against its age: the number of steps
 * that had ended, or seconds in a run without steps. Windows that end before the first step, or in
 * which no step ended (clean-up among them) are left out, and so is the last one of a run that
 * ended, since it holds what came after the last step too.
 *
 * A verdict is given on sites that hold at least GROWTH_BYTES_MIN more in the last third of the run
 * than in the first. The slope is fitted by ranks, or by changes where the level remembers
 * (stats/trend.h):
 *
 *   sure     the interval of the slope lies above 0 over the whole run and in its last third, where
 * the slope is still at least 0.8 of what it was before; and what was gained is more than blocks of
 * this site that come and go can make up at any moment likely   as before, but one of these falls
 * short: from 0.5 of the slope before on, or the last third alone proves nothing unsure   it slows
 * down like a cache that fills, is not steady, or may be part of a cycle stopped  it grew, and does
 * not any more: a cache that has filled agents   it grows with the number of agents, and not with
 * age beside that
 *
 * In sampled mode a site that gained less than twice the error of what it holds at the end is
 * unsure: the samples that are live at different times are mostly the same, so noise of them may
 * look like a trend.
 *
 * What comes and goes: by Little's law blocks that were freed held, on average, the sum of their
 * lifetimes × size ÷ age; a level that saws up and down reaches twice its mean. Lifetimes are known
 * by power of two, so this is an upper bound. It matters where windows and a cycle of the program
 * are nearly in step: the ends of windows then show a slow rise that is not there.
 */
#ifndef ANALYZER_MODEL_GROWTH_H
#define ANALYZER_MODEL_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/plane.h"
#include "stats/trend.h"
#include "trace/trace.h"

#define GROWTH_BYTES_MIN  4096
#define GROWTH_POINTS_MIN 8

struct profile;
struct call_site;

/* In the order in which reports list them. */
enum growth_verdict {
	GROWTH_SURE,
	GROWTH_LIKELY,
	GROWTH_UNSURE,
	GROWTH_AGENTS,
	GROWTH_STOPPED,
	GROWTH_NONE, /* not listed */
};

enum memory_limit { LIMIT_NONE, LIMIT_MACHINE, LIMIT_CGROUP, LIMIT_ADDRESS_SPACE };

/* Slopes are bytes per step, or per second in a run without steps. */
struct growth {
	const struct call_site *site;
	enum growth_verdict verdict;
	const char *reason;       /* a few words */
	struct trend whole, late; /* late: the last third */
	double before;            /* slope before the last third */
	double gained;            /* bytes, from the first to the last point */
	double held;              /* live bytes at the last point */
	double swing;             /* upper bound of what comes and goes */
	struct plane parts;       /* x: age, z: agents; NAN unless agents grow */
	double stopped;           /* GROWTH_STOPPED: the age since which it has not grown */
	double limit_age;         /* at which the limit is reached if this site alone goes on */
	double limit_seconds; /* from the last point until then, at the pace of the last third */
};

struct growths {
	bool by_step;
	size_t points;   /* that were fitted */
	double from, to; /* ages of the first and the last */
	double pace;     /* seconds a step in the last third; 1 without steps */
	bool agents_grow;
	struct trend agents; /* agents per step */
	enum memory_limit limit;
	double limit_bytes, limit_base; /* the least limit; RSS at the last point */
	struct growth *rows;            /* by verdict, then by slope, largest first */
	size_t count;
	size_t sure;       /* so many rows, the first ones, are sure */
	size_t unexamined; /* sites with smaller gains than all these, beyond those that are fitted
	                    */
	double sure_slope, sure_limit_age, sure_limit_seconds; /* of all these together */
};

/* Needs the profile's points and call-sites. */
void growths_build(struct growths *growths, const struct profile *profile);
void growths_free(struct growths *growths);

/* "sure", "likely", "cannot tell", "with agents", "stopped" */
const char *growth_verdict_name(enum growth_verdict verdict);

#endif

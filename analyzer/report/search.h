/* search.h: what bears a name like a pattern, whatever its rank. */
#ifndef ANALYZER_REPORT_SEARCH_H
#define ANALYZER_REPORT_SEARCH_H

#include "base/pattern.h"
#include "model/profile.h"

enum found_kind { FOUND_FUNCTION, FOUND_SITE, FOUND_PHASE };

struct found {
	enum found_kind kind;
	size_t index; /* in the profile's functions, sites or phases */
	size_t rank;  /* from 1: functions and phases by self time, call-sites by allocations */
	bool exact;   /* the pattern is its very name */
};

#define SEARCH_NEAR 5

struct search {
	struct found *list; /* by kind; exact ones first, then by rank */
	size_t count, capacity;
	size_t counts[3], ranked[3];   /* found, and all there are, by kind */
	const char *near[SEARCH_NEAR]; /* where nothing was found: names that are nearly so */
	size_t near_count;
};

/* Free with search_free. */
void search_run(struct search *search, const struct profile *p, const struct pattern *pattern);
void search_free(struct search *search);

#endif

/* search.c: see search.h. Names are matched whole and by their last part (observe of
 * Agent::observe, query of observation/spatial_index/query), so that an exact match need not be
 * qualified. */
#include "report/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "report/function_order.h"
#include "report/lists.h"

static const char *last_part(const char *name)
{
	bool anonymous = strncmp(name, CODE_ANONYMOUS, strlen(CODE_ANONYMOUS)) == 0;
	const char *c = anonymous ? name + strlen(CODE_ANONYMOUS) : name, *last = c;
	while (*c && *c != '<' && *c != '(') {
		bool part = *c == '/' || (*c == ':' && c > name && c[-1] == ':');
		last = part ? c + 1 : last;
		c++;
		if (strncmp(c, CODE_ANONYMOUS, strlen(CODE_ANONYMOUS)) == 0)
			c = last = c + strlen(CODE_ANONYMOUS);
	}
	return *last ? last : name;
}

static bool is_exact(const struct pattern *pattern, const char *name)
{
	return pattern_is_exact(pattern, name) || pattern_is_exact(pattern, last_part(name));
}

static void add(struct search *s, enum found_kind kind, size_t index, size_t rank, bool exact)
{
	s->list = mem_grow(s->list, &s->capacity, s->count + 1, sizeof(*s->list));
	s->list[s->count++] = (struct found){kind, index, rank, exact};
	s->counts[kind]++;
}

static void search_functions(struct search *s, const struct profile *p,
                             const struct pattern *pattern)
{
	const struct functions *f = &p->functions;
	const struct function_order *order = function_order_of(p, NULL, false);
	size_t count;
	const struct profile_function **sorted = functions_sorted(p, order, false, &count);
	s->ranked[FOUND_FUNCTION] = count;
	for (size_t i = 0; i < count; i++)
		if (pattern_matches(pattern, sorted[i]->name))
			add(s, FOUND_FUNCTION, (size_t)(sorted[i] - f->list), i + 1,
			    is_exact(pattern, sorted[i]->name));
	free(sorted);
}

static void search_sites(struct search *s, const struct profile *p, const struct pattern *pattern)
{
	const struct call_site **sorted = sites_sorted(p, BY_ALLOCATIONS);
	s->ranked[FOUND_SITE] = p->sites.count;
	for (size_t i = 0; i < p->sites.count; i++) {
		const struct call_site *site = sorted[i];
		if (pattern_matches(pattern, site->label) ||
		    pattern_matches(pattern, site->function))
			add(s, FOUND_SITE, (size_t)(site - p->sites.sites), i + 1,
			    is_exact(pattern, site->function));
	}
	free(sorted);
}

static void search_phases(struct search *s, const struct profile *p, const struct pattern *pattern)
{
	const struct profile_phase **sorted = phases_sorted(p);
	s->ranked[FOUND_PHASE] = p->phases_count;
	for (size_t i = 0; i < p->phases_count; i++)
		if (pattern_matches(pattern, sorted[i]->path) ||
		    pattern_matches(pattern, sorted[i]->name))
			add(s, FOUND_PHASE, (size_t)(sorted[i] - p->phases), i + 1,
			    is_exact(pattern, sorted[i]->path));
	free(sorted);
}

static int compare(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->exact != y->exact)
		return x->exact ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Whole names and last parts of all that can be found. */
static void find_near(struct search *s, const struct profile *p, const char *word)
{
	size_t count = 0, functions = p->functions.count;
	const char **names = mem_zero(2 * (functions + p->phases_count) * sizeof(*names));
	for (size_t i = 0; i < functions; i++) {
		names[count++] = p->functions.list[i].name;
		names[count++] = last_part(p->functions.list[i].name);
	}
	for (size_t i = 0; i < p->phases_count; i++) {
		names[count++] = p->phases[i].path;
		names[count++] = p->phases[i].name;
	}
	s->near_count = near_words(word, names, count, s->near, SEARCH_NEAR);
	free(names);
}

void search_run(struct search *s, const struct profile *p, const struct pattern *pattern)
{
	*s = (struct search){0};
	search_functions(s, p, pattern);
	search_sites(s, p, pattern);
	search_phases(s, p, pattern);
	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list), compare);
	else
		find_near(s, p, pattern->text);
}

void search_free(struct search *s)
{
	free(s->list);
	*s = (struct search){0};
}

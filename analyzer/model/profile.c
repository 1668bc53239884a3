/* profile.c: see profile.h. */
#include "model/profile.h"

#include <stdlib.h>
#include <string.h>

#include "model/parts.h"
#include "symbols/symbol_cache.h"
#include "symbols/symbols.h"

static void use_cache(struct symbols *symbols)
{
	char *directory = symbol_cache_directory();
	symbols_cache(symbols, directory);
	free(directory);
}

struct profile *profile_build(struct trace *trace)
{
	return profile_build_with(trace, NULL);
}

struct profile *profile_build_with(struct trace *trace, const struct profile_options *options)
{
	static const struct rules none;
	const struct rules *categories = options ? options->categories : NULL;
	const struct rules *components = options ? options->components : NULL;
	struct profile *p = mem_zero(sizeof(*p));
	p->trace = trace;
	p->hz = clock_hz(trace);
	p->heap = strcmp(trace->header.mode, "off") != 0;
	p->sampled = strcmp(trace->header.mode, "sampled") == 0;
	struct symbols *symbols = symbols_open();
	if (!options || !options->no_cache)
		use_cache(symbols);
	code_build(&p->code, trace, symbols);
	symbols_close(symbols);
	call_sites_build(&p->sites, trace, &p->code, trace->cells, trace->cells_count);
	call_sites_build(&p->beside, trace, &p->code, trace->other_cells, trace->other_cells_count);
	stacks_build(&p->stacks, p);
	functions_build(&p->functions, p, categories ? categories : &none,
	                components ? components : &none);
	run_build(p);
	growths_build(&p->growths, p);
	phases_build(p);
	waiting_build(p);
	usage_build(p);
	hunts_build(&p->hunts, p);
	warnings_build(p);
	return p;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	call_sites_free(&p->sites);
	call_sites_free(&p->beside);
	functions_free(&p->functions);
	stacks_free(&p->stacks);
	code_free(&p->code);
	growths_free(&p->growths);
	hunts_free(&p->hunts);
	free(p->phases);
	free(p->paths);
	free(p->places);
	free(p->workers);
	free(p->points);
	free(p->slowest);
	free(p->warnings);
	arena_free(&p->arena);
	trace_free(p->trace);
	free(p);
}

bool profile_has_steps(const struct profile *p)
{
	return p->steps.count > 0;
}

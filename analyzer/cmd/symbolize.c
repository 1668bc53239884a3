/* symbolize.c: `analyzer symbolize`. Done twice it does nothing the second time. One resolver
 * serves all traces, so that those of a program's many processes cost little more than one. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "model/symbolize.h"
#include "symbols/symbol_cache.h"
#include "symbols/symbols.h"
#include "trace/append.h"
#include "trace/locate.h"

struct arguments {
	bool verbose, no_cache;
	char **traces;
	size_t traces_count, traces_capacity;
};

enum { KEY_NO_CACHE = 0x100 };

static const struct argp_option options[] = {
        {"verbose", 'v', NULL, 0, "say what was added", 0},
        {"no-cache", KEY_NO_CACHE, NULL, 0, "neither use nor fill the cache of symbols", 0},
        {0},
};

static error_t parse(int key, char *word, struct argp_state *state)
{
	struct arguments *a = state->input;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = command_errors();
		return 0;
	case 'v':
		a->verbose = true;
		return 0;
	case KEY_NO_CACHE:
		a->no_cache = true;
		return 0;
	case ARGP_KEY_ARG:
		a->traces = mem_grow(a->traces, &a->traces_capacity, a->traces_count + 1,
		                     sizeof(*a->traces));
		a->traces[a->traces_count++] = word;
		return 0;
	case ARGP_KEY_END:
		if (!a->traces_count)
			argp_error(state, "give a TRACE: a trace.msgpack or a run directory");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp parser = {
        options,
        parse,
        "TRACE...",
        "Puts the names of functions, their files and lines into traces."
        "\vNames are looked up in the programs and libraries that ran, which must still be there. "
        "Afterwards the trace can be read on any machine. `memprof run` does this by itself when a "
        "run ends.\n\n"
        "Example:\n"
        "  analyzer symbolize trace.msgpack\n",
        NULL,
        NULL,
        NULL};

static bool symbolize(const struct trace *trace, const char *name, bool verbose,
                      struct symbols *symbols, struct failure *failure)
{
	struct code code;
	msgpack_sbuffer records;
	msgpack_sbuffer_init(&records);
	code_build(&code, trace, symbols);
	size_t frames = symbolize_pack(&code, &records);
	bool good = !records.size || trace_append(trace, records.data, records.size, failure);
	if (good && verbose)
		printf("%s: %zu frames named, %zu bytes added\n", name, frames, records.size);
	msgpack_sbuffer_destroy(&records);
	code_free(&code);
	return good;
}

static int symbolize_trace(const char *argument, bool verbose, struct symbols *symbols)
{
	struct failure failure = {0};
	char *path = trace_locate(argument, &failure);
	struct trace *trace = path ? trace_load(path, &failure) : NULL;
	bool good = trace && symbolize(trace, argument, verbose, symbols, &failure);
	trace_free(trace);
	free(path);
	return good ? EXIT_GOOD : command_failed(&failure);
}

int command_symbolize(const char *program, int argc, char **argv)
{
	struct arguments a = {0};
	int code = EXIT_GOOD;
	(void)program;
	command_parse(&parser, argc, argv, 0, &a);
	struct symbols *symbols = symbols_open();
	char *cache = a.no_cache ? NULL : symbol_cache_directory();
	symbols_cache(symbols, cache);
	free(cache);
	for (size_t i = 0; i < a.traces_count; i++) {
		int one = symbolize_trace(a.traces[i], a.verbose, symbols);
		code = one > code ? one : code;
	}
	symbols_close(symbols);
	free(a.traces);
	return code;
}

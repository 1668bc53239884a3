/* cmd_caches.c: memprof caches: what the processor says of its caches, and what is measured.
 *
 * It is a command of its own, and nothing that a run does: the measuring takes longer than many
 * runs, and what it finds follows the neighbours of a virtual machine from minute to minute. */
#include "caches.h"
#include "chase.h"
#include "commands.h"
#include "human.h"
#include "options.h"
#include "paths.h"
#include "say.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Ranges up to that, or twice the last level that the processor tells of. */
#define LARGEST      (64ull << 20)
#define LARGEST_EVER (512ull << 20)

/* CPU time that it takes at most. */
#define SECONDS 1.5

struct measured {
	struct caches told;
	struct chase_point points[CHASE_POINTS_MOST];
	size_t count;
	uint64_t reach; /* 0: cannot be told */
};

static const struct argp_option options[] = {
        {"json", 'j', NULL, 0, "print it as JSON", 0},
        {0},
};

static const char doc[] =
        "Measures for about 1.5 seconds how far the caches of a core reach: the time of a load "
        "that depends on the one before it, by the memory that such loads go about in. A virtual "
        "machine has often less of the last level than the processor says; `analyzer scaling "
        "--cache` takes what is measured."
        "\v"
        "Examples:\n"
        "  memprof caches\n"
        "  taskset -c 3 memprof caches --json\n"
        "\n"
        "Exit status: 0, also when no end of the caches is found; 125 when there is no memory to "
        "measure with; 2 for wrong options.";

static error_t parse(int key, char *argument, struct argp_state *state)
{
	switch (key) {
	case 'j':
		*(bool *)state->input = true;
		return 0;
	case ARGP_KEY_ARG:
		say("caches takes no arguments; '%s' is one too many", argument);
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void measure(struct measured *m)
{
	uint64_t largest = LARGEST;
	m->told = caches_find();
	if (2 * m->told.bytes[CACHES_LEVELS - 1] > largest)
		largest = 2 * m->told.bytes[CACHES_LEVELS - 1];
	m->count =
	        chase_measure(m->points, largest < LARGEST_EVER ? largest : LARGEST_EVER, SECONDS);
	m->reach = chase_reach(m->points, m->count);
}

/* ---- text --------------------------------------------------------------------------------- */

static void print_told(const struct caches *told)
{
	static const char *const names[CACHES_LEVELS] = {"L1d", "L2", "L3"};
	fputs("told      ", stdout);
	for (size_t i = 0; i < CACHES_LEVELS; i++) {
		char size[HUMAN_SIZE] = "not known";
		if (told->bytes[i])
			human_bytes(size, told->bytes[i]);
		printf("%s%s %s", i ? ", " : "", names[i], size);
	}
	putchar('\n');
}

static void print_reach(const struct measured *m, const char *called)
{
	char size[HUMAN_SIZE];
	if (!m->reach) {
		puts("measured  no end of the caches: no range is far slower than the others");
		return;
	}
	human_bytes(size, m->reach);
	printf("measured  up to %s a load takes less than a third of what memory's take\n", size);
	char *quoted = paths_quoted(called);
	printf("\nnext      %s scaling --cache %" PRIu64 "K SWEEP\n", quoted, m->reach >> 10);
	free(quoted);
}

static void print_text(const struct measured *m, const char *called)
{
	print_told(&m->told);
	puts("\n     range  a load");
	for (size_t i = 0; i < m->count; i++) {
		char size[HUMAN_SIZE];
		human_bytes(size, m->points[i].bytes);
		printf("%10s  %6.1f ns%s\n", size, m->points[i].nanoseconds,
		       m->points[i].bytes == m->reach ? "  the caches reach to here" : "");
	}
	putchar('\n');
	print_reach(m, called);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *bytes_or_null(uint64_t bytes)
{
	return bytes ? json_integer((json_int_t)bytes) : json_null();
}

static void print_json(const struct measured *m)
{
	json_t *points = json_array();
	for (size_t i = 0; i < m->count; i++)
		json_array_append_new(points, json_pack("{s:I, s:f}", "bytes",
		                                        (json_int_t)m->points[i].bytes,
		                                        "nanoseconds", m->points[i].nanoseconds));
	json_t *root =
	        json_pack("{s:i, s:{s:o, s:o, s:o}, s:{s:o, s:o}}", "schema_version", 1,
	                  "told_bytes", "l1d", bytes_or_null(m->told.bytes[0]), "l2",
	                  bytes_or_null(m->told.bytes[1]), "l3", bytes_or_null(m->told.bytes[2]),
	                  "measured", "reach_bytes", bytes_or_null(m->reach), "points", points);
	json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(root);
}

int cmd_caches(int argc, char **argv, const char *called)
{
	static const struct argp argp = {
	        .options = options,
	        .parser = parse,
	        .doc = doc,
	        .children = options_common,
	};
	bool json = false;
	struct measured m;
	argv[0] = (char *)"memprof caches";
	if (options_parse(&argp, argc, argv, 0, &json) != 0)
		return EXIT_USAGE;
	measure(&m);
	if (m.count == 0) {
		say("caches: there is no memory to measure with");
		return EXIT_LAUNCHER;
	}
	if (json)
		print_json(&m);
	else
		print_text(&m, called);
	return 0;
}

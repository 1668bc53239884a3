/* analyzer_fuzz.c: bytes of a valid trace are changed, thousands of times, and the analyzer reads,
 * reports and exports what comes out. Nothing may crash, read out of bounds or run away; what the
 * report says is not looked at. Deterministic: the same seed makes the same traces.
 *
 * ANALYZER_FUZZ_ROUNDS sets how many, ANALYZER_FUZZ_SEED which, and ANALYZER_FUZZ_TRACE the trace
 * that is changed, instead of the small one of the other tests. With SAN=address or undefined it is
 * worth what it is meant to be. */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"
#include "export/export.h"
#include "report/report.h"
#include "trace_builder.h"

static uint64_t state;

/* splitmix64 */
static uint64_t next_random(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t below(size_t limit)
{
	return (size_t)(next_random() % limit);
}

static size_t setting(const char *name, size_t otherwise)
{
	const char *value = getenv(name);
	return value ? (size_t)strtoull(value, NULL, 10) : otherwise;
}

/* One of the changes that find most: another byte, a nearby number, a bit, a type, a piece moved.
 */
static void mutate(unsigned char *bytes, size_t length)
{
	static const unsigned char types[] = {0xc0, 0xc1, 0xc4, 0xca, 0xcf, 0xd3, 0xdb,
	                                      0xdd, 0xdf, 0x80, 0x90, 0xff, 0x7f, 0x00};
	size_t at = below(length);
	switch (below(5)) {
	case 0:
		bytes[at] = (unsigned char)next_random();
		break;
	case 1:
		bytes[at] = (unsigned char)(bytes[at] + (below(2) ? 1 : 255));
		break;
	case 2:
		bytes[at] ^= (unsigned char)(1u << below(8));
		break;
	case 3:
		bytes[at] = types[below(sizeof(types))];
		break;
	default: {
		size_t from = below(length), room = length - (from > at ? from : at);
		memmove(bytes + at, bytes + from, below(room < 32 ? room + 1 : 32));
		break;
	}
	}
}

/* Every report is met in every format, as rounds go on; reports that search look for what the
 * sample has. */
static void report_in(const struct profile *p, size_t round)
{
	struct report_options options = {.top = 3,
	                                 .program = "analyzer",
	                                 .trace = "t",
	                                 .terminal = {.width = 80, .colour = true}};
	struct failure failure = {0};
	struct pattern pattern;
	size_t reports = 0;
	while (report_all()[reports].name)
		reports++;
	const struct report *report = &report_all()[round % reports];
	enum report_format format = (enum report_format)(round / reports % 4);
	options.terminal.markdown = format == REPORT_MARKDOWN;
	ck_assert(pattern_parse(&pattern, round % 3 ? "e" : "grid_*", PATTERN_SEARCH, &failure));
	options.searches = &pattern;
	options.searches_count = 1;
	struct text out = {0};
	struct report_set *set = report_set_begin(format, 1);
	report_set_add(set, report, p, &options);
	report_set_end(set, &out);
	text_free(&out);
	pattern_free(&pattern);
}

/* In one format, with the picture of the trace beside itself for those that compare. */
static void export_in(const struct profile *p, const struct exporter *exporter)
{
	struct failure failure = {0};
	struct text out = {0};
	struct export_job job = {.profile = p, .metric = STACK_BYTES, .out = &out};
	job.old = exporter->takes & EXPORT_TAKES_DIFF ? p : NULL;
	export_profile(exporter, job, &failure);
	text_free(&out);
}

/* Reads the trace, with the same bytes as its side file, reports on it and exports it. True
 * if it had a header. */
static bool read_and_report(const char *bytes, size_t length, size_t round)
{
	struct failure failure = {0};
	struct trace *t = trace_parse("fuzz", bytes, length, bytes, length, &failure);
	if (!t)
		return false;
	struct profile *p = profile_build(t);
	report_in(p, round);
	report_in(p, round * 7 + 1);
	export_in(p, export_all()[round % 5]);
	profile_free(p);
	return true;
}

/* The trace to change: a file's bytes, or the sample. */
static void begin_with(struct builder *b)
{
	const char *path = getenv("ANALYZER_FUZZ_TRACE");
	FILE *file = path ? fopen(path, "rb") : NULL;
	char chunk[4096];
	size_t got;
	builder_begin(b);
	if (!path) {
		builder_sample(b);
		return;
	}
	ck_assert_msg(file != NULL, "cannot read %s", path);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		msgpack_sbuffer_write(&b->bytes, chunk, got);
	fclose(file);
}

START_TEST(no_bytes_break_the_analyzer)
{
	size_t rounds = setting("ANALYZER_FUZZ_ROUNDS", 4000), read = 0;
	struct builder b;
	begin_with(&b);
	state = setting("ANALYZER_FUZZ_SEED", 1);
	for (size_t i = 0; i < rounds; i++) {
		/* Its own memory, of just that length: a sanitizer sees what is read beyond. */
		size_t length = below(16) ? b.bytes.size : 1 + below(b.bytes.size);
		char *bytes = malloc(length);
		memcpy(bytes, b.bytes.data, length);
		for (size_t changes = 1 + below(4); changes > 0; changes--)
			mutate((unsigned char *)bytes, length);
		read += read_and_report(bytes, length, i);
		free(bytes);
	}
	builder_end(&b);
	/* If most were refused at the header, little was tested. */
	ck_assert_uint_gt(read, rounds / 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("analyzer: fuzz");
	TCase *tests = tcase_create("fuzz");
	tcase_set_timeout(tests, 600);
	tcase_add_test(tests, no_bytes_break_the_analyzer);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

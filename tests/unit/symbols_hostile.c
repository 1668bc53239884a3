/* symbols_hostile.c: files that were damaged or made up never crash the resolver or make it hang.
 *
 * A small program with debug information is cut short, and changed at random places (the seed is
 * the test's number), most of all in its headers and debug sections; each variant is opened and
 * asked for addresses all over. What it answers does not matter, that it answers does. With the
 * address sanitizer this also finds reads out of bounds.
 */
#include "symbols_fixture.h"

#include <elf.h>

enum { VARIANTS = 150, CUTS = 40 };

static unsigned char original[1 << 20], variant[1 << 20];
static size_t size;

/* Once for all tests: what is built here is inherited by the processes that run them. */
static void build_original(void)
{
	FILE *file;

	make_directory();
	build("program", "g++", "-g -O2", "chain.cc");
	file = fopen(made("program"), "rb");
	size = fread(original, 1, sizeof original, file);
	fclose(file);
	ck_assert_uint_gt(size, 10000);
	ck_assert_uint_lt(size, sizeof original);
}

static void ask(const unsigned char *bytes, size_t length)
{
	struct symbols *symbols = symbols_open();
	struct symbol_frame frames[FRAMES_MAX];
	char path[600];
	FILE *file;
	int module;

	snprintf(path, sizeof path, "%s/variant.%d", fixture_directory, (int)getpid());
	file = fopen(path, "wb");
	fwrite(bytes, 1, length, file);
	fclose(file);
	module = symbols_module(symbols, path, NULL, 0, NULL);
	ck_assert_int_ge(module, 0);
	for (uint64_t address = 0; address < 0x4000; address += 13) {
		size_t count = symbols_resolve(symbols, module, address, frames, FRAMES_MAX);

		ck_assert_uint_le(count, FRAMES_MAX);
		for (size_t i = 0; i < count; i++)
			ck_assert(!frames[i].function || strlen(frames[i].function) < 100000);
	}
	symbols_close(symbols);
	unlink(path);
}

/* Where sections of this kind begin and end in the file; whole file if there is none. */
static void section_span(const char *prefix, size_t *begin, size_t *end)
{
	const Elf64_Ehdr *header = (const void *)original;
	const Elf64_Shdr *sections = (const void *)(original + header->e_shoff);
	const char *names = (const char *)original + sections[header->e_shstrndx].sh_offset;

	*begin = 0;
	*end = size;
	for (size_t i = 0; i < header->e_shnum; i++) {
		if (strcmp(names + sections[i].sh_name, prefix) != 0)
			continue;
		*begin = sections[i].sh_offset;
		*end = *begin + sections[i].sh_size;
	}
}

START_TEST(random_changes)
{
	static const char *const targets[] = {
	        ".debug_info", ".debug_abbrev", ".debug_line",     ".debug_rnglists", ".symtab",
	        ".rela.plt",   ".plt",          "section headers", "anywhere"};
	size_t target = (size_t)_i % (sizeof targets / sizeof targets[0]), begin, end;
	unsigned seed = (unsigned)_i + 1;
	int changes = 1 + rand_r(&seed) % 64;

	section_span(targets[target], &begin, &end);
	if (target == 7) {
		begin = ((const Elf64_Ehdr *)(const void *)original)->e_shoff;
		end = size;
	}
	memcpy(variant, original, size);
	for (int i = 0; i < changes; i++) {
		size_t at = begin + (size_t)rand_r(&seed) % (end - begin);

		variant[at] = (unsigned char)(rand_r(&seed) % 3 ? rand_r(&seed) : 0xff);
	}
	ask(variant, size);
}
END_TEST

START_TEST(cut_short)
{
	ask(original, size * (size_t)_i / CUTS);
}
END_TEST

START_TEST(sections_that_claim_to_be_huge)
{
	const Elf64_Ehdr *header = (const void *)original;
	Elf64_Shdr *sections = (void *)(variant + header->e_shoff);

	memcpy(variant, original, size);
	for (size_t i = 0; i < header->e_shnum; i++)
		sections[i].sh_size = _i % 2 ? UINT64_MAX : sections[i].sh_size * 1000;
	ask(variant, size);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbols_hostile");
	TCase *hostile = tcase_create("hostile");

	/* A variant takes milliseconds: seconds are a hang. */
	tcase_set_timeout(hostile, 20);
	tcase_add_unchecked_fixture(hostile, build_original, remove_directory);
	tcase_add_loop_test(hostile, random_changes, 0, VARIANTS);
	tcase_add_loop_test(hostile, cut_short, 0, CUTS);
	tcase_add_loop_test(hostile, sections_that_claim_to_be_huge, 0, 2);
	suite_add_tcase(suite, hostile);
	return run_suite(suite);
}

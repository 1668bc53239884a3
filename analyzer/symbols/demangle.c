/* demangle.c: libiberty's demangler behind limits.
 *
 * libiberty rather than __cxa_demangle: it is the same code, but a static library of C that brings
 * no libstdc++ into the analyzer, knows Rust, and can leave out the parameters.
 *
 * A linkage name may be hostile: substitutions can make a short one print for ever. So the name's
 * length is limited, which bounds the depth of recursion, and the output is taken through a
 * callback that leaves by longjmp when it becomes too long. That is safe, as libiberty's callback
 * forms allocate nothing but stack. Of stack they take up to 16 bytes for each pair of a template
 * and a reference to a template's parameter in the name, so the number of pairs is limited too.
 */
#include "symbols/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#define LINKAGE_NAME_MAX   8192
#define NAME_MAX_LENGTH    16383
/* Each may be counted twice by libiberty, on both sides: 2 MiB of stack at most. */
#define TEMPLATE_PAIRS_MAX 32768

struct output {
	jmp_buf too_long;
	size_t length;
	char text[NAME_MAX_LENGTH + 1];
};

static void append(const char *text, size_t length, void *opaque)
{
	struct output *output = opaque;

	if (length > NAME_MAX_LENGTH - output->length)
		longjmp(output->too_long, 1);
	memcpy(output->text + output->length, text, length);
	output->length += length;
}

/* Counts what may be templates ('I') and references to parameters ("RT", "OT", or by substitution
 * "RS", "OS"): at least as many as there are. */
static bool fits_the_stack(const char *linkage_name)
{
	size_t templates = 0, references = 0;

	for (const char *p = linkage_name; *p; p++) {
		templates += *p == 'I';
		references += (*p == 'R' || *p == 'O') && (p[1] == 'T' || p[1] == 'S');
	}
	return templates * references <= TEMPLATE_PAIRS_MAX;
}

static bool print_name(const char *linkage_name, struct output *output)
{
	/* libiberty's own limit refuses names beyond 1,024 characters, which templates reach. */
	const int options = DMGL_ANSI | DMGL_NO_RECURSE_LIMIT;

	output->length = 0;
	if (setjmp(output->too_long))
		return false;
	if (rust_demangle_callback(linkage_name, DMGL_NO_OPTS, append, output))
		return true;
	output->length = 0;
	return strncmp(linkage_name, "_Z", 2) == 0 &&
	       cplus_demangle_v3_callback(linkage_name, options, append, output);
}

const char *demangle(struct text_pool *pool, const char *linkage_name)
{
	struct pool_text *entry;
	struct output output;

	if (linkage_name[0] != '_' || strnlen(linkage_name, LINKAGE_NAME_MAX) == LINKAGE_NAME_MAX ||
	    !fits_the_stack(linkage_name))
		return NULL;
	entry = text_pool_entry(pool, linkage_name);
	if (!entry->derived && print_name(linkage_name, &output)) {
		output.text[output.length] = '\0';
		entry->derived = text_pool_keep(pool, output.text);
	}
	return entry->derived;
}

/* producer.c: reads the options of gcc ("GNU C17 12.2.0 -mtune=generic -O2 -g") and of clang with
 * -grecord-command-line ("Debian clang version 14.0.6 /usr/lib/llvm-14/bin/clang -O2 -g a.c"). */
#include "symbols/producer.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool is_optimizing(const char *option, size_t length)
{
	/* -O alone is -O1. */
	return !(length == 3 && (option[2] == '0' || option[2] == 'g'));
}

enum producer_verdict producer_judge(const char *producer)
{
	enum producer_verdict verdict = PRODUCER_UNKNOWN;
	bool is_gcc = strncmp(producer, "GNU ", 4) == 0;
	bool has_list = false;

	if (strncmp(producer, "GNU AS", 6) == 0)
		return PRODUCER_ASSEMBLER;
	for (const char *word = producer; *word; word += strspn(word, " ")) {
		size_t length = strcspn(word, " ");

		has_list = has_list || word[0] == '-';
		if (length >= 2 && strncmp(word, "-O", 2) == 0)
			verdict = is_optimizing(word, length) ? PRODUCER_OPTIMIZED
			                                      : PRODUCER_UNOPTIMIZED;
		word += length;
	}
	if (verdict == PRODUCER_UNKNOWN && is_gcc && has_list)
		return PRODUCER_UNOPTIMIZED;
	return verdict;
}

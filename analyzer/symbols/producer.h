/* producer.h: what a compiler says of itself in DW_AT_producer. */
#ifndef ANALYZER_SYMBOLS_PRODUCER_H
#define ANALYZER_SYMBOLS_PRODUCER_H

enum producer_verdict {
	PRODUCER_UNKNOWN = -1, /* does not say how it was called */
	PRODUCER_UNOPTIMIZED = 0,
	PRODUCER_OPTIMIZED = 1,
	PRODUCER_ASSEMBLER = 2, /* nothing to optimise */
};

/* Judges by the options in the string: the last -O counts; -O0 and -Og are not optimised. gcc lists
 * its options unless told not to, so that its list without a -O means -O0; clang lists them only
 * with -grecord-command-line, and nothing is concluded where there is no list. */
enum producer_verdict producer_judge(const char *producer);

#endif

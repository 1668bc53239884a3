/* near.h: what somebody may have meant who wrote a word that is not there. */
#ifndef ANALYZER_BASE_NEAR_H
#define ANALYZER_BASE_NEAR_H

#include <stddef.h>

/* Letters to add, drop, replace or swap with their neighbour to make one word of the other, upper
 * and lower case aside (the optimal string alignment distance; Boytsov 2011, "Indexing methods for
 * approximate dictionary searching", section 2.2). Of each word the first 256 bytes count. */
size_t near_distance(const char *a, const char *b);

/* The length of the longest part that both words contain, upper and lower case aside (the longest
 * common substring; Gusfield 1997, "Algorithms on Strings, Trees, and Sequences", section 7.4). */
size_t near_common_part(const char *a, const char *b);

/* The `max` words nearest to `word` into `found`, nearest first, each once: first those whose
 * distance is at most a third of the word's length, or 2; then those that share a part with it of
 * at least 4 letters and half of the word, the longest part first. Returns how many. */
size_t near_words(const char *word, const char *const *words, size_t count, const char **found,
                  size_t max);

#endif

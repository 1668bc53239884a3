/* near.c: see near.h. Three rows of the table of distances are kept. */
#include "base/near.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LETTERS_MAX 256
#define FOUND_MAX   16
#define PART_MIN    4
#define NOT_NEAR    SIZE_MAX

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t near_distance(const char *a, const char *b)
{
	size_t rows[3][LETTERS_MAX + 1];
	size_t length_a = strnlen(a, LETTERS_MAX), length_b = strnlen(b, LETTERS_MAX);
	size_t *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t j = 0; j <= length_b; j++)
		last[j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t replaced = last[j - 1] + !same(a[i - 1], b[j - 1]);
			row[j] = least(replaced, 1 + least(last[j], row[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		size_t *oldest = before;
		before = last;
		last = row;
		row = oldest;
	}
	return last[length_b];
}

size_t near_common_part(const char *a, const char *b)
{
	size_t ends[LETTERS_MAX + 1] = {0}, longest = 0;
	size_t length_a = strnlen(a, LETTERS_MAX), length_b = strnlen(b, LETTERS_MAX);
	for (size_t i = 0; i < length_a; i++)
		for (size_t j = length_b; j > 0; j--) {
			ends[j] = same(a[i], b[j - 1]) ? ends[j - 1] + 1 : 0;
			longest = ends[j] > longest ? ends[j] : longest;
		}
	return longest;
}

/* How far a word is from one of `length` letters, to be compared with the like of it: what shares a
 * part comes after all that a few errors explain, and of equal parts the nearer word first. */
static size_t rank_of(const char *word, size_t length, const char *other)
{
	size_t farthest = length / 3 > 2 ? length / 3 : 2;
	size_t distance = near_distance(word, other);
	if (distance <= farthest)
		return distance;
	size_t part = near_common_part(word, other);
	if (part < PART_MIN || 2 * part < length)
		return NOT_NEAR;
	return (1 + length - part) * (LETTERS_MAX + 1) + distance;
}

size_t near_words(const char *word, const char *const *words, size_t count, const char **found,
                  size_t max)
{
	size_t distances[FOUND_MAX], kept = 0, length = strnlen(word, LETTERS_MAX);
	max = max < FOUND_MAX ? max : FOUND_MAX;
	for (size_t i = 0; i < count; i++) {
		size_t distance = rank_of(word, length, words[i]), at = kept;
		if (distance == NOT_NEAR || (kept == max && distance >= distances[max - 1]))
			continue;
		bool known = false;
		for (size_t k = 0; k < kept; k++)
			known = known || strcmp(found[k], words[i]) == 0;
		if (known)
			continue;
		kept += kept < max;
		at = kept - 1;
		for (; at > 0 && distances[at - 1] > distance; at--) {
			distances[at] = distances[at - 1];
			found[at] = found[at - 1];
		}
		distances[at] = distance;
		found[at] = words[i];
	}
	return kept;
}

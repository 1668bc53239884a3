/* intern.c: see intern.h. What is off the fast path: insertion, growth, the move of older tables.
 */
#include "intern.h"

#include "ownmem.h"

#define FIRST_BITS 12u /* 4,096 entries, 64 KiB */
#define SMALL_BITS 18u
#define LAST_BITS  28u
#define PIECE      16u /* entries moved at a time: four cache lines */

/* No number, and not free: what would belong here belongs into a newer table. */
#define CLOSED (1ull << 32)

/* One question to an index. */
struct question {
	struct mp_intern *index;
	const struct mp_intern_kind *kind;
	void *table; /* the region's */
	const struct mp_intern_key *key;
	const void *subject;
};

/* ---- places --------------------------------------------------------------------------------- */

static uint32_t entries_of(const struct mp_intern_table *table)
{
	return mp_intern_mask(table) + 1;
}

static uint64_t load_word(const struct mp_intern_entry *entry)
{
	return __atomic_load_n(&entry->word, __ATOMIC_ACQUIRE);
}

/* Takes a place for a word, if it is free; else tells what stands there. */
static bool take(struct mp_intern_entry *entry, uint64_t *word, uint64_t wanted)
{
	*word = 0;
	return __atomic_compare_exchange_n(&entry->word, word, wanted, false, __ATOMIC_ACQ_REL,
	                                   __ATOMIC_ACQUIRE);
}

/* Is the entry with this word what is asked for? */
static bool is_asked(const struct question *q, const struct mp_intern_entry *entry, uint64_t word)
{
	uint32_t number = mp_intern_number(word);
	uint64_t key = __atomic_load_n(&entry->key, __ATOMIC_RELAXED);
	if (word >> 32 != q->key->more)
		return false;
	if (!key)
		key = q->kind->key_of(q->table, number).key;
	return key == q->key->key &&
	       (!q->kind->same || q->kind->same(q->table, number, q->subject));
}

enum found {
	FOUND,
	FREE,   /* the row ended at a free place */
	ENDED,  /* the row ended at a closed place */
	NO_ROOM /* there is no free place at all */
};

/* Follows the row of the key asked for, to the key or to the row's end. */
static enum found follow(const struct question *q, const struct mp_intern_table *table,
                         struct mp_intern_entry **entry, uint32_t *number)
{
	uint32_t place = (uint32_t)(q->key->hash >> table->shift);
	uint32_t mask = mp_intern_mask(table);
	for (uint32_t i = 0; i <= mask; i++, place = (place + 1) & mask) {
		*entry = &table->entries[place];
		uint64_t word = load_word(*entry);
		if (!mp_intern_number(word))
			return word == CLOSED ? ENDED : FREE;
		if (is_asked(q, *entry, word)) {
			*number = mp_intern_number(word);
			return FOUND;
		}
	}
	return NO_ROOM;
}

/* The number that an older table has for the key asked for. 0: none, and it never will have one,
 * because the end of the key's row is closed. */
static uint32_t find_for_good(const struct question *q, struct mp_intern_table *older)
{
	struct mp_intern_entry *entry;
	uint32_t number = 0;
	uint64_t word;
	while (follow(q, older, &entry, &number) == FREE && !take(entry, &word, CLOSED))
		;
	return number;
}

static uint32_t find_in_older(const struct question *q, const struct mp_intern_table *table)
{
	struct mp_intern_table *older = __atomic_load_n(&table->older, __ATOMIC_ACQUIRE);
	uint32_t number = 0;
	while (older && !(number = find_for_good(q, older)))
		older = __atomic_load_n(&older->older, __ATOMIC_ACQUIRE);
	return number;
}

/* ---- insertion ------------------------------------------------------------------------------ */

/* So full that what is not there would be looked for too long. Only where no larger table was to be
 * had. */
static bool is_full(const struct mp_intern_table *table)
{
	uint32_t entries = entries_of(table);
	return __atomic_load_n(&table->count, __ATOMIC_RELAXED) > entries / 8 * 7;
}

/* Puts what is asked for into a table, unless it is there; its number is in *number, or is made. No
 * other outcomes than FOUND (now it is there), ENDED (there is a newer table), NO_ROOM. */
static enum found put(const struct question *q, struct mp_intern_table *table, uint32_t *number)
{
	struct mp_intern_entry *entry;
	enum found found;
	uint32_t there;
	uint64_t word;
	while ((found = follow(q, table, &entry, &there)) == FREE) {
		if (is_full(table))
			return NO_ROOM;
		if (!*number && !(*number = q->kind->make(q->table, q->key, q->subject)))
			return NO_ROOM;
		if (!take(entry, &word, (uint64_t)q->key->more << 32 | *number))
			continue; /* another was faster: perhaps with the same */
		__atomic_store_n(&entry->key, q->key->key, __ATOMIC_RELAXED);
		__atomic_fetch_add(&table->count, 1, __ATOMIC_RELAXED);
		return FOUND;
	}
	if (found == FOUND)
		*number = there;
	return found;
}

/* ---- growth --------------------------------------------------------------------------------- */

static struct mp_intern_table *newest_of(struct mp_intern *index)
{
	return __atomic_load_n(&index->newest, __ATOMIC_ACQUIRE);
}

/* A move asks for one number, whatever its key. */
static bool same_number(const void *table, uint32_t number, const void *subject)
{
	(void)table;
	return number == *(const uint32_t *)subject;
}

/* Puts what is moved where its row has a place. Only who moves a piece puts there what is in it, so
 * it need not be looked for. False: the row's end is closed, or the table is full. */
static bool put_moved(struct mp_intern_table *table, const struct mp_intern_key *key,
                      uint32_t number)
{
	uint32_t mask = mp_intern_mask(table), place = (uint32_t)(key->hash >> table->shift);
	uint64_t word = 0;
	if (is_full(table))
		return false;
	while (!take(&table->entries[place], &word, (uint64_t)key->more << 32 | number)) {
		if (word == CLOSED)
			return false;
		place = (place + 1) & mask;
	}
	__atomic_store_n(&table->entries[place].key, key->key, __ATOMIC_RELAXED);
	__atomic_fetch_add(&table->count, 1, __ATOMIC_RELAXED);
	return true;
}

/* Copies what a word stands for to the newest table. */
static void move_number(const struct question *q, uint32_t number)
{
	struct mp_intern_key key = q->kind->key_of(q->table, number);
	if (put_moved(newest_of(q->index), &key, number))
		return;
	const struct mp_intern_kind known = {.key_of = q->kind->key_of, .same = same_number};
	struct question moved = {q->index, &known, q->table, &key, &number};
	while (put(&moved, newest_of(q->index), &number) == ENDED)
		;
}

static void move_piece(const struct question *q, struct mp_intern_table *from, uint32_t piece)
{
	struct mp_intern_entry *entry = &from->entries[piece * PIECE];
	for (uint32_t i = 0; i < PIECE; i++, entry++) {
		uint64_t word = load_word(entry);
		if (word == 0 && take(entry, &word, CLOSED))
			continue;
		if (mp_intern_number(word))
			move_number(q, mp_intern_number(word));
	}
}

/* Moves a piece of what lies behind `table`, the oldest first, and lets go of what has been moved
 * whole. */
static void move_some(const struct question *q, struct mp_intern_table *table)
{
	struct mp_intern_table *older = __atomic_load_n(&table->older, __ATOMIC_ACQUIRE);
	if (!older)
		return;
	move_some(q, older);
	uint32_t pieces = entries_of(older) / PIECE;
	if (__atomic_load_n(&table->moving, __ATOMIC_RELAXED) < pieces) {
		uint32_t piece = __atomic_fetch_add(&table->moving, 1, __ATOMIC_RELAXED);
		if (piece < pieces) {
			move_piece(q, older, piece);
			__atomic_fetch_add(&table->moved, 1, __ATOMIC_RELEASE);
		}
	}
	if (__atomic_load_n(&table->moved, __ATOMIC_ACQUIRE) == pieces &&
	    !__atomic_load_n(&older->older, __ATOMIC_ACQUIRE))
		__atomic_store_n(&table->older, NULL, __ATOMIC_RELEASE);
}

/* Entries, and what is known of them behind. */
static struct mp_intern_table *make_table(uint32_t bits, size_t *bytes)
{
	size_t entries = sizeof(struct mp_intern_entry) << bits;
	*bytes = entries + sizeof(struct mp_intern_table);
	char *pages = mp_own_map(*bytes);
	if (!pages)
		return NULL;
	if (bits <= SMALL_BITS)
		mp_own_populate(pages, entries); /* keys go everywhere */
	struct mp_intern_table *table = (struct mp_intern_table *)(pages + entries);
	table->entries = (struct mp_intern_entry *)pages;
	table->shift = 64 - bits;
	return table;
}

/* Puts a larger table before the newest, where there is memory for it. Returns what is then the
 * newest. Small ones grow by four, so that what is in them is moved less often. */
static struct mp_intern_table *grow(struct mp_intern *index, struct mp_intern_table *newest)
{
	uint32_t was = newest ? 64 - newest->shift : 0;
	uint32_t bits = !newest ? FIRST_BITS : was < SMALL_BITS ? was + 2 : was + 1;
	size_t bytes;
	struct mp_intern_table *table = bits <= LAST_BITS ? make_table(bits, &bytes) : NULL;
	if (!table)
		return newest;
	table->older = newest;
	if (__atomic_compare_exchange_n(&index->newest, &newest, table, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		return table;
	mp_own_unmap(table->entries, bytes);
	return newest;
}

/* Rows get long: a new key looks at about four entries. */
static bool is_crowded(const struct mp_intern_table *table)
{
	uint32_t entries = entries_of(table);
	return __atomic_load_n(&table->count, __ATOMIC_RELAXED) > entries / 8 * 5;
}

uint32_t mp_intern_elsewhere(struct mp_intern *index, const struct mp_intern_key *key,
                             const struct mp_intern_kind *kind, void *region_table,
                             const void *subject)
{
	const struct question q = {index, kind, region_table, key, subject};
	uint32_t number = 0;
	enum found found;
	do {
		struct mp_intern_table *table = newest_of(index);
		if (!table || is_crowded(table))
			table = grow(index, table);
		if (!table)
			return 0;
		move_some(&q, table);
		uint32_t older = find_in_older(&q, table);
		if (older)
			return older;
		found = put(&q, table, &number);
	} while (found == ENDED);
	return found == FOUND ? number : 0;
}

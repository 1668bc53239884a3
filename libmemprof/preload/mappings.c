/* mappings.c: see mappings.h. */
#include "mappings.h"
#include "beside.h"
#include "os.h"
#include "ownmem.h"

/* What was mapped by one call; several parts may be left of it. */
struct mapping {
	struct mp_tally tally;
	uint32_t parts;
};

/* Intervals and mappings are cut off chunks, and kept when they are done with. */
union mp_mapping_piece {
	struct mp_interval interval;
	struct mapping mapping;
	union mp_mapping_piece *next;
};
#define CHUNK_PIECES 1024u

/* ---- the lock -------------------------------------------------------------------------------- */

static bool lock(const struct mp_beside *event, struct mp_mappings *table)
{
	if (mp_patient_lock(&table->lock, event->nested))
		return true;
	__atomic_fetch_add(&event->region->mappings_missed, 1, __ATOMIC_RELAXED);
	return false;
}

static struct mp_mappings *the_table(void)
{
	return &mp_process_page.process.mappings;
}

/* Begins an event with the table locked. */
static bool begin(struct mp_beside *event)
{
	if (!mp_beside_enter(event))
		return false;
	if (lock(event, the_table()))
		return true;
	mp_beside_leave(event);
	return false;
}

/* The same for one whose stack is needed. That is taken before, since it may be audited, for which
 * the loader's lock is taken, whose holder may be waiting for the table. */
static bool begin_here(struct mp_beside *event, struct mp_tally *tally, MP_SITE_PARAMETERS)
{
	if (!mp_beside_enter(event))
		return false;
	if (!mp_beside_tally(event, MP_CELL_KIND_MAPPED, tally, MP_SITE_ARGUMENTS))
		mp_overflowed(event->region);
	else if (lock(event, the_table()))
		return true;
	mp_beside_leave(event);
	return false;
}

static void end(const struct mp_beside *event)
{
	mp_patient_unlock(&the_table()->lock);
	mp_beside_leave(event);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void keep_piece(struct mp_mappings *table, union mp_mapping_piece *piece)
{
	piece->next = table->spare;
	table->spare = piece;
}

static union mp_mapping_piece *new_piece(struct mp_mappings *table)
{
	union mp_mapping_piece *piece = table->spare;
	if (!piece) {
		union mp_mapping_piece *chunk = mp_own_map(CHUNK_PIECES * sizeof(*chunk));
		if (!chunk)
			return NULL;
		for (uint32_t i = 0; i < CHUNK_PIECES; i++)
			keep_piece(table, &chunk[i]);
		piece = table->spare;
	}
	table->spare = piece->next;
	return piece;
}

static void drop_part(struct mp_mappings *table, struct mp_interval *part)
{
	struct mapping *mapping = part->owner;
	if (--mapping->parts == 0)
		keep_piece(table, (union mp_mapping_piece *)mapping);
	keep_piece(table, (union mp_mapping_piece *)part);
}

/* ---- cutting --------------------------------------------------------------------------------- */

static bool divide(struct mp_mappings *table, uintptr_t at)
{
	union mp_mapping_piece *second = new_piece(table);
	if (!second)
		return false;
	if (mp_intervals_divide(&table->tree, at, &second->interval))
		((struct mapping *)second->interval.owner)->parts++;
	else
		keep_piece(table, second);
	return true;
}

static struct mp_interval *cut_out(const struct mp_beside *event, struct mp_mappings *table,
                                   uintptr_t start, size_t bytes)
{
	uintptr_t last;
	if (!bytes || __builtin_add_overflow(start, bytes, &last))
		return NULL;
	if (divide(table, start) && divide(table, last))
		return mp_intervals_take(&table->tree, start, last);
	mp_overflowed(event->region);
	return NULL;
}

struct mp_mappings_cut mp_mappings_cut(uintptr_t start, size_t bytes)
{
	struct mp_mappings_cut cut = {NULL};
	struct mp_beside event;
	if (!begin(&event))
		return cut;
	cut.parts = cut_out(&event, the_table(), start, bytes);
	end(&event);
	return cut;
}

void mp_mappings_restore(struct mp_mappings_cut cut)
{
	struct mp_beside event;
	struct mp_interval *part;
	if (!cut.parts || !begin(&event))
		return;
	/* One by one: another thread may have mapped something in a gap between them. */
	while ((part = mp_intervals_pop(&cut.parts)) != NULL)
		mp_intervals_put(&the_table()->tree, part);
	end(&event);
}

/* ---- counting -------------------------------------------------------------------------------- */

static void drop_parts(const struct mp_beside *event, struct mp_mappings *table,
                       struct mp_interval *parts)
{
	struct mp_interval *part;
	while ((part = mp_intervals_pop(&parts)) != NULL) {
		struct mapping *mapping = part->owner;
		uint64_t bytes = part->end - part->start;
		mp_beside_went(event, &mapping->tally, bytes, bytes, mapping->parts == 1);
		drop_part(table, part);
	}
}

void mp_mappings_gone(struct mp_mappings_cut cut)
{
	struct mp_beside event;
	if (!cut.parts || !begin(&event))
		return;
	drop_parts(&event, the_table(), cut.parts);
	end(&event);
}

/* A mapping of one part; NULL: no room. */
static struct mapping *put_mapping(const struct mp_beside *event, struct mp_mappings *table,
                                   const struct mp_tally *tally, uintptr_t start, size_t bytes)
{
	/* Whatever is known there must have gone by a way that does not lead here. */
	drop_parts(event, table, cut_out(event, table, start, bytes));
	union mp_mapping_piece *mapping = new_piece(table),
	                       *part = mapping ? new_piece(table) : NULL;
	if (!part) {
		if (mapping)
			keep_piece(table, mapping);
		mp_overflowed(event->region);
		return NULL;
	}
	mapping->mapping = (struct mapping){.tally = *tally, .parts = 1};
	part->interval = (struct mp_interval){
	        .start = start, .end = start + bytes, .owner = &mapping->mapping};
	mp_intervals_put(&table->tree, &part->interval);
	return &mapping->mapping;
}

void mp_mappings_came(uintptr_t start, size_t bytes, MP_SITE_PARAMETERS)
{
	struct mp_beside event;
	struct mp_tally tally;
	if (!begin_here(&event, &tally, MP_SITE_ARGUMENTS))
		return;
	if (put_mapping(&event, the_table(), &tally, start, bytes))
		mp_beside_came(&event, &tally, bytes, bytes);
	end(&event);
}

void mp_mappings_moved(struct mp_mappings_cut cut, uintptr_t to, size_t bytes, MP_SITE_PARAMETERS)
{
	struct mp_beside event;
	struct mp_tally tally;
	struct mp_interval *part;
	if (!cut.parts || !begin_here(&event, &tally, MP_SITE_ARGUMENTS))
		return;
	struct mp_mappings *table = the_table();
	/* Its lifetime is that of what was moved. */
	tally.origin = ((struct mapping *)cut.parts->owner)->tally.origin;
	if (put_mapping(&event, table, &tally, to, bytes))
		mp_beside_moved_in(&event, &tally, bytes);
	while ((part = mp_intervals_pop(&cut.parts)) != NULL) {
		struct mapping *from = part->owner;
		mp_beside_moved_out(&event, &from->tally, part->end - part->start,
		                    from->parts == 1);
		drop_part(table, part);
	}
	end(&event);
}

bool mp_mappings_has(uintptr_t address)
{
	struct mp_beside event;
	if (!begin(&event))
		return false;
	bool has = mp_intervals_at(the_table()->tree, address) != NULL;
	end(&event);
	return has;
}

/* journal.c: the growing lists of journal.h. */
#include "journal.h"

#include "memory.h"

/* The next capacity of a list: doubling, from 8. */
static size_t grown(size_t capacity)
{
	return capacity ? capacity * 2 : 8;
}

void journal_add_action(struct journal *journal, const struct action_record *record)
{
	if (journal->action_count == journal->action_capacity) {
		journal->action_capacity = grown(journal->action_capacity);
		journal->actions =
		        NEED(realloc(journal->actions, journal->action_capacity * sizeof *record));
	}
	journal->actions[journal->action_count++] = *record;
}

void journal_add_incident(struct journal *journal, const struct incident_record *record)
{
	if (journal->incident_count == journal->incident_capacity) {
		journal->incident_capacity = grown(journal->incident_capacity);
		journal->incidents = NEED(
		        realloc(journal->incidents, journal->incident_capacity * sizeof *record));
	}
	journal->incidents[journal->incident_count++] = *record;
}

void journal_add_death(struct journal *journal, uint32_t agent)
{
	if (journal->death_count == journal->death_capacity) {
		journal->death_capacity = grown(journal->death_capacity);
		journal->deaths =
		        NEED(realloc(journal->deaths, journal->death_capacity * sizeof agent));
	}
	journal->deaths[journal->death_count++] = agent;
}

void journal_clear(struct journal *journal)
{
	free(journal->actions);
	free(journal->incidents);
	free(journal->deaths);
	*journal = (struct journal){0};
}

/* names.c: see names.h. */
#include "names.h"
#include "process.h"

#include <string.h>

struct span {
	const char *bytes;
	size_t length;
};

static bool name_same(const void *table, uint32_t number, const void *subject)
{
	const struct span *span = subject;
	const char *name = (const char *)table + number;
	return memcmp(name, span->bytes, span->length) == 0 && name[span->length] == '\0';
}

static uint32_t name_make(void *table, const struct mp_intern_key *key, const void *subject)
{
	(void)key;
	const struct span *span = subject;
	struct mp_region *region = mp_region();
	uint32_t bytes = (uint32_t)span->length + 1;
	uint32_t at = __atomic_load_n(&region->names_used, __ATOMIC_RELAXED);
	do {
		/* A margin behind the last name, so that a comparison may run past its end. */
		if (at + bytes + MP_PATH_MAX + 1 > region->names_max) {
			mp_overflowed(region);
			return 0;
		}
	} while (!__atomic_compare_exchange_n(&region->names_used, &at, at + bytes, true,
	                                      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	memcpy((char *)table + at, span->bytes, span->length);
	return at;
}

static struct mp_intern_key key_of(const struct span *span)
{
	uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */
	for (size_t i = 0; i < span->length; i++)
		h = (h ^ (unsigned char)span->bytes[i]) * 0x100000001b3ull;
	h = mp_intern_hash(h, span->length);
	return (struct mp_intern_key){h, h | 1, (uint32_t)span->length};
}

static struct mp_intern_key name_key(const void *table, uint32_t number)
{
	const char *name = (const char *)table + number;
	return key_of(&(struct span){name, strnlen(name, MP_PATH_MAX)});
}

static const struct mp_intern_kind names = {
        .make = name_make, .key_of = name_key, .same = name_same};

static uint32_t intern_span(const char *string, size_t longest)
{
	struct mp_region *region = mp_region();
	struct span span = {string, strnlen(string, longest)};
	if (!region || !span.length)
		return 0;
	const struct mp_intern_key key = key_of(&span);
	return mp_intern(&mp_process_page.process.names, &key, &names,
	                 mp_at(region, region->names_at), &span);
}

uint32_t mp_name_intern(const char *string)
{
	return intern_span(string, MP_PATH_MAX);
}

uint32_t mp_name_of_program(const char *name)
{
	return name ? intern_span(name, MP_NAME_MAX) : 0;
}

/* A name that stands there already. */
static uint32_t name_there(void *table, const struct mp_intern_key *key, const void *subject)
{
	(void)key;
	return (uint32_t)(((const struct span *)subject)->bytes - (const char *)table);
}

void mp_names_index(void)
{
	static const struct mp_intern_kind there = {
	        .make = name_there, .key_of = name_key, .same = name_same};
	struct mp_region *region = mp_region();
	char *bytes = mp_at(region, region->names_at);
	for (uint32_t at = 1; at < region->names_used;) {
		struct span span = {bytes + at, strnlen(bytes + at, MP_PATH_MAX)};
		const struct mp_intern_key key = key_of(&span);
		if (span.length)
			(void)mp_intern(&mp_process_page.process.names, &key, &there, bytes, &span);
		at += (uint32_t)span.length + 1;
	}
}

/* names.c: see names.h. */
#include "names.h"
#include "process.h"

#include <string.h>

struct span {
	const char *bytes;
	size_t length;
};

static bool name_equal(void *context, uint32_t number, const void *key)
{
	const struct span *span = key;
	const char *name = (const char *)context + number;
	return memcmp(name, span->bytes, span->length) == 0 && name[span->length] == '\0';
}

static uint32_t name_make(void *context, const void *key)
{
	const struct span *span = key;
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
	memcpy((char *)context + at, span->bytes, span->length);
	return at;
}

static uint64_t name_hash(const struct span *span)
{
	uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */
	for (size_t i = 0; i < span->length; i++)
		h = (h ^ (unsigned char)span->bytes[i]) * 0x100000001b3ull;
	return mp_intern_hash(h, span->length);
}

static uint32_t intern_span(const char *string, size_t longest)
{
	struct mp_region *region = mp_region();
	struct span span = {string, strnlen(string, longest)};
	if (!region || !span.length)
		return 0;
	return mp_intern(&mp_process_page.process.names, name_hash(&span), name_equal, name_make,
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
static uint32_t name_there(void *context, const void *key)
{
	return (uint32_t)(((const struct span *)key)->bytes - (const char *)context);
}

void mp_names_index(void)
{
	struct mp_region *region = mp_region();
	char *names = mp_at(region, region->names_at);
	for (uint32_t at = 1; at < region->names_used;) {
		struct span span = {names + at, strnlen(names + at, MP_PATH_MAX)};
		if (span.length)
			(void)mp_intern(&mp_process_page.process.names, name_hash(&span),
			                name_equal, name_there, names, &span);
		at += (uint32_t)span.length + 1;
	}
}

/* caches.c: see caches.h.
 *
 * The kernel tells each cache with its level, its type and its size. Virtual machines often hide
 * that; there the processor is asked: first by the leaf that describes caches one by one (4, or
 * AMD's 0x8000001d), then by AMD's old leaves. Those give level 3 as the sum over the package, of
 * which a core has a part that they do not tell: it stays unknown. */
#include "caches.h"

#include <cpuid.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define INDEXES_MOST 16 /* caches of a core; there are about four */

enum { TYPE_NONE, TYPE_DATA, TYPE_INSTRUCTIONS, TYPE_UNIFIED };

static void note(struct caches *caches, unsigned level, uint64_t bytes)
{
	if (level >= 1 && level <= CACHES_LEVELS)
		caches->bytes[level - 1] = bytes;
}

static bool is_known(const struct caches *caches)
{
	return caches->bytes[0] || caches->bytes[1];
}

/* ---- what the kernel tells ---------------------------------------------------------------- */

/* The first word of a file of an index; false where there is none. */
static bool read_word(const char *directory, int index, const char *name, char word[32])
{
	char path[4096];
	snprintf(path, sizeof path, "%s/index%d/%s", directory, index, name);
	FILE *in = fopen(path, "re");
	bool got = in && fscanf(in, "%31s", word) == 1;
	if (in)
		fclose(in);
	return got;
}

struct caches caches_read(const char *directory)
{
	struct caches caches = {0};
	char level[32], type[32], size[32];
	for (int i = 0; i < INDEXES_MOST && read_word(directory, i, "level", level); i++) {
		unsigned number = 0;
		uint64_t bytes = 0;
		char unit = '\0';
		if (read_word(directory, i, "type", type) && strcmp(type, "Instruction") != 0 &&
		    read_word(directory, i, "size", size) && sscanf(level, "%u", &number) == 1 &&
		    sscanf(size, "%" SCNu64 "%c", &bytes, &unit) >= 1)
			note(&caches, number,
			     bytes << (unit == 'K'   ? 10
			               : unit == 'M' ? 20
			               : unit == 'G' ? 30
			                             : 0));
	}
	return caches;
}

/* ---- what the processor tells ------------------------------------------------------------- */

/* Intel's "deterministic cache parameters", which AMD has under another number. */
static struct caches read_leaf(unsigned leaf)
{
	struct caches caches = {0};
	unsigned a, b, c, d;
	for (unsigned i = 0; i < INDEXES_MOST && __get_cpuid_count(leaf, i, &a, &b, &c, &d); i++) {
		if ((a & 31) == TYPE_NONE)
			break;
		uint64_t ways = (b >> 22) + 1, parts = ((b >> 12) & 1023) + 1,
		         line = (b & 4095) + 1, sets = (uint64_t)c + 1;
		if ((a & 31) != TYPE_INSTRUCTIONS)
			note(&caches, (a >> 5) & 7, ways * parts * line * sets);
	}
	return caches;
}

static struct caches read_old_leaves(void)
{
	struct caches caches = {0};
	unsigned a, b, c, d;
	if (__get_cpuid(0x80000005, &a, &b, &c, &d))
		note(&caches, 1, (uint64_t)(c >> 24) << 10);
	if (__get_cpuid(0x80000006, &a, &b, &c, &d))
		note(&caches, 2, (uint64_t)(c >> 16) << 10);
	return caches;
}

struct caches caches_find(void)
{
	char directory[64];
	cpu_set_t set;
	int cpu = 0;
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &set))
			cpu++;
	snprintf(directory, sizeof directory, "/sys/devices/system/cpu/cpu%d/cache", cpu);
	struct caches caches = caches_read(directory);
	if (!is_known(&caches))
		caches = read_leaf(4);
	if (!is_known(&caches))
		caches = read_leaf(0x8000001d);
	if (!is_known(&caches))
		caches = read_old_leaves();
	return caches;
}

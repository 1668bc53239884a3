/* perf_map.c: see perf_map.h. Code moves, and its place is used again: a later line stands for what
 * is there in the end. */
#include "symbols/perf_map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "symbols/range_map.h"
#include "symbols/text_pool.h"

#define LINES_MAX 4000000 /* no honest process makes so much code */

struct perf_map {
	struct symbol_frame *frames;
	size_t count, capacity;
	struct range_map ranges; /* of indices into frames */
	struct text_pool pool;
};

/* ---- names -------------------------------------------------------------------------------- */

static const char *keep(struct perf_map *map, const char *from, size_t length)
{
	char *copy = mem_text(from, length);
	const char *kept = text_pool_keep(&map->pool, copy);
	free(copy);
	return kept;
}

/* py::FUNCTION:FILE */
static bool take_python(struct perf_map *map, const char *name, struct symbol_frame *frame)
{
	const char *file = strncmp(name, "py::", 4) == 0 ? strchr(name + 4, ':') : NULL;
	if (!file)
		return false;
	frame->function = keep(map, name + 4, (size_t)(file - name - 4));
	frame->file = keep(map, file + 1, strlen(file + 1));
	return true;
}

/* The digits before `end`, and the colon before them; NULL if that is not what stands there. */
static const char *number_before(const char *begin, const char *end)
{
	const char *at = end;
	while (at > begin && at[-1] >= '0' && at[-1] <= '9')
		at--;
	return at < end && at > begin && at[-1] == ':' ? at - 1 : NULL;
}

/* WORD:*FUNCTION FILE:LINE:COLUMN; the sign tells how the code was made, and may be absent. */
static bool take_javascript(struct perf_map *map, const char *name, struct symbol_frame *frame)
{
	static const char *const words[] = {"JS:", "LazyCompile:", "Function:", "Script:", "Eval:"};
	const char *function = NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !function; i++)
		if (strncmp(name, words[i], strlen(words[i])) == 0)
			function = name + strlen(words[i]);
	if (!function)
		return false;
	function += strspn(function, "*~^+");
	const char *blank = strchr(function, ' '), *end = function + strlen(function);
	const char *column = blank ? number_before(blank, end) : NULL;
	const char *line = column ? number_before(blank, column) : NULL;
	if (!line)
		return false;
	const char *file = blank + 1;
	file += strncmp(file, "file://", 7) == 0 ? 7 : 0;
	if (file > line)
		return false;
	frame->function =
	        blank > function ? keep(map, function, (size_t)(blank - function)) : "(anonymous)";
	frame->file = keep(map, file, (size_t)(line - file));
	frame->function_line = frame->line = (unsigned)strtoul(line + 1, NULL, 10);
	return true;
}

/* ---- lines -------------------------------------------------------------------------------- */

static void take_line(struct perf_map *map, char *line)
{
	char *end;
	uint64_t start = strtoull(line, &end, 16);
	if (end == line || *end != ' ')
		return;
	char *name = end + 1;
	uint64_t size = strtoull(end + 1, &name, 16);
	if (name == end + 1 || *name != ' ' || !size || start + size < start)
		return;
	name++;
	name[strcspn(name, "\r\n")] = '\0';
	if (!*name)
		return;
	map->frames = mem_grow(map->frames, &map->capacity, map->count + 1, sizeof(*map->frames));
	struct symbol_frame *frame = &map->frames[map->count];
	*frame = (struct symbol_frame){0};
	if (!take_python(map, name, frame) && !take_javascript(map, name, frame))
		frame->function = keep(map, name, strlen(name));
	if (range_map_add(&map->ranges, start, start + size, (uint32_t)map->count))
		map->count++;
}

static bool is_believed(FILE *file, int64_t since, int64_t until)
{
	struct stat status;
	return fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) &&
	       (status.st_uid == geteuid() || geteuid() == 0) && status.st_mtim.tv_sec >= since &&
	       status.st_mtim.tv_sec <= until;
}

struct perf_map *perf_map_read(const char *path, int64_t since, int64_t until)
{
	FILE *file = fopen(path, "re");
	struct perf_map *map = NULL;
	char *line = NULL;
	size_t size = 0;
	if (file && is_believed(file, since, until)) {
		map = mem_zero(sizeof(*map));
		for (size_t lines = 0; lines < LINES_MAX && getline(&line, &size, file) >= 0;
		     lines++)
			take_line(map, line);
		range_map_seal(&map->ranges);
	}
	free(line);
	if (file)
		fclose(file);
	return map;
}

struct perf_map *perf_map_open(int64_t pid, int64_t since, int64_t until)
{
	char path[64];
	snprintf(path, sizeof(path), "/tmp/perf-%" PRId64 ".map", pid);
	return pid > 0 ? perf_map_read(path, since, until) : NULL;
}

bool perf_map_find(const struct perf_map *map, uint64_t address, struct symbol_frame *out)
{
	uint32_t index = range_map_find(&map->ranges, address);
	if (index == RANGE_MAP_NONE)
		return false;
	*out = map->frames[index];
	return true;
}

void perf_map_close(struct perf_map *map)
{
	if (!map)
		return;
	free(map->frames);
	range_map_clear(&map->ranges);
	text_pool_clear(&map->pool);
	free(map);
}

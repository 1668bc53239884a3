/* symbol_cache.c: see symbol_cache.h.
 *
 *     head │ addresses, ascending │ frames │ strings, each ended by a 0; the first is ""
 *
 * An address names a run of frames, a frame two strings by their offsets. The head has a checksum
 * of all that follows it, and the counts; a file is believed if the checksum is right and every
 * number in it lies within its bounds. Numbers are the machine's own: a cache does not travel.
 */
#include "symbols/symbol_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"

#define MAGIC   0x6d70736d79ull
#define VERSION 1

struct head {
	uint64_t magic;
	uint32_t version, checksum;
	uint32_t addresses, frames, strings; /* the last in bytes */
	int32_t optimized;
	uint32_t producer, id_length;
	uint8_t id[BUILD_ID_MAX];
};

struct kept_address {
	uint64_t address;
	uint32_t first, count;
};

struct kept_frame {
	uint32_t function, file, line, function_line;
};

struct addition {
	uint64_t address;
	struct symbol_frame *frames;
	size_t count;
};

struct symbol_cache {
	struct build_id id;
	char *directory, *path;
	struct text file; /* as it was read; not there: of no length */
	const struct head *head;
	const struct kept_address *addresses;
	const struct kept_frame *frames;
	const char *strings;
	struct addition *added;
	size_t added_count, added_capacity;
};

/* ---- reading ------------------------------------------------------------------------------ */

static void read_whole(const char *path, struct text *file)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size <= (off_t)SYMBOL_CACHE_FILE_BYTES) {
		char *bytes = mem_zero((size_t)status.st_size + 1);
		ssize_t length = read(fd, bytes, (size_t)status.st_size);
		if (length == status.st_size)
			*file = (struct text){bytes, (size_t)length, (size_t)length + 1};
		else
			free(bytes);
	}
	close(fd);
}

static bool has_its_size(const struct text *file, const struct head *head)
{
	size_t size = sizeof(*head) + (size_t)head->addresses * sizeof(struct kept_address) +
	              (size_t)head->frames * sizeof(struct kept_frame) + head->strings;
	return size == file->length && head->strings > 0;
}

static bool is_within_bounds(const struct symbol_cache *cache)
{
	const struct head *head = cache->head;
	if (cache->strings[head->strings - 1] != '\0' || head->producer >= head->strings)
		return false;
	for (uint32_t i = 0; i < head->addresses; i++) {
		const struct kept_address *a = &cache->addresses[i];
		if (a->first > head->frames || a->count > head->frames - a->first ||
		    (i && a->address <= a[-1].address))
			return false;
	}
	for (uint32_t i = 0; i < head->frames; i++)
		if (cache->frames[i].function >= head->strings ||
		    cache->frames[i].file >= head->strings)
			return false;
	return true;
}

static bool accept(struct symbol_cache *cache)
{
	const struct text *file = &cache->file;
	const struct head *head = (const struct head *)file->bytes;
	if (file->length < sizeof(*head) || head->magic != MAGIC || head->version != VERSION ||
	    head->id_length != cache->id.length ||
	    memcmp(head->id, cache->id.bytes, cache->id.length) != 0 || !has_its_size(file, head))
		return false;
	const char *rest = file->bytes + sizeof(*head);
	if (crc32_z(0, (const Bytef *)rest, file->length - sizeof(*head)) != head->checksum)
		return false;
	cache->head = head;
	cache->addresses = (const struct kept_address *)rest;
	cache->frames = (const struct kept_frame *)(cache->addresses + head->addresses);
	cache->strings = (const char *)(cache->frames + head->frames);
	return is_within_bounds(cache);
}

struct symbol_cache *symbol_cache_open(const char *directory, const struct build_id *id)
{
	struct symbol_cache *cache = mem_zero(sizeof(*cache));
	struct text path = {0};
	cache->id = *id;
	cache->directory = mem_text(directory, strlen(directory));
	text_printf(&path, "%s/", directory);
	for (size_t i = 0; i < id->length; i++)
		text_printf(&path, "%02x", id->bytes[i]);
	cache->path = path.bytes;
	read_whole(cache->path, &cache->file);
	if (!accept(cache))
		cache->head = NULL;
	return cache;
}

bool symbol_cache_has_module(const struct symbol_cache *cache, struct symbol_module_info *info)
{
	if (!cache->head)
		return false;
	*info = (struct symbol_module_info){SYMBOLS_DEBUG, cache->head->optimized,
	                                    cache->strings + cache->head->producer};
	return true;
}

static const struct kept_address *find_address(const struct symbol_cache *cache, uint64_t address)
{
	size_t low = 0, high = cache->head ? cache->head->addresses : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (cache->addresses[middle].address == address)
			return &cache->addresses[middle];
		if (cache->addresses[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const char *string_at(const struct symbol_cache *cache, uint32_t offset)
{
	return offset ? cache->strings + offset : NULL;
}

bool symbol_cache_find(const struct symbol_cache *cache, uint64_t address, struct symbol_frame *out,
                       size_t max, size_t *count)
{
	const struct kept_address *found = find_address(cache, address);
	if (!found || found->count > max)
		return false;
	for (uint32_t i = 0; i < found->count; i++) {
		const struct kept_frame *kept = &cache->frames[found->first + i];
		out[i] = (struct symbol_frame){string_at(cache, kept->function),
		                               string_at(cache, kept->file), kept->line,
		                               kept->function_line};
	}
	*count = found->count;
	return true;
}

void symbol_cache_add(struct symbol_cache *cache, uint64_t address,
                      const struct symbol_frame *frames, size_t count)
{
	cache->added = mem_grow(cache->added, &cache->added_capacity, cache->added_count + 1,
	                        sizeof(*cache->added));
	struct addition *new = &cache->added[cache->added_count++];
	new->address = address;
	new->count = count;
	new->frames = mem_zero(count * sizeof(*frames));
	if (count)
		memcpy(new->frames, frames, count * sizeof(*frames));
}

/* ---- writing ------------------------------------------------------------------------------ */

struct writing {
	struct text addresses, frames, strings;
	struct string_pool pool;
	struct table known; /* pooled strings */
	uint32_t *offsets;
	size_t offsets_capacity;
};

static uint32_t offset_of(struct writing *w, const char *string)
{
	if (!string || !*string)
		return 0;
	const char *pooled = string_pool_add(&w->pool, string, strlen(string));
	uint32_t before = w->known.count, number = table_add(&w->known, &pooled);
	if (number < before)
		return w->offsets[number];
	w->offsets =
	        mem_grow(w->offsets, &w->offsets_capacity, (size_t)number + 1, sizeof(*w->offsets));
	w->offsets[number] = (uint32_t)w->strings.length;
	text_add(&w->strings, string, strlen(string) + 1);
	return w->offsets[number];
}

static void put_address(struct writing *w, uint64_t address, const struct symbol_frame *frames,
                        size_t count)
{
	struct kept_address kept = {
	        address, (uint32_t)(w->frames.length / sizeof(struct kept_frame)), (uint32_t)count};
	text_add(&w->addresses, (const char *)&kept, sizeof(kept));
	for (size_t i = 0; i < count; i++) {
		struct kept_frame frame = {offset_of(w, frames[i].function),
		                           offset_of(w, frames[i].file), frames[i].line,
		                           frames[i].function_line};
		text_add(&w->frames, (const char *)&frame, sizeof(frame));
	}
}

static int by_address(const void *a, const void *b)
{
	const struct addition *x = a, *y = b;
	return (x->address > y->address) - (x->address < y->address);
}

#define FRAMES_MAX 256

/* What was kept and what was added, ascending. */
static void merge(struct symbol_cache *cache, struct writing *w)
{
	struct symbol_frame frames[FRAMES_MAX];
	size_t kept = 0, kept_count = cache->head ? cache->head->addresses : 0, count;
	qsort(cache->added, cache->added_count, sizeof(*cache->added), by_address);
	for (size_t i = 0; i < cache->added_count || kept < kept_count;) {
		bool old = kept < kept_count &&
		           (i == cache->added_count ||
		            cache->addresses[kept].address < cache->added[i].address);
		if (old) {
			uint64_t address = cache->addresses[kept++].address;
			if (symbol_cache_find(cache, address, frames, FRAMES_MAX, &count))
				put_address(w, address, frames, count);
			continue;
		}
		const struct addition *new = &cache->added[i++];
		bool again = i < cache->added_count && cache->added[i].address == new->address;
		if (!again)
			put_address(w, new->address, new->frames, new->count);
	}
}

static void write_file(const struct symbol_cache *cache, struct writing *w,
                       const struct symbol_module_info *info)
{
	struct text whole = {0};
	struct failure ignored;
	struct head head = {.magic = MAGIC,
	                    .version = VERSION,
	                    .optimized = info->optimized,
	                    .id_length = (uint32_t)cache->id.length};
	head.producer = offset_of(w, info->producer);
	head.addresses = (uint32_t)(w->addresses.length / sizeof(struct kept_address));
	head.frames = (uint32_t)(w->frames.length / sizeof(struct kept_frame));
	head.strings = (uint32_t)w->strings.length;
	memcpy(head.id, cache->id.bytes, cache->id.length);
	text_add(&whole, (const char *)&head, sizeof(head));
	text_add(&whole, w->addresses.bytes, w->addresses.length);
	text_add(&whole, w->frames.bytes, w->frames.length);
	text_add(&whole, w->strings.bytes, w->strings.length);
	((struct head *)whole.bytes)->checksum = (uint32_t)crc32_z(
	        0, (const Bytef *)whole.bytes + sizeof(head), whole.length - sizeof(head));
	if (whole.length <= SYMBOL_CACHE_FILE_BYTES)
		text_write(&whole, cache->path, &ignored);
	text_free(&whole);
}

static void make_directories(const char *path)
{
	char *copy = mem_text(path, strlen(path));
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	mkdir(copy, 0700);
	free(copy);
}

/* ---- bounds ------------------------------------------------------------------------------- */

struct old_file {
	char *path;
	off_t bytes;
	struct timespec written;
};

static int oldest_first(const void *a, const void *b)
{
	const struct old_file *x = a, *y = b;
	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec < y->written.tv_sec ? -1 : 1;
	return (x->written.tv_nsec > y->written.tv_nsec) -
	       (x->written.tv_nsec < y->written.tv_nsec);
}

/* Removes the files that were written longest ago until the others fit. */
static void bound_directory(const char *directory)
{
	DIR *dir = opendir(directory);
	struct old_file *files = NULL;
	size_t count = 0, capacity = 0;
	off_t sum = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		struct text path = {0};
		struct stat status;
		text_printf(&path, "%s/%s", directory, entry->d_name);
		if (stat(path.bytes, &status) != 0 || !S_ISREG(status.st_mode)) {
			text_free(&path);
			continue;
		}
		files = mem_grow(files, &capacity, count + 1, sizeof(*files));
		files[count++] = (struct old_file){path.bytes, status.st_size, status.st_mtim};
		sum += status.st_size;
	}
	if (dir)
		closedir(dir);
	if (count)
		qsort(files, count, sizeof(*files), oldest_first);
	for (size_t i = 0; i < count; i++) {
		if (sum > (off_t)SYMBOL_CACHE_BYTES && unlink(files[i].path) == 0)
			sum -= files[i].bytes;
		free(files[i].path);
	}
	free(files);
}

void symbol_cache_close(struct symbol_cache *cache, const struct symbol_module_info *info)
{
	if (!cache)
		return;
	if (cache->added_count && info->state == SYMBOLS_DEBUG) {
		struct writing w = {0};
		table_init(&w.known, sizeof(const char *));
		text_add(&w.strings, "", 1);
		merge(cache, &w);
		make_directories(cache->directory);
		write_file(cache, &w, info);
		bound_directory(cache->directory);
		text_free(&w.addresses);
		text_free(&w.frames);
		text_free(&w.strings);
		string_pool_free(&w.pool);
		table_free(&w.known);
		free(w.offsets);
	}
	for (size_t i = 0; i < cache->added_count; i++)
		free(cache->added[i].frames);
	free(cache->added);
	text_free(&cache->file);
	free(cache->directory);
	free(cache->path);
	free(cache);
}

char *symbol_cache_directory(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct text path = {0};
	/* A path that is not absolute does not count, says the XDG base directory specification. */
	if (cache && *cache == '/')
		text_printf(&path, "%s/memprof/symbols", cache);
	else if (home && *home == '/')
		text_printf(&path, "%s/.cache/memprof/symbols", home);
	return path.bytes;
}

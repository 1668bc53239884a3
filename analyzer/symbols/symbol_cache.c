/* symbol_cache.c: see symbol_cache.h.
 *
 *     head │ ranges, ascending and apart │ frames │ strings, each ended by a 0; the first is ""
 *
 * A range names its innermost frame, a frame its caller, which stands before it, and two strings by
 * their offsets; frame 0 is none. The head has the counts, and a checksum of all that follows it; a
 * file is believed if that is right, and every number is held against its bounds where it is used:
 * a few look-ups should not have to go through a large library's 200,000 ranges. Numbers are the
 * machine's own: a cache does not travel.
 *
 * What is added gets numbers that follow those in the file, so that writing is to copy the file's
 * frames and strings, to put the new ones behind them, and to merge the ranges.
 */
#include "symbols/symbol_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"

#define MAGIC   0x6d70736d79ull
#define VERSION 2

struct head {
	uint64_t magic;
	uint32_t version, checksum;
	uint32_t ranges, frames, strings; /* the last in bytes */
	int32_t optimized;
	uint32_t producer, whole, id_length;
	uint8_t id[BUILD_ID_MAX];
};

struct kept_range {
	uint32_t low, bytes, frame;
};

struct kept_frame {
	uint32_t function, file, line, function_line, caller;
};

/* A frame of the chain that was added last. Ranges that follow one another differ in little. */
struct last_frame {
	struct symbol_frame frame;
	struct kept_frame kept;
	uint32_t number;
};
#define LAST_FRAMES 16

/* What is added. Frames are the keys of a table: each is kept once. Strings are known by their
 * addresses. */
struct additions {
	struct kept_range *ranges;
	size_t ranges_count, ranges_capacity;
	struct table frames;
	struct table known; /* addresses of strings */
	uint32_t *offsets;  /* by their numbers there */
	size_t offsets_capacity;
	struct text strings;
	struct last_frame last[LAST_FRAMES]; /* the outermost first */
	size_t last_count;
};

struct symbol_cache {
	struct build_id id;
	char *directory, *path;
	const char *file; /* mapped; NULL: not there */
	size_t file_bytes;
	const struct head *head; /* NULL: no file that is believed */
	const struct kept_range *ranges;
	const struct kept_frame *frames;
	const char *strings;
	struct additions added;
	bool whole; /* all that is known of the module is in the file, or is added */
};

/* ---- reading ------------------------------------------------------------------------------ */

/* The file is never written to in its place, so what is mapped stays as it is. */
static void map_file(struct symbol_cache *cache)
{
	struct stat status;
	int fd = open(cache->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size >= (off_t)sizeof(struct head) &&
	    status.st_size <= (off_t)SYMBOL_CACHE_FILE_BYTES) {
		void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ,
		                   MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (bytes != MAP_FAILED) {
			cache->file = bytes;
			cache->file_bytes = (size_t)status.st_size;
		}
	}
	close(fd);
}

static void unmap_file(struct symbol_cache *cache)
{
	if (cache->file)
		munmap((void *)cache->file, cache->file_bytes);
	cache->file = NULL;
}

static bool has_its_size(const struct symbol_cache *cache, const struct head *head)
{
	size_t size = sizeof(*head) + (size_t)head->ranges * sizeof(struct kept_range) +
	              (size_t)head->frames * sizeof(struct kept_frame) + head->strings;
	return size == cache->file_bytes && head->frames > 0 && head->strings > 0 &&
	       cache->file[size - 1] == '\0' && head->producer < head->strings;
}

static bool accept(struct symbol_cache *cache)
{
	const struct head *head = (const struct head *)cache->file;
	if (!head || head->magic != MAGIC || head->version != VERSION ||
	    head->id_length != cache->id.length ||
	    memcmp(head->id, cache->id.bytes, cache->id.length) != 0 || !has_its_size(cache, head))
		return false;
	const char *rest = cache->file + sizeof(*head);
	if (crc32_z(0, (const Bytef *)rest, cache->file_bytes - sizeof(*head)) != head->checksum)
		return false;
	cache->head = head;
	cache->whole = head->whole;
	cache->ranges = (const struct kept_range *)rest;
	cache->frames = (const struct kept_frame *)(cache->ranges + head->ranges);
	cache->strings = (const char *)(cache->frames + head->frames);
	return true;
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
	map_file(cache);
	if (!accept(cache))
		unmap_file(cache);
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

static const struct kept_range *find_range(const struct symbol_cache *cache, uint64_t address)
{
	size_t low = 0, high = cache->head ? cache->head->ranges : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct kept_range *range = &cache->ranges[middle];
		if (address < range->low)
			high = middle;
		else if (address - range->low >= range->bytes)
			low = middle + 1;
		else
			return range;
	}
	return NULL;
}

/* Offset 0 is that of "". */
static bool string_at(const struct symbol_cache *cache, uint32_t offset, const char **out)
{
	*out = offset ? cache->strings + offset : NULL;
	return offset < cache->head->strings;
}

static bool frame_at(const struct symbol_cache *cache, uint32_t number, struct symbol_frame *out)
{
	const struct kept_frame *kept = &cache->frames[number];
	out->line = kept->line;
	out->function_line = kept->function_line;
	return kept->caller < number && string_at(cache, kept->function, &out->function) &&
	       string_at(cache, kept->file, &out->file);
}

bool symbol_cache_find(const struct symbol_cache *cache, uint64_t address, struct symbol_frame *out,
                       size_t max, size_t *count)
{
	const struct kept_range *range = find_range(cache, address);
	size_t found = 0;
	if (!range || range->frame >= cache->head->frames)
		return false;
	for (uint32_t frame = range->frame; frame; frame = cache->frames[frame].caller)
		if (found == max || !frame_at(cache, frame, &out[found++]))
			return false;
	*count = found;
	return true;
}

/* ---- adding ------------------------------------------------------------------------------- */

static uint32_t frames_before(const struct symbol_cache *cache)
{
	return cache->head ? cache->head->frames : 0;
}

static uint32_t strings_before(const struct symbol_cache *cache)
{
	return cache->head ? cache->head->strings : 0;
}

static uint32_t new_string(struct symbol_cache *cache, const char *string)
{
	struct text *strings = &cache->added.strings;
	size_t offset = strings_before(cache) + strings->length;
	text_add(strings, string, strlen(string) + 1);
	return (uint32_t)offset;
}

static uint32_t offset_of(struct symbol_cache *cache, const char *string)
{
	struct additions *a = &cache->added;
	if (!string || !*string)
		return 0;
	uint32_t before = a->known.count, number = table_add(&a->known, &string);
	if (number < before)
		return a->offsets[number];
	a->offsets =
	        mem_grow(a->offsets, &a->offsets_capacity, (size_t)number + 1, sizeof(*a->offsets));
	a->offsets[number] = new_string(cache, string);
	return a->offsets[number];
}

/* The first addition; a file that is not there begins with "" and the frame that is none. */
static void begin_additions(struct symbol_cache *cache)
{
	struct additions *a = &cache->added;
	const struct kept_frame none = {0};
	table_init(&a->frames, sizeof(struct kept_frame));
	table_init(&a->known, sizeof(const char *));
	if (cache->head)
		return;
	new_string(cache, "");
	table_add(&a->frames, &none);
}

static bool same_frame(const struct symbol_frame *a, const struct symbol_frame *b)
{
	return a->function == b->function && a->file == b->file && a->line == b->line &&
	       a->function_line == b->function_line;
}

/* Keeps a frame that stands where `last` stood in the chain before (NULL: nothing did). */
static struct last_frame keep_frame(struct symbol_cache *cache, const struct symbol_frame *frame,
                                    const struct last_frame *last, uint32_t caller)
{
	bool same_function = last && last->frame.function == frame->function;
	bool same_file = last && last->frame.file == frame->file;
	struct kept_frame kept = {same_function ? last->kept.function
	                                        : offset_of(cache, frame->function),
	                          same_file ? last->kept.file : offset_of(cache, frame->file),
	                          frame->line, frame->function_line, caller};
	return (struct last_frame){*frame, kept,
	                           frames_before(cache) + table_add(&cache->added.frames, &kept)};
}

/* Kept from the outermost frame on, since each names the one before it. */
static uint32_t keep_chain(struct symbol_cache *cache, const struct symbol_frame *frames,
                           size_t count)
{
	struct additions *a = &cache->added;
	bool same = true;
	uint32_t caller = 0;
	for (size_t i = 0; i < count; i++) {
		const struct symbol_frame *frame = &frames[count - 1 - i];
		struct last_frame beyond, *last = i < LAST_FRAMES ? &a->last[i] : &beyond;
		bool known = i < a->last_count;
		same = same && known && same_frame(&last->frame, frame);
		if (!same)
			*last = keep_frame(cache, frame, known ? last : NULL, caller);
		caller = last->number;
	}
	a->last_count = count < LAST_FRAMES ? count : LAST_FRAMES;
	return caller;
}

void symbol_cache_add(struct symbol_cache *cache, uint64_t low, uint64_t high,
                      const struct symbol_frame *frames, size_t count)
{
	struct additions *a = &cache->added;
	if (low >= high || high > UINT32_MAX)
		return;
	if (!a->frames.key_size)
		begin_additions(cache);
	uint32_t frame = keep_chain(cache, frames, count);
	struct kept_range *last = a->ranges_count ? &a->ranges[a->ranges_count - 1] : NULL;
	if (last && last->frame == frame && last->low + last->bytes == low) {
		last->bytes += (uint32_t)(high - low);
		return;
	}
	a->ranges =
	        mem_grow(a->ranges, &a->ranges_capacity, a->ranges_count + 1, sizeof(*a->ranges));
	a->ranges[a->ranges_count++] =
	        (struct kept_range){(uint32_t)low, (uint32_t)(high - low), frame};
}

bool symbol_cache_begin_whole(struct symbol_cache *cache)
{
	bool first = !cache->whole;
	cache->whole = true;
	return first;
}

/* ---- writing ------------------------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
	const struct kept_range *x = a, *y = b;
	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

/* Writes what of the range lies above all that was written. */
static void put_range(struct text *out, const struct kept_range *range, uint32_t *written)
{
	uint32_t end = range->low + range->bytes;
	uint32_t low = range->low > *written ? range->low : *written;
	struct kept_range rest = {low, end - low, range->frame};
	if (end <= low)
		return;
	text_add(out, (const char *)&rest, sizeof(rest));
	*written = end;
}

/* What was kept and what was added, ascending and apart. */
static void merge_ranges(struct symbol_cache *cache, struct text *out)
{
	struct additions *a = &cache->added;
	size_t old = 0, old_count = cache->head ? cache->head->ranges : 0;
	uint32_t written = 0;
	qsort(a->ranges, a->ranges_count, sizeof(*a->ranges), by_address);
	for (size_t i = 0; i < a->ranges_count || old < old_count;) {
		bool from_file = old < old_count && (i == a->ranges_count ||
		                                     cache->ranges[old].low <= a->ranges[i].low);
		put_range(out, from_file ? &cache->ranges[old++] : &a->ranges[i++], &written);
	}
}

static void put(struct text *out, const void *bytes, size_t length)
{
	if (length)
		text_add(out, bytes, length);
}

static void write_file(struct symbol_cache *cache, const struct symbol_module_info *info)
{
	const struct additions *a = &cache->added;
	struct text whole = {0};
	struct failure ignored;
	struct head head = {.magic = MAGIC,
	                    .version = VERSION,
	                    .optimized = info->optimized,
	                    .producer = cache->head ? cache->head->producer
	                                            : offset_of(cache, info->producer),
	                    .whole = cache->whole,
	                    .id_length = (uint32_t)cache->id.length};
	memcpy(head.id, cache->id.bytes, cache->id.length);
	text_add(&whole, (const char *)&head, sizeof(head));
	merge_ranges(cache, &whole);
	head.ranges = (uint32_t)((whole.length - sizeof(head)) / sizeof(struct kept_range));
	head.frames = frames_before(cache) + a->frames.count;
	head.strings = strings_before(cache) + (uint32_t)a->strings.length;
	put(&whole, cache->frames, frames_before(cache) * sizeof(struct kept_frame));
	put(&whole, a->frames.keys, a->frames.count * sizeof(struct kept_frame));
	put(&whole, cache->strings, strings_before(cache));
	put(&whole, a->strings.bytes, a->strings.length);
	head.checksum = (uint32_t)crc32_z(0, (const Bytef *)whole.bytes + sizeof(head),
	                                  whole.length - sizeof(head));
	memcpy(whole.bytes, &head, sizeof(head));
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
	struct additions *a = &cache->added;
	if (a->ranges_count && info->state == SYMBOLS_DEBUG) {
		make_directories(cache->directory);
		write_file(cache, info);
		bound_directory(cache->directory);
	}
	if (a->frames.key_size) {
		table_free(&a->frames);
		table_free(&a->known);
	}
	free(a->ranges);
	free(a->offsets);
	text_free(&a->strings);
	unmap_file(cache);
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

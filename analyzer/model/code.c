/* code.c: see code.h. */
#include "model/code.h"

#include <stdlib.h>
#include <string.h>

#include "symbols/perf_map.h"
#include "symbols/symbols.h"

/* More functions than these inlined in one place are not shown. */
#define CHAIN_MAX 64

static const char *pooled(struct code *code, const char *string)
{
	return string_pool_add(&code->strings, string ? string : "", string ? strlen(string) : 0);
}

static bool begins_with(const char *string, const char *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

static bool begins_with_any(const char *string, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (begins_with(string, prefixes[i]))
			return true;
	return false;
}

#define BEGINS_WITH_ANY(string, prefixes)                                                          \
	begins_with_any(string, prefixes, sizeof(prefixes) / sizeof((prefixes)[0]))

/* ---- modules ----------------------------------------------------------------------------- */

static bool is_system_path(const char *path)
{
	static const char *const directories[] = {
	        "/usr/lib/", "/usr/lib64/",     "/usr/lib32/", "/usr/libexec/", "/lib/",
	        "/lib64/",   "/lib32/",         "/usr/bin/",   "/bin/",         "/usr/sbin/",
	        "/sbin/",    "/usr/local/lib/", "[",           "linux-vdso",
	};
	return BEGINS_WITH_ANY(path, directories);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void build_module(struct code *code, uint32_t id)
{
	const struct trace *t = code->trace;
	const struct trace_module *from = &t->modules[id];
	struct code_module *m = &code->modules[id];
	m->path = pooled(code, t->strings[from->path]);
	m->name = pooled(code, last_part(m->path));
	char *nameless =
	        arena_printf(&code->arena, "[%s]", *m->name ? m->name : "code made at run time");
	m->nameless = pooled(code, nameless);
	m->main = id && *m->path && strcmp(m->path, t->header.exe) == 0;
	m->system = is_system_path(m->path);
	m->profiler = begins_with(m->name, "libmemprof.so");
	m->state = from->state;
	m->optimized = from->optimized;
	m->producer = pooled(code, from->producer);
	if (m->main && !code->main_module)
		code->main_module = id;
}

/* ---- frames ------------------------------------------------------------------------------ */

/* The client header: marks are nobody's own work. */
static bool is_of_marks(const char *file)
{
	static const char header[] = "/memprof/memprof.h";
	size_t length = strlen(file), end = strlen(header);
	return length > end && strcmp(file + length - end, header) == 0;
}

/* Libraries of interpreters, wherever these are installed, and what lies in themselves. */
static bool is_interpreters_own(const char *file)
{
	return strstr(file, "/lib/python3") || strstr(file, "/site-packages/") ||
	       strstr(file, "/node_modules/") || begins_with(file, "node:") || *file == '<';
}

static bool is_system_source(const char *file)
{
	static const char *const directories[] = {"/usr/include/", "/usr/lib/",
	                                          "/usr/local/include/"};
	return BEGINS_WITH_ANY(file, directories) || strstr(file, "/include/c++/") ||
	       is_interpreters_own(file) || is_of_marks(file);
}

/* Functions that only pass on what their caller asked for, under names that everybody uses: whoever
 * looks for an allocation means the caller. */
bool code_passes_allocations_on(const char *name)
{
	static const char *const names[] = {
	        "malloc",           "calloc",
	        "realloc",          "reallocarray",
	        "aligned_alloc",    "memalign",
	        "posix_memalign",   "valloc",
	        "strdup",           "strndup",
	        "operator new",     "operator new[]",
	        "xmalloc",          "xcalloc",
	        "xrealloc",         "xstrdup",
	        "xstrndup",         "xmemdup",
	        "g_malloc",         "g_malloc0",
	        "g_realloc",        "g_strdup",
	        "PyMem_Malloc",     "PyMem_Calloc",
	        "PyMem_Realloc",    "PyMem_RawMalloc",
	        "PyMem_RawCalloc",  "PyMem_RawRealloc",
	        "PyObject_Malloc",  "PyObject_Calloc",
	        "PyObject_Realloc", "_PyMem_RawMalloc",
	        "_PyMem_RawCalloc", "_PyMem_RawRealloc",
	        "_PyObject_Malloc", "_PyObject_Calloc",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_own(const struct code_module *m, const struct code_function *f)
{
	if (code_passes_allocations_on(f->function))
		return false;
	/* Of code made at run time the source alone tells. */
	if (!*m->path)
		return *f->file && !is_system_source(f->file);
	if (m->profiler || (m->system && !m->main))
		return false;
	if (m->state != TRACE_SYMBOLS_DEBUG)
		return true;
	return *f->file && !is_system_source(f->file);
}

static void frame_from_trace(struct code *code, const struct trace_frame *from,
                             struct code_frame *frame)
{
	const struct trace *t = code->trace;
	frame->count = from->symbols_count;
	frame->functions = arena_alloc(&code->arena, frame->count * sizeof(*frame->functions));
	for (uint32_t i = 0; i < frame->count; i++) {
		const struct trace_symbol *s = &from->symbols[i];
		frame->functions[i] = (struct code_function){
		        .function = pooled(code, t->strings[s->function]),
		        .file = pooled(code, t->strings[s->file]),
		        .line = s->line,
		        .function_line = s->function_line,
		};
	}
}

/* The resolver's handles by module; −2: not asked yet. */
struct resolving {
	struct symbols *symbols;
	int *handles;
	struct perf_map *made; /* of code made at run time; NULL: none */
};

static void describe_module(struct code *code, uint32_t id, const struct symbol_module_info *info)
{
	static const enum trace_symbols_state states[] = {
	        [SYMBOLS_DEBUG] = TRACE_SYMBOLS_DEBUG, [SYMBOLS_SYMTAB] = TRACE_SYMBOLS_SYMTAB,
	        [SYMBOLS_NONE] = TRACE_SYMBOLS_NONE,   [SYMBOLS_CHANGED] = TRACE_SYMBOLS_CHANGED,
	        [SYMBOLS_GONE] = TRACE_SYMBOLS_GONE,
	};
	struct code_module *m = &code->modules[id];
	enum trace_symbols_state state = states[info->state];
	/* What was known when the trace was symbolized stays true after the file went. */
	if (m->state == state || (m->state != TRACE_SYMBOLS_UNSEEN &&
	                          (state == TRACE_SYMBOLS_GONE || state == TRACE_SYMBOLS_CHANGED)))
		return;
	m->state = state;
	m->optimized = info->optimized;
	m->producer = pooled(code, info->producer);
	m->fresh = true;
}

static int module_handle(struct code *code, struct resolving *resolving, uint32_t id)
{
	const struct trace_module *from = &code->trace->modules[id];
	struct symbol_module_info info;
	if (resolving->handles[id] != -2)
		return resolving->handles[id];
	int handle = symbols_module(resolving->symbols, code->modules[id].path, from->build_id,
	                            from->build_id_length, &info);
	describe_module(code, id, &info);
	return resolving->handles[id] = handle;
}

/* Whether there may be more to know of the module than the trace tells. */
static bool worth_asking(const struct code_module *m)
{
	return *m->path && (m->state == TRACE_SYMBOLS_UNSEEN || m->state == TRACE_SYMBOLS_CHANGED ||
	                    m->state == TRACE_SYMBOLS_GONE);
}

static void resolve_frame(struct code *code, struct resolving *resolving, uint32_t id)
{
	struct symbol_frame found[CHAIN_MAX];
	struct code_frame *frame = &code->frames[id];
	uint64_t address = code->trace->frames[id].address;
	size_t count;
	if (!frame->module)
		count = resolving->made && perf_map_find(resolving->made, address, found);
	else
		count = symbols_resolve(resolving->symbols,
		                        module_handle(code, resolving, frame->module), address,
		                        found, CHAIN_MAX);
	if (!count)
		return;
	frame->count = (uint32_t)count;
	frame->fresh = true;
	frame->functions = arena_alloc(&code->arena, count * sizeof(*frame->functions));
	for (size_t i = 0; i < count; i++)
		frame->functions[i] = (struct code_function){
		        .function = pooled(code, found[i].function),
		        .file = pooled(code, found[i].file),
		        .line = found[i].line,
		        .function_line = found[i].function_line,
		};
}

static bool has_code_made_at_run_time(const struct trace *t)
{
	for (size_t i = TRACE_FRAME_FIRST; i < t->frames_count; i++)
		if (!t->frames[i].module && !t->frames[i].symbols_count)
			return true;
	return false;
}

/* The map may be written to until a little after the last that the trace tells of. */
#define MAP_SLACK 10

static struct perf_map *open_perf_map(const struct trace *t)
{
	int64_t since = t->header.anchor.real_ns / 1000000000, until = INT64_MAX;
	if (t->end.known)
		until = t->end.anchor.real_ns / 1000000000 + MAP_SLACK;
	struct perf_map *map = NULL;
	if (t->header.pid_inside != TRACE_UNKNOWN)
		map = perf_map_open(t->header.pid_inside, since, until);
	return map ? map : perf_map_open(t->header.pid, since, until);
}

static void resolve_missing(struct code *code, struct symbols *symbols)
{
	const struct trace *t = code->trace;
	struct resolving resolving = {.symbols = symbols,
	                              .handles = mem_zero(t->modules_count * sizeof(int))};
	bool *ask = mem_zero(t->modules_count * sizeof(bool));
	resolving.made = has_code_made_at_run_time(t) ? open_perf_map(t) : NULL;
	ask[0] = resolving.made != NULL;
	for (size_t i = 0; i < t->modules_count; i++) {
		resolving.handles[i] = -2;
		ask[i] = i ? worth_asking(&code->modules[i]) : ask[0];
	}
	for (uint32_t i = TRACE_FRAME_FIRST; i < t->frames_count; i++)
		if (!code->frames[i].count && ask[code->frames[i].module])
			resolve_frame(code, &resolving, i);
	perf_map_close(resolving.made);
	free(resolving.handles);
	free(ask);
}

static bool is_interpreter(const struct code_module *m)
{
	return m->main || begins_with(m->name, "libpython") || begins_with(m->name, "libnode");
}

static void mark_own(struct code *code)
{
	for (size_t i = TRACE_FRAME_FIRST; i < code->trace->frames_count; i++)
		for (uint32_t k = 0; !code->frames[i].module && k < code->frames[i].count; k++)
			code->interpreted |=
			        is_own(&code->modules[0], &code->frames[i].functions[k]);
	for (size_t i = 0; i < code->trace->frames_count; i++) {
		struct code_frame *frame = &code->frames[i];
		for (uint32_t k = 0; k < frame->count; k++)
			frame->functions[k].own =
			        is_own(&code->modules[frame->module], &frame->functions[k]) &&
			        !(code->interpreted &&
			          is_interpreter(&code->modules[frame->module]));
	}
}

void code_build(struct code *code, const struct trace *trace, struct symbols *symbols)
{
	*code = (struct code){.trace = trace};
	code->modules = mem_zero(trace->modules_count * sizeof(*code->modules));
	code->frames = mem_zero(trace->frames_count * sizeof(*code->frames));
	for (uint32_t i = 0; i < trace->modules_count; i++)
		build_module(code, i);
	for (uint32_t i = TRACE_FRAME_FIRST; i < trace->frames_count; i++) {
		code->frames[i].module = trace->frames[i].module;
		frame_from_trace(code, &trace->frames[i], &code->frames[i]);
	}
	if (symbols)
		resolve_missing(code, symbols);
	mark_own(code);
}

void code_free(struct code *code)
{
	free(code->modules);
	free(code->frames);
	string_pool_free(&code->strings);
	arena_free(&code->arena);
	*code = (struct code){0};
}

const char *code_nameless(const struct code *code, uint32_t module)
{
	return code->modules[module].nameless;
}

const char *code_special_name(uint32_t frame)
{
	switch (frame) {
	case TRACE_FRAME_ROOT:
		return "[no stack]";
	case TRACE_FRAME_CUT:
		return "[outer frames cut]";
	case TRACE_FRAME_NESTED:
		return "in a signal handler (stack not taken)";
	case TRACE_FRAME_OVERFLOW:
		return "[recorder's tables full]";
	default:
		return "[unknown stack]";
	}
}

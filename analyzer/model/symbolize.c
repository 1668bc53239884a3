/* symbolize.c: see symbolize.h. Strings that the trace has keep their ids there; new ones get the
 * next. Pooled strings are equal if their addresses are, so addresses are the keys. */
#include "model/symbolize.h"

#include <msgpack/pack.h>
#include <stdlib.h>
#include <string.h>

struct naming {
	struct table known; /* addresses of pooled strings */
	uint32_t *ids;      /* by number in the table */
	size_t ids_capacity;
	uint32_t first_new, next;
	const char **added; /* from first_new on */
	size_t added_capacity;
};

static void naming_set(struct naming *n, const char *pooled, uint32_t id)
{
	uint32_t before = n->known.count, number = table_add(&n->known, &pooled);
	if (number < before)
		return;
	n->ids = mem_grow(n->ids, &n->ids_capacity, (size_t)number + 1, sizeof(*n->ids));
	n->ids[number] = id;
}

static void naming_begin(struct naming *n, struct code *code)
{
	const struct trace *t = code->trace;
	*n = (struct naming){.first_new = (uint32_t)t->strings_count,
	                     .next = (uint32_t)t->strings_count};
	table_init(&n->known, sizeof(const char *));
	for (uint32_t i = 0; i < t->strings_count; i++)
		naming_set(n, string_pool_add(&code->strings, t->strings[i], strlen(t->strings[i])),
		           i);
}

static uint32_t naming_id(struct naming *n, const char *pooled)
{
	uint32_t before = n->known.count, number = table_add(&n->known, &pooled);
	if (number < before)
		return n->ids[number];
	n->ids = mem_grow(n->ids, &n->ids_capacity, (size_t)number + 1, sizeof(*n->ids));
	n->ids[number] = n->next;
	size_t at = n->next - n->first_new;
	n->added = mem_grow(n->added, &n->added_capacity, at + 1, sizeof(*n->added));
	n->added[at] = pooled;
	return n->next++;
}

static void naming_end(struct naming *n)
{
	table_free(&n->known);
	free(n->ids);
	free(n->added);
}

/* ---- records ----------------------------------------------------------------------------- */

static void pack_text(msgpack_packer *pk, const char *text)
{
	msgpack_pack_str(pk, strlen(text));
	msgpack_pack_str_body(pk, text, strlen(text));
}

static void pack_record(msgpack_packer *pk, enum trace_kind kind)
{
	msgpack_pack_array(pk, 2);
	msgpack_pack_int(pk, kind);
}

static void pack_frame(msgpack_packer *pk, struct naming *n, uint32_t id,
                       const struct code_frame *frame)
{
	msgpack_pack_uint32(pk, id);
	msgpack_pack_uint32(pk, frame->count);
	for (uint32_t i = 0; i < frame->count; i++) {
		const struct code_function *f = &frame->functions[i];
		msgpack_pack_uint32(pk, naming_id(n, f->function));
		msgpack_pack_uint32(pk, naming_id(n, f->file));
		msgpack_pack_uint32(pk, f->line);
		msgpack_pack_uint32(pk, f->function_line);
	}
}

/* Names get their ids while frames are packed, so this comes before the record of the names. */
static size_t pack_frames(struct code *code, struct naming *n, msgpack_packer *pk)
{
	size_t frames = 0, length = 0;
	for (size_t i = TRACE_FRAME_FIRST; i < code->trace->frames_count; i++)
		if (code->frames[i].fresh) {
			frames++;
			length += 2 + (size_t)code->frames[i].count * 4;
		}
	if (!frames)
		return 0;
	pack_record(pk, TRACE_SYMBOLS);
	msgpack_pack_array(pk, length);
	for (uint32_t i = TRACE_FRAME_FIRST; i < code->trace->frames_count; i++)
		if (code->frames[i].fresh)
			pack_frame(pk, n, i, &code->frames[i]);
	return frames;
}

static void pack_strings(const struct naming *n, msgpack_packer *pk)
{
	uint32_t count = n->next - n->first_new;
	if (!count)
		return;
	pack_record(pk, TRACE_STRINGS);
	msgpack_pack_array(pk, 2);
	msgpack_pack_uint32(pk, n->first_new);
	msgpack_pack_array(pk, count);
	for (uint32_t i = 0; i < count; i++)
		pack_text(pk, n->added[i]);
}

static void pack_modules(const struct code *code, msgpack_packer *pk)
{
	static const char *const states[] = {"none", "debug", "symtab", "none", "changed", "gone"};
	for (uint32_t i = 1; i < code->trace->modules_count; i++) {
		const struct code_module *m = &code->modules[i];
		if (!m->fresh)
			continue;
		pack_record(pk, TRACE_MODULE_SYMBOLS);
		msgpack_pack_map(pk, 4);
		pack_text(pk, "module");
		msgpack_pack_uint32(pk, i);
		pack_text(pk, "state");
		pack_text(pk, states[m->state]);
		pack_text(pk, "optimized");
		if (m->optimized < 0)
			msgpack_pack_nil(pk);
		else if (m->optimized)
			msgpack_pack_true(pk);
		else
			msgpack_pack_false(pk);
		pack_text(pk, "producer");
		pack_text(pk, m->producer);
	}
}

size_t symbolize_pack(struct code *code, msgpack_sbuffer *out)
{
	struct naming naming;
	msgpack_sbuffer symbols;
	msgpack_packer packer;
	naming_begin(&naming, code);
	msgpack_sbuffer_init(&symbols);
	msgpack_packer_init(&packer, &symbols, msgpack_sbuffer_write);
	size_t frames = pack_frames(code, &naming, &packer);
	msgpack_packer_init(&packer, out, msgpack_sbuffer_write);
	pack_strings(&naming, &packer);
	if (symbols.size)
		msgpack_sbuffer_write(out, symbols.data, symbols.size);
	pack_modules(code, &packer);
	msgpack_sbuffer_destroy(&symbols);
	naming_end(&naming);
	return frames;
}

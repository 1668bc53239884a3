/* tables.c: see tables.h. */
#include "tables.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tables_init(struct tables *tables)
{
	*tables = (struct tables){0};
	tables->frames.first = TRACE_FRAME_FIRST;
	tables->stacks.first = 1;
	tables->phases.first = 1;
	tables->cells.first = 1;
	tables->other_cells.first = 1;
}

static void table_free(struct table *table)
{
	free(table->pairs);
	idmap_free(&table->ids);
}

void tables_free(struct tables *tables)
{
	for (uint32_t i = 0; i < tables->strings_count; i++)
		free(tables->strings[i].text);
	free(tables->strings);
	idmap_free(&tables->strings_ids);
	free(tables->modules);
	table_free(&tables->frames);
	table_free(&tables->stacks);
	table_free(&tables->phases);
	table_free(&tables->cells);
	table_free(&tables->other_cells);
	idmap_free(&tables->names);
	free(tables->region_modules.ids);
	free(tables->region_nodes.ids);
	free(tables->region_phases.ids);
	free(tables->region_cells.ids);
}

/* The id of a pair, which is added when it is new. `key` is the pair as one number. */
static uint32_t table_intern(struct table *table, uint64_t key, uint64_t a, uint64_t b)
{
	uint32_t next = table->first + table->count;
	uint32_t id = idmap_find_or_add(&table->ids, key, next);
	if (id != next)
		return id;
	memory_reserve(&table->pairs, &table->capacity, table->count + 1u, sizeof *table->pairs);
	table->pairs[table->count++] = (struct table_pair){a, b};
	return id;
}

/* The place of a translation; the array grows to hold it. */
static uint32_t *translated(struct translation *translation, uint32_t index)
{
	memory_reserve(&translation->ids, &translation->capacity, (size_t)index + 1,
	               sizeof *translation->ids);
	return &translation->ids[index];
}

/* ---- strings ----------------------------------------------------------------------------- */

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash_text(const char *text, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325ull;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3ull;
	return hash;
}

uint32_t tables_string(struct tables *tables, const char *text, size_t length)
{
	if (length == 0)
		return 0;
	uint64_t key = hash_text(text, length);
	/* Two contents of one hash take neighbouring keys. */
	for (;; key++) {
		uint32_t id = idmap_find(&tables->strings_ids, key);
		if (!id)
			break;
		const struct string *known = &tables->strings[id - 1];
		if (known->length == length && memcmp(known->text, text, length) == 0)
			return id;
	}
	memory_reserve(&tables->strings, &tables->strings_capacity, tables->strings_count + 1u,
	               sizeof *tables->strings);
	char *copy = memory_new(length + 1, 1);
	memcpy(copy, text, length);
	tables->strings[tables->strings_count++] = (struct string){copy, length};
	idmap_add(&tables->strings_ids, key, tables->strings_count);
	return tables->strings_count;
}

uint32_t tables_name(struct tables *tables, const struct region *region, uint32_t offset)
{
	uint32_t id = idmap_find(&tables->names, offset);
	if (id)
		return id;
	char name[REGION_NAME_MAX];
	id = tables_string(tables, name, region_name(region, offset, name));
	if (id)
		idmap_add(&tables->names, offset, id);
	return id;
}

/* ---- modules ----------------------------------------------------------------------------- */

/* A node has 16 bits for its module, and so has the key of a frame. */
#define MODULES_MAX 65536u

static bool module_is_sound(const struct mp_module *module)
{
	return module->start < module->end && module->bias <= module->start &&
	       module->build_id_length <= sizeof module->build_id;
}

static void add_module(struct tables *tables, const struct region *region, uint32_t index,
                       const struct mp_module *seen)
{
	memory_reserve(&tables->modules, &tables->modules_capacity, tables->modules_count + 1u,
	               sizeof *tables->modules);
	tables->modules[tables->modules_count++] =
	        (struct module){.as_seen = *seen, .path = tables_name(tables, region, seen->path)};
	*translated(&tables->region_modules, index) = tables->modules_count;
}

void tables_take_modules(struct tables *tables, const struct region *region)
{
	uint32_t used = region_modules_used(region);
	if (used > MODULES_MAX)
		used = MODULES_MAX;
	for (uint32_t index = 1; index < used; index++) {
		struct mp_module seen;
		if (!region_module(region, index, &seen))
			continue;
		uint32_t id = *translated(&tables->region_modules, index);
		if (!id && module_is_sound(&seen)) {
			add_module(tables, region, index, &seen);
		} else if (id && tables->modules[id - 1].as_seen.unloaded != seen.unloaded) {
			tables->modules[id - 1].as_seen.unloaded = seen.unloaded;
			tables->modules[id - 1].written = false;
		}
	}
}

/* ---- stacks ------------------------------------------------------------------------------ */

static uint32_t special_stack(struct tables *tables, uint32_t frame)
{
	return table_intern(&tables->stacks, idmap_pair(0, frame), 0, frame);
}

static uint32_t module_known(const struct tables *tables, uint32_t index)
{
	return index < tables->region_modules.capacity ? tables->region_modules.ids[index] : 0;
}

/* The trace's module of one of the region, 0: not written yet. It may have been loaded since
 * modules were taken. */
static uint32_t module_of(struct tables *tables, const struct region *region, uint32_t index)
{
	if (index && !module_known(tables, index))
		tables_take_modules(tables, region);
	return module_known(tables, index);
}

uint32_t tables_frame(struct tables *tables, const struct region *region, uint64_t where)
{
	uint64_t address = MP_NODE_ADDRESS(where);
	uint32_t index = MP_NODE_MODULE(where);
	uint32_t module = module_of(tables, region, index);
	if (index && !module && !tables->settled)
		return 0;
	if (module) {
		const struct mp_module *known = &tables->modules[module - 1].as_seen;
		if (address >= known->start && address < known->end)
			address -= known->bias;
		else
			module = 0; /* not inside it: an address is better than a wrong name */
	}
	if (index && !module)
		tables->damaged++;
	return table_intern(&tables->frames, (uint64_t)module << 48 | address, module, address);
}

/* One step down the tree: the stack of a node whose caller's stack is known; 0: not written yet. */
static uint32_t stack_below(struct tables *tables, const struct region *region, uint32_t parent,
                            uint64_t where)
{
	uint32_t frame = tables_frame(tables, region, where);
	return frame ? table_intern(&tables->stacks, idmap_pair(parent, frame), parent, frame) : 0;
}

/* Works its way out to the first caller that is known, and back in: a caller's id is always lower
 * than that of what it called, so this ends. */
uint32_t tables_stack(struct tables *tables, const struct region *region, uint32_t node)
{
	struct step {
		uint32_t node;
		uint64_t where;
	} *path = NULL;
	size_t capacity = 0, depth = 0;
	uint32_t stack = 0;
	while (node != MP_NODE_ROOT) {
		struct mp_node entry = {0};
		if (node < MP_NODE_FIRST) {
			stack = special_stack(tables,
			                      node <= MP_NODE_UNKNOWN ? node : MP_NODE_UNKNOWN);
			break;
		}
		if (node < tables->region_nodes.capacity && tables->region_nodes.ids[node]) {
			stack = tables->region_nodes.ids[node];
			break;
		}
		if (!region_node(region, node, &entry) && !tables->settled) {
			free(path);
			return 0;
		}
		if (entry.where == 0 || entry.parent >= node) {
			tables->damaged++;
			stack = special_stack(tables, MP_NODE_UNKNOWN);
			break;
		}
		memory_reserve(&path, &capacity, depth + 1, sizeof *path);
		path[depth++] = (struct step){node, entry.where};
		node = entry.parent;
	}
	while (depth > 0) {
		depth--;
		stack = stack_below(tables, region, stack, path[depth].where);
		if (!stack)
			break;
		*translated(&tables->region_nodes, path[depth].node) = stack;
	}
	free(path);
	return stack;
}

/* ---- phases and cells ---------------------------------------------------------------------- */

static uint32_t intern_phase(struct tables *tables, uint32_t parent, uint32_t name)
{
	return table_intern(&tables->phases, idmap_pair(parent, name), parent, name);
}

/* Phases are few and shallow: recursion is as deep as phases nest, and parents' ids are lower. */
bool tables_phase(struct tables *tables, const struct region *region, uint32_t index,
                  uint32_t *phase)
{
	*phase = 0;
	if (index == 0)
		return true;
	if (index < tables->region_phases.capacity && tables->region_phases.ids[index]) {
		*phase = tables->region_phases.ids[index];
		return true;
	}
	struct mp_phase entry;
	if (!region_phase(region, index, &entry)) {
		tables->damaged += tables->settled;
		return tables->settled;
	}
	uint32_t parent = 0;
	if (entry.parent >= index)
		tables->damaged++;
	else if (!tables_phase(tables, region, entry.parent, &parent))
		return false;
	*phase = intern_phase(tables, parent, tables_name(tables, region, entry.name));
	*translated(&tables->region_phases, index) = *phase;
	return true;
}

/* A kind's pool must have its name; without one the kind is no pool that the program made. */
static bool kind_is_known(struct tables *tables, const struct region *region, uint32_t kind)
{
	if (kind < MP_CELL_KIND_POOL)
		return true;
	uint32_t pool = kind - MP_CELL_KIND_POOL;
	uint32_t name = __atomic_load_n(&region->header->pools[pool], __ATOMIC_ACQUIRE);
	if (!tables->pool_strings[pool] && name)
		tables->pool_strings[pool] = tables_name(tables, region, name);
	return tables->pool_strings[pool] != 0;
}

_Static_assert(MP_CELL_KIND_POOL + MP_POOLS - 1 == UINT32_MAX >> MP_CELL_KIND_AT,
               "each kind that a cell can have is that of a pool, or known");

/* Which table a translated cell is in is kept with its id: the region may say otherwise later. */
#define OTHER_CELL 0x80000000u

static struct cell_ref cell_ref_of(uint32_t translated)
{
	return (struct cell_ref){translated & ~OTHER_CELL, (translated & OTHER_CELL) != 0};
}

struct cell_ref tables_cell(struct tables *tables, const struct region *region, uint32_t index)
{
	struct mp_cell entry;
	uint32_t phase;
	if (index < tables->region_cells.capacity && tables->region_cells.ids[index])
		return cell_ref_of(tables->region_cells.ids[index]);
	if (!region_cell(region, index, &entry) ||
	    !tables_phase(tables, region, MP_CELL_PHASE(entry.phase), &phase))
		return cell_ref_of(0);
	uint32_t kind = MP_CELL_KIND(entry.phase);
	uint32_t stack =
	        kind_is_known(tables, region, kind) ? tables_stack(tables, region, entry.node) : 0;
	if (!stack)
		return cell_ref_of(0);
	uint32_t b = kind << MP_CELL_KIND_AT | phase;
	struct table *table = kind ? &tables->other_cells : &tables->cells;
	uint32_t cell = table_intern(table, idmap_pair(stack, b), stack, b);
	*translated(&tables->region_cells, index) = cell | (kind ? OTHER_CELL : 0);
	return cell_ref_of(cell | (kind ? OTHER_CELL : 0));
}

enum mp_cell_kind tables_kind(const struct tables *tables, uint32_t other_cell)
{
	return MP_CELL_KIND((uint32_t)tables->other_cells.pairs[other_cell - 1].b);
}

void tables_phase_path(const struct tables *tables, uint32_t phase, char *path, size_t size)
{
	path[0] = '\0';
	if (phase == 0 || phase > tables->phases.count)
		return;
	const struct table_pair *pair = &tables->phases.pairs[phase - 1];
	size_t used = 0;
	if (pair->a) {
		tables_phase_path(tables, (uint32_t)pair->a, path, size);
		used = strlen(path);
	}
	const char *name = pair->b ? tables->strings[pair->b - 1].text : "?";
	snprintf(path + used, size - used, "%s%s", used ? "/" : "", name);
}

/* ---- packing ----------------------------------------------------------------------------- */

static void pack_strings(const struct tables *tables, msgpack_packer *to)
{
	uint32_t from = tables->strings_written;
	if (from == tables->strings_count)
		return;
	pack_record(to, TRACE_STRINGS);
	msgpack_pack_array(to, 2);
	msgpack_pack_uint32(to, from + 1);
	msgpack_pack_array(to, tables->strings_count - from);
	for (uint32_t i = from; i < tables->strings_count; i++)
		pack_text(to, tables->strings[i].text, tables->strings[i].length);
}

static void pack_module(const struct module *module, uint32_t id, msgpack_packer *to)
{
	const struct mp_module *seen = &module->as_seen;
	struct seq map;
	seq_begin(&map);
	map_uint(&map, "id", id);
	map_uint(&map, "path", module->path);
	msgpack_packer *value = map_key(&map, "build_id");
	msgpack_pack_bin(value, seen->build_id_length);
	msgpack_pack_bin_body(value, seen->build_id, seen->build_id_length);
	map_uint(&map, "start", seen->start);
	map_uint(&map, "end", seen->end);
	map_uint(&map, "bias", seen->bias);
	map_uint(&map, "loaded", seen->loaded);
	if (seen->unloaded)
		map_uint(&map, "unloaded", seen->unloaded);
	else
		map_nil(&map, "unloaded");
	pack_record(to, TRACE_MODULE);
	seq_end_map(&map, to);
}

static void pack_table(const struct table *table, enum trace_kind kind, msgpack_packer *to)
{
	if (table->written == table->count)
		return;
	pack_record(to, kind);
	msgpack_pack_array(to, 2);
	msgpack_pack_uint32(to, table->first + table->written);
	msgpack_pack_array(to, (size_t)(table->count - table->written) * 2);
	for (uint32_t i = table->written; i < table->count; i++) {
		msgpack_pack_uint64(to, table->pairs[i].a);
		msgpack_pack_uint64(to, table->pairs[i].b);
	}
}

static void pack_other_cells(const struct tables *tables, msgpack_packer *to)
{
	const struct table *table = &tables->other_cells;
	if (table->written == table->count)
		return;
	pack_record(to, TRACE_OTHER_CELLS);
	msgpack_pack_array(to, 2);
	msgpack_pack_uint32(to, table->first + table->written);
	msgpack_pack_array(to, (size_t)(table->count - table->written) * 3);
	for (uint32_t i = table->written; i < table->count; i++) {
		uint32_t b = (uint32_t)table->pairs[i].b, kind = MP_CELL_KIND(b);
		msgpack_pack_uint64(to, table->pairs[i].a);
		msgpack_pack_uint32(to, MP_CELL_PHASE(b));
		msgpack_pack_uint32(to, kind < MP_CELL_KIND_POOL
		                                ? TRACE_MEMORY_MAPPED
		                                : tables->pool_strings[kind - MP_CELL_KIND_POOL]);
	}
}

static void take_for_written(struct tables *tables)
{
	tables->strings_written = tables->strings_count;
	for (uint32_t i = 0; i < tables->modules_count; i++)
		tables->modules[i].written = true;
	tables->frames.written = tables->frames.count;
	tables->stacks.written = tables->stacks.count;
	tables->phases.written = tables->phases.count;
	tables->cells.written = tables->cells.count;
	tables->other_cells.written = tables->other_cells.count;
}

void tables_pack(struct tables *tables, struct packed *to, bool commit)
{
	msgpack_packer *packer = &to->packer;
	pack_strings(tables, packer);
	for (uint32_t i = 0; i < tables->modules_count; i++)
		if (!tables->modules[i].written)
			pack_module(&tables->modules[i], i + 1, packer);
	pack_table(&tables->frames, TRACE_FRAMES, packer);
	pack_table(&tables->stacks, TRACE_STACKS, packer);
	pack_table(&tables->phases, TRACE_PHASES, packer);
	pack_table(&tables->cells, TRACE_CELLS, packer);
	pack_other_cells(tables, packer);
	if (commit)
		take_for_written(tables);
}

/* elf_names.h: names of functions from an ELF file's symbol tables, without debug information. */
#ifndef ANALYZER_SYMBOLS_ELF_NAMES_H
#define ANALYZER_SYMBOLS_ELF_NAMES_H

#include "symbols/elf_image.h"
#include "symbols/range_map.h"
#include "symbols/text_pool.h"

struct elf_name {
	const char *name; /* in the file, with its version if it has one */
	bool is_stub;     /* of the linkage table */
};

/* Empty: all zero, but for `mini`, which is ELF_IMAGE_CLOSED. */
struct elf_names {
	struct range_map map; /* of indices into names */
	struct elf_name *names;
	size_t count, capacity;
	struct elf_image mini; /* the packed table, if names lie in it */
};

/* Does the image have a symbol table that names code of its own? */
bool elf_names_any(const struct elf_image *image);

/* Reads .symtab, or else .dynsym and the .gnu_debugdata table, of `module`, preferring the .symtab
 * of its debug file (may be NULL), and the stubs of its procedure linkage table. Both images
 * must outlive the names. */
void elf_names_read(struct elf_names *names, const struct elf_image *module,
                    const struct elf_image *debug);

/* The linkage name of the function at `address`, "foo@plt" for a stub, kept in the pool; NULL if
 * not known. *end is how far that holds, as range_map_span's. */
const char *elf_names_find(const struct elf_names *names, uint64_t address, struct text_pool *pool,
                           uint64_t *end);

void elf_names_clear(struct elf_names *names);

#endif

/* elf_image.h: one ELF file, open for reading: build-id, where its code lies, its debug companion.
 *
 * Nothing here trusts the file: libelf checks what it reads, and every failure reads as "not
 * there". Files are mapped, not read; one that is truncated in place while it is open may stop
 * the program (linkers replace files, they do not truncate them).
 */
#ifndef ANALYZER_SYMBOLS_ELF_IMAGE_H
#define ANALYZER_SYMBOLS_ELF_IMAGE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILD_ID_MAX 64

#define ELF_IMAGE_CLOSED ((struct elf_image){.fd = -1})

struct build_id {
	uint8_t bytes[BUILD_ID_MAX];
	size_t length; /* 0: none */
};

/* A closed image has a NULL `elf` and owns nothing: ELF_IMAGE_CLOSED. */
struct elf_image {
	Elf *elf;
	int fd;       /* −1: in memory, or given back */
	void *memory; /* owned, if in memory */
	struct build_id id;
};

/* Opens the ELF file at `path`. False: not there or not ELF; the image is then closed. */
bool elf_image_open(struct elf_image *image, const char *path);

/* Opens an ELF file that lies in memory; takes `memory` (malloc'd) over, also on failure. */
bool elf_image_open_memory(struct elf_image *image, void *memory, size_t size);

/* Opens the running kernel's vdso, as it is mapped into this process. */
bool elf_image_open_vdso(struct elf_image *image);

/* Gives the file's descriptor back, so that a program of many modules does not run out of them. The
 * image stays readable; libdw, which looks for a file's relatives by its descriptor, must have been
 * opened before. */
void elf_image_release_descriptor(struct elf_image *image);

void elf_image_close(struct elf_image *image);

/* Are both known and equal? */
bool build_id_equal(const struct build_id *a, const struct build_id *b);

/* The section called `name`, with its header in `*header` (may be NULL); NULL if there is none. */
Elf_Scn *elf_image_section(const struct elf_image *image, const char *name, GElf_Shdr *header);

/* The least span that holds all segments that are executed. Without any: all addresses. */
void elf_image_code_span(const struct elf_image *image, uint64_t *low, uint64_t *high);

/* Does it carry DWARF? */
bool elf_image_has_dwarf(const struct elf_image *image);

#endif

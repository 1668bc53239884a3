/* elf_image.c: opening by path, in memory, and the vdso; what libelf does not offer by itself. */
#include "symbols/elf_image.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_build_id(struct elf_image *image)
{
	const void *bytes;
	ssize_t length = dwelf_elf_gnu_build_id(image->elf, &bytes);

	image->id.length = 0;
	if (length <= 0 || length > BUILD_ID_MAX)
		return;
	image->id.length = (size_t)length;
	memcpy(image->id.bytes, bytes, image->id.length);
}

/* Takes `elf` in, or refuses what is not an ELF file. */
static bool accept_elf(struct elf_image *image, Elf *elf)
{
	GElf_Ehdr header;

	image->elf = elf;
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header)) {
		elf_image_close(image);
		return false;
	}
	read_build_id(image);
	return true;
}

bool elf_image_open(struct elf_image *image, const char *path)
{
	struct stat status;

	*image = ELF_IMAGE_CLOSED;
	elf_version(EV_CURRENT);
	/* Non-blocking, so that a FIFO in the file's place does not hang. */
	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image->fd < 0 || fstat(image->fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		elf_image_close(image);
		return false;
	}
	return accept_elf(image, elf_begin(image->fd, ELF_C_READ_MMAP, NULL));
}

bool elf_image_open_memory(struct elf_image *image, void *memory, size_t size)
{
	*image = (struct elf_image){.fd = -1, .memory = memory};
	elf_version(EV_CURRENT);
	return accept_elf(image, elf_memory(memory, size));
}

bool elf_image_open_vdso(struct elf_image *image)
{
	const Elf64_Ehdr *mapped = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	size_t size;
	void *copy;

	*image = ELF_IMAGE_CLOSED;
	if (!mapped || memcmp(mapped->e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	/* The kernel maps the whole file; its section headers are the last thing in it. */
	size = mapped->e_shoff + (size_t)mapped->e_shnum * mapped->e_shentsize;
	copy = malloc(size);
	if (!copy)
		return false;
	memcpy(copy, mapped, size);
	return elf_image_open_memory(image, copy, size);
}

void elf_image_release_descriptor(struct elf_image *image)
{
	/* Costs nothing where the file is mapped, and reads it where it could not be. */
	if (image->fd < 0 || elf_cntl(image->elf, ELF_C_FDREAD) != 0)
		return;
	close(image->fd);
	image->fd = -1;
}

void elf_image_close(struct elf_image *image)
{
	if (image->elf)
		elf_end(image->elf);
	if (image->fd >= 0)
		close(image->fd);
	free(image->memory);
	*image = ELF_IMAGE_CLOSED;
}

bool build_id_equal(const struct build_id *a, const struct build_id *b)
{
	return a->length && a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

Elf_Scn *elf_image_section(const struct elf_image *image, const char *name, GElf_Shdr *header)
{
	GElf_Shdr scratch;
	size_t names;

	if (!header)
		header = &scratch;
	if (elf_getshdrstrndx(image->elf, &names) != 0)
		return NULL;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(image->elf, section));) {
		const char *found;

		if (!gelf_getshdr(section, header))
			continue;
		found = elf_strptr(image->elf, names, header->sh_name);
		if (found && strcmp(found, name) == 0)
			return section;
	}
	return NULL;
}

void elf_image_code_span(const struct elf_image *image, uint64_t *low, uint64_t *high)
{
	size_t count;
	bool found = false;

	*low = 0;
	*high = UINT64_MAX;
	if (elf_getphdrnum(image->elf, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;
		uint64_t end;

		if (!gelf_getphdr(image->elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
		    !(segment.p_flags & PF_X))
			continue;
		end = segment.p_vaddr + segment.p_memsz;
		*low = !found || segment.p_vaddr < *low ? segment.p_vaddr : *low;
		*high = !found || end > *high ? end : *high;
		found = true;
	}
}

bool elf_image_has_dwarf(const struct elf_image *image)
{
	GElf_Shdr header;

	/* A stripped section may remain as a header without contents. */
	return (elf_image_section(image, ".debug_info", &header) && header.sh_type != SHT_NOBITS) ||
	       (elf_image_section(image, ".zdebug_info", &header) && header.sh_type != SHT_NOBITS);
}

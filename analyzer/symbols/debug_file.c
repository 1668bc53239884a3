/* debug_file.c: the places to look, and the proof that what is found belongs to the module. */
#include "symbols/debug_file.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

bool debug_file_by_id(struct elf_image *debug, const char *root, const struct build_id *id)
{
	char hex[2 * BUILD_ID_MAX + 1], path[PATH_MAX];

	*debug = ELF_IMAGE_CLOSED;
	if (id->length < 2)
		return false;
	for (size_t i = 0; i < id->length; i++)
		sprintf(hex + 2 * i, "%02x", id->bytes[i]);
	if (snprintf(path, sizeof path, "%s/.build-id/%.2s/%s.debug", root, hex, hex + 2) >=
	    (int)sizeof path)
		return false;
	if (elf_image_open(debug, path) && build_id_equal(&debug->id, id))
		return true;
	elf_image_close(debug);
	return false;
}

/* The CRC of .gnu_debuglink is that of zlib, over the whole file. */
static bool crc_matches(const struct elf_image *debug, GElf_Word wanted)
{
	size_t size;
	const char *bytes = elf_rawfile(debug->elf, &size);

	return bytes && (GElf_Word)crc32_z(0, (const Bytef *)bytes, size) == wanted;
}

static bool open_if_it_belongs(struct elf_image *debug, const struct elf_image *module,
                               const char *path, GElf_Word crc)
{
	bool belongs;

	if (!elf_image_open(debug, path))
		return false;
	if (module->id.length && debug->id.length)
		belongs = build_id_equal(&module->id, &debug->id);
	else
		belongs = crc_matches(debug, crc);
	/* A link may name the module itself. */
	belongs = belongs && elf_image_has_dwarf(debug);
	if (!belongs)
		elf_image_close(debug);
	return belongs;
}

bool debug_file_by_link(struct elf_image *debug, const char *root, const struct elf_image *module,
                        const char *path)
{
	const char *places[][2] = {{"", "/"}, {"", "/.debug/"}, {root, "/"}};
	char directory[PATH_MAX], candidate[PATH_MAX];
	const char *name;
	GElf_Word crc;

	*debug = ELF_IMAGE_CLOSED;
	name = dwelf_elf_gnu_debuglink(module->elf, &crc);
	if (!name || !*name || !realpath(path, directory))
		return false;
	*strrchr(directory, '/') = '\0';
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		int length = snprintf(candidate, sizeof candidate, "%s%s%s%s", places[i][0],
		                      directory, places[i][1], name);

		if (length < (int)sizeof candidate &&
		    open_if_it_belongs(debug, module, candidate, crc))
			return true;
	}
	return false;
}

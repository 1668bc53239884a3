/* debug_file.c: the places to look, and the proof that what is found belongs to the module. */
#include "symbols/debug_file.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define DEBUG_ROOT "/usr/lib/debug"

bool debug_file_by_id(struct elf_image *debug, const struct build_id *id)
{
	char path[sizeof DEBUG_ROOT "/.build-id//.debug" + 2 * BUILD_ID_MAX];
	int length;

	*debug = ELF_IMAGE_CLOSED;
	if (id->length < 2)
		return false;
	length = sprintf(path, "%s/.build-id/%02x/", DEBUG_ROOT, id->bytes[0]);
	for (size_t i = 1; i < id->length; i++)
		length += sprintf(path + length, "%02x", id->bytes[i]);
	strcpy(path + length, ".debug");
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

bool debug_file_by_link(struct elf_image *debug, const struct elf_image *module, const char *path)
{
	static const char *const places[][2] = {{"", "/"}, {"", "/.debug/"}, {DEBUG_ROOT, "/"}};
	char real[PATH_MAX], candidate[3 * PATH_MAX];
	const char *name;
	GElf_Word crc;
	char *slash;

	*debug = ELF_IMAGE_CLOSED;
	name = dwelf_elf_gnu_debuglink(module->elf, &crc);
	if (!name || !*name || strlen(name) >= PATH_MAX || !realpath(path, real))
		return false;
	slash = strrchr(real, '/');
	*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		snprintf(candidate, sizeof candidate, "%s%s%s%s", places[i][0], real, places[i][1],
		         name);
		if (open_if_it_belongs(debug, module, candidate, crc))
			return true;
	}
	return false;
}

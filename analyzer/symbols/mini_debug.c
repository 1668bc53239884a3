/* mini_debug.c: unpacks .gnu_debugdata within fixed limits, as the section may be made up. */
#include "symbols/mini_debug.h"

#include <lzma.h>
#include <stdlib.h>

#define UNPACKED_MAX       (64u << 20)
#define UNPACKER_MEMORY    (96u << 20)
#define RATIO_OF_FIRST_TRY 8

/* Unpacks into a new buffer of `capacity` bytes. NULL: damaged, or does not fit, which *too_small
 * tells apart. */
static void *unpack(const Elf_Data *packed, size_t capacity, size_t *size, bool *too_small)
{
	uint64_t memory = UNPACKER_MEMORY;
	size_t taken = 0;
	lzma_ret result;
	uint8_t *buffer = malloc(capacity);

	*size = 0;
	*too_small = false;
	if (!buffer)
		return NULL;
	result = lzma_stream_buffer_decode(&memory, 0, NULL, packed->d_buf, &taken, packed->d_size,
	                                   buffer, size, capacity);
	if (result == LZMA_OK)
		return buffer;
	*too_small = result == LZMA_BUF_ERROR;
	free(buffer);
	return NULL;
}

bool mini_debug_open(struct elf_image *mini, const struct elf_image *module)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_image_section(module, ".gnu_debugdata", &header);
	Elf_Data *packed =
	        section && header.sh_type != SHT_NOBITS ? elf_rawdata(section, NULL) : NULL;
	bool too_small = true;
	void *unpacked = NULL;
	size_t size;

	*mini = ELF_IMAGE_CLOSED;
	if (!packed || !packed->d_buf || packed->d_size > UNPACKED_MAX / RATIO_OF_FIRST_TRY)
		return false;
	for (size_t capacity = packed->d_size * RATIO_OF_FIRST_TRY;
	     too_small && !unpacked && capacity <= UNPACKED_MAX; capacity *= 4)
		unpacked = unpack(packed, capacity, &size, &too_small);
	return unpacked && elf_image_open_memory(mini, unpacked, size);
}

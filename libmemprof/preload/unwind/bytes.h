/* bytes.h: reads DWARF's encodings from memory, within bounds.
 *
 * A cursor goes from `at` to `end`. A read beyond the end yields 0 and makes the cursor `bad`, and
 * it stays so: callers read on, and ask once.
 */
#ifndef MP_UNWIND_BYTES_H
#define MP_UNWIND_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct mp_bytes {
	const uint8_t *at, *end;
	bool bad;
};

static inline struct mp_bytes mp_bytes(const uint8_t *from, const uint8_t *to)
{
	return (struct mp_bytes){from, to, from > to};
}

static inline bool mp_bytes_have(struct mp_bytes *b, uint64_t count)
{
	if (b->bad || (uint64_t)(b->end - b->at) < count)
		b->bad = true;
	return !b->bad;
}

static inline void mp_bytes_skip(struct mp_bytes *b, uint64_t count)
{
	if (mp_bytes_have(b, count))
		b->at += count;
}

#define MP_BYTES_READ(name, type)                                                                  \
	static inline type mp_bytes_##name(struct mp_bytes *b)                                     \
	{                                                                                          \
		type value = 0;                                                                    \
		if (mp_bytes_have(b, sizeof value)) {                                              \
			memcpy(&value, b->at, sizeof value);                                       \
			b->at += sizeof value;                                                     \
		}                                                                                  \
		return value;                                                                      \
	}
MP_BYTES_READ(u8, uint8_t)
MP_BYTES_READ(u16, uint16_t)
MP_BYTES_READ(u32, uint32_t)
MP_BYTES_READ(u64, uint64_t)
MP_BYTES_READ(s8, int8_t)
MP_BYTES_READ(s16, int16_t)
MP_BYTES_READ(s32, int32_t)
MP_BYTES_READ(s64, int64_t)
#undef MP_BYTES_READ

static inline uint64_t mp_bytes_uleb(struct mp_bytes *b)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = mp_bytes_u8(b);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return b->bad ? 0 : value;
	}
	b->bad = true;
	return 0;
}

static inline int64_t mp_bytes_sleb(struct mp_bytes *b)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = mp_bytes_u8(b);
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			if ((byte & 0x40) && shift + 7 < 64)
				value |= ~0ull << (shift + 7);
			return b->bad ? 0 : (int64_t)value;
		}
	}
	b->bad = true;
	return 0;
}

#endif

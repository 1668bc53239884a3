/* cfi.c: see cfi.h. In the order of the data: object, search table, FDE and CIE, programs. */
#include "unwind/cfi.h"

#include "unwind/bytes.h"
#include "unwind/readable.h"

#include <dlfcn.h>

/* Pointer encodings of .eh_frame and .eh_frame_hdr (LSB Core, "DWARF Extensions"). */
enum {
	ENC_OMIT = 0xff,
	ENC_FORMAT = 0x0f,
	ENC_APPLY = 0x70,
	ENC_PCREL = 0x10,
	ENC_DATAREL = 0x30,
	ENC_INDIRECT = 0x80,
	ENC_TABLE = 0x3b, /* signed 4 bytes, relative to the header: what every linker writes */
};

/* The parts of an FDE and its CIE that a row is made of. */
struct record {
	const uint8_t *at, *end; /* after the length field, to the end of the record */
};

struct cie {
	struct mp_bytes program;
	uint64_t code_align;
	int64_t data_align;
	uint8_t fde_encoding;
	bool augmented, signal_frame;
};

struct fde {
	struct mp_bytes program;
	uintptr_t first, size;
};

/* An encoded pointer; `data` is what "relative to the data" means. */
static uintptr_t read_pointer(struct mp_bytes *b, uint8_t encoding, uintptr_t data)
{
	uintptr_t here = (uintptr_t)b->at;
	uintptr_t value = 0;
	switch (encoding & ENC_FORMAT) {
	case 0x00:
		value = mp_bytes_u64(b);
		break;
	case 0x01:
		value = mp_bytes_uleb(b);
		break;
	case 0x02:
		value = mp_bytes_u16(b);
		break;
	case 0x03:
		value = mp_bytes_u32(b);
		break;
	case 0x04:
		value = mp_bytes_u64(b);
		break;
	case 0x09:
		value = (uintptr_t)mp_bytes_sleb(b);
		break;
	case 0x0a:
		value = (uintptr_t)mp_bytes_s16(b);
		break;
	case 0x0b:
		value = (uintptr_t)mp_bytes_s32(b);
		break;
	case 0x0c:
		value = (uintptr_t)mp_bytes_s64(b);
		break;
	default:
		b->bad = true;
	}
	switch (encoding & ENC_APPLY) {
	case 0:
		break;
	case ENC_PCREL:
		value += here;
		break;
	case ENC_DATAREL:
		value += data;
		break;
	default:
		b->bad = true;
	}
	if (encoding & ENC_INDIRECT)
		b->bad = true;
	return value;
}

/* A record of .eh_frame at `at`, if it lies within [start, end) and can be read. */
static bool open_record(const uint8_t *at, const uint8_t *start, const uint8_t *end,
                        struct record *record)
{
	if (at < start || at >= end || end - at < 8 ||
	    !mp_readable_range((uintptr_t)at, (uintptr_t)at + 8))
		return false;
	struct mp_bytes b = mp_bytes(at, end);
	uint32_t length = mp_bytes_u32(&b);
	/* 0 ends the section; all ones say that 64 bits of length follow, which .eh_frame of
	 * less than 4 GiB never needs. */
	if (length < 4 || length == UINT32_MAX || !mp_bytes_have(&b, length))
		return false;
	record->at = b.at;
	record->end = b.at + length;
	return mp_readable_range((uintptr_t)record->at, (uintptr_t)record->end);
}

static bool parse_augmentation(struct mp_bytes *b, const char *letters, size_t count,
                               struct cie *cie)
{
	if (count == 0)
		return true;
	if (letters[0] != 'z')
		return false; /* a form from before 2000 */
	cie->augmented = true;
	uint64_t length = mp_bytes_uleb(b);
	if (!mp_bytes_have(b, length))
		return false;
	struct mp_bytes data = mp_bytes(b->at, b->at + length);
	mp_bytes_skip(b, length);
	for (size_t i = 1; i < count && !data.bad; i++) {
		switch (letters[i]) {
		case 'R':
			cie->fde_encoding = mp_bytes_u8(&data);
			break;
		case 'L':
			mp_bytes_skip(&data, 1);
			break;
		case 'P': {
			/* Only its length matters here, so what it is relative to does not. */
			uint8_t encoding = mp_bytes_u8(&data);
			(void)read_pointer(&data, encoding & ENC_FORMAT, 0);
			break;
		}
		case 'S':
			cie->signal_frame = true;
			break;
		default:
			return !data.bad; /* what follows is unknown, and has a known length */
		}
	}
	return !data.bad;
}

static bool parse_cie(const struct record *record, struct cie *cie)
{
	struct mp_bytes b = mp_bytes(record->at, record->end);
	*cie = (struct cie){0};
	if (mp_bytes_u32(&b) != 0) /* an FDE has the distance to its CIE here */
		return false;
	uint8_t version = mp_bytes_u8(&b);
	if (b.bad || (version != 1 && version != 3))
		return false;
	const char *letters = (const char *)b.at;
	size_t count = 0;
	while (mp_bytes_u8(&b) != 0)
		count++;
	cie->code_align = mp_bytes_uleb(&b);
	cie->data_align = mp_bytes_sleb(&b);
	uint64_t return_register = version == 1 ? mp_bytes_u8(&b) : mp_bytes_uleb(&b);
	if (b.bad || return_register != MP_REG_RA || !parse_augmentation(&b, letters, count, cie))
		return false;
	cie->program = b;
	return !b.bad;
}

static bool parse_fde(const struct record *record, const struct cie *cie, struct fde *fde)
{
	struct mp_bytes b = mp_bytes(record->at, record->end);
	mp_bytes_skip(&b, 4);
	fde->first = read_pointer(&b, cie->fde_encoding, 0);
	fde->size = read_pointer(&b, cie->fde_encoding & ENC_FORMAT, 0);
	if (cie->augmented)
		mp_bytes_skip(&b, mp_bytes_uleb(&b));
	fde->program = b;
	return !b.bad;
}

/* Finds the FDE that the search table has for an address: the last that begins at or before it. */
static const uint8_t *search(uintptr_t address, const uint8_t *hdr, const uint8_t *end)
{
	if (hdr >= end || end - hdr < 12 || !mp_readable_range((uintptr_t)hdr, (uintptr_t)hdr + 12))
		return NULL;
	struct mp_bytes b = mp_bytes(hdr, end);
	uint8_t version = mp_bytes_u8(&b);
	uint8_t frame_encoding = mp_bytes_u8(&b);
	uint8_t count_encoding = mp_bytes_u8(&b);
	uint8_t table_encoding = mp_bytes_u8(&b);
	if (version != 1 || count_encoding == ENC_OMIT || table_encoding != ENC_TABLE)
		return NULL;
	(void)read_pointer(&b, frame_encoding, (uintptr_t)hdr);
	uintptr_t count = read_pointer(&b, count_encoding, (uintptr_t)hdr);
	if (count == 0 || count > (uintptr_t)(end - hdr) / 8 || !mp_bytes_have(&b, count * 8) ||
	    !mp_readable_range((uintptr_t)b.at, (uintptr_t)b.at + count * 8))
		return NULL;

	intptr_t wanted = (intptr_t)(address - (uintptr_t)hdr);
	uintptr_t low = 0, high = count;
	while (low < high) {
		uintptr_t middle = low + (high - low) / 2;
		int32_t first;
		memcpy(&first, b.at + middle * 8, sizeof first);
		if (first <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	int32_t distance;
	memcpy(&distance, b.at + (low - 1) * 8 + 4, sizeof distance);
	return hdr + distance;
}

/* ---- the programs ----------------------------------------------------------------------- */

#define REMEMBERED 8 /* rows set aside by DW_CFA_remember_state; compilers nest them once */

struct saved_row {
	int32_t cfa_value;
	uint8_t cfa_register;
	bool cfa_is_expression;
	uint8_t where[MP_REGS];
	int32_t value[MP_REGS];
};

struct machine {
	struct mp_cfi_row *row;
	const struct cie *cie;
	const struct mp_cfi_row *initial; /* the row that the CIE's program made */
	uintptr_t location;
	uint32_t depth;
	struct saved_row remembered[REMEMBERED];
};

static void save_row(const struct mp_cfi_row *row, struct saved_row *saved)
{
	saved->cfa_value = row->cfa_value;
	saved->cfa_register = row->cfa_register;
	saved->cfa_is_expression = row->cfa_is_expression;
	memcpy(saved->where, row->where, sizeof saved->where);
	memcpy(saved->value, row->value, sizeof saved->value);
}

static void load_row(const struct saved_row *saved, struct mp_cfi_row *row)
{
	row->cfa_value = saved->cfa_value;
	row->cfa_register = saved->cfa_register;
	row->cfa_is_expression = saved->cfa_is_expression;
	memcpy(row->where, saved->where, sizeof saved->where);
	memcpy(row->value, saved->value, sizeof saved->value);
}

static int32_t narrow(struct mp_bytes *b, int64_t value)
{
	if (value != (int32_t)value)
		b->bad = true;
	return (int32_t)value;
}

static int32_t factored(struct machine *m, struct mp_bytes *b, int64_t value)
{
	int64_t product;
	if (__builtin_mul_overflow(value, m->cie->data_align, &product))
		b->bad = true;
	return b->bad ? 0 : narrow(b, product);
}

/* Registers beyond the return address (vector registers …) are of no use in finding callers. */
static void set_register(struct machine *m, uint64_t reg, enum mp_cfi_where where, int32_t value)
{
	if (reg < MP_REGS) {
		m->row->where[reg] = (uint8_t)where;
		m->row->value[reg] = value;
	}
}

static void restore_register(struct machine *m, struct mp_bytes *b, uint64_t reg)
{
	if (!m->initial)
		b->bad = true; /* the CIE's own program has nothing to go back to */
	else if (reg < MP_REGS)
		set_register(m, reg, m->initial->where[reg], m->initial->value[reg]);
}

static void set_cfa(struct machine *m, struct mp_bytes *b, uint64_t reg, int32_t value)
{
	if (reg >= MP_REGS)
		b->bad = true;
	m->row->cfa_register = (uint8_t)reg;
	m->row->cfa_value = value;
	m->row->cfa_is_expression = false;
}

/* Steps over a block of an expression, and returns its distance from the row's base. */
static int32_t expression_block(struct machine *m, struct mp_bytes *b)
{
	int32_t distance = narrow(b, b->at - m->row->base);
	mp_bytes_skip(b, mp_bytes_uleb(b));
	return distance;
}

static void advance(struct machine *m, uint64_t delta)
{
	m->location += delta * m->cie->code_align;
}

/* The operations without an operand in the opcode itself. */
static void run_extended(struct machine *m, struct mp_bytes *b, uint8_t opcode)
{
	uint64_t reg;
	switch (opcode) {
	case 0x00:
		break; /* nop */
	case 0x01:
		m->location = read_pointer(b, m->cie->fde_encoding, 0);
		break; /* set_loc */
	case 0x02:
		advance(m, mp_bytes_u8(b));
		break;
	case 0x03:
		advance(m, mp_bytes_u16(b));
		break;
	case 0x04:
		advance(m, mp_bytes_u32(b));
		break;
	case 0x05: /* offset_extended */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_AT_CFA, factored(m, b, (int64_t)mp_bytes_uleb(b)));
		break;
	case 0x06:
		restore_register(m, b, mp_bytes_uleb(b));
		break;
	case 0x07:
		set_register(m, mp_bytes_uleb(b), MP_CFI_UNDEFINED, 0);
		break;
	case 0x08:
		set_register(m, mp_bytes_uleb(b), MP_CFI_SAME, 0);
		break;
	case 0x09: /* register */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_REGISTER, narrow(b, (int64_t)mp_bytes_uleb(b)));
		break;
	case 0x0a: /* remember_state */
		if (m->depth == REMEMBERED)
			b->bad = true;
		else
			save_row(m->row, &m->remembered[m->depth++]);
		break;
	case 0x0b: /* restore_state */
		if (m->depth == 0)
			b->bad = true;
		else
			load_row(&m->remembered[--m->depth], m->row);
		break;
	case 0x0c: /* def_cfa */
		reg = mp_bytes_uleb(b);
		set_cfa(m, b, reg, narrow(b, (int64_t)mp_bytes_uleb(b)));
		break;
	case 0x0d:
		set_cfa(m, b, mp_bytes_uleb(b), m->row->cfa_value);
		break;
	case 0x0e:
		m->row->cfa_value = narrow(b, (int64_t)mp_bytes_uleb(b));
		break;
	case 0x0f: /* def_cfa_expression */
		m->row->cfa_value = expression_block(m, b);
		m->row->cfa_is_expression = true;
		break;
	case 0x10: /* expression */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_EXPRESSION, expression_block(m, b));
		break;
	case 0x11: /* offset_extended_sf */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_AT_CFA, factored(m, b, mp_bytes_sleb(b)));
		break;
	case 0x12: /* def_cfa_sf */
		reg = mp_bytes_uleb(b);
		set_cfa(m, b, reg, factored(m, b, mp_bytes_sleb(b)));
		break;
	case 0x13:
		m->row->cfa_value = factored(m, b, mp_bytes_sleb(b));
		break;
	case 0x14: /* val_offset */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_IS_CFA, factored(m, b, (int64_t)mp_bytes_uleb(b)));
		break;
	case 0x15: /* val_offset_sf */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_IS_CFA, factored(m, b, mp_bytes_sleb(b)));
		break;
	case 0x16: /* val_expression */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_IS_EXPRESSION, expression_block(m, b));
		break;
	case 0x2e:
		(void)mp_bytes_uleb(b);
		break; /* GNU_args_size: for landing pads only */
	case 0x2f:     /* GNU_negative_offset_extended */
		reg = mp_bytes_uleb(b);
		set_register(m, reg, MP_CFI_AT_CFA, factored(m, b, -(int64_t)mp_bytes_uleb(b)));
		break;
	default:
		b->bad = true;
	}
}

/* Runs a program up to the row's address. */
static bool run(struct machine *m, struct mp_bytes program)
{
	struct mp_bytes *b = &program;
	while (b->at < b->end && !b->bad) {
		uint8_t opcode = mp_bytes_u8(b);
		uint8_t operand = opcode & 0x3f;
		switch (opcode >> 6) {
		case 0:
			run_extended(m, b, opcode);
			break;
		case 1:
			advance(m, operand);
			break;
		case 2:
			set_register(m, operand, MP_CFI_AT_CFA,
			             factored(m, b, (int64_t)mp_bytes_uleb(b)));
			break;
		default:
			restore_register(m, b, operand);
		}
		if (m->location > m->row->address)
			break;
	}
	return !b->bad;
}

static bool make_row(const struct cie *cie, const struct fde *fde, struct mp_cfi_row *row)
{
	struct machine machine = {.row = row, .cie = cie, .location = fde->first};
	if (!run(&machine, cie->program))
		return false;
	struct mp_cfi_row initial = *row;
	machine.initial = &initial;
	machine.location = fde->first;
	machine.depth = 0;
	return run(&machine, fde->program);
}

bool mp_cfi_row_in(uintptr_t address, const uint8_t *hdr, const uint8_t *start, const uint8_t *end,
                   struct mp_cfi_row *row)
{
	struct record record, cie_record;
	struct cie cie;
	struct fde fde;
	const uint8_t *at = search(address, hdr, end);
	if (!at || !open_record(at, start, end, &record))
		return false;
	int32_t to_cie; /* back from the field itself */
	memcpy(&to_cie, record.at, sizeof to_cie);
	if (to_cie == 0 || !open_record(record.at - to_cie, start, end, &cie_record) ||
	    !parse_cie(&cie_record, &cie) || !parse_fde(&record, &cie, &fde))
		return false;
	if (address < fde.first || address - fde.first >= fde.size)
		return false;
	*row = (struct mp_cfi_row){
	        .base = start, .end = end, .address = address, .signal_frame = cie.signal_frame};
	return make_row(&cie, &fde, row);
}

enum mp_cfi_result mp_cfi_row(uintptr_t address, struct mp_cfi_row *row)
{
	struct dl_find_object object;
	if (_dl_find_object((void *)address, &object) != 0)
		return MP_CFI_NO_OBJECT;
	if (!object.dlfo_eh_frame)
		return MP_CFI_NONE;
	return mp_cfi_row_in(address, object.dlfo_eh_frame, object.dlfo_map_start,
	                     object.dlfo_map_end, row)
	               ? MP_CFI_FOUND
	               : MP_CFI_NONE;
}

bool mp_cfi_expression(const struct mp_cfi_row *row, int32_t distance, const uint8_t **from,
                       const uint8_t **to)
{
	struct mp_bytes b = mp_bytes(row->base + distance, row->end);
	uint64_t length = mp_bytes_uleb(&b);
	if (!mp_bytes_have(&b, length))
		return false;
	*from = b.at;
	*to = b.at + length;
	return true;
}

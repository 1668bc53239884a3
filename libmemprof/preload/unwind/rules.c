/* rules.c: see rules.h. From a row of call frame information to a rule. */
#include "unwind/rules.h"

#include "unwind/bytes.h"
#include "unwind/cfi.h"
#include "unwind/readable.h"

/* DWARF operations that occur in the expressions with a simple meaning. */
enum {
	OP_DEREF = 0x06,
	OP_AND = 0x1a,
	OP_PLUS = 0x22,
	OP_PLUS_UCONST = 0x23,
	OP_SHL = 0x24,
	OP_GE = 0x2a,
	OP_LIT0 = 0x30,
	OP_LIT31 = 0x4f,
	OP_BREG0 = 0x70,
	OP_BREG16 = 0x80,
};

/* register + offset, dereferenced or not, + add */
struct address_form {
	uint8_t reg;
	bool deref;
	int64_t offset, add;
};

static uint8_t literal(struct mp_bytes *b)
{
	uint8_t op = mp_bytes_u8(b);
	if (op < OP_LIT0 || op > OP_LIT31)
		b->bad = true;
	return (uint8_t)(op - OP_LIT0);
}

static void expect(struct mp_bytes *b, uint8_t op)
{
	if (mp_bytes_u8(b) != op)
		b->bad = true;
}

/* What linkers write about a procedure linkage table: each entry of 16 bytes pushes one word on its
 * way, so the CFA is rsp + 8, and 8 more behind the push: ((rip & 15) >= N) << 3. */
static int64_t plt_push(struct mp_bytes *b, uintptr_t pc)
{
	expect(b, OP_BREG16);
	pc += (uintptr_t)mp_bytes_sleb(b);
	uint8_t mask = literal(b);
	expect(b, OP_AND);
	uint8_t threshold = literal(b);
	expect(b, OP_GE);
	uint8_t shift = literal(b);
	expect(b, OP_SHL);
	expect(b, OP_PLUS);
	return (int64_t)((pc & mask) >= threshold) << shift;
}

static bool parse_form(const struct mp_cfi_row *row, int32_t distance, struct address_form *form)
{
	const uint8_t *from, *to;
	if (!mp_cfi_expression(row, distance, &from, &to))
		return false;
	struct mp_bytes b = mp_bytes(from, to);
	uint8_t op = mp_bytes_u8(&b);
	if (op < OP_BREG0 || op >= OP_BREG16)
		return false;
	*form = (struct address_form){.reg = (uint8_t)(op - OP_BREG0)};
	form->offset = mp_bytes_sleb(&b);
	if (b.at < b.end && *b.at == OP_BREG16)
		form->offset += plt_push(&b, row->address);
	if (b.at < b.end && *b.at == OP_DEREF) {
		form->deref = true;
		b.at++;
	}
	if (b.at < b.end && *b.at == OP_PLUS_UCONST) {
		b.at++;
		form->add = (int64_t)mp_bytes_uleb(&b);
	}
	return !b.bad && b.at == b.end;
}

static bool cfa_form(const struct mp_cfi_row *row, struct address_form *form)
{
	if (row->cfa_is_expression)
		return parse_form(row, row->cfa_value, form);
	*form = (struct address_form){.reg = row->cfa_register, .offset = row->cfa_value};
	return true;
}

static bool has_cfa(const struct mp_cfi_row *row, enum mp_rule_kind *kind, int32_t *cfa,
                    uint8_t *add)
{
	struct address_form form;
	if (!cfa_form(row, &form) || (form.reg != MP_REG_RSP && form.reg != MP_REG_RBP))
		return false;
	if (!form.deref) {
		form.offset += form.add;
		form.add = 0;
	}
	if (form.offset != (int32_t)form.offset || form.add % 8 != 0 || form.add < 0 ||
	    form.add / 8 > UINT8_MAX)
		return false;
	*cfa = (int32_t)form.offset;
	*add = (uint8_t)(form.add / 8);
	if (form.reg == MP_REG_RSP)
		*kind = form.deref ? MP_RULE_RSP_DEREF : MP_RULE_RSP;
	else
		*kind = form.deref ? MP_RULE_RBP_DEREF : MP_RULE_RBP;
	return true;
}

static bool has_bp(const struct mp_cfi_row *row, enum mp_rule_bp *where, int16_t *bp)
{
	struct address_form form;
	int64_t offset = row->value[MP_REG_RBP];
	switch (row->where[MP_REG_RBP]) {
	case MP_CFI_UNSET:
	case MP_CFI_SAME:
	case MP_CFI_UNDEFINED: /* then no caller may use it either */
		*where = MP_BP_KEPT;
		*bp = 0;
		return true;
	case MP_CFI_AT_CFA:
		*where = MP_BP_AT_CFA;
		break;
	case MP_CFI_EXPRESSION:
		if (!parse_form(row, row->value[MP_REG_RBP], &form) || form.deref ||
		    form.reg != MP_REG_RBP)
			return false;
		offset = form.offset + form.add;
		*where = MP_BP_AT_BP;
		break;
	default:
		return false;
	}
	*bp = (int16_t)offset;
	return offset == *bp;
}

bool mp_rule_is_sigreturn(uintptr_t address)
{
	static const uint8_t code[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
	return mp_readable_range(address, address + sizeof code) &&
	       memcmp((const void *)address, code, sizeof code) == 0;
}

static struct mp_rule rule_of_row(const struct mp_cfi_row *row)
{
	enum mp_rule_kind kind;
	enum mp_rule_bp bp_where;
	int32_t cfa;
	int16_t bp;
	uint8_t add;
	if (row->where[MP_REG_RA] == MP_CFI_UNDEFINED)
		return mp_rule_of_kind(MP_RULE_END);
	if (row->signal_frame || row->where[MP_REG_RA] != MP_CFI_AT_CFA ||
	    row->value[MP_REG_RA] != -8 || row->where[MP_REG_RSP] != MP_CFI_UNSET ||
	    !has_cfa(row, &kind, &cfa, &add) || !has_bp(row, &bp_where, &bp))
		return mp_rule_of_kind(MP_RULE_FULL);
	return mp_rule_make(kind, cfa, add, bp_where, bp);
}

struct mp_rule mp_rule_derive(uintptr_t address)
{
	struct mp_cfi_row row;
	enum mp_cfi_result result = mp_cfi_row(address, &row);
	/* The handler's return address is the trampoline's first instruction, which nobody called:
	 * what was looked up is one byte before it. */
	if ((result != MP_CFI_FOUND || row.signal_frame) &&
	    (mp_rule_is_sigreturn(address + 1) || mp_rule_is_sigreturn(address)))
		return mp_rule_make(MP_RULE_SIGNAL, 0, 0, MP_BP_AT_CFA, 0);
	if (result == MP_CFI_FOUND)
		return rule_of_row(&row);
	if (result == MP_CFI_NO_OBJECT)
		return mp_rule_of_kind(MP_RULE_NO_OBJECT);
	/* Nobody calls from before a function's first instruction: such a return address was put
	 * there by hand, as the bottom of a coroutine's stack (makecontext does so). */
	return mp_rule_of_kind(mp_cfi_row(address + 1, &row) == MP_CFI_FOUND ? MP_RULE_END
	                                                                     : MP_RULE_NO_CFI);
}

/* full.c: see full.h. */
#include "unwind/full.h"

#include "unwind/bytes.h"
#include "unwind/readable.h"

#define OWN_FRAMES 32 /* between this file and the hook's caller there are at most so many */

static bool get(const struct mp_registers *registers, uint64_t reg, uintptr_t *value)
{
	if (reg >= MP_REG_RA || !(registers->known >> reg & 1u))
		return false;
	*value = registers->value[reg];
	return true;
}

static void set(struct mp_registers *registers, unsigned reg, uintptr_t value)
{
	registers->value[reg] = value;
	registers->known |= 1u << reg;
}

/* ---- expressions (DWARF 5, §2.5.1) -------------------------------------------------------- */

#define STACK 16

struct evaluation {
	const struct mp_registers *registers;
	struct mp_bytes bytes;
	uintptr_t stack[STACK];
	unsigned depth;
};

static void push(struct evaluation *e, uintptr_t value)
{
	if (e->depth == STACK)
		e->bytes.bad = true;
	else
		e->stack[e->depth++] = value;
}

static uintptr_t pop(struct evaluation *e)
{
	if (e->depth == 0) {
		e->bytes.bad = true;
		return 0;
	}
	return e->stack[--e->depth];
}

static void pick(struct evaluation *e, unsigned from_top)
{
	if (from_top >= e->depth)
		e->bytes.bad = true;
	else
		push(e, e->stack[e->depth - 1 - from_top]);
}

static void push_register(struct evaluation *e, uint64_t reg, int64_t offset)
{
	uintptr_t value = 0;
	if (reg == MP_REG_RA)
		value = e->registers->pc; /* rip, near enough: exact where it was interrupted */
	else if (!get(e->registers, reg, &value))
		e->bytes.bad = true;
	push(e, value + (uintptr_t)offset);
}

static void dereference(struct evaluation *e)
{
	uintptr_t address = pop(e);
	if (e->bytes.bad || !mp_readable_word(address))
		e->bytes.bad = true;
	else
		push(e, mp_word_at(address));
}

static void constant(struct evaluation *e, uint8_t op)
{
	struct mp_bytes *b = &e->bytes;
	switch (op) {
	case 0x08:
		push(e, mp_bytes_u8(b));
		break;
	case 0x09:
		push(e, (uintptr_t)(intptr_t)mp_bytes_s8(b));
		break;
	case 0x0a:
		push(e, mp_bytes_u16(b));
		break;
	case 0x0b:
		push(e, (uintptr_t)(intptr_t)mp_bytes_s16(b));
		break;
	case 0x0c:
		push(e, mp_bytes_u32(b));
		break;
	case 0x0d:
		push(e, (uintptr_t)(intptr_t)mp_bytes_s32(b));
		break;
	case 0x0e:
	case 0x0f:
		push(e, mp_bytes_u64(b));
		break;
	case 0x10:
		push(e, mp_bytes_uleb(b));
		break;
	default:
		push(e, (uintptr_t)mp_bytes_sleb(b));
		break; /* 0x11 */
	}
}

static void binary(struct evaluation *e, uint8_t op)
{
	uintptr_t right = pop(e), left = pop(e);
	intptr_t sright = (intptr_t)right, sleft = (intptr_t)left;
	switch (op) {
	case 0x1a:
		push(e, left & right);
		break;
	case 0x1c:
		push(e, left - right);
		break;
	case 0x1e:
		push(e, left * right);
		break;
	case 0x21:
		push(e, left | right);
		break;
	case 0x22:
		push(e, left + right);
		break;
	case 0x24:
		push(e, right < 64 ? left << right : 0);
		break;
	case 0x25:
		push(e, right < 64 ? left >> right : 0);
		break;
	case 0x26:
		push(e, (uintptr_t)(sleft >> (right < 64 ? right : 63)));
		break;
	case 0x27:
		push(e, left ^ right);
		break;
	case 0x29:
		push(e, left == right);
		break;
	case 0x2a:
		push(e, sleft >= sright);
		break;
	case 0x2b:
		push(e, sleft > sright);
		break;
	case 0x2c:
		push(e, sleft <= sright);
		break;
	case 0x2d:
		push(e, sleft < sright);
		break;
	case 0x2e:
		push(e, left != right);
		break;
	default:
		e->bytes.bad = true;
	}
}

static void stack_operation(struct evaluation *e, uint8_t op)
{
	uintptr_t top;
	switch (op) {
	case 0x12:
		pick(e, 0);
		break;
	case 0x13:
		(void)pop(e);
		break;
	case 0x14:
		pick(e, 1);
		break;
	case 0x15:
		pick(e, mp_bytes_u8(&e->bytes));
		break;
	default: /* 0x16, swap */
		top = pop(e);
		pick(e, 0);
		if (e->depth >= 2)
			e->stack[e->depth - 2] = top;
	}
}

static void operation(struct evaluation *e, uint8_t op)
{
	struct mp_bytes *b = &e->bytes;
	if (op >= 0x30 && op <= 0x4f)
		push(e, (uintptr_t)op - 0x30u);
	else if (op >= 0x50 && op <= 0x6f)
		push_register(e, op - 0x50u, 0);
	else if (op >= 0x70 && op <= 0x8f)
		push_register(e, op - 0x70u, mp_bytes_sleb(b));
	else if (op >= 0x08 && op <= 0x11)
		constant(e, op);
	else if (op >= 0x12 && op <= 0x16)
		stack_operation(e, op);
	else if (op == 0x06)
		dereference(e);
	else if (op == 0x1f)
		push(e, -pop(e));
	else if (op == 0x20)
		push(e, ~pop(e));
	else if (op == 0x23)
		push(e, pop(e) + mp_bytes_uleb(b));
	else if (op == 0x96) /* nop */
		return;
	else
		binary(e, op);
}

bool mp_full_evaluate(const uint8_t *from, const uint8_t *to, const struct mp_registers *registers,
                      const uintptr_t *initial, uintptr_t *result)
{
	struct evaluation e = {.registers = registers, .bytes = mp_bytes(from, to)};
	if (initial)
		push(&e, *initial);
	/* No jumps: every operation goes forward, so this ends. */
	while (!e.bytes.bad && e.bytes.at < e.bytes.end)
		operation(&e, mp_bytes_u8(&e.bytes));
	*result = pop(&e);
	return !e.bytes.bad;
}

/* ---- rows ------------------------------------------------------------------------------- */

static bool evaluate_at(const struct mp_cfi_row *row, int32_t distance,
                        const struct mp_registers *registers, const uintptr_t *initial,
                        uintptr_t *result)
{
	const uint8_t *from, *to;
	return mp_cfi_expression(row, distance, &from, &to) &&
	       mp_full_evaluate(from, to, registers, initial, result);
}

static bool row_cfa(const struct mp_cfi_row *row, const struct mp_registers *registers,
                    uintptr_t *cfa)
{
	if (row->cfa_is_expression)
		return evaluate_at(row, row->cfa_value, registers, NULL, cfa);
	if (!get(registers, row->cfa_register, cfa))
		return false;
	*cfa += (intptr_t)row->cfa_value;
	return true;
}

static bool load(uintptr_t address, uintptr_t *value)
{
	if (!mp_readable_word(address))
		return false;
	*value = mp_word_at(address);
	return true;
}

/* What register `reg` is in the caller. */
static bool row_register(const struct mp_cfi_row *row, unsigned reg, uintptr_t cfa,
                         const struct mp_registers *registers, uintptr_t *value)
{
	int32_t operand = row->value[reg];
	switch (row->where[reg]) {
	case MP_CFI_UNSET:
	case MP_CFI_SAME:
		return get(registers, reg, value);
	case MP_CFI_AT_CFA:
		return load(cfa + (intptr_t)operand, value);
	case MP_CFI_IS_CFA:
		*value = cfa + (intptr_t)operand;
		return true;
	case MP_CFI_REGISTER:
		return get(registers, (uint64_t)operand, value);
	case MP_CFI_EXPRESSION:
		return evaluate_at(row, operand, registers, &cfa, value) && load(*value, value);
	case MP_CFI_IS_EXPRESSION:
		return evaluate_at(row, operand, registers, &cfa, value);
	default:
		return false;
	}
}

static enum mp_step step_by_row(struct mp_registers *registers, const struct mp_cfi_row *row)
{
	struct mp_registers caller = {0};
	uintptr_t cfa, value, return_address;
	if (row->where[MP_REG_RA] == MP_CFI_UNDEFINED)
		return MP_STEP_END;
	if (!row_cfa(row, registers, &cfa) ||
	    !row_register(row, MP_REG_RA, cfa, registers, &return_address))
		return MP_STEP_LOST;
	for (unsigned reg = 0; reg < MP_REG_RA; reg++)
		if (reg != MP_REG_RSP && row_register(row, reg, cfa, registers, &value))
			set(&caller, reg, value);
	if (row->where[MP_REG_RSP] != MP_CFI_UNSET) {
		if (!row_register(row, MP_REG_RSP, cfa, registers, &cfa))
			return MP_STEP_LOST;
	} else if (cfa <= registers->value[MP_REG_RSP] && !row->signal_frame) {
		return MP_STEP_LOST;
	}
	set(&caller, MP_REG_RSP, cfa);
	caller.interrupted = row->signal_frame;
	caller.pc = row->signal_frame ? return_address : return_address - 1;
	*registers = caller;
	return return_address ? MP_STEP_ON : MP_STEP_ZERO;
}

/* The interrupted registers, from the ucontext that rsp points to: gregs has them in an order of
 * its own (sys/ucontext.h), from offset 40. */
static enum mp_step step_signal(struct mp_registers *registers)
{
	static const uint8_t order[] = {8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7};
	uintptr_t context = registers->value[MP_REG_RSP];
	struct mp_registers caller = {.interrupted = true};
	uintptr_t value;
	for (unsigned i = 0; i < sizeof order; i++) {
		if (!load(context + 40 + i * 8u, &value))
			return MP_STEP_LOST;
		set(&caller, order[i], value);
	}
	if (!load(context + MP_SIGNAL_PC, &caller.pc))
		return MP_STEP_LOST;
	*registers = caller;
	return MP_STEP_ON;
}

bool mp_full_interrupted(uintptr_t context, struct mp_registers *registers)
{
	*registers = (struct mp_registers){0};
	set(registers, MP_REG_RSP, context);
	return step_signal(registers) == MP_STEP_ON;
}

/* A step by a rule changes rsp and rbp; what else the frame may have saved is no longer known. */
static enum mp_step step_by_rule(struct mp_registers *registers, struct mp_rule rule)
{
	struct mp_frame caller, frame = {registers->pc, registers->value[MP_REG_RSP], 0};
	if (!get(registers, MP_REG_RBP, &frame.bp))
		return MP_STEP_LOST;
	uintptr_t page = MP_STEP_NO_PAGE;
	enum mp_step step = mp_step(frame, rule, 0, &caller, &page);
	if (step == MP_STEP_ON) {
		*registers = (struct mp_registers){.pc = caller.pc};
		set(registers, MP_REG_RSP, caller.sp);
		set(registers, MP_REG_RBP, caller.bp);
	}
	return step;
}

enum mp_step mp_full_step(struct mp_registers *registers)
{
	struct mp_cfi_row row;
	struct mp_rule rule = mp_rule_derive(registers->pc);
	struct mp_frame frame = {registers->pc, registers->value[MP_REG_RSP],
	                         registers->value[MP_REG_RBP]};
	if (mp_rule_kind(rule) == MP_RULE_SIGNAL)
		return step_signal(registers);
	if (mp_rule_kind(rule) == MP_RULE_NO_CFI || mp_rule_kind(rule) == MP_RULE_NO_OBJECT)
		return step_by_rule(registers, mp_step_uninformed(frame, registers->interrupted));
	if (mp_cfi_row(registers->pc, &row) != MP_CFI_FOUND)
		return MP_STEP_LOST;
	return step_by_row(registers, &row);
}

/* Reads the registers as they are at one instruction of this very function, which must stay on the
 * stack while the walk leaves it: hence no function of its own for the reading. */
__attribute__((noinline)) bool mp_full_start(const struct mp_frame *frame,
                                             struct mp_registers *registers)
{
	uintptr_t own[8];
	__asm__ volatile("lea 0(%%rip), %%rax\n\t"
	                 "mov %%rax, 0(%0)\n\tmov %%rsp, 8(%0)\n\t"
	                 "mov %%rbx, 16(%0)\n\tmov %%rbp, 24(%0)\n\t"
	                 "mov %%r12, 32(%0)\n\tmov %%r13, 40(%0)\n\t"
	                 "mov %%r14, 48(%0)\n\tmov %%r15, 56(%0)"
	                 :
	                 : "r"(own)
	                 : "rax", "memory");
	static const uint8_t order[] = {MP_REG_RSP, MP_REG_RBX, MP_REG_RBP, 12, 13, 14, 15};
	*registers = (struct mp_registers){.pc = own[0]};
	for (unsigned i = 0; i < sizeof order; i++)
		set(registers, order[i], own[i + 1]);
	for (int i = 0; i < OWN_FRAMES; i++) {
		if (registers->value[MP_REG_RSP] == frame->sp && registers->pc == frame->pc)
			return true;
		if (mp_full_step(registers) != MP_STEP_ON)
			return false;
	}
	return false;
}

/* cfi.h: call frame information: where a function's caller left its registers.
 *
 *     address ──_dl_find_object──▶ .eh_frame_hdr ──binary search──▶ FDE ──▶ CIE
 *                                  CIE's and FDE's programs, run up to the address ──▶ struct
 * mp_cfi_row
 *
 * A row says, of one address: how to get the CFA (the stack pointer before the call), and where
 * each register that the caller needs was saved. Words and numbers are those of DWARF 5, §6.4, and
 * of the x86-64 psABI, §3.6 (register numbers: 6 = rbp, 7 = rsp, 16 = return address).
 *
 * All input is hostile until read: every read is checked against the section's or record's end, and
 * the pages were found readable before. Anything odd means "no row", never a guess.
 *
 * Nothing here allocates, locks or calls the system (but for readable.h's first look at a page).
 */
#ifndef MP_UNWIND_CFI_H
#define MP_UNWIND_CFI_H

#include <stdbool.h>
#include <stdint.h>

enum {
	MP_REG_RBX = 3,
	MP_REG_RBP = 6,
	MP_REG_RSP = 7,
	MP_REG_RA = 16,
	MP_REGS = 17,
};

/* How a register is to be had in the caller. */
enum mp_cfi_where {
	MP_CFI_UNSET = 0, /* not mentioned: as it is */
	MP_CFI_SAME,
	MP_CFI_UNDEFINED,
	MP_CFI_AT_CFA,     /* saved at CFA + value */
	MP_CFI_IS_CFA,     /* is CFA + value */
	MP_CFI_REGISTER,   /* is in register `value` */
	MP_CFI_EXPRESSION, /* saved at what the expression says */
	MP_CFI_IS_EXPRESSION,
};

/* For expressions `value` is the distance of their block (length, then bytes) from `base`. */
struct mp_cfi_row {
	const uint8_t *base; /* start of the object's FDE or CIE area that expressions refer to */
	const uint8_t *end;  /* nothing at or beyond it may be read */
	uintptr_t address;   /* that was looked up */
	int32_t cfa_value;   /* offset, or distance of the expression */
	uint8_t cfa_register;
	bool cfa_is_expression;
	bool signal_frame; /* the CIE says that this is a signal trampoline */
	uint8_t where[MP_REGS];
	int32_t value[MP_REGS];
};

enum mp_cfi_result {
	MP_CFI_FOUND,
	MP_CFI_NO_OBJECT, /* the address belongs to no loaded object: code made at run time */
	MP_CFI_NONE,      /* in an object that says nothing, or nothing understood, about it */
};

/* The row of an address to look up. Async-signal-safe, lock-free. */
enum mp_cfi_result mp_cfi_row(uintptr_t address, struct mp_cfi_row *row);

/* The row of an address by a .eh_frame_hdr and the mapped range [start, end) of its object: the
 * part of mp_cfi_row that reads foreign data, apart for tests. */
bool mp_cfi_row_in(uintptr_t address, const uint8_t *hdr, const uint8_t *start, const uint8_t *end,
                   struct mp_cfi_row *row);

/* The bytes of an expression of a row: its block is at `distance`. False if it is not within. */
bool mp_cfi_expression(const struct mp_cfi_row *row, int32_t distance, const uint8_t **from,
                       const uint8_t **to);

#endif

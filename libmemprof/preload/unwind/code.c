/* code.c: see code.h. */
#include "unwind/code.h"

#include "unwind/readable.h"

#include <string.h>

/* ---- instructions (AMD64 Architecture Programmer's Manual, volume 3) ---------------------------
 */

#define CALL_MAX 7u /* bytes of the longest call, without prefixes */

/* The bytes of an indirect call, FF /2, by its ModRM byte and the SIB byte that may follow. */
static unsigned indirect_call_length(const uint8_t *code)
{
	unsigned mode = code[1] >> 6, base = code[1] & 7u;
	if (mode == 3)
		return 2;
	unsigned length = base == 4 ? 3 : 2;
	if (mode == 0)
		return length + (base == 5 || (base == 4 && (code[2] & 7u) == 5) ? 4 : 0);
	return length + (mode == 1 ? 1 : 4);
}

/* call rel32 is E8 and 4 bytes. */
static bool call_ends_at(const uint8_t *code)
{
	if (code[-5] == 0xe8)
		return true;
	for (unsigned length = 2; length <= CALL_MAX; length++) {
		const uint8_t *call = code - length;
		if (call[0] == 0xff && (call[1] & 0x38) == 0x10 &&
		    indirect_call_length(call) == length)
			return true;
	}
	return false;
}

/* A way out: the distances, in words from rsp, of the CFA and of the place that rbp is popped
 * from. */
struct way_out {
	unsigned cfa;       /* 0: not known */
	unsigned bp_plus_1; /* 0: rbp stays as it is */
};

#define WAY_OUT_BYTES   32u   /* to be looked at */
#define INSTRUCTION_MAX 7u    /* of those that belong to one */
#define WAY_OUT_WORDS   0xffu /* of the largest frame */

/* add $bytes, %rsp: how many bytes the instruction has, 0 if it is another. */
static unsigned add_to_rsp(const uint8_t *code, int32_t *bytes)
{
	static const uint8_t by_8[] = {0x48, 0x83, 0xc4}, by_32[] = {0x48, 0x81, 0xc4};
	if (memcmp(code, by_8, 3) == 0) {
		*bytes = (int8_t)code[3];
		return 4;
	}
	if (memcmp(code, by_32, 3) == 0) {
		memcpy(bytes, code + 3, sizeof *bytes);
		return 7;
	}
	return 0;
}

/* pop of a register but rsp. */
static unsigned pop(const uint8_t *code, bool *of_rbp)
{
	unsigned prefix = code[0] == 0x41;
	uint8_t op = code[prefix];
	*of_rbp = !prefix && op == 0x5d;
	return op >= 0x58 && op <= 0x5f && (prefix || op != 0x5c) ? 1 + prefix : 0;
}

/* `code` is followed by zeros, which are no part of a way out. */
static struct way_out read_way_out(const uint8_t code[WAY_OUT_BYTES + INSTRUCTION_MAX])
{
	const struct way_out none = {0, 0};
	const uint8_t *end = code + WAY_OUT_BYTES;
	struct way_out way = none;
	unsigned length;
	for (unsigned words = 0; code < end && words < WAY_OUT_WORDS; code += length) {
		int32_t bytes;
		bool of_rbp;
		if (code[0] == 0xc3) {
			way.cfa = words + 1;
			return way;
		}
		if ((length = pop(code, &of_rbp)) != 0) {
			words++;
			if (of_rbp)
				way.bp_plus_1 = words;
		} else if ((length = add_to_rsp(code, &bytes)) != 0) {
			if (bytes <= 0 || bytes % 8 != 0 || bytes / 8 >= (int32_t)WAY_OUT_WORDS)
				return none;
			words += (unsigned)bytes / 8;
		} else {
			return none;
		}
	}
	return none;
}

/* ---- facts -------------------------------------------------------------------------------------
 */

/* 63 … 32 epoch, 23 … 16 bp_plus_1, 15 … 8 cfa, 0 whether a call ends there */
#define FOLLOWS_CALL 1u

#define ENTRIES_BITS 12u

static struct entry {
	uint64_t check; /* address ^ facts */
	uint64_t facts;
} entries[1u << ENTRIES_BITS];

static uint32_t epoch = 1; /* never 0, which is what untouched entries have */

static uint32_t read_facts(uintptr_t address)
{
	if (address < CALL_MAX || !mp_readable_ask(address - CALL_MAX) || !mp_readable_ask(address))
		return 0;
	const uint8_t *code = (const uint8_t *)address;
	if (!call_ends_at(code))
		return 0;
	uintptr_t next_page = ((address >> MP_PAGE_SHIFT) + 1) << MP_PAGE_SHIFT;
	size_t there = next_page - address;
	if (there > WAY_OUT_BYTES || mp_readable_ask(next_page))
		there = WAY_OUT_BYTES;
	uint8_t bytes[WAY_OUT_BYTES + INSTRUCTION_MAX] = {0};
	memcpy(bytes, code, there);
	struct way_out way = read_way_out(bytes);
	return FOLLOWS_CALL | (way.cfa ? way.cfa << 8 | way.bp_plus_1 << 16 : 0);
}

static uint32_t facts_of(uintptr_t address)
{
	uint64_t now = __atomic_load_n(&epoch, __ATOMIC_ACQUIRE);
	struct entry *entry = &entries[(address * 0x9e3779b97f4a7c15ull) >> (64 - ENTRIES_BITS)];
	uint64_t facts = __atomic_load_n(&entry->facts, __ATOMIC_RELAXED);
	uint64_t check = __atomic_load_n(&entry->check, __ATOMIC_RELAXED);
	if ((check ^ facts) == address && facts >> 32 == now)
		return (uint32_t)facts;
	uint32_t found = read_facts(address);
	if (found) {
		facts = now << 32 | found;
		__atomic_store_n(&entry->facts, facts, __ATOMIC_RELAXED);
		__atomic_store_n(&entry->check, address ^ facts, __ATOMIC_RELAXED);
	}
	return found;
}

bool mp_code_follows_call(uintptr_t address)
{
	return facts_of(address) & FOLLOWS_CALL;
}

struct mp_rule mp_code_way_out(uintptr_t address)
{
	uint32_t facts = facts_of(address);
	int32_t cfa = (int32_t)(facts >> 8 & 0xffu) * 8;
	int32_t bp_plus_1 = (int32_t)(facts >> 16 & 0xffu);
	if (!cfa)
		return mp_rule_of_kind(MP_RULE_NO_CFI);
	if (!bp_plus_1)
		return mp_rule_make(MP_RULE_RSP, cfa, 0, MP_BP_KEPT, 0);
	return mp_rule_make(MP_RULE_RSP, cfa, 0, MP_BP_AT_CFA,
	                    (int16_t)((bp_plus_1 - 1) * 8 - cfa));
}

void mp_code_forget(void)
{
	if (__atomic_add_fetch(&epoch, 1, __ATOMIC_ACQ_REL) == 0)
		__atomic_add_fetch(&epoch, 1, __ATOMIC_ACQ_REL);
}

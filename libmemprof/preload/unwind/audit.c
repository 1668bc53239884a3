/* audit.c: see audit.h. */
#include "unwind/audit.h"

#include "unwind/bytes.h"

#include "os.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libunwind.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LIBRARY "libunwind-x86_64.so.8" /* the one that can walk other address spaces */

/* What is used of libunwind: X(type of result, name here, name there, parameters) */
#define FUNCTIONS(X)                                                                               \
	X(unw_addr_space_t, create, "_Ux86_64_create_addr_space", (unw_accessors_t *, int))        \
	X(int, set_caching, "_Ux86_64_set_caching_policy",                                         \
	  (unw_addr_space_t, unw_caching_policy_t))                                                \
	X(void, flush, "_Ux86_64_flush_cache", (unw_addr_space_t, unw_word_t, unw_word_t))         \
	X(int, init, "_Ux86_64_init_remote", (unw_cursor_t *, unw_addr_space_t, void *))           \
	X(int, step, "_Ux86_64_step", (unw_cursor_t *))                                            \
	X(int, get, "_Ux86_64_get_reg", (unw_cursor_t *, int, unw_word_t *))                       \
	X(int, search, "_Ux86_64_dwarf_search_unwind_table",                                       \
	  (unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int, void *))

static struct {
#define X(result, name, symbol, parameters) result(*name) parameters;
	FUNCTIONS(X)
#undef X
} unw;

/* All of this belongs to who holds `busy`. */
static struct {
	unw_addr_space_t space;
	unw_cursor_t cursor;
	struct mp_frame first;
	bool resumes; /* the frame was interrupted (or is the first): its address is exact */
	uint32_t generation;
	long pid; /* 0: not opened */
	bool busy;
} audit;

/* ---- the address space: this process, through our own eyes -------------------------------- */

static bool table_of(uintptr_t address, unw_dyn_info_t *info)
{
	struct dl_find_object object;
	if (_dl_find_object((void *)address, &object) != 0 || !object.dlfo_eh_frame)
		return false;
	uintptr_t hdr = (uintptr_t)object.dlfo_eh_frame;
	/* Version 1; 4 bytes relative to here; a 4-byte count; a table relative to the header. */
	static const uint8_t usual[4] = {1, 0x1b, 0x03, 0x3b};
	uint32_t count;
	if (!mp_readable_range(hdr, hdr + 12) || memcmp((const void *)hdr, usual, 4) != 0)
		return false;
	memcpy(&count, (const void *)(hdr + 8), sizeof count);
	*info = (unw_dyn_info_t){.format = UNW_INFO_FORMAT_REMOTE_TABLE,
	                         .start_ip = (uintptr_t)object.dlfo_map_start,
	                         .end_ip = (uintptr_t)object.dlfo_map_end};
	info->u.rti.segbase = hdr;
	info->u.rti.table_data = hdr + 12;
	info->u.rti.table_len = (unw_word_t)count * 8 / sizeof(unw_word_t);
	return true;
}

static int find_proc_info(unw_addr_space_t space, unw_word_t ip, unw_proc_info_t *info, int need,
                          void *arg)
{
	unw_dyn_info_t table;
	if (!table_of(ip, &table))
		return -UNW_ENOINFO;
	return unw.search(space, ip, &table, info, need, arg);
}

static void put_unwind_info(unw_addr_space_t space, unw_proc_info_t *info, void *arg)
{
	(void)space, (void)info, (void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t space, unw_word_t *address, void *arg)
{
	(void)space, (void)address, (void)arg;
	return -UNW_ENOINFO;
}

static int access_mem(unw_addr_space_t space, unw_word_t address, unw_word_t *value, int write,
                      void *arg)
{
	(void)space, (void)arg;
	if (write || !mp_readable_range(address, address + sizeof *value))
		return -UNW_EINVAL;
	memcpy(value, (const void *)address, sizeof *value);
	return 0;
}

static int access_reg(unw_addr_space_t space, unw_regnum_t reg, unw_word_t *value, int write,
                      void *arg)
{
	(void)space, (void)arg;
	if (write)
		return -UNW_EREADONLYREG;
	switch (reg) {
	case UNW_X86_64_RIP:
		*value = audit.first.pc;
		return 0;
	case UNW_X86_64_RSP:
		*value = audit.first.sp;
		return 0;
	case UNW_X86_64_RBP:
		*value = audit.first.bp;
		return 0;
	default:
		return -UNW_EBADREG;
	}
}

static int access_fpreg(unw_addr_space_t space, unw_regnum_t reg, unw_fpreg_t *value, int write,
                        void *arg)
{
	(void)space, (void)reg, (void)value, (void)write, (void)arg;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t space, unw_cursor_t *cursor, void *arg)
{
	(void)space, (void)cursor, (void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t space, unw_word_t address, char *name, size_t size,
                         unw_word_t *offset, void *arg)
{
	(void)space, (void)address, (void)name, (void)size, (void)offset, (void)arg;
	return -UNW_EUNSPEC;
}

/* ---- audits ----------------------------------------------------------------------------- */

/* libunwind opens a pipe for its own probing of memory, which is not used here: its descriptors
 * would be seen by the program, and closed and taken by it. Which of the lowest 64 are open, as
 * bits. */
static uint64_t open_descriptors(void)
{
	uint64_t open = 0;
	for (int fd = 0; fd < 64; fd++)
		if (mp_syscall(SYS_fcntl, fd, F_GETFD, 0, 0, 0, 0) >= 0)
			open |= 1ull << fd;
	return open;
}

static void close_descriptors(uint64_t which)
{
	for (int fd = 0; fd < 64; fd++)
		if (which >> fd & 1)
			(void)mp_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
}

static uint32_t early_period = MP_AUDIT_EARLY_PERIOD, period = MP_AUDIT_PERIOD;

uint64_t mp_audit_next(uint64_t captures)
{
	return captures + (captures < MP_AUDIT_EARLY ? early_period : period);
}

static void read_period(void)
{
	const char *text = getenv(MP_AUDIT_VARIABLE);
	unsigned long value = text ? strtoul(text, NULL, 10) : 0;
	if (value > 0 && value <= INT32_MAX)
		early_period = period = (uint32_t)value;
}

void mp_audit_start(void)
{
	read_period();
	static unw_accessors_t accessors = {find_proc_info, put_unwind_info, get_dyn_info_list_addr,
	                                    access_mem,     access_reg,      access_fpreg,
	                                    resume,         get_proc_name};
	void *library = dlopen(LIBRARY, RTLD_LOCAL | RTLD_NOW);
	if (!library)
		return;
#define X(result, name, symbol, parameters)                                                        \
	if (!(unw.name = (result(*) parameters)dlsym(library, symbol)))                            \
		return;
	FUNCTIONS(X)
#undef X
	uint64_t before = open_descriptors();
	audit.space = unw.create(&accessors, 0);
	if (audit.space)
		unw.set_caching(audit.space, UNW_CACHE_GLOBAL);
	close_descriptors(open_descriptors() & ~before);
	if (!audit.space)
		return;
	__atomic_store_n(&audit.pid, (long)getpid(), __ATOMIC_RELEASE);
}

bool mp_audit_begin(const struct mp_frame *frame, uint32_t generation)
{
	long pid = __atomic_load_n(&audit.pid, __ATOMIC_ACQUIRE);
	if (pid == 0 || __atomic_exchange_n(&audit.busy, true, __ATOMIC_ACQUIRE))
		return false;
	int saved_errno = errno;
	if (pid != syscall(SYS_getpid)) {
		mp_audit_end();
		return false;
	}
	if (audit.generation != generation) {
		unw.flush(audit.space, 0, 0);
		audit.generation = generation;
	}
	audit.first = *frame;
	audit.resumes = true;
	bool ready = unw.init(&audit.cursor, audit.space, NULL) == 0;
	errno = saved_errno;
	if (!ready)
		mp_audit_end();
	return ready;
}

/* 0 where it is not known. */
static uintptr_t current_ip(void)
{
	unw_word_t ip = 0;
	return unw.get(&audit.cursor, UNW_X86_64_RIP, &ip) == 0 ? ip : 0;
}

uintptr_t mp_audit_pc(void)
{
	return audit.resumes ? current_ip() : current_ip() - 1;
}

enum mp_step mp_audit_step(void)
{
	int saved_errno = errno;
	bool trampoline = mp_rule_is_sigreturn(current_ip());
	int result = unw.step(&audit.cursor);
	errno = saved_errno;
	audit.resumes = trampoline;
	if (result > 0)
		return current_ip() ? MP_STEP_ON : MP_STEP_END;
	return result < 0 ? MP_STEP_LOST : MP_STEP_END;
}

void mp_audit_end(void)
{
	__atomic_store_n(&audit.busy, false, __ATOMIC_RELEASE);
}

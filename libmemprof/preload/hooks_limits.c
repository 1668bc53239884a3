/* hooks_limits.c: RLIMIT_AS and mlockall, as the program means them.
 *
 * mlockall would fill every page of our sparse tables, gigabytes of them. It is made to lock pages
 * as they are touched (MCL_ONFAULT): what the program uses is locked all the same.
 *
 * The profiler's tables take address space (not memory) in the process. A program that limits its
 * own address space means its own: what it sets is raised by our part, and what it reads is lowered
 * again; a program that is started by exec under such a limit gets the one that was meant. A limit
 * that stood before is respected by taking little of it (process.c), and is not touched here. No
 * other limit, and no other process, is changed.
 */
#include "address_limits.h"
#include "hooks.h"
#include "next.h"
#include "process.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef int limit_changer(pid_t pid, int resource, const struct rlimit *new, struct rlimit *old);

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit);
int getrlimit64(__rlimit_resource_t resource, struct rlimit64 *limit);
int prlimit64(pid_t pid, enum __rlimit_resource resource, const struct rlimit64 *new,
              struct rlimit64 *old);

static bool is_raised(rlim_t limit)
{
	return limit != RLIM_INFINITY && limit > MP_LIMIT_PART && limit % 4096 == MP_LIMIT_MARK;
}

static rlim_t higher(rlim_t limit)
{
	if (limit >= RLIM_INFINITY - 2 * MP_LIMIT_PART)
		return limit;
	return ((limit + MP_LIMIT_PART) & ~(rlim_t)4095) | MP_LIMIT_MARK;
}

static rlim_t lower(rlim_t limit)
{
	return is_raised(limit) ? (limit & ~(rlim_t)4095) - MP_LIMIT_PART : limit;
}

/* The limit to set in place of the program's. A hard limit that cannot be raised stays. */
static struct rlimit raise_limit(const struct rlimit *wanted)
{
	struct rlimit now, high = {higher(wanted->rlim_cur), higher(wanted->rlim_max)};
	if (syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, &now) == 0 && now.rlim_max < high.rlim_max) {
		high.rlim_max = now.rlim_max;
		if (high.rlim_cur > high.rlim_max)
			high.rlim_cur = high.rlim_max;
	}
	return high;
}

static int change(limit_changer *next, pid_t pid, int resource, const struct rlimit *new,
                  struct rlimit *old)
{
	const struct mp_region *region = mp_region();
	bool ours = resource == RLIMIT_AS && (pid == 0 || pid == getpid()) && region &&
	            region->bytes == MP_REGION_BYTES;
	if (!ours)
		return next(pid, resource, new, old);
	struct rlimit high;
	if (new)
		high = raise_limit(new);
	int result = next(pid, resource, new ? &high : NULL, old);
	if (result == 0 && old)
		*old = (struct rlimit){lower(old->rlim_cur), lower(old->rlim_max)};
	return result;
}

void mp_limits_restore(void)
{
	struct rlimit now;
	if (syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, &now) != 0 ||
	    (!is_raised(now.rlim_cur) && !is_raised(now.rlim_max)))
		return;
	struct rlimit meant = {lower(now.rlim_cur), lower(now.rlim_max)};
	(void)syscall(SYS_prlimit64, 0, RLIMIT_AS, &meant, NULL);
}

static limit_changer *next_prlimit(void)
{
	static void *place;
	return (limit_changer *)mp_next("prlimit64", &place);
}

static int no_next(void)
{
	errno = ENOSYS;
	return -1;
}

static int prlimit_here(pid_t pid, int resource, const struct rlimit *new, struct rlimit *old)
{
	limit_changer *next = next_prlimit();
	return next ? change(next, pid, resource, new, old) : no_next();
}

/* On x86-64 struct rlimit and struct rlimit64 are the same. */
MP_HOOK int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return prlimit_here(0, (int)resource, limit, NULL);
}

MP_HOOK int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	return prlimit_here(0, (int)resource, (const struct rlimit *)limit, NULL);
}

MP_HOOK int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	return prlimit_here(0, (int)resource, NULL, limit);
}

MP_HOOK int getrlimit64(__rlimit_resource_t resource, struct rlimit64 *limit)
{
	return prlimit_here(0, (int)resource, NULL, (struct rlimit *)limit);
}

MP_HOOK int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *new,
                    struct rlimit *old)
{
	return prlimit_here(pid, (int)resource, new, old);
}

MP_HOOK int prlimit64(pid_t pid, __rlimit_resource_t resource, const struct rlimit64 *new,
                      struct rlimit64 *old)
{
	return prlimit_here(pid, (int)resource, (const struct rlimit *)new, (struct rlimit *)old);
}

MP_HOOK int mlockall(int flags)
{
	static void *place;
	int (*next)(int) = (int (*)(int))mp_next("mlockall", &place);
	return next ? next(mp_region() ? flags | MCL_ONFAULT : flags) : no_next();
}

/* categories.c: the rules that ship. The first row that matches decides, so special cases stand
 * above general ones. A row's patterns must all match, one that is NULL matches everything;
 * `module` and `file` are globs, `function` is a pattern as in base/pattern.h. Which rows speak of
 * which module is worked out once, since there are few modules and many functions. */
#include "model/categories.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"
#include "model/code.h"

#define LIBC    "libc{.so,-2.}*"
#define LOADER  "ld-{linux,2}*"
#define THREADS "libpthread*"

#define MALLOC_NAMES                                                                               \
	"/^(__libc_|__GI___libc_)?(malloc|calloc|realloc|free|cfree|memalign|valloc|pvalloc|"      \
	"posix_memalign|aligned_alloc|reallocarray|malloc_[a-z_]*|mallopt|mallinfo2?)$/"
#define MALLOC_PARTS                                                                               \
	"/^(_int_(malloc|free|realloc|memalign).*|sysmalloc|systrim|tcache_.*|ptmalloc_.*|arena_"  \
	"get.*|unlink_chunk.*|malloc_consolidate|mremap_chunk|munmap_chunk|grow_heap|heap_trim|"   \
	"new_heap|alloc_new_heap)/"
#define OPERATORS "/^operator (new|delete)(\\[\\])?$/"
/* Functions that are little more than a system call. */
#define SYSTEM_CALLS                                                                               \
	"/^(__|__GI_|__GI___|__libc_)?(read|write|p?(read|write)v?2?|open(at)?|close|creat|sync|"  \
	"syncfs|fsync|fdatasync|f?truncate|fallocate|posix_fallocate|posix_fadvise|lseek|"         \
	"[fl]?stat(at|x|fs)?|fstatfs|access|unlink(at)?|rename(at)?|mkdir|rmdir|link|readlink|"    \
	"chdir|getcwd|dup[23]?|pipe2?|fcntl|flock|ioctl|p?poll|p?select|epoll_[a-z_]*|eventfd|"    \
	"(clock_)?nanosleep|usleep|sleep|pause|sched_[a-z_]*|wait[34]?|waitpid|waitid|mmap|"       \
	"munmap|mremap|mprotect|madvise|msync|mlock(all)?|mincore|brk|sbrk|clone[3]?|v?fork|"      \
	"_?fork|execve|kill|tgkill|raise|sig(action|suspend|procmask)|pthread_(kill|sigmask)|"     \
	"send(to|msg|mmsg|file)?|recv(from|msg|mmsg)?|accept4?|connect|bind|listen|socket|"        \
	"shutdown|get(sock|peer)name|[gs]etsockopt|getrandom|getentropy|syscall|getdents|"         \
	"getpid|gettid|getrusage|setitimer|timer_[a-z]*|_exit|exit_group)"                         \
	"(64|_nocancel|64_nocancel|_time64|64_time64|_cancel)?$/"
#define WAITS                                                                                      \
	"/(futex_.*wait|futex_(wake|lock)|lll_(lock|unlock)|syscall_cancel|^_*pthread_(cond_|"     \
	"barrier_wait|mutex_lock_slow|mutex_lock_full|join|timedjoin|clockjoin)|^_*(new_)?sem_("   \
	"timed|clock)?wait)/"

struct row {
	enum category category;
	const char *module, *function, *file;
};

static const struct row table[] = {
        /* jemalloc lies in the profiler's library, and of it no source file is known. */
        {CATEGORY_ALLOCATOR, "libmemprof.so*", "/^(je_|mp_je_)/", NULL},
        {CATEGORY_PROFILER, "libmemprof.so*", NULL, "*libmemprof/*"},
        {CATEGORY_PROFILER, "libmemprof.so*", "/^mp_/", NULL},
        /* Marks, which are inline functions of the client header. */
        {CATEGORY_PROFILER, NULL, NULL, "*/memprof/memprof.h"},
        {CATEGORY_PROFILER, "libmemprof.so*", MALLOC_NAMES, NULL},
        {CATEGORY_PROFILER, "libmemprof.so*", OPERATORS, NULL},
        {CATEGORY_ALLOCATOR, "libmemprof.so*", NULL, NULL},

        {CATEGORY_ALLOCATOR, "lib{jemalloc,tcmalloc,mimalloc}*", NULL, NULL},
        {CATEGORY_ALLOCATOR, LIBC, MALLOC_NAMES, NULL},
        {CATEGORY_ALLOCATOR, LIBC, MALLOC_PARTS, NULL},
        {CATEGORY_ALLOCATOR, "libstdc++.so*", OPERATORS, NULL},
        {CATEGORY_ALLOCATOR, "libc++*.so*", OPERATORS, NULL},

        {CATEGORY_KERNEL, LIBC, SYSTEM_CALLS, NULL},
        {CATEGORY_KERNEL, LIBC, WAITS, NULL},
        {CATEGORY_KERNEL, THREADS, SYSTEM_CALLS, NULL},
        {CATEGORY_KERNEL, THREADS, WAITS, NULL},

        {CATEGORY_DATABASE, "libsqlite3*", NULL, NULL},
        {CATEGORY_DATABASE, "_sqlite3.*", NULL, NULL},
        {CATEGORY_DATABASE, "lib{pq,mariadb,mysqlclient,lmdb,rocksdb,leveldb,duckdb,hiredis}*",
         NULL, NULL},
        {CATEGORY_DATABASE, NULL, NULL, "*/sqlite3.c"},
        {CATEGORY_DATABASE, NULL, "sqlite3_*", NULL},

        {CATEGORY_NUMERIC, "libm[.-]*", NULL, NULL},
        {CATEGORY_NUMERIC, "lib{mvec,quadmath,gmp,mpfr,mpc,gfortran}.so*", NULL, NULL},
        {CATEGORY_NUMERIC, "lib{openblas,blas,cblas,lapack,mkl_,atlas,blis,gsl,fftw3}*", NULL,
         NULL},
        {CATEGORY_NUMERIC, "lib{armadillo,nlopt,cholmod,umfpack,suitesparse,torch}*", NULL, NULL},
        {CATEGORY_NUMERIC, "_{multiarray_umath,umath_linalg}*", NULL, NULL},

        {CATEGORY_LIBC, LIBC, NULL, NULL},
        {CATEGORY_LIBC, LOADER, NULL, NULL},
        {CATEGORY_LIBC, THREADS, NULL, NULL},
        {CATEGORY_LIBC, "lib{dl,rt,resolv,util,crypt}[.-]*", NULL, NULL},
        {CATEGORY_LIBC, "lib{stdc++,gcc_s,c++,c++abi,gomp,omp,atomic}.*", NULL, NULL},
        {CATEGORY_LIBC, "[[]vdso]", NULL, NULL},
        {CATEGORY_LIBC, "linux-vdso.so*", NULL, NULL},
};
#define ROWS (sizeof(table) / sizeof(table[0]))

struct category_rules {
	const struct code *code;
	bool *speaks; /* by module and row */
	struct pattern functions[ROWS];
};

/* A glob with one {a,b,c}. */
static bool module_matches(const char *glob, const char *name)
{
	char one[128];
	const char *open = strchr(glob, '{'), *close = open ? strchr(open, '}') : NULL;
	if (!close)
		return fnmatch(glob, name, 0) == 0;
	for (const char *from = open + 1; from < close;) {
		size_t length = strcspn(from, ",}");
		snprintf(one, sizeof(one), "%.*s%.*s%s", (int)(open - glob), glob, (int)length,
		         from, close + 1);
		if (fnmatch(one, name, 0) == 0)
			return true;
		from += length + 1;
	}
	return false;
}

struct category_rules *category_rules_begin(const struct code *code)
{
	struct category_rules *rules = mem_zero(sizeof(*rules));
	struct failure bug;
	size_t modules = code->trace->modules_count;
	rules->code = code;
	rules->speaks = mem_zero(modules * ROWS * sizeof(bool));
	for (size_t row = 0; row < ROWS; row++) {
		const struct row *r = &table[row];
		if (r->function &&
		    !pattern_parse(&rules->functions[row], r->function, PATTERN_RULE, &bug))
			abort();
		for (size_t m = 0; m < modules; m++)
			rules->speaks[m * ROWS + row] =
			        !r->module || module_matches(r->module, code->modules[m].name);
	}
	return rules;
}

void category_rules_free(struct category_rules *rules)
{
	for (size_t row = 0; row < ROWS; row++)
		if (table[row].function)
			pattern_free(&rules->functions[row]);
	free(rules->speaks);
	free(rules);
}

enum category category_find(const struct category_rules *rules, uint32_t module,
                            const char *function, const char *file)
{
	const bool *speaks = &rules->speaks[module * ROWS];
	const struct code_module *m = &rules->code->modules[module];
	for (size_t row = 0; row < ROWS; row++) {
		if (!speaks[row] || (table[row].file && fnmatch(table[row].file, file, 0) != 0) ||
		    (table[row].function && !pattern_matches(&rules->functions[row], function)))
			continue;
		return table[row].category;
	}
	return m->main || !m->system ? CATEGORY_PROGRAM : CATEGORY_OTHER;
}

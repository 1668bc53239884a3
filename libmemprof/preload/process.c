/* process.c: starts a recording: makes the region and hands it to the launcher.
 *
 * This runs in the middle of the program's first event, which may be a malloc by the dynamic loader
 * before any constructor, or the first malloc of a forked child: so nothing here allocates, and
 * descriptors are open only while this runs. The region is an anonymous memory file: it needs no
 * place in a file system, no limit of a tmpfs applies, and it lives on in the launcher. Signals are
 * held back meanwhile: a handler that leaves by siglongjmp would leave it half done for ever.
 */
#include "process.h"
#include "address_limits.h"
#include "calls.h"
#include "capture.h"
#include "kernel_signal.h"
#include "live.h"
#include "names.h"
#include "os.h"
#include "sampled.h"
#include "sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#define ALLOCATOR "jemalloc 5.3.0"

/* In less address space than this the tables would crowd the program out. */
#define ADDRESS_SPACE_MIN (128 * MIB)

union mp_process_page mp_process_page __attribute__((aligned(4096)));
_Static_assert(sizeof(mp_process_page) == 4096, "one page, wiped as a whole");

/* What a forked child finds of the process it came from: not wiped. */
static struct {
	bool any;
	struct mp_region *region;
	uint64_t bytes;
	uint32_t generation;
	bool heap;
	uint32_t sampling_hz;  /* 0: CPU time is not sampled */
	bool calls;            /* calls of functions are counted */
	uint64_t sample_bytes; /* 0: every allocation, MP_SAMPLED_NEVER: none */
	uint64_t seed;         /* 0: none told */
	char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
} before;

static int last_error; /* errno of what kept the region from being made or sent */

/* True when a system call failed; why is remembered. */
static bool failed(long result)
{
	if (result < 0)
		last_error = (int)-result;
	return result < 0;
}

static uint64_t align_page(uint64_t bytes)
{
	return (bytes + 4095) & ~4095ull;
}

/* Address space for the region: it is sparse, so it is generous, but where the program's address
 * space is limited it takes a small part of that. */
static uint64_t region_bytes(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return MP_REGION_BYTES;
	if (limit.rlim_cur < ADDRESS_SPACE_MIN)
		return 0;
	uint64_t part = align_page(limit.rlim_cur / 16);
	return part < 16 * MIB           ? 16 * MIB
	       : part >= MP_REGION_BYTES ? MP_REGION_BYTES - 4096 /* not ours to raise */
	                                 : part;
}

/* Lays the tables out, in shares of the whole. */
static void lay_out(struct mp_region *region, uint64_t bytes)
{
	uint64_t at = align_page(sizeof(*region));
	region->names_at = at;
	region->names_max = (uint32_t)(bytes / 256);
	at += align_page(region->names_max);
	region->modules_at = at;
	region->modules_max = bytes >= GIB ? 65535 : 4096;
	at += align_page(region->modules_max * sizeof(struct mp_module));
	region->nodes_at = at;
	region->nodes_max = (uint32_t)(bytes / 256);
	at += align_page(region->nodes_max * sizeof(struct mp_node));
	region->phases_at = at;
	region->phases_max = bytes >= GIB ? 65536 : 4096;
	at += align_page(region->phases_max * sizeof(struct mp_phase));
	region->cells_at = at;
	_Static_assert(MP_REGION_BYTES >> 10 <= 1ull << (32 - MP_CELLS_PHASE_BITS), "MP_CELLS_…");
	region->cells_max = (uint32_t)(bytes >> 10);
	at += align_page(region->cells_max * sizeof(struct mp_cell));
	region->samples_at = at;
	region->samples_max = (uint32_t)(bytes / 1024);
	at += align_page(region->samples_max * sizeof(struct mp_sample));
	region->threads_at = at;
	region->threads_max = bytes >= GIB ? 8192 : 1024;
	at += align_page(region->threads_max * sizeof(struct mp_thread_slot));
	region->blocks_at = at;
	region->blocks_max =
	        (uint32_t)((bytes - at) / (MP_BLOCK_SIZE + sizeof(struct mp_block_desc))) - 1;
	at += align_page(region->blocks_max * sizeof(struct mp_block_desc));
	region->pool_at = at;
}

static void read_clocks(struct mp_region *region)
{
	/* The tightest of a few readings, so that an interruption between them is not taken over.
	 */
	uint64_t best = UINT64_MAX;
	for (int i = 0; i < 4; i++) {
		uint64_t begin = mp_ticks();
		uint64_t mono = mp_clock_ns(CLOCK_MONOTONIC);
		uint64_t real = mp_clock_ns(CLOCK_REALTIME);
		uint64_t end = mp_ticks();
		if (end - begin >= best)
			continue;
		best = end - begin;
		region->start_ticks = begin + (end - begin) / 2;
		region->start_mono_ns = mono;
		region->start_real_ns = real;
	}
	/* Two readings may overlap; of sixteen in a row the sum is sixteen times one. */
	uint64_t begin = mp_ticks(), end = begin;
	for (int i = 0; i < 16; i++)
		end = mp_ticks();
	region->clock_ticks = end - begin;
}

/* A file of /proc that is read once, for a string in the region. */
static uint32_t name_of_file(const char *path, bool is_link)
{
	char text[MP_PATH_MAX + 1];
	long length;
	if (is_link) {
		length = mp_syscall(SYS_readlink, (long)path, (long)text, MP_PATH_MAX, 0, 0, 0);
	} else {
		long fd = mp_syscall(SYS_open, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);
		if (fd < 0)
			return 0;
		length = mp_syscall(SYS_read, fd, (long)text, MP_PATH_MAX, 0, 0, 0);
		(void)mp_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	}
	if (length <= 0)
		return 0;
	if (!is_link && text[length - 1] == '\0')
		length--;
	for (long i = 0; i < length; i++)
		if (text[i] == '\0')
			text[i] = '\n';
	text[length] = '\0';
	return mp_name_intern(text);
}

/* What this image is. The launcher may look too late: a short program is gone, or has become
 * another by exec. */
static void tell_identity(struct mp_region *region)
{
	uint32_t exe = name_of_file("/proc/self/exe", true);
	region->arguments = name_of_file("/proc/self/cmdline", false);
	__atomic_store_n(&region->exe, exe, __ATOMIC_RELEASE);
}

static enum mp_mode mode(bool heap)
{
	return !heap ? MP_MODE_OFF : before.sample_bytes ? MP_MODE_SAMPLED : MP_MODE_EXACT;
}

static void fill_header(struct mp_region *region, uint64_t bytes, bool heap)
{
	region->magic = MP_REGION_MAGIC;
	region->layout = MP_REGION_LAYOUT;
	region->pid = mp_getpid();
	region->bytes = bytes;
	lay_out(region, bytes);
	read_clocks(region);
	memcpy((char *)mp_at(region, region->names_at) + 1, ALLOCATOR, sizeof(ALLOCATOR));
	region->allocator = 1;
	region->names_used = 1 + sizeof(ALLOCATOR);
	region->modules_used = 1;
	region->nodes_used = MP_NODE_FIRST;
	region->phases_used = 1;
	region->cells_used = 1;
	region->samples_used = 1; /* sample 0: those that found the table full */
	region->threads_used = 1; /* slot 0: events inside the profiler itself */
	region->start_cpu_ns = mp_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	region->origin = before.any ? MP_ORIGIN_FORK : MP_ORIGIN_EXEC;
	region->parent_pid = getppid();
	region->mode = mode(heap);
	region->sample_bytes = heap ? before.sample_bytes : 0;
	region->count_calls = before.calls;
	region->sampling_hz = mp_sampler_is_on() ? before.sampling_hz : 0;
	struct mp_node *nodes = mp_nodes(region);
	for (uint32_t i = 1; i < MP_NODE_FIRST; i++)
		nodes[i].where = i;
}

/* Sends the region's descriptor; no answer is awaited, and the launcher need not be quick: the
 * kernel keeps the message even if this process dies at once. */
static bool send_region(const char *path, int region_fd, uint64_t bytes)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path))
		return false;
	strcpy(address.sun_path, path);
	long fd = mp_syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, 0, 0, 0);
	if (failed(fd))
		return false;
	struct mp_hello hello = {MP_REGION_MAGIC, MP_REGION_LAYOUT, mp_getpid(), bytes};
	struct iovec data = {&hello, sizeof(hello)};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct msghdr message = {.msg_iov = &data,
	                         .msg_iovlen = 1,
	                         .msg_control = &control,
	                         .msg_controllen = sizeof(control)};
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &region_fd, sizeof(int));
	bool sent =
	        !failed(mp_syscall(SYS_connect, fd, (long)&address, sizeof(address), 0, 0, 0)) &&
	        mp_syscall(SYS_sendmsg, fd, (long)&message, MSG_NOSIGNAL, 0, 0, 0) ==
	                (long)sizeof(hello);
	(void)mp_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	return sent;
}

/* A memory file is a file to RLIMIT_FSIZE, and one byte too many would kill the program (SIGXFSZ).
 * For the moment of its making the limit is as high as may be; where that is too low, there is
 * none. */
static bool set_size(int fd, uint64_t bytes)
{
	struct rlimit was, high;
	bool limited = getrlimit(RLIMIT_FSIZE, &was) == 0 && was.rlim_cur < bytes;
	high = (struct rlimit){was.rlim_max, was.rlim_max};
	if (limited && (was.rlim_max < bytes || setrlimit(RLIMIT_FSIZE, &high) != 0))
		return false;
	bool done = mp_syscall(SYS_ftruncate, fd, (long)bytes, 0, 0, 0, 0) == 0;
	if (limited)
		(void)setrlimit(RLIMIT_FSIZE, &was);
	return done;
}

static struct mp_region *map_region(int fd, uint64_t bytes, bool heap)
{
	if (!set_size(fd, bytes))
		return NULL;
	/* The launcher may rely on the size. */
	(void)mp_syscall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, 0,
	                 0, 0);
	long at = mp_syscall(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
	                     MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (failed(at))
		return NULL;
	(void)mp_syscall(SYS_madvise, at, (long)bytes, MADV_DONTDUMP, 0, 0, 0);
	fill_header((struct mp_region *)at, bytes, heap);
	return (struct mp_region *)at;
}

static struct mp_region *make_region(const char *socket_path, bool heap)
{
	uint64_t bytes = region_bytes();
	if (!bytes) {
		last_error = ENOMEM;
		return NULL;
	}
	long fd = mp_syscall(SYS_memfd_create, (long)"memprof", MFD_CLOEXEC | MFD_ALLOW_SEALING, 0,
	                     0, 0, 0);
	if (failed(fd))
		return NULL;
	struct mp_region *region = map_region((int)fd, bytes, heap);
	if (region && !send_region(socket_path, (int)fd, bytes)) {
		(void)mp_syscall(SYS_munmap, (long)region, (long)bytes, 0, 0, 0, 0);
		region = NULL;
	}
	(void)mp_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	return region;
}

/* A forked child lets go of the region of the process that it came from. */
static void leave_parent(bool recording, int error)
{
	if (!before.region)
		return;
	if (!recording) {
		__atomic_store_n(&before.region->children_lost_error, (uint32_t)error,
		                 __ATOMIC_RELAXED);
		__atomic_fetch_add(&before.region->children_lost, 1, __ATOMIC_RELAXED);
	}
	(void)mp_syscall(SYS_munmap, (long)before.region, (long)before.bytes, 0, 0, 0, 0);
	before.region = NULL;
}

/* The launcher has checked it; who sets it by hand gets nothing for what cannot be. */
static uint32_t asked_hz(const char *text)
{
	long hz = text ? strtol(text, NULL, 10) : 0;
	return hz > 0 && hz <= MP_FREQ_MAX ? (uint32_t)hz : 0;
}

#define SAMPLED "sampled="

/* What is sampled, from the mode: 0 when each allocation is recorded. */
static uint64_t read_sample_bytes(const char *mode)
{
	if (!before.heap)
		return MP_SAMPLED_NEVER;
	if (!mode || strncmp(mode, SAMPLED, strlen(SAMPLED)) != 0)
		return 0;
	uint64_t bytes = strtoull(mode + strlen(SAMPLED), NULL, 10);
	return bytes < MP_SAMPLED_BYTES_MIN   ? MP_SAMPLED_BYTES_MIN
	       : bytes > MP_SAMPLED_BYTES_MAX ? MP_SAMPLED_BYTES_MAX
	                                      : bytes;
}

/* Where the launcher is, and what it wants: from the environment, but a child is told what the
 * process that it came from was told, whatever has become of the environment since. */
static bool find_launcher(void)
{
	if (before.any)
		return true;
	const char *path = getenv(MP_ENV_SOCKET), *mode = getenv(MP_ENV_MODE);
	const char *seed = getenv(MP_ENV_SEED);
	if (!path || !*path || strlen(path) >= sizeof(before.socket_path))
		return false;
	strcpy(before.socket_path, path);
	before.heap = !mode || strcmp(mode, "off") != 0;
	const char *calls = getenv(MP_ENV_CALLS);
	before.calls = calls && strcmp(calls, "1") == 0;
	before.sampling_hz = asked_hz(getenv(MP_ENV_FREQ));
	before.sample_bytes = read_sample_bytes(mode);
	before.seed = seed ? strtoull(seed, NULL, 10) : 0;
	return true;
}

/* Numbers of names are kept by the program (memprof.h), so a child's are its parent's. */
static void take_names(struct mp_region *region)
{
	if (!before.region)
		return;
	uint32_t used = __atomic_load_n(&before.region->names_used, __ATOMIC_RELAXED);
	if (used > region->names_max - MP_PATH_MAX || before.region->names_max != region->names_max)
		return;
	memcpy(mp_at(region, region->names_at), mp_at(before.region, before.region->names_at),
	       used);
	region->names_used = used;
}

static uint32_t start_recording(struct mp_process *process)
{
	if (!find_launcher() || mp_syscall(SYS_madvise, (long)&mp_process_page,
	                                   sizeof(mp_process_page), MADV_WIPEONFORK, 0, 0, 0) < 0)
		return MP_OFF;
	uint64_t begin = mp_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	if (!before.any)
		mp_limits_restore();
	process->generation = before.generation++ % MP_GENERATIONS;
	if (before.any && process->generation == 0)
		mp_live_void_all(); /* so that no block of long ago looks like one of ours */
	process->heap = before.heap;
	mp_calls_wanted = before.calls;
	if (before.sampling_hz)
		mp_sampler_start(1000000000u / before.sampling_hz);
	struct mp_region *region = NULL;
	if (!before.sample_bytes || mp_sampled_start(process, before.sample_bytes, before.seed))
		region = make_region(before.socket_path, process->heap);
	else
		last_error = ENOMEM;
	mp_capture_forget(); /* numbers of modules and nodes begin anew */
	if (!region) {
		leave_parent(false, last_error);
		if (!before.any)
			mp_complain(last_error == ENOMEM
			                    ? "too little address space (ulimit -v): not profiled"
			                    : "cannot reach the launcher: not profiled");
		return MP_OFF;
	}
	take_names(region);
	leave_parent(true, 0);
	__atomic_store_n(&process->region, region, __ATOMIC_RELEASE);
	if (before.any)
		mp_names_index();
	tell_identity(region);
	before.any = true;
	before.region = region;
	before.bytes = region->bytes;
	region->load_ns = mp_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
	return MP_RECORDING;
}

bool mp_process_start(void)
{
	struct mp_process *process = &mp_process_page.process;
	uint32_t state = __atomic_load_n(&process->state, __ATOMIC_ACQUIRE);
	if (state == MP_RECORDING || state == MP_OFF)
		return state == MP_RECORDING;
	int error = errno;
	uint32_t tid = (uint32_t)mp_gettid();
	mp_signals mask = mp_signals_hold();
	state = MP_NOT_STARTED;
	if (__atomic_compare_exchange_n(&process->state, &state, MP_STARTING, false,
	                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(&process->starter, tid, __ATOMIC_RELAXED);
		state = start_recording(process);
		__atomic_store_n(&process->state, state, __ATOMIC_RELEASE);
	} else {
		/* Another thread is at it, for some 50 µs; or this one is, below a signal handler.
		 */
		while (state == MP_STARTING &&
		       __atomic_load_n(&process->starter, __ATOMIC_RELAXED) != tid) {
			sched_yield();
			state = __atomic_load_n(&process->state, __ATOMIC_ACQUIRE);
		}
	}
	mp_signals_release(mask);
	errno = error;
	return state == MP_RECORDING;
}

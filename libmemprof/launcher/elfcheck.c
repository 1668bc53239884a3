/* elfcheck.c: see elfcheck.h. */
#include "elfcheck.h"
#include "memory.h"
#include "say.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* As many scripts may be each other's interpreters as the kernel allows. */
#define INTERPRETERS_MAX 4
#define LINE_MAX_BYTES   256

static bool is_file(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* The first executable file of that name in PATH; failing that, the first that is merely there. */
static char *search_path(const char *name)
{
	const char *at = getenv("PATH");
	char *present = NULL;
	if (!at)
		at = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		size_t length = strcspn(at, ":");
		char *path = length ? memory_format("%.*s/%s", (int)length, at, name)
		                    : memory_format("./%s", name);
		if (is_file(path) && access(path, X_OK) == 0) {
			free(present);
			return path;
		}
		if (!present && is_file(path))
			present = path;
		else
			free(path);
		if (at[length] == '\0')
			return present;
		at += length + 1;
	}
}

static int find(const char *command, char **path)
{
	struct stat info;
	*path = strchr(command, '/') ? memory_copy(command) : search_path(command);
	if (!*path || stat(*path, &info) != 0) {
		int why = *path ? errno : ENOENT;
		if (why == EACCES) {
			say("%s: %s", command, strerror(why));
			return EXIT_NOT_EXECUTABLE;
		}
		say(strchr(command, '/') ? "%s: not found" : "%s: not found in PATH", command);
		return EXIT_NOT_FOUND;
	}
	if (S_ISDIR(info.st_mode)) {
		say("%s: is a directory", *path);
		return EXIT_NOT_EXECUTABLE;
	}
	if (access(*path, X_OK) != 0) {
		say("%s: not executable (chmod +x makes it so)", *path);
		return EXIT_NOT_EXECUTABLE;
	}
	return 0;
}

/* True when running the file changes who runs it: the loader then ignores what would be preloaded.
 */
static bool changes_privileges(const char *path)
{
	struct stat info;
	char capabilities[64];
	if (stat(path, &info) != 0)
		return false;
	if ((info.st_mode & S_ISUID) && info.st_uid != geteuid())
		return true;
	if ((info.st_mode & S_ISGID) && info.st_gid != getegid())
		return true;
	return geteuid() != 0 &&
	       getxattr(path, "security.capability", capabilities, sizeof capabilities) > 0;
}

/* The interpreter that an ELF file asks for, to be freed; NULL: none. */
static char *elf_interpreter(int fd, const Elf64_Ehdr *elf)
{
	for (int i = 0; i < elf->e_phnum; i++) {
		Elf64_Phdr segment;
		off_t at = (off_t)(elf->e_phoff + (uint64_t)i * sizeof segment);
		if (pread(fd, &segment, sizeof segment, at) != sizeof segment)
			return NULL;
		if (segment.p_type != PT_INTERP)
			continue;
		char name[4096] = "";
		size_t size = segment.p_filesz < sizeof name ? segment.p_filesz : sizeof name - 1;
		ssize_t got = pread(fd, name, size, (off_t)segment.p_offset);
		return got > 0 ? memory_copy(name) : NULL;
	}
	return NULL;
}

/* The loader itself, run as a command to run another program, is static and can be profiled. */
static bool is_loader(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strncmp(slash ? slash + 1 : path, "ld-linux", 8) == 0;
}

/* ---- sanitizers: the runtime must come first among the libraries, and brings its own malloc ---
 */

/* Of an executable's dynamic section; addresses become places in the file by its segments. */
struct dynamic_strings {
	uint64_t address, size;
};

#define SEGMENTS_MAX      64
#define DYNAMIC_MAX       512
#define STRINGS_BYTES_MAX (16u << 20)

static int read_segments(int fd, const Elf64_Ehdr *elf, Elf64_Phdr segments[SEGMENTS_MAX])
{
	int count = elf->e_phnum < SEGMENTS_MAX ? elf->e_phnum : SEGMENTS_MAX;
	ssize_t size = (ssize_t)(sizeof *segments * (size_t)count);
	return pread(fd, segments, (size_t)size, (off_t)elf->e_phoff) == size ? count : 0;
}

static struct dynamic_strings find_strings(int fd, const Elf64_Phdr *segments, int count)
{
	struct dynamic_strings strings = {0, 0};
	Elf64_Dyn entries[DYNAMIC_MAX] = {0};
	for (int i = 0; i < count; i++) {
		size_t size = segments[i].p_filesz;
		if (segments[i].p_type != PT_DYNAMIC)
			continue;
		size = size < sizeof entries ? size : sizeof entries;
		if (pread(fd, entries, size, (off_t)segments[i].p_offset) <= 0)
			break;
		for (int k = 0; k < DYNAMIC_MAX && entries[k].d_tag != DT_NULL; k++) {
			if (entries[k].d_tag == DT_STRTAB)
				strings.address = entries[k].d_un.d_ptr;
			if (entries[k].d_tag == DT_STRSZ)
				strings.size = entries[k].d_un.d_val;
		}
	}
	return strings;
}

/* The names of libraries and symbols that the loader deals with, each ended by 0; to be freed, NULL
 * when they cannot be read. */
static char *read_strings(int fd, const Elf64_Ehdr *elf, size_t *size)
{
	Elf64_Phdr segments[SEGMENTS_MAX];
	int count = read_segments(fd, elf, segments);
	struct dynamic_strings strings = find_strings(fd, segments, count);
	if (!strings.size || strings.size > STRINGS_BYTES_MAX)
		return NULL;
	for (int i = 0; i < count; i++) {
		uint64_t into = strings.address - segments[i].p_vaddr;
		if (segments[i].p_type != PT_LOAD || into >= segments[i].p_filesz)
			continue;
		char *names = memory_new(strings.size + 1, 1);
		ssize_t got = pread(fd, names, strings.size, (off_t)(segments[i].p_offset + into));
		*size = got > 0 ? (size_t)got : 0;
		return names;
	}
	return NULL;
}

/* Which sanitizer with a malloc of its own is in an executable: "address", "thread" …; NULL: none.
 * Undefined behaviour's has none, and does no harm. */
static const char *find_sanitizer(int fd, const Elf64_Ehdr *elf)
{
	static const struct {
		const char *library, *symbol, *name;
	} sanitizers[] = {{"libasan.so", "__asan_init", "address"},
	                  {"libtsan.so", "__tsan_init", "thread"},
	                  {"liblsan.so", "__lsan_init", "leak"},
	                  {"libmsan.so", "__msan_init", "memory"}};
	size_t size = 0;
	const char *found = NULL;
	char *names = read_strings(fd, elf, &size);
	for (size_t at = 0; names && at < size && !found; at += strlen(names + at) + 1)
		for (size_t i = 0; i < sizeof sanitizers / sizeof *sanitizers; i++)
			if (strncmp(names + at, sanitizers[i].library,
			            strlen(sanitizers[i].library)) == 0 ||
			    strcmp(names + at, sanitizers[i].symbol) == 0)
				found = sanitizers[i].name;
	free(names);
	return found;
}

static int check_elf(const char *path, int fd)
{
	Elf64_Ehdr elf = {0};
	if (pread(fd, &elf, sizeof elf, 0) < EI_NIDENT + 4 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf.e_machine != EM_X86_64) {
		say("%s is not a 64-bit x86-64 program: it cannot be profiled here", path);
		return EXIT_LAUNCHER;
	}
	char *interpreter = elf_interpreter(fd, &elf);
	if (!interpreter && is_loader(path))
		return 0;
	if (!interpreter) {
		say("%s is statically linked, so nothing can be preloaded into it: link it without "
		    "-static to profile it",
		    path);
		return EXIT_LAUNCHER;
	}
	bool musl = strstr(interpreter, "ld-musl") != NULL;
	free(interpreter);
	if (musl) {
		say("%s uses the musl C library, which libmemprof.so does not fit: link it to "
		    "glibc to profile it",
		    path);
		return EXIT_LAUNCHER;
	}
	const char *sanitizer = find_sanitizer(fd, &elf);
	if (sanitizer) {
		say("%s is built with -fsanitize=%s, which brings its own malloc: build it without "
		    "to profile it",
		    path, sanitizer);
		return EXIT_LAUNCHER;
	}
	if (changes_privileges(path)) {
		say("%s runs with other privileges than yours (setuid, setgid or capabilities), so "
		    "nothing is preloaded into it: profile a copy without them, or run as that "
		    "user",
		    path);
		return EXIT_LAUNCHER;
	}
	return 0;
}

static int check_file(const char *path, int depth);

/* `head` is the file's beginning: "#!", the interpreter, perhaps an argument. */
static int check_script(const char *path, const char *head, int depth)
{
	char line[LINE_MAX_BYTES] = "";
	head += 2 + strspn(head + 2, " \t");
	memcpy(line, head, strcspn(head, " \t\r\n"));
	if (depth >= INTERPRETERS_MAX || !is_file(line) || access(line, X_OK) != 0) {
		say("%s: its interpreter %s cannot be run; see its first line", path, line);
		return is_file(line) ? EXIT_NOT_EXECUTABLE : EXIT_NOT_FOUND;
	}
	return check_file(line, depth + 1);
}

static int check_file(const char *path, int depth)
{
	char head[LINE_MAX_BYTES] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		/* It may be executed, but not read: the kernel does not let it be profiled. */
		say("%s cannot be read (%s), so it cannot be profiled", path, strerror(errno));
		return EXIT_LAUNCHER;
	}
	ssize_t got = pread(fd, head, sizeof head - 1, 0);
	int status;
	if (got >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0) {
		status = check_elf(path, fd);
	} else if (got >= 2 && head[0] == '#' && head[1] == '!') {
		status = check_script(path, head, depth);
	} else {
		say("%s is neither a program nor a script that names its interpreter: begin it "
		    "with a line like #!/bin/sh",
		    path);
		status = EXIT_NOT_EXECUTABLE;
	}
	close(fd);
	return status;
}

int command_check(const char *command, char **path)
{
	*path = NULL;
	int status = find(command, path);
	if (status == 0)
		status = check_file(*path, 0);
	if (status != 0) {
		free(*path);
		*path = NULL;
	}
	return status;
}

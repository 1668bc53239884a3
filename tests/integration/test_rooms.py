"""The house stays in order: who includes whom, what is exported, what is said to whom."""

import re
import subprocess

from harness import Case, LIBRARY, SOURCE, main, run

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
# Inside the analyzer a file includes its own room and those further down.
ANALYZER_ROOMS = {"base": 0, "stats": 1, "trace": 1, "symbols": 1, "model": 2, "scaling": 3, "report": 4,
                  "export": 4, "cmd": 5}

# What a program gets from libmemprof.so instead of its own: all of it, and nothing else.
EXPORTED = {
    "malloc", "calloc", "realloc", "reallocarray", "free", "free_sized", "free_aligned_sized",
    "posix_memalign", "aligned_alloc", "memalign", "valloc", "pvalloc", "malloc_usable_size",
    # jemalloc's own interface
    "mallocx", "rallocx", "xallocx", "sallocx", "dallocx", "sdallocx", "nallocx",
    "mallctl", "mallctlnametomib", "mallctlbymib", "malloc_stats_print",
    # operator new and new[]: plain, nothrow, aligned, aligned nothrow
    "_Znwm", "_Znam", "_ZnwmRKSt9nothrow_t", "_ZnamRKSt9nothrow_t",
    "_ZnwmSt11align_val_t", "_ZnamSt11align_val_t",
    "_ZnwmSt11align_val_tRKSt9nothrow_t", "_ZnamSt11align_val_tRKSt9nothrow_t",
    # operator delete and delete[]: plain, sized, nothrow, aligned, sized aligned, aligned nothrow
    "_ZdlPv", "_ZdaPv", "_ZdlPvm", "_ZdaPvm", "_ZdlPvRKSt9nothrow_t", "_ZdaPvRKSt9nothrow_t",
    "_ZdlPvSt11align_val_t", "_ZdaPvSt11align_val_t",
    "_ZdlPvmSt11align_val_t", "_ZdaPvmSt11align_val_t",
    "_ZdlPvSt11align_val_tRKSt9nothrow_t", "_ZdaPvSt11align_val_tRKSt9nothrow_t",
    # the moment when code goes away
    "dlclose", "dlopen", "setrlimit", "setrlimit64", "getrlimit", "getrlimit64", "prlimit",
    "prlimit64", "mlockall", "mallinfo", "mallinfo2", "malloc_trim",
    # memory that is mapped without the allocator
    "mmap", "mmap64", "munmap", "mremap", "sbrk", "brk",
    # threads from their start, and signals where they may meet the one that brings samples
    "pthread_create", "thrd_create", "sigaction", "signal", "sysv_signal", "__sysv_signal",
    "ssignal", "sigset", "sigignore", "sigprocmask", "pthread_sigmask",
    # calls of functions, and what leaves several at once
    "__cyg_profile_func_enter", "__cyg_profile_func_exit", "longjmp", "_longjmp", "siglongjmp",
    "__longjmp_chk",
    # the client's table
    "memprof_api_v1",
}


def sources(room):
    found = sorted(path for path in (SOURCE / room).rglob("*.[ch]"))
    assert found, f"{room} has no sources"
    return found


def includes(path):
    """(quoted, name) of each include, comments left out."""
    text = COMMENT.sub("", path.read_text())
    return [(quote == '"', name) for quote, name in INCLUDE.findall(text)]


def tracked():
    """Files of the repository, as git knows them."""
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z"], capture_output=True, check=True)
    return [SOURCE / name for name in listed.stdout.decode().split("\0") if name]


class Rooms(Case):
    def of_the_profiler(self, room):
        """What a room includes of the installed headers."""
        return {name for path in sources(room) for _, name in includes(path)
                if name.startswith("memprof/")}

    def inside(self, room, *roots):
        """Every quoted include lies below one of the roots, or beside the file."""
        for path in sources(room):
            for quoted, name in includes(path):
                places = [path.parent, *(SOURCE / root for root in roots)]
                found = [place / name for place in places if (place / name).exists()]
                self.assertTrue(not quoted or found, f"{path}: {name} is not in its room")
                for place in found:
                    self.assertTrue(place.resolve().is_relative_to(SOURCE / room),
                                    f"{path} includes {place.resolve()}")

    def test_sim_bench_knows_the_client_header_alone(self):
        self.inside("sim_bench", "sim_bench")
        self.assertEqual(self.of_the_profiler("sim_bench"), {"memprof/memprof.h"})

    def test_analyzer_knows_the_trace_format_alone(self):
        self.inside("analyzer", "analyzer")
        self.assertEqual(self.of_the_profiler("analyzer"), {"memprof/trace_format.h"})

    def test_libmemprof_knows_neither(self):
        self.inside("libmemprof", "libmemprof", "libmemprof/include", "libmemprof/preload",
                    "libmemprof/launcher")

    def test_recorder_and_launcher_share_the_region_alone(self):
        for room, other in (("preload", "launcher"), ("launcher", "preload")):
            for path in sources(f"libmemprof/{room}"):
                for _, name in includes(path):
                    self.assertFalse(name.startswith(other + "/"), f"{path} includes {name}")

    def test_analyzer_looks_downwards(self):
        for path in sources("analyzer"):
            room = path.relative_to(SOURCE / "analyzer").parts[0]
            if path.parent == SOURCE / "analyzer":
                continue  # main.c
            self.assertIn(room, ANALYZER_ROOMS)
            for quoted, name in includes(path):
                other = name.split("/")[0] if "/" in name else room
                if quoted and other != room:
                    self.assertLess(ANALYZER_ROOMS[other], ANALYZER_ROOMS[room],
                                    f"{path} includes {name}")

    def test_nothing_prints_below_the_report(self):
        """But for the last words of base/memory.c, when memory is out."""
        speaks = re.compile(r"\b(?:(?:printf|puts|putchar|fputs|fputc|putc|fprintf|vprintf|vfprintf|"
                            r"perror|dprintf)\s*\(|stdout\b|stderr\b)")
        for room in ("base", "stats", "trace", "symbols", "model", "scaling"):
            for path in sources(f"analyzer/{room}"):
                if path == SOURCE / "analyzer" / "base" / "memory.c":
                    continue
                said = speaks.search(COMMENT.sub("", path.read_text()))
                self.assertIsNone(said, f"{path}: {said and said[0]}")

    def test_the_decision_never_sees_the_world(self):
        for path in sources("sim_bench/decision"):
            for _, name in includes(path):
                self.assertNotIn(name, ("world.h", "step.h", "agents/agent.h"), path)


class Library(Case):
    def test_exports_what_it_interposes_and_the_clients_table(self):
        listed = run(["nm", "-D", "--defined-only", LIBRARY]).stdout.decode().splitlines()
        self.assertEqual({line.split()[-1].split("@")[0] for line in listed}, EXPORTED)

    def test_needs_the_c_library_alone(self):
        dynamic = run(["readelf", "-d", LIBRARY]).stdout.decode()
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        self.assertLessEqual(needed, {"libc.so.6", "ld-linux-x86-64.so.2"})
        self.assertNotIn("(TEXTREL)", dynamic)


class Repository(Case):
    def texts(self):
        for path in tracked():
            try:
                yield path, path.read_text()
            except (UnicodeDecodeError, FileNotFoundError):
                continue

    def test_no_path_of_somebodys_machine(self):
        place = re.compile(r"(?<![\w.$(}])/(root|Users|work)/")
        for path, text in self.texts():
            self.assertIsNone(place.search(text), path)

    def test_documents_that_are_named_exist(self):
        names = {path.name for path in tracked()}
        for path, text in self.texts():
            for named in re.findall(r"\b[\w-]+\.md\b", text):
                self.assertIn(named, names, f"{path} names it")

    def test_nothing_is_left_for_later(self):
        later = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
        for path, text in self.texts():
            self.assertIsNone(later.search(text), path)


if __name__ == "__main__":
    main()

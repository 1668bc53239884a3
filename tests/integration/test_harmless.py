"""Programs behave under memprof as they do without: what they print, how they end."""

import os
import re
import tempfile

from harness import BUILD, Case, MEMPROF, Run, main, profile, run, victim

# What memprof itself says on stderr.
OWN_LINES = re.compile(rb"^memprof: .*\n?", re.MULTILINE)


class Harmless(Case):
    def same(self, argv, **options):
        """Runs a command bare and under memprof; returns the latter, its stdout being the same."""
        bare = run(argv, **options)
        done = self.profile_any(argv, **options)
        self.assertEqual(done.stdout, bare.stdout)
        self.assertEqual(OWN_LINES.sub(b"", done.stderr), bare.stderr)
        self.assertEqual(done.status, bare.returncode, done.stderr)
        return done

    def profile_any(self, argv, **options):
        return profile(argv, tempfile.mkdtemp(dir=self.directory, prefix="traces-"), **options)


# Instructions that not every x86-64 processor has, or that a virtual one may say it has not; an
# emulator (valgrind) takes it at its word.
NOT_EVERYWHERE = re.compile(r"v[a-z]+[a-z0-9]*|rdtscp|rdpid|popcnt|lzcnt|andn|bextr|bls\w+|pdep|pext|[rs]\w+x|movbe|"
                            r"crc32\w*|xgetbv|xsave\w*|pshufb|ptest|pcmpistr\w|aes\w+")


class Processors(Harmless):
    def test_the_library_runs_on_any_x86_64(self):
        listed = run(["objdump", "-d", "--no-show-raw-insn", BUILD / "libmemprof.so"]).stdout.decode()
        used = {words[0] for line in listed.splitlines() if "\t" in line
                for words in [line.split("\t")[1].split()] if words}
        self.assertIn("rdtsc", used)
        self.assertEqual({name for name in used if NOT_EVERYWHERE.fullmatch(name)}, set())


class Exceptions(Harmless):
    def test_a_program_with_an_unwinder_of_its_own(self):
        self.assertIn(b"caught 500 and 500", self.same([victim("throw_static_libgcc")]).stdout)

    def test_a_c_host_with_a_throwing_plug_in(self):
        for mode in ("plain", "deepbind", "namespace"):
            with self.subTest(mode=mode):
                done = self.same([victim("loader"), mode, victim("plugins/thrower.so")])
                self.assertIn(b"thrown at question 90", done.stdout)


class ForeignMemory(Harmless):
    def test_blocks_cross_between_host_and_plug_in(self):
        for mode in ("plain", "deepbind", "namespace"):
            with self.subTest(mode=mode):
                done = self.same([victim("loader"), mode, victim("plugins/giver.so")])
                self.assertIn(b"an answer to question 90", done.stdout)

    def test_a_program_linked_to_jemalloc(self):
        self.same([victim("jemalloc_user")])


class Environment(Harmless):
    def test_a_new_user_namespace(self):
        self.same(["unshare", "-U", "true"])

    def test_one_thread_stays_one(self):
        self.assertIn(b"single 1, tasks 1", self.same([victim("single_thread")]).stdout)

    def test_all_descriptors_closed(self):
        found = []
        for name, runner in (("bare", run), ("profiled", self.profile_any)):
            path = self.directory / name
            done = runner([victim("descriptors"), path])
            found.append((done.stdout, path.read_bytes()))
        self.assertEqual(found[0], found[1])
        phases = done.trace().by_phase()
        self.assertEqual((phases["before"]["allocations"], phases["after"]["allocations"]),
                         (1000, 2001))

    def test_signal_handlers(self):
        self.assertIn(b"faults 20", self.same([victim("signals")]).stdout)

    def test_limits(self):
        for kind in ("address_space", "data", "descriptors", "file_size", "small_stacks",
                     "new_root"):
            with self.subTest(kind=kind):
                self.same([victim("limits"), kind])

    def test_the_environment_but_for_the_profilers_own(self):
        def lines(text):
            return sorted(line for line in text.splitlines()
                          if not line.startswith((b"MEMPROF_", b"LD_PRELOAD=", b"_=")))
        bare = run(["env"])
        self.assertEqual(lines(self.profile_any(["env"]).stdout), lines(bare.stdout))

    def test_a_preloaded_library_of_the_users_stays(self):
        other = BUILD / "tests" / "victims" / "plugins" / "giver.so"
        done = self.profile_any(["sh", "-c", "echo $LD_PRELOAD"],
                                env=os.environ | {"LD_PRELOAD": str(other)})
        self.assertIn(str(other).encode(), done.stdout)


class Ends(Harmless):
    def test_every_way_to_end(self):
        for way in ("return", "exit", "_exit", "quick_exit", "abort", "kill", "term", "segv",
                    "stack", "exec", "thread", "pthread_exit"):
            with self.subTest(way=way):
                self.same([victim("exits"), way])

    def test_a_daemon_lives_on_and_holds_nothing_up(self):
        fifo, said = self.directory / "fifo", self.directory / "said"
        os.mkfifo(fifo)
        done = self.profile_any([victim("daemon"), fifo, said])  # returns while the daemon waits
        self.assertEqual(done.status, 0)
        with open(fifo, "w") as line:
            line.write("go\n")
        # The daemon ends after it has written; its trace ends with it.
        daemon = self.wait_until(lambda: said.exists() and said.read_text())
        self.assertEqual(daemon, "lived, 1\n")

    def wait_until(self, condition):
        """Asks again and again; the runner's limit ends what never comes true."""
        while not (value := condition()):
            os.sched_yield()
        return value


class Streams(Harmless):
    def test_much_output_through_a_pipe(self):
        self.same(["seq", "1", "2000000"])

    def test_input_passes_through(self):
        text = b"".join(b"line %d\n" % i for i in range(100000))
        def with_input(runner):
            return runner(["sort", "-r"], stdin=None, input=text, capture_output=True).stdout
        self.assertEqual(with_input(self.profile_any), with_input(run))

    def test_closed_streams(self):
        for number, closing in enumerate(("<&-", ">&-", "2>&-", "<&- >&- 2>&-")):
            with self.subTest(closing=closing):
                place = self.directory / str(number)
                done = run(["sh", "-c", f"{MEMPROF} run -d {place} -- sh -c 'exit 5' {closing}"])
                self.assertEqual(done.returncode, 5)
                trace = Run(done, place).trace()
                self.assertEqual(trace.end["status"], 5)
                self.assertTrue(trace.symbols, "symbols were not put into the trace")

    def test_a_reader_that_goes_away(self):
        bare = run(["bash", "-c", "set -o pipefail; yes | head -n 3"])
        done = run(["bash", "-c", f"set -o pipefail; {MEMPROF} run -d {self.directory}/pipe -- yes "
                    "| head -n 3"])
        self.assertEqual((done.returncode, done.stdout), (bare.returncode, bare.stdout))


class Programs(Harmless):
    """Real programs, and that what was recorded of them can be read."""

    def readable(self, done):
        for trace in done.traces():
            self.assertIsNotNone(trace.end, f"{trace.path} is not complete")
            self.assertEqual(trace.torn_bytes, 0)
            self.assertEqual(trace.last("profiler").get("audit_mismatches", 0), 0, trace.path)
            self.assertGreaterEqual(trace.totals()["live_bytes"], 0)
        return done

    def test_sqlite(self):
        script = ("create table t(a integer primary key, b text);"
                  "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)"
                  " insert into t select i, hex(i * 7919) from n;"
                  "create index x on t(b); select count(*), max(b), sum(length(b)) from t;")
        self.readable(self.same(["sqlite3", ":memory:", script]))

    def test_python(self):
        script = "import json, re; d = {str(i): [i] * 10 for i in range(20000)}; print(len(json.dumps(d)))"
        self.readable(self.same(["/usr/bin/python3", "-c", script]))
        done = self.readable(self.same(["/usr/bin/python3", "-c", script],
                                       env=os.environ | {"PYTHONMALLOC": "malloc"}))
        self.assertGreater(max(trace.totals()["allocations"] for trace in done.traces()), 100000)

    def test_a_compiler(self):
        source = self.directory / "source.c"
        source.write_text("#include <stdio.h>\nint main(void){return puts(\"hi\");}\n")
        self.readable(self.same(["gcc", "-O2", "-c", "-o", self.directory / "object.o", source]))
        done = run(["gcc", self.directory / "object.o", "-o", self.directory / "program"])
        self.assertEqual(done.returncode, 0)
        self.assertEqual(run([self.directory / "program"]).stdout, b"hi\n")

    def test_git(self):
        repository = self.directory / "repository"
        commands = ("git init -q . && for i in 1 2 3 4 5; do echo $i > file$i; git add .; "
                    "git -c user.name=n -c user.email=e commit -q -m $i; done")
        fixed = os.environ | {"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
                              "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z"}
        repository.mkdir()
        self.assertEqual(run(["sh", "-c", commands], cwd=repository, env=fixed).returncode, 0)
        self.readable(self.same(["git", "log", "--stat"], cwd=repository))
        self.readable(self.same(["git", "gc", "-q"], cwd=repository))
        self.assertEqual(run(["git", "fsck", "--strict"], cwd=repository).returncode, 0)

    def test_redis(self):
        socket = self.directory / "redis.sock"
        server = self.start([MEMPROF, "run", "-d", self.directory / "traces", "--", "redis-server",
                             "--port", "0", "--unixsocket", socket, "--save", "",
                             "--dir", self.directory])
        while "ready to accept" not in self.line(server).lower():
            pass
        client = run(["redis-cli", "-s", socket, "--no-auth-warning"], stdin=None,
                     input=b"".join(b"set k%d %s\n" % (i, b"v" * 100) for i in range(2000))
                     + b"dbsize\nget k77\nshutdown nosave\n", capture_output=True)
        server.communicate(timeout=60)
        self.assertEqual(server.returncode, 0)
        self.assertIn(b"2000\n" + b"v" * 100, client.stdout)

    def test_a_shell_that_forks_much(self):
        script = ("n=0; for i in $(seq 1 30); do n=$((n + $(echo $i | tr -d x | cat))); "
                  "( : ) & done; wait; echo $n")
        self.readable(self.same(["bash", "-c", script]))

    def test_make(self):
        makefile = self.directory / "Makefile"
        makefile.write_text("all: a b c d\na b c d:\n\t@echo made $@ | sed s/made/built/ > $@\n")
        self.readable(self.same(["make", "-s", "-j2", "-B", "all"], cwd=self.directory))
        self.assertEqual((self.directory / "c").read_text(), "built c\n")


if __name__ == "__main__":
    main()

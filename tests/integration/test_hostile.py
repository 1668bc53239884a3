"""What a hostile program does to a profiler harms neither: it runs as it does without, and the
figures hold."""

import json
import os
import resource

from harness import ANALYZER, Case, main, profile, run, victim

PEAK_STEP = 64 * 1024  # what a thread allocates before it adds it to the sum, see the format
NESTED = 2  # the frame of events whose stack was not taken
COMPLAINT = b"memprof: "


def json_lines(done):
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def complaints(done):
    """What the profiler said on stderr, but for the line that tells where the trace is."""
    return [line for line in done.stderr.splitlines()
            if line.startswith(COMPLAINT) and b"; next: " not in line]


class Hostile(Case):
    def both(self, *argv, complains_of=None, **options):
        """Runs a victim bare and under memprof, which must not be told apart but by the profiler's
        one complaint where one is due; returns the profiled run."""
        argv = [victim(argv[0]), *argv[1:]]
        bare = run(argv, **options)
        self.assertEqual(bare.returncode, 0, bare.stderr)
        done = self.profile(argv, "-".join(["both", *map(os.path.basename, argv)]), **options)
        self.assertEqual(done.stdout, bare.stdout)
        self.complained(done, complains_of)
        return done

    def complained(self, done, of):
        said = complaints(done)
        self.assertEqual(len(said), 1 if of else 0, said)
        if of:
            self.assertIn(of, said[0])

    def readable(self, path):
        """The analyzer takes the trace, too."""
        read = run([ANALYZER, "report", path])
        self.assertEqual((read.returncode, read.stderr), (0, b""))


class Memory(Hostile):
    def test_a_block_larger_than_the_machine_is_refused(self):
        self.assertNotIn(b"grew little 0", self.both("hostile_memory", "refused").stdout)

    def test_all_memory_locked(self):
        """Who is not root, or root in a container, may be refused; but then without us, too."""
        done = self.both("hostile_memory", "locked")
        self.assertNotIn(b"grew little 0", done.stdout)
        self.assertIn(b"in use 1", done.stdout)

    def test_small_blocks_are_aligned_as_the_c_librarys(self):
        done = self.both("hostile_alignment")
        for line in done.stdout.decode().splitlines():
            self.assertTrue(line.endswith(": 0"), line)

    def test_a_block_freed_twice_is_not_given_out_twice(self):
        done = self.profile([victim("hostile_memory"), "freed_twice"])
        self.assertEqual(done.stdout, b"two blocks 1\n")
        self.complained(done, b"frees a block twice")

    def test_an_arena_with_memory_of_the_programs_own(self):
        done = self.both("hostile_jemalloc", complains_of=b"extent hooks")
        self.assertEqual(done.stdout, b"arena 0, 100 blocks\n")

    def test_bad_alloc_in_a_plug_in_of_a_c_host(self):
        for mode, plug_in in (("plain", "hostile_new"), ("deepbind", "hostile_new"),
                              ("plain", "hostile_new_static")):
            with self.subTest(mode=mode, plug_in=plug_in):
                done = self.both("loader", mode, victim(f"plugins/{plug_in}.so"))
                self.assertEqual(set(done.stdout.splitlines()), {b"caught bad_alloc"})


class Limits(Hostile):
    def test_a_program_that_limits_itself(self):
        done = self.both("hostile_limits", "self")
        self.assertIn(b"200 MiB: given 1, out of memory 0\n2048 MiB: given 0, out of memory 1",
                      done.stdout)

    def test_a_program_that_starts_another_under_its_limit(self):
        done = self.both("hostile_limits", "exec")
        self.assertEqual(done.stdout.count(b"limited to 1073741824, at most 2147483648"), 2)
        self.assertEqual(done.stdout.count(b"200 MiB: given 1"), 2)

    def test_too_little_to_record_in(self):
        for kibibytes in (30000, 40000, 100000):
            with self.subTest(kibibytes=kibibytes):
                done = self.profile(["sh", "-c", f"ulimit -v {kibibytes}; exec \"$@\"", "sh",
                                     victim("hostile_limits"), "work"], str(kibibytes))
                self.assertEqual(done.stdout, b"10000 blocks\n")
                self.complained(done, b"too little address space")


class Control(Hostile):
    def test_handlers_that_leave_by_a_jump(self):
        """Not bare: the C library's malloc does not bear it that a handler leaves it."""
        done = self.profile([victim("hostile_control"), "jumps"])
        self.assertEqual(json_lines(done), [{"afterwards": 200000}])
        self.complained(done, None)
        trace = done.trace()
        made = trace.by_phase()["afterwards"]
        self.assertEqual((made["allocations"], made["frees"]), (200000, 200000))
        known = trace.by_function("allocate")["allocations"]
        self.assertGreaterEqual(known, 0.9 * trace.totals()["allocations"])

    def test_handlers_that_leave_a_first_event_by_a_jump(self):
        """A forked child's first event begins its recording, and gives its thread a slot."""
        for call in ("gettid", "memfd_create"):
            with self.subTest(call=call):
                bare = run([victim("hostile_control"), "entry", call])
                self.assertEqual((bare.returncode, bare.stderr), (0, b"jumps: 0\n"))
                done = self.profile([victim("hostile_control"), "entry", call], "entry-" + call)
                self.assertEqual(complaints(done), [])
                self.assertIn(b"jumps: 1\n", done.stderr)
                child, = json_lines(done)
                trace, = [trace for trace in done.traces()
                          if trace.header["pid"] == child["pid"]]
                made = trace.by_phase()["afterwards"]
                self.assertEqual((made["allocations"], made["frees"]), (200000, 200000))
                self.assertGreaterEqual(trace.by_function("allocate")["allocations"], 200000)

    def test_a_frame_pointer_that_is_none(self):
        trace = self.both("hostile_control", "frame").trace()
        self.assertEqual(trace.by_function("allocate_with_rbp")["allocations"], 4)


class Processes(Hostile):
    def profile_each(self, kind):
        """The truths of a victim's processes, and their traces by pid."""
        bare = run([victim("hostile_processes"), kind])
        done = self.profile([victim("hostile_processes"), kind])
        self.assertEqual(complaints(done), [])
        self.assertEqual([truth | {"pid": 0} for truth in json_lines(done)],
                         [truth | {"pid": 0} for truth in json_lines(bare)])
        return json_lines(done), {trace.header["pid"]: trace for trace in done.traces()}

    def test_seventy_forks_in_a_row(self):
        truths, traces = self.profile_each("chain")
        self.assertEqual(len(truths), 71)
        for truth in truths:
            trace = traces[truth["pid"]]
            with self.subTest(depth=truth["depth"]):
                made = trace.by_phase()["chain"]
                self.assertEqual((made["allocations"], made["live_bytes"]),
                                 (truth["allocations"], truth["live_bytes"]))
                self.check_inherited(trace, truth)
                self.assertEqual(trace.last("profiler").get("unknown_frees", 0), 0)
                self.assertTrue(all(window["heap"]["live_bytes"] >= 0
                                    for window in trace.windows if "heap" in window))
        for truth in (truths[64], truths[70]):
            self.readable(traces[truth["pid"]].path)

    def check_inherited(self, trace, truth):
        """Frees of blocks that processes before made are told apart. Whose the blocks were that
        are older than the 64th fork is forgotten there: their frees count for nobody."""
        counted = trace.last("profiler").get("inherited_frees", 0)
        if truth["depth"] < 64:
            self.assertEqual(counted, truth["inherited_frees"])
        else:
            self.assertLessEqual(counted, truth["inherited_frees"])
            self.assertGreaterEqual(counted, 1 if truth["depth"] > 64 else 0)

    def test_a_child_with_a_clean_environment(self):
        done = self.both("hostile_processes", "clearenv")
        sums = [trace.by_phase()["cleaned"] for trace in done.traces()
                if "cleaned" in trace.by_phase()]
        self.assertEqual([(made["allocations"], made["live_bytes"]) for made in sums],
                         [(1000, 100000)])

    def test_phases_of_a_child(self):
        truths, traces = self.profile_each("phases")
        self.assertEqual(len(truths), 2)
        for truth in truths:
            trace = traces[truth["pid"]]
            with self.subTest(steps=truth["calls"]["alpha"]):
                paths = {trace.phase_path(phase) for phase, _ in trace.phase_sums}
                self.assertEqual({path: trace.phase_times(path)["calls"] for path in paths},
                                 truth["calls"])
                self.assertEqual(trace.counters, {"things": truth["things"]})
                self.assertGreater(trace.facts["scope_inner_ticks"], 0)
                self.assertGreater(trace.facts["clock_ticks"], 0)


class Threads(Hostile):
    def test_threads_that_free_after_their_last_destructor(self):
        done = self.both("hostile_threads", "late")
        heap = done.trace().last("heap")
        self.assertLessEqual(heap["peak_error_bytes"], (done.truth["at_once"] + 1) * PEAK_STEP)

    def test_more_threads_than_the_tables_hold(self):
        """Below 16 GiB of address space the tables have room for 1,024 threads. One that finds none
        remembers so, and does not look through the whole table at each event."""
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (3000000 * 1024,) * 2)
        done = self.both("hostile_threads", "many", "1200", preexec_fn=limit)
        trace = done.trace()
        # Threads without a place in the tables have no stacks; they count all the same.
        made = trace.sums(cell for cell, (stack, _) in enumerate(trace.cells)
                          if trace.stack_frames(stack)[:1] == [NESTED]
                          or "make_some" in trace.stack_functions(stack))
        self.assertEqual((made["allocations"], made["frees"], made["live_bytes"]),
                         (done.truth["blocks"], done.truth["blocks"], 0))
        self.assertLess(trace.last("profiler").get("overflows", 0), 1200)

    def test_one_thread_never_uses_more_than_one_core(self):
        done = self.both("hostile_threads", "alone")
        trace = done.trace()
        for path in ("first", "second", "second/inner"):
            with self.subTest(phase=path):
                times = trace.phase_times(path)
                self.assertEqual(times["calls"], done.truth["calls"])
                self.assertLessEqual(times["cpu_ns"], times["cpu_ticks"] / trace.hz() * 1e9)
        for phase in done.report()["phases"]:
            self.assertLessEqual(phase["cores"] or 0, 1)


if __name__ == "__main__":
    main()

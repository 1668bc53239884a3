"""Samples of CPU time: where it went, on which threads, and what the program notices of it."""

import collections
import math
import re

from harness import Case, MEMPROF, main, run, victim

# Of a binomial count, 1 in 30,000 lies further out than so many standard deviations.
FAR = 4.2

# What page faults and calls really take of the time, in functions whose truth says nothing of it; it
# is sampled like the rest.
ELSEWHERE = 0.002

PLUGIN = victim("plugins/alpha.so")

FRAME_UNKNOWN = 4  # of trace_format.h: no stack could be taken

# A round of the victim's functions lasts many of the kernel's ticks, at which samples are taken, and
# no whole number of them.
ROUND_US = "23000"


def functions_of(trace, stack):
    """Functions of a stack that the program's own debug information names, innermost first, but the
    inlined ones that all victims burn in."""
    return [name for name in trace.stack_functions(stack)
            if name not in ("spin_here", "inner")]


class Shares:
    """CPU time by function: itself, and with what it called, each function once a stack."""

    def __init__(self, trace, role=None):
        self.self_ns, self.inclusive_ns = collections.Counter(), collections.Counter()
        self.samples = self.total_ns = 0
        for (stack, _, its_role), (samples, cpu_ns) in trace.samples.items():
            if role is not None and its_role != role:
                continue
            names = functions_of(trace, stack)
            self.samples += samples
            self.total_ns += cpu_ns
            self.self_ns[names[0] if names else ""] += cpu_ns
            for name in set(names):
                self.inclusive_ns[name] += cpu_ns


def cpu_ns(trace):
    process = trace.last("process")
    return process["user_ns"] + process["system_ns"]


class Sampling(Case):
    def sampled(self, argv, hz=999, name="run"):
        return self.profile([victim(argv[0]), *argv[1:]], name=name,
                            memprof_options=["-F", str(hz)])

    def test_shares_of_functions(self):
        """Recursive, calling, inlined into, in two threads: self and inclusive."""
        done = self.sampled(["burn", "1.2", ROUND_US])
        trace = done.trace()
        for role in (0, 1):
            shares = Shares(trace, role)
            burnt = shares.inclusive_ns["round_of_all"]
            share_of_rounds = burnt / shares.total_ns
            count = shares.samples * share_of_rounds
            self.assertGreater(count, 200)
            for function, (own, inclusive) in done.truth.items():
                for what, truth, found in (("self", own, shares.self_ns[function]),
                                           ("inclusive", inclusive, shares.inclusive_ns[function])):
                    p = truth / 100
                    noise = (p + ELSEWHERE) * (1 - p) / count
                    bound = FAR * math.sqrt(noise) + ELSEWHERE
                    self.assertAlmostEqual(found / burnt, p, delta=bound,
                                           msg=f"{function} {what}, role {role}, {count} samples")

    def test_inlined_functions_are_named(self):
        trace = self.sampled(["burn", "0.3", ROUND_US]).trace()
        chains = {tuple(trace.stack_functions(stack)[:3]) for stack, _, _ in trace.samples}
        self.assertIn(("spin_here", "inner", "gamma_"), chains)

    def assert_samples_are_the_cpu_time(self, trace, hz, threads):
        """All but what the recorder's own start took."""
        self.assertEqual(trace.header["sampling"], {"hz": hz, "clock": "thread_cpu"})
        total = sum(ns for _, ns in trace.samples.values())
        truth = cpu_ns(trace) - trace.facts["load_ns"]
        # The beginning is random, a part of a period in each thread; and the kernel takes down the
        # process when nobody samples it any more.
        slack = FAR * math.sqrt(threads / 4) * 1e9 / hz + 0.02 * cpu_ns(trace)
        self.assertAlmostEqual(total, truth, delta=slack)
        self.assertEqual(sum(samples for samples, _ in trace.samples.values()),
                         trace.last("profiler")["samples"])

    def test_what_samples_stand_for_is_the_cpu_time(self):
        for hz in (199, 999):
            with self.subTest(hz=hz):
                trace = self.sampled(["burn", "0.6", ROUND_US], hz, name=str(hz)).trace()
                self.assert_samples_are_the_cpu_time(trace, hz, 2)

    def test_threads_shorter_than_a_tick_are_in_it(self):
        """Hundreds, of a millisecond each: at their end the kernel has not yet told most of what
        expired. Where it went is not known, and said to be so."""
        trace = self.sampled(["corners", "300", PLUGIN]).traces()[0]
        self.assert_samples_are_the_cpu_time(trace, 999, 304)
        roles = {role for stack, _, role in trace.samples if trace.stacks[stack] == (0, FRAME_UNKNOWN)}
        self.assertEqual(roles, {1})

    def test_the_first_thread_is_sampled_before_it_allocates(self):
        """The victim finds out how fast the machine is before its first event."""
        trace = self.sampled(["burn", "0.1", ROUND_US]).trace()
        self.assertGreater(Shares(trace, 0).inclusive_ns["spin_rate"], 0)

    def test_every_stack_begins_where_its_thread_began(self):
        trace = self.sampled(["burn", "0.5", ROUND_US]).trace()
        for stack, _, role in trace.samples:
            names = trace.stack_functions(stack)
            if "round_of_all" in names:
                self.assertIn("all_rounds", names)
                self.assertIn("main" if role == 0 else "start_thread", names)

    def test_every_corner(self):
        """Threads that block all signals, threads of C11, short ones, handlers, code that comes and
        goes, and a child that never allocates."""
        done = self.sampled(["corners", "200", PLUGIN])
        self.assertEqual(run([victim("corners"), "200", PLUGIN]).stdout, done.stdout)
        traces = done.traces()
        self.assertEqual([trace.header["origin"] for trace in traces], ["exec", "fork"])
        found = Shares(traces[0]).inclusive_ns
        for function in ("blocked_thread", "c11_thread", "in_handler", "loading"):
            self.assertGreater(found[function], 100e6, function)
        self.assertGreater(found["short_threads"], 0)
        self.assertGreater(Shares(traces[1]).inclusive_ns["forked_child"], 100e6)
        chains = [traces[0].stack_functions(stack) for stack, _, _ in traces[0].samples]
        for chain in chains:
            if "in_handler" in chain:
                self.assertIn("main", chain)

    def test_a_phase_that_waits_is_seen_as_waiting(self):
        """By samples where there are other threads, by the clock where there are none."""
        for threads, how in (("2", "samples"), ("1", "clock")):
            with self.subTest(threads=threads):
                done = self.sampled(["waits", "60", threads], name=threads)
                phases = {phase["path"]: phase for phase in done.report()["phases"]}
                for path, truth in done.truth.items():
                    phase = phases[path]
                    self.assertEqual(phase["waiting_from"], how)
                    # The error is that of 95 %; and what is neither asleep nor at work is without a
                    # processor.
                    error = 2.5 * phase["waiting_error_seconds"]
                    self.assertGreaterEqual(phase["waiting_seconds"], 0.9 * truth["waited"] - error)
                    self.assertLessEqual(phase["waiting_seconds"],
                                         phase["inclusive_seconds"] - 0.9 * truth["cpu"] + error)

    def test_few_samples_are_told(self):
        def told(seconds):
            done = self.sampled(["burn", seconds, ROUND_US], name=seconds)
            return [text for text in done.report()["run"]["warnings"] if "samples of CPU" in text]
        self.assertEqual(len(told("0.05")), 1)
        self.assertEqual(told("0.6"), [])

    def test_who_never_allocates_is_sampled_too(self):
        done = self.profile([victim("computes")], memprof_options=["-F", "199"])
        samples = sum(count for count, _ in done.trace().samples.values())
        self.assertGreater(samples, 199 / 2)

    def test_off_takes_none(self):
        trace = self.sampled(["burn", "0.1", ROUND_US], "off").trace()
        self.assertEqual(trace.samples, {})
        self.assertNotIn("sampling", trace.header)

    def test_without_the_heap_too(self):
        done = self.profile([victim("burn"), "0.3", ROUND_US], memprof_options=["--mode", "off"])
        self.assertGreater(Shares(done.trace()).inclusive_ns["alpha"], 0)

    def test_frequencies_that_cannot_be(self):
        for wrong in ("0", "-5", "10001", "fast", "", "1e3"):
            with self.subTest(wrong=wrong):
                done = run([MEMPROF, "run", "--freq", wrong, "--", "true"])
                self.assertEqual(done.returncode, 2)
                self.assertRegex(done.stderr.decode(), r"^memprof: --freq .*: give .* or off\n$")


class Noticed(Case):
    """What the program itself notices."""

    def same(self, argv, hz="999"):
        bare = run([victim(argv[0]), *argv[1:]])
        done = self.profile([victim(argv[0]), *argv[1:]], memprof_options=["-q", "-F", hz])
        self.assertEqual(done.stdout, bare.stdout)
        self.assertEqual(bare.returncode, 0)
        return done

    def test_signals_and_timers_are_the_programs_own(self):
        self.same(["own_signals"])

    def test_no_call_is_interrupted(self):
        done = self.same(["interrupted", "0.7"], "10000")
        self.assertEqual(done.stdout, b"0 interrupted\n")
        calls = int(re.match(rb"(\d+) calls", done.stderr).group(1))
        self.assertGreater(calls, 500)
        self.assertGreater(done.trace().last("profiler")["samples"], 40)

    def test_small_stacks(self):
        done = self.same(["small_stacks"])
        self.assertGreater(Shares(done.trace()).self_ns["in_a_coroutine"], 0)


if __name__ == "__main__":
    main()

"""Counted calls: exact, by function and by caller, whatever leaves a function without its end."""

import collections
import re

from harness import Case, SOURCE, main, run, victim

N = "20"

# Where a stack is unwound (exceptions, pthread_exit), callgrind takes some of that for calls. What is
# right there the victim tells.
UNWOUND = ("thrower", "passer", "jumper", "leaver")


class Calls:
    """The rows of a trace by function name."""

    def __init__(self, trace):
        self.trace = trace
        self.edges, self.of = collections.Counter(), collections.Counter()
        self.self_ticks, self.inclusive_ticks = collections.Counter(), collections.Counter()
        self.untimed = collections.Counter()
        for (function, caller, _, role), (calls, own, inclusive, untimed) in trace.calls.items():
            name, by = self.name(function), self.name(caller)
            self.edges[by, name] += calls
            self.of[name] += calls
            self.self_ticks[role] += own
            self.inclusive_ticks[name, role] += inclusive
            self.untimed[name] += untimed

    def name(self, frame):
        """The last is the function itself: at its first instruction nothing is inlined."""
        return self.trace.symbols[frame][-1][0].split("(")[0] if frame else ""


def counted_by_callgrind(path):
    """Calls by (caller, function), from a callgrind.out file: `fn=` says who calls, `cfn=` whom,
    `calls=` how often; names are given once, and by number from then on."""
    names, found = {}, collections.Counter()

    def name(text):
        number, given = re.match(r"(\(\d+\))(?: (.*))?", text).groups()
        if given:
            names[number] = re.sub(r"\(.*|'\d+$", "", given)
        return names[number]

    caller = callee = None
    for line in path.read_text().splitlines():
        key, _, rest = line.partition("=")
        if key == "fn":
            caller = name(rest)
        elif key == "cfn":
            callee = name(rest)
        elif key == "calls":
            found[caller, callee] += int(rest.split()[0])
    return found


class CountedCalls(Case):
    def counted(self, **options):
        return self.profile([victim("calls"), N], memprof_options=["--count-calls"], **options)

    def test_every_call_is_counted_once(self):
        done = self.counted()
        calls = Calls(done.trace())
        for function, truth in done.truth.items():
            self.assertEqual(calls.of[function], truth, function)
        self.assertNotIn("calls_missed", done.trace().last("profiler"))
        self.assertTrue(done.trace().header["count_calls"])

    def test_by_whom(self):
        """After exceptions, longjmp, handlers and a thread that left, main is still who calls."""
        calls = Calls(self.counted().trace())
        n = int(N)
        expected = {("", "main"): 1, ("main", "work"): 1, ("", "work"): 1,
                    ("work", "leaf"): 2000 * n, ("work", "even"): 2 * n, ("even", "odd"): 10 * n,
                    ("work", "outer"): 2 * n, ("outer", "small"): 4 * n,
                    ("main", "catcher"): 10 * n, ("catcher", "passer"): 10 * n,
                    ("passer", "thrower"): 10 * n, ("thrower", "thrower"): 40 * n,
                    ("catcher", "leaf"): 10 * n, ("main", "landing"): 10 * n,
                    ("landing", "jumper"): 10 * n, ("jumper", "jumper"): 40 * n,
                    ("landing", "leaf"): 10 * n, ("main", "deep"): 1, ("deep", "deep"): 79999,
                    ("main", "raiser"): 2 * n, ("raiser", "handler"): 2 * n,
                    ("handler", "leaf"): 2 * n, ("raiser", "leaf"): 2 * n, ("main", "sorter"): 1,
                    ("", "leaver"): 1, ("leaver", "leaver"): 5}
        for after in ("work", "throws", "jumps", "deep", "signals", "leaving"):
            expected["main", f"after_{after}"] = 1
            expected[f"after_{after}", "leaf"] = 1
        for edge, count in expected.items():
            self.assertEqual(calls.edges[edge], count, edge)

    def test_as_callgrind_counts(self):
        out = self.directory / "callgrind.out"
        done = run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}",
                    victim("calls"), N])
        self.assertEqual(done.returncode, 0, done.stderr)
        theirs = counted_by_callgrind(out)
        ours = Calls(self.counted().trace()).edges
        compared = 0
        for (caller, function), count in theirs.items():
            if (caller, function) in ours and function not in UNWOUND:
                self.assertEqual(ours[caller, function], count, (caller, function))
                compared += 1
        self.assertGreater(compared, 20)

    def test_times_add_up(self):
        """What main took is what every function on its thread took itself; a function's inclusive
        time is no more than that of who calls it, with recursion too."""
        calls = Calls(self.counted().trace())
        whole = calls.inclusive_ticks["main", 0]
        self.assertAlmostEqual(calls.self_ticks[0], whole, delta=whole * 0.02)
        for function in ("work", "deep", "fib", "even", "odd", "thrower", "jumper"):
            self.assertLessEqual(calls.inclusive_ticks[function, 0], whole, function)
        self.assertGreaterEqual(calls.untimed["deep"], 80000 - 65536)

    def test_without_being_asked_nothing_is_counted(self):
        done = self.profile([victim("calls"), N])
        self.assertEqual(done.trace().calls, {})
        self.assertNotIn("count_calls", done.trace().header)

    def test_a_program_that_was_not_compiled_so(self):
        trace = self.profile([victim("queue")], memprof_options=["--count-calls"]).trace()
        self.assertEqual(trace.calls, {})


class Phases(Case):
    def test_calls_are_in_the_phase_where_they_began(self):
        source = self.directory / "phased.c"
        source.write_text("""
#include <memprof/memprof.h>
#include <pthread.h>
__attribute__((noinline)) void leaf(void) { __asm__ volatile(""); }
static void *worker(void *unused) { leaf(); return unused; }
int main(void)
{
	pthread_t thread;
	leaf();
	MEMPROF_PHASE ("first") {
		for (int i = 0; i < 10; i++)
			leaf();
		pthread_create(&thread, 0, worker, 0);
		pthread_join(thread, 0);
	}
	MEMPROF_PHASE ("second")
		for (int i = 0; i < 20; i++)
			leaf();
	return 0;
}
""")
        program = self.directory / "phased"
        built = run(["gcc", "-O2", "-g", "-finstrument-functions", "-pthread",
                     f"-I{SOURCE / 'libmemprof' / 'include'}", source, "-o", program])
        self.assertEqual(built.returncode, 0, built.stderr)
        trace = self.profile([program], memprof_options=["--count-calls"]).trace()
        names = Calls(trace)
        found = {(trace.phase_path(phase), role): row[0]
                 for (function, _, phase, role), row in trace.calls.items()
                 if names.name(function) == "leaf"}
        self.assertEqual(found, {("", 0): 1, ("first", 0): 10, ("first", 1): 1, ("second", 0): 20})


if __name__ == "__main__":
    main()

"""A real program, counted by heaptrack and by memprof: the same, to the last allocation.

The program is sqlite3 running a script, with one thread and without address randomisation, so that
its allocations are the same in every run; two runs of heaptrack show that they are. What must be
known to compare:

  - heaptrack counts a reallocation as one more call; its count is our allocations and reallocations.
  - heaptrack's library needs libstdc++, which a C program does not load for itself. Its start takes
    one block of 72,704 bytes (the reserve for exceptions when memory is out) that is never freed:
    one call, and its bytes in the peak, that exist only under heaptrack.
  - what the profilers take for themselves, neither of them counts.
"""

from harness import Case, main, report, run

SCRIPT = """create table t(a integer primary key, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
  insert into t select i, hex(i * 7919) from n;
create index x on t(b);
select count(*), max(b), sum(length(b)) from t;
delete from t where a % 3 = 0;
select b, count(*) from t group by substr(b, 1, 2) order by 1 limit 20;
"""
RESERVE = 72704


class Heaptrack(Case):
    def setUp(self):
        super().setUp()
        script = self.directory / "script.sql"
        script.write_text(SCRIPT)
        self.program = ["sqlite3", "-init", "/dev/null", ":memory:", f".read {script}"]

    def cost(self, recording, kind):
        """What heaptrack recorded, by stack: [(stack, cost)]."""
        stacks = self.directory / f"{kind}.txt"
        done = run(["heaptrack_print", recording, "-F", stacks, "--flamegraph-cost-type", kind,
                    "-p0", "-a0", "-T0"])
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.rsplit(" ", 1) for line in stacks.read_text().splitlines()]
        return [(stack, int(cost)) for stack, cost in rows]

    def heaptrack(self, name):
        """(calls, peak bytes) of a run under heaptrack, without what only heaptrack brings."""
        done = run(["setarch", "-R", "heaptrack", "-o", self.directory / name, *self.program])
        self.assertEqual(done.returncode, 0, done.stderr)
        recording = next(self.directory.glob(f"{name}.*"))
        calls, peak = self.cost(recording, "allocations"), self.cost(recording, "peak")
        reserves = [stack for stack, cost in peak if cost == RESERVE]
        self.assertEqual(len(reserves), 1, "libstdc++'s reserve")
        self.assertEqual(sum(cost for stack, cost in calls if stack == reserves[0]), 1)
        return (sum(cost for _, cost in calls) - 1, sum(cost for _, cost in peak) - RESERVE)

    def test_allocations_and_peak(self):
        first, second = self.heaptrack("first"), self.heaptrack("second")
        self.assertEqual(first, second, "the program is not deterministic: nothing to compare")
        calls, peak = first
        done = self.profile(["setarch", "-R", *self.program])
        trace = done.traces()[-1]  # setarch becomes sqlite3
        self.assertEqual(trace.header["command"][0], "sqlite3")
        totals = trace.totals()
        self.assertEqual(totals["allocations"] + totals["moved_in"], calls)
        self.assertAlmostEqual(trace.last("heap")["peak_bytes"], peak, delta=peak // 1000)
        said = report(trace.path)["totals"]
        self.assertEqual(said["allocations"] + said["reallocations"], calls)


if __name__ == "__main__":
    main()

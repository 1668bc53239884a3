"""`analyzer report --report memory` of programs whose truth is known: what becomes of their blocks,
to the last one, and what of them grows."""

import json
import re
import shutil

from harness import ANALYZER, Case, line_of, main, run, victim

STEPS = 600
TEETH = 50  # as in leak.c
LIVES = (0, 1, 2, 3, 4, 10, 100)
BUCKETS = 12


def memory(path, *options):
    """The memory report as JSON, all rows."""
    finished = run([ANALYZER, "report", "--report", "memory", "--format", "json", "--top",
                    "1000000", *options, path])
    if finished.returncode:
        raise AssertionError(finished.stderr.decode())
    return json.loads(finished.stdout)


def text_of(path, *options):
    finished = run([ANALYZER, "report", *options, path], env={"COLUMNS": "200", "LC_ALL": "C.UTF-8"})
    if finished.returncode:
        raise AssertionError(finished.stderr.decode())
    return finished.stdout.decode()


def histogram(lifetimes):
    """Blocks by lifetime in steps, in the buckets of the format."""
    counts = [0] * BUCKETS
    for steps in lifetimes:
        counts[min(steps.bit_length(), BUCKETS - 1)] += 1
    return counts


def lifetimes(steps):
    """What leak.c does, by phase: how long each block that it frees lives."""
    return {
        "leak": [steps - 1 - step for step in range(steps)],
        "cache": [],
        "saw": [TEETH - 1 - step % TEETH for step in range(steps - steps % TEETH)],
        "handed": [0] * 2 * steps,
        "grown": [0] * steps,
        "odd": [0] * steps,
        **{str(lives): [lives] * max(steps - lives, 0) for lives in LIVES},
    }


class Fates(Case):
    """Exact, in a run too short to tell what grows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maker = cls("directory_of")
        maker.setUp()
        cls.addClassCleanup(shutil.rmtree, maker.directory, ignore_errors=True)
        cls.run_ = maker.profile([victim("leak"), str(STEPS)])
        cls.said = memory(cls.run_.trace().path)
        cls.phases = {}
        for row in cls.rows_of(cls.said):
            sums = cls.phases.setdefault(row["phase"], {})
            for name, value in row.items():
                if isinstance(value, int) and name not in ("line", "call_site"):
                    sums[name] = sums.get(name, 0) + value
                elif isinstance(value, list):
                    sums[name] = [a + b for a, b in zip(sums.get(name, [0] * len(value)), value)]

    def directory_of(self):
        """The case that only lends its directory."""

    @staticmethod
    def rows_of(said):
        """Each call-site once, from the lists that it is in."""
        found = {}
        for rows in said["call_sites"].values():
            for row in rows["rows"]:
                found[row["call_site"]] = row
        return found.values()

    def test_counts_are_the_programs_own(self):
        for phase, truth in self.run_.truth["phases"].items():
            row = self.phases[phase]
            self.assertEqual(
                (row["allocations"], row["bytes_allocated"], row["frees"],
                 row["temporary_allocations"], row["reallocations"], row["live_at_exit_bytes"],
                 row["live_at_exit_allocations"]),
                (truth["allocations"], truth["allocated_bytes"], truth["frees"],
                 truth["temporaries"], truth["reallocations"], truth["live_bytes"],
                 truth["live_blocks"]), phase)

    def test_lifetimes_in_steps_are_exact(self):
        for phase, lived in lifetimes(STEPS).items():
            row = self.phases[phase]
            self.assertEqual(row["freed_by_steps_lived"], histogram(lived), phase)
            self.assertEqual(row["freed_in_step"], lived.count(0), phase)
            self.assertEqual(row["frees"], len(lived), phase)
            self.assertEqual(sum(row["freed_by_time_lived"]), len(lived), phase)

    def test_frees_by_another_thread_are_exact(self):
        for phase in lifetimes(STEPS):
            expected = 2 * STEPS if phase == "handed" else 0
            self.assertEqual(self.phases[phase]["cross_thread_frees"], expected, phase)

    def test_slack_is_what_the_allocator_gave_beyond(self):
        slack = int(re.search(rb"slack (\d+)", self.run_.stdout)[1])
        self.assertGreater(slack, 0)
        self.assertEqual(self.phases["odd"]["slack_bytes"], slack)
        self.assertEqual(self.phases["cache"]["live_slack_bytes"],
                         self.phases["cache"]["slack_bytes"])

    def test_growth_by_realloc(self):
        rows = {row["line"]: row for row in self.rows_of(self.said) if row["phase"] == "grown"}
        site = line_of("leak.c", "grown")
        self.assertEqual(rows[site]["growth_by_reallocation_bytes"], 300 * STEPS)
        self.assertEqual(self.phases["grown"]["growth_by_reallocation_bytes"], 200 * STEPS)

    def test_lists_are_sorted_and_add_up(self):
        figures = {"at_peak": "peak_bytes", "live_at_exit": "live_at_exit_bytes",
                   "churn": "frees", "temporaries": "temporary_allocations",
                   "step_local": "freed_in_step", "short_lived": "freed_within_10_ms",
                   "cross_thread_frees": "cross_thread_frees", "slack": "slack_bytes",
                   "growth_by_reallocation": "growth_by_reallocation_bytes"}
        few = memory(self.run_.trace().path, "--top", "3")
        self.assertEqual(set(few["call_sites"]), set(figures))
        for name, key in figures.items():
            rows = few["call_sites"][name]
            values = [row[key] for row in rows["rows"]]
            self.assertLessEqual(len(values), 3, name)
            self.assertEqual(values, sorted(values, reverse=True), name)
            self.assertEqual(sum(values) + rows["others"][key], few["all_call_sites"][key], name)
            self.assertEqual(rows["total"], few["all_call_sites"][key], name)
        totals = few["totals"]
        self.assertEqual(few["all_call_sites"]["allocations"], totals["allocations"])
        self.assertEqual(few["all_call_sites"]["live_at_exit_bytes"], totals["live_at_exit_bytes"])

    def test_text_says_the_same(self):
        text = text_of(self.run_.trace().path, "--report", "memory", "--top", "40")
        for heading in ("MEMORY OVER THE RUN", "GROWS WITH AGE", "BY CHURN", "BY TEMPORARIES",
                        "BY STEP-LOCAL BLOCKS", "BY CROSS-THREAD FREES", "BY SLACK",
                        "BY GROWTH THROUGH REALLOC", "AT THE PEAK", "LIVE AT EXIT",
                        "LIFETIMES IN STEPS", "LIFETIMES IN TIME"):
            self.assertIn(heading, text)
        block = text.split("CALL-SITES BY CROSS-THREAD FREES")[1].split("\n\n")[0]
        shown = [line.split() for line in block.splitlines()[2:]]
        site = f"leak.c:{line_of('leak.c', 'handed')}"
        self.assertIn([site, "do_handed", "handed", "1.0"], [row[1:5] for row in shown])
        block = text.split("LIFETIMES IN STEPS")[1].split("\n\n")[0]
        in_step = re.search(r"in step +([\d,]+)", block)[1].replace(",", "")
        self.assertEqual(int(in_step), self.said["all_call_sites"]["freed_in_step"])


class Growth(Case):
    """A run of some twenty windows: the leak is found, and nothing else is. Too few: it is said."""

    def test_a_run_that_is_too_short(self):
        """Fewer steps than windows in which steps must have ended, however long they take."""
        text = text_of(self.profile([victim("leak"), "5"]).trace().path, "--report", "memory")
        self.assertRegex(text, r"too short a run to tell: \d windows in which steps ended, 8 are needed")

    def test_the_leak_and_nothing_else(self):
        done = self.profile([victim("leak"), "900", "6"])
        path = done.trace().path
        said = memory(path)["growth"]
        self.assertEqual(said["age"], "steps")
        self.assertGreaterEqual(said["points"], 15)
        rows = {row["phase"]: row for row in said["call_sites"]}
        leak = rows["leak"]
        self.assertEqual(leak["verdict"], "sure", leak)
        self.assertEqual(leak["line"], line_of("leak.c", "leak"))
        self.assertAlmostEqual(leak["whole"]["slope"], 1000, delta=10)
        self.assertAlmostEqual(said["sure_slope"], leak["whole"]["slope"])
        self.assertGreater(leak["limit_at"], 900)
        self.assertEqual(rows["cache"]["verdict"], "stopped", rows["cache"])
        self.assertEqual([row["phase"] for row in said["call_sites"]
                          if row["verdict"] in ("sure", "likely")], ["leak"])
        self.told(text_of(path), leak)

    def told(self, text, leak):
        """The default report says it in a line."""
        block = text.split("GROWS WITH AGE (sure)\n")[1].split("\n\n")[0]
        slope = re.search(r"\+([\d,.]+) B/step", block)[1].replace(",", "")
        self.assertAlmostEqual(float(slope), leak["whole"]["slope"], delta=6)
        self.assertIn(f"leak.c:{leak['line']}", block)
        self.assertRegex(block, r"near step [\d,]+")
        self.assertEqual(len(block.splitlines()), 1, block)


if __name__ == "__main__":
    main()

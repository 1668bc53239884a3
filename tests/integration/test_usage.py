"""What the kernel counts in phases, against what the victim's own thread says inside and outside of
its marks; and what the report makes of it."""

import csv
import io

from harness import ANALYZER, Case, SIM_BENCH, main, run, victim


class Usage(Case):
    def setUp(self):
        super().setUp()
        self.run_ = self.profile([victim("usage"), "15"], memprof_options=["-F", "999"])
        self.truth, self.trace = self.run_.truth, self.run_.trace()

    def within(self, found, bounds, what):
        self.assertGreaterEqual(found, bounds[0], what)
        self.assertLessEqual(found, bounds[1], what)

    def test_faults_and_waits_in_the_trace(self):
        for path in ("touch", "wait", "outer", "outer/inner"):
            times = self.trace.phase_times(path)
            self.assertEqual(times["usage_calls"], times["calls"], path)
            self.assertEqual(times["usage_ticks"], times["inclusive"], path)
            self.within(times["minor_faults"], self.truth[path]["faults"], f"faults in {path}")
            self.within(times["waits"], self.truth[path]["waits"], f"waits in {path}")
        self.assertGreaterEqual(self.trace.phase_times("touch")["minor_faults"],
                                self.truth["pages"])
        self.assertGreaterEqual(self.trace.phase_times("wait")["waits"], self.truth["times"])

    def test_and_in_steps(self):
        steps = self.trace.step_sums
        self.assertEqual(steps["usage_calls"], steps["ended"])
        self.within(steps["minor_faults"], self.truth["steps"]["faults"], "faults in steps")
        self.within(steps["waits"], self.truth["steps"]["waits"], "waits in steps")

    def test_short_scopes_are_not_asked(self):
        times = self.trace.phase_times("short")
        self.assertLess(times["usage_calls"], times["calls"] / 2)

    def test_the_report_takes_children_off(self):
        said = self.run_.report()
        phases = {phase["path"]: phase for phase in said["phases"]}
        for path in ("touch", "wait", "outer", "outer/inner"):
            usage = phases[path]["usage"]
            self.assertAlmostEqual(usage["covered"], 1, places=6)
            self.within(usage["minor_faults"], self.truth[path]["faults"], path)
        own, inner = phases["outer"]["usage_self"], phases["outer/inner"]["usage"]
        self.assertEqual(own["minor_faults"],
                         phases["outer"]["usage"]["minor_faults"] - inner["minor_faults"])
        self.assertGreaterEqual(own["minor_faults"], self.truth["pages"])
        self.assertIsNone(phases["short"]["usage"])
        outside = self.truth["steps"]["faults"][1] - sum(
            self.truth[path]["faults"][0] for path in ("touch", "wait", "outer"))
        self.within(said["unaccounted_usage"]["minor_faults"],
                    (self.truth["nothing"]["faults"][0], outside), "faults in no phase")

    def test_in_words(self):
        """A line for what more than 5 % of a phase is, with what the kernel counted there."""
        def text(kind):
            return run([ANALYZER, "report", "--report", kind, self.trace.path]).stdout.decode()
        summary = text("sim-summary")
        section = summary[summary.index("UNACCOUNTED TIME"):].split("\n\n")[0]
        own = {phase["path"]: phase for phase in self.run_.report()["phases"]}["outer"]["usage_self"]
        for words in (r"\n  outer: ", r"outside of all phases: ",
                      f"{own['minor_faults']:,} page faults"):
            self.assertRegex(section, words)
        details = text("dev-details")
        self.assertIn("FAULTS, SWITCHES, DISK", details)
        self.assertRegex(details, r"\n  in none, or in short ones +\d")
        # There is one thread, and nothing to be said of others.
        self.assertNotIn("stepping thread's own", summary)
        table = run([ANALYZER, "report", "--format", "csv", self.trace.path]).stdout.decode()
        rows = {row["phase"]: row for row in csv.DictReader(io.StringIO(table))}
        self.within(int(rows["touch"]["minor_faults"]), self.truth["touch"]["faults"], "in CSV")
        self.assertEqual(rows["short"]["minor_faults"], "")

    def test_whose_it_is_where_there_are_workers(self):
        """What a worker faults in for a phase of the thread that steps is not that phase's."""
        at = self.directory / "two"
        done = run([SIM_BENCH, "--steps", "100", "--agents", "200", "--threads", "2", "--out", at])
        self.assertEqual(done.returncode, 0, done.stderr)
        text = run([ANALYZER, "report", "--report", "dev-details", at]).stdout.decode()
        self.assertIn("FAULTS, SWITCHES, DISK", text)
        self.assertRegex(text, r"stepping\s+thread's\s+own:\s+what\s+other\s+threads")


if __name__ == "__main__":
    main()

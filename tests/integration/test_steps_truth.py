"""Steps and phases beside an independent clock, and the identity of accounting: self times of all
phases and unaccounted time add up to the steps."""

from harness import ANALYZER, Case, main, run, victim

# The clock's frequency is known to about this share.
FREQUENCY = 0.001


class Steps(Case):
    def setUp(self):
        super().setUp()
        self.run_ = self.profile([victim("steps"), "400"])
        self.truth = self.run_.truth
        self.trace = self.run_.trace()

    def within(self, seconds, bounds, what):
        """A duration lies between what a clock inside and one outside of it saw."""
        inside, outside = bounds
        self.assertGreaterEqual(seconds * 1e9, inside * (1 - FREQUENCY), what)
        self.assertLessEqual(seconds * 1e9, outside * (1 + FREQUENCY), what)

    def test_steps_in_the_trace(self):
        steps, hz = self.trace.step_sums, self.trace.hz()
        self.assertEqual((steps["ended"], steps["begun"]), (self.truth["steps"],) * 2)
        self.within(steps["ticks"] / hz, self.truth["step"], "the sum of steps")
        self.assertEqual(sum(self.trace.step_histogram.values()), self.truth["steps"])
        self.assertEqual(self.trace.facts["steps_expected"], self.truth["steps"])

    def test_phases_in_the_trace(self):
        hz = self.trace.hz()
        for path in ("observe", "decide", "observe/index"):
            times = self.trace.phase_times(path)
            self.assertEqual((times["calls"], times["entered"]), (self.truth["steps"],) * 2, path)
            self.within(times["inclusive"] / hz, self.truth[path.split("/")[-1]], path)
            self.assertLessEqual(times["min"] * times["calls"], times["inclusive"])
            self.assertGreaterEqual(times["max"] * times["calls"], times["inclusive"])

    def test_the_identity_of_accounting(self):
        """To the tick."""
        own = sum(sums["step_self"] for (_, role), sums in self.trace.phase_sums.items()
                  if role == 0)
        steps = self.trace.step_sums
        self.assertEqual(own + steps["unaccounted"], steps["ticks"])
        self.assertGreaterEqual(steps["unaccounted"] / self.trace.hz() * 1e9,
                                self.truth["idle"] * (1 - FREQUENCY))

    def test_a_phase_is_its_self_and_its_children(self):
        outer, inner = self.trace.phase_times("observe"), self.trace.phase_times("observe/index")
        self.assertEqual(outer["inclusive"], outer["self"] + inner["inclusive"])
        self.assertEqual(inner["inclusive"], inner["self"])

    def test_agents_counters_and_parameters(self):
        agents = {}
        for window in self.trace.windows:
            for key, value in window.get("agents", {}).items():
                agents[key] = value + agents.get(key, 0) if key in ("sum", "steps") else value
        self.assertEqual((agents["sum"], agents["steps"], agents["first"], agents["last"]),
                         (self.truth["agents_sum"], self.truth["steps"],
                          self.truth["agents_first"], self.truth["agents_last"]))
        self.assertEqual((agents["min"], agents["max"]), (20, 29))
        self.assertEqual(self.trace.counters["decisions"], self.truth["decisions"])
        self.assertEqual(self.trace.facts["params"]["radius"], "6")
        self.assertEqual(self.trace.facts["name"], "steps victim")

    def test_what_steps_allocate(self):
        heap = self.truth["heap"]["phases"]
        steps = self.trace.step_sums
        self.assertEqual((steps["allocations"], steps["bytes"]),
                         (sum(t["allocations"] for t in heap.values()),
                          sum(t["allocated_bytes"] for t in heap.values())))
        found = self.trace.by_phase()
        for path, expected in heap.items():
            self.assertEqual((found[path]["allocations"], found[path]["live_bytes"],
                              found[path]["temporaries"]),
                             (expected["allocations"], expected["live_bytes"],
                              expected["temporaries"]), path)

    def test_lifetimes_in_steps(self):
        found, heap = self.trace.by_phase(), self.truth["heap"]["phases"]
        for path, bucket in (("observe", 0), ("observe/index", 0), ("carry", 2)):
            lives = [found[path][f"life_steps_{number}"] for number in range(12)]
            self.assertEqual(lives[bucket], heap[path]["frees"], f"{path}: {lives}")
            self.assertEqual(sum(lives), heap[path]["frees"], f"{path}: {lives}")
            self.assertEqual(sum(found[path][f"life_time_{number}"] for number in range(11)),
                             heap[path]["frees"], path)

    def test_the_report_says_the_same(self):
        said = self.run_.report()
        steps = said["steps"]
        self.assertEqual((steps["count"], said["run"]["steps"]), (self.truth["steps"],) * 2)
        self.within(steps["wall_seconds"], self.truth["step"], "the sum of steps")
        self.assertAlmostEqual(sum(phase["self_seconds"] for phase in said["phases"])
                               + said["unaccounted_seconds"], steps["wall_seconds"], places=6)
        self.assertLessEqual(steps["p50"], steps["p95"])
        self.assertLessEqual(steps["p95"], steps["p99"])
        self.assertLessEqual(steps["p99"], steps["max"] * 1.01)
        phases = {phase["path"]: phase for phase in said["phases"]}
        for path in ("observe", "decide", "observe/index"):
            self.assertEqual(phases[path]["calls"], self.truth["steps"])
            self.within(phases[path]["inclusive_seconds"], self.truth[path.split("/")[-1]], path)
            expected = self.truth["heap"]["phases"][path]
            self.assertEqual((phases[path]["allocations"], phases[path]["bytes_allocated"],
                              phases[path]["temporary_allocations"]),
                             (expected["allocations"], expected["allocated_bytes"],
                              expected["temporaries"]), path)
        run = said["run"]
        self.assertEqual((run["agents_first"], run["agents_last"], run["agents_max"]),
                         (self.truth["agents_first"], self.truth["agents_last"], 29))
        self.assertAlmostEqual(run["agents_mean"], self.truth["agents_sum"] / self.truth["steps"])
        self.assertTrue(run["complete"])


class Phases(Case):
    def test_every_way_out_of_a_phase(self):
        done = self.profile([victim("phases")])
        trace = done.trace()
        times, blocks = {}, {}
        for (phase, _), sums in trace.phase_sums.items():
            entered, calls = times.get(trace.phase_path(phase), (0, 0))
            times[trace.phase_path(phase)] = (entered + sums["entered"], calls + sums["calls"])
        for cell in range(1, len(trace.cells)):
            stack, phase = trace.cells[cell]
            if any("block_in" in name for name in trace.stack_functions(stack)):
                sums = trace.sums([cell])
                count, allocated = blocks.get(trace.phase_path(phase), (0, 0))
                blocks[trace.phase_path(phase)] = (count + sums["allocations"],
                                                   allocated + sums["allocated_bytes"])
        for path, expected in done.truth.items():
            with self.subTest(path=path):
                self.assertEqual(blocks.get(path, (0, 0)), (expected["blocks"], expected["bytes"]))
                if path and path.split("/")[0] not in ("mine", "handing"):
                    self.assertEqual(times[path], (expected["entered"], expected["calls"]))
        self.assertEqual(times["mine"], (1, 1))
        self.assertEqual(times["mine/deeper"], (1, 1))
        self.assertEqual(times["never ended"], (1, 0))
        # by the end of an outer one: after the longjmp, and "second" by the end of "first"
        self.assertEqual(trace.last("profiler")["unbalanced"], 2)
        unknown = set(blocks) - set(done.truth)
        self.assertEqual(unknown, set(), "phases that the program knows nothing of")

    def test_phases_that_the_clock_cannot_see_are_not_shown_as_zero(self):
        done = self.profile([victim("phases")])
        said = {phase["path"]: phase for phase in done.report()["phases"]}
        self.assertEqual(said["short"]["calls"], 1000)
        self.assertIn("below_clock", said["short"]["flags"])
        self.assertIn("not_ended", said["never ended"]["flags"])
        self.assertNotIn("below_clock", said["sensing"]["flags"])
        text = run([ANALYZER, "report", done.trace().path]).stdout.decode()
        row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["short"])
        times = row[:-1]  # the last column counts allocations
        self.assertFalse([word for word in times if word in ("0", "0.0", "0.000")], row)


if __name__ == "__main__":
    main()

"""Sampled mode: what is estimated is right, and as sure as it says."""

import json
import os
import re

from harness import ANALYZER, BUILD, Case, MEMPROF, main, report, run, victim
from sampled_coverage import SAMPLE_BYTES, half_interval, measure, sums_by_phase

SEEDS = 40


class Estimates(Case):
    def test_intervals_hold_the_truth(self):
        """Of some 20 figures and 40 seeds; 2,000 seeds are for sampled_coverage.py. Figures of one run
        are not independent, so the bounds are wide."""
        records = measure(SEEDS)
        self.assertGreater(len(records), 15)
        covered = sum(record.covered for record in records.values())
        share = covered / (SEEDS * len(records))
        self.assertTrue(0.91 <= share <= 0.98, f"{100 * share:.1f} % covered")
        for key, record in records.items():
            with self.subTest(figure=key):
                self.assertLess(abs(record.mean_error), 4 * record.standard_error)
                self.assertGreater(record.coverage, 0.8)

    def test_dense_samples_are_nearly_exact(self):
        done = self.profile([victim("sampled")], memprof_options=["--mode", "sampled=16"],
                            env=os.environ | {"MEMPROF_SEED": "5"})
        found = sums_by_phase(done.trace())
        for phase, truth in done.truth["phases"].items():
            for figure in ("allocated_bytes", "live_bytes"):
                with self.subTest(phase=phase, figure=figure):
                    value, variance, _ = found[phase][figure]
                    self.assertLessEqual(abs(value - truth[figure]), 5 * variance ** 0.5 + 8)
        crossed = done.trace().by_phase()["crossed"]
        self.assertEqual(crossed["cross_frees"], crossed["frees"])
        self.assertEqual(done.truth["phases"]["crossed"]["live_blocks"], 0)

    def test_the_same_seed_takes_the_same_samples(self):
        def sums(name):
            done = self.profile([victim("sampled")], name, env=os.environ | {"MEMPROF_SEED": "7"},
                                memprof_options=["--mode", f"sampled={SAMPLE_BYTES}"])
            return sums_by_phase(done.trace())
        one, two = sums("one"), sums("two")
        self.assertEqual(one.keys(), two.keys())
        for phase, figures in one.items():
            self.assertEqual(figures.keys(), two[phase].keys())
            # Variances and pulls are sums of what windows brought, of which a slow run has more:
            # they are rounded in another order, and differences of them keep that.
            rounded = [1e-12 * max(map(abs, column)) for column in zip(*figures.values())]
            for figure, (value, *floats) in figures.items():
                with self.subTest(phase=phase, figure=figure):
                    other, *other_floats = two[phase][figure]
                    self.assertEqual(value, other)
                    for a, b, delta in zip(floats, other_floats, rounded[1:], strict=True):
                        self.assertAlmostEqual(a, b, delta=delta)

    def test_each_thread_and_each_child_is_seen(self):
        done = self.profile([victim("hostile_processes"), "chain"],
                            memprof_options=["--mode", "sampled=16"])
        truths = [json.loads(line) for line in done.stdout.decode().splitlines()]
        self.assertEqual(len(done.traces()), len(truths))
        for trace in done.traces():
            self.assertGreater(trace.totals()["allocations"], 0)

    def test_mappings_are_exact(self):
        exact = self.profile([victim("mappings")], "exact")
        done = self.profile([victim("mappings")], "sampled", memprof_options=["--mode", "sampled"])
        self.assertEqual(done.stdout, exact.stdout)
        def place(trace, cell):
            """What a cell is of; its number is that in which the launcher came to see it."""
            stack, phase, memory = trace.other_cells[cell]
            frames = [trace.frames[frame] for frame in trace.stack_frames(stack)]
            return (trace.phase_path(phase), memory,
                    *((trace.strings[trace.modules[module]["path"]] if module else "", address)
                      for module, address in frames))
        def sums(run):
            """But for lifetimes, which are as long as they are."""
            return [{place(trace, cell): {name: value for name, value in fields.items() if "life_time" not in name}
                     for cell, fields in trace.other_sums.items()} for trace in run.traces()]
        self.assertEqual(sums(done), sums(exact))


class Exchange(Case):
    """Threads hand each other blocks that came and went by every function there is; in the end none is
    live. What came into the sample has left it again, to the last one."""

    def totals(self, mode):
        done = self.profile([victim("exchange")], mode, memprof_options=["--mode", mode])
        self.assertNotIn(b"twice", done.stderr)
        trace = done.trace()
        self.assertEqual(trace.last("profiler").get("overflows", 0), 0)
        return done.truth["phases"]["exchange"], trace.by_phase().get("exchange"), trace

    def test_no_sample_stays_behind(self):
        for mode in ("sampled=16", "sampled=256", "sampled=4K", "sampled=64K"):
            with self.subTest(mode=mode):
                truth, _, trace = self.totals(mode)
                cells = [cell for cell in range(1, len(trace.cells))
                         if trace.phase_path(trace.cells[cell][1]) == "exchange"]
                self.assertGreaterEqual(len(cells), 9)
                for cell in cells:
                    # Of four rounded sums; a block that stayed behind would count 16 at least.
                    self.assertLessEqual(abs(trace.sums([cell])["live_usable"]), 2)
                value, variance, _ = sums_by_phase(trace)["exchange"]["allocated_bytes"]
                self.assertLessEqual(abs(value - truth["allocated_bytes"]), 5 * variance ** 0.5 + 8)

    def test_exact_counts_are_exact(self):
        truth, found, _ = self.totals("exact")
        for name, field in (("allocations", "allocations"), ("allocated_bytes", "allocated_bytes"),
                            ("frees", "frees"), ("reallocations", "moved_in"), ("live_bytes", "live_bytes"),
                            ("live_blocks", "live_blocks")):
            self.assertEqual(found[field], truth[name], name)

    def test_off_leaves_it_alone(self):
        self.assertIsNone(self.totals("off")[1])


class Entries(Case):
    def test_what_passes_pushes_nothing_and_calls_nothing(self):
        """What is recorded is recorded from where the program stands: there by a jump, without a frame."""
        listed = run(["objdump", "-d", "--no-show-raw-insn", BUILD / "libmemprof.so"]).stdout.decode()
        bodies = dict(re.findall(r"<(\w+)>:\n(.*?)(?:\n\n|\Z)", listed, re.DOTALL))
        symbols = run(["nm", "-D", "--defined-only", BUILD / "libmemprof.so"]).stdout.decode().splitlines()
        places = {line.split()[2]: line.split()[0] for line in symbols}
        self.assertEqual(len({place for name, place in places.items() if name == "free" or
                              name.startswith("_Zd")}), 1)
        for name in ("malloc", "calloc", "free"):
            body, = {bodies[other] for other, place in places.items()
                     if place == places[name] and other in bodies}
            used = [line.split("\t")[1].split()[0] for line in body.splitlines() if "\t" in line]
            with self.subTest(entry=name):
                self.assertEqual({word for word in used if re.match("push|call|ret|leave", word)}, set())
                self.assertLess(len(used), 40)


class Reports(Case):
    def setUp(self):
        super().setUp()
        done = self.profile([victim("sampled")], memprof_options=["--mode", "sampled=4KiB"],
                            env=os.environ | {"MEMPROF_SEED": "3"})
        self.truth, self.run_trace = done.truth["phases"], done.trace()
        self.path = self.run_trace.path

    def text(self, *options):
        done = run([ANALYZER, "report", *options, self.path])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_errors_stand_beside_figures(self):
        found = report(self.path)
        self.assertEqual((found["run"]["mode"], found["run"]["sample_bytes"]), ("sampled", 4096))
        self.assertTrue(any("estimates" in warning for warning in found["run"]["warnings"]))
        totals = found["totals"]
        for figure in ("allocations", "bytes_allocated", "live_at_exit_bytes", "peak_live_bytes"):
            self.assertGreater(totals[f"{figure}_error"], 0)
        sites = {site["phase"]: site for site in found["call_sites"]}
        for phase in ("tiny", "kept", "large", "crossed"):
            with self.subTest(phase=phase):
                site = sites[phase]
                off = abs(site["bytes_allocated"] - self.truth[phase]["allocated_bytes"])
                self.assertLess(off, 2 * site["bytes_allocated_error"])
                self.assertLess(site["bytes_allocated_error"], site["bytes_allocated"])
        self.assertIsNone(sites["kept"]["cross_thread_frees_error"])

    def test_errors_are_what_the_trace_tells(self):
        """As another reader computes them: the intervals whose coverage is measured are those reported."""
        found = sums_by_phase(self.run_trace)
        memory = json.loads(self.text("--report", "memory", "--format", "json"))
        sites = {site["phase"]: site for site in memory["call_sites"]["live_at_exit"]["rows"]}
        for figure, key in (("allocations", "allocations"), ("allocated_bytes", "bytes_allocated"),
                            ("frees", "frees"), ("live_bytes", "live_at_exit_bytes"),
                            ("live_blocks", "live_at_exit_allocations")):
            with self.subTest(figure=figure):
                value, variance, pulled = found["mixed"][figure]
                self.assertEqual(sites["mixed"][key], value)
                expected = half_interval(variance, pulled)
                self.assertLess(abs(sites["mixed"][f"{key}_error"] / expected - 1), 1e-3)

    def test_what_is_not_known_is_not_said(self):
        done = self.profile([victim("steps"), "50"], "steps", memprof_options=["--mode", "sampled=4K"])
        found = report(done.trace().path)
        for step in found["slowest_steps"]:
            self.assertEqual((step["allocations"], step["bytes_allocated"]), (None, None))

    def test_text_says_how_sure_it_is(self):
        for kind in ("sim-summary", "memory"):
            with self.subTest(report=kind):
                text = self.text("--report", kind)
                self.assertIn("sampled every 4.00 KiB", text.splitlines()[0] + text.splitlines()[1])
                self.assertRegex(text, r"allocations ≈ [0-9,]+ ±[0-9.]+% \(")
                self.assertRegex(text, r"KiB ±[0-9.]+%")
                self.assertIn("±?: fewer" if "±?: fewer" in text else "±? stands where", text)

    def test_exact_runs_have_no_errors(self):
        done = self.profile([victim("sampled")], "exact")
        self.assertNotIn("_error\"", json.dumps(report(done.trace().path)["call_sites"]))
        self.assertNotIn("±?", run([ANALYZER, done.trace().path]).stdout.decode())


class Status(Case):
    def test_the_heap_is_told_as_an_estimate(self):
        self.profile([victim("sampled")], memprof_options=["--mode", "sampled=4K"])
        status = run([MEMPROF, "status", self.directory / "run"]).stdout.decode()
        self.assertIn("memory     heap about ", status)
        self.assertTrue(json.loads((self.directory / "run" / "status.json").read_text())["heap_estimated"])


class Options(Case):
    def test_bytes_of_all_kinds(self):
        for text, expected in (("sampled", 524288), ("sampled=65536", 65536), ("sampled=64K", 65536),
                               ("sampled=1MiB", 1048576), ("sampled=16", 16), ("sampled=1G", 1 << 30)):
            with self.subTest(mode=text):
                done = self.profile(["true"], text, memprof_options=["--mode", text])
                self.assertEqual(done.trace().header["sample_bytes"], expected)

    def test_what_is_no_number_of_bytes(self):
        for text in ("sampled=", "sampled=0", "sampled=15", "sampled=2G", "sampled=-1", "sampled=64kb",
                     "sampled=1e6", "sampled=99999999999999999999", "sampledx", "Sampled"):
            with self.subTest(mode=text):
                done = run([MEMPROF, "run", "--mode", text, "-d", self.directory / "none", "true"])
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stderr.count(b"\n"), 1)
                self.assertIn(b"--mode", done.stderr)
                self.assertFalse((self.directory / "none").exists())


if __name__ == "__main__":
    main()

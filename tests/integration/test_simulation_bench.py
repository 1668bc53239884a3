"""--bench: times of a bare process beside the profiler's exact counts of the same cases."""

import json

from harness import Case, SANITIZED, SIM_BENCH, main, run


class Bench(Case):
    def test_observation(self):
        done = run([SIM_BENCH, "--bench", "observation", "--out", "bench"], cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads((self.directory / "bench" / "bench.json").read_text())
        self.assertIs(said["complete"], True)
        cases = {case["name"]: case for case in said["cases"]}
        for case in cases.values():
            self.assertTrue(0 < case["p50_seconds"] <= case["p95_seconds"] <= case["p99_seconds"], case)
            self.assertGreaterEqual(case["calls"], 5)
        if not SANITIZED:
            fresh, reused = (cases[f"look: dense, {kind} buffers, bilinear, 200 agents, radius 6"]
                             for kind in ("fresh", "reused"))
            # What a fresh view takes, to the byte: 13 channels of 13 × 13 floats, and two lists of
            # hits of at least four entries of 32 bytes where anything is near.
            saved = fresh["bytes_per_operation"] - reused["bytes_per_operation"]
            self.assertGreater(saved, 13 * 13 * 13 * 4 * 0.9)
            self.assertLess(saved, 13 * 13 * 13 * 4 + 2 * 16 * 32)
            self.assertGreaterEqual(fresh["allocations_per_operation"], 1)
            self.assertLess(reused["allocations_per_operation"], fresh["allocations_per_operation"])
        table = (self.directory / "bench" / "summary.md").read_text()
        self.assertEqual(table.count("| look: "), len(cases))
        again = run([SIM_BENCH, "--bench", "observation", "--out", "bench"], cwd=self.directory)
        self.assertEqual(again.returncode, 2)


if __name__ == "__main__":
    main()

"""Several runs of sim_bench: sweeps and suites, their manifest, what an interruption leaves and how
one goes on."""

import json
import signal

from harness import Case, SANITIZED, SIM_BENCH, SOURCE, main, run


class Batch(Case):
    def batch(self, *options, code=0):
        done = run([SIM_BENCH, *options], cwd=self.directory)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def manifest(self, name="batch"):
        return json.loads((self.directory / name / "manifest.json").read_text())

    def points(self, name="batch"):
        return {point["name"]: point for point in self.manifest(name)["points"]}

    def run_json(self, point, name="batch"):
        return json.loads((self.directory / name / point / "run.json").read_text())


class Sweep(Batch):
    def test_each_point_is_a_run_of_its_own(self):
        self.batch("--agents", "20,60", "--repeat", "2", "--steps", "20", "--spatial", "grid", "--out", "batch")
        manifest = self.manifest()
        self.assertEqual((manifest["kind"], manifest["param"]), ("memprof-sweep", "agents"))
        # Interleaved: all counts once, then all again.
        self.assertEqual([(point["value"], point["repeat"]) for point in manifest["points"]],
                         [(20, 1), (60, 1), (20, 2), (60, 2)])
        for point in manifest["points"]:
            self.assertEqual(point["status"], "complete")
            ran = self.run_json(point["name"])
            self.assertEqual(ran["config"]["agents"], point["value"])
            self.assertEqual(ran["config"]["spatial"], "grid")
            self.assertEqual(ran["results"]["steps"], 20)
            self.assertEqual(point["population_kept"],
                             ran["results"]["agents_mean"] >= 0.8 * point["value"])
            if not SANITIZED:
                self.assertTrue((self.directory / "batch" / point["trace"]).is_file())
                text = (self.directory / "batch" / point["name"] / "report.txt").read_text()
                self.assertIn("observation", text)
        points = self.points()
        self.assertEqual(self.run_json("agents-20-r1")["results"]["state_hash"],
                         self.run_json("agents-20-r2")["results"]["state_hash"])
        self.assertEqual(len(points), 4)
        # Density stays: three times the agents, three times the ground.
        sides = [self.run_json(name)["parameters"]["world_side"] for name in ("agents-20-r1", "agents-60-r1")]
        self.assertAlmostEqual(sides[1] ** 2 / sides[0] ** 2, 3, delta=0.1)
        summary = json.loads((self.directory / "batch" / "summary.json").read_text())
        self.assertEqual([point["steps"] for point in summary["points"]], [20] * 4)
        self.assertIn("agents-60-r2", (self.directory / "batch" / "summary.md").read_text())

    def test_the_status_script_lists_the_runs(self):
        self.batch("--agents", "20,30", "--steps", "20", "--no-profile", "--db", "none", "--out", "batch")
        manifest = self.manifest()
        manifest["points"][1]["status"] = "failed"
        path = self.directory / "batch" / "manifest.json"
        path.write_text(json.dumps(manifest, indent=1))
        done = run(["sh", SOURCE / "sim_bench" / "status.sh", "--watch", self.directory / "batch"])
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line.split() for line in done.stdout.decode().splitlines()]
        self.assertIn(["agents-20-r1", "complete"], lines)
        self.assertIn(["agents-30-r1", "failed"], lines)

    def test_a_population_that_dwindles_is_said_to(self):
        self.batch("--agents", "20,30", "--steps", "120", "--resources", "1", "--no-profile", "--db", "none",
                   "--out", "batch")
        for point in self.manifest()["points"]:
            self.assertLess(point["agents_mean"], 0.8 * point["value"])
            self.assertIs(point["population_kept"], False)
        self.assertIn("fewer than 80 %", (self.directory / "batch" / "summary.md").read_text())

    def test_what_a_sweep_cannot_be(self):
        for options, said in ((["--steps", "19"], b"at least 20"), (["--db", "x.db"], b"several runs"),
                              (["--suite", "phase1"], b"exclude each other")):
            done = self.batch("--agents", "20,40", *options, code=2)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1)
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_no_batch_is_overwritten(self):
        self.batch("--agents", "20,30", "--steps", "20", "--no-profile", "--db", "none", "--out", "batch")
        done = self.batch("--agents", "20,30", "--out", "batch", code=2)
        self.assertIn(b"--resume", done.stderr)


class Interrupted(Batch):
    def test_what_is_complete_stays_and_the_rest_runs(self):
        """The first point would take hours: it is running when the batch is told to end."""
        directory = self.directory / "long"
        process = self.start([SIM_BENCH, "--agents", "20,21", "--repeat", "2", "--steps", "100000000",
                              "--no-profile", "--out", "long"], cwd=self.directory)
        self.line(process)
        database = directory / "agents-20-r1" / "sim.db"
        while not self.steps_in(database):
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)
        self.assertEqual([point["status"] for point in self.manifest("long")["points"]],
                         ["interrupted", "pending", "pending", "pending"])
        self.assertEqual(self.run_json("agents-20-r1", "long")["status"], "interrupted")
        self.assertIn(b"--resume long", said)
        # So that going on ends: what is left to do is made short.
        for config in directory.glob("*/config.ini"):
            config.write_text(config.read_text().replace("steps = 100000000", "steps = 20"))
        steps = self.steps_in(database)
        self.batch("--resume", "long")
        self.assertEqual({point["status"] for point in self.manifest("long")["points"]}, {"complete"})
        self.assertEqual(self.run_json("agents-20-r1", "long")["results"]["steps"], 20)
        self.assertEqual(self.steps_in(directory / "agents-20-r1.partial-1" / "sim.db"), steps)
        # Nothing is left to do: nothing is done again.
        before = (directory / "agents-21-r2" / "run.json").read_bytes()
        self.batch("--resume", "long")
        self.assertEqual((directory / "agents-21-r2" / "run.json").read_bytes(), before)

    def steps_in(self, database):
        asked = run(["sqlite3", "-readonly", database, "select max(step_number) from simulation_steps"])
        return int(asked.stdout.strip() or 0)

    def test_the_suite_of_components_goes_on_bench_by_bench(self):
        """Ended while its first bench runs. The bench of observation is the quickest: the others
        are then said to be done, so that going on runs it alone, to the end of the suite."""
        process = self.start([SIM_BENCH, "--suite", "components", "--no-profile", "--out", "suite"],
                             cwd=self.directory)
        self.line(process)
        while not (self.directory / "suite" / "spatial" / "output").exists():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)
        self.assertIn(b"--resume suite", said)
        self.assertEqual([(point["name"], point["status"]) for point in self.manifest("suite")["points"]],
                         [("spatial", "interrupted"), ("observation", "pending"),
                          ("database", "pending"), ("system", "pending")])
        path = self.directory / "suite" / "manifest.json"
        manifest = json.loads(path.read_text())
        for point in manifest["points"]:
            if point["name"] != "observation":
                point["status"] = "complete"
        path.write_text(json.dumps(manifest))
        self.batch("--resume", "suite")
        self.assertEqual({point["status"] for point in self.manifest("suite")["points"]}, {"complete"})
        bench = json.loads((self.directory / "suite" / "observation" / "bench.json").read_text())
        self.assertIs(bench["complete"], True)
        self.assertGreater(len(bench["cases"]), 5)
        self.assertEqual(list((self.directory / "suite" / "observation").glob("**/trace.msgpack")), [])
        summary = json.loads((self.directory / "suite" / "summary.json").read_text())
        self.assertEqual([point["name"] for point in summary["points"]],
                         ["spatial", "observation", "database", "system"])
        self.assertIn("observation", (self.directory / "suite" / "summary.md").read_text())

    def test_a_point_that_fails_does_not_end_the_others(self):
        """A directory that a run cannot use: something lies where its database would."""
        self.batch("--agents", "20,21,22", "--steps", "20", "--no-profile", "--out", "batch")
        manifest = self.manifest()
        for point in manifest["points"]:
            point["status"] = "pending"
            (self.directory / "batch" / point["name"] / "run.json").unlink()
            (self.directory / "batch" / point["name"] / "log").unlink()
            if point["value"] != 21:
                (self.directory / "batch" / point["name"] / "sim.db").unlink()
        (self.directory / "batch" / "manifest.json").write_text(json.dumps(manifest))
        self.batch("--resume", "batch", code=1)
        self.assertEqual([point["status"] for point in self.manifest()["points"]],
                         ["complete", "failed", "complete"])
        self.batch("--resume", "batch")
        self.assertEqual({point["status"] for point in self.manifest()["points"]}, {"complete"})

    def test_what_is_no_batch_is_not_resumed(self):
        for text in (None, "{}", "no json", '{"batch": "suite", "name": "other", "points": []}'):
            if text is not None:
                (self.directory / "manifest.json").write_text(text)
            done = self.batch("--resume", ".", code=2)
            self.assertIn(b"manifest.json", done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1)


if __name__ == "__main__":
    main()

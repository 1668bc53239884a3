"""sim_bench, profiled and bare: the same simulation, and a report that accounts for its steps."""

import json
import os
import re
import shutil

from harness import Case, SANITIZED, SIM_BENCH, SOURCE, main, report, run

QUICK = ["--steps", "100", "--quick"]


class Simulates(Case):
    def simulate(self, name, *options, **more):
        done = run([SIM_BENCH, *QUICK, "--out", self.directory / name, *options],
                   cwd=self.directory, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def hash_of(self, done):
        """The final state's hash, as the summary says it."""
        found = re.findall(rb"hash\W+(?:0x)?([0-9a-f]{8,})", done.stdout + done.stderr)
        self.assertEqual(len(found), 1, done.stdout)
        return found[0]


class Simulation(Simulates):
    def test_the_state_does_not_depend_on_how_it_is_run(self):
        seed = ["--seed", "7"]
        profiled = self.hash_of(self.simulate("profiled", *seed))
        for name, options in (("bare", ["--no-profile"]), ("brute", ["--spatial", "brute"]),
                              ("kdtree", ["--no-profile", "--spatial", "kdtree"]),
                              ("silent", ["--db", "none"]),
                              ("all", ["--no-profile", "--db", "none", "--spatial", "brute"])):
            with self.subTest(name=name):
                self.assertEqual(self.hash_of(self.simulate(name, *seed, *options)), profiled)
        self.assertNotEqual(self.hash_of(self.simulate("seed", "--seed", "8")), profiled)

    def test_threads_that_wait_do_not_spin(self):
        """As libgomp says it itself, whoever starts the run: spinning costs more than 30 agents do.
        What the user asks for stands."""
        asked = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
        asked["OMP_DISPLAY_ENV"] = "verbose"
        for name, options, more, spins in (
                ("bare", ["--no-profile"], {}, b"0"), ("profiled", [], {}, b"0"),
                ("asked", ["--no-profile"], {"GOMP_SPINCOUNT": "7"}, b"7")):
            with self.subTest(name=name):
                done = self.simulate(name, "--threads", "2", *options, env=asked | more)
                self.assertEqual(re.findall(rb"GOMP_SPINCOUNT = '(\d+)'", done.stderr)[-1], spins)

    def test_every_option_is_echoed(self):
        self.simulate("run", "--agents", "40", "--seed", "11", "--spatial", "brute", "--db", "none")
        text = json.dumps(json.loads((self.directory / "run" / "run.json").read_text()))
        for value in ("40", "11", "brute", "none", "100"):
            self.assertIn(value, text)

    def test_the_database_has_what_happened(self):
        self.simulate("run")
        tables = {"simulations", "agents", "agent_states", "resource_states", "simulation_steps",
                  "agent_actions", "health_incidents"}
        database = self.directory / "run" / "sim.db"
        listed = run(["sqlite3", database, "select name from sqlite_master where type = 'table'"])
        self.assertLessEqual(tables, set(listed.stdout.decode().split()))
        steps = run(["sqlite3", database, "select count(*) from simulation_steps"])
        self.assertIn(int(steps.stdout), (100, 101))

    def test_the_status_script(self):
        self.simulate("run")
        script = SOURCE / "sim_bench" / "status.sh"
        done = run(["sh", script, self.directory / "run"],
                   env=os.environ | {"PATH": f"{SIM_BENCH.parent}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"finished", done.stdout)


class Profiled(Simulates):
    def test_the_report_accounts_for_the_steps(self):
        self.simulate("run")
        said = report(self.directory / "run")
        self.assertEqual(said["steps"]["count"], 100)
        paths = {phase["path"].split("/")[-1] for phase in said["phases"]}
        self.assertLessEqual({"observation", "spatial_index", "build", "query", "decision", "action",
                              "resources", "db_logging", "rows", "commit"}, paths)
        total = sum(phase["self_seconds"] for phase in said["phases"]) + said["unaccounted_seconds"]
        self.assertAlmostEqual(total, said["steps"]["wall_seconds"], places=6)
        self.assertEqual(said["run"]["agents_first"], 30)
        for site in said["call_sites"]:
            for key in ("function", "file", "line", "phase", "allocations", "bytes_allocated"):
                self.assertIn(key, site)

    def test_the_trace_lies_where_the_run_was_started(self):
        self.simulate("run")
        link = self.directory / "trace.msgpack"
        self.assertTrue(link.is_symlink())
        self.assertEqual(link.resolve(), (self.directory / "run" / "trace.msgpack").resolve())
        self.simulate("again")
        self.assertEqual(link.resolve().parent.name, "again")


    def test_the_next_command_works_wherever_memprof_was_found(self):
        """sim_bench beside the analyzer, copied away from it, and installed."""
        alone, installed = self.directory / "alone", self.directory / "sims"
        for place in (alone, installed):
            place.mkdir()
            shutil.copy(SIM_BENCH, place)
        (self.directory / "bin").mkdir()
        (self.directory / "bin" / "memprof").symlink_to(SIM_BENCH.parent / "memprof")
        on_path = os.environ | {"PATH": f"{SIM_BENCH.parent}:{os.environ['PATH']}"}
        cases = (
            (SIM_BENCH, os.environ, f"{SIM_BENCH.parent}/analyzer trace.msgpack"),
            ("sim_bench", on_path, "analyzer trace.msgpack"),
            ("./sims/sim_bench", os.environ, "./sims/../bin/memprof report trace.msgpack"),
            (alone / "sim_bench", on_path, f"{alone}/../bin/memprof report trace.msgpack"),
        )
        for program, environment, expected in cases:
            with self.subTest(program=str(program)):
                done = run(["env", program, "--steps", "5", "--quick"], cwd=self.directory,
                           env=environment)
                self.assertEqual(done.returncode, 0, done.stderr)
                typed = done.stdout.decode().splitlines()[-1].removeprefix("next").strip()
                self.assertEqual(typed, expected)
                shown = run(["sh", "-c", typed], cwd=self.directory, env=environment)
                self.assertEqual(shown.returncode, 0, shown.stderr)
        shutil.rmtree(self.directory / "bin")
        done = run([alone / "sim_bench", "--steps", "5", "--quick"], cwd=self.directory, env=on_path)
        self.assertTrue(done.stdout.decode().endswith("next       memprof report trace.msgpack\n"))


class Sanitized(Simulates):
    def test_it_runs_bare_and_says_why(self):
        self.assertIn(b"sanitizer", self.simulate("run").stderr)
        self.assertFalse((self.directory / "trace.msgpack").exists())


# A build is the one or the other.
if SANITIZED:
    del Profiled
else:
    del Sanitized


if __name__ == "__main__":
    main()

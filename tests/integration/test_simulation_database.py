"""The database of sim_bench is sound however the run ends, and holds what the run says it logged."""

import os
import signal

from harness import Case, SANITIZED, SIM_BENCH, descendants, main, report, run

TABLES = ("simulations", "agents", "agent_states", "resource_states", "simulation_steps", "agent_actions",
          "health_incidents")
# Rows that one transaction of the runs below may have at most: 1,000 actions and a step's rest.
TRANSACTION_MOST = 2000


class Database(Case):
    def ask(self, database, sql):
        done = run(["sqlite3", database, sql])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode().strip()

    def check(self, name):
        """Sound, and as many rows as its last transaction says. Returns (steps, rows)."""
        database = self.directory / name / "sim.db"
        self.assertEqual(self.ask(database, "PRAGMA integrity_check"), "ok")
        self.assertEqual(self.ask(database, "PRAGMA foreign_key_check"), "")
        rows = sum(int(self.ask(database, f"select count(*) from {table}")) for table in TABLES)
        logged, last = self.ask(database, "select rows_logged, last_step from simulations").split("|")
        self.assertEqual(rows, int(logged))
        steps = int(self.ask(database, "select count(*) from simulation_steps"))
        self.assertEqual(steps, int(last))
        return steps, rows

    def ends_by(self, number, name, *options):
        """A run without end, ended by a signal once some of its steps are committed."""
        process = self.start([SIM_BENCH, "--steps", "100000000", "--quick", "--out", name, *options],
                             cwd=self.directory)
        database = self.directory / name / "sim.db"
        asked = ["sqlite3", "-readonly", database, "select max(step_number) from simulation_steps"]
        while int(run(asked).stdout.strip() or 0) < 40:
            self.assertIsNone(process.poll())
        program = [process.pid, *descendants(process.pid)][-1]
        os.kill(program, number)
        process.communicate(timeout=60)
        return process.returncode

    def test_normal_end(self):
        for profile in ("balanced", "safety", "performance", "memory"):
            with self.subTest(profile=profile):
                done = run([SIM_BENCH, "--quick", "--out", profile, "--db-profile", profile],
                           cwd=self.directory)
                self.assertEqual(done.returncode, 0, done.stderr)
                steps, rows = self.check(profile)
                self.assertEqual(steps, 100)
                self.assertIn(f"({rows:,} rows of {steps} steps)".encode(), done.stdout)

    def test_sigterm(self):
        for name, options in (("balanced", []), ("safety", ["--db-profile", "safety"]),
                              ("thread", ["--db-writer", "thread", "--db-batch", "5000"])):
            with self.subTest(name=name):
                self.assertEqual(self.ends_by(signal.SIGTERM, name, *options), 143)
                steps, rows = self.check(name)
                if not SANITIZED:
                    said = report(self.directory / name)
                    self.assertEqual(said["steps"]["count"], steps)
                    self.assertEqual(said["counters"]["database_steps"], steps)
                    self.assertEqual(said["counters"]["database_rows"], rows)

    def test_sigkill(self):
        """Every transaction that the run says it committed is there: at most the one that was being
        committed is there without having been said."""
        for name, options in (("balanced", []), ("safety", ["--db-profile", "safety"]),
                              ("thread", ["--db-writer", "thread"])):
            with self.subTest(name=name):
                self.assertIn(self.ends_by(signal.SIGKILL, name, *options), (-9, 137))
                steps, rows = self.check(name)
                if not SANITIZED:
                    said = report(self.directory / name)["counters"]
                    self.assertIn(steps - said["database_steps"], (0, 1))
                    self.assertTrue(0 <= rows - said["database_rows"] <= TRANSACTION_MOST)


if __name__ == "__main__":
    main()

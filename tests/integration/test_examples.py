"""Simulations that are not sim_bench: the examples in C and C++, a simulation in Python, and any
program in a sweep."""

import json
import os
import signal
import sys

from harness import BUILD, Case, MEMPROF, SOURCE, main, report, run

PYTHON = SOURCE / "libmemprof" / "python"

SIMULATION = """
import sys
import memprof

def observe(seen):
    with memprof.phase("look"):
        seen.append(bytearray(100000))

@memprof.phase("decision")
def decide():
    return 7

memprof.steps_expected(30)
memprof.param("radius", 6)
kept = []
with memprof.run("mysim"):
    for i in range(30):
        with memprof.step():
            memprof.agents(100 + i)
            with memprof.phase("observation"):
                observe(kept)
            decide()
            memprof.count("births", 2)
            try:
                with memprof.phase("action"):
                    raise KeyError(i)
            except KeyError:
                pass
print(memprof.active(), len(kept))
"""


class Examples(Case):
    def phases(self, said):
        return {phase["path"]: phase for phase in said["phases"]}

    def check(self, name, phases):
        """An example says the same profiled and bare, and its marks arrive."""
        program = BUILD / "examples" / name
        bare = run([program, "300", "40"])
        self.assertEqual(bare.returncode, 0, bare.stderr)
        done = self.profile([program, "300", "40"])
        self.assertEqual(done.stdout, bare.stdout)
        said = done.report()
        self.assertEqual(said["steps"]["count"], 40)
        self.assertLessEqual(phases, set(self.phases(said)))
        sites = [site for site in said["call_sites"] if site["allocations"] > 0]
        source = [site for site in sites if site["file"] and site["file"].endswith(name + suffix_of(name))]
        self.assertTrue(source, [(site["file"], site["function"]) for site in sites])
        self.assertNotEqual(run([program, "0"]).returncode, 0)
        return said

    def test_boids(self):
        said = self.check("boids", {"spatial_index", "observation", "decision", "action"})
        self.assertEqual((said["run"]["agents_first"], said["run"]["agents_last"]), (300, 300))
        self.assertEqual(self.phases(said)["observation"]["calls"], 300 * 40)

    def test_predator_prey(self):
        said = self.check("predator_prey",
                          {"spatial_index", "observation", "decision", "action", "population"})
        self.assertEqual(said["run"]["agents_first"], 330)


def suffix_of(name):
    return ".c" if name == "boids" else ".cc"


class Python(Case):
    def script(self):
        path = self.directory / "mysim.py"
        path.write_text(SIMULATION)
        return [sys.executable, path]

    def test_marks_arrive(self):
        environment = os.environ | {"PYTHONPATH": str(PYTHON), "PYTHONMALLOC": "malloc"}
        done = self.profile(self.script(), env=environment)
        self.assertEqual(done.stdout, b"True 30\n")
        said = done.report()
        phases = {phase["path"]: phase for phase in said["phases"]}
        self.assertEqual(said["steps"]["count"], 30)
        self.assertEqual((said["run"]["agents_first"], said["run"]["agents_last"]), (100, 129))
        for path in ("observation", "observation/look", "decision", "action"):
            self.assertEqual(phases[path]["calls"], 30, path)
        # 30 arrays of 100,000 bytes each, and nothing else of that size.
        self.assertGreaterEqual(phases["observation/look"]["bytes_allocated"], 3_000_000)
        self.assertLess(phases["observation/look"]["bytes_allocated"], 3_200_000)

    def test_marks_of_a_bare_program_do_nothing(self):
        done = run(self.script(), env=os.environ | {"PYTHONPATH": str(PYTHON)})
        self.assertEqual((done.returncode, done.stdout), (0, b"False 30\n"), done.stderr)


class Sweep(Case):
    def sweep(self, *words, code=0):
        done = run([MEMPROF, "sweep", *words], cwd=self.directory)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def points(self):
        manifest = json.loads((self.directory / "sweep" / "manifest.json").read_text())
        self.assertEqual((manifest["kind"], manifest["param"]), ("memprof-sweep", "agents"))
        return manifest["points"]

    def test_any_program_at_several_counts(self):
        self.sweep("--agents", "20,40", "--repeat", "2", "-d", "sweep", "--", BUILD / "examples" / "boids",
                   "{}", "10")
        points = self.points()
        self.assertEqual([(point["value"], point["repeat"], point["status"]) for point in points],
                         [(20, 1, "complete"), (40, 1, "complete"), (20, 2, "complete"), (40, 2, "complete")])
        for point in points:
            said = report(self.directory / "sweep" / point["trace"])
            self.assertEqual(said["run"]["agents_mean"], point["value"])
            output = (self.directory / "sweep" / point["name"] / "output").read_text()
            self.assertTrue(output.startswith(f"{point['value']} birds"), output)

    def test_a_run_that_fails_does_not_end_it(self):
        script = 'test "$1" != x2 || exit 7'
        self.sweep("--agents", "1,2,3", "--dir", "sweep", "sh", "-c", script, "sh", "x{}", code=1)
        self.assertEqual([(point["status"], point["exit_status"]) for point in self.points()],
                         [("complete", 0), ("failed", 7), ("complete", 0)])
        done = self.sweep("--agents", "1", "--dir", "sweep", "true", "{}", code=125)
        self.assertIn(b"there already", done.stderr)

    def test_a_wish_to_stop_ends_it(self):
        process = self.start([MEMPROF, "sweep", "--agents", "1,2", "--dir", "sweep", "--", "sh", "-c",
                              "echo up > up; exec sleep 1000 {}"], cwd=self.directory)
        while not (self.directory / "up").exists():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)
        self.assertEqual([point["status"] for point in self.points()], ["interrupted", "pending"])

    def test_what_is_asked_wrongly(self):
        for words in (["--agents", "0", "true", "{}"], ["--agents", "1,", "true", "{}"],
                      ["--agents", "1,x", "true", "{}"], ["true", "{}"], ["--agents", "1", "true"],
                      ["--agents", "1"], ["--agents", "1", "--repeat", "0", "true", "{}"]):
            done = self.sweep(*words, code=2)
            self.assertEqual(done.stderr.count(b"\n"), 1, words)
        self.assertEqual(list(self.directory.iterdir()), [])


if __name__ == "__main__":
    main()

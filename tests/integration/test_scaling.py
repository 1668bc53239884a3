"""`analyzer scaling`: laws of series whose truth is known, in every format that it reads, of
programs whose allocations follow laws, and what it says of input that has none."""

import csv
import json
import os
import random
import shutil
import xml.dom.minidom
from fractions import Fraction
from pathlib import Path

from harness import ANALYZER, Case, MEMPROF, SIM_BENCH, SOURCE, line_of, main, run, victim

EXTRAP = SOURCE / "tests" / "scaling" / "extrap"
SIZES = (100, 200, 400, 800, 1600)
WIDE = {"COLUMNS": "180", "LC_ALL": "C.UTF-8"}


def analyze(*arguments, code=0):
    """Runs `analyzer scaling`, which must end with `code`; returns the finished process."""
    finished = run([ANALYZER, "scaling", *arguments], env={**os.environ, **WIDE})
    if finished.returncode != code:
        raise AssertionError(f"{arguments} ended with {finished.returncode}, not {code}: "
                             f"{finished.stderr.decode()}")
    return finished


def document(*arguments, code=0):
    return json.loads(analyze("--format", "json", *arguments, code=code).stdout)


def rows(of):
    return {(row["path"], row["metric"]): row for row in of["results"]}


def law_name(power, logs):
    """As the wide set writes it."""
    power = Fraction(power).limit_denominator(12)
    base = "" if power == 0 else "n" if power == 1 else f"n^{power}" if power.denominator == 1 \
        else f"n^({power})"
    log = ("", "log n", "log^2 n")[logs]
    return f"{base} {log}".strip()


class Scaling(Case):
    def narrow(self, options, *paths, code=0):
        """The text, of which no line is wider than 100 columns."""
        finished = run([ANALYZER, "scaling", *options, *paths],
                       env={**os.environ, "COLUMNS": "100", "LC_ALL": "C.UTF-8"})
        self.assertEqual(finished.returncode, code, finished.stderr)
        text = finished.stdout.decode()
        for line in text.splitlines():
            self.assertLessEqual(len(line), 100, line)
        return text


class Measurements(Scaling):
    """Plain numbers from elsewhere."""

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def csv(self, values, sizes=SIZES):
        lines = [f"{n},{value}" for n, value in zip(sizes, values)]
        return self.write("series.csv", "\n".join(["n,value", *lines]) + "\n")

    def test_extra_ps_42_terms_are_recovered(self):
        truth = json.loads((EXTRAP / "modeling_42.json").read_text())["rows"]
        lines = [json.dumps({"params": {"n": n}, "metric": "value", "callpath": f"row {i}",
                             "value": value})
                 for i, row in enumerate(truth) for n, value in zip(row["points"], row["values"])]
        found = rows(document("--wide", self.write("42.jsonl", "\n".join(lines))))
        self.assertEqual(len(found), 42)
        for i, row in enumerate(truth):
            result = found[f"row {i}", "value"]
            self.assertEqual(result["law"], law_name(*row["asserted_exponents"]))
            self.assertAlmostEqual(result["c0"], row["asserted_c0_c1"][0], 6)
            self.assertAlmostEqual(result["c1"], row["asserted_c0_c1"][1], 6)
            self.assertEqual(result["verdict"], "sure")

    def test_extra_ps_text_files(self):
        one = rows(document(EXTRAP / "one_parameter_1.txt"))["compute", "time"]
        self.assertEqual((one["law"], one["verdict"]), ("n^2", "sure"))
        self.assertAlmostEqual(one["c1"], 0.2, 2)
        six = rows(document(EXTRAP / "one_parameter_6.txt"))
        self.assertEqual({path: row["law"] for (path, _), row in six.items()},
                         {"met1": "1", "met2": "n^2", "met3": "n^2", "met4": "n^2"})
        self.assertEqual(len(six["met1", ""]["points"]), 5)

    def test_a_break_point_is_found(self):
        row = rows(document(EXTRAP / "one_parameter_segmented_1.txt"))["main", "runtime"]
        self.assertEqual(row["law"], "n")
        self.assertAlmostEqual(row["c0"], 30, 9)
        self.assertAlmostEqual(row["c1"], 1, 9)
        (point,) = row["breakpoints"]
        self.assertEqual(point["law_below"], "n^2")
        self.assertAlmostEqual(point["n"], 6, 6)
        text = analyze(EXTRAP / "one_parameter_segmented_1.txt").stdout.decode()
        self.assertIn("n^2 up to n ≈ 6", text)

    def test_the_same_series_in_each_format(self):
        values = [5 + 3 * n for n in SIZES]
        data = "\n".join(f"DATA {value}" for value in values)
        points = " ".join(f"({n})" for n in SIZES)
        lines = "\n".join(json.dumps({"params": {"n": n}, "metric": "time", "callpath": "a",
                                      "value": value}) for n, value in zip(SIZES, values))
        table = "\n".join(f'"a";{value};{n};time' for n, value in zip(SIZES, values))
        inputs = [self.write("x.txt", f"# one\nPARAMETER n\nPOINTS {points}\nREGION a\nMETRIC time\n{data}\n"),
                  self.write("x.jsonl", lines + "\n"),
                  self.write("x.csv", "path;value;n;metric\n" + table + "\n")]
        for path in inputs:
            row = rows(document("--predict", "10", "20", path))["a", "time"]
            self.assertEqual((row["law"], row["verdict"], row["exact"]), ("n", "sure", True))
            self.assertAlmostEqual(row["c0"], 5, 6)
            self.assertAlmostEqual(row["predictions"][1]["value"], 65, 6)

    def test_noise_widens_predictions_and_they_hold(self):
        chance = random.Random(7)
        values = {n: [2 + n * 0.01 * (1 + chance.expovariate(20)) for _ in range(5)] for n in SIZES}
        path = self.write("noisy.csv", "n,value\n" + "\n".join(
            f"{n},{value}" for n, all_values in values.items() for value in all_values))
        row = document("--predict", "6400", path)["results"][0]
        (prediction,) = row["predictions"]
        self.assertLess(prediction["low"], 66)
        self.assertGreater(prediction["high"], 66)
        self.assertLess(prediction["high"] / prediction["low"], 2)
        self.assertEqual(row["law"], "n")
        low, high = row["intervals"]["c1"]
        self.assertTrue(low < 0.01 < high, (low, high))

    def test_sums_of_two_laws_are_said(self):
        """In measurements without names, too."""
        lines = [f"{100 << i},{(1 + 0.02 * n + 7e-5 * n * n) * (1 + 0.002 * k)}"
                 for i in range(6) for k in range(3) for n in (100 << i,)]
        sums = self.write("sums.csv", "n,value\n" + "\n".join(lines) + "\n")
        (row,) = document("--predict", "12800", sums)["results"]
        self.assertEqual((row["lower_law"], row["law"], row["verdict"]), ("n", "n^2", "likely"))
        truth = 1 + 0.02 * 12800 + 7e-5 * 12800 ** 2
        self.assertAlmostEqual(row["predictions"][0]["value"] / truth, 1, 1)
        self.assertAlmostEqual(row["lower_c"] / 0.02, 1, 1)
        text = self.narrow(["--plan"], sums)
        (line,) = csv.DictReader(analyze("--format", "csv", sums).stdout.decode().splitlines())
        self.assertEqual((line["law"], line["lower_law"]), ("n^2", "n"))
        self.assertEqual(float(line["lower_c"]), row["lower_c"])
        self.assertIn("value: n and n^2, of which n^2 is the larger from n", text)
        self.assertIn("value: the sum of n and n^2", text)

    def test_what_would_decide_is_said(self):
        close = self.write("close.csv", "n,value\n" + "\n".join(
            f"{n},{n * (1 + 0.02 * (k - 2))}" for n in (1000, 1100, 1200) for k in range(5)))
        (row,) = document("--plan", close)["results"]
        self.assertNotEqual(row["verdict"], "sure")
        self.assertTrue(row["plan"]["n"] is None or row["plan"]["n"] > 1200 or
                        row["plan"]["n"] < 1000)
        self.assertIn("NOT SURE", analyze("--plan", close).stdout.decode())

    def test_the_gate(self):
        path = self.csv([n * n for n in SIZES])
        named = self.write("named.csv", "path,n,value\n" + "\n".join(
            f"observation,{n},{n * n}" for n in SIZES))
        doubt = self.write("doubt.csv", "path,n,value\n" + "\n".join(
            f"observation,{n},{n * (1 + 0.02 * (k - 2))}" for n in (1000, 1100, 1200)
            for k in range(5)))
        analyze("--expect", "observation=linear", named, code=1)
        analyze("--expect", "observation=quadratic", named)
        analyze("--expect", "observation=n^3", "--fail-on-unsure", named)
        said = analyze("--expect", "observation=linear", doubt)
        self.assertIn(b"cannot be told", said.stderr)
        analyze("--expect", "observation=linear", "--fail-on-unsure", doubt, code=4)
        analyze("--expect", "nothing=linear", path, code=2)
        analyze("--expect", "observation=exponential", named, code=2)
        analyze("--expect", "observation", named, code=2)

    def test_formats(self):
        path = self.csv([n * n for n in SIZES])
        csv = analyze("--format", "csv", "--predict", "3200", path).stdout.decode().splitlines()
        self.assertEqual(len(csv), 2)
        self.assertEqual(len(csv[0].split(",")), len(csv[1].split(",")))
        self.assertIn("n^2", csv[1])
        markdown = analyze("--format", "markdown", path).stdout.decode()
        self.assertIn("| n^2 | quadratic | sure |", markdown)
        odd = self.write("odd.csv", "path,n,value\n" + "\n".join(
            f"a<b>|c*_d,{n},{n * n}" for n in SIZES))
        markdown = analyze("--format", "markdown", "--expect", "a<b>|c*_d=n^2", odd).stdout.decode()
        self.assertIn(r"| a\<b\>\|c\*\_d |", markdown)
        self.assertIn(r"- a\<b\>\|c\*\_d, value", markdown)
        self.assertNotIn("a<b>", markdown.split("```")[0])
        picture = self.directory / "laws.svg"
        analyze("--svg", picture, "--output", self.directory / "out.txt", path)
        drawn = xml.dom.minidom.parse(str(picture))
        self.assertEqual(len(drawn.getElementsByTagName("circle")), len(SIZES))
        self.assertEqual(len(drawn.getElementsByTagName("polygon")), 1)

    def test_nothing_is_wider_than_the_line(self):
        long = "an/annoyingly/long/path/of/a/phase/that/is/deep: in_a_file_with_a_name.c:1234 function"
        lines = [f'"{long} {k}",n log n of things,{n},{1 + k * n ** (1 + k / 4)}'
                 for k in range(6) for n in SIZES]
        path = self.write("long.csv", "path,metric,n,value\n" + "\n".join(lines) + "\n")
        for options in ((), ("--plan", "--predict", "123456789"), ("--expect", f"{long} 1=n")):
            self.narrow(options, path, code=1 if "--expect" in options else 0)
        self.narrow((), EXTRAP / "one_parameter_6.txt")
        self.narrow((), EXTRAP / "one_parameter_segmented_1.txt")

    def test_every_format_predicts_the_same(self):
        path = self.csv([3 + 2 * n for n in SIZES])
        (row,) = document(path)["results"]
        self.assertEqual([(p["n"], round(p["value"], 6)) for p in row["predictions"]], [(6400, 12803)])
        self.assertAlmostEqual(row["per_n_at_largest"], 3203 / 1600, 9)
        heading, line = analyze("--format", "csv", path).stdout.decode().splitlines()
        cells = dict(zip(heading.split(","), line.split(",")))
        self.assertEqual((cells["class"], cells["verdict"]), ("linear", "sure"))
        self.assertAlmostEqual(float(cells["at_6400"]), 12803, 6)
        self.assertAlmostEqual(float(cells["per_n_at_largest"]), 3203 / 1600, 9)
        self.assertIn("at 6,400", analyze(path).stdout.decode())

    def refused(self, path, *said, options=(), code=3):
        finished = analyze(*options, path, code=code)
        message = finished.stderr.decode()
        self.assertEqual(finished.stdout, b"")
        self.assertEqual(len(message.splitlines()), 1, message)
        for words in said:
            self.assertIn(words, message)

    def test_bad_input_has_no_law(self):
        self.refused(self.csv([1, 2], SIZES[:2]), "2 distinct sizes", "3 or more")
        self.refused(self.csv([1, 2, 3], (5, 5, 5)), "1 distinct size")
        self.refused(self.csv([1, 0, 3]), "zero or negative")
        self.refused(self.csv([1, -1, 3]), "zero or negative")
        self.refused(self.csv([1, 2, 3], (0, 1, 2)), "size that is zero")
        self.refused(self.csv([1, "many", 3]), "series.csv:3", "must be numbers")
        self.refused(self.write("empty.csv", ""), "is empty")
        self.refused(self.write("none.txt", "hello\nworld\n"), "is none of")
        self.refused(self.write("none.csv", "n,value\n"), "no measurements")
        self.refused(self.write("x.csv", "a,value\n1,2\n"), "must name the columns n")
        self.refused(self.directory / "missing", "cannot read")
        self.refused(self.directory, "no traces and no manifest")
        self.refused(self.write("two.txt", "PARAMETER a\nPARAMETER b\n"), "second PARAMETER")
        self.refused(self.write("more.txt", "PARAMETER a\nPOINTS (1)\nDATA 1\nDATA 2\n"),
                     "more DATA lines than POINTS")
        self.refused(self.write("odd.jsonl", '{"params": {"n": 1}, "value": "x"}\n'), "must be a number")
        self.refused(self.write("torn.jsonl", '{"params": {"n": 1}, "value": 1}\n{"params"'), ":2:")
        both = "\n".join(json.dumps({"params": {"n": n, "m": n}, "value": n}) for n in SIZES)
        self.refused(self.write("both.jsonl", both), "vary both")
        self.refused(self.csv([1, 2, 3]), "no law", options=("--expect", "a=linearish"), code=2)

    def test_usage(self):
        path = self.csv([1, 2, 3])
        for wrong in (["--predict", "0", path], ["--predict", "many", path], ["--format", "xml", path],
                      ["--limit", "lots", path], ["--input", "tarot", path], ["--cache", "-1", path], ["--top", "0", path], []):
            finished = analyze(*wrong, code=2)
            self.assertEqual(len(finished.stderr.splitlines()), 1, finished.stderr)


class Programs(Scaling):
    """Traces."""

    def sweep(self, *sizes, options=(), arguments=(), name="sweep", steps=20):
        for size in sizes:
            done = run([MEMPROF, "run", "-q", "-d", self.directory / name / str(size), *options, "--",
                        victim("laws"), str(size), str(steps), *arguments])
            self.assertEqual(done.returncode, 0, done.stderr)
        return self.directory / name

    def test_counted_laws_are_exact(self):
        sweep = self.sweep(8, 16, 32, 64, 128)
        out = document("--predict", "1024", sweep)
        found = rows(out)
        site = f"laws.c:{line_of('laws.c', 'churn')} churn"
        for phase, law, c0, c1 in (("constant", "1", 10, 0), ("linear", "n", 0, 1),
                                   ("loglinear", "n log n", 0, 1), ("quadratic", "n^2", 0, 1)):
            for path in (phase, f"{phase}: {site}"):
                row = found[path, "allocations_per_step"]
                self.assertEqual((row["law"], row["verdict"], row["exact"]), (law, "sure", True))
                self.assertAlmostEqual(row["c0"], c0, 6)
                self.assertAlmostEqual(row["c1"], c1, 6)
        quadratic = found["quadratic", "bytes_per_step"]
        self.assertAlmostEqual(quadratic["predictions"][0]["value"], 64 * 1024 ** 2, 2)
        self.assertEqual(found["run", "peak_bytes"]["law"], "n")
        self.assertAlmostEqual(found["run", "peak_bytes"]["c1"], 256, 6)
        self.assertEqual([run["mean"] for run in sorted(out["runs"], key=lambda run: run["mean"])],
                         [8, 16, 32, 64, 128])

    def test_memory_ends_at_a_limit(self):
        sweep = self.sweep(1000, 2000, 4000, 8000, 16000, steps=0)
        # Without steps there are no agents either: the parameter says the size.
        analyze(sweep, code=3)
        sweep = self.directory / "held"
        for size in (1000, 2000, 4000):
            self.sweep(size, options=("--param", f"size={size}"), name="held", steps=0)
        out = document("--against", "size", "--predict", "1000000", "--limit", "100M", sweep)
        self.assertEqual(rows(out)["run", "peak_bytes"]["law"], "n")
        text = analyze("--against", "size", "--predict", "1000000", "--limit", "100M", sweep)
        self.assertIn("MEMORY", text.stdout.decode())
        self.assertIn("100 MiB (given)", text.stdout.decode())

    def test_against_steps_and_what_a_sweep_asked_for(self):
        for steps in (5, 10, 20):
            self.sweep(8, steps=steps, name=f"steps/{steps}")
        runs = [self.directory / "steps" / str(steps) / "8" for steps in (5, 10, 20)]
        found = rows(document("--against", "steps", *runs))
        linear = found["linear", "allocations_per_step"]
        self.assertEqual((linear["law"], linear["c0"], linear["verdict"]), ("1", 8, "sure"))
        self.assertEqual([point["n"] for point in linear["points"]], [5, 10, 20])
        # A parameter that no trace records is what the sweep says.
        (self.directory / "manifest.json").write_text(json.dumps(
            {"schema_version": 1, "kind": "memprof-sweep", "param": "depth", "points": [
                {"value": 10 * i, "trace": str(path / "trace.msgpack"), "status": "complete"}
                for i, path in enumerate(runs, 1)]}))
        out = document(self.directory / "manifest.json")
        self.assertEqual(out["against"], "depth")
        self.assertEqual(rows(out)["linear", "allocations_per_step"]["points"][2]["n"], 30)

    def test_runs_that_are_no_study(self):
        sweep = self.sweep(8, 16, 32)
        self.assertIn(b"same run", analyze(sweep / "8", sweep / "8", sweep / "16", code=3).stderr)
        said = analyze("--against", "radius", sweep, code=3).stderr
        self.assertIn(b"records no number 'radius'", said)
        self.assertIn(b"2 distinct sizes", analyze(sweep / "8", sweep / "16", code=3).stderr)
        self.assertIn(b"one run of one size", analyze(sweep / "8", code=3).stderr)
        mixed = self.directory / "mixed"
        done = run([MEMPROF, "run", "-q", "-d", mixed, "--", victim("steps")])
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"one program", analyze(sweep / "8", sweep / "16", mixed, code=3).stderr)
        for size, kind in ((8, "grid"), (16, "brute"), (32, "grid")):
            self.sweep(size, options=("--param", f"index={kind}"), name="config")
        said = analyze(self.directory / "config", code=3).stderr
        self.assertIn(b"differ in 'index'", said)

    def test_rows_of_markdown_are_whole(self):
        """However narrow the terminal is: what goes on in the next line is no row."""
        sweep = self.sweep(8, 16, 32)
        finished = run([ANALYZER, "scaling", "--format", "markdown", sweep],
                       env={**os.environ, "COLUMNS": "60", "LC_ALL": "C.UTF-8"})
        text = finished.stdout.decode()
        self.assertIn("| phase |", text)
        for line in text.splitlines():
            if "|" in line:
                self.assertRegex(line, r"^\|.*\|$")

    def test_a_trace_that_was_cut_off_is_left_out(self):
        """What it lacks may be all that tells its size."""
        sweep = self.sweep(8, 16, 32, 64)
        trace = sweep / "64" / "trace.msgpack"
        whole = trace.read_bytes()
        trace.write_bytes(whole[:len(whole) // 2])
        out = document(sweep / "8", sweep / "16", sweep / "32", sweep / "64")
        self.assertTrue(any("64/trace.msgpack is left out" in w for w in out["warnings"]),
                        out["warnings"])
        self.assertEqual(rows(out)["linear", "allocations_per_step"]["law"], "n")

    def test_a_sweeps_manifest(self):
        sweep = self.sweep(8, 16, 32)
        points = [{"value": n, "repeat": 1, "trace": f"{n}/trace.msgpack", "status": "complete"}
                  for n in (8, 16, 32)]
        points.append({"value": 64, "repeat": 1, "trace": "64/trace.msgpack", "status": "failed"})
        (sweep / "manifest.json").write_text(json.dumps(
            {"schema_version": 1, "kind": "memprof-sweep", "param": "agents", "points": points}))
        for given in (sweep, sweep / "manifest.json"):
            out = document(given)
            self.assertEqual(rows(out)["linear", "allocations_per_step"]["law"], "n")
            self.assertTrue(any("left out: failed" in warning for warning in out["warnings"]))
            self.assertEqual(len(out["runs"]), 4)
        for point in points:
            point.update(status="complete", trace=None)
        (sweep / "manifest.json").write_text(json.dumps(
            {"schema_version": 1, "kind": "memprof-sweep", "param": "agents", "points": points}))
        said = analyze(sweep, code=3).stderr
        self.assertIn(b"all 4 runs are left out", said)
        self.assertIn(b"the run of 8): it has no trace", said)

    def test_what_memprof_sweep_leaves(self):
        sweep = self.directory / "sweep"
        done = run([MEMPROF, "sweep", "--agents", "8,16,32", "--repeat", "2", "-d", sweep, "--",
                    victim("laws"), "{}", "20"])
        self.assertEqual(done.returncode, 0, done.stderr)
        out = document(sweep)
        self.assertEqual((out["against"], len(out["runs"])), ("agents", 6))
        row = rows(out)["quadratic", "allocations_per_step"]
        self.assertEqual((row["law"], row["verdict"]), ("n^2", "sure"))
        self.assertEqual([len(point["values"]) for point in row["points"]], [2, 2, 2])

    def test_a_program_without_marks(self):
        sweep = self.directory / "sweep"
        done = run([MEMPROF, "sweep", "--agents", "1000,2000,4000", "-d", sweep, "--", "sh", "-c",
                    "awk 'BEGIN { for (i = 0; i < {}; i++) a[i] = i }'"])
        self.assertEqual(done.returncode, 0, done.stderr)
        out = document(sweep)
        self.assertEqual([run_["mean"] for run_ in out["runs"]], [1000, 2000, 4000])
        (said,) = [warning for warning in out["warnings"] if "marks no agents" in warning]
        self.assertIn("asked for", said)

    def test_one_run_has_no_gate_and_no_drawing(self):
        sweep = self.sweep(8)
        for options in (("--expect", "linear=constant"), ("--svg", self.directory / "x.svg")):
            finished = analyze(*options, sweep / "8", code=3)
            self.assertIn(b"3 or more sizes", finished.stderr)
            self.assertEqual(finished.stdout, b"")
        self.assertFalse((self.directory / "x.svg").exists())

    def test_age_is_told_from_agents(self):
        self.sweep(200, arguments=("swing",), name="swing", steps=400)
        out = document(self.directory / "swing" / "200")
        found = {row["path"]: row for row in out["within_run"] if row["metric"] == "live_bytes"}
        aging = found[f"aging: laws.c:{line_of('laws.c', 'aging')} run_swing"]
        crowd = found[f"crowd: laws.c:{line_of('laws.c', 'crowd')} run_swing"]
        self.assertEqual(aging["grows"], "with age")
        self.assertAlmostEqual(aging["per_step_of_age"]["value"], 512, delta=2)
        self.assertEqual((crowd["grows"], crowd["law"]), ("with agents", "n"))
        self.assertAlmostEqual(crowd["per_law_unit"]["value"], 1024, delta=30)
        self.assertEqual(found["run"]["grows"], "with agents and with age")

    def test_a_simulation(self):
        for n in (50, 100, 200, 400):
            done = run([SIM_BENCH, "--agents", n, "--steps", "10", "--db", "none",
                        "--population", "fixed", "--spatial", "grid", "--out",
                        self.directory / "sims" / str(n)], cwd=self.directory)
            self.assertEqual(done.returncode, 0, done.stderr)
        out = document("--predict", "1600", self.directory / "sims")
        for run_ in out["runs"]:
            self.assertGreater(run_["asked"], 0)
            self.assertGreater(run_["mean"], 0)
            self.assertGreater(run_["at_peak"], 0)
        found = rows(out)
        self.assertEqual(found["step", "allocations_per_step"]["law"], "n")
        text = self.narrow(("--plan", "--cache", "8M"), self.directory / "sims")
        for heading in ("LAWS BY PHASE", "BY PREDICTED TIME", "MEMORY", "QUERY TIME AGAINST DENSITY",
                        "A STEP AT 1,600", "CACHES", "THE PUBLISHED CLASSIFIER"):
            self.assertIn(heading, text)
        table = text.split("LAWS BY PHASE")[1].splitlines()
        heading = next(line for line in table if line.startswith("  phase"))
        for column in ("law", "verdict", "per agent", "allocs", "live"):
            self.assertIn(column, heading)

    def test_a_cache_that_is_left_is_said(self):
        sweep = self.sweep(200, 400, 800, 1600, steps=3)
        whole = document("--cache", "1G", "--predict", "3200", sweep)
        left = document("--cache", "600K", "--predict", "3200", sweep)
        cache = next(one for one in left["caches"] if one["name"] == "last-level")
        self.assertFalse(cache["within_measured"])
        self.assertAlmostEqual(cache["left_at"], 600 * 1024 / 256, delta=50)
        for path, metric in rows(left):
            (one,) = rows(whole)[path, metric]["predictions"] or (None,)
            (other,) = rows(left)[path, metric]["predictions"] or (None,)
            if one:
                raised = 2 if "seconds" in metric else 1
                self.assertAlmostEqual(other["high"], one["high"] * raised, delta=1e-6 * one["high"])
                self.assertEqual((one["low"], one["value"]), (other["low"], other["value"]))
        text = self.narrow(("--cache", "600K", "--predict", "3200"), sweep)
        self.assertIn("! last-level, 600 KiB: left near", text)
        text = self.narrow(("--cache", "1G", "--predict", "3200"), sweep)
        self.assertIn("the working set stays in it up to 3,200 agents", text)


if __name__ == "__main__":
    main()

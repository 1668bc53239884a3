"""Reports of functions: their figures against the samples and cells of the trace, every report in
every format on real programs, searches, lines, and what is said where there is nothing to say."""

import collections
import csv
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import jsonschema

from harness import ANALYZER, Case, SIM_BENCH, main, profile, report, run, victim, line_of

SCHEMA = json.loads((Path(__file__).parent / "report_schema.json").read_text())
REPORTS = ("sim-summary", "sim-details", "dev-summary", "dev-details", "memory", "allocator", "raw",
           "lines")
SCRIPT = """
import json
def parse(n):
    return [json.loads(json.dumps({"i": i, "s": "x" * (i % 40)})) for i in range(n)]
print(len(parse(60000)))
"""


def analyzer(*words, **options):
    options.setdefault("env", {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": "100"})
    return run([ANALYZER, *words], **options)


def tables_of_markdown(text):
    """Tables as lists of rows of cells."""
    tables, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line)
            assert cells[0] == "" and cells[-1] == "", line
            rows.append([cell.strip() for cell in cells[1:-1]])
        elif rows:
            tables.append(rows)
            rows = []
    return tables


class Reports(Case):
    """A run of each kind of program, recorded once."""

    @classmethod
    def setUpClass(cls):
        cls.room = Path(tempfile.mkdtemp(prefix="reports-"))
        script = cls.room / "parse.py"
        script.write_text(SCRIPT)
        programs = {"burn": ["-F", "999", "--", victim("burn"), "0.6", "23000"],
                    "cxx": ["-F", "999", "--", victim("sites")],
                    "threads": ["-F", "999", "--", victim("threads")],
                    "python3": ["-F", "999", "--", "/usr/bin/python3", script],
                    "unsampled": ["-F", "off", "--", victim("sites")],
                    "longnames": ["-F", "999", "--", victim("longnames")],
                    "estimated": ["--mode", "sampled=4096", "--", victim("longnames")]}
        cls.traces = {}
        for name, words in programs.items():
            at = words.index("--")
            done = profile(words[at + 1:], cls.room / name, words[:at])
            assert done.status == 0, done.stderr
            cls.traces[name] = done.trace()
        at = cls.room / "sim"
        done = run([SIM_BENCH, "--steps", "300", "--quick", "--out", at])
        assert done.returncode == 0, done.stderr
        cls.sim = at

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.room, ignore_errors=True)

    def paths(self):
        return {"sim_bench": self.sim, **{name: trace.path for name, trace in self.traces.items()}}

    # ---- figures ----------------------------------------------------------------------------

    def test_time_is_that_of_the_samples(self):
        """Self and inclusive time of every named function, against the trace read independently."""
        trace = self.traces["burn"]
        own, inclusive = collections.Counter(), collections.Counter()
        for (stack, _, _), (_, cpu_ns) in trace.samples.items():
            names = trace.stack_functions(stack)
            own[names[0] if names else ""] += cpu_ns
            for name in set(names):
                inclusive[name] += cpu_ns
        found = report(trace.path)
        self.assertAlmostEqual(found["sampling"]["seconds"], sum(own.values()) / 1e9, places=9)
        burnt = collections.Counter()
        for function in found["functions"]:
            burnt[function["name"]] += function["inclusive_seconds"]
        names = [name for name, ns in inclusive.items() if name and ns > 0.02 * sum(own.values())]
        self.assertGreater(len(names), 4)
        for name in names:
            if name in [f["name"] for f in found["functions"]]:
                self.assertAlmostEqual(burnt[name], inclusive[name] / 1e9, places=6, msg=name)

    def test_all_lists_add_up(self):
        for name, path in self.paths().items():
            found = report(path)
            for key, total in (("self_seconds", found["sampling"]["seconds"]),
                               ("allocations", found["totals"]["allocations"]),
                               ("site_bytes_allocated", found["totals"]["bytes_allocated"])):
                for group in ("functions", "files", "categories"):
                    if total is None:
                        continue
                    self.assertAlmostEqual(sum(one[key] for one in found[group]), total, places=6,
                                           msg=f"{name}: {key} of {group}")

    def test_categories_are_told_apart(self):
        found = report(self.sim)
        shares = {one["name"]: one for one in found["categories"]}
        self.assertGreater(shares["database"]["self_seconds"], 0)
        self.assertGreater(shares["database"]["allocations"], 0)
        self.assertGreater(shares["program"]["self_seconds"], 0)
        self.assertEqual(shares["profiler"]["allocations"], 0)

    def test_shares_printed_add_up_to_100(self):
        for path in self.paths().values():
            text = analyzer("report", "--report", "dev-summary", path).stdout.decode()
            match = re.search(r"^CATEGORIES BY SELF TIME.*?\n\n", text, re.M | re.S)
            if not match:
                continue
            shares = re.findall(r"(\S+)  +±", match[0])
            shares = [0.0 if share == "<0.1" else float(share) for share in shares[1:]]
            self.assertGreater(len(shares), 1, match[0])
            self.assertAlmostEqual(sum(shares), 100.0, places=6, msg=match[0])

    # ---- formats ----------------------------------------------------------------------------

    def test_json_is_as_the_schema_says(self):
        for name, path in self.paths().items():
            with self.subTest(name):
                jsonschema.validate(report(path), SCHEMA)

    def test_every_report_is_json(self):
        for path in self.paths().values():
            done = analyzer("report", "--report", "all", "--format", "json", path)
            documents = json.loads(done.stdout)
            self.assertEqual(len(documents), len(REPORTS))
            self.assertTrue(all(one["schema_version"] == 1 for one in documents))

    def test_markdown_reads_back(self):
        for name, path in self.paths().items():
            text = analyzer("report", "--report", "all", "--format", "markdown", path).stdout.decode()
            tables = tables_of_markdown(text)
            self.assertGreater(len(tables), 5, name)
            for table in tables:
                self.assertEqual({len(row) for row in table}, {len(table[0])}, table[0])
                self.assertTrue(all(re.fullmatch(r":?-{3,}:?", cell) for cell in table[1]))
            self.assertGreaterEqual(text.count("\n## "), len(REPORTS) - 1)

    def test_csv_reads_back(self):
        for name, path in self.paths().items():
            found = report(path)
            for kind in REPORTS:
                done = analyzer("report", "--report", kind, "--format", "csv", path)
                rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
                self.assertTrue(all(None not in row and None not in row.values() for row in rows), kind)
                if kind == "raw":
                    self.assertEqual(len(rows), len(found["functions"]))
                    self.assertEqual(sum(float(row["allocations"] or 0) for row in rows),
                                     found["totals"]["allocations"], name)
                if kind == "sim-summary" and found["steps"]["count"]:
                    self.assertAlmostEqual(sum(float(row["self_seconds"]) for row in rows),
                                           found["steps"]["wall_seconds"], places=5)

    def test_raw_has_six_columns(self):
        lines = analyzer("report", "--report", "raw", self.sim).stdout.decode().splitlines()
        self.assertEqual(lines[0].split(), ["ncalls", "tottime", "percall", "cumtime", "percall",
                                            "file:line(function)"])
        total = 0.0
        for line in lines[1:]:
            calls, own, _, cumulative, _, where = line.split(None, 5)
            self.assertRegex(where, r":\d+\(.+\)$")
            self.assertEqual(calls, "-")
            self.assertLessEqual(float(own), float(cumulative) + 1e-9)
            total += float(own)
        self.assertAlmostEqual(total, report(self.sim)["sampling"]["seconds"], places=3)

    def test_text_fits_and_is_plain_in_a_pipe(self):
        for columns in (80, 120):
            for kind in REPORTS[:4]:
                done = analyzer("report", "--report", kind, self.sim,
                                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": str(columns)})
                text = done.stdout.decode()
                self.assertNotIn("\033", text)
                tables = re.sub(r"^(  memprof run|  /|==>|  !|.*# ).*$", "", text, flags=re.M)
                for line in tables.splitlines()[2:]:
                    if re.match(r"^\s+\d+  |^[│┌└]", line):
                        self.assertLessEqual(len(line), columns, f"{kind} at {columns}: {line}")

    def test_ascii_where_the_locale_has_no_more(self):
        done = analyzer("report", "--report", "sim-details", self.sim,
                        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
        self.assertTrue(done.stdout.isascii())

    # ---- what is asked for ------------------------------------------------------------------

    def test_lists_are_sorted_by_what_is_asked(self):
        for order, key in (("self", "self_seconds"), ("inclusive", "inclusive_seconds"),
                           ("allocations", "allocations"), ("bytes", "bytes_allocated"),
                           ("peak", "peak_bytes"), ("name", "name")):
            found = report(self.sim, "--sort", order)["functions"]
            figures = [one[key] for one in found]
            self.assertEqual(figures, sorted(figures, reverse=order != "name"), order)

    def test_functions_of_no_own_time_stand_by_what_they_did_through_others(self):
        for name, path in self.paths().items():
            keys = [(one["self_seconds"], one["inclusive_seconds"])
                    for one in report(path, "--sort", "self")["functions"]]
            self.assertEqual(keys, sorted(keys, reverse=True), name)

    def test_no_share_printed_is_larger_than_its_inclusive_one(self):
        rows = 0
        for path in self.paths().values():
            text = analyzer("report", "--all", path).stdout.decode()
            for own, whole in re.findall(r" ([\d.]+)  +±[\d.]+ .* ([\d.]+)$", text, re.M):
                rows += 1
                self.assertLessEqual(float(own), float(whole), text)
        self.assertGreater(rows, 20)

    def test_the_peaks_error_is_not_more_than_can_be(self):
        totals = report(self.traces["burn"].path)["totals"]
        ever = totals["bytes_allocated"] + totals["reallocated_bytes"]
        peak, end = totals["peak_live_bytes"], totals["live_at_exit_bytes"]
        self.assertLessEqual(totals["peak_error_bytes"], max(ever - peak, peak - end))

    def test_a_heap_of_nothing_has_no_moment(self):
        done = profile(["/bin/true"], self.room / "nothing", [])
        head = analyzer("report", done.trace().path).stdout.decode().split("\n\n")[0]
        self.assertIn("heap peak 0 B  ", head)

    def test_top_and_all(self):
        ranks = lambda *words: [int(rank) for rank in re.findall(
            r"^ *(\d+)  ", re.search(r"FUNCTIONS BY.*?\n\n", analyzer(
                "report", "--report", "dev-summary", *words, self.sim).stdout.decode(), re.S)[0], re.M)]
        self.assertEqual(len(ranks()), 15)
        self.assertEqual(len(ranks("--top", "3")), 3)
        self.assertGreater(len(ranks("--all")), 30)

    def test_components_by_option_and_file(self):
        rules = self.directory / "components"
        rules.write_text("# parts of it\nspatial = spatial_*, kdtree_*\nstore=dblog_*,file:*/dblog/*\n")
        by_file = report(self.sim, "--components", rules)["components"]
        by_option = report(self.sim, "--component", "spatial=spatial_*,kdtree_*",
                           "store=dblog_*,file:*/dblog/*")["components"]
        self.assertEqual(by_file, by_option)
        named = {one["name"]: one for one in by_file}
        self.assertGreater(named["spatial"]["allocations"], 0)
        # SQLite's allocations are those of the store that calls it.
        self.assertGreater(named["store"]["allocations"],
                           0.9 * next(one["inclusive_allocations"] for one in
                                      report(self.sim)["categories"] if one["name"] == "database"))

    def test_a_component_of_nothing_is_told(self):
        text = analyzer("report", "--report", "dev-summary", "--component", "nowhere=no_such_*",
                        "spatial=spatial_*", "never=nor_this_*", "--", self.sim).stdout.decode()
        self.assertIn("\n  of no function: nowhere, never\n", text)

    def test_categories_can_be_added(self):
        found = report(self.sim, "--category", "index=spatial_*,kdtree_*")["categories"]
        self.assertGreater(next(one["functions"] for one in found if one["name"] == "index"), 2)

    def test_searches(self):
        found = json.loads(analyzer("report", "--search", "SPATIAL_hits_add", "/^spatial_.*free$/", "obsreve",
                                    self.sim, "--format", "json").stdout)["searches"]
        self.assertEqual([one["pattern"] for one in found],
                         ["SPATIAL_hits_add", "/^spatial_.*free$/", "obsreve"])
        function = found[0]["functions"][0]
        self.assertEqual((function["name"], function["exact"]), ("spatial_hits_add", True))
        ranked = [one["name"] for one in report(self.sim)["functions"]]
        self.assertEqual(ranked.index("spatial_hits_add") + 1, function["rank"])
        self.assertTrue(all(re.match("spatial_.*free$", one["name"]) for one in found[1]["functions"]))
        self.assertEqual(found[2]["functions"], [])
        self.assertIn("observe", found[2]["near"])
        phases = json.loads(analyzer("report", "--format", "json", "--search", "query", "--",
                                     self.sim).stdout)["searches"][0]["phases"]
        self.assertTrue(all("query" in one["path"] for one in phases) and phases)
        within = json.loads(analyzer("report", "--format", "json", "--search", "fill_vector", "--",
                                     self.traces["cxx"].path).stdout)["searches"][0]["functions"]
        self.assertTrue(within[0]["exact"], within[0]["name"])
        text = analyzer("report", "--search", "obsreve", self.sim).stdout.decode()
        self.assertIn("nothing in this trace is called so; near: observe", text)

    def test_lines_are_those_of_the_call_sites(self):
        path = self.traces["cxx"].path
        sites = collections.Counter()
        for site in report(path)["call_sites"]:
            if site["file"] and site["file"].endswith("sites.cc"):
                sites[site["line"]] += site["allocations"]
        rows = csv.DictReader(io.StringIO(analyzer(
            "report", "--report", "lines", "--search", "*/sites.cc", "--format", "csv", path).stdout.decode()))
        lines = collections.Counter()
        for row in rows:
            if row["line"]:
                lines[int(row["line"])] += int(row["allocations"])
        self.assertEqual({line: n for line, n in lines.items() if n},
                         {line: n for line, n in sites.items() if n})

    def test_lines_show_their_source(self):
        text = analyzer("report", "--report", "lines", "--search", "*/sites.cc", "--all",
                        self.traces["cxx"].path,
                        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}).stdout.decode()
        self.assertRegex(text, r"\n +\d+ .*new ")

    def test_next_commands_work_as_printed(self):
        for path in (self.sim, self.traces["longnames"].path, self.traces["cxx"].path):
            text = analyzer("report", path).stdout.decode()
            text = text[text.index("\nNEXT\n"):]
            commands = re.findall(r"^  ([^\s#](?:.*\\\n)*.*?)(?:  # .*)?$", text, re.M)
            self.assertGreater(len(commands), 3)
            for command in commands:
                done = run(["/bin/sh", "-c", command], cwd=self.directory)
                self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
                self.assertNotIn("anonymous namespace", command)
                if "--report lines" in command:
                    self.assertIn("LINES OF", done.stdout.decode(), command)

    def test_counted_time_ranks_where_samples_are_few(self):
        """A list is of one kind of time, and says which."""
        done = self.profile([victim("calls"), "20"], memprof_options=["--count-calls"])
        path = done.trace().path
        text = analyzer("report", "--all", path).stdout.decode()
        lines = text.splitlines()
        heading = next(i for i, line in enumerate(lines) if "FUNCTIONS BY" in line)
        self.assertIn("BY COUNTED SELF TIME  wall time of counted calls", lines[heading])
        counted = {one["name"]: one for one in report(path)["functions"] if one["own"]}
        names = [line.split()[1] for line in lines[heading + 2:]
                 if re.match(r" *\d+ +\w+ +calls\.cc:", line)]
        self.assertGreater(len(names), 10)
        seconds = [counted[name]["counted_self_seconds"] or 0 for name in names]
        self.assertEqual(seconds, sorted(seconds, reverse=True))
        self.assertNotIn("profiler (", text)
        # What counting costs is no secret.
        self.assertRegex(text, "profiler about .* by samples|profiler's time not measured")
        boxes = analyzer("report", "--report", "sim-details", path).stdout.decode()
        self.assertIn("FILES BY COUNTED SELF TIME", boxes)
        self.assertRegex(boxes, r"function +line +self +file % +incl +calls +per call")
        # For programs, too, and they are told what it is that leads.
        document = report(path)
        self.assertEqual(document["functions_sorted_by"], "counted_self_seconds")
        order = [(-one["counted_self_seconds"], -one["counted_inclusive_seconds"])
                 if one["counted_self_seconds"] is not None else (1, -one["self_seconds"])
                 for one in document["functions"]]
        self.assertEqual(order, sorted(order))
        self.assertGreater(len([one for one in order if one[0] > 0]), 5)
        raw = report(path, "--report", "raw")
        self.assertEqual((raw["time"], raw["sorted_by"]), ("counted", "self"))
        self.assertEqual([one["function"] for one in raw["functions"]][:20],
                         [one["name"] for one in document["functions"]][:20])
        self.assertEqual([one["tottime"] for one in raw["functions"]][:20],
                         [one["counted_self_seconds"] for one in document["functions"]][:20])
        table = analyzer("report", "--report", "raw", "--format", "csv", path).stdout.decode()
        self.assertEqual([row["function"] for row in csv.DictReader(io.StringIO(table))][:20],
                         [one["function"] for one in raw["functions"]][:20])
        lines = analyzer("report", "--report", "raw", path).stdout.decode().splitlines()
        self.assertRegex(lines[-1], "^# wall time of counted calls")
        self.assertEqual([re.search(r"\((.*)\)$", line)[1] for line in lines[1:21]],
                         [one["function"] for one in raw["functions"]][:20])
        # All functions are not: those of libraries are known by samples alone.
        every = analyzer("report", "--report", "dev-summary", path).stdout.decode()
        self.assertRegex(every, "FUNCTIONS BY SELF TIME +CPU|wall time of counted calls")

    def test_an_order_that_cannot_be_had_is_told(self):
        path = self.traces["cxx"].path
        for kind in ("sim-summary", "sim-details", "dev-summary", "dev-details"):
            text = analyzer("report", "--report", kind, "--sort", "calls", path).stdout.decode()
            self.assertIn("not sorted by calls: calls were not counted", text, kind)
            self.assertIn("--count-calls", text, kind)
            self.assertNotIn("BY CALLS", text, kind)

    def test_a_table_for_programs_says_what_it_lacks(self):
        text = analyzer("report", "--report", "raw", self.traces["unsampled"].path).stdout.decode()
        self.assertRegex(text.splitlines()[-1], "^# no time of functions: .*not sampled.*--freq")
        text = analyzer("report", "--report", "raw", self.traces["burn"].path).stdout.decode()
        self.assertNotIn("#", text)

    def test_a_run_of_no_sample_is_told_from_one_that_was_not_sampled(self):
        """The victim ends long before the first second of CPU time."""
        path = self.profile([victim("sites")], memprof_options=["--freq", "1"]).trace().path
        for kind in ("raw", "dev-summary"):
            text = analyzer("report", "--report", kind, path).stdout.decode()
            self.assertRegex(text, r"no time of functions: the run was too short for a sample; "
                                   r"record more with\s+memprof run --freq 999", kind)

    def test_no_line_is_longer_than_the_terminal(self):
        """But of raw, which is for programs and whole. In a pipe a terminal is 100 columns wide."""
        asked = [["--report", kind] for kind in REPORTS if kind != "raw"]
        asked += [[*words, "--all"] for words in asked]
        asked += [["--search", "a", "/o/", "insert*"], ["--component", "near=*observe*,*near*"]]
        for width in (None, 80):
            environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
            if width:
                environment["COLUMNS"] = str(width)
            for name, path in self.paths().items():
                for words in asked:
                    text = analyzer("report", *words, "--", os.path.basename(path),
                                    cwd=os.path.dirname(path), env=environment).stdout.decode()
                    long = [line for line in text.splitlines() if len(line) > (width or 100)]
                    self.assertEqual(long, [], (name, words, width))

    def test_callers_of_counted_functions(self):
        done = self.profile([victim("calls"), "20"], memprof_options=["--count-calls"])
        found = json.loads(analyzer("report", "--format", "json", "--search", "leaf", "--",
                                    done.trace().path).stdout)["searches"][0]["functions"]
        leaf = next(one for one in found if one["name"] == "leaf")
        self.assertEqual(leaf["calls"], done.truth["leaf"])
        self.assertEqual(sum(one["calls"] for one in leaf["callers"]), leaf["calls"])
        text = analyzer("report", "--search", "leaf", done.trace().path).stdout.decode()
        self.assertIn("CALLERS OF leaf", text)

    def test_code_made_at_run_time_has_the_names_of_the_perf_map(self):
        done = self.profile([victim("made_code")])
        trace = done.trace()
        where = Path(f"/tmp/perf-{trace.header['pid']}.map")
        self.assertTrue(where.exists())
        where.unlink()
        found = {one["name"]: one for one in report(trace.path)["functions"]}
        self.assertEqual(found["made"]["file"], "/project/script.py")
        self.assertTrue(found["made"]["own"])
        self.assertEqual(found["made"]["inclusive_allocations"], done.truth["allocations"])
        # The program only interprets: its functions are not the user's.
        self.assertFalse(found["allocate"]["own"])

    def test_trampolines_of_python_bear_the_names_of_its_functions(self):
        """As python3 -X perf has them from 3.12 on, without a frame pointer and with one."""
        for code in ("bare", "frames"):
            done = self.profile([victim("trampolines"), code], name=code)
            trace = done.trace()
            Path(f"/tmp/perf-{trace.header['pid']}.map").unlink()
            found = {one["name"]: one for one in report(trace.path)["functions"]}
            for name, allocations in done.truth["inclusive"].items():
                with self.subTest(code=code, function=name):
                    self.assertEqual(found[name]["inclusive_allocations"], allocations)
                    self.assertTrue(found[name]["own"])
                    self.assertTrue(found[name]["file"].startswith("/project/"))
            # What the interpreter does is done for the function that it runs.
            self.assertFalse(found["evaluate"]["own"])
            sites = report(trace.path)["call_sites"]
            by_function = collections.Counter()
            for site in sites:
                by_function[site["function"]] += site["allocations"]
            self.assertEqual(by_function["<lambda>"],
                             done.truth["inclusive"]["<lambda>"], by_function)

    def test_functions_of_node_have_names_files_and_lines(self):
        script = self.directory / "spin.js"
        script.write_text("""
function spin(times) {
    let sum = 0;
    for (let i = 0; i < times; i++) sum = (sum + i * i) % 1000003;
    return sum;
}
function outer(rounds) {
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum += spin(100000);
    return sum;
}
console.log(outer(3000));
""")
        done = self.profile(["node", "--perf-basic-prof", script], memprof_options=["-F", "999"])
        trace = next(one for one in done.traces() if "spin.js" in str(one.header["command"]))
        Path(f"/tmp/perf-{trace.header['pid']}.map").unlink()
        found = {(one["name"], one["line"]): one for one in report(trace.path)["functions"]}
        for name, line in (("spin", 2), ("outer", 7)):
            self.assertIn((name, line), found)
            self.assertEqual(found[name, line]["file"], str(script))
            self.assertTrue(found[name, line]["own"])
        # Nothing else was busy for long.
        spin = found["spin", 2]
        self.assertGreater(spin["inclusive_seconds"],
                           0.5 * sum(one["self_seconds"] for one in found.values()))

    # ---- what is not there --------------------------------------------------------------------

    def test_a_trace_without_samples_says_what_to_record(self):
        path = self.traces["unsampled"].path
        for kind in ("sim-summary", "sim-details", "dev-summary", "dev-details", "lines"):
            text = analyzer("report", "--report", kind, path).stdout.decode()
            self.assertRegex(text, rf"memprof run --freq 199 -- {re.escape(victim('sites'))}", kind)
        found = report(path)
        self.assertIsNone(found["sampling"]["samples"])
        self.assertTrue(all(one["self_seconds"] is None for one in found["functions"]))
        self.assertTrue(all(one["calls"] is None for one in found["functions"]))

    def test_bad_words_are_told_in_a_line(self):
        for words, said in ((["--report", "sim-sumary"], "did you mean sim-summary"),
                            (["--report", "x"], "choose of: sim-summary"),
                            (["--sort", "slef"], "did you mean self"),
                            (["--format", "yaml"], "text, json, markdown, csv"),
                            (["--report", "memory", "--sort", "self"], "leave out --sort"),
                            (["--search", "/(/"], "no regular expression"),
                            (["--search", ""], "empty pattern"),
                            (["--component", "spatial"], "NAME=PATTERN"),
                            (["--components", "/no/such/file"], "cannot read /no/such/file"),
                            (["--top", "0"], "--top wants a number")):
            done = analyzer("report", *words, "--", self.sim)
            self.assertEqual(done.returncode, 2, words)
            self.assertEqual(done.stdout, b"", words)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(said, done.stderr.decode(), words)


if __name__ == "__main__":
    main()

"""Exports against the trace they are of, read by an independent reader, and by those who consume
them: protoc and `go tool pprof` for pprof, JSON and its schema, the rules of the Trace Event Format.
What a browser makes of them is in test_export_browser.py."""

import gzip
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from random import Random

import jsonschema
import msgpack

import speedscope
from harness import ANALYZER, Case, MEMPROF, SOURCE, main, profile, run, victim

USAGE, UNREADABLE = 2, 3
METRICS = ("time", "allocations", "bytes", "peak", "live")
MEMORY = {"allocations": "allocations", "bytes": "allocated_bytes", "peak": "peak_bytes",
          "live": "live_bytes"}
SVG = "{http://www.w3.org/2000/svg}"


def setUpModule():
    """One run of the victim, sampled often, that all cases look at."""
    global RUN, TRACE, DIRECTORY
    DIRECTORY = Path(tempfile.mkdtemp(prefix="export-"))
    unittest.addModuleCleanup(shutil.rmtree, DIRECTORY, ignore_errors=True)
    RUN = profile([victim("pictures"), "0.3"], DIRECTORY / "run", ["-F", "999"])
    assert RUN.status == 0, RUN.stderr
    TRACE = RUN.trace()


def export(form, *options, trace=None, status=0):
    """What `analyzer export` writes, as bytes."""
    done = run([ANALYZER, "export", "--format", form, *options, "-o", "-", trace or TRACE.path])
    if done.returncode != status:
        raise AssertionError(f"export {form} {options}: {done.returncode}: {done.stderr}")
    return done.stdout


def names_of(stack):
    """The frames of a stack by name, outermost first, as the independent reader knows them."""
    names = []
    for frame in TRACE.stack_frames(stack):
        symbols = TRACE.symbols.get(frame, [])
        named = [function or None for function, *_ in symbols] or [None]
        if frame < 8:
            named = [f"[{frame}]"]
        module = TRACE.modules[TRACE.frames[frame][0]] if frame >= 8 else None
        path = TRACE.strings[module["path"]] if module else ""
        names += [name or f"[{os.path.basename(path)}]" for name in named]
    return tuple(reversed(names))


def truth(metric):
    """The values of a metric by (phase, frames), from the trace itself. Frames that are no code
    have names of their own: of these stacks only the values are compared."""
    values = Counter()
    if metric == "time":
        for (stack, phase, _), (_, nanoseconds) in TRACE.samples.items():
            values[TRACE.phase_path(phase), names_of(stack)] += nanoseconds
    else:
        for cell, (stack, phase) in enumerate(TRACE.cells):
            value = TRACE.sums([cell])[MEMORY[metric]]
            if cell and value:
                values[TRACE.phase_path(phase), names_of(stack)] += value
    return values


def total(metric):
    return sum(truth(metric).values())


def collapsed(text):
    """Lines of collapsed stacks as {(phase, frames): value}."""
    values = Counter()
    for line in text.decode().splitlines():
        stack, value = line.rsplit(" ", 1)
        frames = stack.split(";")
        phases = [frame[len("phase "):] for frame in frames if frame.startswith("phase ")]
        path = "" if phases == ["no phase"] else "/".join(phases)
        values[path, tuple(frames[len(phases):])] += int(value)
    return values


def without_special(values):
    """Stacks with frames that are no code become one, of the phase."""
    merged = Counter()
    for (phase, names), value in values.items():
        special = any(re.fullmatch(r"\[\d\]|\[unknown stack\]|\[no stack\]|\[outer frames cut\]",
                                   name) for name in names)
        merged[phase, ("special",) if special else names] += value
    return merged


class Collapsed(Case):
    def test_every_stack_of_every_metric(self):
        for metric in METRICS:
            with self.subTest(metric=metric):
                found = collapsed(export("collapsed", "--metric", metric))
                self.assertEqual(without_special(found), without_special(truth(metric)))

    def test_the_victims_own_truth(self):
        own, live = Counter(), Counter()
        for values, metric in ((own, "bytes"), (live, "live")):
            for (_, frames), value in collapsed(export("collapsed", "-m", metric)).items():
                name = frames[-1].replace("(anonymous namespace)::", "")
                values["operator<<" if name.endswith("operator<<") else name] += value
        for name, (_, allocated, held) in RUN.truth.items():
            self.assertEqual((own[name], live[name]), (allocated, held), name)

    def test_without_phases(self):
        with_phases = collapsed(export("collapsed", "-m", "bytes"))
        merged = Counter()
        for (_, frames), value in with_phases.items():
            merged["", frames] += value
        self.assertEqual(collapsed(export("collapsed", "-m", "bytes", "--by", "none")), merged)

    def test_by_thread(self):
        lines = export("collapsed", "-m", "time", "--by", "thread").decode().splitlines()
        by = Counter()
        for line in lines:
            by[line.split(";")[0]] += int(line.rsplit(" ", 1)[1])
        roles = Counter()
        for (_, _, role), (_, nanoseconds) in TRACE.samples.items():
            roles[("thread stepping", "thread other")[role]] += nanoseconds
        self.assertEqual(by, roles)
        self.assertTrue(any("works" in line for line in lines if line.startswith("thread other")))

    def test_under_memprofs_name(self):
        done = run([MEMPROF, "export", "-f", "collapsed", "-m", "bytes", "-o", "-", TRACE.path])
        self.assertEqual((done.returncode, done.stdout), (0, export("collapsed", "-m", "bytes")))


class Flamegraph(Case):
    def frames(self, *options, **more):
        svg = ElementTree.fromstring(export("flamegraph", *options, **more))
        frames = []
        for g in svg.iter(f"{SVG}g"):
            if g.get("data-x") is not None:
                frames.append({name: int(g.get(f"data-{name}")) for name in "xwsdp"}
                              | {"name": g.get("data-n"), "folded": "folded" in g.get("class"),
                                 "title": g.find(f"{SVG}title").text,
                                 "fill": g.find(f"{SVG}rect").get("fill")})
        return svg, frames

    def test_frames_lie_within_their_parents_and_add_up(self):
        for metric in METRICS:
            for by in ("phase", "none"):
                with self.subTest(metric=metric, by=by):
                    svg, frames = self.frames("-m", metric, "--by", by)
                    self.assertEqual(int(svg.get("data-total")), total(metric))
                    self.assertEqual(frames[0]["w"], total(metric))
                    self.check(frames)

    def check(self, frames):
        least = frames[0]["w"] * 0.0005
        for number, frame in enumerate(frames):
            children = [f for i, f in enumerate(frames) if i and f["p"] == number]
            at = frame["x"]
            for child in children:
                self.assertEqual((child["x"], child["d"]), (at, frame["d"] + 1))
                at += child["w"]
            lost = frame["w"] - frame["s"] - (at - frame["x"])
            self.assertGreaterEqual(lost, 0)
            if not frame["folded"]:
                self.assertLess(lost, max(least, 1), f"only folded frames may be missing: {frame}")

    def test_widths_are_the_stacks_values(self):
        """The width of a function, added up over where it is called, is its inclusive value."""
        _, frames = self.frames("-m", "bytes", "--by", "none")
        expected = Counter()
        for (_, names), value in truth("bytes").items():
            for name in set(names):
                expected[name] += value
        for name in ("main", "(anonymous namespace)::kept", "(anonymous namespace)::passing"):
            self.assertEqual(sum(f["w"] for f in frames if f["name"] == name), expected[name], name)

    def test_what_is_small_is_folded_and_the_picture_says_so(self):
        svg, frames = self.frames("-m", "bytes")
        text = " ".join(svg.itertext())
        small = [value for value in truth("bytes").values() if value < total("bytes") * 0.0005]
        self.assertTrue(small, "the victim has stacks that are folded")
        self.assertRegex(text, r"frames below 0\.05 % of all are folded: \d+ of \d+")
        self.assertNotIn("operator<<", [f["name"] for f in frames if f["w"] < 1])

    def test_the_picture_tells_what_it_is_of(self):
        for metric, words in (("time", ("CPU time", "samples", "±")), ("bytes", ("bytes", "KiB")),
                              ("live", ("live at the end",)), ("allocations", ("allocations",))):
            svg, _ = self.frames("-m", metric)
            said = " ".join(text.strip() for element in svg.iter() if element.tag != f"{SVG}script"
                            for text in element.itertext())
            for word in ("pictures", "in all", "run of 20", *words):
                self.assertIn(word, said)

    def test_a_function_has_one_colour_everywhere(self):
        colours = {}
        for options in (("-m", "bytes"), ("-m", "allocations", "--by", "none")):
            for frame in self.frames(*options)[1]:
                if not frame["folded"]:
                    colours.setdefault(frame["name"], set()).add(frame["fill"])
        self.assertEqual({name: c for name, c in colours.items() if len(c) > 1}, {})

    def test_nothing_comes_from_elsewhere(self):
        text = export("flamegraph").decode()
        addresses = set(re.findall(r"\w+://[^\s\"'<>)]+", text))
        self.assertLessEqual(addresses, {"http://www.w3.org/2000/svg",
                                         "http://www.w3.org/1999/xhtml"})
        self.assertIsNone(re.search(r"@import|url\(|\bsrc=|href=|fetch\(|XMLHttpRequest", text))

    def test_a_trace_always_gives_the_same_file(self):
        for form in ("flamegraph", "speedscope", "collapsed", "chrome", "pprof"):
            self.assertEqual(export(form), export(form), form)

    def test_differences(self):
        new = profile([victim("pictures"), "0", "changed"], self.directory / "new")
        svg, frames = self.frames("-m", "bytes", "--diff", TRACE.path, trace=new.trace().path)
        new_total = sum(sums["allocated_bytes"] for sums in new.trace().by_phase().values())
        self.assertEqual(int(svg.get("data-total")), new_total, "widths are those of the new run")
        self.check(frames)
        kept = next(f for f in frames if f["name"].endswith("::kept"))
        was, now = 64000 / total("bytes") * 100, 128000 / new_total * 100
        self.assertEqual(kept["w"], 128000)
        self.assertIn(f"was 62.5 KiB ({was:.2f} %): {now - was:+.2f} points", kept["title"])
        red, green, blue = (int(kept["fill"][i:i + 2], 16) for i in (1, 3, 5))
        self.assertGreater(red, blue + 60, "more is red")
        # its share is less, though its bytes are the same
        other = next(f for f in frames if f["name"] == "other")
        red, green, blue = (int(other["fill"][i:i + 2], 16) for i in (1, 3, 5))
        self.assertGreater(blue, red + 60, "less is blue")
        gone = [" ".join(e.itertext()) for e in svg.iter(f"{SVG}text") if e.get("class") == "gone"]
        share = 200000 / total("bytes") * 100
        self.assertTrue(any("retired in main" in line and f"{share:.2f} %" in line for line in gone),
                        gone)
        self.assertEqual([line for line in gone if "kept" in line], [])

    def test_the_same_trace_has_no_difference(self):
        svg, frames = self.frames("-m", "bytes", "--diff", TRACE.path)
        self.assertEqual(len({f["fill"] for f in frames if not f["folded"]}), 1)
        self.assertIn("Nothing of the run before is gone.", "".join(svg.itertext()))


class Large(Case):
    """A trace of 100,000 stacks, made here: a tree of calls whose weights are as uneven as real ones
    are."""

    STACKS, FUNCTIONS = 100_000, 3000

    def make(self):
        random = Random(1)
        names = ["/project/large", *(f"ns::part_{i % 50}::function_{i}"
                                     for i in range(self.FUNCTIONS))]
        stacks, depths, cells, rows, self.total = [], [0], [], [], 0
        for stack in range(1, self.STACKS + 1):
            parent = random.randrange(max(0, stack - 3000), stack)
            parent = parent if depths[parent] < 40 else 0
            stacks += [parent, 8 + random.randrange(self.FUNCTIONS)]
            depths.append(depths[parent] + 1)
            allocated = int(random.paretovariate(1.1)) * random.randrange(8, 500)
            cells += [stack, 0]
            rows += [stack, 0x3, 1, allocated]
            self.total += allocated
        clock = {"source": "tsc", "hz": 1e9, "zero": 0, "mono_ns": 0, "real_ns": 0}
        anchor = [10**9, 10**9, 10**9]
        path = self.directory / "large.msgpack"
        records = [
            (1, {"format": "memprof-trace", "version": [1, 2], "run": "0123456789abcdef",
                 "exe": names[0], "clock": clock, "mode": "exact", "command": ["large"]}),
            (2, [1, names]), (3, {"id": 1, "path": 1}),
            (4, [8, [x for i in range(self.FUNCTIONS) for x in (1, i * 16)]]), (5, [1, stacks]),
            (8, [1, cells]),
            (12, [x for i in range(self.FUNCTIONS) for x in (8 + i, 1, 2 + i, 0, 0, 0)]),
            (13, {"module": 1, "state": "symtab", "optimized": True, "producer": ""}),
            (9, {"n": 0, "anchor": anchor, "cells": rows}),
            (15, {"reason": "exited", "status": 0, "anchor": anchor})]
        path.write_bytes(b"".join(msgpack.packb([kind, body]) for kind, body in records))
        return path

    def test_100_000_stacks(self):
        path = self.make()
        picture = export("flamegraph", trace=path)
        svg = ElementTree.fromstring(picture)
        self.assertEqual(int(svg.get("data-total")), self.total)
        frames = [g for g in svg.iter(f"{SVG}g") if g.get("data-x") is not None]
        self.assertGreater(len(frames), 500)
        self.assertLess(len(picture), 8_000_000, "what is too small to be seen is left out")
        told = re.search(r"frames below [\d.]+ % of all are folded: ([\d,]+) of ([\d,]+)",
                         "".join(svg.itertext()))
        folded, every = (int(number.replace(",", "")) for number in told.groups())
        self.assertGreater(folded, 50_000)
        shown = sum("folded" not in g.get("class") for g in frames)
        self.assertEqual(every - folded, shown)
        lines = export("collapsed", trace=path).splitlines()
        self.assertEqual(sum(int(line.rsplit(b" ", 1)[1]) for line in lines), self.total)


class Sampled(Case):
    """Of a run in sampled mode figures are estimates, and each format says so."""

    def test_estimates_have_errors(self):
        done = profile([victim("pictures"), "0"], self.directory / "run", ["--mode", "sampled=1K"])
        trace = done.trace()
        expected = trace.totals()["allocated_bytes"]
        svg = ElementTree.fromstring(export("flamegraph", "-m", "bytes", trace=trace.path))
        self.assertEqual(int(svg.get("data-total")), expected)
        text = "\n".join(svg.itertext())
        self.assertRegex(text, r"KiB in all ±[\d.]+ KiB, estimated from samples")
        self.assertRegex(text, r"::retired\n[\d.]+ KiB \([\d.]+ ±([\d.]+) %\), "
                               r"itself [\d.]+ KiB \([\d.]+ ±\1 %\)")
        document = json.loads(export("speedscope", "-m", "bytes", trace=trace.path))
        found = {p["name"]: sum(p["weights"]) for p in document["profiles"]}
        self.assertEqual(found["bytes allocated, estimated"], expected)
        other = json.loads(export("chrome", trace=trace.path))["otherData"]
        self.assertEqual(other["allocations"], "estimated from samples")
        self.assertIn(b"estimated from samples",
                      gzip.decompress(export("pprof", "-m", "bytes", trace=trace.path)))


class Speedscope(Case):
    def test_schema_and_every_stack(self):
        document = json.loads(export("speedscope", "-m", "bytes"))
        schema = json.loads((speedscope.fetch() / "file-format-schema.json").read_text())
        jsonschema.validate(document, schema)
        titles = [p["name"] for p in document["profiles"]]
        self.assertEqual(titles[document["activeProfileIndex"]], "bytes allocated")
        self.assertEqual(len(titles), len(METRICS))
        frames = [f["name"] for f in document["shared"]["frames"]]
        for metric, found in zip(METRICS, document["profiles"]):
            with self.subTest(metric=metric):
                self.assertEqual(found["unit"], {"time": "nanoseconds", "allocations": "none"}
                                 .get(metric, "bytes"))
                self.assertEqual((sum(found["weights"]), found["endValue"]),
                                 (total(metric), total(metric)))
                lines = (";".join(frames[i] for i in stack) + f" {weight}\n"
                         for stack, weight in zip(found["samples"], found["weights"]))
                self.assertEqual(collapsed("".join(lines).encode()),
                                 collapsed(export("collapsed", "-m", metric)))

    def test_functions_know_their_sources(self):
        frames = json.loads(export("speedscope"))["shared"]["frames"]
        kept = [f for f in frames if f["name"].endswith("::kept")]
        self.assertEqual(len(kept), 1)
        self.assertTrue(kept[0]["file"].endswith("tests/victims/pictures.cc"))
        source = (SOURCE / "tests/victims/pictures.cc").read_text().splitlines()
        self.assertIn("OWN void kept(", source[kept[0]["line"] - 1])


class Chrome(Case):
    """By the rules of the Trace Event Format: what a viewer cannot do without."""

    def document(self, trace=None):
        def refuse(constant):
            self.fail(f"{constant} is not JSON")
        return json.loads(export("chrome", trace=trace), parse_constant=refuse)

    def check(self, document):
        events = document["traceEvents"]
        moments = [e["ts"] for e in events if e["ph"] != "M"]
        self.assertEqual(moments, sorted(moments))
        self.assertEqual({e["ph"] for e in events} - {"M", "X", "C"}, set())
        open_slices = {}
        for event in events:
            self.assertIsInstance(event["name"], str)
            self.assertIsInstance(event["pid"], int)
            self.assertIsInstance(event["tid"], int)
            if event["ph"] == "C":
                self.assertTrue(event["args"])
                for value in event["args"].values():
                    self.assertIsInstance(value, (int, float))
                    self.assertGreaterEqual(value, 0)
            if event["ph"] == "X":
                self.nest(open_slices.setdefault(event["tid"], []), event)

    def nest(self, stack, event):
        begin, end = round(event["ts"] * 1000), round((event["ts"] + event["dur"]) * 1000)
        while stack and stack[-1] <= begin:
            stack.pop()
        if stack:
            self.assertLessEqual(end, stack[-1], f"{event} overlaps with the slice around it")
        stack.append(end)

    def of_thread(self, document, number):
        return [e for e in document["traceEvents"] if e["ph"] == "X" and e["tid"] == number]

    def test_rules(self):
        self.check(self.document())

    def test_rules_of_many_windows(self):
        done = profile([victim("leak"), "600", "1"], self.directory / "leak")
        document = self.document(done.trace().path)
        self.check(document)
        windows = [e for e in self.of_thread(document, 2) if e["name"].startswith("window")]
        trace = done.trace()
        self.assertEqual(len(windows), len(trace.windows))
        self.assertGreater(len(windows), 3)
        self.assertEqual(sum(e["args"]["steps"] for e in windows), 600)
        self.assertEqual(sum(e["args"]["allocations"] for e in windows),
                         trace.totals()["allocations"])
        self.assertEqual(sum(e["args"]["bytes_allocated"] for e in windows),
                         trace.totals()["allocated_bytes"])
        self.phases_add_up(document, trace)
        rates = [e for e in document["traceEvents"] if e["name"] == "allocations/s"]
        self.assertAlmostEqual(sum(rate["args"]["allocations"] * window["dur"] / 1e6
                                   for rate, window in zip(rates, windows, strict=True)),
                               trace.totals()["allocations"], delta=0.01)
        live = [e["args"]["bytes"] for e in document["traceEvents"]
                if e["ph"] == "C" and e["name"] == "live heap"]
        for window in trace.windows:
            if "live_bytes" in window.get("heap", {}):
                self.assertIn(window["heap"]["live_bytes"], live)
        self.assertIn(trace.last("heap")["peak_bytes"], live, "the peak is in the picture")

    def phases_add_up(self, document, trace):
        """Calls and self times of each phase, over the windows, are the trace's."""
        calls, seconds = Counter(), Counter()
        for event in self.of_thread(document, 2):
            if not event["name"].startswith("window"):
                name = event["name"].split(" ×")[0]
                self.assertIn("(sum)", event["name"])
                calls[name] += event["args"]["calls"]
                seconds[name] += event["args"]["self_seconds"]
        for (phase, role), sums in trace.phase_sums.items():
            if role == 0:
                name = trace.strings[trace.phases[phase][1]]
                self.assertEqual(calls[name], sums["calls"], name)
                self.assertAlmostEqual(seconds[name], sums["self"] / trace.hz(), places=6)

    def test_the_slowest_steps_in_full(self):
        document = self.document()
        steps = self.of_thread(document, 1)
        self.assertEqual(len(steps), len(TRACE.slowest))
        expected = {row[0]: row for row in TRACE.slowest}
        for event in steps:
            step, ticks, started, allocations, allocated, agents = expected[event["args"]["step"]]
            self.assertEqual(event["name"], f"step {step}")
            self.assertAlmostEqual(event["dur"], ticks / TRACE.hz() * 1e6, delta=0.1)
            self.assertAlmostEqual(event["ts"], started / TRACE.hz() * 1e6, delta=0.1)
            self.assertEqual((event["args"]["allocations"], event["args"]["bytes_allocated"],
                              event["args"]["agents"]), (allocations, allocated, agents))

    def test_it_says_what_is_aggregated(self):
        document = self.document()
        self.assertIn("aggregated by window", document["otherData"]["note"])
        named = [e["args"]["name"] for e in document["traceEvents"] if e["name"] == "thread_name"]
        self.assertTrue(any("slowest of 10 steps, each in full" in name for name in named), named)
        self.assertTrue(any("in sum" in name for name in named), named)

    def test_a_run_without_marks(self):
        done = profile([victim("operators")], self.directory / "plain")
        self.check(self.document(done.trace().path))


class Pprof(Case):
    NAMES = {"time": "cpu"}

    def setUp(self):
        super().setUp()
        self.file = self.directory / "run.pb.gz"
        self.file.write_bytes(export("pprof", "-m", "bytes"))

    def pprof(self, *options):
        done = run(["go", "tool", "pprof", *options, self.file],
                   env=os.environ | {"PPROF_BINARY_PATH": str(self.directory)})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def decoded(self):
        done = subprocess.run(["protoc", f"--proto_path={SOURCE}/tests/integration",
                               "--decode=pprof.Profile", "profile.proto"],
                              input=gzip.decompress(self.file.read_bytes()), capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_protoc_knows_every_field(self):
        text = self.decoded()
        self.assertIsNone(re.search(r"^\s*\d+(:| \{)", text, re.MULTILINE), "a field without a name")
        strings = [s.encode().decode("unicode_escape").encode("latin-1").decode()
                   for s in re.findall(r'^string_table: "(.*)"$', text, re.MULTILINE)]
        self.assertEqual(strings[0], "")
        self.assertEqual(len(set(strings)), len(strings))
        types = [(strings[int(a)], strings[int(b)]) for a, b in
                 re.findall(r"^sample_type \{\n  type: (\d+)\n  unit: (\d+)\n\}", text, re.MULTILINE)]
        self.assertEqual(types, [("samples", "count"), ("cpu", "nanoseconds"),
                                 ("allocations", "count"), ("bytes", "bytes"), ("peak", "bytes"),
                                 ("live", "bytes")])
        default = int(re.search(r"^default_sample_type: (\d+)$", text, re.MULTILINE)[1])
        self.assertEqual(strings[default], "bytes")
        ids = {TRACE.strings[m["path"]]: m["build_id"].hex() for m in TRACE.modules.values() if m}
        mappings = re.findall(r"filename: (\d+)\n(?:  build_id: (\d+)\n)?", text)
        found = {strings[int(a)]: strings[int(b or 0)] for a, b in mappings}
        for path, build_id in ids.items():
            self.assertEqual(found[path], build_id)

    def samples(self):
        """go tool pprof's own view: [values], labels of each sample."""
        raw = self.pprof("-raw").split("Locations\n")[0].split("Samples:\n")[1].splitlines()
        rows = []
        for line in raw[1:]:
            found = re.match(r"\s*([-\d ]+): [\d ]*$", line)
            if found:
                rows.append(([int(v) for v in found[1].split()], {}))
            else:
                rows[-1][1].update(re.findall(r"(\w+):\[([^\]]*)\]", line))
        return raw[0].split(), rows

    def test_go_pprof_adds_up_every_metric(self):
        header, rows = self.samples()
        self.assertEqual(header, ["samples/count", "cpu/nanoseconds", "allocations/count",
                                  "bytes/bytes[dflt]", "peak/bytes", "live/bytes"])
        sums = [sum(column) for column in zip(*(values for values, _ in rows))]
        samples = sum(count for count, _ in TRACE.samples.values())
        self.assertEqual(sums, [samples, *(total(metric) for metric in METRICS)])

    def test_labels(self):
        _, rows = self.samples()
        by_phase, by_thread = Counter(), Counter()
        for values, labels in rows:
            by_phase[labels.get("phase", "")] += values[3]
            by_thread[labels.get("thread")] += values[1]
        self.assertEqual(+by_phase, Counter({path: sums["allocated_bytes"] for path, sums in
                                             TRACE.by_phase().items() if sums["allocated_bytes"]}))
        roles = Counter()
        for (_, _, role), (_, nanoseconds) in TRACE.samples.items():
            roles[("stepping", "other")[role]] += nanoseconds
        self.assertEqual(+by_thread, roles)

    def test_go_pprof_names_functions_inlined_ones_too(self):
        for index, metric in (("bytes", "bytes"), ("live", "live"), ("cpu", "time")):
            flat, inclusive = Counter(), Counter()
            for (_, names), value in truth(metric).items():
                flat[names[-1]] += value
                for name in set(names):
                    inclusive[name] += value
            unit = "ns" if index == "cpu" else "B"
            said = self.pprof("-top", f"-sample_index={index}", f"-unit={unit}", "-nodecount=1000",
                              "-nodefraction=0")
            found = {}
            for line in said.splitlines():
                row = re.match(rf"\s*([\d.]+)(?:{unit})?\s+\S+\s+\S+\s+([\d.]+)(?:{unit})?\s+\S+\s+(.*)$",
                               line)
                if row:
                    found[row[3].removesuffix(" (inline)")] = (float(row[1]), float(row[2]))
            for name in ("main", "(anonymous namespace)::kept", "(anonymous namespace)::recursing",
                         "(anonymous namespace)::inlined_helper",
                         "(anonymous namespace)::burn"):
                with self.subTest(index=index, name=name):
                    self.assertEqual(found.get(name, (0, 0)), (flat[name], inclusive[name]))

    def test_lines(self):
        listed = self.pprof("-top", "-lines", "-sample_index=bytes", "-nodefraction=0")
        source = (SOURCE / "tests/victims/pictures.cc").read_text().splitlines()
        line = next(i for i, text in enumerate(source, 1) if "malloc(300)" in text)
        self.assertIn(f"pictures.cc:{line}", listed)


class BadInput(Case):
    def refused(self, *argv, words, status=USAGE, directory=None):
        done = run([ANALYZER, "export", *argv], cwd=directory or self.directory)
        self.assertEqual(done.returncode, status, done.stderr)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(str(word), lines[0])
        self.assertEqual(done.stdout, b"")

    def test_names_that_there_are_not(self):
        self.refused("-f", "flamgraph", TRACE.path, words=("flamgraph", "did you mean flamegraph",
                                                           "speedscope", "pprof"))
        self.refused("-f", "gif", TRACE.path, words=("'gif'", "collapsed"))
        self.refused("-f", "pprof", "-m", "byte", TRACE.path, words=("did you mean bytes", "peak"))
        self.refused("-f", "pprof", "-m", "carrots", TRACE.path, words=("carrots", "allocations"))
        self.refused("-f", "collapsed", "--by", "moon", TRACE.path, words=("moon", "thread"))

    def test_options_that_mean_nothing(self):
        self.refused("-f", "chrome", "-m", "bytes", TRACE.path, words=("--metric", "chrome"))
        self.refused("-f", "pprof", "--by", "none", TRACE.path, words=("--by", "pprof"))
        self.refused("-f", "collapsed", "--diff", TRACE.path, TRACE.path, words=("--diff",))
        self.refused("-f", "speedscope", "--inverted", TRACE.path, words=("--inverted",))
        self.refused("-f", "collapsed", "-m", "live", "--by", "thread", TRACE.path,
                     words=("by thread", "--metric time"))

    def test_what_is_missing(self):
        self.refused(TRACE.path, words=("--format", "flamegraph"))
        self.refused("-f", "pprof", words=("TRACE",))
        self.refused("-f", "pprof", TRACE.path, TRACE.path, words=("one TRACE",))
        self.refused("-f", "pprof", self.directory / "no", words=("no",), status=UNREADABLE)
        self.refused("-f", "flamegraph", "--diff", self.directory / "no", TRACE.path, words=("no",),
                     status=UNREADABLE)

    def test_a_metric_that_was_not_recorded(self):
        unsampled = profile([victim("pictures")], self.directory / "unsampled", ["-F", "off"])
        for form in ("flamegraph", "speedscope", "collapsed", "pprof"):
            self.refused("-f", form, "-m", "time", unsampled.trace().path,
                         words=("no CPU samples", "memprof run --freq"))
        without = profile([victim("pictures"), "0.1"], self.directory / "off", ["--mode", "off"])
        self.refused("-f", "flamegraph", "-m", "bytes", without.trace().path,
                     words=("no allocations", "--mode off"))
        # a run that ended before its first sample
        short = profile([victim("queue")], self.directory / "short", ["-F", "1"])
        self.refused("-f", "flamegraph", "-m", "time", short.trace().path,
                     words=("no CPU samples", "let it run longer"))
        self.assertEqual(export("collapsed", trace=short.trace().path),
                         export("collapsed", "-m", "bytes", trace=short.trace().path))
        # what there is of each is exported all the same
        export("flamegraph", trace=unsampled.trace().path)
        export("pprof", trace=unsampled.trace().path)
        export("chrome", trace=without.trace().path)

    def test_files(self):
        old = self.directory / "picture.svg"
        old.write_text("precious")
        self.refused("-f", "flamegraph", "-o", "/proc/no/place", TRACE.path,
                     words=("/proc/no/place", "--output"))
        self.refused("-f", "flamegraph", "-o", "/dev/full", TRACE.path, words=("/dev/full", "space"))
        self.refused("-f", "flamegraph", "-m", "time", "-o", old, "/dev/null", words=("/dev/null",),
                     status=UNREADABLE)
        self.assertEqual(old.read_text(), "precious", "a failed export leaves what was there")
        self.assertEqual([path.name for path in self.directory.iterdir()], ["picture.svg"])
        with open(old) as reader:
            self.assertEqual(run([ANALYZER, "export", "-f", "flamegraph", "-o", old,
                                  TRACE.path]).returncode, 0)
            self.assertEqual(reader.read(), "precious", "it is replaced, not overwritten")
        ElementTree.parse(old)

    def test_a_damaged_trace_is_exported_up_to_the_damage(self):
        data = TRACE.path.read_bytes()
        cut = self.directory / "cut.msgpack"
        for length in range(200, len(data), len(data) // 25):
            cut.write_bytes(data[:length] + b"\xc1" + data[length:])
            for form in ("flamegraph", "speedscope", "collapsed", "chrome", "pprof"):
                done = run([ANALYZER, "export", "-f", form, "-o", "-", cut])
                self.assertIn(done.returncode, (0, USAGE, UNREADABLE), (form, length, done.stderr))
                if form == "flamegraph" and done.stdout:
                    ElementTree.fromstring(done.stdout)
                if form in ("speedscope", "chrome") and done.stdout:
                    json.loads(done.stdout)


if __name__ == "__main__":
    main()

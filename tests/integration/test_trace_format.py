"""Traces, read from first to last object by a reader that shares no code with the analyzer."""

import re

from harness import Case, SOURCE, main, report, run, victim

import trace_reader


class Format(Case):
    def check(self, trace):
        self.assertEqual(trace.torn_bytes, 0)
        self.assertIsNotNone(trace.end)
        header = trace.header
        for key in ("format", "version", "writer", "run", "host", "boot", "pid", "ppid", "origin",
                    "command", "exe", "cwd", "clock", "arch", "page", "cores", "memory",
                    "allocator", "mode"):
            self.assertIn(key, header)
        self.assertEqual((header["arch"], header["page"], header["mode"]), ("x86_64", 4096, "exact"))
        self.assertEqual(set(header["caches"]), {"l1d", "l2", "l3"})
        self.assertGreater(header["caches"]["l2"], header["caches"]["l1d"])
        self.assertRegex(header["run"], r"^[0-9a-f]{16}$")
        self.assertTrue(trace.windows, "a run has a window")
        last = trace.windows[-1]["anchor"]
        self.assertGreaterEqual(trace.end["anchor"][0], last[0])
        totals = trace.totals()
        heap = trace.last("heap")
        self.assertEqual(heap["live_bytes"], totals["live_bytes"])
        self.assertEqual(heap["live_blocks"], totals["live_blocks"])
        self.assertGreaterEqual(heap["peak_bytes"], heap["live_bytes"])
        self.assertGreaterEqual(totals["allocated_usable"], totals["allocated_bytes"])
        for cell in trace.cell_sums:
            sums = trace.sums([cell])
            self.assertGreaterEqual(sums["live_blocks"], 0, cell)
            self.assertGreaterEqual(sums["live_bytes"], 0, cell)
        pairs = trace.cells[1:]
        self.assertEqual(len(pairs), len(set(pairs)), "the same pair has two cells")
        self.assertEqual(len(trace.stacks), len(set(trace.stacks)), "the same stack twice")

    def test_traces_of_many_kinds_of_run(self):
        for argv in (["queue"], ["counts", "4"], ["steps", "100"], ["phases"], ["threads"],
                     ["operators"], ["lifecycle"], ["sites"]):
            with self.subTest(argv=argv):
                self.check(self.profile([victim(argv[0]), *argv[1:]], name="-".join(argv)).trace())

    def test_symbols_are_in_the_trace(self):
        trace = self.profile([victim("sites")]).trace()
        named = [symbol for symbols in trace.symbols.values() for symbol in symbols]
        self.assertTrue(any("fill_vector" in name and file.endswith("sites.cc") and line
                            for name, file, line, _ in named))
        main_module = next(module for module in trace.modules.values() if module
                           and trace.strings[module["path"]].endswith("/sites"))
        self.assertEqual(trace.module_symbols[main_module["id"]]["state"], "debug")
        self.assertGreater(len(main_module["build_id"]), 0)

    def test_long_runs_have_many_windows_and_no_double_counting(self):
        done = self.profile([victim("steps"), "30000"])
        trace = done.trace()
        self.check(trace)
        self.assertGreater(len(trace.windows), 1)
        heap = done.truth["heap"]["phases"]
        self.assertEqual(trace.step_sums["allocations"], sum(t["allocations"] for t in heap.values()))
        self.assertEqual(report(trace.path)["steps"]["count"], 30000)

    def test_a_torn_tail_is_cut_off(self):
        trace = self.profile([victim("steps"), "100"]).trace()
        torn = self.directory / "torn.msgpack"
        data = trace.path.read_bytes()
        torn.write_bytes(data[:-7])
        self.assertGreater(trace_reader.read(torn).torn_bytes, 0)
        self.assertEqual(report(torn)["totals"]["allocations"], trace.totals()["allocations"])

    def test_numbers_and_names_are_those_of_the_header(self):
        """The reader's own lists against trace_format.h, so that neither drifts."""
        text = (SOURCE / "libmemprof" / "include" / "memprof" / "trace_format.h").read_text()
        kinds = {int(n): name.lower() for n, name in re.findall(r'X\((\d+), ([A-Z_]+), "', text)}
        self.assertEqual(kinds, trace_reader.KINDS)
        cells, phases = text.split("#define TRACE_PHASE_FIELDS")
        field = re.compile(r"X\((\d+), [A-Z_0-9]+, ([a-z_0-9]+)\)")
        for block, known in ((cells, trace_reader.CELL_FIELDS), (phases, trace_reader.PHASE_FIELDS)):
            by_bit = sorted((int(bit), name) for bit, name in field.findall(block))
            self.assertEqual(by_bit, list(enumerate(known)))
        for name, known in (("SAMPLE", trace_reader.SAMPLE_FIELDS),
                            ("CALL", trace_reader.CALL_FIELDS)):
            block = re.search(rf"#define TRACE_{name}_FIELDS\(X\)(.*?[^\\])\n\n", text, re.S).group(1)
            self.assertEqual(re.findall(r"X\(([a-z_]+),", block), known)

    def test_the_same_program_gives_the_same_counts(self):
        def counts(name):
            trace = self.profile(["setarch", "-R", victim("queue")], name=name).traces()[-1]
            totals = trace.totals()
            return {key: totals[key] for key in ("allocations", "allocated_bytes", "frees",
                                                 "temporaries", "moved_in", "live_bytes")}
        self.assertEqual(counts("first"), counts("second"))

    def test_the_example_in_the_document_reads_a_trace(self):
        text = (SOURCE / "libmemprof" / "TRACE_FORMAT.md").read_text()
        example = next(line.strip() for line in text.splitlines() if "msgpack.Unpacker" in line)
        path = self.profile([victim("queue")]).trace().path
        code = "import msgpack\n" + example.replace('"trace.msgpack"', repr(str(path))).replace(
            "...", "print(kind)")
        kinds = run(["/usr/bin/python3", "-c", code]).stdout.split()
        self.assertEqual(kinds[0], b"1")
        self.assertIn(b"15", kinds)


if __name__ == "__main__":
    main()

"""The client header: it compiles without a warning in C and C++, its marks arrive however the
program was linked, and they do nothing when nobody profiles."""

import itertools

from harness import Case, SOURCE, VICTIMS, main, profile, report, run

STRICT = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror", "-O2",
          f"-I{SOURCE / 'libmemprof' / 'include'}"]
MARKS = [VICTIMS / "header" / "marks.c", VICTIMS / "header" / "marks_elsewhere.c"]
LINKERS = ("bfd", "gold", "lld")


class Header(Case):
    def build(self, name, compiler, *options, sources=None):
        """Compiles the marks with all warnings as errors; returns the program's path."""
        program = self.directory / name
        done = run([compiler, *STRICT, *options, "-o", program, *(sources or MARKS)])
        self.assertEqual((done.returncode, done.stderr), (0, b""), f"{compiler} {options}")
        return program

    def check_marks(self, program):
        """Runs a program under memprof and finds every mark in the trace."""
        done = self.profile([program], name=f"{program.name}.traces")
        self.assertEqual(done.stdout, b"active 1\n")
        trace = done.trace()
        calls = {path: trace.phase_times(path)["calls"]
                 for path in ("scoped", "paired", "paired/by number", "elsewhere")}
        self.assertEqual(calls, dict.fromkeys(calls, 10))
        self.assertEqual(trace.step_sums["ended"], 10)
        self.assertEqual(trace.counters["events"], 10)
        self.assertEqual(trace.facts["params"]["colour"], "blue")
        self.assertEqual(trace.facts["steps_expected"], 10)
        self.assertEqual(trace.facts["name"], "marks")
        return trace

    def test_compiles_without_warnings(self):
        for compiler, standard in itertools.chain(
                itertools.product(("gcc", "clang"), ("gnu99", "gnu11", "gnu17")),
                itertools.product(("g++", "clang++"), ("c++11", "c++17", "gnu++20"))):
            with self.subTest(compiler=compiler, standard=standard):
                language = ["-x", "c++"] if "++" in compiler else ["-x", "c"]
                sources = [*MARKS]
                if "++" in compiler:
                    sources.append(VICTIMS / "header" / "marks_classes.cc")
                program = self.build(f"{compiler}-{standard}", compiler, f"-std={standard}",
                                     *language, sources=sources)
                self.assertEqual(run([program]).stdout, b"active 0\n")

    def test_marks_arrive_from_every_linker(self):
        for compiler, linker, kind in itertools.product(("gcc", "clang"), LINKERS,
                                                        ("-pie", "-no-pie")):
            with self.subTest(compiler=compiler, linker=linker, kind=kind):
                position = "-fPIE" if kind == "-pie" else "-fno-pie"
                self.check_marks(self.build(f"{compiler}-{linker}{kind}", compiler, position, kind,
                                            f"-fuse-ld={linker}"))

    def test_marks_arrive_from_a_shared_library(self):
        library = self.build("libelsewhere.so", "gcc", "-shared", "-fPIC", sources=MARKS[1:])
        self.check_marks(self.build("host", "gcc", sources=[MARKS[0], library]))

    def test_a_static_program_links_and_is_refused(self):
        for kind in ("-static", "-static-pie"):
            with self.subTest(kind=kind):
                program = self.build(f"marks{kind}", "gcc", kind)
                self.assertEqual(run([program]).stdout, b"active 0\n")
                done = profile([program], self.directory / f"refused{kind}")
                self.assertEqual(done.stdout, b"", "it was not started")
                self.assertIn(b"static", done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertNotEqual(done.status, 0)

    def test_a_run_without_marks_says_so(self):
        done = self.profile(["true"])
        self.assertTrue(any("mark" in warning for warning in done.report()["run"]["warnings"]),
                        done.report()["run"]["warnings"])

    def test_a_run_with_marks_does_not(self):
        trace = self.check_marks(self.build("marked", "gcc"))
        self.assertFalse(any("no mark" in warning
                             for warning in report(trace.path)["run"]["warnings"]))


if __name__ == "__main__":
    main()

"""What analyzer and sim_bench do with input that is not what they asked for: one line that says what
is wrong, the exit code for it, and nothing that was there before touched."""

import msgpack

from harness import ANALYZER, Case, SIM_BENCH, main, run, victim

USAGE, UNREADABLE = 2, 3


class BadInput(Case):
    def refused(self, argv, status, *words):
        done = run(argv, cwd=self.directory)
        self.assertEqual(done.returncode, status, f"{argv}: {done.stderr}")
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        for word in words:
            self.assertIn(str(word), lines[0])
        return done


class Analyzer(BadInput):
    def file(self, name, data):
        path = self.directory / name
        path.write_bytes(data)
        return path

    def test_usage(self):
        for argv in (["--no-such-option"], ["report", "--format", "no-such-format", "x"],
                     ["report", "--top", "many", "x"], ["report", "--top", "-1", "x"],
                     ["report"]):
            with self.subTest(argv=argv):
                done = run([ANALYZER, *argv])
                self.assertEqual((done.returncode, done.stdout), (USAGE, b""), done.stderr)
                self.assertNotEqual(done.stderr, b"")

    def test_files_that_are_no_traces(self):
        missing = self.directory / "missing.msgpack"
        self.refused([ANALYZER, missing], UNREADABLE, missing)
        for name, data in (("empty", b""), ("text", b"this is no trace\n" * 100),
                           ("zeros", bytes(10000)), ("elf", ANALYZER.read_bytes()[:5000]),
                           ("other", msgpack.packb({"a": 1})),
                           ("half", msgpack.packb([1, {"format": "memprof-trace"}])[:-3])):
            path = self.file(name, data)
            with self.subTest(name=name):
                self.assertEqual(self.refused([ANALYZER, path], UNREADABLE, path).stdout, b"")
        empty = self.directory / "nothing here"
        empty.mkdir()
        self.refused([ANALYZER, empty], UNREADABLE, empty)

    def test_a_trace_of_another_version(self):
        path = self.profile([victim("queue")]).trace().path
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
        unpacker.feed(path.read_bytes())
        kind, header = next(unpacker)
        rest = path.read_bytes()[unpacker.tell():]
        newer = self.file("newer", msgpack.packb([kind, header | {"version": [2, 0]}]) + rest)
        self.refused([ANALYZER, newer], UNREADABLE, newer, "2")
        minor = self.file("minor", msgpack.packb([kind, header | {"version": [1, 99],
                                                                  "unknown": [1, {"a": 2}]}])
                          + msgpack.packb([99, {"a kind": "of later"}]) + rest)
        self.assertEqual(run([ANALYZER, minor]).returncode, 0, "a minor version is read")

    def test_every_truncation_is_survived(self):
        path = self.profile([victim("steps"), "20"]).trace().path
        whole = path.read_bytes()
        cut = self.directory / "cut"
        for length in sorted({*range(1, len(whole), max(1, len(whole) // 60)), len(whole) - 1}):
            cut.write_bytes(whole[:length])
            done = run([ANALYZER, "report", "--format", "json", cut])
            with self.subTest(length=length):
                self.assertIn(done.returncode, (0, UNREADABLE), done.stderr)

    def test_damage_is_survived(self):
        """Any byte may be anything: an answer or a refusal, never a crash."""
        path = self.profile([victim("steps"), "20"]).trace().path
        whole = bytearray(path.read_bytes())
        damaged = self.directory / "damaged"
        for at in range(0, len(whole), max(1, len(whole) // 80)):
            for value in (0xff, 0xc1, 0xdf):
                data = bytearray(whole)
                data[at] = value
                damaged.write_bytes(data)
                done = run([ANALYZER, damaged])
                with self.subTest(at=at, value=value):
                    self.assertIn(done.returncode, (0, UNREADABLE), done.stderr)

    def test_a_report_that_cannot_be_written(self):
        path = self.profile([victim("queue")]).trace().path
        self.refused([ANALYZER, "report", "--output", "/proc/no/place", path], USAGE, "/proc/no/place")

    def test_a_failed_report_leaves_the_earlier_one(self):
        earlier = self.file("report.txt", b"the earlier report\n")
        run([ANALYZER, "report", "--output", earlier, self.file("empty", b"")])
        self.assertEqual(earlier.read_bytes(), b"the earlier report\n")


class SimBench(BadInput):
    def test_usage(self):
        for argv, word in ((["--no-such-option"], "no-such-option"),
                           (["--steps", "0"], "--steps"), (["--steps", "-5"], "--steps"),
                           (["--steps", "ten"], "--steps"), (["--agents", "0"], "--agents"),
                           (["--agents", "1000000000000"], "--agents"),
                           (["--seed", "x"], "--seed"), (["--spatial", "no-such"], "--spatial")):
            with self.subTest(argv=argv):
                done = self.refused([SIM_BENCH, *argv, "--no-profile"], USAGE, word)
                self.assertEqual(done.stdout, b"")
        self.assertEqual(list(self.directory.iterdir()), [], "nothing was made")

    def test_places_that_cannot_be_used(self):
        file = self.directory / "file"
        file.write_text("precious")
        base = [SIM_BENCH, "--steps", "5", "--quick"]
        for mode in ([], ["--no-profile"]):
            with self.subTest(mode=mode):
                self.refused([*base, *mode, "--out", file / "below"], USAGE, "--out")
                self.refused([*base, *mode, "--out", self.directory / "run",
                              "--db", "/proc/no/place.db"], USAGE, "--db")
        self.assertEqual(file.read_text(), "precious")

    def test_an_earlier_run_is_not_overwritten(self):
        argv = [SIM_BENCH, "--steps", "5", "--quick", "--no-profile", "--out", "run"]
        self.assertEqual(run(argv, cwd=self.directory).returncode, 0)
        run_directory = self.directory / "run"
        before = {path: path.read_bytes() for path in run_directory.rglob("*") if path.is_file()}
        self.refused(argv, USAGE, "run")
        after = {path: path.read_bytes() for path in run_directory.rglob("*") if path.is_file()}
        self.assertEqual(before, after)

    def test_a_file_of_the_users_is_not_replaced_by_the_link(self):
        theirs = self.directory / "trace.msgpack"
        theirs.write_text("mine")
        done = run([SIM_BENCH, "--steps", "5", "--quick"], cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(theirs.read_text(), "mine")
        self.assertFalse(theirs.is_symlink())


if __name__ == "__main__":
    main()

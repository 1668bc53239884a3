"""`memprof run` itself: how it ends, what it refuses, how signals take their way."""

import fcntl
import json
import os
import re
import signal
import socket
import termios

import trace_reader
from harness import ANALYZER, Case, MEMPROF, main, run, victim


class Refusals(Case):
    def refused(self, argv, status, *words, **options):
        """A command ends with a status, one line on stderr, and nothing on stdout."""
        done = run([MEMPROF, *argv], **options)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(str(word).encode(), done.stderr)
        self.assertEqual(done.stdout, b"")

    def into(self, *argv):
        return ["run", "-d", self.directory / "run", "--", *argv]

    def test_a_command_that_is_not_there(self):
        self.refused(self.into("no-such-program"), 127, "no-such-program")
        self.refused(self.into("/no/such/program"), 127, "/no/such/program")

    def test_a_command_that_cannot_be_run(self):
        plain = self.directory / "plain"
        plain.write_text("no program")
        self.refused(self.into(plain), 126, plain)
        self.refused(self.into(self.directory), 126, self.directory)

    def test_a_program_with_a_sanitizer(self):
        """It would not start, since its runtime wants to come first."""
        source = self.directory / "program.c"
        source.write_text("int main(void) { return 0; }")
        for sanitizer in ("address", "thread"):
            built = run(["gcc", f"-fsanitize={sanitizer}", source, "-o", self.directory / sanitizer])
            self.assertEqual(built.returncode, 0, built.stderr)
            self.refused(self.into(self.directory / sanitizer), 125, f"-fsanitize={sanitizer}")

    def test_an_option_without_its_value(self):
        for option, word in (("-o", b"-o TRACE"), ("--dir", b"--dir DIR")):
            done = run([MEMPROF, "run", option])
            self.assertEqual(done.returncode, 2)
            self.assertIn(word, done.stderr)

    def test_an_argument_too_many(self):
        self.refused(["caches", "here"], 2, "caches", "here")

    def test_no_command(self):
        done = run([MEMPROF, "run"])
        self.assertEqual(done.returncode, 2, done.stderr)

    def test_an_unknown_option_or_command(self):
        for argv in (["run", "--no-such-option", "--", "true"], ["no-such-command"]):
            done = run([MEMPROF, *argv])
            self.assertEqual((done.returncode, done.stdout), (2, b""), argv)
            self.assertNotEqual(done.stderr, b"")

    def test_a_place_that_cannot_be_written(self):
        """Also as root, whom permissions do not stop."""
        file = self.directory / "file"
        file.write_text("precious")
        started = self.directory / "started"
        for place in (file / "below", "/proc/no/place"):
            with self.subTest(place=str(place)):
                self.refused(["run", "-d", place, "--", "touch", started], 125, place)
        self.assertEqual(file.read_text(), "precious")
        self.assertFalse(started.exists(), "the command ran, though nothing could record it")

    def test_earlier_results_are_not_overwritten(self):
        first = self.profile([victim("queue")])
        kept = first.trace().path.read_bytes()
        run([MEMPROF, "run", "-d", self.directory / "run", "--", victim("steps"), "3"])
        self.assertIn(kept, [path.read_bytes() for path in first.trace_files()])


class Ends(Case):
    def test_it_ends_as_its_command_does(self):
        for script, status in (("exit 0", 0), ("exit 1", 1), ("exit 77", 77), ("exit 255", 255),
                               ("kill -9 $$", -9), ("kill -15 $$", -15), ("kill -6 $$", -6)):
            with self.subTest(script=script):
                done = run([MEMPROF, "run", "-d", self.directory / script, "--", "sh", "-c", script])
                self.assertEqual(done.returncode, status)

    def test_the_shortest_runs(self):
        """So short that the clock can hardly be measured, and again and again."""
        for number in range(200):
            done = self.profile(["true"], name=str(number))
            trace = done.trace()
            self.assertGreater(trace.header["clock"]["hz"], 1e8)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIsNotNone(trace.end)

    def test_the_closing_line(self):
        done = self.profile([victim("queue")])
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(str(self.directory / "run"), lines[0])

    def test_what_it_says_to_type_next_works_as_typed(self):
        done = self.profile([victim("steps"), "20"], cwd=self.directory)
        command = done.stderr.decode().strip().split(": ")[-1].strip("`'")
        typed = run(["sh", "-c", command], cwd=self.directory)
        self.assertEqual(typed.returncode, 0, f"{command}: {typed.stderr}")
        self.assertIn(b"observe", typed.stdout)

    def test_the_report_at_once(self):
        done = run([MEMPROF, "run", "--report", "-d", self.directory / "run", "--",
                    victim("steps"), "20"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"observe", done.stdout)

    def test_another_report_at_once(self):
        done = run([MEMPROF, "run", "--report=raw", "-d", self.directory / "run", "--",
                    victim("steps"), "20"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rb"steps\.c:\d+\(main\)")


class Places(Case):
    """Where the trace goes, and what else is made there."""

    def record(self, *options, command=("true",), **more):
        done = run([MEMPROF, "run", *options, "--", *command], cwd=self.directory, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def made(self):
        return {str(path.relative_to(self.directory)) for path in self.directory.rglob("*")
                if path.is_file()}

    @staticmethod
    def both(trace):
        return {trace, f"{trace}.status.json"}

    def test_a_directory_by_the_programs_name(self):
        self.record()
        (place,) = self.directory.iterdir()
        self.assertRegex(place.name, r"^memprof\.true\.[0-9]+$")
        self.assertEqual({path.name for path in place.iterdir()}, {"trace.msgpack", "status.json"})
        trace = trace_reader.read(place / "trace.msgpack")
        self.assertEqual(place.name.split(".")[-1], str(trace.header["pid"]))

    def test_a_trace_by_name_and_its_status(self):
        self.record("-o", "one.msgpack")
        self.assertEqual(self.made(), self.both("one.msgpack"))

    def test_a_trace_is_replaced_only_by_force(self):
        self.record("-o", "one.msgpack")
        before = (self.directory / "one.msgpack").read_bytes()
        done = run([MEMPROF, "run", "-o", "one.msgpack", "--", "touch", "started"],
                   cwd=self.directory)
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertEqual((self.directory / "one.msgpack").read_bytes(), before)
        self.assertEqual(self.made(), self.both("one.msgpack"))
        self.record("--force", "-o", "one.msgpack")
        self.assertNotEqual((self.directory / "one.msgpack").read_bytes(), before)

    def test_patterns_in_names(self):
        self.record("-o", "%h.%q{JOB}.msgpack", env=os.environ | {"JOB": "4711"})
        self.assertEqual(self.made(), self.both(f"{socket.gethostname()}.4711.msgpack"))
        self.record("-d", "run-%p")
        (place,) = self.directory.glob("run-*")
        self.assertEqual(place.name, f"run-{trace_reader.read(place / 'trace.msgpack').header['pid']}")

    def test_marks_alone(self):
        done = self.record("--mode", "off", "-d", "marks", command=[victim("steps"), "20"])
        trace = trace_reader.read(self.directory / "marks" / "trace.msgpack")
        self.assertEqual(trace.header["mode"], "off")
        self.assertEqual(trace.step_sums["ended"], 20)
        self.assertEqual(trace.phase_times("observe")["calls"], 20)
        self.assertEqual(trace.totals()["allocations"], 0)
        report = run([ANALYZER, trace.path]).stdout.decode()
        self.assertIn("marks only\n", report)
        self.assertIn("heap not recorded (--mode off)", report)
        self.assertNotIn("allocations", report)
        status = run([MEMPROF, "status", self.directory / "marks"]).stdout.decode()
        self.assertIn("memory     heap not recorded (--mode off), resident ", status)
        self.assertNotIn("allocated", status)
        told = json.loads((self.directory / "marks" / "status.json").read_text())
        self.assertIsNone(told["live_heap_bytes"])
        self.assertIsNone(told["allocations"])
        self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_quiet(self):
        self.assertEqual(self.record("--quiet", "-d", "run").stderr, b"")


class Caches(Case):
    def test_what_is_measured(self):
        done = run([MEMPROF, "caches", "--json"])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        out = json.loads(done.stdout)
        self.assertGreater(out["told_bytes"]["l1d"], 4096)
        points = out["measured"]["points"]
        self.assertEqual(points[0]["bytes"], 1 << 18)
        for one, next_one in zip(points, points[1:]):
            self.assertLess(one["bytes"], next_one["bytes"])
            self.assertLessEqual(one["nanoseconds"], next_one["nanoseconds"])
        reach = out["measured"]["reach_bytes"]
        self.assertIn(reach, [None, *(point["bytes"] for point in points)])

    def test_in_words(self):
        """What it says to type next works as typed."""
        text = run([MEMPROF, "caches"]).stdout.decode()
        self.assertRegex(text, r"(?m)^told +L1d [0-9.]+ KiB, L2 ")
        self.assertRegex(text, r"(?m)^ *256 KiB +[0-9.]+ ns")
        if "no end of the caches" not in text:
            self.assertRegex(text, r"scaling --cache [0-9]+K SWEEP")


class Signals(Case):
    def recorded(self, *argv):
        return [MEMPROF, "run", "-d", self.directory / "run", "--", *argv]

    def test_signals_pass_through(self):
        process = self.start(self.recorded(victim("signal_log")))
        self.assertEqual(self.line(process), "ready")
        passed = [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
                  signal.SIGALRM, signal.SIGWINCH]
        for number in passed:
            process.send_signal(number)
        process.send_signal(signal.SIGRTMIN)  # the highest number: taken, and passed on, last
        said = []
        while not said or said[-1] != str(int(signal.SIGRTMIN)):
            said.append(self.line(process))
        self.assertEqual(sorted(said[:-1]), sorted(number.name.removeprefix("SIG") for number in passed))
        process.terminate()
        self.assertEqual(process.communicate()[0], b"TERM\n")
        self.assertEqual(process.returncode, 12)

    def test_sigterm_ends_the_command(self):
        process = self.start(self.recorded("sh", "-c", "echo ready; exec sleep 1000"))
        self.assertEqual(self.line(process), "ready")
        process.terminate()
        process.communicate()
        self.assertEqual(process.returncode, -signal.SIGTERM)

    def test_an_interrupt_of_the_terminal_comes_once(self):
        """The terminal interrupts launcher and program; the launcher does not do it again."""
        master, slave = os.openpty()
        process = self.start(self.recorded(victim("signal_log")), stdin=slave,
                             preexec_fn=self.own_terminal)
        os.close(slave)
        with os.fdopen(master, "wb", buffering=0) as terminal:
            self.assertEqual(self.line(process), "ready")
            terminal.write(b"\x03")
            self.assertEqual(self.line(process), "INT")
            for number, name in ((signal.SIGUSR1, "USR1"), (signal.SIGTERM, "TERM")):
                process.send_signal(number)
                self.assertEqual(self.line(process), name)
            process.communicate()
        self.assertEqual(process.returncode, 12)

    @staticmethod
    def own_terminal():
        """In the child: the terminal on its stdin is the one that controls it."""
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Status(Case):
    def status_of(self, *where):
        done = run([MEMPROF, "status", "--json", *where])
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_run_that_ended(self):
        self.profile([victim("steps"), "50"])
        text = json.dumps(self.status_of(self.directory / "run"))
        self.assertIn("finished", text)

    def test_the_heap_is_that_of_the_report(self):
        done = self.profile([victim("queue")])
        status = self.status_of(self.directory / "run")
        self.assertEqual(status["live_heap_bytes"], done.trace().last("heap")["live_bytes"])

    def test_the_list_names_a_run(self):
        self.profile([victim("queue")])
        done = run([MEMPROF, "status"])
        self.assertNotIn(b"status RUN", done.stdout)

    def test_a_run_that_was_killed(self):
        run([MEMPROF, "run", "-d", self.directory / "run", "--", "sh", "-c", "kill -9 $$"])
        text = json.dumps(self.status_of(self.directory / "run"))
        self.assertIn("crashed", text)

    def test_a_run_under_way(self):
        process = self.start([MEMPROF, "run", "-d", self.directory / "run", "--",
                              victim("signal_log")])
        self.assertEqual(self.line(process), "ready")
        state = json.dumps(self.status_of(self.directory / "run"))
        process.terminate()
        process.communicate()
        self.assertIn("running", state)

    def test_looks_at_a_run_in_a_log_have_their_times(self):
        process = self.start([MEMPROF, "run", "-d", self.directory / "run", "--",
                              victim("signal_log")])
        self.assertEqual(self.line(process), "ready")
        one = self.start([MEMPROF, "status", "--watch", self.directory / "run"])
        all_runs = self.start([MEMPROF, "status", "--watch"])
        when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
        for _ in range(2):
            self.assertRegex(self.line(one), f"^{when}  running  .*resident")
        self.assertRegex(self.line(all_runs), f"^{when}$")
        while not re.search(f"^{when}$", self.line(all_runs)):
            pass
        process.terminate()
        process.communicate()
        rest = one.communicate()[0].decode()
        self.assertRegex(rest, f"(?m)^{when}\nrun  ")
        self.assertEqual(one.returncode, 0)


if __name__ == "__main__":
    main()

"""What integration tests share: to run a program under memprof, to read what came of it, and to
report cases to the runner.

    with memprof run -d DIR -- victim        profile(["victim"]) → Run
    the analyzer's JSON of its trace         run.report()
    an independent reader's view             run.trace()   (trace_reader.py)
    what the victim knows of itself          run.truth     (JSON on the victim's stdout)

Victims lie in tests/victims; their sources name the lines that tests ask for by comments of the
form `SITE: name` (line_of).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import trace_reader

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MEMPROF_BUILD", SOURCE / "build"))
MEMPROF = BUILD / "memprof"
ANALYZER = BUILD / "analyzer"
SIM_BENCH = BUILD / "sim_bench"
LIBRARY = BUILD / "libmemprof.so"
VICTIMS = SOURCE / "tests" / "victims"

# A sanitizer replaces the allocator, so sim_bench built with one does not profile itself.
SANITIZED = SIM_BENCH.exists() and any(
    name in SIM_BENCH.read_bytes() for name in (b"__asan_init", b"__tsan_init"))

# A program that hangs is a failure of its case, not of the whole file.
LIMIT = 120


def victim(name):
    """The path of a built victim."""
    return str(BUILD / "tests" / "victims" / name)


def line_of(source, site):
    """The line of tests/victims/SOURCE that carries the comment `SITE: site`."""
    lines = (VICTIMS / source).read_text().splitlines()
    found = [number for number, text in enumerate(lines, 1)
             if re.search(rf"SITE: {re.escape(site)}\b", text)]
    if len(found) != 1:
        raise AssertionError(f"{source}: {len(found)} lines are marked SITE: {site}")
    return found[0]


def run(argv, **options):
    """Runs a command to its end; stdout and stderr as bytes unless told otherwise."""
    options.setdefault("timeout", LIMIT)
    options.setdefault("stdin", subprocess.DEVNULL)
    if "stdout" not in options and "stderr" not in options:
        options["capture_output"] = True
    return subprocess.run([str(word) for word in argv], **options)


def descendants(pid):
    """Processes that a process started, and theirs."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [found for child in map(int, children) for found in (*descendants(child), child)]


class Run:
    """A finished run under memprof: how it ended, and the traces that it left."""

    def __init__(self, finished, directory):
        self.status = finished.returncode
        self.stdout = finished.stdout
        self.stderr = finished.stderr
        self.directory = Path(directory)

    @property
    def truth(self):
        """What the victim says of itself: the last line of its stdout, as JSON."""
        return json.loads(self.stdout.decode().splitlines()[-1])

    def trace_files(self):
        """All traces of the run: the program's and those of its children, by process start."""
        return sorted(self.directory.rglob("*.msgpack"))

    def traces(self):
        """Every process's trace, read by the independent reader, the first process first."""
        found = [trace_reader.read(path) for path in self.trace_files() if not path.is_symlink()]
        return sorted(found, key=lambda trace: trace.header["clock"]["zero"])

    def trace(self):
        """The trace of a run that is expected to have one process."""
        found = self.traces()
        if len(found) != 1:
            raise AssertionError(f"{len(found)} traces in {self.directory}: "
                                 f"{[str(t.path) for t in found]}; stderr: {self.stderr}")
        return found[0]

    def report(self, path=None):
        """The analyzer's JSON report of the run's trace."""
        return report(path or self.trace().path)


# Options of memprof for all runs of a file of cases.
ALWAYS = []


def profile(argv, directory, memprof_options=(), **options):
    """Runs a command under memprof, its traces below DIRECTORY."""
    finished = run([MEMPROF, "run", "-d", directory, *ALWAYS, *memprof_options, "--", *argv],
                   **options)
    return Run(finished, directory)


def report(path, *options):
    """`analyzer report --format json`, all rows, as an object."""
    finished = run([ANALYZER, "report", "--format", "json", "--top", "1000000", *options, path])
    if finished.returncode != 0:
        raise AssertionError(f"analyzer ended with {finished.returncode}: "
                             f"{finished.stderr.decode(errors='replace')}")
    return json.loads(finished.stdout)


class Case(unittest.TestCase):
    """A test case with a directory of its own, and long messages of what differs."""

    maxDiff = 4000

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="case-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, argv, **options):
        """Starts a command, its streams in pipes, that does not outlive the case."""
        process = subprocess.Popen([str(word) for word in argv], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **options)

        def end():
            for pid in descendants(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.kill()
            process.communicate()

        self.addCleanup(lambda: process.returncode is None and end())
        return process

    def line(self, process):
        """The next line that a started command prints. That it ends instead is a failure."""
        text = process.stdout.readline()
        if not text:
            _, said = process.communicate()
            self.fail(f"{process.args} ended with {process.returncode}: {said}")
        return text.decode().rstrip("\n")

    def profile(self, argv, name="run", **options):
        """profile() below the case's directory, for a command that must succeed."""
        done = profile(argv, self.directory / name, **options)
        self.assertEqual(done.status, 0, f"{argv}: {done.stderr.decode(errors='replace')}")
        return done


class TapResult(unittest.TestResult):
    """Writes each case to the runner's report as it ends."""

    def __init__(self, out):
        super().__init__()
        self.out = out
        self.number = 0

    def line(self, passed, test, why=""):
        self.number += 1
        why = f": {why}" if why else ""
        print(f"{'ok' if passed else 'not ok'} {self.number} - {test.id().removeprefix('__main__.')}"
              f"{why}", file=self.out, flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line(True, test)

    def trouble(self, test, error):
        text = self._exc_info_to_string(error, test)
        print(f"{test.id()}\n{text}", file=sys.stderr, flush=True)
        self.line(False, test, str(error[1]).splitlines()[0][:200] if str(error[1]) else error[0].__name__)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.trouble(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.trouble(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.trouble(subtest, err)

    def addSkip(self, test, reason):
        self.line(False, test, f"could not run: {reason}")
        self.failures.append((test, reason))


def main():
    """Runs the cases of the calling file; the runner's --case picks some."""
    loader = unittest.TestLoader()
    if os.environ.get("TEST_CASE"):
        loader.testNamePatterns = [f"*{os.environ['TEST_CASE']}*"]
    suite = loader.loadTestsFromModule(sys.modules["__main__"])
    path = os.environ.get("TEST_REPORT")
    with open(path, "w") if path else os.fdopen(1, "w", closefd=False) as out:
        result = TapResult(out)
        suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)

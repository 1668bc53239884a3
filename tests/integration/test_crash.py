"""What is left when a program, or program and recorder together, are killed at any moment."""

import os
import random
import signal
import struct
import subprocess
import time

from harness import Case, MEMPROF, Run, main, report, victim

THREADS_MAX = 8
MARKS = 1024
THREAD = struct.Struct("<QQQQQ" + "QQ" * MARKS)  # struct thread_count of kept_count.c
HOUR = 3600  # compresses time: windows are as long as after an hour


class Kept:
    """What a killed kept_count had counted for itself."""

    def __init__(self, path):
        data = path.read_bytes()
        self.ready = struct.unpack_from("<Q", data)[0]
        self.threads = [self.thread(data, 8 + number * THREAD.size)
                        for number in range(THREADS_MAX)]

    @staticmethod
    def thread(data, at):
        allocations, bytes_, frees, freed_bytes, marks, *rest = THREAD.unpack_from(data, at)
        pairs = list(zip(rest[0::2], rest[1::2]))
        newest = [pairs[i % MARKS] for i in range(max(0, marks - MARKS), marks)]
        return {"allocations": allocations, "bytes": bytes_, "frees": frees,
                "freed_bytes": freed_bytes, "marks": newest}

    def sum(self, key):
        return sum(thread[key] for thread in self.threads)

    def made_before(self, ns):
        """Allocations that were surely made before a moment: those of the last mark before it."""
        return sum(max((count for at, count in thread["marks"] if at <= ns), default=0)
                   for thread in self.threads)


class Crash(Case):
    def start_counting(self, name, threads, **options):
        """Starts kept_count under memprof and waits until each of its threads allocates."""
        kept = self.directory / f"{name}.kept"
        process = self.start([MEMPROF, "run", "-d", self.directory / name, "--",
                              victim("kept_count"), kept, threads], **options)
        while process.poll() is None and not (
                kept.exists() and kept.stat().st_size and Kept(kept).ready == threads):
            os.sched_yield()
        self.assertIsNone(process.poll(), "the launcher ended before the program allocated")
        return process, kept

    def program_of(self, launcher):
        """The pid of the launcher's child."""
        children = open(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read().split()
        found = [int(pid) for pid in children
                 if b"kept_count" in open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")[0]]
        self.assertEqual(len(found), 1, f"children {children}")
        return found[0]

    def until(self, process, kept, allocations):
        """Lets the victim go on until it has made so many allocations more."""
        goal = Kept(kept).sum("allocations") + allocations
        while Kept(kept).sum("allocations") < goal:
            self.assertIsNone(process.poll(), "the launcher ended before the program was killed")
            os.sched_yield()

    def finish(self, process, name):
        out, err = process.communicate(timeout=60)
        return Run(subprocess.CompletedProcess([], process.returncode, out, err),
                   self.directory / name)

    def check_exact(self, trace, kept, threads):
        """The trace says what the victim counted; each thread's event under way may differ."""
        found = trace.by_phase()["kept"]
        for key, field in (("allocations", "allocations"), ("frees", "frees")):
            difference = found[field] - kept.sum(key)
            self.assertGreaterEqual(difference, 0, key)
            self.assertLessEqual(difference, threads, key)
        for key, field in (("bytes", "allocated_bytes"), ("freed_bytes", "freed_bytes")):
            difference = found[field] - kept.sum(key)
            self.assertGreaterEqual(difference, 0, key)
            self.assertLessEqual(difference, threads * 2000, key)

    def test_the_program_is_killed_at_any_moment(self):
        chance = random.Random(20260101)
        for number in range(50):
            threads = 1 + number % 4
            with self.subTest(number=number, threads=threads):
                name = f"run{number}"
                process, kept = self.start_counting(name, threads)
                self.until(process, kept, int(10 ** chance.uniform(0, 5.3)))
                os.kill(self.program_of(process), signal.SIGKILL)
                done = self.finish(process, name)
                trace = done.trace()
                self.assertEqual(trace.torn_bytes, 0)
                self.assertEqual((trace.end["reason"], trace.end["signal"]),
                                 ("signalled", signal.SIGKILL))
                self.check_exact(trace, Kept(kept), threads)
                if number % 10 == 0:
                    said = report(trace.path)
                    self.assertEqual(said["totals"]["allocations"], trace.totals()["allocations"])

    def check_loss(self, name, environment, seconds):
        """Kills launcher and program at once after SECONDS; at most 5 s of what was is lost."""
        process, kept = self.start_counting(name, 2, env=environment)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.until(process, kept, 1000)
        program = self.program_of(process)
        os.kill(process.pid, signal.SIGKILL)
        killed_ns = time.monotonic_ns()
        os.kill(program, signal.SIGKILL)
        traces = self.finish(process, name).traces()
        self.assertEqual(len(traces), 1)
        recorded = traces[0].by_phase().get("kept", {"allocations": 0})["allocations"]
        counted = Kept(kept)
        self.assertLessEqual(recorded, counted.sum("allocations") + 2)
        self.assertGreaterEqual(recorded, counted.made_before(killed_ns - 5_000_000_000))
        self.assertGreater(counted.made_before(killed_ns - 5_000_000_000), 0)
        said = report(traces[0].path)
        self.assertFalse(said["run"]["complete"])
        self.assertEqual(said["totals"]["allocations"], traces[0].totals()["allocations"])

    def test_program_and_launcher_are_killed_together(self):
        self.check_loss("young", os.environ | {}, 8)

    def test_program_and_launcher_are_killed_together_after_an_hour(self):
        self.check_loss("old", os.environ | {"MEMPROF_TIME_SCALE": str(HOUR)}, 8)


if __name__ == "__main__":
    main()

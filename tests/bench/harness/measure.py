"""Runs a program under a tool, once, and says what that used.

The program's own CPU time and peak are taken by `account`, which stands between the tool's command
and the program, so that what a launcher uses is not in them; it is reported apart.
"""

import json
import os
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LIMIT_SECONDS = 600


class Failure(Exception):
    """A run that cannot be counted: it failed, or what it printed is not what it must be."""


@dataclass
class Usage:
    """Seconds of CPU time (user + system) and of wall time, KiB, and what was printed."""
    cpu: float
    wall: float
    peak_kib: int
    launcher_cpu: float   # of the tool's processes beside the program
    launcher_wall: float  # from the command's start to its end, less the program's own
    output: bytes


def environment(extra):
    """The same for every run, whatever the caller's locale, profiler or allocator."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("LD_", "MALLOC_", "MEMPROF_", "PYTHON", "HEAP", "MAKE", "GLIBC_"))}
    kept.update(LC_ALL="C.UTF-8", PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", **extra)
    return kept


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def finished(process, limit):
    """The process when it has ended; after `limit` seconds it is ended, with all that it started."""
    try:
        output, said = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failure(f"{process.args[0]} was ended after {limit} s") from None
    return subprocess.CompletedProcess(process.args, process.returncode, output, said)


def run(argv, stdin=None, stdout=subprocess.PIPE, cwd=None, extra=None, limit=LIMIT_SECONDS):
    """(finished process, CPU seconds of it and its children, wall seconds)."""
    cpu, wall = children_cpu(), time.monotonic()
    with subprocess.Popen([str(word) for word in argv], stdin=stdin or subprocess.DEVNULL, stdout=stdout,
                          stderr=subprocess.PIPE, cwd=cwd, env=environment(extra or {}),
                          start_new_session=True) as process:
        try:
            done = finished(process, limit)
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return done, children_cpu() - cpu, time.monotonic() - wall


def ending(tool, argv, done):
    """How a command that failed ended, in one line."""
    said = done.stderr.decode(errors="replace").strip().splitlines()
    how = f"{tool.name}: {Path(argv[0]).name} ended with {done.returncode}"
    return f"{how}: {said[-1].strip()}" if said else how


def under(tool, build, helpers, argv, scratch, variables=None):
    """Runs argv under the tool in the directory `scratch`, which must be empty."""
    used = scratch / "account.json"
    settings = {**(variables or {}), **tool.variables(scratch)}
    words = [f"{name}={value}" for name, value in settings.items()]
    done, cpu, wall = run([*tool.launch(build, scratch), helpers / "account", used, *words, "--",
                         *tool.wrap(scratch), *argv],
                       cwd=scratch)
    if done.returncode != 0:
        raise Failure(ending(tool, argv, done))
    account = json.loads(used.read_text())
    own = account["user"] + account["system"]
    return Usage(own, account["wall"], account["peak_kib"], max(0.0, cpu - own),
                 wall - account["wall"], done.stdout)


def scratch_directory(root):
    """A directory for one run's traces, gone after it."""
    return tempfile.TemporaryDirectory(prefix="bench-", dir=root, ignore_cleanup_errors=True)

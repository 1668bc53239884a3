"""Our own reference simulation, started bare: under `memprof run` its marks of steps and phases count
all the same, as the client header finds the library in the process."""

import re

from harness import measure
from harness.program import Program

HASH = re.compile(rb"[0-9a-f]{16}")


def prepare(context, _room, size):
    return [context.build / "sim_bench", "--no-profile", "--steps", "200" if size == 1 else "20",
            "--agents", "150", "--out", "run"]


def result(output, _scratch):
    """The hash of the final state, the one figure in the summary that is no time."""
    for line in output.splitlines():
        if b"hash" in line and HASH.search(line):
            return HASH.search(line)[0].decode()
    raise measure.Failure("sim_bench printed no hash of its state")


PROGRAM = Program("sim_bench", "150 agents, every step logged to SQLite", prepare, result=result)

"""memprof, every mode a row. It leaves a trace a process image: `account`, its child until that becomes
the program, and the program, whose trace is by far the largest of them."""

import sys
from pathlib import Path

from harness.tool import Tool

sys.path.append(str(Path(__file__).resolve().parents[2] / "integration"))


PROFILER_FACTS = ("captures", "frames_walked", "audits", "audit_mismatches", "truncated",
                  "shared_bytes", "private_bytes", "launcher_bytes")


def trace(scratch):
    return [max((scratch / "memprof").glob("trace*.msgpack"), key=lambda path: path.stat().st_size)]


def facts(scratch):
    """By the independent reader of the integration tests, not by the analyzer."""
    import trace_reader
    read = trace_reader.read(trace(scratch)[0])
    totals, profiler = read.totals(), read.last("profiler")
    stacks = {read.cells[cell][0] for cell, sums in read.cell_sums.items()
              if sums.get("allocations") or sums.get("moved_in")}
    return {"calls": totals["allocations"] + totals["moved_in"], "stacks": len(stacks),
            **{key: profiler.get(key, 0) for key in PROFILER_FACTS}}


def report(build, scratch):
    return [([build / "analyzer", "report", *trace(scratch)], None, None)]


def mode(name, about, pair_ns):
    return Tool(
        name=f"memprof {name}", about=about, allocator="jemalloc", pair_ns=pair_ns,
        launch=lambda build, scratch: [build / "memprof", "run", "-q", f"--mode={name}",
                                       "-d", scratch / "memprof", "--"],
        traces=trace, facts=facts, report=report, own_cpu=True)


TOOLS = [mode("exact", "every allocation, exact stacks", 40),
         mode("sampled", "one block in about 512 KiB, the rest estimated", 8)]

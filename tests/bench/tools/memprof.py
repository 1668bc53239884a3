"""memprof, every mode a row. The program's process leaves trace.PID.msgpack; trace.msgpack is that of
`account`, which started it."""

import sys
from pathlib import Path

from harness.tool import Tool

sys.path.append(str(Path(__file__).resolve().parents[2] / "integration"))


def trace(scratch):
    return [path for path in (scratch / "memprof").glob("trace.*.msgpack")]


def stacks(scratch):
    """Distinct stacks that allocated, by an independent reader; None without python3-msgpack."""
    try:
        import trace_reader
    except ImportError:
        return None
    read = trace_reader.read(trace(scratch)[0])
    return len({stack for number, (stack, _phase) in enumerate(read.cells)
                if read.cell_sums.get(number, {}).get("allocations")})


def report(build, scratch):
    return [([build / "analyzer", "report", trace(scratch)[0]], None, None)]


def mode(name, about, pair_ns):
    return Tool(
        name=f"memprof {name}", about=about, allocator="jemalloc", pair_ns=pair_ns,
        launch=lambda build, scratch: [build / "memprof", "run", "-q", f"--mode={name}",
                                       "-d", scratch / "memprof", "--"],
        traces=trace, stacks=stacks, report=report, own_cpu=True)


TOOLS = [mode("exact", "every allocation, exact stacks", 40)]

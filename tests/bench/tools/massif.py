"""valgrind's massif: the whole program is emulated, on one core, whatever its allocations."""

from harness.tool import Tool

VALGRIND = "/usr/bin/valgrind"


def wrap(scratch):
    return [VALGRIND, "-q", "--tool=massif", f"--massif-out-file={scratch}/massif.%p"]


TOOLS = [Tool(name="massif", about="every allocation, emulated", allocator="glibc", pair_ns=1500,
              wrap=wrap, traces=lambda scratch: list(scratch.glob("massif.*")),
              slow=True, needs=(VALGRIND,))]

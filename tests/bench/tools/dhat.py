"""valgrind's DHAT: the whole program is emulated, on one core, whatever its allocations."""

from harness.tool import Tool

VALGRIND = "/usr/bin/valgrind"


def wrap(scratch):
    return [VALGRIND, "-q", "--tool=dhat", f"--dhat-out-file={scratch}/dhat.%p"]


TOOLS = [Tool(name="DHAT", about="every allocation and access, emulated", allocator="glibc", pair_ns=3000,
              wrap=wrap, traces=lambda scratch: list(scratch.glob("dhat.*")),
              slow=True, needs=(VALGRIND,))]

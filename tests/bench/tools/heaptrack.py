"""heaptrack, writing its raw trace itself (as `heaptrack --raw` does): neither its interpreter nor its
compression takes part in the run. It does not cut off an older trace: the directory must be new."""

from harness.tool import Tool

ROOM = "/usr/lib/heaptrack"
LIBRARY = f"{ROOM}/libheaptrack_preload.so"
INTERPRET = f"{ROOM}/libexec/heaptrack_interpret"


def raw(scratch):
    return scratch / "heaptrack.raw"


def facts(scratch):
    """From the lines `+ size trace pointer`, one an allocation or reallocation."""
    calls, seen = 0, set()
    with open(raw(scratch), "rb") as lines:
        for line in lines:
            if line.startswith(b"+ "):
                calls += 1
                seen.add(line.split(b" ", 3)[2])
    return {"calls": calls, "stacks": len(seen)}


def report(_build, scratch):
    interpreted = scratch / "heaptrack.interpreted"
    return [([INTERPRET], raw(scratch), interpreted), (["heaptrack_print", interpreted], None, None)]


TOOLS = [Tool(name="heaptrack", about="every allocation, stacks by libunwind", allocator="glibc", pair_ns=400,
              variables=lambda scratch: {"LD_PRELOAD": LIBRARY, "DUMP_HEAPTRACK_OUTPUT": raw(scratch)},
              traces=lambda scratch: [raw(scratch)], facts=facts, report=report,
              needs=(LIBRARY, INTERPRET))]

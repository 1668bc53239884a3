"""gperftools' heap profiler: every allocation, on tcmalloc. The dumps in between (each GiB allocated)
are part of what it does by default."""

from harness.tool import Tool

LIBRARY = "/usr/lib/x86_64-linux-gnu/libtcmalloc.so.4"

TOOLS = [Tool(name="gperftools", about="every allocation, HEAPPROFILE on tcmalloc", allocator="tcmalloc",
              pair_ns=8000,
              variables=lambda scratch: {"LD_PRELOAD": LIBRARY, "HEAPPROFILE": f"{scratch}/gperftools"},
              traces=lambda scratch: list(scratch.glob("gperftools.*.heap")),
              slow=True, needs=(LIBRARY,))]

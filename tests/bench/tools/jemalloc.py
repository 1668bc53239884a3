"""No profiler: Debian's jemalloc in place of the program's allocator."""

from harness.tool import Tool

LIBRARY = "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"

TOOLS = [Tool(name="jemalloc", about="no profiler, jemalloc preloaded", allocator="jemalloc", pair_ns=5,
              variables=lambda _scratch: {"LD_PRELOAD": LIBRARY}, needs=(LIBRARY,))]

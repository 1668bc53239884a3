"""No profiler: the program as it is."""

from harness.tool import Tool

TOOLS = [Tool(name="glibc", about="no profiler, nothing preloaded", allocator="glibc", pair_ns=8)]

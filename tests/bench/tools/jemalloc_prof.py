"""jemalloc's own heap profiler: every allocation (lg_prof_sample:0), and as it comes (one a 512 KiB)."""

from harness.tool import Tool
from tools.jemalloc import LIBRARY


def dumps(scratch):
    return list(scratch.glob("jeprof.*.heap"))


def sampling(name, about, pair_ns, options, slow):
    def variables(scratch):
        return {"LD_PRELOAD": LIBRARY,
                "MALLOC_CONF": f"prof:true,prof_final:true,prof_prefix:{scratch}/jeprof{options}"}
    return Tool(name=name, about=about, allocator="jemalloc", pair_ns=pair_ns, variables=variables,
                traces=dumps, slow=slow, needs=(LIBRARY,))


TOOLS = [sampling("jemalloc prof", "one allocation a 512 KiB", 6, "", False),
         sampling("jemalloc prof, all", "every allocation (lg_prof_sample:0)", 4000,
                  ",lg_prof_sample:0", True)]

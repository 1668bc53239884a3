"""What a row of the tables is: a way to run a program under some profiler, or under none.

A tool is a command line around the program's own, variables in its environment, and where it leaves
its trace. All that is particular to a tool stands in its file in tools/.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional


def no_traces(_scratch):
    return []


@dataclass(frozen=True)
class Tool:
    name: str
    about: str                  # what it does, in one line
    allocator: str              # whose malloc the program gets: "jemalloc", "glibc", "tcmalloc"
    pair_ns: float              # about what a pair costs under it: how many are made in a run
    # (build, scratch) → words before the program's own command
    launch: Callable[[Path, Path], list] = lambda _build, _scratch: []
    # scratch → words between `account` and the program: for what becomes the program's own process
    wrap: Callable[[Path], list] = lambda _scratch: []
    # scratch → variables for the program
    variables: Callable[[Path], dict] = lambda _scratch: {}
    # scratch → the files that are its trace
    traces: Callable[[Path], list] = no_traces
    # scratch → what its trace says of the run, as far as it does: "calls" (allocations and
    # reallocations), "stacks" (distinct ones that allocated), and whatever else is of interest
    facts: Callable[[Path], dict] = lambda _scratch: {}
    # (build, scratch) → commands from trace to report, each (argv, stdin path, stdout path)
    report: Optional[Callable[[Path, Path], list]] = None
    slow: bool = False          # a tenth of the work and few runs are enough to see what it costs
    own_cpu: bool = False       # has a process of its own beside the program's
    needs: tuple = field(default_factory=tuple)  # files that must exist for it to run

    def missing(self):
        """The first of its needs that is not there, or None."""
        return next((need for need in self.needs if not Path(need).exists()), None)

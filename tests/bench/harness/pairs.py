"""What a pair of malloc and free costs under each tool, by depth of the stack, threads and paths.

Every figure is nanoseconds of CPU time a pair, measured inside the program around its loop (pairs.c),
and what a tool adds is its figure less that of plain jemalloc, and of glibc, in the same round.
"""

import json
from dataclasses import dataclass

from . import limits, measure, rounds

DEPTHS = (4, 12, 24, 48)
THREADS = (1, 2, 4, 8)
RUN_NS = 120e6          # of CPU time in a run, about
PAIRS_MIN, PAIRS_MAX = 20_000, 20_000_000
PATH_PAIRS, SLOW_PATH_PAIRS = 400_000, 20_000
SLOW_RUNS = 3
NEW_PAIRS = 200_000


@dataclass(frozen=True)
class Case:
    """order and number as pairs.c takes them."""
    name: str
    order: str
    number: int
    threads: int = 1

    def pairs(self, tool):
        """How many each thread makes. Along paths all tools make the same, as what was met before
        costs less."""
        if self.order == "depth":
            wanted = int(RUN_NS / tool.pair_ns)
            return min(PAIRS_MAX, max(PAIRS_MIN, wanted)) // self.threads
        if tool.slow:
            return SLOW_PATH_PAIRS
        return NEW_PAIRS if self.order == "new" else PATH_PAIRS

    def argv(self, helpers, tool):
        return [helpers / "pairs", self.order, self.number, self.threads, self.pairs(tool)]


CASES = [*(Case(f"depth {depth}, {threads} thread{'s' * (threads > 1)}", "depth", depth, threads)
           for threads in THREADS for depth in DEPTHS),
         Case("256 paths", "paths", 256), Case("4,096 paths", "paths", 4096),
         Case("each on a new path", "new", 0), Case("100,000 cold stacks", "cold", 100_000)]


class Truth:
    """What pairs.c prints when nobody watches: a run that prints anything else does not count."""

    def __init__(self, helpers):
        self.helpers = helpers
        self.known = {}

    def check(self, argv, printed, tool):
        key = tuple(str(word) for word in argv)
        if key not in self.known:
            done, _, _ = measure.run(argv)
            self.known[key] = json.loads(done.stdout)
        for what in ("checksum", "stacks"):
            if printed[what] != self.known[key][what]:
                raise measure.Failure(f"{tool.name}: {' '.join(key[1:])}: {what} is {printed[what]}, "
                                      f"not {self.known[key][what]}")


def one_run(context, truth, case, tool, with_facts):
    """The program's line; with the facts of the tool's trace where asked."""
    argv = case.argv(context.helpers, tool)
    with measure.scratch_directory(context.scratch) as name:
        scratch = context.path(name)
        usage = measure.under(tool, context.build, context.helpers, argv, scratch)
        printed = json.loads(usage.output)
        truth.check(argv, printed, tool)
        if with_facts:
            printed["facts"] = tool.facts(scratch)
    return printed


def row(case, tool, context, runs):
    """A tool's figures in a case. runs: {tool: {round: printed}}."""
    mine = {key: {name: {number: printed[key] for number, printed in of.items()}
                  for name, of in runs.items()} for key in ("cpu_ns", "wall_ns")}
    first = next(iter(runs[tool.name].values()))

    def over(base, clock):
        return limits.summary(rounds.paired(mine[clock], tool.name, base.name, lambda a, b: a - b))

    return {"case": case.name, "order": case.order, "number": case.number, "threads": case.threads,
            "tool": tool.name, "pairs": case.pairs(tool), "stacks": first["stacks"],
            "facts": first.get("facts", {}),
            "cpu_ns": limits.summary(list(mine["cpu_ns"][tool.name].values())),
            "added_to_jemalloc_ns": over(context.jemalloc, "cpu_ns"),
            "added_to_glibc_ns": over(context.glibc, "cpu_ns"),
            "wall_ns": limits.summary(list(mine["wall_ns"][tool.name].values()))}


def measure_case(context, truth, case):
    runs = {tool.name: {} for tool in context.tools}
    for number in range(context.runs):
        for tool in rounds.order(context.tools, number, context.runs, SLOW_RUNS):
            context.progress.doing(f"pairs: {case.name}: round {number + 1}/{context.runs}: {tool.name}")
            try:
                runs[tool.name][number] = one_run(context, truth, case, tool,
                                                  number == 0 and case.order != "depth")
            except measure.Failure as failure:
                context.fail(f"pairs: {case.name}: {failure}")
    return [row(case, tool, context, runs) for tool in context.tools if runs[tool.name]]


def measure_all(context):
    """Rows, a case at a time."""
    truth = Truth(context.helpers)
    for case in CASES:
        if context.wanted(case.name):
            yield measure_case(context, truth, case)
            context.progress.done(f"pairs: {case.name}")

"""What tools cost real programs: CPU time, peak memory, size of the trace; and from trace to report.

Ratios are of CPU time of the program's own process, to plain jemalloc and to glibc in the same round.
A run whose result is not that of the program by itself does not count.
"""

from . import limits, measure, rounds
from .program import FULL, TENTH



def size_of(paths):
    return sum(path.stat().st_size for path in paths)


# A tool that needs a minute for what takes a second is not hidden by noise.
SLOW_RUNS = 1
REPORT_RUNS = 3


class Prepared:
    """A program at a size: its command, and the result that it has when nobody watches."""

    def __init__(self, context, program, size):
        self.program = program
        room = context.path(context.scratch) / "programs" / f"{program.name}-{size}".replace(" ", "-")
        room.mkdir(parents=True)
        self.argv = program.prepare(context, room, size)
        with measure.scratch_directory(context.scratch) as name:
            usage = measure.under(context.glibc, context.build, context.helpers, self.argv,
                                  context.path(name), program.variables)
            self.expected = program.result(usage.output, context.path(name))

    def run(self, context, tool, with_report, with_facts):
        """One run's figures."""
        with measure.scratch_directory(context.scratch) as name:
            scratch = context.path(name)
            usage = measure.under(tool, context.build, context.helpers, self.argv, scratch,
                                  self.program.variables)
            result = self.program.result(usage.output, scratch)
            if result != self.expected:
                raise measure.Failure(f"{tool.name}: the result differs")
            figures = {"cpu": usage.cpu, "wall": usage.wall, "peak": usage.peak_kib * 1024,
                       "launcher_cpu": usage.launcher_cpu, "launcher_wall": usage.launcher_wall,
                       "trace": size_of(tool.traces(scratch))}
            if with_report and tool.report:
                try:
                    figures.update(report_time(tool, context.build, scratch))
                except measure.Failure as failure:  # the run itself counts
                    context.fail(f"report: {self.program.name}: {failure}")
            if with_facts:
                figures["facts"] = tool.facts(scratch)
        return figures


def report_time(tool, build, scratch):
    """CPU and wall seconds from the trace to the printed report."""
    cpu = wall = 0.0
    for argv, stdin, stdout in tool.report(build, scratch):
        source = open(stdin, "rb") if stdin else None
        target = open(stdout, "wb") if stdout else open("/dev/null", "wb")
        try:
            done, used, took = measure.run(argv, stdin=source, stdout=target, cwd=scratch)
        finally:
            target.close()
            if source:
                source.close()
        if done.returncode != 0:
            raise measure.Failure(measure.ending(tool, argv, done))
        cpu, wall = cpu + used, wall + took
    return {"report_cpu": cpu, "report_wall": wall}


def row(program, size, tool, context, runs):
    def of(key):
        return {name: {number: figures[key] for number, figures in rounds_.items() if key in figures}
                for name, rounds_ in runs.items()}

    def plain(key):
        return limits.summary(list(of(key)[tool.name].values()))

    def against(key, base, combine):
        return limits.summary(rounds.paired(of(key), tool.name, base.name, combine))

    ratio, difference = (lambda a, b: a / b), (lambda a, b: a - b)
    return {"program": program.name, "about": program.about, "size": size, "tool": tool.name,
            "cpu_seconds": plain("cpu"), "wall_seconds": plain("wall"),
            "ratio_to_jemalloc": against("cpu", context.jemalloc, ratio),
            "ratio_to_glibc": against("cpu", context.glibc, ratio),
            "added_to_jemalloc_seconds": against("cpu", context.jemalloc, difference),
            "peak_bytes": plain("peak"),
            "peak_added_to_jemalloc_bytes": against("peak", context.jemalloc, difference),
            "launcher_cpu_seconds": plain("launcher_cpu") if tool.own_cpu else None,
            "launcher_wall_seconds": plain("launcher_wall") if tool.own_cpu else None,
            "trace_bytes": plain("trace") if runs[tool.name] else None,
            "facts": next((one["facts"] for one in runs[tool.name].values() if "facts" in one), {}),
            "report_cpu_seconds": plain("report_cpu"), "report_wall_seconds": plain("report_wall")}


def measure_program(context, program, size, tools):
    prepared = Prepared(context, program, size)
    runs = {tool.name: {} for tool in tools}
    count = context.runs if size == FULL else SLOW_RUNS
    for number in range(count):
        for tool in tools if number % 2 == 0 else tools[::-1]:
            context.progress.doing(f"programs: {program.name}: round {number + 1}/{count}: {tool.name}")
            with_report = context.reports and number < REPORT_RUNS
            try:
                runs[tool.name][number] = prepared.run(context, tool, with_report, number == 0)
            except measure.Failure as failure:
                context.fail(f"programs: {program.name}: {failure}")
    context.progress.done(f"programs: {program.name}{'' if size == FULL else ', a tenth of the work'}")
    return [row(program, size, tool, context, runs) for tool in tools if runs[tool.name]]


def measure_all(context, programs):
    """Rows, a program at a time. Fast tools on the whole work; slow ones on a tenth, beside their own
    runs of the bases."""
    fast = [tool for tool in context.tools if not tool.slow]
    slow = [tool for tool in context.tools if tool.slow]
    for program in programs:
        if not context.wanted(program.name):
            continue
        yield measure_program(context, program, FULL, fast)
        if slow:
            bases = [context.jemalloc, context.glibc]
            found = measure_program(context, program, TENTH, bases + slow)
            yield [row for row in found if row["tool"] not in [base.name for base in bases]]

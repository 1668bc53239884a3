"""The results as text: one table a section, a row a tool, a median and its limits in each figure."""

MIB = 1 << 20


def number(value, digits=None):
    if digits is None:
        digits = 0 if abs(value) >= 100 else 1
    return f"{value:,.{digits}f}"


def limits_of(found, scale=1.0, digits=None):
    """`median [low, high]`, or a dash where there is nothing."""
    if found is None:
        return "-"
    shown = [number(found[key] * scale, digits) for key in ("median", "low", "high")]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def count(value):
    return "-" if value is None else f"{value:,}"


def over(row, key, base, **how):
    """limits_of, with a dash where the base would be held against itself."""
    return "-" if row["tool"] == base else limits_of(row[key], **how)


def median_of(found, scale=1.0, digits=None):
    return "-" if found is None else number(found["median"] * scale, digits)


def spread_of(found, digits=None):
    return number(found["spread"], digits)


def render(heads, rows):
    """Columns as wide as needed, the first flush left, others right; None is a rule."""
    widths = [max(len(row[i]) for row in [heads, *filter(None, rows)]) for i in range(len(heads))]

    def line(cells):
        return "  ".join([cells[0].ljust(widths[0])] +
                         [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([line(heads), rule, *(rule if row is None else line(row) for row in rows)]) + "\n"


def grouped(rows, key):
    """Rows with the group's name as a row of its own before each group."""
    last = object()
    for row in rows:
        if row[key] != last:
            last = row[key]
            yield last, None
        yield None, row


PAIR_HEADS = ["", "ns a pair", "spread", "over jemalloc", "over glibc", "wall", "stacks", "in trace", "n"]


def pair_rows(rows):
    for title, row in grouped(rows, "case"):
        if title:
            yield [title] + [""] * (len(PAIR_HEADS) - 1)
            continue
        seen = row["facts"].get("stacks")
        yield ["  " + row["tool"], median_of(row["cpu_ns"]), spread_of(row["cpu_ns"]),
               over(row, "added_to_jemalloc_ns", "jemalloc"),
               over(row, "added_to_glibc_ns", "glibc"), median_of(row["wall_ns"]), f"{row['stacks']:,}",
               count(seen), str(row["cpu_ns"]["n"])]


PROGRAM_HEADS = ["", "CPU s", "spread", "over jemalloc", "over glibc", "peak MiB", "over jemalloc",
                 "trace MiB", "launcher s", "calls", "stacks", "n"]


def program_rows(rows):
    for title, row in grouped(rows, "program"):
        if title:
            yield [title] + [""] * (len(PROGRAM_HEADS) - 1)
            continue
        tenth = "" if row["size"] == 1 else " *"
        trace = row["trace_bytes"]
        yield ["  " + row["tool"] + tenth, median_of(row["cpu_seconds"], digits=2),
               spread_of(row["cpu_seconds"], 2), over(row, "ratio_to_jemalloc", "jemalloc", digits=3),
               over(row, "ratio_to_glibc", "glibc", digits=3),
               median_of(row["peak_bytes"], 1 / MIB, 1),
               median_of(row["peak_added_to_jemalloc_bytes"], 1 / MIB, 1),
               median_of(trace, 1 / MIB, 3) if trace and trace["median"] else "-",
               median_of(row["launcher_cpu_seconds"], digits=2),
               *(count(row["facts"].get(key)) for key in ("calls", "stacks")),
               str(row["cpu_seconds"]["n"])]


REPORT_HEADS = ["", "CPU s", "wall s", "with launcher: CPU s", "wall s", "n"]


def with_launcher(row, clock):
    launcher = row.get(f"launcher_{clock}_seconds")
    beside = launcher["median"] if launcher else 0.0
    return number(row[f"report_{clock}_seconds"]["median"] + beside, 3)


def report_rows(rows):
    for title, row in grouped([row for row in rows if row["report_cpu_seconds"]], "program"):
        if title:
            yield [title] + [""] * (len(REPORT_HEADS) - 1)
            continue
        yield ["  " + row["tool"], limits_of(row["report_cpu_seconds"], digits=3),
               limits_of(row["report_wall_seconds"], digits=3),
               *(with_launcher(row, clock) for clock in ("cpu", "wall")),
               str(row["report_cpu_seconds"]["n"])]


def machine_lines(results):
    machine = results["machine"]
    yield f"command   {results['command']}"
    ended = "" if results["complete"] else ", not complete"
    yield (f"date      {results['date']}, {results['minutes']} minutes{ended}, "
           f"memprof {results['revision'] or 'unknown'}")
    yield (f"machine   {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
           f"Linux {machine['kernel']}, {machine['libc']}")
    yield f"compiler  {machine['compiler']}"
    peers = [f"{name} {version}" for name, version in machine["packages"].items() if version]
    yield "peers     " + ", ".join(peers)


PAIRS_NOTE = """\
A pair of malloc and free: nanoseconds of CPU time, measured around the loop, the start left out; with
several threads the sum of their CPU times over all pairs, and wall time over all pairs. spread: how
far the middle half of the runs lies apart. `over` is the tool less plain jemalloc, or glibc, in the
same round: median [95 % limits of the median].
Stacks: distinct ones that pairs were made from; in trace: distinct ones that the tool recorded (its
start-up's, and some of the warm-up's, are among them)."""

PROGRAMS_NOTE = """\
CPU time (user + system) of the program's own process, and its spread; its peak resident size, and the
size of the trace. `over` is the ratio to plain jemalloc, or glibc, in the same round: median [95 %
limits]; of peaks the difference. launcher: CPU time of the tool's processes beside the program.
calls: allocations and reallocations, and stacks: distinct ones that made them, as the tool's trace
has them. * on a tenth of the work, against runs of jemalloc and glibc on that. Every run's result
was that of the program by itself."""

REPORT_NOTE = """\
From the trace to the printed report: heaptrack_interpret and heaptrack_print; analyzer report. Symbols
are found by heaptrack_interpret, and by memprof's launcher when the program has ended. So the last
columns add all CPU time that the launcher used, the recording's included, and the wall time for which
the command took longer than the program."""


def text(results):
    parts = ["What profilers cost, side by side", "\n".join(machine_lines(results))]
    if results["pairs"]:
        parts += [PAIRS_NOTE, render(PAIR_HEADS, list(pair_rows(results["pairs"])))]
    if results["programs"]:
        parts += [PROGRAMS_NOTE, render(PROGRAM_HEADS, list(program_rows(results["programs"])))]
        if any(row["report_cpu_seconds"] for row in results["programs"]):
            parts += [REPORT_NOTE, render(REPORT_HEADS, list(report_rows(results["programs"])))]
    if results["failures"]:
        parts.append("Not counted:\n" + "\n".join("  " + line for line in results["failures"]))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"

#!/usr/bin/python3
"""How often the 95 % interval of an estimate in sampled mode holds the truth, and how far the mean of
estimates is from it: the victim `sampled`, run with one seed after the other.

    tests/integration/sampled_coverage.py --build DIR [--seeds 2000]

The integration tests do the same with fewer seeds. A figure counts only where at least 30 samples make
it up: so many equal ones as would be as sure, which is truth² ÷ variance.
"""

import argparse
import math
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

SAMPLE_BYTES = 4096
SAMPLES_MIN = 30

# Figures by phase: which of the victim's, and which fields of cells are added and taken off.
FIGURES = {
    "allocations": (["allocations"], []),
    "allocated_bytes": (["allocated_bytes"], []),
    "frees": (["frees"], []),
    "temporaries": (["temporaries"], []),
    "reallocations": (["moved_in"], []),
    "live_bytes": (["allocated_bytes", "moved_in_bytes"], ["freed_bytes", "moved_out_bytes"]),
    "live_blocks": (["allocations", "moved_in"], ["frees", "moved_out"]),
}


def weights(sums, variances, mean):
    """What a sample counts for, among those that make up the variances of a cell: in blocks and in bytes."""
    odds = [(variance, variance / sums[name]) for name, variance in variances.items()
            if name.startswith("size_") and variance > 0 and sums[name] > 0]
    sized = [(variance * size ** 2, odd * size) for variance, odd in odds
             for size in [mean * math.log1p(1 / odd)]]
    return tuple(sum(share * weight for share, weight in of) / sum(share for share, _ in of) if of else None
                 for of in (odds, sized))


def pull(name, sums, variances, mean):
    """How much a field and its variance have in common."""
    variance = variances.get(name, 0)
    blocks, size = weights(sums, variances, mean)
    equal = variance / sums[name] if sums[name] > 0 else 0
    if name in ("allocated_bytes", "freed_bytes"):
        return variance * (size or mean)
    if name in ("moved_in_bytes", "moved_out_bytes"):
        return variance * min(mean, equal)
    return variance * (equal if name.startswith("moved") else blocks or equal)


def sums_by_phase(trace):
    """Per phase and figure: the estimate, its variance, and its pull (TRACE_FORMAT.md, "Sampled mode")."""
    found = {}
    mean = trace.header["sample_bytes"]
    for cell, sums in trace.cell_sums.items():
        variances = trace.cell_variances.get(cell, {})
        phase = found.setdefault(trace.phase_path(trace.cells[cell][1]), {})
        for figure, (plus, minus) in FIGURES.items():
            so_far = phase.get(figure, (0, 0.0, 0.0))
            for sign, names in ((1, plus), (-1, minus)):
                for name in names:
                    of = (sums[name], variances.get(name, 0), pull(name, sums, variances, mean))
                    so_far = tuple(was + sign * now for was, now in zip(so_far, of))
            phase[figure] = so_far
    return found


def half_interval(variance, pulled):
    weight = max(pulled, 0) / variance if variance > 0 else 0
    return 1.96 * math.sqrt(max(variance, 0) + 3 * weight ** 2)


class Record:
    """What one figure of one phase came to, run after run."""

    def __init__(self, truth):
        self.truth = truth
        self.values, self.covered, self.variance = [], 0, 0.0

    def note(self, value, variance, pulled):
        self.values.append(value)
        self.covered += abs(value - self.truth) <= half_interval(variance, pulled)
        self.variance += max(variance, 0)

    @property
    def coverage(self):
        return self.covered / len(self.values)

    @property
    def mean_error(self):
        return statistics.fmean(self.values) / self.truth - 1

    @property
    def standard_error(self):
        """Of the mean, relative to the truth."""
        return statistics.stdev(self.values) / math.sqrt(len(self.values)) / self.truth

    @property
    def samples(self):
        """So many equal ones would be as sure."""
        return self.truth ** 2 * len(self.values) / self.variance if self.variance else math.inf


def measure(seeds, progress=lambda seed: None):
    """Records by (phase, figure), of the seeds from 1 on."""
    from harness import profile, victim
    records = {}
    for seed in range(1, seeds + 1):
        place = tempfile.mkdtemp(prefix="coverage-")
        done = profile([victim("sampled")], place, ["-q", "-F", "off", "--mode", f"sampled={SAMPLE_BYTES}"],
                       env=os.environ | {"MEMPROF_SEED": str(seed)})
        if done.status != 0:
            raise AssertionError(done.stderr.decode(errors="replace"))
        found = sums_by_phase(done.trace())
        for phase, truth in done.truth["phases"].items():
            for figure in FIGURES:
                if truth[figure]:
                    record = records.setdefault((phase, figure), Record(truth[figure]))
                    record.note(*found.get(phase, {}).get(figure, (0, 0.0, 0.0)))
        shutil.rmtree(place)
        progress(seed)
    return {key: record for key, record in records.items() if record.samples >= SAMPLES_MIN}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--build", type=lambda text: Path(text).resolve(), default=Path("build").resolve())
    parser.add_argument("--seeds", type=int, default=2000)
    options = parser.parse_args()
    os.environ["MEMPROF_BUILD"] = str(options.build)
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    records = measure(options.seeds)
    print(f"{options.seeds} seeds, a sample every {SAMPLE_BYTES} bytes; ± is the standard error of the mean\n")
    print(f"{'phase':10}{'figure':17}{'truth':>10}{'samples':>9}{'mean off by':>13}{'±':>8}{'covered':>10}")
    for (phase, figure), record in records.items():
        print(f"{phase:10}{figure:17}{record.truth:>10}{record.samples:>9.1f}"
              f"{100 * record.mean_error:>12.3f}%{100 * record.standard_error:>7.3f}%"
              f"{100 * record.coverage:>9.2f}%")


if __name__ == "__main__":
    main()

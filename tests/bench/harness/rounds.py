"""Interleaved runs: A B C, C B A, A B C …

A noisy machine drifts: what is compared must run side by side. Every round runs each tool once, in
an order that turns about from round to round, and what is compared is compared within a round.
"""


def order(tools, number, runs, slow_runs):
    """The tools that run in a round: slow ones only in the first few."""
    taking = [tool for tool in tools if number < (slow_runs if tool.slow else runs)]
    return taking if number % 2 == 0 else taking[::-1]


def paired(figures, tool, base, combine):
    """combine(tool's figure, base's figure) of each round in which both ran.

    `figures` maps a tool's name to {round: figure}."""
    ours, theirs = figures.get(tool, {}), figures.get(base, {})
    return [combine(ours[number], theirs[number]) for number in sorted(ours) if number in theirs]

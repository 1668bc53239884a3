"""Medians and their limits, free of assumptions about how the times are spread.

The median of n values lies between the k-th smallest and the k-th largest with a probability of
1 - 2 P(X < k), X binomial (n, 1/2): order statistics, no normal distribution (David and Nagaraja,
Order Statistics, section 7.1). The largest k that reaches 95 % is taken. Below 6 values even the
extremes do not reach it: they are given, with the probability that they do reach.
"""

import math
import statistics

CONFIDENCE = 0.95


def coverage(n, k):
    """The probability that the k-th smallest and k-th largest of n enclose the median."""
    return 1 - 2 * sum(math.comb(n, i) for i in range(k)) / 2 ** n


def summary(values):
    """{n, median, low, high, confidence, spread} of some values; None of none.

    spread is the interquartile range: how much single runs differ, not how sure the median is."""
    if not values:
        return None
    ordered = sorted(values)
    n = len(ordered)
    k = 1
    while k + 1 <= (n + 1) // 2 and coverage(n, k + 1) >= CONFIDENCE:
        k += 1
    quartiles = statistics.quantiles(ordered, n=4) if n > 1 else [ordered[0]] * 3
    return {"n": n, "median": statistics.median(ordered), "low": ordered[k - 1],
            "high": ordered[n - k], "confidence": round(max(0.0, coverage(n, k)), 4),
            "spread": quartiles[2] - quartiles[0]}

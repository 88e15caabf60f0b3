"""Interleaved runs of several contestants, and what is said of them: minima, medians, the ratio of the minima."""

import statistics
import sys


def order(names, runs):
    """A B C A B C …: each round meets the same weather of the machine."""
    return [(turn, name) for turn in range(runs) for name in names]


def interleave(contestants, runs, say=lambda line: print(line, file=sys.stderr, flush=True)):
    """`contestants`: name → function of the turn that gives {"seconds": …, "peak_rss_bytes": …, …}. Name → its runs."""
    results = {name: [] for name in contestants}
    for turn, name in order(list(contestants), runs):
        result = contestants[name](turn)
        results[name].append(result)
        say(f"  {turn + 1}/{runs} {name}: {result['seconds']:.3f} s, {result['peak_rss_bytes'] / 2**20:.0f} MiB")
    return results


def summary(runs):
    """Of one contestant's runs. Memory is the highest of any run: what one has to have."""
    seconds = [run["seconds"] for run in runs]
    best = min(runs, key=lambda run: run["seconds"])
    return {"runs": len(runs), "seconds_min": min(seconds), "seconds_median": statistics.median(seconds),
            "seconds_max": max(seconds), "peak_rss_bytes": max(run["peak_rss_bytes"] for run in runs),
            "phases": best.get("phases", {})}


def ratio_of_minima(results, name, others):
    """The best time of `name` over the best of the best of `others`, and which of them that is."""
    best = min(others, key=lambda other: min(run["seconds"] for run in results[other]))
    return min(run["seconds"] for run in results[name]) / min(run["seconds"] for run in results[best]), best


def check(name, found, limit):
    """A threshold: what was found, what is allowed, whether it was met. Without a limit it is always met."""
    return {"name": name, "found": found, "limit": limit, "met": limit is None or found <= limit}

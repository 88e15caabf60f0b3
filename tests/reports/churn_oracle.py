"""The reports of churn worked out once more, in plain Python: from the CSV file that the job read and the columns that the snapshot
publishes, customer by customer."""

import bisect
import collections
import csv
import datetime
import math

Z = 1.959963984540054
MICROS = 1_000_000


def customers_of(path):
    """Customer → {day: cents}; every row of the file is a purchase."""
    days = collections.defaultdict(lambda: collections.defaultdict(int))
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = datetime.date.fromisoformat(row["date"]).toordinal()
            days[row["customer_id"]][day] += round(float(row["amount"]) * 100)
    return {name: dict(sorted(of.items())) for name, of in sorted(days.items())}


def tenure_span(days, as_of, horizon):
    """(tenure, lost): the purchase that opens the first gap longer than the horizon; None: it began too late."""
    known = as_of - horizon
    dates = [day for day in days if day <= as_of]
    if not dates or dates[0] > known:
        return None
    for day, later in zip(dates, dates[1:] + [math.inf]):
        if day <= known and later - day > horizon:
            return day - dates[0], True
    return known - dates[0], False


def curve(spans):
    """(day, at risk, lost, survival, low, high), looking at everybody for every day."""
    survival, variance, rows = 1.0, 0.0, []
    for day in sorted({tenure for tenure, lost in spans if lost}):
        at_risk = sum(tenure >= day for tenure, _ in spans)
        lost = sum(lost and tenure == day for tenure, lost in spans)
        survival *= 1 - lost / at_risk
        if lost == at_risk:
            rows.append((day, at_risk, lost, 0.0, None, None))
            break
        variance += lost / (at_risk * (at_risk - lost))
        reach = math.exp(Z * math.sqrt(variance) / -math.log(survival))
        rows.append((day, at_risk, lost, survival, survival ** reach, survival ** (1 / reach)))
    return rows


def wilson(hits, of):
    """The ends of the interval: where the score test just does not reject, by bisection."""
    share, ends = hits / of, []
    for inner, outer in ((share, 0.0), (share, 1.0)):
        if share == outer:
            ends.append(outer)
            continue
        for _ in range(200):
            middle = (inner + outer) / 2
            error = math.sqrt(middle * (1 - middle) / of)
            inner, outer = (middle, outer) if abs(share - middle) < Z * error else (inner, middle)
        ends.append(inner)
    return ends


class AtRisk:
    """A customer with a purchase in the eligible days, as of a cutoff, and what became of them."""

    def __init__(self, days, cutoff, horizon):
        before = [day for day in days if day <= cutoff]
        after = [day for day in days if cutoff < day <= cutoff + horizon]
        self.lost = not after
        self.tenure = cutoff - before[0]
        self.recency = cutoff - before[-1]
        self.purchases = len(before)
        self.recent = sum(day > cutoff - 90 for day in before)
        self.net = sum(days[day] for day in before) / 100
        self.net_365 = sum(days[day] for day in before if day > cutoff - 365)

    def band(self):
        return next(name for last, name in ((90, "0-90"), (365, "91-365"), (1095, "366-1095"), (math.inf, "1096+"))
                    if self.tenure <= last)


def at_risk(customers, cutoff, horizon, eligible):
    return [AtRisk(days, cutoff, horizon) for days in customers.values() if any(cutoff - eligible < day <= cutoff for day in days)]


def loss(customers, cutoff, horizon, eligible):
    """(dimension, value) → the row."""
    lines = collections.defaultdict(list)
    for one in at_risk(customers, cutoff, horizon, eligible):
        lines["all", "all"].append(one)
        lines["tenure", one.band()].append(one)
    rows = {}
    for key, ones in lines.items():
        lost = [one for one in ones if one.lost]
        net, lost_net = (sum(max(one.net_365, 0) for one in some) for some in (ones, lost))
        row = {"at_risk": len(ones), "churned": len(lost), "net_micros": net * 10_000, "lost_net_micros": lost_net * 10_000,
               "rate": None, "low": None, "high": None, "loss_rate": None}
        if len(ones) >= 20:
            low, high = wilson(len(lost), len(ones))
            row.update(rate=len(lost) / len(ones), low=low, high=high, loss_rate=lost_net / net if net else None)
        rows[key] = row
    return rows


def effect(lost, kept):
    """(mean of the lost, mean of the kept, Cohen's d, AUC by all pairs)."""
    means = [math.fsum(some) / len(some) for some in (lost, kept)]
    squares = sum(math.fsum((value - mean) ** 2 for value in some) for some, mean in zip((lost, kept), means))
    d = (means[0] - means[1]) / math.sqrt(squares / (len(lost) + len(kept) - 2))
    ordered, wins = sorted(kept), 0.0
    for value in lost:
        wins += (bisect.bisect_left(ordered, value) + bisect.bisect_right(ordered, value)) / 2
    return means[0], means[1], d, wins / len(lost) / len(kept)

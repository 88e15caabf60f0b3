"""The reports of lifetime values worked out once more, in plain Python: from the CSV file that the job read and the parameters
that the snapshot stores. Expectations are integrals over the probability to leave, where Strata sums series."""

import collections
import csv
import datetime
import functools
import json
import math

DAYS_PER_WEEK = 7
LEVEL = 0.9


class BgNbd:
    """BG/NBD (Fader, Hardie, Lee 2005); times in weeks."""

    STEP, REACH = 0.05, 60.0

    def __init__(self, r, alpha, a, b):
        self.r, self.alpha, self.a, self.b = r, alpha, a, b

    def alive(self, x, t_x, T):
        if x == 0:
            return 1.0
        odds = self.a / (self.b + x - 1) * ((self.alpha + T) / (self.alpha + t_x)) ** (self.r + x)
        return 1 / (1 + odds)

    @functools.lru_cache(maxsize=None)
    def coins(self, x):
        """(p, weight) over Beta(a, b + x), by the trapezoidal rule in the logit."""
        a, b = self.a, self.b + x
        constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        nodes = []
        for step in range(int(2 * self.REACH / self.STEP) + 1):
            logit = -self.REACH + self.STEP * step
            log_p, log_q = -math.log1p(math.exp(-logit)), -math.log1p(math.exp(logit))
            weight = self.STEP * math.exp(constant + a * log_p + b * log_q)
            if weight > 1e-22:
                nodes.append((math.exp(log_p), weight))
        return nodes

    @functools.lru_cache(maxsize=None)
    def while_alive(self, x, T, t):
        """E[purchases in (T, T + t]]: (1 - e^(-l p t)) / p, over rates and coins."""
        r, alpha = self.r + x, self.alpha + T
        return sum(weight * -math.expm1(-r * math.log1p(p * t / alpha)) / p for p, weight in self.coins(x))

    def expected(self, x, t_x, T, t):
        return self.alive(x, t_x, T) * self.while_alive(x, T, t)

    @functools.lru_cache(maxsize=None)
    def new(self, t):
        return self.while_alive(0, 0.0, t) if t > 0 else 0.0

    @functools.lru_cache(maxsize=None)
    def survival(self, t):
        return sum(weight * math.exp(-self.r * math.log1p(p * t / self.alpha)) for p, weight in self.coins(0))

    @functools.lru_cache(maxsize=None)
    def counts_while_alive(self, x, T, t):
        """P(0), P(1), ... purchases."""
        shape, ratio = self.r + x, t / (self.alpha + T)
        a, b = self.a, self.b + x
        buying, tail, stay, stay_before, listed = math.exp(-shape * math.log1p(ratio)), 1.0, 1.0, 0.0, []
        n = 0
        while n < 2 or (tail > 1e-15 and (buying > 1e-18 or n < shape * ratio)):  # rounding leaves a tail of its own
            leave_now = stay_before * a / (a + b + n - 1) if n else 0.0  # E[p q^(n - 1)]
            listed.append(stay * buying + leave_now * tail)
            tail -= buying
            buying *= (shape + n) / (n + 1) * ratio / (1 + ratio)
            stay_before, stay = stay, stay * (b + n) / (a + b + n)
            n += 1
        return listed

    def counts(self, x, t_x, T, t):
        alive = self.alive(x, t_x, T)
        listed = [alive * probability for probability in self.counts_while_alive(x, T, t)]
        listed[0] += 1 - alive
        return listed


def beta_share(a, b, x):
    """The regularised incomplete beta function, by its continued fraction (modified Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d, h = 1.0, 1 / (1 - (a + b) * x / (a + 1)), 1 / (1 - (a + b) * x / (a + 1))
    for m in range(1, 10000):
        for even in (True, False):
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)) if even else \
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d, c = 1 / (1 + step * d), 1 + step / c
            h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return front * h


class Spend:
    """Gamma-Gamma (Fader and Hardie, note 025)."""

    def __init__(self, p, q, v):
        self.p, self.q, self.v = p, q, v

    def expected(self, x, mean):
        return self.p * (self.v + x * mean) / (self.p * x + self.q - 1)

    def below(self, counts, x, mean, total):
        """P(the spend of so many purchases in all <= total)."""
        share = total / (total + self.v + x * mean)
        return counts[0] + sum(probability * beta_share(self.p * n, self.p * x + self.q, share)
                               for n, probability in enumerate(counts) if n and probability > 1e-15)


class Customer:
    def __init__(self, days, then, holdout_days):
        """`days` are (day, cents), ascending; what is known at `then` and what followed."""
        self.days = days
        self.birth = days[0][0]
        before = [one for one in days if one[0] <= then]
        after = [one for one in days if one[0] > then]
        self.is_in = bool(before)
        self.future_net = sum(cents for _, cents in after)
        self.y = len(after)
        if not before:
            return
        self.x = len(before) - 1
        self.t_x, self.T = (before[-1][0] - self.birth) / DAYS_PER_WEEK, (then - self.birth) / DAYS_PER_WEEK
        self.age = max(then - self.birth, 1)
        self.net = sum(cents for _, cents in before)
        self.repeat_net = self.net - before[0][1]
        self.y_before = sum(day > then - holdout_days for day, _ in before)
        self.mean = self.repeat_net / 100 / self.x if self.x and self.repeat_net > 0 else 0.0


def customers_of(path, then, holdout_days):
    days = collections.defaultdict(lambda: collections.defaultdict(int))
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = datetime.date.fromisoformat(row["date"]).toordinal()
            days[row["customer_id"]][day] += round(float(row["amount"]) * 100)
    return [Customer(sorted(of.items()), then, holdout_days) for _, of in sorted(days.items())]


def models_of(state):
    """lifetime.json and spend.json of the only snapshot."""
    [lifetime] = state.glob("**/snapshots/*/models/lifetime-*.json")
    [spend] = state.glob("**/snapshots/*/models/spend-*.json")
    return json.loads(lifetime.read_text()), json.loads(spend.read_text())


def log_naive(n, exposure, days, y):
    shape = n + 0.5
    return (math.lgamma(shape + y) - math.lgamma(shape) - math.lgamma(y + 1) + shape * math.log(exposure / (exposure + days)) +
            y * math.log(days / (exposure + days)))


def interval(counts):
    """(low, high, mass): the least counts not exceeded with probability 5 % and 95 %."""
    ends, sums, total = [], [], 0.0
    for n, probability in enumerate(counts):
        total += probability
        sums.append(total)
        while len(ends) < 2 and total >= ((1 - LEVEL) / 2, (1 + LEVEL) / 2)[len(ends)]:
            ends.append(n)
    low, high = ends
    return low, high, sums[high] - (sums[low - 1] if low else 0)


class Holdout:
    """What a hold-out says; sums over customers, one by one."""

    def __init__(self, customers, model, spend, holdout_days):
        self.customers = [one for one in customers if one.is_in]
        self.model, self.spend, self.days = model, spend, holdout_days
        self.t = holdout_days / DAYS_PER_WEEK
        for one in self.customers:
            history = (one.x, one.t_x, one.T)
            one.expected = model.expected(*history, self.t)
            one.counts = model.counts(*history, self.t)
            one.interval = interval(one.counts)

    def mean(self, of):
        return sum(map(of, self.customers)) / len(self.customers)

    def errors(self):
        """By measure, of the model and of the two naive predictions."""
        predictions = {
            "model": (lambda one: one.expected, lambda one: math.log(one.counts[one.y])),
            "historic_average": (lambda one: one.x * self.days / one.age,
                                 lambda one: log_naive(one.x, one.age, self.days, one.y)),
            "last_period_repeats": (lambda one: one.y_before,
                                    lambda one: log_naive(one.y_before, self.days, self.days, one.y))}
        actual = self.mean(lambda one: one.y)
        measures = collections.defaultdict(dict)
        for name, (predicted, log_probability) in predictions.items():
            measures["mae"][name] = self.mean(lambda one: abs(predicted(one) - one.y))
            measures["rmse"][name] = math.sqrt(self.mean(lambda one: (predicted(one) - one.y) ** 2))
            measures["bias"][name] = self.mean(predicted) / actual - 1
            measures["log_probability"][name] = self.mean(log_probability)
        return measures

    def grade(self, errors):
        """By the rule that the report prints."""
        bias = abs(errors["bias"]["model"])
        better = [[errors[measure]["model"] * sign < errors[measure][name] * sign
                   for name in ("historic_average", "last_period_repeats")]
                  for measure, sign in (("rmse", 1), ("log_probability", -1))]
        covered = self.mean(lambda one: one.interval[0] <= one.y <= one.interval[1])
        claimed = self.mean(lambda one: one.interval[2])
        if bias <= 0.05 and all(better[0]) and all(better[1]) and abs(covered - claimed) <= 0.01:
            return "A"
        if bias <= 0.1 and all(better[0]):
            return "B"
        return "C" if any(better[0]) else "D"

    def bins(self):
        for frequency in range(8):
            of = [one for one in self.customers if min(one.x, 7) == frequency]
            yield {"repeat_purchases": frequency, "customers": len(of),
                   "actual_mean": sum(one.y for one in of) / len(of) if of else None,
                   "expected_mean": sum(one.expected for one in of) / len(of) if of else None}

    def reliability(self):
        for number in range(1, 21):
            of = [one for one in self.customers if min(int((1 - one.counts[0]) * 20), 19) == number - 1]
            yield {"bin": number, "customers": len(of),
                   "predicted": sum(1 - one.counts[0] for one in of) / len(of) if of else None,
                   "actual": sum(one.y > 0 for one in of) / len(of) if of else None}

    def coverage(self):
        yield {"quantity": "purchases", "level": LEVEL, "customers": len(self.customers),
               "mass": self.mean(lambda one: one.interval[2]),
               "covered": self.mean(lambda one: one.interval[0] <= one.y <= one.interval[1])}
        low, high = (1 - LEVEL) / 2, (1 + LEVEL) / 2
        mass = covered = 0
        for one in self.customers:
            none = one.counts[0]
            mass += max(none, high) if none >= low else LEVEL
            spent = one.future_net / 100
            below = self.spend.below(one.counts, one.x if one.mean else 0, one.mean, spent) if spent > 0 else none
            covered += (none >= low) if spent == 0 else (none >= low or below >= low) and below <= high
        yield {"quantity": "spend", "level": LEVEL, "customers": len(self.customers), "mass": mass / len(self.customers),
               "covered": covered / len(self.customers)}

    def _captured(self, micros):
        """Net of the best so many customers, where those who rank equal share."""
        by_rank = collections.defaultdict(list)
        for one in self.customers:
            mantissa, exponent = math.frexp(micros(one))
            by_rank[math.ldexp(math.trunc(mantissa * 2048), exponent)].append(one)
        shares = []
        for rank in sorted(by_rank, reverse=True):
            of = by_rank[rank]
            shares += [(sum(map(micros, of)) / len(of), sum(one.future_net for one in of) / len(of))] * len(of)
        return shares

    def deciles(self):
        rankings = {
            "captured": lambda one: round(1e6 * one.expected * self.spend.expected(one.x if one.mean else 0, one.mean)),
            "captured_historic_average": lambda one: round(1e4 * one.repeat_net * self.days / one.age),
            "captured_last_period_repeats": lambda one: round(1e4 * one.net * one.y_before / (one.x + 1)),
            "captured_hindsight": lambda one: 10000 * one.future_net}
        shares = {name: self._captured(micros) for name, micros in rankings.items()}
        total, before = sum(one.future_net for one in self.customers), 0
        for decile in range(1, 11):
            until = -(-len(self.customers) * decile // 10)
            row = {name: sum(actual for _, actual in of[:until]) / total for name, of in shares.items()}
            yield row | {"decile": decile, "customers": until - before,
                         "predicted_value": sum(value for value, _ in shares["captured"][before:until]) / 1e6,
                         "actual_value": sum(actual for _, actual in shares["captured"][before:until]) / 100}
            before = until


def tracking(customers, model, then, as_of):
    begin = min(one.birth for one in customers)
    actual_before = expected_before = 0
    births = collections.Counter(one.birth for one in customers)
    for week in range(1, (as_of - begin) // DAYS_PER_WEEK + 2):
        start = begin + DAYS_PER_WEEK * (week - 1)
        end = min(start + DAYS_PER_WEEK, as_of + 1)
        actual = sum(start <= day < end for one in customers for day, _ in one.days[1:])
        expected = sum(number * model.new((end - birth) / DAYS_PER_WEEK) for birth, number in births.items() if birth < end)
        actual_before += actual
        yield {"week": week, "from_day": str(datetime.date.fromordinal(start)), "days": end - start, "is_holdout": start > then,
               "actual": actual, "expected": expected - expected_before, "actual_cumulative": actual_before,
               "expected_cumulative": expected}
        expected_before = expected


def _month(day):
    date = datetime.date.fromordinal(day)
    return 12 * date.year + date.month - 1


def _begin(month):
    return datetime.date(month // 12, month % 12 + 1, 1).toordinal()


def cohorts(customers, model, as_of):
    """By (month of birth, months since): what lifetime_cohorts has, with whether the month is over and who is left."""
    found = {}
    for one in customers:
        for month in range(_month(one.birth), _month(as_of) + 1):
            start, end = _begin(month), min(_begin(month + 1), as_of + 1)
            cell = found.setdefault((_month(one.birth), month - _month(one.birth)), collections.Counter())
            within = [(day, cents) for day, cents in one.days if start <= day < end]
            cell["customers"] += 1
            cell["buyers"] += bool(within)
            cell["actual_repeat"] += sum(day > one.birth for day, _ in within)
            cell["net"] += sum(cents for _, cents in within)
            cell["repeat_net"] += sum(cents for day, cents in within if day > one.birth)
            cell["until_start"] += model.new(max(start - one.birth, 0) / DAYS_PER_WEEK)
            cell["until_end"] += model.new((end - one.birth) / DAYS_PER_WEEK)
            cell["alive"] += model.survival((end - one.birth) / DAYS_PER_WEEK)
            cell["is_complete"] = _begin(month + 1) <= as_of + 1
    return found


def first_day(month):
    return str(datetime.date.fromordinal(_begin(month)))


def survival(found):
    """Rows of complete months, of cohorts and of all."""
    sums = collections.defaultdict(collections.Counter)
    for (cohort, since), cell in sorted(found.items()):
        if not cell["is_complete"]:
            continue
        repeats = sum(found[cohort, earlier]["actual_repeat"] for earlier in range(since + 1))
        net = sum(found[cohort, earlier]["repeat_net"] for earlier in range(since + 1))
        for key in ((first_day(cohort), since), (None, since)):
            for name, value in (("customers", cell["customers"]), ("alive", cell["alive"]), ("buying", cell["buyers"]),
                                ("repeats", repeats), ("expected_repeats", cell["until_end"]), ("repeat_net", net / 100)):
                sums[key][name] += value
    for (cohort, since), of in sums.items():
        row = {"cohort": cohort, "months_since": since, "customers": of["customers"]}
        yield row | {name: value / of["customers"] for name, value in of.items() if name != "customers"}

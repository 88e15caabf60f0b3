#!/usr/bin/env python3
"""One task of one peer on per-customer columns, in a process of its own: peer.py PEER BASE TASK THREADS. Prints one JSON object.

PEER: numpy (maximum likelihood written by hand over whole columns: analytic gradient, gamma functions only at the distinct x, SciPy's
L-BFGS-B) or lifetimes (0.11.3). TASK: bg_nbd, gamma_gamma or scores (P(alive), expected purchases in 13 weeks, expected spend and
their product, at the parameters in scores.json of BASE). A small run goes first, so that loading is not in the seconds."""

import json
import os
import pathlib
import sys
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = sys.argv[4]

import numpy  # noqa: E402

WARM_ROWS = 20_000
WEEKS = 13.0


class Counted:
    """What depends on x alone is worked out at the distinct x."""

    def __init__(self, x):
        self.distinct, self.place, self.count = numpy.unique(x.astype(numpy.int64), return_inverse=True, return_counts=True)
        self.x = self.distinct.astype(float)


def minimise(function, start, **tolerances):
    from scipy.optimize import minimize
    found = minimize(function, start, jac=True, method="L-BFGS-B", options={"maxiter": 300, **tolerances})
    return numpy.exp(found.x), -found.fun


def numpy_bg_nbd(x, t_x, T, _):
    from scipy.special import digamma, gammaln
    by_x, repeats = Counted(x), x > 0
    t_x, once, T, again = t_x[repeats], T[~repeats], T[repeats], x[repeats]
    place = by_x.place[repeats]

    def fall(logs):
        r, alpha, a, b = numpy.exp(logs)
        value = by_x.count @ (gammaln(r + by_x.x) - gammaln(r) + r * numpy.log(alpha) + gammaln(a + b) + gammaln(b + by_x.x)
                              - gammaln(b) - gammaln(a + b + by_x.x))
        slope = numpy.array([by_x.count @ (digamma(r + by_x.x) - digamma(r) + numpy.log(alpha)), len(x) * r / alpha,
                             by_x.count @ (digamma(a + b) - digamma(a + b + by_x.x)),
                             by_x.count @ (digamma(a + b) + digamma(b + by_x.x) - digamma(b) - digamma(a + b + by_x.x))])
        logs_once = numpy.log(alpha + once)
        value -= r * logs_once.sum()
        slope[0] -= logs_once.sum()
        slope[1] -= r * (1 / (alpha + once)).sum()
        end, last, shape = alpha + T, alpha + t_x, r + again
        log_end, log_last = numpy.log(end), numpy.log(last)
        alive = -shape * log_end
        dropped = numpy.log(a / (b + numpy.maximum(by_x.x, 1) - 1))[place] - shape * log_last
        small = numpy.exp(-numpy.abs(alive - dropped))
        value += (numpy.maximum(alive, dropped) + numpy.log1p(small)).sum()
        share = numpy.where(dropped > alive, 1 / (1 + small), small / (1 + small))
        slope[0] -= ((1 - share) * log_end + share * log_last).sum()
        slope[1] -= (shape * ((1 - share) / end + share / last)).sum()
        slope[2] += share.sum() / a
        slope[3] -= (share / (b + again - 1)).sum()
        return -value / len(x), -slope * numpy.exp(logs) / len(x)

    parameters, mean = minimise(fall, numpy.zeros(4), ftol=1e-12, gtol=1e-7)
    return parameters, mean * len(x)


def numpy_gamma_gamma(x, _, __, m):
    from scipy.special import digamma, gammaln
    spends = (x > 0) & (m > 0)
    x, m = x[spends], m[spends]
    by_x, spent = Counted(x), x * m
    log_m = numpy.log(m)
    sum_log, sum_x_log, sum_x_log_x = log_m.sum(), (x * log_m).sum(), (x * numpy.log(x)).sum()

    def fall(logs):
        p, q, v = numpy.exp(logs)
        log_v = numpy.log(spent + v)
        own = p * by_x.x
        value = (by_x.count @ (gammaln(own + q) - gammaln(own)) - len(x) * gammaln(q) + len(x) * q * numpy.log(v) + p * sum_x_log
                 - sum_log + p * sum_x_log_x - p * (x @ log_v) - q * log_v.sum())
        slope = numpy.array([
            by_x.count @ (by_x.x * (digamma(own + q) - digamma(own))) + sum_x_log + sum_x_log_x - x @ log_v,
            by_x.count @ digamma(own + q) - len(x) * digamma(q) + len(x) * numpy.log(v) - log_v.sum(),
            len(x) * q / v - ((p * x + q) / (spent + v)).sum()])
        return -value / len(x), -slope * numpy.exp(logs) / len(x)

    parameters, mean = minimise(fall, numpy.log([1.0, 2.0, m.mean()]), ftol=1e-13, gtol=1e-8)
    return parameters, mean * len(x)


def numpy_scores(x, t_x, T, m, bg, spend):
    from scipy.special import hyp2f1
    (r, alpha, a, b), (p, q, v) = bg, spend
    growth = (r + x) * numpy.log((alpha + T) / (alpha + t_x))
    alive = 1 / (1 + numpy.where(x > 0, a / (b + numpy.maximum(x, 1) - 1) * numpy.exp(growth), 0))
    hyper = hyp2f1(r + x, b + x, a + b + x - 1, WEEKS / (alpha + T + WEEKS))
    expected = alive * (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + WEEKS)) ** (r + x) * hyper)
    each = numpy.where(x > 0, p * (v + x * m) / (p * x + q - 1), p * v / (q - 1))
    return alive, expected, each, expected * each


def lifetimes_bg_nbd(x, t_x, T, _):
    from lifetimes import BetaGeoFitter
    found = BetaGeoFitter(penalizer_coef=0.0).fit(x, t_x, T).params_
    return numpy.array([found[name] for name in ("r", "alpha", "a", "b")]), None


def lifetimes_gamma_gamma(x, _, __, m):
    from lifetimes import GammaGammaFitter
    spends = (x > 0) & (m > 0)
    found = GammaGammaFitter(penalizer_coef=0.0).fit(x[spends], m[spends]).params_
    return numpy.array([found[name] for name in ("p", "q", "v")]), None


def lifetimes_scores(x, t_x, T, m, bg, spend):
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    buying, spending = BetaGeoFitter(), GammaGammaFitter()
    buying.params_ = dict(zip(("r", "alpha", "a", "b"), bg))
    spending.params_ = dict(zip(("p", "q", "v"), spend))
    alive = buying.conditional_probability_alive(x, t_x, T)
    expected = numpy.asarray(buying.conditional_expected_number_of_purchases_up_to_time(WEEKS, x, t_x, T))
    each = numpy.asarray(spending.conditional_expected_average_profit(x, m))
    return alive, expected, each, expected * each


def main():
    peer, base, task = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    columns = numpy.load(base / "columns.npz")
    columns = [columns[name] for name in ("x", "t_x", "T", "m")]
    work = globals()[f"{peer}_{task}"]
    at = [json.loads((base / "scores.json").read_text())[name] for name in ("bg_nbd", "gamma_gamma")] if task == "scores" else []
    work(*[column[:WARM_ROWS] for column in columns], *at)
    begin = time.perf_counter()
    found = work(*columns, *at)
    answer = {"seconds": time.perf_counter() - begin}
    if task == "scores":
        answer["sums"] = [float(numpy.sum(column)) for column in found]
    else:
        answer["parameters"] = [float(value) for value in found[0]]
        answer["log_likelihood"] = found[1]
    print(json.dumps(answer))


if __name__ == "__main__":
    main()

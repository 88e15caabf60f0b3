"""BG/NBD and Gamma-Gamma by maximum likelihood in NumPy and SciPy, as well as one would do it by hand: analytic gradients,
gamma functions only at the distinct numbers of purchases, blocks that fit the cache, all threads.

BG/NBD: Fader, Hardie and Lee (2005), Marketing Science 24(2) 275-284. Gamma-Gamma: Fader and Hardie, note 025 (2013).
"""

import concurrent.futures

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, hyp2f1

BLOCK = 32_768  # customers; the temporaries of a block stay in the second-level cache


class Blocks:
    """Sums of a function over blocks of customers, on all threads; NumPy lets them run side by side."""

    def __init__(self, threads):
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)

    def sum(self, function, size):
        return sum(self.pool.map(function, [slice(i, i + BLOCK) for i in range(0, size, BLOCK)]), start=0.0)

    def fill(self, function, size):
        list(self.pool.map(function, [slice(i, i + BLOCK) for i in range(0, size, BLOCK)]))


def _fit(log_likelihood, start, customers):
    """The maximum in log-parameters; `log_likelihood` gives value and gradient in the parameters."""
    calls = 0

    def cost(log_parameters):
        nonlocal calls
        calls += 1
        parameters = np.exp(log_parameters)
        value, gradient = log_likelihood(*parameters)
        return -value / customers, -gradient * parameters / customers

    found = minimize(cost, np.log(start), jac=True, method="L-BFGS-B", options={"maxiter": 300, "ftol": 1e-12, "gtol": 1e-7})
    return [float(value) for value in np.exp(found.x)], float(-found.fun * customers), calls


def fit_bg_nbd(x, t_x, T, blocks):
    counts = np.bincount(x)
    distinct = np.flatnonzero(counts)
    counts = counts[distinct]
    repeat = x > 0
    T_once = T[~repeat]
    x_repeat, t_repeat, T_repeat = x[repeat].astype(float), t_x[repeat], T[repeat]

    def once(r, alpha, part):
        age = alpha + T_once[part]
        return np.array([-r * np.log(age).sum(), -np.log(age).sum(), -r * (1 / age).sum(), 0.0, 0.0])

    def repeated(r, alpha, a, b, part):
        n = r + x_repeat[part]
        age, last = alpha + T_repeat[part], alpha + t_repeat[part]
        log_age, log_last = np.log(age), np.log(last)
        left = b + x_repeat[part] - 1
        alive, gone = -n * log_age, np.log(a / left) - n * log_last
        shrink = np.exp(-np.abs(alive - gone))
        value = np.maximum(alive, gone) + np.log1p(shrink)
        p_gone = np.where(gone > alive, 1, shrink) / (1 + shrink)
        p_alive = 1 - p_gone
        return np.array([value.sum(), -(p_alive * log_age + p_gone * log_last).sum(),
                         -(n * (p_alive / age + p_gone / last)).sum(), p_gone.sum() / a, -(p_gone / left).sum()])

    def log_likelihood(r, alpha, a, b):
        log_alpha = np.log(alpha)
        terms = (gammaln(r + distinct) - gammaln(r) + r * log_alpha + gammaln(a + b) - gammaln(b)
                 + gammaln(b + distinct) - gammaln(a + b + distinct))
        both = digamma(a + b) - digamma(a + b + distinct)
        sums = np.array([counts @ terms, counts @ (digamma(r + distinct) - digamma(r) + log_alpha), len(x) * r / alpha,
                         counts @ both, counts @ (both + digamma(b + distinct) - digamma(b))])
        sums = sums + blocks.sum(lambda part: once(r, alpha, part), len(T_once))
        sums = sums + blocks.sum(lambda part: repeated(r, alpha, a, b, part), len(x_repeat))
        return sums[0], sums[1:]

    return _fit(log_likelihood, [1.0, 1.0, 1.0, 1.0], len(x))


def fit_gamma_gamma(x, m, blocks):
    used = (x > 0) & (m > 0)
    counts = np.bincount(x[used])
    distinct = np.flatnonzero(counts)
    counts = counts[distinct]
    x, m = x[used].astype(float), m[used]
    total = x * m
    log_m = np.log(m)
    fixed = (x * (log_m + np.log(x))).sum()

    def of_customers(p, q, v, part):
        scale = total[part] + v
        logs = np.log(scale)
        # A product by @ would start BLAS threads of its own inside those of the pool.
        return np.array([(x[part] * logs).sum(), logs.sum(), ((p * x[part] + q) / scale).sum()])

    def log_likelihood(p, q, v):
        n = len(x)
        shapes = p * distinct + q
        weighted, logs, inverse = blocks.sum(lambda part: of_customers(p, q, v, part), n)
        value = (counts @ (gammaln(shapes) - gammaln(p * distinct)) + n * (q * np.log(v) - gammaln(q)) + p * fixed
                 - log_m.sum() - p * weighted - q * logs)
        gradient = np.array([counts @ (distinct * (digamma(shapes) - digamma(p * distinct))) + fixed - weighted,
                             counts @ digamma(shapes) - n * digamma(q) + n * np.log(v) - logs, n * q / v - inverse])
        return value, gradient

    parameters, value, calls = _fit(log_likelihood, [1.0, 2.0, m.mean()], len(x))
    return parameters, value, calls, len(x)


def values(x, t_x, T, m, bg_nbd, gamma_gamma, weeks, blocks):
    """p_alive, expected purchases, expected spend and value in the next `weeks`, without discount."""
    r, alpha, a, b = bg_nbd
    p, q, v = gamma_gamma
    out = {name: np.empty(len(x)) for name in ("p_alive", "expected_purchases", "expected_spend", "lifetime_value")}

    def fill(part):
        n, age = x[part].astype(float), alpha + T[part]
        odds = a / (b + np.maximum(n, 1) - 1) * np.exp((r + n) * np.log(age / (alpha + t_x[part])))
        alive = np.where(n > 0, 1 / (1 + odds), 1.0)
        total = a + b + n - 1
        shrunk = np.exp((r + n) * np.log(age / (age + weeks)))
        expected = alive * total / (a - 1) * (1 - shrunk * hyp2f1(r + n, b + n, total, weeks / (age + weeks)))
        own = (n > 0) & (m[part] > 0)
        spend = np.where(own, p * (v + n * m[part]) / (p * n + q - 1), p * v / (q - 1))
        for name, value in zip(out, (alive, expected, spend, expected * spend)):
            out[name][part] = value

    blocks.fill(fill, len(x))
    return out

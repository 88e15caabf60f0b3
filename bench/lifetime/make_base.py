#!/usr/bin/env python3
"""A seeded base of repeat buyers: make_base.py CUSTOMERS FOLDER. BG/NBD purchases over 728 days, first ones on the first 600 of
them, whole days counted once; Gamma-Gamma spend in cents. Writes per-customer columns: x.bin, t_x_days.bin, T_days.bin (int32),
net_micros.bin (int64, of repeat purchases), and the same for NumPy as columns.npz with mean spend m."""

import pathlib
import sys

import numpy

DAYS, FIRST_DAYS = 728, 600
RATE = {"r": 0.80, "alpha": 2.00, "a": 0.80, "b": 6.00}  # weeks
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
CHUNK = 250_000


def chunk(begin, end):
    draw = numpy.random.default_rng([7, begin])
    customers = end - begin
    first = draw.integers(0, FIRST_DAYS * 86400, customers)  # seconds
    span = DAYS * 86400 - 1 - first
    rate = draw.gamma(RATE["r"], 1 / RATE["alpha"], customers)
    leaves = numpy.clip(draw.beta(RATE["a"], RATE["b"], customers), 1e-9, 1)
    lives = draw.geometric(leaves)
    wanted = draw.poisson(rate * span / (7 * 86400.0))
    key = numpy.repeat(numpy.arange(customers, dtype=numpy.float64), wanted) + draw.random(wanted.sum())
    key.sort()
    who = key.astype(numpy.int64)
    before = numpy.concatenate([[0], numpy.cumsum(wanted)[:-1]])
    keep = numpy.arange(len(who)) - before[who] < lives[who]
    who, when = who[keep], (key - who)[keep]
    day = (first[who] + 1 + (when * (span[who] - 1)).astype(numpy.int64)) // 86400
    nu = draw.gamma(SPEND["q"], 1 / SPEND["v"], customers)
    cents = numpy.maximum(1, numpy.rint(100 * draw.gamma(SPEND["p"], 1.0, len(who)) / nu[who])).astype(numpy.int64)
    # Purchases of a day count once; those of the first day are no repeat purchases.
    later = day > first[who] // 86400
    who, day, cents = who[later], day[later], cents[later]
    new = numpy.ones(len(who), bool)
    new[1:] = (who[1:] != who[:-1]) | (day[1:] != day[:-1])
    x = numpy.bincount(who[new], minlength=customers)
    net = numpy.bincount(who, weights=cents, minlength=customers).astype(numpy.int64)
    last = first // 86400
    last[who] = day  # in the order of time: the last one stays
    return x, last - first // 86400, DAYS - 1 - first // 86400, net * 10_000


def main():
    customers, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    parts = [chunk(begin, min(customers, begin + CHUNK)) for begin in range(0, customers, CHUNK)]
    x, t_x, T, net = (numpy.concatenate([part[i] for part in parts]) for i in range(4))
    for name, values, kind in (("x", x, "int32"), ("t_x_days", t_x, "int32"), ("T_days", T, "int32"), ("net_micros", net, "int64")):
        values.astype(kind).tofile(folder / f"{name}.bin")
    mean = net / 1e6 / numpy.maximum(x, 1)
    numpy.savez(folder / "columns.npz", x=x.astype(float), t_x=t_x / 7, T=T / 7, m=mean)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes tests/data/logistic_golden.json: what scikit-learn 1.9.1 (BSD licence) finds in small drawn bases.

Python 3.11 or newer, in an environment with `pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1`. The file holds the
rows, in units of 2^-20, so that nothing but the file is needed to compare. The objective is the sum of log-losses +
lambda (l1_ratio |w|_1 + (1 - l1_ratio) / 2 |w|_2^2) over standardised columns, the intercept free: C = 1 / lambda."""

import json
import pathlib
import random

import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

HERE = pathlib.Path(__file__).resolve().parent
GRID = 1 << 20
PENALTIES = [(1.0, 0.0), (0.05, 0.0), (20.0, 0.0), (1.0, 1.0), (12.0, 1.0), (6.0, 0.5), (25.0, 0.9)]


def drawn(seed, rows):
    """Two columns that nearly say the same, a rare flag, a skewed one, one of no use, and one that decides."""
    draw = random.Random(seed)
    features, outcomes = [], []
    for _ in range(rows):
        first = draw.gauss(0, 1)
        flag = float(draw.random() < 0.08)
        skewed = draw.expovariate(0.3)
        decides = draw.gauss(3, 2)
        values = [first, first + draw.gauss(0, 0.05), flag, skewed, draw.gauss(0, 1), decides]
        margin = -1.2 + 0.8 * first + 1.5 * flag - 0.2 * skewed + 0.5 * decides
        features.append([round(value * GRID) for value in values])
        outcomes.append(int(draw.random() < 1 / (1 + numpy.exp(-margin))))
    return features, outcomes


def fitted(features, outcomes, strength, l1_ratio):
    values = numpy.asarray(features, dtype=float) / GRID
    standardised = (values - values.mean(axis=0)) / values.std(axis=0)
    if l1_ratio == 0:
        model = LogisticRegression(C=1 / strength, l1_ratio=0, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    else:
        model = LogisticRegression(C=1 / strength, l1_ratio=l1_ratio, solver="saga", tol=1e-10,
                                   max_iter=1_000_000, random_state=1)
    model.fit(standardised, outcomes)
    return {"lambda": strength, "l1_ratio": l1_ratio, "intercept": float(model.intercept_[0]),
            "coefficients": [float(value) for value in model.coef_[0]]}


def main():
    bases = []
    for seed, rows in ((1, 250), (2, 120)):
        features, outcomes = drawn(seed, rows)
        bases.append({"features": features, "outcomes": outcomes,
                      "fits": [fitted(features, outcomes, *penalty) for penalty in PENALTIES]})
    draw = random.Random(3)
    scores = [draw.randrange(40) for _ in range(200)]  # many ties
    labels = [int(draw.random() < score / 60) for score in scores]
    precision = {"scores": scores, "labels": labels, "average_precision": float(average_precision_score(labels, scores))}
    text = json.dumps({"source": "tests/data/make_logistic_golden.py", "bases": bases, "precision": precision})
    (HERE / "logistic_golden.json").write_text(text.replace('], [', '],\n[') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

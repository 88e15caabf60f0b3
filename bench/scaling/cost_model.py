"""A linear model of a cost: a + b per million customers + c per million rows, none below zero. Pure functions.

Fitted by least squares on relative errors, so that a small base counts as much as a large one. A coefficient that would be
negative is left out (three coefficients: all eight subsets are tried).
"""

import itertools

MILLION = 1_000_000


def _solve(matrix, right):
    """Gauss with pivots; None for a matrix without an inverse."""
    rows = [[*row, value] for row, value in zip(matrix, right)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda j: abs(rows[j][i]))
        if abs(rows[pivot][i]) < 1e-12:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(len(rows)):
            if j != i:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i])]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def _columns(customers, rows):
    return (1.0, customers / MILLION, rows / MILLION)


def fit(points):
    """`points`: (customers, rows, cost) with costs above 0. The coefficients (a, b, c) and the greatest relative error."""
    unit = max(cost for _, _, cost in points)  # so that bytes and seconds are numbers of one size to the solver
    scaled = [[column * unit / cost for column in _columns(customers, rows)] for customers, rows, cost in points]
    best = None
    for size in (1, 2, 3):
        for kept in itertools.combinations(range(3), size):
            normal = [[sum(row[i] * row[j] for row in scaled) for j in kept] for i in kept]
            found = _solve(normal, [sum(row[i] for row in scaled) for i in kept])
            if found is None or min(found) < 0:
                continue
            coefficients = [0.0, 0.0, 0.0]
            for i, value in zip(kept, found):
                coefficients[i] = value
            error = sum((sum(c * x for c, x in zip(coefficients, row)) - 1) ** 2 for row in scaled)
            if best is None or error < best[0] - 1e-15:
                best = (error, [value * unit for value in coefficients])
    worst = max(abs(predict(best[1], customers, rows) / cost - 1) for customers, rows, cost in points)
    return {"coefficients": best[1], "greatest_error": worst}


def predict(coefficients, customers, rows):
    return sum(c * x for c, x in zip(coefficients, _columns(customers, rows)))


def fit_all(points):
    """`points`: (customers, rows, {name: cost}). A model by name, of those that cost anything."""
    names = [name for name in points[0][2] if all(costs[name] > 0 for _, _, costs in points)]
    return {name: fit([(customers, rows, costs[name]) for customers, rows, costs in points]) for name in names}

#!/usr/bin/env python3
"""The Python stack end to end in one process: DuckDB or Polars for the columns, scikit-learn-intelex for clusters, NumPy and
SciPy for lifetime value, scikit-learn-intelex or LightGBM for churn, pyarrow for the scores."""

import importlib
import time

import phases

TREES = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "max_bin": 255, "verbosity": -1}
TREE_COUNT = 100
HOLD_OUT = 0.2


def numbers(table, np):
    """The columns of a table as doubles, but x, a whole number."""
    named = {name: table[name].to_numpy() for name in table.column_names if name not in ("customer_id", "churned")}
    return {name: values.astype(np.int64 if name == "x" else np.float64, copy=False) for name, values in named.items()}


def signed_log(values, np):
    return np.copysign(np.log1p(np.abs(values)), values)


def cluster_matrix(c, np):
    """What Strata clusters on, standardised."""
    days = c["x"] + 1.0
    matrix = np.column_stack([np.log1p(c["recency_days"]), np.log1p(days), signed_log(c["net"] / days, np),
                              np.log1p(7 * c["T"]), c["return_rows"] / c["rows"]]).astype(np.float32)
    deviation = matrix.std(axis=0, dtype=np.float64)
    return np.ascontiguousarray((matrix - matrix.mean(axis=0, dtype=np.float64)) / np.where(deviation > 0, deviation, 1),
                                dtype=np.float32)


def churn_matrix(c, np):
    """Fifteen columns: those of Strata's churn model but the deviation of the gaps, which would cost a window over days; the
    net of all days and the number of rows stand in for it."""
    gap = c["mean_gap_days"]
    with np.errstate(divide="ignore", invalid="ignore"):
        overdue = np.where(gap > 0, np.log1p(c["recency_days"] / gap), 0)
    logs = [np.log1p(c[name]) for name in ("recency_days", "x", "purchase_days_30", "purchase_days_90", "purchase_days_180",
                                           "purchase_days_365", "mean_gap_days", "rows")]
    signed = [signed_log(c[name], np) for name in ("net", "net_90", "net_365")]
    rest = [np.log1p(7 * c["T"]), overdue, c["x"] == 0, c["return_rows"] / c["rows"]]
    return np.column_stack([*logs, *signed, *rest]).astype(np.float32)


class Logistic:
    def __init__(self):
        from sklearnex.linear_model import LogisticRegression
        # Few columns and many rows: Newton's steps beat L-BFGS many times over.
        self.model = LogisticRegression(solver="newton-cholesky", max_iter=100, tol=1e-6)

    def fit(self, matrix, churned, np):
        self.mean = matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
        deviation = matrix.std(axis=0, dtype=np.float64).astype(np.float32)
        self.deviation = np.where(deviation > 0, deviation, 1)
        self.model.fit((matrix - self.mean) / self.deviation, churned)

    def probability(self, matrix):
        return self.model.predict_proba((matrix - self.mean) / self.deviation)[:, 1]


class Trees:
    def __init__(self, threads):
        import lightgbm
        self.lightgbm = lightgbm
        self.settings = {**TREES, "num_threads": threads}

    def fit(self, matrix, churned, np):
        data = self.lightgbm.Dataset(matrix, churned.astype(np.float32), params=self.settings)
        self.model = self.lightgbm.train(self.settings, data, TREE_COUNT)

    def probability(self, matrix):
        return self.model.predict(matrix)


def add_flags(parser):
    parser.add_argument("--engine", choices=["duckdb", "polars"], required=True)
    parser.add_argument("--churn", choices=["logistic", "gbdt"], required=True)
    parser.add_argument("--clusters", type=int, required=True)
    parser.add_argument("--iterations", type=int, required=True)
    parser.add_argument("--horizon-days", type=int, required=True)


def cluster(options, timed, customers, np):
    with timed.phase("import"):
        from sklearnex.cluster import KMeans
    with timed.phase("cluster"):
        matrix = cluster_matrix(customers, np)
        model = KMeans(n_clusters=options.clusters, init="k-means++", n_init=1, max_iter=options.iterations, tol=0,
                       random_state=1).fit(matrix)
    timed.facts["inertia_per_customer"] = float(model.inertia_) / len(matrix)
    timed.facts["iterations"] = int(model.n_iter_)
    return model.labels_.astype(np.int32)


def lifetime(options, timed, c):
    with timed.phase("import"):
        import lifetime_fit
    blocks = lifetime_fit.Blocks(options.threads)
    x, t_x, T, m = c["x"], c["t_x"], c["T"], c["m"]
    with timed.phase("lifetime"):
        bg_nbd, log_likelihood, calls = lifetime_fit.fit_bg_nbd(x, t_x, T, blocks)
    timed.facts["bg_nbd"] = {"parameters": bg_nbd, "log_likelihood": log_likelihood, "evaluations": calls}
    with timed.phase("spend"):
        gamma_gamma, log_likelihood, calls, used = lifetime_fit.fit_gamma_gamma(x, m, blocks)
    timed.facts["gamma_gamma"] = {"parameters": gamma_gamma, "log_likelihood": log_likelihood, "evaluations": calls,
                                  "customers": used}
    with timed.phase("value"):
        return lifetime_fit.values(x, t_x, T, m, bg_nbd, gamma_gamma, options.horizon_days / 7.0, blocks)


def churn(options, timed, customers, at_cutoff, churned, np):
    with timed.phase("import"):
        from sklearn.metrics import roc_auc_score
        model = Trees(options.threads) if options.churn == "gbdt" else Logistic()
    with timed.phase("churn"):
        matrix = churn_matrix(at_cutoff, np)
        held_out = np.random.default_rng(1).random(len(matrix)) < HOLD_OUT
        model.fit(matrix[~held_out], churned[~held_out], np)
        timed.facts["auc"] = float(roc_auc_score(churned[held_out], model.probability(matrix[held_out])))
    with timed.phase("churn_score"):
        return model.probability(churn_matrix(customers, np))


def write(options, table, labels, values, probability):
    import pyarrow as pa
    import pyarrow.parquet
    for name, column in {"cluster": labels, **values, "churn_probability": probability}.items():
        table = table.append_column(name, pa.array(column))
    pyarrow.parquet.write_table(table, f"{options.work}/scores.parquet", compression="zstd")


def main():
    options = phases.arguments(__doc__, add_flags)
    import numpy as np  # not counted, as everything before it
    begin = time.perf_counter()
    timed = phases.Phases()
    with timed.phase("import"):
        import columns
        engine = importlib.import_module(f"{options.engine}_columns").Aggregation(options)
    with timed.phase("as_of"):
        table = engine.as_of(columns.MORE_COUNTS)
    with timed.phase("cutoff"):
        cutoff = engine.cutoff(columns.MORE_COUNTS)
    customers = numbers(table, np)
    churned = cutoff["churned"].to_numpy()
    labels = cluster(options, timed, customers, np)
    scores = lifetime(options, timed, customers)
    probability = churn(options, timed, customers, numbers(cutoff, np), churned, np)
    with timed.phase("write"):
        write(options, table, labels, scores, probability)
    timed.facts["customers"] = table.num_rows
    # What lies between the phases belongs to the stack too.
    timed.seconds["between"] = time.perf_counter() - begin - sum(timed.seconds.values())
    timed.report(list(timed.seconds))


if __name__ == "__main__":
    main()

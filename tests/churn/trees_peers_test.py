#!/usr/bin/env python3
"""Boosted trees beside LightGBM's at equal settings, over 20 keyed splits of customers each: how well the customers that neither saw are
ranked. And scores of LightGBM's own trees, read as ours, beside LightGBM's."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import unittest

import lightgbm
import numpy
import pyarrow.csv
import pyarrow.parquet
import sklearn.datasets
import sklearn.metrics

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ["STRATA_BIN"]) / "churn_benchmark"
SPLITS = 20
TEST_SHARE = 0.3
WORSE_MAX, ERRORS = 0.002, 2  # in AUC; or so many standard errors of the mean difference
TREES, LEAVES, BINS, RATE, MIN_ROWS, MIN_HESSIAN, LAMBDA = 100, 31, 255, 0.1, 20, 1e-3, 1
SETTINGS = (f"trees={TREES},leaves={LEAVES},bins={BINS},rate={RATE},min_rows={MIN_ROWS},min_hessian={MIN_HESSIAN},"
            f"lambda={LAMBDA}")
PARAMETERS = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": RATE, "max_bin": BINS, "min_data_in_leaf": MIN_ROWS,
              "min_sum_hessian_in_leaf": MIN_HESSIAN, "lambda_l2": LAMBDA, "num_threads": 1, "verbosity": -1}
HORIZON, ELIGIBLE = 90, 180  # days


def in_test(split, rows):
    """Whether a row is in the test part of a split: by its key alone."""
    draws = [int.from_bytes(hashlib.blake2b(f"{split}/{row}".encode(), digest_size=8).digest(), "big") for row in range(rows)]
    return numpy.array(draws, numpy.float64) < TEST_SHARE * 2.0 ** 64


def customers_of(customer, day, amount, cutoff):
    """Features of everybody at risk at the cutoff from the days up to it, and who did not come back within the horizon. What takes two
    purchase days is missing with one."""
    _, customer = numpy.unique(customer, return_inverse=True)
    order = numpy.lexsort((day, customer))
    customer, day, amount = customer[order], day[order], amount[order]
    rows, outcome = [], []
    starts = numpy.flatnonzero(numpy.diff(customer, prepend=-1))
    for begin, end in zip(starts, numpy.append(starts[1:], len(customer))):
        days, spent = day[begin:end], amount[begin:end]
        seen = days <= cutoff
        bought = numpy.unique(days[seen])
        if not len(bought) or bought[-1] <= cutoff - ELIGIBLE:
            continue
        gaps = numpy.diff(bought).astype(float)
        many = len(gaps) > 0
        net = spent[seen]
        since = cutoff - days[seen]
        recency = cutoff - bought[-1]
        rows.append([recency, len(bought), cutoff - bought[0], net.sum(), net.sum() / len(bought), net[-1],
                     *((cutoff - bought < window).sum() for window in (30, 90, 180)),
                     *(net[since < window].sum() for window in (30, 90, 180)),
                     gaps.mean() if many else numpy.nan, gaps.std() if many else numpy.nan,
                     gaps[-1] if many else numpy.nan, recency / gaps.mean() if many else numpy.nan])
        outcome.append(not ((days > cutoff) & (days <= cutoff + HORIZON)).any())
    return numpy.array(rows, numpy.float32), numpy.array(outcome, numpy.uint8)


def cdnow():
    table = pyarrow.csv.read_csv(ROOT / "examples" / "cdnow" / "data" / "transactions.csv",
                                 convert_options=pyarrow.csv.ConvertOptions(column_types={"customer_id": pyarrow.string()}))
    day = table["date"].to_numpy().astype("datetime64[D]").astype(int)
    return customers_of(table["customer_id"].to_numpy(), day, table["amount"].to_numpy(),
                        int(numpy.datetime64("1997-06-30").astype(int)))


def online_retail():
    table = pyarrow.parquet.read_table(ROOT / "examples" / "online-retail" / "data" / "online_retail.parquet")
    known = table["CustomerID"].is_valid().to_numpy()
    customer = numpy.array(table["CustomerID"].to_pylist(), object)[known].astype(str)
    day = numpy.array(table["InvoiceDate"].to_pylist(), "datetime64[D]")[known].astype(int)
    amount = (table["Quantity"].to_numpy() * table["UnitPrice"].to_numpy().astype(float))[known]
    return customers_of(customer, day, amount, int(numpy.datetime64("2011-09-10").astype(int)))


def planted_interactions():
    """What no column says alone: the sign of a product, a pair of thresholds, and a value that is missing on purpose."""
    draw = numpy.random.default_rng(11)
    x = draw.standard_normal((12_000, 10)).astype(numpy.float32)
    gone = draw.random(len(x)) < 0.2
    z = (1.5 * numpy.sign(x[:, 0] * x[:, 1]) + ((x[:, 2] > 0.5) & (x[:, 3] < 0)) * 2 + x[:, 4] * x[:, 5]
         + numpy.where(gone, numpy.where(x[:, 7] > 0, 1.0, -1.0), 0.5 * x[:, 6]))
    x[gone, 6] = numpy.nan
    return x, (draw.random(len(x)) < 1 / (1 + numpy.exp(-z))).astype(numpy.uint8)


def breast_cancer():
    x, y = sklearn.datasets.load_breast_cancer(return_X_y=True)
    return x.astype(numpy.float32), y.astype(numpy.uint8)


class TreesPeersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, train, outcome, test):
        train.tofile(self.folder / "train.bin")
        outcome.tofile(self.folder / "train_y.bin")
        test.tofile(self.folder / "test.bin")

    def strata(self, *arguments):
        subprocess.run([PROGRAM, self.folder, *arguments], check=True, stdout=subprocess.DEVNULL)
        return numpy.fromfile(self.folder / "strata.bin")

    def compare(self, name, rows, outcome):
        differences, losses = [], []
        for split in range(SPLITS):
            test = in_test(split, len(rows))
            self.write(rows[~test], outcome[~test], rows[test])
            own = self.strata(str(rows.shape[1]), SETTINGS, "2")
            data = lightgbm.Dataset(rows[~test], outcome[~test].astype(numpy.float32), params=PARAMETERS)
            theirs = lightgbm.train(PARAMETERS, data, TREES).predict(rows[test], raw_score=True)
            auc = [sklearn.metrics.roc_auc_score(outcome[test], margins) for margins in (own, theirs)]
            loss = [numpy.logaddexp(0, numpy.where(outcome[test] == 1, -margins, margins)).mean() for margins in (own, theirs)]
            differences.append(auc[0] - auc[1])
            losses.append(loss[0] - loss[1])
        error = numpy.std(differences, ddof=1) / SPLITS ** 0.5
        mean = numpy.mean(differences)
        print(f"{name}: {len(rows)} rows, {outcome.mean():.3f} positive; AUC {mean:+.5f} beside LightGBM's (standard error "
              f"{error:.5f}), log-loss {numpy.mean(losses):+.5f}", flush=True)
        self.assertGreaterEqual(mean, -max(WORSE_MAX, ERRORS * error), name)

    def test_cdnow(self):
        self.compare("CDNOW", *cdnow())

    def test_online_retail(self):
        self.compare("Online Retail", *online_retail())

    def test_planted_interactions(self):
        self.compare("planted interactions", *planted_interactions())

    def test_breast_cancer(self):
        self.compare("breast cancer", *breast_cancer())

    def test_lightgbm_trees_read_as_ours_give_its_margins(self):
        rows, outcome = planted_interactions()
        train, test = rows[:8000], rows[8000:].copy()
        model = lightgbm.train(PARAMETERS, lightgbm.Dataset(train, outcome[:8000].astype(numpy.float32), params=PARAMETERS), TREES)
        test[::7, 2] = numpy.nan  # missing where it never was
        model.save_model(self.folder / "lightgbm.txt")
        self.write(train, outcome[:8000], test)
        own = self.strata(str(rows.shape[1]), "lightgbm", "2")
        self.assertLess(numpy.abs(own - model.predict(test, raw_score=True)).max(), 1e-9)


if __name__ == "__main__":
    unittest.main()

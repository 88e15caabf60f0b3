#!/usr/bin/env python3
"""SHAP values of LightGBM's own trees, read as ours, beside LightGBM's pred_contrib."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import lightgbm
import numpy
import sklearn.datasets

PROGRAM = pathlib.Path(os.environ["STRATA_BIN"]) / "shap_benchmark"
EQUAL, SUM = 1e-6, 1e-9
PARAMETERS = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "max_bin": 255, "min_data_in_leaf": 20,
              "lambda_l2": 1, "num_threads": 1, "verbosity": -1}


class ShapPeersTest(unittest.TestCase):
    def compare(self, rows, outcome, trees=100, **settings):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            parameters = {**PARAMETERS, **settings}
            data = lightgbm.Dataset(rows, outcome.astype(numpy.float32), params=parameters)
            model = lightgbm.train(parameters, data, trees)
            model.save_model(folder / "lightgbm.txt")
            test = rows[:2000].copy()
            test[::7, 1] = numpy.nan  # also where it never was missing
            test.tofile(folder / "test.bin")
            subprocess.run([PROGRAM, folder, str(rows.shape[1]), "2"], check=True, stdout=subprocess.DEVNULL)
            own = numpy.fromfile(folder / "strata_shap.bin").reshape(len(test), -1)
            theirs = model.predict(test, pred_contrib=True)
            difference = numpy.abs(own - theirs).max()
            print(f"{rows.shape}: {difference:.2e} from pred_contrib", flush=True)
            self.assertLess(difference, EQUAL)
            self.assertLess(numpy.abs(own.sum(axis=1) - model.predict(test, raw_score=True)).max(), SUM)

    def test_of_numbers_with_missing_values(self):
        draw = numpy.random.default_rng(5)
        x = draw.standard_normal((20_000, 12)).astype(numpy.float32)
        z = 1.5 * numpy.sign(x[:, 0] * x[:, 1]) + x[:, 2] * x[:, 3] + x[:, 4]
        x[draw.random(len(x)) < 0.2, 5] = numpy.nan
        self.compare(x, (draw.random(len(x)) < 1 / (1 + numpy.exp(-z))).astype(numpy.uint8))

    def test_of_long_paths(self):
        draw = numpy.random.default_rng(6)
        x = draw.standard_normal((20_000, 25)).astype(numpy.float32)
        z = x[:, :12].sum(axis=1) + numpy.cumprod(numpy.sign(x[:, :6]), axis=1).sum(axis=1)
        self.compare(x, (z > 0).astype(numpy.uint8), trees=60, num_leaves=64, min_data_in_leaf=5, learning_rate=0.3)

    def test_of_breast_cancer(self):
        x, y = sklearn.datasets.load_breast_cancer(return_X_y=True)
        self.compare(x.astype(numpy.float32), y)


if __name__ == "__main__":
    unittest.main()

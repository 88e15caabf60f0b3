#!/usr/bin/env python3
"""One fit and one scoring by a peer, for bench/churn/measure.

    peer.py lightgbm|xgboost FOLDER FEATURES SETTINGS THREADS

The training seconds are those from the float32 rows to the model, bins included; the scoring seconds those from the training rows to
their probabilities. The margins of the test rows go to FOLDER/<peer>.bin. Prints one JSON object. A small fit goes first."""

import json
import pathlib
import sys
import time

import numpy


def lightgbm(x, y, settings, threads):
    import lightgbm as library
    parameters = {"objective": "binary", "num_leaves": int(settings["leaves"]), "learning_rate": settings["rate"],
                  "max_bin": int(settings["bins"]), "min_data_in_leaf": int(settings["min_rows"]),
                  "min_sum_hessian_in_leaf": settings["min_hessian"], "lambda_l2": settings["lambda"], "num_threads": threads,
                  "verbosity": -1}
    data = library.Dataset(x, y, params=parameters)
    model = library.train(parameters, data, int(settings["trees"]))
    return (lambda rows: model.predict(rows, num_threads=threads)), (lambda rows: model.predict(rows, raw_score=True))


def xgboost(x, y, settings, threads):
    import xgboost as library
    data = library.QuantileDMatrix(x, y, max_bin=int(settings["bins"]), nthread=threads)
    parameters = {"objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_depth": 0,
                  "max_leaves": int(settings["leaves"]), "eta": settings["rate"], "max_bin": int(settings["bins"]),
                  "min_child_weight": settings["min_hessian"], "lambda": settings["lambda"], "nthread": threads}
    model = library.train(parameters, data, int(settings["trees"]))
    return model.inplace_predict, (lambda rows: model.inplace_predict(rows, predict_type="margin"))


def main():
    peer, folder, features, text, threads = sys.argv[1:]
    folder, features, threads = pathlib.Path(folder), int(features), int(threads)
    settings = {name: float(number) for name, number in (part.split("=") for part in text.split(","))}
    train, test = (numpy.fromfile(folder / f"{name}.bin", numpy.float32).reshape(-1, features) for name in ("train", "test"))
    outcome = numpy.fromfile(folder / "train_y.bin", numpy.uint8).astype(numpy.float32)
    fit = {"lightgbm": lightgbm, "xgboost": xgboost}[peer]
    fit(train[:20_000], outcome[:20_000], settings, threads)
    start = time.perf_counter()
    probabilities_of, margins_of = fit(train, outcome, settings, threads)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    probabilities = probabilities_of(train)
    score_seconds = time.perf_counter() - start
    numpy.asarray(margins_of(test), numpy.float64).tofile(folder / f"{peer}.bin")
    print(json.dumps({"seconds": seconds, "score_seconds": score_seconds, "mean": float(numpy.mean(probabilities))}))


if __name__ == "__main__":
    main()

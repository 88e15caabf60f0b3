#!/usr/bin/env python3
"""Pretends to be the Python with the peers: its "programs" take the seconds that FAKE_PEERS says by engine, and answers are equal
unless FAKE_DIFFERENT names the engine."""

import json
import os
import pathlib
import sys


def flag(name):
    return sys.argv[sys.argv.index(name) + 1]


def log(line):
    with open(os.environ["FAKE_LOG"], "a") as file:
        file.write(line + "\n")


def main():
    program = pathlib.Path(sys.argv[1]).name
    if sys.argv[1] == "-c":
        print(json.dumps({"python": "3.11", **{name: "1.0" for name in sys.argv[3:]}}))
    elif program == "lay_out.py":
        target = pathlib.Path(flag("--target"))
        target.mkdir(parents=True, exist_ok=True)
        (target / "sorted.parquet").write_bytes(b"rows")
        if "--held-back" in sys.argv:
            pathlib.Path(flag("--held-back")).write_bytes(b"new")
        log(f"lay out {sys.argv[2]}")
        print(json.dumps({"begin": "2025-12-24", "rows_before": 99, "rows_new": 1}))
    elif program == "answers.py":
        engine = pathlib.Path(flag("--peer")).name
        different = os.environ.get("FAKE_DIFFERENT") == engine
        column = {"customers_that_differ": 7 if different else 0}
        log(f"compare {engine}")
        print(json.dumps({"as_of": {"columns": {"net": column}, "equal": not different}, "equal": not different}))
    else:
        engine = flag("--engine") if "--engine" in sys.argv else "pyspark"
        log(f"{engine}{' --answers' if '--answers' in sys.argv else ''}")
        seconds = json.loads(os.environ["FAKE_PEERS"])[engine]
        facts = {"bg_nbd": {"log_likelihood": -1000.0}, "gamma_gamma": {"log_likelihood": -500.0}, "inertia_per_customer": 1.45,
                 "auc": 0.7}
        print("a line of a library")
        print(json.dumps({"seconds": seconds, "counted": ["as_of"], "phases": {"as_of": seconds}, "facts": facts}))


if __name__ == "__main__":
    main()

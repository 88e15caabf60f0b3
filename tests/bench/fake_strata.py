#!/usr/bin/env python3
"""Pretends to be `strata`: generates a base of one small file, and runs at the speed that FAKE_STRATA says (JSON: seconds of
map, one for each run of a job, the last one over and over)."""

import json
import os
import pathlib
import sys


MODELS = {"lifetime": {"log_likelihood": -1000.0}, "spend": {"log_likelihood": -500.0}, "churn": {"auc": 0.8},
          "clustering": {"inertia": 150.0, "sizes": [60, 40]}}


def flag(name, default=None):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def log(line):
    with open(os.environ["FAKE_LOG"], "a") as file:
        file.write(line + "\n")


def generate():
    out = pathlib.Path(flag("--out"))
    (out / "transactions").mkdir(parents=True)
    (out / "transactions" / "part-0.parquet").write_bytes(b"rows" * int(flag("--customers")))
    (out / "truth.json").write_text(json.dumps({"rows": {"total": int(flag("--transactions"))}}))
    (out / "job.yaml").write_text("name: synthetic\nas_of: 2025-12-31\nshards: 8\nsources:\n  transactions:\n    uri: transactions\nmodels:\n  rfm: {scores: 5}\n")
    log(f"generate {flag('--customers')} {flag('--shape')}")


def run():
    state, job = pathlib.Path(flag("--state")), pathlib.Path(sys.argv[2])
    name = [line.split()[1] for line in job.read_text().splitlines() if line.startswith("name:")][0]
    kind = "as-of" if flag("--as-of") else "night" if state.exists() else "full"
    state.mkdir(parents=True, exist_ok=True)
    (state / "objects").mkdir(exist_ok=True)
    (state / "metadata.db").write_text("m")
    log(f"strata {kind}")
    times = json.loads(os.environ["FAKE_STRATA"])[kind]
    calls = pathlib.Path(os.environ["FAKE_LOG"]).read_text().splitlines().count(f"strata {kind}")
    stages = {"plan": 0.0, "map": times[min(calls, len(times)) - 1], "ledger": 0.0, "feature": 0.0, "fit": 0.5, "score": 0.25,
              "publish": 0.25}
    models = state / "objects" / "jobs" / name / "snapshots" / "1" / "models"
    models.mkdir(parents=True, exist_ok=True)
    for model, facts in MODELS.items():
        (models / f"{model}-ab.json").write_text(json.dumps(facts))
    digest = os.environ.get("FAKE_NIGHT_DIGEST", "d1") if kind == "night" else "d1"
    print(json.dumps({"job": name, "snapshot": 1, "seconds": {**stages, "total": sum(stages.values())}, "ledger_digest": digest}))


if __name__ == "__main__":
    if sys.argv[1] == "version":
        print("strata 9.9 (pretended)")
    elif sys.argv[1] == "generate":
        generate()
    else:
        run()

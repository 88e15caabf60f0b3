"""Generated bases, made once and kept under build/peers/bases; each as a folder that `strata generate` wrote, with base.json."""

import datetime
import json
import shutil

import machine
import processes
import strata

SEED = 7
DAYS = 730
FOLDER = machine.ROOT / "build" / "peers" / "bases"
ALL_MODELS = """models:
  rfm: {scores: 5}
  clustering: {k: 5}
  lifetime: {model: bg_nbd, spend: gamma_gamma, time_unit: week, horizon_days: 365, discount_rate_annual: 0.10}
  churn: {algorithm: logistic, horizon_days: 90}
"""


def describe(base):
    order = "in the order of time" if base["order"] == "log" else "as generated, a run of customers in each file"
    return (f"{base['customers']:,} customers, {base['rows']:,} rows, shape {base['shape']}, {DAYS} days; rows {order}; "
            f"{base['files']} Parquet files, {base['bytes'] / 2**20:,.0f} MiB")


def make(customers, transactions, shape, order, python, threads):
    """The base, made unless it is there: its folder and what base.json says."""
    folder = FOLDER / f"{shape}-{order}-{customers}-{transactions}"
    if not (folder / "base.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        processes.measure([strata.program(), "generate", "--customers", customers, "--transactions", transactions, "--seed", SEED,
                           "--shape", shape, "--days", DAYS, "--out", folder])
        if order == "log":
            (folder / "transactions").rename(folder / "unsorted")
            processes.measure([python, machine.ROOT / "bench" / "peers" / "lay_out.py", "sort", "--source", folder / "unsorted",
                               "--target", folder / "transactions", "--threads", threads])
            shutil.rmtree(folder / "unsorted")
        _finish(folder, customers, shape, order)
    return folder, json.loads((folder / "base.json").read_text())


def _finish(folder, customers, shape, order):
    job = (folder / "job.yaml").read_text()
    as_of = datetime.date.fromisoformat(strata.setting(job, "as_of"))
    files = list((folder / "transactions").iterdir())
    base = {"customers": customers, "rows": json.loads((folder / "truth.json").read_text())["rows"]["total"], "shape": shape,
            "order": order, "files": len(files), "bytes": sum(path.stat().st_size for path in files), "as_of": str(as_of),
            "shards": int(strata.setting(job, "shards"))}
    (folder / "base.json").write_text(json.dumps(base) + "\n")


def parity_job(base_folder, base, target, transactions=None):
    """bench/parity.yaml over a base, written to `target`; the text."""
    text = strata.with_values((machine.ROOT / "bench" / "parity.yaml").read_text(), {
        "uri": transactions or base_folder / "transactions", "as_of": base["as_of"], "shards": base["shards"]})
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return text


def full_job(base_folder, target, transactions):
    """The job of the base, which maps every column, over other files of the same columns; with every model, which a sparse base's
    own job has not."""
    mapped, found, _ = (base_folder / "job.yaml").read_text().partition("\nmodels:\n")
    if not found:
        raise ValueError(f"{base_folder / 'job.yaml'} has no section 'models:'")
    text = strata.with_values(mapped + "\n", {"uri": transactions}) + ALL_MODELS
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return text


def cutoff_of(base, job):
    """The newest date whose churn labels are known: the churn horizon before the as-of date."""
    horizon = int(churn_setting(job, "horizon_days"))
    return str(datetime.date.fromisoformat(base["as_of"]) - datetime.timedelta(days=horizon))


def churn_setting(job, key):
    [line] = [line for line in job.splitlines() if line.lstrip().startswith("churn:")]
    return strata.setting(line, key)


def lifetime_setting(job, key):
    [line] = [line for line in job.splitlines() if line.lstrip().startswith("lifetime:")]
    return strata.setting(line, key)

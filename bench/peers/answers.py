"""Whether two programs did the same work: their answers, customer by customer.

Strata's side is read from the Parquet parts of its snapshot, which hold every feature. Run as a program (with a Python that has
pyarrow): answers.py parity|aggregate … prints what it found as JSON; differences are a finding, not a failure, here.
"""

import argparse
import datetime
import json
import pathlib

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# By kind of column: the greatest difference that is none, relative above 1 and absolute below.
TOLERANCE = {"count": 0.0, "weeks": 1e-9, "money": 1e-6, "model": 1e-3}
AGGREGATE = {"x": "count", "t_x": "weeks", "T": "weeks", "m": "money", "recency_days": "count", "rows": "count",
             "return_rows": "count", "net": "money", "mean_gap_days": "weeks", "purchase_days_90": "count", "net_90": "money",
             "net_365": "money"}
PARITY = {**AGGREGATE, "purchase_days_30": "count", "purchase_days_180": "count", "purchase_days_365": "count",
          "p_alive": "model", "expected_purchases": "model", "expected_spend": "model", "lifetime_value": "model"}
EXAMPLES = 3  # of customers in a finding


def _days_between(begin, end):
    return pc.subtract(pc.cast(end, pa.int32()), pc.cast(begin, pa.int32()))


def _money(micros):
    return pc.divide(pc.cast(micros, pa.float64(), safe=False), 1e6)


def strata_columns(snapshot, date):
    """The peers' columns from the parts of a snapshot folder as of `date`, and the scores where the parts have them."""
    parts = sorted(pathlib.Path(snapshot, "parts").glob("*.parquet"))
    raw = pa.concat_tables([pq.read_table(part) for part in parts])
    feature = {name[len("feature_"):]: raw[name] for name in raw.column_names if name.startswith("feature_")}
    today = pa.scalar((date - datetime.date(1970, 1, 1)).days, pa.int32())
    days = pc.cast(feature["purchase_days"], pa.int64())
    repeats = pc.subtract(days, 1)
    repeated = pc.greater(days, 1)
    divisor = pc.cast(pc.if_else(repeated, repeats, 1), pa.float64())
    span = pc.cast(_days_between(feature["first_day"], feature["last_day"]), pa.float64())
    columns = {
        "customer_id": raw["customer_id"], "x": repeats, "t_x": pc.divide(span, 7.0),
        "T": pc.divide(pc.cast(_days_between(feature["first_day"], today), pa.float64()), 7.0),
        "m": pc.if_else(repeated, pc.divide(_money(feature["repeat_net_micros"]), divisor), 0.0),
        "recency_days": _days_between(feature["last_day"], today), "rows": feature["rows"],
        "return_rows": feature["return_rows"], "net": _money(feature["net_micros"]),
        "mean_gap_days": pc.if_else(repeated, pc.divide(span, divisor), 0.0),
        "net_90": _money(feature["net_micros_90"]), "net_365": _money(feature["net_micros_365"]),
        **{f"purchase_days_{w}": feature[f"purchase_days_{w}"] for w in (30, 90, 180, 365)},
        **{name: raw[name] for name, kind in PARITY.items() if kind == "model"}}
    return pa.table(columns)


def _by_customer(table):
    table = table.set_column(table.column_names.index("customer_id"), "customer_id",
                             pc.cast(table["customer_id"], pa.large_string()))
    return table.take(pc.sort_indices(table["customer_id"]))


def _differing(ours, theirs, tolerance):
    """Greatest scaled difference, and for every customer whether they differ. Nothing equals nothing only."""
    ours, theirs = pc.cast(ours, pa.float64(), safe=False), pc.cast(theirs, pa.float64(), safe=False)
    scale = pc.max_element_wise(pc.abs(ours), 1.0)
    distance = pc.divide(pc.abs(pc.subtract(ours, theirs)), scale)
    one_absent = pc.xor(pc.is_null(ours), pc.is_null(theirs))
    # A NaN is greater than no limit, so "not at most" instead of "greater".
    differ = pc.or_(one_absent, pc.fill_null(pc.invert(pc.less_equal(distance, tolerance)), False))
    return pc.max(distance).as_py(), differ


def compare(ours, theirs, kinds):
    """What differs between two tables with customer_id and the columns of `kinds`."""
    found = {"customers": ours.num_rows, "customers_of_peer": theirs.num_rows, "columns": {}, "equal": False}
    ours, theirs = _by_customer(ours), _by_customer(theirs)
    if ours.num_rows != theirs.num_rows or not ours["customer_id"].equals(theirs["customer_id"]):
        found["difference"] = "not the same customers"
        return found
    for name, kind in kinds.items():
        greatest, differ = _differing(ours[name], theirs[name], TOLERANCE[kind])
        count = pc.sum(pc.cast(differ, pa.int64())).as_py() or 0
        column = {"tolerance": TOLERANCE[kind], "greatest_difference": greatest, "customers_that_differ": count,
                  "sum": pc.sum(pc.cast(ours[name], pa.float64(), safe=False)).as_py(),
                  "sum_of_peer": pc.sum(pc.cast(theirs[name], pa.float64(), safe=False)).as_py()}
        if count:
            rows = pc.indices_nonzero(differ).slice(0, EXAMPLES)
            column["examples"] = [{"customer_id": ours["customer_id"][i.as_py()].as_py(), "ours": ours[name][i.as_py()].as_py(),
                                   "theirs": theirs[name][i.as_py()].as_py()} for i in rows]
        found["columns"][name] = column
    found["equal"] = all(column["customers_that_differ"] == 0 for column in found["columns"].values())
    return found


def churn_counts(snapshot):
    """Customers with a purchase at the test cutoff and those of them without one after it, as Strata's churn model counted."""
    [path] = pathlib.Path(snapshot, "models").glob("churn-*.json")
    model = json.loads(path.read_text())
    return {"at_risk": model["holdout_rows"], "churned": model["holdout_churned"]}


def compare_labels(cutoff, snapshot):
    bought = pc.greater_equal(cutoff["x"], 0)
    theirs = {"at_risk": pc.sum(pc.cast(bought, pa.int64())).as_py(),
              "churned": pc.sum(pc.cast(pc.and_(bought, pc.cast(cutoff["churned"], pa.bool_())), pa.int64())).as_py()}
    ours = churn_counts(snapshot)
    return {"ours": ours, "theirs": theirs, "equal": ours == theirs}


def aggregate(options):
    """Both tables of a peer and its labels against the snapshots as of the date and as of the cutoff."""
    date = datetime.date.fromisoformat
    peer = {name: pq.read_table(f"{options.peer}/{name}.parquet") for name in ("as_of", "cutoff")}
    found = {"as_of": compare(strata_columns(options.snapshot, date(options.as_of)), peer["as_of"], AGGREGATE),
             "cutoff": compare(strata_columns(options.cutoff_snapshot, date(options.cutoff)), peer["cutoff"], AGGREGATE),
             "labels": compare_labels(peer["cutoff"], options.snapshot)}
    return {**found, "equal": all(part["equal"] for part in found.values())}


def parity(options):
    ours = strata_columns(options.snapshot, datetime.date.fromisoformat(options.as_of))
    return compare(ours, pq.read_table(f"{options.peer}/scores.parquet"), PARITY)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["aggregate", "parity"])
    parser.add_argument("--peer", required=True, help="the peer's folder of answers")
    parser.add_argument("--snapshot", required=True, help="Strata's snapshot folder, as of --as-of")
    parser.add_argument("--cutoff-snapshot", help="the same as of --cutoff")
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--cutoff")
    options = parser.parse_args()
    print(json.dumps(aggregate(options) if options.what == "aggregate" else parity(options)))


if __name__ == "__main__":
    main()

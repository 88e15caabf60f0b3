"""`strata snapshots diff` against a slow computation from the exported rows of both snapshots."""

import collections
import csv
import datetime
import decimal
import fractions
import math

import pyarrow.parquet

from programs import Case, job_text, main

FEATURES = ["feature_repeat_net_micros", "feature_purchase_days_30", "feature_purchase_days_90", "feature_purchase_days_180",
            "feature_purchase_days_365", "feature_net_micros_90", "feature_net_micros_365", "feature_squared_gap_days"]

# Columns of an export by how many digits their values have; scores are of doubles, everything else is exact.
COLUMNS = ["purchase_days", "rows", "return_rows", "net", "recency_score", "frequency_score", "monetary_score", "p_alive",
           "expected_purchases", "p_no_purchase", "expected_spend", "lifetime_value", "churn_probability"]


def decile(values, i):
    return values[max(1, math.ceil(fractions.Fraction(len(values) * i, 10))) - 1]


def class_of(row, kind):
    if row["purchase_days"] == "0":
        return "no_purchase"
    if kind == "rfm":
        return row["rfm_segment"] or "none"
    return f"cluster-{row['cluster']}" if row["cluster"] else "none"


class Diff(Case):
    def export(self, number, where):
        out = self.folder / f"{number}.csv"
        info = self.json("export", "--out", out, "--snapshot", number, *where)
        as_of = datetime.date.fromisoformat(info["as_of"])
        rows = {}
        for row in csv.DictReader(out.read_text().splitlines()):
            values = {name: decimal.Decimal(row[name]) for name in COLUMNS if row[name] != ""}
            for name, day in (("recency_days", "last_purchase_date"), ("tenure_days", "first_purchase_date")):
                if row[day]:
                    values[name] = decimal.Decimal((as_of - datetime.date.fromisoformat(row[day])).days)
            rows[row["customer_id"]] = (row, values)
        for part in (self.folder / f"state/objects/jobs/sample/snapshots/{number}/parts").glob("*.parquet"):
            for row in pyarrow.parquet.read_table(part, columns=["customer_id", *FEATURES]).to_pylist():
                rows[row["customer_id"]][1].update({name: decimal.Decimal(row[name]) for name in FEATURES})
        return rows

    def check_moves(self, told, kind, a, b):
        moves = collections.Counter()
        for customer in a.keys() | b.keys():
            moves[class_of(a[customer][0], kind) if customer in a else None,
                  class_of(b[customer][0], kind) if customer in b else None] += 1
        self.assertEqual({(m["from"], m["to"]): m["customers"] for m in told["moves"]}, dict(moves))
        sizes = collections.Counter(class_of(row, kind) for row, _ in a.values())
        for move in told["moves"]:
            if move["from"] is not None:
                self.assertAlmostEqual(move["share_of_from"], move["customers"] / sizes[move["from"]])
        for line in told["classes"]:
            self.assertAlmostEqual(line["base_share"], sizes[line["name"]] / len(a))

    def check_drift(self, told, a, b):
        name = told["column"]
        values = [sorted(row[name] for _, row in rows.values() if name in row) for rows in (a, b)]
        for side, side_values in (("base", values[0]), ("other", values[1])):
            self.assertEqual(told[side]["present"], len(side_values), name)
            if not side_values:
                self.assertIsNone(told[side]["mean"])
                continue
            mean = sum(fractions.Fraction(value) for value in side_values) / len(side_values)
            self.assertAlmostEqual(told[side]["mean"], float(mean), delta=1e-9 * max(1, abs(float(mean))), msg=name)
            self.assertEqual(told[side]["deciles"], [float(decile(side_values, i)) for i in range(1, 10)], name)
        if not values[0]:
            self.assertIsNone(told["stability_index"])
            return False
        edges = sorted({decile(values[0], i) for i in range(1, 10)})
        bins = []
        for rows, side_values in ((a, values[0]), (b, values[1])):
            counts = [sum(1 for v in side_values if v <= edge) for edge in edges] + [len(side_values)]
            bins.append([n - m for n, m in zip(counts, [0] + counts)] + [len(rows) - len(side_values)])
        self.assertEqual([told["base"]["bins"], told["other"]["bins"]], bins, name)
        index = 0
        for n, m in zip(*bins):
            if n or m:
                p, q = max(n, 0.5) / len(a), max(m, 0.5) / len(b)
                index += (q - p) * math.log(q / p)
        self.assertAlmostEqual(told["stability_index"], index, places=12, msg=name)
        return index > 0

    def check(self, base, other, where):
        a, b = self.export(base, where), self.export(other, where)
        told = self.json("snapshots", "diff", base, other, *where)
        self.assertEqual(told["customers_in_both"], len(a.keys() & b.keys()))
        self.assertEqual(told["customers_left"], len(a.keys() - b.keys()))
        self.assertEqual(told["customers_entered"], len(b.keys() - a.keys()))
        self.check_moves(told["rfm"], "rfm", a, b)
        self.check_moves(told["clusters"], "cluster", a, b)
        self.assertEqual([drift["column"] for drift in told["drifts"]], COLUMNS + ["recency_days", "tenure_days"] + FEATURES)
        moved = sum(self.check_drift(drift, a, b) for drift in told["drifts"])
        self.assertGreater(moved, 10, "the two snapshots differ enough for the test to mean something")
        return told

    def check_parameters(self, told, where):
        models = [self.json("models", "--snapshot", told[side]["snapshot"], *where) for side in ("base", "other")]
        parameters = {p["name"]: p for p in told["parameters"]}
        for name, path in (("lifetime.r", ["lifetime", "parameters", "r"]),
                           ("lifetime.alpha", ["lifetime", "parameters", "alpha"]),
                           ("lifetime.log_likelihood", ["lifetime", "log_likelihood"]),
                           ("spend.q", ["spend", "parameters", "q"]), ("clustering.k", ["clustering", "k"]),
                           ("clustering.silhouette", ["clustering", "silhouette"]), ("churn.auc", ["churn", "auc"])):
            for model, side in zip(models, ("base", "other")):
                for key in path:
                    model = model[key]
                self.assertEqual(parameters[name][side], model, name)
            self.assertEqual(parameters[name]["difference"], parameters[name]["other"] - parameters[name]["base"])

    def test_everything_that_is_said_can_be_counted_from_the_exports(self):
        where = ["--state", self.folder / "state"]
        self.run_job(job_text(as_of="1997-12-31", shards=8))
        second = self.run_job(job_text(as_of="1998-05-31", shards=8))
        # Another number of shards, fewer customers, and no clusters: whoever left, and what only one of them has.
        models = "models:\n  rfm: {scores: 4}\n"
        third = self.run_job(job_text(as_of="1997-03-01", shards=5, models=models), "--rebuild-ledger")
        told = self.check(1, 2, where)
        self.check_parameters(told, where)
        self.assertEqual(told["base"]["as_of"], "1997-12-31")
        self.assertEqual(told["other"]["follows"], 1)
        self.assertEqual(told["other"]["digest"], second["digest"])
        self.assertEqual(told["other"]["rows"], second["rows"])
        self.assertEqual(len(told["base"]["build"]), len(told["other"]["build"]))
        self.assertTrue(told["base"]["build"])
        shrunk = self.check(2, 3, where)
        self.assertGreater(shrunk["customers_left"], 0)
        self.assertEqual((shrunk["base"]["shards"], shrunk["other"]["shards"]), (8, 5))
        self.assertEqual(shrunk["other"]["ledger_version"], third["ledger_version"])
        self.assertIsNone({p["name"]: p for p in shrunk["parameters"]}["lifetime.r"]["other"])
        grown = self.check(3, 2, where)
        self.assertEqual(grown["customers_entered"], shrunk["customers_left"])

        text = self.strata("snapshots", "diff", 1, 2, *where).stdout
        for words in ("Job sample, from snapshot 1 to snapshot 2", "RFM segments", "Drift", "lifetime.alpha", "entered"):
            self.assertIn(words, text)
        self.strata("snapshots", "diff", 3, 2, *where)
        for arguments, words in (((1, 1), "two snapshots"), ((1, 9), "snapshot 9"), ((0, 1), "A"), ((1,), "B")):
            refused = self.strata("snapshots", "diff", *arguments, *where, status=2)
            self.assertIn(words, refused.stderr)
        self.strata("snapshots", "delete", 3, *where)
        self.assertIn("deleted", self.strata("snapshots", "diff", 2, 3, *where, status=2).stderr)
        _, address = self.coordinator()
        self.assertEqual(self.json("snapshots", "diff", 1, 2, "--target", address), told, "a server says the same")


if __name__ == "__main__":
    main()

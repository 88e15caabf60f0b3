#!/usr/bin/env python3
"""Features that a job clusters on, end to end: what is exported is what the job's transforms make of the columns, customers
without a value that they must have are in no cluster, and a base that no grid holds is refused."""

import csv
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import programs  # noqa: E402

CUSTOMERS = 400
COLUMNS = "{customer_id: customer_id, time: date, amount: amount}"
TABLE = """  customers:
    uri: customers.csv
    columns: {customer_id: id, gender: gender, age: age, region: region}
"""


def yeo_johnson(v, power):
    if v >= 0:
        return math.log1p(v) if power == 0 else ((v + 1) ** power - 1) / power
    return -yeo_johnson(-v, 2 - power)


def scaled(feature, text):
    """Of a raw value as it is exported; empty: missing."""
    v = float(text) if text else feature["missing_value"]
    if feature["winsorise"]:
        v = min(max(v, feature["winsorise"][0]), feature["winsorise"][1])
    v /= feature["unit"]
    if feature["transform"] == "log1p":
        v = math.copysign(math.log1p(abs(v)), v)
    elif feature["transform"] == "yeo_johnson":
        v = yeo_johnson(v, feature["lambda"])
    return 0.0 if feature["constant"] else feature["weight"] * (v - feature["mean"]) / feature["deviation"]


class FeaturesTest(programs.Case):
    def setUp(self):
        super().setUp()
        draw = random.Random(11)
        with open(self.folder / "transactions.csv", "w", newline="") as target:
            rows = csv.writer(target)
            rows.writerow(["customer_id", "date", "amount"])
            for customer in range(CUSTOMERS):
                for _ in range(1 + int(draw.expovariate(0.3))):
                    day = f"2023-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
                    rows.writerow([f"c{customer}", day, f"{draw.lognormvariate(3, 1):.2f}"])
        self.ages = {}
        with open(self.folder / "customers.csv", "w", newline="") as target:
            rows = csv.writer(target)
            rows.writerow(["id", "gender", "age", "region"])
            for customer in range(CUSTOMERS):
                self.ages[f"c{customer}"] = draw.randint(18, 90) if draw.random() < 0.8 else None
                rows.writerow([f"c{customer}", draw.choice(["female", "male", ""]), self.ages[f"c{customer}"],
                               draw.choice(["north", "south", "south", "south"])])

    def cluster(self, clustering, table=TABLE, status=0):
        text = programs.job_text("features", "transactions.csv", "2023-12-31", COLUMNS, table,
                                 f"models:\n  clustering: {clustering}\n")
        path = self.write("job.yaml", text)
        done = self.strata("run", path, "--state", self.folder / "state", "--follows", "none", "--json", status=status)
        if status != 0:
            return done.stdout + done.stderr
        self.assertTrue(json.loads(done.stdout.splitlines()[-1])["published"])
        self.strata("export", "--what", "features", "--out", "features.csv", "--state", self.folder / "state")
        with open(self.folder / "features.csv", newline="") as source:
            exported = list(csv.DictReader(source))
        return exported, self.json("models", "--state", self.folder / "state")["clustering"]

    def test_what_is_exported_is_what_the_transforms_make_of_the_columns(self):
        features = """{k: 4, weight: net, features: [log1p_recency_days, purchase_days, return_share,
      {column: net, winsorise: [0.01, 0.99], scale: robust, weight: 2}, {column: average_order, scale: minmax},
      {column: customers.age, transform: none, scale: none}, customers.gender, customers.region]}"""
        exported, model = self.cluster(features)
        self.assertEqual(len(exported), CUSTOMERS)
        self.assertEqual(model["k"], 4)
        self.assertEqual([f["feature"] for f in model["scaling"]],
                         ["log1p_recency_days", "purchase_days", "return_share", "net", "average_order", "customers.age"])
        self.assertEqual([f["transform"] for f in model["scaling"]],
                         ["log1p", "yeo_johnson", "none", "yeo_johnson", "yeo_johnson", "none"])
        step = 2.0 ** -model["grid_bits"]
        for feature in model["scaling"]:
            for row in exported:
                wanted = scaled(feature, row[feature["feature"]])
                self.assertAlmostEqual(float(row["scaled_" + feature["feature"]]), wanted, delta=0.51 * step + 1e-5)
        self.assertTrue(model["scaling"][2]["constant"], "nobody returned anything")
        for row in exported:
            age = self.ages[row["customer_id"]]
            self.assertEqual(row["customers.age"], "" if age is None else str(age))
            self.assertIn(row["customers.gender"], ("female", "male", "(none)", ""))
        means = sum(float(row["weight"]) for row in exported) / CUSTOMERS
        self.assertAlmostEqual(means, 1, delta=0.01)
        self.assertEqual([c["words"] for c in model["categories"]],
                         [["(none)", "(other)", "female", "male"], ["(none)", "(other)", "north", "south"]])
        self.assertGreater(model["gamma"], 0)

    def test_customers_without_a_value_that_they_must_have_are_in_no_cluster(self):
        exported, model = self.cluster("{k: 3, features: [net, {column: customers.age, missing: exclude}]}")
        self.assertEqual({row["customer_id"] for row in exported},
                         {customer for customer, age in self.ages.items() if age is not None})
        self.assertIn("are in no cluster", " ".join(model["warnings"]))
        self.strata("export", "--out", "scores.csv", "--state", self.folder / "state")
        with open(self.folder / "scores.csv", newline="") as source:
            for row in csv.DictReader(source):
                self.assertEqual(row["cluster"] == "", self.ages[row["customer_id"]] is None, row)

    def test_a_feature_of_the_profile_needs_no_table(self):
        exported, model = self.cluster("{k: 3, features: [margin, orders]}", table="")
        self.assertEqual(len(exported), CUSTOMERS)
        self.assertEqual(sum(model["sizes"]), CUSTOMERS)

    def test_what_cannot_be_clustered_is_refused(self):
        with open(self.folder / "transactions.csv", "a", newline="") as target:
            csv.writer(target).writerow(["whale", "2023-05-05", "900000000000.00"])
        features = "{k: 3, features: [{column: net, transform: none, scale: none}]}"
        message = self.cluster(features, status=2)
        for needle in ("CLUSTERING_RANGE", "feature 'net'", "900000000000", "winsorise"):
            self.assertIn(needle, message)
        self.assertEqual(self.json("snapshots", "list", "--state", self.folder / "state")["snapshots"], [])
        exported, _ = self.cluster(features.replace("scale: none", "scale: none, winsorise: [0, 0.99]"))
        self.assertEqual(len(exported), CUSTOMERS + 1)

    def test_odd_bases_have_a_defined_answer(self):
        """Customers by kind, the number of clusters asked for and given, and a word of the reason."""
        for kinds, wanted, given, reason in (({"a": 1}, "auto", None, "at least 2 customers"), ({"a": 30}, 3, 1, "distinct"),
                                             ({"a": 15, "b": 15}, 5, 2, "distinct"), ({"a": 15, "b": 15, "c": 9}, 1, 1, None)):
            with self.subTest(kinds=kinds, wanted=wanted):
                with open(self.folder / "transactions.csv", "w", newline="") as target:
                    rows = csv.writer(target)
                    rows.writerow(["customer_id", "date", "amount"])
                    for kind, count in kinds.items():
                        for i in range(count):
                            rows.writerow([f"{kind}{i}", f"2023-0{ord(kind) - ord('a') + 1}-01", f"{10 ** ord(kind) % 997}.00"])
                text = programs.job_text("odd", "transactions.csv", "2023-12-31", COLUMNS, "",
                                         f"models:\n  clustering: {{k: {wanted}}}\n")
                state = f"odd-{len(kinds)}-{wanted}"
                self.assertTrue(self.run_job(text, state=state)["published"])
                model = self.json("models", "--state", self.folder / state)["clustering"]
                self.assertEqual(model["k"], given, model)
                self.assertIn(reason or "", model["reason"] or "")
                self.assertEqual(sum(model["sizes"]), 0 if given is None else sum(kinds.values()))

    def test_a_mistake_in_the_job_is_named_with_its_line(self):
        message = self.cluster("{features: [net, customers.agee]}", status=2)
        for needle in ("job.yaml:15", "models.clustering.features[2].column", "did you mean 'customers.age'?"):
            self.assertIn(needle, message)


if __name__ == "__main__":
    programs.main()

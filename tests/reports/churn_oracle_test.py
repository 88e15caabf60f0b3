#!/usr/bin/env python3
"""The reports of churn equal what plain Python finds in the file and in the published scores: 18 months of CDNOW, whose survival
curve is lifelines' as well."""

import datetime
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import churn_oracle as oracle  # noqa: E402
import programs  # noqa: E402
import pyarrow.parquet  # noqa: E402

DATA = programs.ROOT / "tests/data/cdnow_sample.csv"
GOLDEN = programs.ROOT / "tests/data/kaplan_meier_golden.json"
AS_OF, HORIZON, ELIGIBLE = datetime.date(1998, 6, 30), 90, 180
NEAR = 1e-9
MODELS = f"""models:
  rfm: {{scores: 5}}
  lifetime: {{model: bg_nbd, spend: gamma_gamma, horizon_days: 365}}
  churn: {{horizon_days: {HORIZON}, eligible_days: {ELIGIBLE}}}
reports: [churn_model_card, churn_loss, churn_survival, churn_traits, churn_bands, churn_retention]
"""


class ChurnOracleTest(programs.Case):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.run_job(programs.job_text(as_of=AS_OF.isoformat(), models=MODELS))
        self.customers = oracle.customers_of(DATA)
        self.as_of = AS_OF.toordinal()

    def report(self, name):
        return self.json("report", name, "--state", self.folder / "state")["rows"]

    def near(self, found, expected, where, near=NEAR):
        if expected is None or isinstance(expected, (str, int)):
            self.assertEqual(found, expected, where)
        else:
            self.assertTrue(math.isclose(found, expected, rel_tol=near, abs_tol=near), (where, found, expected))

    def check_survival(self):
        spans = [oracle.tenure_span(days, self.as_of, HORIZON) for days in self.customers.values()]
        golden = json.loads(GOLDEN.read_text())["cdnow_sample"]
        self.assertEqual([golden["as_of"], golden["horizon_days"]], [AS_OF.isoformat(), HORIZON])
        followed = [span for span in spans if span is not None]
        rows = [row for row in self.report("churn_survival") if row["dimension"] == "all"]
        self.assertEqual(len(followed), golden["customers"])
        ours = oracle.curve(followed)
        self.assertEqual(len(rows), len(ours))
        for row, slow, lifelines in zip(rows, ours, golden["curve"], strict=True):
            self.assertEqual(row["customers"], len(followed))
            self.assertEqual(row["too_young"], len(spans) - len(followed))
            for expected in (slow, lifelines):
                names = ("tenure_days", "at_risk", "lost", "survival", "low", "high")
                for name, value in zip(names, expected, strict=True):
                    self.near(row[name], value, (name, row), 1e-12)
        years = {}
        for days, span in zip(self.customers.values(), spans):
            if span is not None:
                years.setdefault(str(datetime.date.fromordinal(min(days)).year), []).append(span)
        for year, of_year in years.items():
            curve = oracle.curve(of_year)
            found = [row for row in self.report("churn_survival") if (row["dimension"], row["value"]) == ("began", year)]
            self.assertEqual([row["lost"] for row in found], [line[2] for line in curve])
            for row, line in zip(found, curve):
                self.near(row["survival"], line[3], row)

    def check_loss(self):
        rows = self.report("churn_loss")
        cutoffs = sorted({row["cutoff"] for row in rows}, reverse=True)
        self.assertGreaterEqual(len(cutoffs), 2)
        for place, cutoff in enumerate(cutoffs):
            then = self.as_of - HORIZON * (place + 1)
            self.assertEqual(cutoff, datetime.date.fromordinal(then).isoformat())
            expected = oracle.loss(self.customers, then, HORIZON, ELIGIBLE)
            of_cutoff = [row for row in rows if row["cutoff"] == cutoff]
            found = {(row["dimension"], row["value"]): row for row in of_cutoff if row["dimension"] != "segment"}
            self.assertEqual(set(found), set(expected))
            for key, line in expected.items():
                for name, value in line.items():
                    self.near(found[key][name], value, (cutoff, key, name))
            for name in ("at_risk", "churned"):  # everybody is in one segment
                self.assertEqual(sum(row[name] for row in of_cutoff if row["dimension"] == "segment"), expected["all", "all"][name])

    def check_traits(self):
        ones = oracle.at_risk(self.customers, self.as_of - HORIZON, HORIZON, ELIGIBLE)
        rows = {row["trait"]: row for row in self.report("churn_traits") if row["measure"] == "d"}
        values = {"recency_days": lambda one: one.recency, "tenure_days": lambda one: one.tenure,
                  "purchase_days": lambda one: one.purchases, "purchase_days_90": lambda one: one.recent,
                  "net": lambda one: one.net}
        for name, value in values.items():
            lost, kept, d, auc = oracle.effect([value(one) for one in ones if one.lost], [value(one) for one in ones if not one.lost])
            for column, expected in (("lost", lost), ("kept", kept), ("effect", d)):
                self.near(rows[name][column], expected, (name, column))
            # Money has ties that Strata's 16-bit codes make, of values within 0.2 % of one another.
            self.near(rows[name]["auc"], auc, (name, "auc"), 2e-3 if name == "net" else NEAR)
        strengths = [abs(row["effect"]) for row in rows.values()]
        self.assertEqual(strengths, sorted(strengths, reverse=True))

    def check_scores(self):
        parts = sorted((self.folder / "state").glob("**/snapshots/*/parts/*.parquet"))
        columns = ["customer_id", "churn_probability", "churn_band", "value_at_risk"]
        scores = [row for part in parts for row in pyarrow.parquet.read_table(part, columns=columns).to_pylist()]
        bands = {row["band"]: row for row in self.report("churn_bands")}
        for name, least in (("low", 0.0), ("medium", 0.33), ("high", 0.66)):
            self.near(bands[name]["from"], least, name)
        for band, row in bands.items():
            ones = [score for score in scores if score["churn_band"] == band]
            self.assertEqual(row["customers"], len(ones), band)
            if band is None:
                continue
            expected = math.fsum(score["churn_probability"] for score in ones)
            values = [score["value_at_risk"] for score in ones if score["value_at_risk"] is not None]
            self.near(row["expected_churners"], expected, band, 1e-6)
            self.assertEqual(row["valued"], len(values))
            self.near(row["value_at_risk_micros"] / oracle.MICROS, math.fsum(values), band, 1e-6)
            self.assertTrue(all(row["from"] <= score["churn_probability"] < row["to"] or row["to"] == 1 for score in ones))
        listed = self.report("churn_retention")
        ranked = sorted((score for score in scores if (score["value_at_risk"] or 0) > 0), key=lambda score: -score["value_at_risk"])
        self.assertGreater(len(ranked), 100)
        self.assertEqual(len(listed), min(len(ranked), 1000))
        by_id = {score["customer_id"]: score for score in scores}
        for row, score in zip(listed, ranked):
            self.near(row["value_at_risk_micros"] / oracle.MICROS, score["value_at_risk"], row, 1e-5)
            own = by_id[row["customer_id"]]
            self.near(row["value_at_risk_micros"] / oracle.MICROS, own["value_at_risk"], row, 1e-5)
            self.assertEqual(row["band"], own["churn_band"])
            self.assertIsNone(row["action"], "without a save rate nothing is called saved")
            self.assertIsNone(row["expected_gain_micros"])

    def test_of_cdnow(self):
        self.check_survival()
        self.check_loss()
        self.check_traits()
        self.check_scores()


if __name__ == "__main__":
    programs.main()

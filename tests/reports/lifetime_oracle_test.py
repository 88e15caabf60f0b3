#!/usr/bin/env python3
"""The reports of lifetime values equal what plain Python finds in the file and the stored parameters: 18 months of CDNOW, the last
half of them as hold-out, so that errors, bins and weeks are those that the literature prints too."""

import datetime
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import lifetime_oracle  # noqa: E402
import programs  # noqa: E402

DATA = programs.ROOT / "tests/data/cdnow_sample.csv"
GOLDEN = programs.ROOT / "tests/data/clv_golden.json"
AS_OF, HOLDOUT_DAYS = datetime.date(1998, 6, 30), 273
NEAR = 1e-7
MODELS = f"""models:
  lifetime: {{model: bg_nbd, spend: gamma_gamma, horizon_days: 365, holdout_days: {HOLDOUT_DAYS}}}
reports: [lifetime_models, lifetime_parameters, lifetime_errors, lifetime_bins, lifetime_reliability, lifetime_coverage,
          lifetime_deciles, lifetime_tracking, lifetime_cohorts, lifetime_survival]
"""


class LifetimeOracleTest(programs.Case):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.run_job(programs.job_text(as_of=AS_OF.isoformat(), models=MODELS))
        self.lifetime, self.spend = lifetime_oracle.models_of(self.folder / "state")
        self.as_of = AS_OF.toordinal()
        self.then = self.as_of - HOLDOUT_DAYS
        self.customers = lifetime_oracle.customers_of(DATA, self.then, HOLDOUT_DAYS)
        self.judged = self.lifetime["holdout"]
        self.before = lifetime_oracle.BgNbd(*self.judged["parameters"]["value"])

    def report(self, name):
        return self.json("report", name, "--state", self.folder / "state")["rows"]

    def same(self, name, expected, near=NEAR):
        """The rows of a report are the expected ones, in their order; of their columns those that are expected."""
        published, expected = self.report(name), list(expected)
        self.assertEqual(len(published), len(expected), name)
        for found, row in zip(published, expected):
            for column, value in row.items():
                if isinstance(value, float):
                    ours = found[f"{column}_micros"] / 1e6 if f"{column}_micros" in found else found[column]  # money
                    self.assertIsNotNone(ours, (name, column, row))
                    self.assertTrue(math.isclose(ours, value, rel_tol=near, abs_tol=near), (name, column, ours, row))
                else:
                    self.assertEqual(found[column], value, (name, column, row))

    def check_holdout(self):
        spend = lifetime_oracle.Spend(*(self.judged["spend"][name] for name in ("p", "q", "v")))
        holdout = lifetime_oracle.Holdout(self.customers, self.before, spend, HOLDOUT_DAYS)
        errors = holdout.errors()
        rows = {row["measure"]: row for row in self.report("lifetime_errors")}
        for measure, by_name in errors.items():
            for name, value in by_name.items():
                self.assertTrue(math.isclose(rows[measure][name], value, rel_tol=NEAR), (measure, name, rows[measure], value))
        self.assertEqual(rows["grade"]["words"][:3], f"{holdout.grade(errors)}: ")
        self.same("lifetime_bins", holdout.bins())
        self.same("lifetime_reliability", holdout.reliability())
        self.same("lifetime_coverage", holdout.coverage())
        self.same("lifetime_deciles", holdout.deciles(), near=1e-6)

    def check_published(self):
        """Golden values: what others print of the same customers and weeks."""
        golden = {entry["name"]: entry["value"] for entry in json.loads(GOLDEN.read_text())["entries"]}
        name = "cdnow_sample_A"
        weeks, bins = self.report("lifetime_tracking"), self.report("lifetime_bins")
        self.assertEqual([row["actual"] for row in weeks], golden[f"{name}.tracking.actual_incremental"])
        for column, values in (("actual_mean", golden[f"{name}.bins.actual_holdout_mean"]),
                               ("expected_mean", golden[f"{name}.bins.bg_nbd_expected_39w"]),
                               ("nbd_mean", golden[f"{name}.bins.nbd_expected_39w"])):
            for row, value in zip(bins, values, strict=True):
                self.assertTrue(math.isclose(row[column], value, rel_tol=1e-4), (column, row, value))
        for row, value in zip(weeks, golden[f"{name}.tracking.bg_nbd_expected_cumulative"], strict=True):
            self.assertTrue(math.isclose(row["expected_cumulative"], value, rel_tol=1e-4), (row, value))
        errors = {row["measure"]: row["model"] for row in self.report("lifetime_errors")}
        for measure, value in zip(("mae", "rmse"), golden[f"{name}.holdout.bg_nbd_mae_rmse"]):
            self.assertTrue(math.isclose(errors[measure], value, rel_tol=1e-4), (measure, errors, value))

    def check_cohorts(self):
        tonight = lifetime_oracle.BgNbd(*self.lifetime["fit"]["parameters"]["value"])
        found = lifetime_oracle.cohorts(self.customers, tonight, self.as_of)
        mean = self.spend["population_mean"]
        self.same("lifetime_cohorts", (
            {"cohort": lifetime_oracle.first_day(cohort), "months_since": since, "is_complete": cell["is_complete"],
             "customers": cell["customers"], "buyers": cell["buyers"], "actual_repeat": cell["actual_repeat"],
             "actual_net": cell["net"] / 100, "actual_repeat_net": cell["repeat_net"] / 100,
             "expected_repeat": cell["until_end"] - cell["until_start"],
             "expected_repeat_net": mean * (cell["until_end"] - cell["until_start"])}
            for (cohort, since), cell in sorted(found.items())))
        curves = {(row["cohort"], row["months_since"]): row for row in self.report("lifetime_survival")}
        for row in lifetime_oracle.survival(found):
            ours = curves.pop((row["cohort"], row["months_since"]))
            for column, value in row.items():
                if isinstance(value, float):
                    self.assertTrue(math.isclose(ours[column], value, rel_tol=NEAR, abs_tol=NEAR), (column, ours, row))
                else:
                    self.assertEqual(ours[column], value, (column, row))
        for (cohort, since), row in curves.items():  # beyond what has happened
            t = (since + 1) * 30.4375 / lifetime_oracle.DAYS_PER_WEEK
            self.assertIsNone(cohort)
            self.assertTrue(math.isclose(row["alive"], tonight.survival(t), rel_tol=NEAR), row)
            self.assertTrue(math.isclose(row["expected_repeats"], tonight.new(t), rel_tol=NEAR), row)

    def check_models(self):
        [model] = self.report("lifetime_models")
        self.assertEqual([model["model"], bool(model["chosen"]), model["words"]], ["bg_nbd", True, "as the job says"])
        rows = {(row["model"], row["parameter"]): row for row in self.report("lifetime_parameters")}
        for name, value in zip(("r", "alpha", "a", "b"), self.lifetime["fit"]["parameters"]["value"], strict=True):
            row = rows["bg_nbd", name]
            self.assertEqual(row["estimate"], value)
            self.assertLess(row["low"], value)
            self.assertGreater(row["high"], value)
            self.assertEqual(row["unit"], "weeks" if name == "alpha" else "1")
        self.assertEqual(rows["gamma_gamma", "q"]["estimate"], self.spend["q"])

    def test_of_cdnow(self):
        self.check_holdout()
        self.check_published()
        self.same("lifetime_tracking", lifetime_oracle.tracking(self.customers, self.before, self.then, self.as_of))
        self.check_cohorts()
        self.check_models()


if __name__ == "__main__":
    programs.main()

#!/usr/bin/env python3
"""What is planted in a made-up base is what the reports of two nights find: faults, losses, tiers, stages, causes."""

import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import programs  # noqa: E402
import pyarrow.parquet  # noqa: E402

CUSTOMERS = 6_000
ROWS = 60_000
PEERS = 20  # make a group: at this size a hundred, as by default, are in one category and region of newcomers alone
MICROS = 1_000_000
JUDGED = "holdout_days: 60, covariates: {rate: [customers.region]}"  # what reports of lifetime values look at


class TruthTest(programs.Case):
    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="strata-truth-"))
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.call("generate", "--customers", CUSTOMERS, "--transactions", ROWS, "--seed", 11, "--tables", "all", "--dirty-ratio", 0.05,
                 "--out", cls.base / "base")
        job = cls.base / "base/job.yaml"
        text = job.read_text().replace("value: {window_days: all", f"value: {{window_days: all, peers_min: {PEERS}")
        job.write_text(text.replace("lifetime: {model: bg_nbd", f"lifetime: {{model: nbd, {JUDGED}"))
        cls.truth = json.loads((cls.base / "base/truth_tables.json").read_text())
        table = pyarrow.parquet.read_table(cls.base / "base/truth_tables.parquet")
        cls.customers = {row["customer_id"]: row for row in table.to_pylist()}
        for night in ("previous_as_of", "as_of"):
            done = cls.call("run", cls.base / "base/job.yaml", "--state", cls.base / "state", "--as-of", cls.truth["moves"][night],
                            "--json")
            cls.summary = json.loads(done)

    @classmethod
    def call(cls, *arguments):
        done = subprocess.run([programs.BIN / "strata", *map(str, arguments)], capture_output=True, text=True,
                              timeout=programs.DEADLINE_S * 2)
        if done.returncode != 0:
            raise AssertionError(f"strata {arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def report(self, name):
        return json.loads(self.call("report", name, "--state", self.base / "state", "--json"))["rows"]

    def parts(self, columns):
        """Columns of the last snapshot, a row a customer."""
        folder = self.base / f"state/objects/jobs/synthetic/snapshots/{self.summary['snapshot']}/parts"
        rows = []
        for part in sorted(folder.glob("*.parquet")):
            rows += pyarrow.parquet.read_table(part, columns=["customer_id", *columns]).to_pylist()
        return rows

    def test_both_formats_make_one_snapshot(self):
        digests = set()
        for form in ("csv", "parquet"):
            self.call("generate", "--customers", 1_000, "--transactions", 8_000, "--tables", "all", "--format", form, "--out",
                      self.folder / form)
            run = self.json("run", self.folder / form / "job.yaml", "--state", self.folder / f"state-{form}")
            digests.add((run["digest"], run["ledger_digest"]))
        self.assertEqual(len(digests), 1)

    def test_every_report_runs(self):
        listed = self.json("report", "list", "--state", self.base / "state")["reports"]
        self.assertGreater(len(listed), 10)
        # The job's churn model is a logistic one.
        self.assertEqual({entry["name"] for entry in listed if entry["skipped"]}, {"churn_partial_dependence"})

    def test_faults_of_tables(self):
        tables = {row["table"]: row for row in self.report("quality_tables")}
        self.assertEqual(len(tables), 12)
        for name, truth in self.truth["tables"].items():
            with self.subTest(table=name):
                accounts, found = truth["a_run_accounts"], tables[name]
                for count in ("read", "rejected", "duplicates", "blank", "skipped"):
                    self.assertEqual(found[count], accounts[count], count)
                self.assertEqual(found["after_as_of"], truth["rows_after_the_last_day"])
                self.assertEqual(found["accepted"], truth["rows_that_hold"])
                orphans = [fault["rows"] for fault in truth["faults"] if fault["kind"] == "orphan_customer"]
                self.assertEqual(found["orphan_customers"] or 0, sum(orphans))
        self.assertEqual(tables["usage"]["newest_day"], self.truth["late_feed"]["newest_day"])
        self.assertEqual(tables["usage"]["days_behind"], 10)

    def test_faults_of_columns(self):
        columns = {(row["table"], row["column"]): row for row in self.report("quality_columns")}
        rejects = collections.Counter()
        for name, truth in self.truth["tables"].items():
            for column, missing in truth["missing_of_those"].items():
                with self.subTest(table=name, column=column):
                    self.assertEqual(columns[name, column]["rows"] - columns[name, column]["present"], missing)
            for fault in truth["faults"]:
                if "reason" in fault:
                    rejects[name, fault["reason"]] += fault["rows"]
                    continue
                found = columns[name, fault["column"]]
                with self.subTest(table=name, fault=fault["kind"]):
                    if fault["kind"] == "orphan_product":
                        self.assertEqual(found["orphans"], fault["rows"])
                    if fault["kind"] == "outlier":
                        self.assertEqual(found["outliers"], fault["rows"])
        self.assertEqual(columns["customers", "referrer_id"]["orphans"], self.truth["tables"]["customers"]["orphan_referrers"])
        found = {(row["table"], row["reason"]): row["rows"] for row in self.report("quality_rejects")
                 if row["table"] != "transactions"}
        self.assertEqual(found, dict(rejects))

    def margins(self):
        return {name: round(row["margin"] * MICROS) for name, row in self.customers.items() if row["margin"] is not None}

    def test_loss_makers(self):
        causes = {row["cause"]: row for row in self.report("loss_makers")}
        losses = {name: margin for name, margin in self.margins().items() if margin < 0}
        self.assertEqual(sum(row["customers"] for row in causes.values()), len(losses))
        self.assertEqual(sum(row["sum_margin_micros"] for row in causes.values()), sum(losses.values()))
        for cause in ("contact", "service"):
            planted = [name for name, row in self.customers.items() if row["loss_cause"] == cause]
            self.assertGreater(len(planted), 40)
            self.assertEqual(causes[cause]["customers"], len(planted))
            self.assertEqual(causes[cause]["sum_margin_micros"], sum(losses[name] for name in planted))

    def test_tiers(self):
        margins = sorted(self.margins().values(), reverse=True)
        positive = sum(margin for margin in margins if margin > 0)
        expected, greater = collections.Counter(), 0
        for place, margin in enumerate(margins):
            if place and margin != margins[place - 1]:
                greater = sum(m for m in margins[:place] if m > 0) if margin > 0 else greater
            share = greater / positive
            expected["D" if margin <= 0 else "A" if share < 0.8 else "B" if share < 0.95 else "C"] += 1
        found = {row["class"]: row["customers"] for row in self.report("value_classes")}
        self.assertEqual({name: found[name] for name in "ABCD"}, dict(expected))

    def test_growth_potential(self):
        peers, own = collections.defaultdict(list), self.margins()
        parts = self.parts(["growth_potential", "feature_main_region", "feature_tenure_band", "feature_main_category"])
        for row in parts:
            if row["customer_id"] in own:
                row["peers"] = peers[tuple(row[f"feature_{name}"] for name in ("main_region", "tenure_band", "main_category"))]
                row["peers"].append(own[row["customer_id"]])
        held, others = [], []
        for row in parts:
            found, name = row["growth_potential"], row["customer_id"]
            if name not in own or len(row["peers"]) < PEERS:
                self.assertIsNone(found, row)
                continue
            reached = sorted(row["peers"])[(8 * len(row["peers"]) + 9) // 10 - 1]  # by 80 % of them
            self.assertEqual(round(found * MICROS), reached - own[name])
            (held if self.customers[name]["held_back"] else others).append(found > 0)
        self.assertGreater(len(held), 100)
        self.assertGreater(sum(held) / len(held), 0.95)
        self.assertLess(sum(others) / len(others), 0.8)

    def test_stages(self):
        stage_of = {row["customer_id"]: row["class_life_cycle"] for row in self.parts(["class_life_cycle"])}
        planted = {name: row["life_cycle"] for name, row in self.customers.items() if row["life_cycle"]}
        self.assertEqual(set(planted.values()), {"potential", "new", "lost"})
        self.assertEqual({name: stage_of.get(name) for name in planted}, planted)

    def test_causes_of_moves(self):
        moved = self.report("core_list")
        self.assertGreater(len(moved), 50)
        for row in moved:
            bought = self.customers[row["customer_id"]]["rows_last_28_days"] > 0
            if row["cause"] in ("bought", "both_bought"):
                self.assertTrue(bought, row)
            if row["cause"] in ("aged", "both_aged"):
                self.assertFalse(bought, row)
        self.assertIn("bought", {row["cause"] for row in moved})


if __name__ == "__main__":
    programs.main()

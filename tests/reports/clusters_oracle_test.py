#!/usr/bin/env python3
"""The reports of clusters equal what plain Python finds in the stored snapshots: numbers with every transform, a category, and
nights that keep the clusters, fit them anew, add one, and change a scale."""

import datetime
import math
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import cluster_oracle  # noqa: E402
import programs  # noqa: E402

NEAR = 1e-6  # sums of distances are added on a 2^-20 grid, raw values in millionths
FEATURES = """
    - recency_days
    - {column: purchase_days, transform: yeo_johnson}
    - {column: net_per_purchase_day, transform: none, winsorise: [0.01, 0.99], scale: robust}
    - return_share
    - main_region"""
# By night: what is asked of the clusters.
NIGHTS = [("2025-11-30", {}), ("2025-12-07", {"refit": "frozen"}), ("2025-12-14", {"refit": "nightly"}),
          ("2025-12-21", {"k": 6}), ("2025-12-28", {"scale": "standard"})]


def day(text):
    return datetime.date.fromisoformat(text)


class ClustersOracleTest(programs.Case):
    maxDiff = None

    def report(self, name):
        return self.json("report", name, "--state", self.folder / "state")["rows"]

    def same(self, published, expected, key):
        """Rows of a report beside those that were expected; of the latter only what they have."""
        self.assertEqual(len(published), len(expected))
        of = {tuple(row[column] for column in key): row for row in published}
        for row in expected:
            ours = of[tuple(row[column] for column in key)]
            for column, value in row.items():
                found = ours["sum_net_micros" if column == "sum_net" else column]
                if isinstance(value, float):
                    self.assertTrue(math.isclose(found, value, rel_tol=NEAR, abs_tol=NEAR), (column, found, row))
                else:
                    self.assertEqual(found, value, (column, row))

    def check_tonight(self, now):
        """What a model says of customers, it says of them here too; then the reports of one night."""
        for row in now.clustered():
            point = now.point(row)
            self.assertEqual(now.nearest(point), row["cluster"], row["customer_id"])
            for feature, value in zip(now.numbers, point[0]):
                self.assertLessEqual(abs(row[f"scaled_{feature['name']}"] - value), 1, row)
        self.same(self.report("clusters"), cluster_oracle.clusters(now), ["cluster"])
        self.same(self.report("cluster_features"), cluster_oracle.cluster_features(now), ["cluster", "feature", "word"])
        trials = self.report("cluster_choice")
        self.assertEqual([row["k"] for row in trials if row["chosen"]], [now.model["trials"]["k"]])
        picked = cluster_oracle.chosen(trials)
        self.assertTrue(picked is None or picked == now.model["trials"]["k"], trials)

    def check_change(self, then, now, then_as_of):
        moves = {(row["from"], row["to"], row["cause"], row["model_part"]): [row["customers"], row["sum_net_micros"]]
                 for row in self.report("cluster_moves")}
        self.assertEqual(moves, cluster_oracle.cluster_moves(then, now, then_as_of))
        measures = {(row["measure"], row["cluster"]): row["value"] for row in self.report("cluster_drift")}
        for key, value in cluster_oracle.cluster_drift(then, now).items():
            self.assertAlmostEqual(measures[key], value, places=9, msg=key)
        self.assertEqual(bool(measures["refit", None]), now.model["refit"]["refit"])
        drift = cluster_oracle.drift_features(then, now)
        self.same([row for row in self.report("drift_features") if row["feature"] != "main_region"], drift, ["feature"])

    def test_of_five_nights(self):
        base = self.folder / "base"
        self.strata("generate", "--customers", 900, "--transactions", 72000, "--seed", 4, "--shape", "nights", "--out", base)
        job = (base / "job.yaml").read_text().replace("    lines: drop\n", "")
        then = None
        for number, (as_of, asked) in enumerate(NIGHTS):
            with self.subTest(as_of=as_of):
                features = FEATURES if "scale" not in asked else FEATURES.replace("scale: robust", f"scale: {asked['scale']}")
                clustering = f"  clustering:\n    features:{features}\n    k: {asked.get('k', 5)}\n    refit: {asked.get('refit', 'on_drift')}\n"
                path = base / f"night-{number}.yaml"
                path.write_text(re.sub(r"  clustering:\n(    .*\n)+", clustering, job))
                run = self.json("run", path, "--state", self.folder / "state", "--as-of", as_of)
                now = cluster_oracle.Snapshot(self.folder / "state", int(re.search(r"\d+$", str(run["snapshot"])).group()))
                self.check_tonight(now)
                if then is not None:
                    self.check_change(then, now, day(NIGHTS[number - 1][0]))
                then = now


if __name__ == "__main__":
    programs.main()

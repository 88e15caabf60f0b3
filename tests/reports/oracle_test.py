#!/usr/bin/env python3
"""Every report of a run equals what DuckDB's SQL finds in the same files: after one night, and after another that follows it."""

import json
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import duckdb  # noqa: E402
import generated_input  # noqa: E402
import oracle  # noqa: E402
import programs  # noqa: E402

ONLINE_RETAIL = programs.ROOT / "examples" / "online-retail"
JOURNEY = programs.ROOT / "tests" / "data" / "complete_journey"
SCHEMES = "  value: {window_days: all}\n  levels: {cuts: [0.5, 0.8]}\n  life_cycle: {gap_days: 365}\n"
# Of their own questions, with tests of their own (segments_oracle_test.py, clusters_oracle_test.py and, for lifetime_* and
# churn_*, lifetime_oracle_test.py and churn_oracle_test.py).
CLUSTERS = {"clusters", "cluster_choice", "cluster_drift", "cluster_features", "cluster_moves", "drift_features"}
ELSEWHERE = {"segments", "user_segments", "segment_overlap", *CLUSTERS}


class OracleTest(programs.Case):
    def nights(self, job, *dates):
        """Runs a job as of two dates; the reports of the second, by name."""
        for date in dates:
            summary = self.json("run", job, "--state", self.folder / "state", "--as-of", date)
            self.assertTrue(summary["published"])
        listed = self.json("report", "list", "--state", self.folder / "state")["reports"]
        return {entry["name"]: entry for entry in listed}

    def compare(self, input_sql, dates, entries, words=None, skipped=()):
        """All reports but those that the job cannot have, which must say so."""
        database = oracle.Oracle(input_sql, dates[1], earlier=dates[0], words=words)
        entries = {name: entry for name, entry in entries.items() if not name.startswith(("lifetime_", "churn_"))}
        self.assertEqual({name for name, entry in entries.items() if entry["skipped"]}, set(skipped))
        for name, entry in entries.items():
            if entry["skipped"] or name in ELSEWHERE:
                continue
            with self.subTest(report=name):
                path = self.folder / f"{name}.parquet"
                self.strata("report", name, "--state", self.folder / "state", "--out", path)
                published = oracle.read_published(path, entry["columns"])
                self.assertEqual(len(published), entry["rows"])
                found = oracle.differences(entry["columns"], published, database.report(name))
                self.assertFalse(found, "\n".join([f"{len(found)} differences", *found[:10]]))

    def test_online_retail(self):
        text = (ONLINE_RETAIL / "job.yaml").read_text()
        text = re.sub(r"uri: data/", f"uri: {ONLINE_RETAIL}/data/", text) + SCHEMES + "reports: all\n"
        dates = ("2011-11-09", "2011-12-09")
        entries = self.nights(self.write("job.yaml", text), *dates)
        given = (oracle.HERE / "jobs/online_retail/input.sql").read_text().replace("$files", str(ONLINE_RETAIL / "data"))
        self.compare(given, dates, entries, skipped=("completeness", "user_segments", "segment_overlap"))

    def test_complete_journey(self):
        folder = oracle.HERE / "jobs/complete_journey"
        text = (folder / "job.yaml").read_text().replace("../../../data", str(programs.ROOT / "tests/data")) + "reports: all\n"
        dates = ("2017-11-30", "2017-12-31")
        entries = self.nights(self.write("job.yaml", text), *dates)
        given = (folder / "input.sql").read_text().replace("$files", str(JOURNEY))
        self.compare(given, dates, entries, words={"gap_days": 120}, skipped=("user_segments", "segment_overlap", *CLUSTERS))

    def test_generated_base_with_all_tables(self):
        base = self.folder / "base"
        self.strata("generate", "--customers", 4000, "--transactions", 40000, "--seed", 5, "--tables", "all", "--dirty-ratio",
                    0.03, "--out", base)
        moves = json.loads((base / "truth_tables.json").read_text())["moves"]
        dates = (moves["previous_as_of"], moves["as_of"])
        entries = self.nights(base / "job.yaml", *dates)
        treatment = "CASE \"class\" WHEN 'A' THEN 'personal care' WHEN 'B' THEN 'offers' WHEN 'C' THEN 'mass mail' ELSE 'stop' END"
        self.compare(generated_input.input_sql(base), dates, entries, words={"treatment": treatment})

    def reports_of(self, job, state):
        """The bytes of every report of one night, by name."""
        self.json("run", job, "--state", state)
        made = {}
        for entry in self.json("report", "list", "--state", state)["reports"]:
            path = self.folder / "one.parquet"
            if entry["skipped"] is None:
                self.strata("report", entry["name"], "--state", state, "--out", path)
                made[entry["name"]] = path.read_bytes()
        return made

    def test_rows_in_another_order_and_other_shards_make_the_same_reports(self):
        base, shuffled = self.folder / "base", self.folder / "shuffled"
        self.strata("generate", "--customers", 800, "--transactions", 8000, "--seed", 6, "--tables", "all", "--dirty-ratio",
                    0.02, "--out", base)
        job = (base / "job.yaml").read_text()
        shutil.copytree(base, shuffled)
        for path in shuffled.glob("*/*.parquet"):
            duckdb.sql(f"COPY (SELECT * FROM read_parquet('{path}') ORDER BY random()) TO '{path}.other' (FORMAT parquet)")
            pathlib.Path(f"{path}.other").rename(path)
        expected = self.reports_of(base / "job.yaml", self.folder / "one")
        self.assertGreater(len(expected), 15)
        for shards in (1, 13):
            other = shuffled / f"job-{shards}.yaml"
            other.write_text(re.sub(r"^shards: .*", f"shards: {shards}", job, flags=re.MULTILINE))
            found = self.reports_of(other, self.folder / f"state-{shards}")
            self.assertEqual([name for name in expected if found.get(name) != expected[name]], [], f"{shards} shards")


if __name__ == "__main__":
    programs.main()

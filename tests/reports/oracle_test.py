#!/usr/bin/env python3
"""Every report of a run equals what DuckDB's SQL finds in the same files."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import oracle  # noqa: E402
import programs  # noqa: E402

ONLINE_RETAIL = programs.ROOT / "examples" / "online-retail"


class OracleTest(programs.Case):
    def publish(self, text):
        """Runs a job with all reports; what they are, by name, without those that were left out."""
        summary = self.run_job(text + "reports: all\n")
        listed = self.json("report", "list", "--state", self.folder / "state")["reports"]
        self.assertTrue(summary["published"])
        return summary, {entry["name"]: entry for entry in listed if entry["skipped"] is None}

    def compare(self, job, files, as_of, entries):
        input_sql = (oracle.HERE / "jobs" / job / "input.sql").read_text().replace("$files", str(files))
        database = oracle.Oracle(input_sql, as_of)
        for name, entry in entries.items():
            if not (oracle.SQL / f"{name}.sql").exists():
                continue
            with self.subTest(report=name):
                path = self.folder / f"{name}.parquet"
                self.strata("report", name, "--state", self.folder / "state", "--out", path)
                published = oracle.read_published(path, entry["columns"])
                self.assertEqual(len(published), entry["rows"])
                found = oracle.differences(entry["columns"], published, database.report(name))
                self.assertEqual(found[:10], [], f"{len(found)} differences")

    def test_online_retail(self):
        text = (ONLINE_RETAIL / "job.yaml").read_text()
        text = re.sub(r"uri: data/", f"uri: {ONLINE_RETAIL}/data/", text)
        summary, entries = self.publish(text)
        self.assertIn("quality_columns", entries)
        self.compare("online_retail", ONLINE_RETAIL / "data", summary["as_of"], entries)


if __name__ == "__main__":
    programs.main()

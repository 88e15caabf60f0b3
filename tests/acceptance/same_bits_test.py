"""The same bits whatever the machine does and however the rows come: snapshot and ledger digest of one base, all models,
over workers, threads, processes, orders, files, formats, vector widths and memory limits."""

import collections
import csv
import json
import pathlib
import random
import re
import shutil
import subprocess
import tempfile

from programs import BIN, Case, main

CUSTOMERS, ROWS = 12_000, 120_000
SHARDS = 12
MACHINES = [(1, 1), (1, 2), (2, 1), (5, 1), (3, 2)]  # workers x threads


def job_over(folder, uri):
    """The job of a generated base over other files, with as many shards as workers can be busy with, k chosen by the data."""
    text = (folder / "job.yaml").read_text()
    text = re.sub(r"shards: \d+", f"shards: {SHARDS}", text)
    text = re.sub(r"clustering: \{.*\}", "clustering: {k: auto, k_max: 5}", text)
    text = re.sub(r"models:\n", "models:\\n  value: {}\\n  levels: {}\\n  life_cycle: {}\\n", text)
    return re.sub(r"uri: transactions", f"uri: {uri}", text)


# Everything that a clustering may be asked for: transforms, winsorising, scales, a category, weights, outliers set aside.
RICH_CLUSTERING = """
    k: auto
    k_max: 4
    features:
      - recency_days
      - {column: net, transform: yeo_johnson, winsorise: [0.005, 0.995], scale: robust, weight: 1.5}
      - {column: purchase_days, transform: log1p, scale: minmax}
      - {column: last_gap_days, missing: zero}
      - {column: return_share, scale: none}
      - main_channel
    trim: 0.02
    weight: purchase_days
    sample: 2048
    refit: nightly"""


def rich_job_over(folder, uri):
    text = re.sub(r"clustering: \{.*\}", lambda _: "clustering:" + RICH_CLUSTERING, job_over(folder, uri))
    return text.replace("    lines: drop\n", "")


class SameBits(Case):
    limits = ("28MiB", "64MiB")

    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="strata-base-"))
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        for kind in ("parquet", "csv"):
            subprocess.run([BIN / "strata", "generate", "--customers", str(CUSTOMERS), "--transactions", str(ROWS), "--seed", "5",
                            "--files", "4", "--format", kind, "--out", cls.base / kind], check=True, capture_output=True)
        cls.write_tables()
        cls.text = cls.job_over(cls.base / "parquet", cls.base / "parquet" / "transactions")
        path = cls.base / "job.yaml"
        path.write_text(cls.text)
        done = subprocess.run([BIN / "strata", "run", path, "--state", cls.base / "state", "--workers", "1", "--threads", "1",
                               "--json"], check=True, capture_output=True, text=True)
        cls.wanted = cls.digests(cls.as_run(done.stdout))

    @classmethod
    def write_tables(cls):
        """Tables beside the transactions; none."""

    @classmethod
    def job_over(cls, folder, uri):
        return job_over(folder, uri)

    @staticmethod
    def as_run(text):
        return json.loads(text.splitlines()[-1])

    @staticmethod
    def digests(run):
        return run["digest"], run["ledger_digest"]

    def check(self, name, text, *flags):
        run = self.run_job(text, *flags, state=name)
        self.assertTrue(run["published"] and run["activated"], run)
        self.assertEqual(self.digests(run), self.wanted, f"{name}: {flags}")
        return run

    def test_workers_and_threads_in_one_process(self):
        for workers, threads in MACHINES[1:]:
            self.check(f"embedded-{workers}x{threads}", self.text, "--workers", workers, "--threads", threads)
        self.assertEqual(self.strata("snapshots", "digest", "--state", self.folder / "embedded-3x2").stdout.strip(), self.wanted[0])

    def test_workers_that_are_processes(self):
        path = self.write("job.yaml", self.text)
        for workers, threads in MACHINES:
            state = f"cluster-{workers}x{threads}"
            coordinator, address = self.coordinator(state)
            processes = [self.worker(address, f"w{i}", state, threads) for i in range(workers)]
            for i in range(workers):
                coordinator.wait_for(f"worker w{i} joined")
            run = self.json("run", path, "--target", address)
            self.assertEqual(self.digests(run), self.wanted, state)
            for process in [*processes, coordinator]:
                process.stop()

    def test_every_vector_width_of_this_machine(self):
        path = self.write("job.yaml", self.text)
        refused = self.strata("run", path, "--state", self.folder / "none", "--kernels", "sse2", status=2)
        self.assertIn("--kernels", refused.stderr)
        there = re.search(r"this machine can do ([\w, ]+)", refused.stderr).group(1).split(", ")
        self.assertEqual((there[0], there[-1]), ("auto", "plain"))
        print("kernels compared:", *there)
        for name in there:
            self.check(f"kernels-{name}", self.text, "--kernels", name)
        for name in {"avx512", "avx2"} - set(there):
            lacking = self.strata("run", path, "--state", self.folder / "none", "--kernels", name, status=2)
            self.assertIn(f"this machine has no {name}", lacking.stderr)
        self.assertFalse((self.folder / "none").exists(), "nothing is begun with kernels that are not there")

    def test_workers_of_different_widths_and_limits_agree(self):
        coordinator, address = self.coordinator()
        for name, flags in (("wide", ("--kernels", "auto")), ("plain", ("--kernels", "plain", "--memory-limit", "64MiB"))):
            self.worker(address, name, threads=1, flags=flags)
            coordinator.wait_for(f"worker {name} joined")
        run = self.json("run", self.write("job.yaml", self.text), "--target", address)
        self.assertEqual(self.digests(run), self.wanted)

    def test_memory_limits(self):
        for limit in self.limits:
            self.check(f"limit-{limit}", self.text, "--memory-limit", limit, "--workers", 2, "--threads", 2)

    def test_csv_and_parquet_of_the_same_rows(self):
        self.check("csv", self.job_over(self.base / "csv", self.base / "csv" / "transactions"))

    def test_shuffled_rows_in_other_files_of_other_names(self):
        rows, header = [], None
        for path in sorted((self.base / "csv/transactions").iterdir()):
            with open(path, newline="") as source:
                header, *some = source.readlines()
            rows += some
        self.assertGreater(len(rows), ROWS * 0.9)
        random.Random(7).shuffle(rows)
        files = 7
        for i in range(files):
            # Sorted by name they come in another order than they were written, with the columns in another order too.
            with open(self.write(f"mixed/{(i * 5) % files}-day.csv", ""), "w", newline="") as target:
                writer = csv.writer(target)
                for row in csv.reader([header, *rows[i::files]]):
                    writer.writerow(row[::-1])
        run = self.check("mixed", self.job_over(self.base / "csv", self.folder / "mixed"))
        self.assertEqual(run["rows"]["accepted"], len(rows))


class SameClusters(SameBits):
    """The same, of clusters over transformed features, a category, weights and trimming. The limit of memory leaves no room for what
    workers keep from round to round."""

    limits = ("48MiB", "80MiB")  # lines of transactions are kept, for main_channel

    @classmethod
    def job_over(cls, folder, uri):
        return rich_job_over(folder, uri)

    def test_what_was_clustered_is_there(self):
        self.strata("export", "--what", "features", "--out", self.folder / "features.csv", "--state", self.base / "state")
        with open(self.folder / "features.csv", newline="") as source:
            rows = list(csv.DictReader(source))
        self.assertEqual(list(rows[0])[:6], ["customer_id", "cluster", "outlier", "weight", "recency_days", "scaled_recency_days"])
        self.assertIn("main_channel", rows[0])
        model = self.json("models", "--state", self.base / "state")["clustering"]
        outliers = [row for row in rows if row["outlier"] == "true"]
        self.assertEqual(len(outliers), model["outliers"])
        self.assertEqual(len(outliers), len(rows) * 2 // 100, "exactly the share that the job sets aside")
        sizes = {str(cluster["id"]): cluster["size"] for cluster in model["clusters"]}
        self.assertEqual(collections.Counter(row["cluster"] for row in rows if row["cluster"]), sizes)
        names = {cluster["id"]: cluster["name"] for cluster in model["clusters"]}
        for row in (outliers[0], next(row for row in rows if row["cluster"])):
            score = self.json("get", row["customer_id"], "--state", self.base / "state")["score"]
            self.assertEqual(str(score["cluster"] or ""), row["cluster"])
            self.assertEqual(score["cluster_name"], names.get(score["cluster"]))
            self.assertEqual("outlier" in score["flags"], row["outlier"] == "true")
            self.assertIn(score["second_cluster"], names)
            self.assertGreaterEqual(score["cluster_distance"], 0)


if __name__ == "__main__":
    main()

"""What stays of many nights and what goes: whatever is served, followed or within the count stays, the rest leaves nothing
behind. And the ledger by itself: built anew without models, and taken elsewhere row by row."""

import collections
import csv
import datetime
import decimal
import pathlib
import random

from programs import Case, main

FIRST = datetime.date(2024, 1, 1)
NIGHTS = 40
JOB = """name: shop
time_zone: UTC
currency: EUR
seed: 5
shards: 3
sources:
  transactions:
    uri: %s
    columns: {customer_id: customer, time: day, amount: amount, is_return: returned%s}
error_budget: {rejected_max: 10}
%smodels:
  rfm: {scores: 3}
  lifetime: {model: bg_nbd, spend: gamma_gamma, time_unit: week, horizon_days: 365, discount_rate_annual: 0.1}
"""
RETENTION = "retention: {snapshots_min: 5, snapshots_days: 0, runs_min: 8, runs_days: 0}\n"


class Nights(Case):
    def feed(self, night, rows=60, bad=1, folder="feed"):
        """The file of a night: new rows, and a few that cannot be read."""
        draw = random.Random(night)
        path = self.folder / folder / f"{night:03}.csv"
        path.parent.mkdir(exist_ok=True)
        day = FIRST + datetime.timedelta(days=night)
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["customer", "day", "amount", "returned", "id"])
            for i in range(rows):
                back = -1 if draw.random() < 0.1 else 1
                late = day - datetime.timedelta(days=draw.choice([0, 0, 0, 1, 5]))
                writer.writerow([f"c{draw.randrange(200)}", late, f"{back * draw.randrange(1, 99999) / 100:.2f}",
                                 str(back < 0).lower(), f"{night}-{i}"])
            for i in range(bad):
                writer.writerow([f"c{i}", "2024-02-31", "1", "false", f"{night}-bad-{i}"])
        return day

    def job(self, retention=RETENTION, folder="feed", more_columns=""):
        return JOB % (self.folder / folder, more_columns, retention)

    def night(self, number, *flags, retention=RETENTION, state="state"):
        day = self.feed(number)
        run = self.run_job(self.job(retention), "--as-of", day, *flags, state=state)
        self.assertTrue(run["published"])
        return run

    def objects(self, below, state="state"):
        """Files under a folder of the job's objects, relative to it."""
        root = self.folder / state / "objects/jobs/shop" / below
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def size(self, state="state"):
        return sum(path.stat().st_size for path in (self.folder / state).rglob("*") if path.is_file())

    def numbers(self, below):
        return {int(pathlib.PurePath(path).parts[0]) for path in self.objects(below)}


class Retention(Nights):
    def test_forty_nights_keep_what_is_served_followed_and_newest(self):
        where = ["--state", self.folder / "state"]
        removed, sizes = [], []
        for number in range(1, NIGHTS + 1):
            run = self.night(number, *(["--no-activate"] if number > 20 else []))
            self.assertEqual(run["snapshot"], number)
            self.assertEqual(run["follows"], number - 1 if number > 1 else None)
            removed += run.get("removed", {}).get("snapshots", [])
            sizes.append(self.size())
        kept = {19, 20, 36, 37, 38, 39, 40}
        self.assertEqual(sorted(removed), sorted(set(range(1, NIGHTS + 1)) - kept), "each is told once")
        listed = self.json("snapshots", "list", *where)["snapshots"]
        self.assertEqual({line["snapshot"] for line in listed}, kept)
        self.assertEqual(self.numbers("snapshots"), kept, "no object of another one is left")

        # What answers still does, and every kept one is whole.
        self.assertEqual(self.json("get", "c1", *where)["snapshot"], 20)
        for number in kept:
            self.strata("snapshots", "verify", number, *where)
        gone = self.strata("snapshots", "activate", 7, *where, status=2)
        self.assertIn("job shop has no snapshot 7", gone.stderr)
        self.assertIn("snapshot 7", self.strata("snapshots", "diff", 7, 40, *where, status=2).stderr)
        self.strata("snapshots", "activate", 37, *where)
        self.assertEqual(self.json("get", "c1", *where)["snapshot"], 37)

        # Runs: the newest eight, those of kept snapshots, and the one that was under way while it was decided.
        runs = {run["run"] for run in self.json("runs", "list", *where)["runs"]}
        self.assertEqual(runs, kept | set(range(32, 41)))
        self.assertEqual(self.numbers("runs"), runs, "their quarantines stay, all others are gone")
        self.assertTrue(all("/quarantine/" in path for path in self.objects("runs")))

        # The ledger is as it was; what only removed snapshots needed is gone.
        verified = self.json("ledger", "verify", *where)
        self.assertEqual(verified["rows"], 60 * NIGHTS)
        job = self.write("anew.yaml", self.job().replace("rejected_max: 10", "rejected_max: 40"))
        anew = self.json("ledger", "rebuild", job, "--state", self.folder / "anew")
        self.assertEqual(anew["ledger_digest"], verified["digest"])
        registries = [path for path in self.objects("ledger") if path.startswith("registry-")]
        self.assertEqual(len(registries), len(kept))
        # 60 rows a night come in; what is kept does not grow with the nights beyond that.
        self.assertLess(sizes[-1], 1.6 * sizes[14], sizes)

    def test_a_night_that_fails_takes_no_snapshot_away(self):
        for number in range(1, 5):
            self.night(number, retention="")
        day = self.feed(5, bad=20)
        strict = RETENTION.replace("snapshots_min: 5", "snapshots_min: 1")
        failed = self.run_job(self.job(strict), "--as-of", day, status=2)
        self.assertEqual(failed["error"]["reason"], "ERROR_BUDGET_EXCEEDED")
        self.assertEqual(self.numbers("snapshots"), {1, 2, 3, 4})
        run = self.run_job(self.job(strict).replace("rejected_max: 10", "rejected_max: 50"), "--as-of", day)
        self.assertEqual(run["removed"]["snapshots"], [1, 2, 3], "4 is followed by the new one")
        self.assertGreater(run["removed"]["size_bytes"], 1000)
        self.assertEqual(self.numbers("snapshots"), {4, 6})
        text = self.strata("runs", "show", 6, "--state", self.folder / "state").stdout
        self.assertIn("snapshots 1, 2, 3", text)

    def test_a_coordinator_keeps_no_more_than_its_jobs_allow(self):
        process, address = self.coordinator()
        self.worker(address, "w1")
        where = ["--target", address]
        for number in range(1, 8):
            path = self.write("job.yaml", self.job(RETENTION.replace("snapshots_min: 5", "snapshots_min: 2")))
            run = self.json("run", path, "--as-of", self.feed(number), *where)
        self.assertEqual(run["removed"]["snapshots"], [5])
        process.wait_for(r"retention removed 1 snapshots")
        self.assertEqual({line["snapshot"] for line in self.json("snapshots", "list", *where)["snapshots"]}, {6, 7})
        self.assertIn("snapshot 5", self.strata("snapshots", "activate", 5, *where, status=2).stderr)
        self.assertEqual(self.json("segments", *where)["snapshot"], 7)
        anew = self.json("ledger", "rebuild", self.folder / "job.yaml", *where)
        self.assertTrue(anew["ledger_only"])
        self.assertFalse(anew["published"])
        self.assertEqual(anew["ledger_digest"], run["ledger_digest"])
        self.assertEqual(anew["ledger_version"], run["ledger_version"] + 1)
        self.assertIn("where it lies", self.strata("ledger", "export", "--out", "x.csv", *where, status=2).stderr)


class LedgerAlone(Nights):
    def test_a_ledger_built_anew_is_the_same_and_publishes_nothing(self):
        for number in range(1, 6):
            last = self.night(number)
        where = ["--state", self.folder / "state"]
        anew = self.json("ledger", "rebuild", self.folder / "job.yaml", *where)
        self.assertEqual((anew["state"], anew["published"], anew["snapshot"]), ("succeeded", False, None))
        self.assertEqual(anew["ledger_digest"], last["ledger_digest"])
        self.assertEqual(anew["ledger_version"], last["ledger_version"] + 1)
        self.assertEqual(anew["rows"]["read"], last["rows"]["read"])
        self.assertEqual(self.json("ledger", "verify", *where)["segments"], 3, "one a shard, as after compaction")
        self.assertEqual(self.json("segments", *where)["snapshot"], 5, "what answers stays")
        # A job that differs in its columns is what one rebuilds for; models do not matter, flags of a run are refused.
        other = self.write("job.yaml", self.job(more_columns=", transaction_id: id"))
        self.assertEqual(self.json("run", other, *where, status=2)["error"]["reason"], "LEDGER_FINGERPRINT")
        text = self.strata("ledger", "rebuild", other, *where).stdout
        self.assertIn("is built anew", text)
        self.assertTrue(self.json("run", other, *where, "--as-of", "2024-01-06")["published"])
        self.assertIn("no job file", self.strata("ledger", "rebuild", "nothing.yaml", *where, status=2).stderr)
        (self.folder / "feed/000.csv").write_text("customer,day,amount,returned,id\n" + "c1,2024-13-01,1,false,x\n" * 30)
        failed = self.json("ledger", "rebuild", other, *where, status=2)
        self.assertEqual(failed["error"]["reason"], "ERROR_BUDGET_EXCEEDED")

    def rows_of_feed(self, last):
        """Customer and day, summed from the files by hand."""
        days = collections.defaultdict(lambda: [decimal.Decimal(0), 0, 0])
        for path in (self.folder / "feed").iterdir():
            for row in csv.DictReader(path.read_text().splitlines()):
                if row["day"] == "2024-02-31" or row["day"] > last:
                    continue
                sums = days[row["customer"], row["day"]]
                sums[0] += decimal.Decimal(row["amount"])
                sums[1] += 1
                sums[2] += row["returned"] == "true"
        return days

    def exported(self, path):
        if path.suffix == ".csv":
            return [(row["customer_id"], row["day"], decimal.Decimal(row["net"]), int(row["rows"]),
                     int(row["return_rows"]), row["purchase"] == "true") for row in csv.DictReader(path.read_text().splitlines())]
        import pyarrow.parquet
        table = pyarrow.parquet.read_table(path)
        self.assertEqual(table.schema.metadata[b"strata.job"], b"shop")
        return [(row["customer_id"], str(row["day"]), row["net"], row["rows"], row["return_rows"], row["purchase"])
                for row in table.to_pylist()]

    def test_the_ledger_is_exported_row_by_row(self):
        for number in range(1, 8):
            self.night(number)
        where = ["--state", self.folder / "state"]
        for name, flags, last in (("all.csv", [], "9999"), ("some.parquet", ["--as-of", "2024-01-04"], "2024-01-04"),
                                  ("all.parquet", [], "9999")):
            with self.subTest(name=name):
                out = self.folder / name
                told = self.json("ledger", "export", "--out", out, *flags, *where)
                lines = self.exported(out)
                wanted = self.rows_of_feed(last)
                self.assertEqual(told["days"], len(lines))
                self.assertEqual(told["rows"], sum(line[3] for line in lines))
                self.assertEqual({(c, d): [net, rows, back] for c, d, net, rows, back, _ in lines}, dict(wanted))
                self.assertEqual(len(lines), len(wanted), "no line twice")
                self.assertTrue(all(purchase == (rows > back) for *_, rows, back, purchase in lines))
                blocks = [c for i, (c, *_) in enumerate(lines) if i == 0 or lines[i - 1][0] != c]
                self.assertEqual(len(blocks), len(set(blocks)), "a customer's days lie together")
                self.assertTrue(all(a[1] < b[1] for a, b in zip(lines, lines[1:]) if a[0] == b[0]), "in their order")
                self.assertFalse(list(self.folder.glob("*.part")))
        self.assertEqual(self.exported(self.folder / "all.csv"), self.exported(self.folder / "all.parquet"))
        for flags, words in ((["--out", "x.txt"], ".csv or .parquet"), (["--out", "no/x.csv"], "no folder"),
                             (["--out", "x.csv", "--as-of", "2024-02-30"], "--as-of")):
            self.assertIn(words, self.strata("ledger", "export", *flags, *where, status=2).stderr)
        # A damaged segment is found, and leaves no file.
        for segment in (self.folder / "state/objects/jobs/shop/ledger/segments").iterdir():
            segment.chmod(0o600)
            data = bytearray(segment.read_bytes())
            data[len(data) // 2] ^= 1
            segment.write_bytes(data)
        self.assertIn("checksum", self.strata("ledger", "export", "--out", "bad.csv", *where, status=1).stderr)
        self.assertFalse(list(self.folder.glob("bad*")))


if __name__ == "__main__":
    main()

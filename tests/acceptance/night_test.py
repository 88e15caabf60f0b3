"""The whole night on real data, embedded: golden parameters, exact books, the same digest for the same night."""

import csv
import json

from programs import ROOT, Case, job_text, main


class Golden(Case):
    def test_the_cdnow_sample_gives_the_published_parameters(self):
        self.run_job(job_text())
        models = self.json("models", "--state", self.folder / "state")
        golden = {e["name"]: e for e in json.loads((ROOT / "tests/data/clv_golden.json").read_text())["entries"]}

        def check(got, name):
            entry = golden["cdnow_sample_A." + name]
            values = entry["value"] if isinstance(entry["value"], list) else [entry["value"]]
            self.assertEqual(len(got), len(values))
            for mine, theirs in zip(got, values):
                self.assertLessEqual(abs(mine - theirs), entry["rel_tol"] * abs(theirs), f"{name}: {mine} for {theirs}")

        lifetime, spend = models["lifetime"], models["spend"]
        check([lifetime["parameters"][p] for p in ("r", "alpha", "a", "b")], "bg_nbd.mle")
        check([lifetime["standard_errors"][p] for p in ("r", "alpha", "a", "b")], "bg_nbd.se")
        check([lifetime["log_likelihood"]], "bg_nbd.loglik")
        check([spend["parameters"][p] for p in ("p", "q", "v")], "gamma_gamma.mle")
        check([spend["log_likelihood"]], "gamma_gamma.loglik")
        self.assertEqual((lifetime["customers"], lifetime["unique_rows"], spend["customers"]), (2357, 1016, 946))


class SameNight(Case):
    def test_the_same_night_again_gives_the_same_digest_and_reads_nothing(self):
        first = self.run_job(job_text())
        again = self.run_job(job_text())
        self.assertEqual(first["digest"], again["digest"])
        self.assertEqual(first["ledger_version"], again["ledger_version"])
        self.assertEqual(again["rows_new"]["read"], 0)
        self.assertEqual(first["rows"], again["rows"])
        left = [p for p in (self.folder / "state/objects/jobs/sample/runs").rglob("*") if p.is_file()]
        self.assertEqual(left, [], "a run leaves no intermediate objects")

    def test_rows_that_come_in_two_nights_give_the_ledger_of_one(self):
        source = self.folder / "feed"
        source.mkdir()
        with open(ROOT / "tests/data/cdnow_sample.csv") as file:
            header, *rows = file.readlines()
        (source / "a.csv").write_text(header + "".join(rows[::2]))
        self.run_job(job_text(uri=source))
        (source / "b.csv").write_text(header + "".join(rows[1::2]))
        two = self.run_job(job_text(uri=source))
        one = self.run_job(job_text(), state="one")
        self.assertEqual(two["ledger_version"], 2)
        self.assertEqual(two["ledger_digest"], one["ledger_digest"])
        self.assertEqual(two["digest"], one["digest"])
        self.assertEqual(two["rows_new"]["read"], len(rows[1::2]))


class OnlineRetail(Case):
    COLUMNS = "{customer_id: CustomerID, time: InvoiceDate, quantity: Quantity, unit_price: UnitPrice, order_id: InvoiceNo, product_id: StockCode, region: Country}"

    def job(self, uri):
        return job_text(name="retail", uri=uri, as_of="2011-12-09", columns=self.COLUMNS,
                        extra="    on_missing_customer: skip\n", shards=16).replace("currency: USD", "currency: GBP")

    def test_parquet_and_csv_agree_and_every_line_is_accounted_for(self):
        parquet = ROOT / "examples/online-retail/data/online_retail.parquet"
        one = self.run_job(self.job(parquet), state="parquet")
        self.assertEqual(one["rows"]["read"], 541_909)
        self.assertEqual(one["rows"]["skipped"]["no_customer"], 135_080)
        self.assertEqual(one["rows"]["accepted"], 541_909 - 135_080)
        self.assertEqual((one["customers"], one["customers_with_purchase"]), (4372, 4339))
        two = self.run_job(self.job(self.as_csv(parquet)), state="csv")
        self.assertEqual(one["digest"], two["digest"])
        self.assertEqual(one["rows"], two["rows"])

    def as_csv(self, parquet):
        """The same lines as CSV, written by another program."""
        import pyarrow.parquet  # the Arrow that Strata itself is built with
        table = pyarrow.parquet.read_table(parquet)
        path = self.folder / "online_retail.csv"
        names = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
        columns = [table[name].to_pylist() for name in names]
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            for row in zip(*columns):
                writer.writerow(["" if v is None else repr(v) if isinstance(v, float) else v for v in row])
        return path


class OneState(Case):
    def test_two_jobs_live_side_by_side(self):
        one = self.run_job(job_text(name="first"))
        two = self.run_job(job_text(name="second", as_of="1997-06-30"))
        for name, run in (("first", one), ("second", two)):
            self.assertEqual(run["snapshot"], 1)
            self.assertEqual(self.strata("snapshots", "digest", "--state", self.folder / "state", "--job", name).stdout.strip(), run["digest"])
        done = self.strata("segments", "--state", self.folder / "state", status=2)
        self.assertIn("first", done.stderr)
        self.assertIn("second", done.stderr)

    def test_a_back_dated_run_is_published_and_not_activated_and_roll_back_works(self):
        newest = self.run_job(job_text())
        older = self.run_job(job_text(), "--as-of", "1997-06-30")
        self.assertEqual((older["published"], older["activated"]), (True, False))
        self.assertEqual((newest["snapshot"], older["snapshot"]), (1, 2))
        where = ["--state", self.folder / "state"]
        self.assertEqual(self.strata("snapshots", "digest", *where).stdout.strip(), newest["digest"])
        self.strata("snapshots", "activate", 2, *where)
        self.assertEqual(self.strata("snapshots", "digest", *where).stdout.strip(), older["digest"])
        self.strata("snapshots", "activate", 1, *where)
        self.assertEqual(self.strata("snapshots", "digest", *where).stdout.strip(), newest["digest"])
        forced = self.run_job(job_text(), "--as-of", "1997-06-30", "--activate")
        self.assertTrue(forced["activated"])
        self.assertEqual(forced["digest"], older["digest"])

    def test_a_run_follows_the_snapshot_before_it(self):
        first = self.run_job(job_text(), "--as-of", "1997-06-30")
        second = self.run_job(job_text(), "--as-of", "1997-09-30")
        self.assertIsNone(first["follows"])
        self.assertEqual(second["follows"], first["snapshot"])
        self.assertIsNone(self.run_job(job_text(), "--as-of", "1997-09-30", "--follows", "none")["follows"])


if __name__ == "__main__":
    main()

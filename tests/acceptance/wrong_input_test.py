"""Wrong input is answered with one clear error that says what was found and what is allowed, and the right exit status."""

import re

from programs import Case, job_text, main

HEADER = "customer_id,date,quantity,amount\n"
GOOD = HEADER + "a,1997-01-01,1,10.00\nb,1997-01-02,1,12.50\na,1997-02-01,1,3.00\n"


class WrongInput(Case):
    def refused(self, text, *needles, status=2, flags=()):
        """The run fails with `status`, its message holds every needle, and nothing is published."""
        path = self.write("job.yaml", text)
        done = self.strata("run", path, "--state", self.folder / "state", *flags, status=status)
        for needle in needles:
            self.assertIn(needle, done.stderr)
        return done

    def over(self, csv, *needles, status=2, **job):
        self.write("data.csv", csv)
        return self.refused(job_text(uri="data.csv", as_of=None, **job), *needles, status=status)

    def quarantined(self, csv, reason, line):
        """The row is rejected with `reason` at `line`, and the quarantine says so."""
        done = self.over(csv, reason, "rejected")
        key = re.search(r"jobs/\S+?\.csv", done.stderr).group(0)
        text = (self.folder / "state/objects" / key).read_text()
        self.assertIn(reason, text)
        self.assertRegex(text, rf"data\.csv\"?,{line},")

    def test_files(self):
        self.refused(job_text(uri="missing.csv"), "missing.csv")
        self.over("", "data.csv", "empty")
        self.over(HEADER, "no rows")
        self.over("customer_id,day,quantity,amount\na,1997-01-01,1,1\n", "date", "day", "data.csv")
        self.strata("run", self.folder / "nowhere.yaml", status=2)

    def test_jobs(self):
        self.write("data.csv", GOOD)
        self.refused(job_text(uri="data.csv").replace("seed: 1", "sede: 1"), "job.yaml:5", "sede", "seed")
        self.refused(job_text(uri="data.csv").replace("shards: 8", "shards: 0"), "shards", "0")
        self.refused(job_text(uri="data.csv").replace("time_zone: UTC", "time_zone: Mars/Olympus"), "Mars/Olympus")
        self.refused(job_text(uri="data.csv").replace("{scores: 5}", "{scores: 11}"), "scores", "11", "10")
        self.refused(job_text(uri="data.csv").replace("amount: amount", "amuont: amount"), "amuont")

    def test_rows(self):
        for row, reason in (('a,1997-01-01,1,"1.0', "QUOTE"), ("a,1997-01-01,1", "FIELD"), ("a,1997-02-31,1,1.0", "DATE"),
                            ("a,31/02/1997,1,1.0", "DATE|TIME"), ("a,1997-01-03,1,NaN", "AMOUNT|NUMBER|NAN"), ("a,1997-01-03,1,1.1234567", "PRECISE"),
                            (",1997-01-03,1,1.0", "MISSING_CUSTOMER")):
            with self.subTest(row):
                done = self.over(GOOD + row + "\n", "1 of 4 new rows were rejected")
                self.assertRegex(done.stderr, reason)
                key = re.search(r"jobs/\S+?\.csv", done.stderr).group(0)
                quarantine = (self.folder / "state/objects" / key).read_text()
                self.assertRegex(quarantine, reason)
                self.assertIn(",5,", quarantine)

    def test_a_row_of_2099_is_stored_counted_and_warned_of(self):
        self.write("data.csv", GOOD + "a,2099-01-01,1,1.0\n")
        run = self.run_job(job_text(uri="data.csv", as_of=None))
        self.assertEqual(run["as_of"], "1997-02-01")
        self.assertEqual(run["rows"]["skipped"]["after_as_of"], 1)
        self.assertTrue(any("2099-01-01" in warning for warning in run["warnings"]))

    def test_a_base_without_customers_publishes_nothing(self):
        self.write("data.csv", GOOD)
        self.refused(job_text(uri="data.csv", as_of="1996-12-31"), "no customer")
        self.strata("segments", "--state", self.folder / "state", status=None)

    def test_the_error_budget_lets_some_through_and_keeps_them(self):
        self.write("data.csv", GOOD + "a,1997-01-03,1,NaN\n")
        run = self.run_job(job_text(uri="data.csv", as_of=None, extra="error_budget: {rejected_ratio_max: 0.01}\n"))
        self.assertEqual((run["rows"]["read"], run["rows"]["accepted"], run["rows"]["rejected"]), (4, 3, 1))
        self.assertEqual(len(run["quarantine"]), 1)

    def test_a_missing_feed_is_noticed_before_publish(self):
        self.write("data.csv", GOOD)
        self.refused(job_text(uri="data.csv", extra="    expect: {rows_new_min: 100}\n"), "rows_new_min", "3", status=1)

    def test_a_changed_shard_count_names_the_field(self):
        self.write("data.csv", GOOD)
        self.run_job(job_text(uri="data.csv", as_of="1997-03-01"))
        self.refused(job_text(uri="data.csv", as_of="1997-03-01", shards=16), "shards", "8", "16", "--rebuild-ledger")
        again = self.run_job(job_text(uri="data.csv", as_of="1997-03-01", shards=16), "--rebuild-ledger")
        self.assertTrue(again["published"])

    def test_a_changed_file_is_an_error(self):
        self.write("data.csv", GOOD)
        self.run_job(job_text(uri="data.csv"))
        self.write("data.csv", GOOD.replace("10.00", "99.00"))
        self.refused(job_text(uri="data.csv"), "data.csv", "changed", "on_changed")

    def test_files_that_are_copied_replaced_or_gone(self):
        extra = "    on_changed: replace\n"
        self.write("feed/a.csv", GOOD)
        first = self.run_job(job_text(uri="feed", extra=extra))
        self.write("feed/copy.csv", GOOD)
        copied = self.run_job(job_text(uri="feed", extra=extra))
        self.assertEqual(copied["rows"]["skipped"]["known_file"], 3)
        self.assertEqual((copied["rows"]["accepted"], copied["digest"]), (first["rows"]["accepted"], first["digest"]))
        (self.folder / "feed/copy.csv").unlink()
        self.write("feed/a.csv", GOOD + "c,1997-02-02,1,5.00\n")
        replaced = self.run_job(job_text(uri="feed", extra=extra))
        self.assertEqual((replaced["rows"]["read"], replaced["rows"]["accepted"], replaced["customers"]), (4, 4, 3))
        (self.folder / "feed/a.csv").rename(self.folder / "feed/b.csv")
        renamed = self.run_job(job_text(uri="feed", extra=extra))
        self.assertEqual((renamed["ledger_digest"], renamed["digest"]), (replaced["ledger_digest"], replaced["digest"]))
        self.assertEqual(renamed["rows"]["skipped"]["known_file"], 4)

    def test_warnings_are_bounded_and_the_cut_is_said(self):
        for i in range(121):
            self.write(f"feed/{i:03}.csv", GOOD)
        run = self.run_job(job_text(uri="feed"))
        self.assertEqual(run["rows"]["skipped"]["known_file"], 120 * 3)
        self.assertEqual(len(run["warnings"]), 101)
        self.assertEqual(run["warnings"][-1], "20 further warning(s) are left out")

    def test_a_flipped_byte_in_a_snapshot_is_found(self):
        self.write("data.csv", GOOD)
        self.run_job(job_text(uri="data.csv"))
        where = ["--state", self.folder / "state"]
        self.strata("snapshots", "verify", *where)
        part = next(p for p in (self.folder / "state/objects/jobs/sample/snapshots/1/parts").glob("*.lookup") if p.stat().st_size > 200)
        part.chmod(0o600)
        bytes_ = bytearray(part.read_bytes())
        bytes_[len(bytes_) // 2] ^= 1
        part.write_bytes(bytes_)
        done = self.strata("snapshots", "verify", *where, status=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(part.name, done.stderr + done.stdout)
        self.assertNotEqual(self.strata("get", "a", *where, status=None).returncode, 0)

    def test_flags(self):
        done = self.strata("run", "--no-such-flag", status=2)
        self.assertIn("--no-such-flag", done.stderr)
        self.strata("rnu", status=2)
        self.strata("segments", "--state", self.folder / "none", status=1)
        self.write("data.csv", GOOD)
        path = self.write("job.yaml", job_text(uri="data.csv"))
        self.strata("run", path, "--as-of", "1997-13-01", status=2)
        self.strata("run", path, "--workers", "0", status=2)
        self.strata("run", path, "--follows", "7", "--state", self.folder / "state", status=2)

    def test_an_unknown_customer_is_said(self):
        self.write("data.csv", GOOD)
        self.run_job(job_text(uri="data.csv"))
        done = self.strata("get", "nobody", "--state", self.folder / "state", status=1)
        self.assertIn("nobody", done.stderr)
        found = self.strata("lookup", "--ids", "-", "--state", self.folder / "state", "--json", stdin="b\nnobody\na\n").stdout
        self.assertLess(found.index('"b"'), found.index('"nobody"'))
        self.assertLess(found.index('"nobody"'), found.index('"a"'))


if __name__ == "__main__":
    main()

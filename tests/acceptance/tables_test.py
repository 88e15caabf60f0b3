"""Merged identities and several currencies: thirty nights in which both tables grow equal one night with the last tables,
and both equal a feed in which somebody had put everything right by hand."""

import csv
import datetime
import decimal
import random
import signal

from programs import BIN, Case, main

NIGHTS = 30
FIRST = datetime.date(2024, 3, 1)
LAST = FIRST + datetime.timedelta(days=NIGHTS)
JOB = """name: feed
as_of: {as_of}
time_zone: Europe/Berlin
currency: EUR
seed: 3
shards: 5
sources:
  transactions:
    uri: {folder}/sales
    columns: {columns}
{tables}error_budget: {{rejected_max: 1000}}
models:
  rfm: {{scores: 5}}
"""
COLUMNS = "{customer_id: customer, time: at, amount: amount, currency: currency}"
WITH_IDS = "{customer_id: customer, time: at, amount: amount, currency: currency, transaction_id: id, updated_at: updated}"
ALIASES = "  aliases: {{uri: {folder}/merged/*.csv, columns: {{old_id: was, new_id: is_now, date: since}}}}\n"
FX = "  fx: {{uri: {folder}/rates, columns: {{currency: code, day: day, rate: rate}}}}\n"
RATES = {"USD": "0.92", "GBP": "1.17", "JPY": "0.0061"}


def own_amount(amount, rate):
    """The amount in the job's currency as it would be written: exact, then rounded once, half to even, to micros."""
    decimal.getcontext().prec = 60
    return format((decimal.Decimal(amount) * decimal.Decimal(rate)).quantize(decimal.Decimal("0.000001"),
                                                                             decimal.ROUND_HALF_EVEN), "f")


class World:
    """What happens in the nights: sales, rates without weekends, identities that turn out to be one."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.customers = [f"c{i}" for i in range(120)]
        self.merged = {}  # id → the id it turned out to be
        self.rates = {}  # (currency, day) → rate
        self.sales = []

    def customer_of(self, customer):
        while customer in self.merged:
            customer = self.merged[customer]
        return customer

    def rate_of(self, currency, day):
        if currency == "EUR":
            return "1"
        for back in range(8):
            rate = self.rates.get((currency, day - datetime.timedelta(days=back)))
            if rate:
                return rate
        return None

    def publish_rates(self, day):
        """One more rate a currency, none at weekends."""
        if day.weekday() >= 5:
            return []
        new = [(currency, day, f"{float(middle) * self.draw.uniform(0.95, 1.05):.6f}") for currency, middle in RATES.items()]
        self.rates.update({(currency, day): rate for currency, day, rate in new})
        return new

    def merge(self, count):
        """New rows of the table: some ids turn out to be others; some rows are old news that no longer counts."""
        rows = []
        for _ in range(count):
            old, new = self.customer_of(self.draw.choice(self.customers)), self.draw.choice(self.customers)
            if old != self.customer_of(new):
                self.merged[old] = new
                rows.append((old, new, "2024-02-01"))
                if self.draw.random() < 0.3:
                    rows.append((old, self.draw.choice([c for c in self.customers if c != old]), "2023-05-05"))
        return rows

    def sell(self, day, count):
        """Sales of a night, most of them of its day, the others late."""
        night = []
        for _ in range(count):
            at = day - datetime.timedelta(days=self.draw.choice([0, 0, 0, 1, 2, 9]))
            currency = self.draw.choice(["EUR", "EUR", *RATES])
            if at < FIRST:
                at = day
            night.append({"customer": self.draw.choice(self.customers), "at": f"{at}T{self.draw.randrange(24):02}:30",
                          "amount": f"{self.draw.choice([-1, 1, 1, 1]) * self.draw.randrange(1, 90000) / 100:.2f}",
                          "currency": currency, "id": f"t{len(self.sales) + len(night)}", "updated": ""})
            if self.draw.random() < 0.15 and self.sales:  # the same transaction again, perhaps corrected, perhaps under another id
                again = dict(self.draw.choice(self.sales))
                again["customer"] = self.draw.choice([again["customer"], self.customer_of(again["customer"])])
                if self.draw.random() < 0.5:
                    again["amount"], again["updated"] = f"{self.draw.randrange(1, 900)}", "2024-06-01T00:00:00Z"
                night.append(again)
        self.sales += night
        return night

    def put_right(self):
        """All sales as somebody who knows everything would have written them."""
        return [{**row, "customer": self.customer_of(row["customer"]), "currency": "EUR",
                 "amount": own_amount(row["amount"], self.rate_of(row["currency"], datetime.date.fromisoformat(row["at"][:10])))}
                for row in self.sales]


class Tables(Case):
    def write_csv(self, path, header, rows):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)

    def write_sales(self, path, rows):
        header = ["customer", "at", "amount", "currency", "id", "updated"]
        self.write_csv(path, header, [[row[column] for column in header] for row in rows])

    def job(self, folder, columns=COLUMNS, tables=ALIASES + FX, as_of=LAST):
        tables = tables.format(folder=self.folder / folder)
        return JOB.format(folder=self.folder / folder, columns=columns, tables=tables, as_of=as_of)

    def night(self, folder, state, *flags, **job):
        return self.run_job(self.job(folder, **job), "--follows", "none", *flags, state=state)

    def refused(self, folder, state, *flags, status=2, **job):
        run = self.run_job(self.job(folder, **job), "--follows", "none", *flags, state=state, status=status)
        return run["error"]

    def assert_equal_ledgers(self, one, other, *keys):
        for key in keys or ("ledger_digest", "digest", "rows", "customers"):
            self.assertEqual(one[key], other[key], key)

    def live(self, folder, columns, seed):
        """Thirty nights in one state; the world, and what the last night said."""
        world, alias_rows, rates = World(seed), [("nobody", "c1", "2020-01-01")], []
        moved = 0
        for i in range(NIGHTS):
            day = FIRST + datetime.timedelta(days=i)
            rates += world.publish_rates(day)
            alias_rows += world.merge(world.draw.randrange(4))
            self.write_csv(f"{folder}/rates/{day:%Y-%m}.csv", ["code", "day", "rate"], rates)
            self.write_csv(f"{folder}/merged/all.csv", ["was", "is_now", "since"], alias_rows)
            self.write_sales(f"{folder}/sales/{i:02}.csv", world.sell(day, 60))
            crowd = ["--workers", 3, "--threads", 2] if i % 3 == 1 else []
            last = self.night(folder, f"state-{folder}", *crowd, columns=columns)
            self.assertTrue(last["published"])
            self.assertEqual(last["rows"]["rejected"], 0)
            moved += any("moved to the customers that they were merged into" in warning for warning in last["warnings"])
        self.assertGreater(moved, 10, "rows moved in many nights")
        return world, last

    def test_thirty_nights_with_growing_tables_equal_one(self):
        for name, columns in (("days", COLUMNS), ("lines", WITH_IDS)):
            with self.subTest(name):
                world, last = self.live(name, columns, seed=len(name))
                where = ["--state", self.folder / f"state-{name}"]
                self.assertEqual(self.json("ledger", "verify", *where)["digest"], last["ledger_digest"])
                for state, flags in (("once", []), ("crowd", ["--workers", 3, "--threads", 2]), (f"state-{name}", ["--rebuild-ledger"])):
                    state = state if state.startswith("state") else f"{state}-{name}"
                    self.assert_equal_ledgers(last, self.night(name, state, *flags, columns=columns))
                if columns == COLUMNS:  # hashes of rows, which lines keep, are of what was written
                    self.write_sales("right/sales/all.csv", world.put_right())
                    by_hand = self.night("right", "state-right", tables="")
                    self.assert_equal_ledgers(last, by_hand, "ledger_digest", "rows", "customers")
                else:
                    self.assertGreater(last["rows"]["duplicates"], 100)
                self.assertLess(last["customers"], 120)

    def test_a_table_that_is_new_moves_rows_and_one_that_goes_back_is_an_error(self):
        world = World(1)
        self.write_sales("feed/sales/1.csv", [{**row, "currency": "EUR"} for row in world.sell(FIRST, 200)])
        plain = self.night("feed", "state", tables="")
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"], [("c1", "c2", "2024-01-01"), ("c2", "c3", "2024-01-01")])
        merged = self.night("feed", "state", tables=ALIASES)
        self.assertEqual(merged["customers"], plain["customers"] - 2)
        self.assertEqual(merged["ledger_version"], plain["ledger_version"] + 1)
        asked = {customer: self.json("get", customer, "--state", self.folder / "state")["score"] for customer in ("c1", "c3")}
        self.assertEqual(asked["c1"], asked["c3"], "an old id asks for the customer it was merged into")
        again = self.night("feed", "state", tables=ALIASES)
        self.assertEqual(again["ledger_version"], merged["ledger_version"], "the same table makes no new version")
        self.assert_equal_ledgers(merged, again)
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"], [("c2", "c3", "2024-01-01")])
        error = self.refused("feed", "state", tables=ALIASES)
        self.assertEqual(error["reason"], "ALIASES_CHANGED")
        self.assertIn("'c1' was 'c3' and is 'c1' now", error["message"])
        self.assertIn("--rebuild-ledger", error["message"])
        back = self.night("feed", "state", "--rebuild-ledger", tables=ALIASES)
        self.assertEqual(back["customers"], plain["customers"] - 1)
        self.assertEqual(self.refused("feed", "state", tables="")["reason"], "LEDGER_FINGERPRINT")

    def test_files_may_go_and_identities_merge_in_one_night(self):
        world = World(2)
        for i in range(4):
            self.write_sales(f"feed/sales/{i}.csv", [{**row, "currency": "EUR"} for row in world.sell(FIRST, 80)])
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"], [("c1", "c2", "2024-01-01")])
        options = {"tables": "    on_vanished: remove\n    on_changed: replace\n" + ALIASES, "columns": WITH_IDS}
        self.night("feed", "state", **options)
        (self.folder / "feed/sales/2.csv").unlink()
        self.write_sales("feed/sales/0.csv", [{**row, "currency": "EUR"} for row in world.sell(FIRST, 80)])
        rows = [("c1", "c2", "2024-01-01")] + [(f"c{i}", f"c{i + 1}", "2024-01-01") for i in range(2, 60)]
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"], rows)
        now = self.night("feed", "state", **options)
        self.assert_equal_ledgers(now, self.night("feed", "anew", **options))
        self.strata("ledger", "compact", "--state", self.folder / "state")
        self.assertEqual(self.json("ledger", "verify", "--state", self.folder / "state")["digest"], now["ledger_digest"])
        self.assert_equal_ledgers(now, self.night("feed", "state", **options))

    def test_a_circle_and_an_id_of_its_own_fail_before_anything_is_read(self):
        self.write_sales("feed/sales/1.csv", [{**row, "currency": "EUR"} for row in World(3).sell(FIRST, 20)])
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"], [("x", "c1", "2024-01-01"), ("c1", "c2", "2024-01-01")])
        self.write_csv("feed/merged/b.csv", ["was", "is_now", "since"], [("c2", "x", "2024-01-01")])
        error = self.refused("feed", "state", tables=ALIASES)
        self.assertEqual(error["reason"], "ALIAS_CYCLE")
        self.assertIn("a.csv:3", error["message"])
        self.assertIn("c1 → c2 → x → c1", error["message"])
        shown = self.strata("validate", self.folder / "job.yaml", status=2)
        self.assertIn("c1 → c2 → x → c1", shown.stderr)
        self.write_csv("feed/merged/b.csv", ["was", "is_now", "since"], [("c9", "c9", "2024-01-01")])
        self.assertIn("b.csv:2", self.refused("feed", "state", tables=ALIASES)["message"])

    def test_rows_without_a_rate_are_rejects_and_late_rates_are_an_error(self):
        friday, monday = datetime.date(2024, 3, 8), datetime.date(2024, 3, 11)
        sale = {"customer": "c1", "at": str(friday), "amount": "100.00", "currency": "USD", "id": "t1", "updated": ""}
        rates = [("USD", friday, "0.90")]
        self.write_csv("feed/rates/a.csv", ["code", "day", "rate"], rates)
        self.write_sales("feed/sales/1.csv", [sale, {**sale, "at": "2024-03-09"}, {**sale, "at": "2024-03-16"}, {**sale, "currency": "CHF"}])
        run = self.night("feed", "state", tables=FX)
        self.assertEqual(run["rejected_by_reason"], {"CURRENCY_RATE_MISSING": 1, "CURRENCY_UNKNOWN": 1})
        quarantine = "".join(path.read_text() for path in (self.folder / "state").rglob("quarantine/*.csv"))
        self.assertIn("sources.fx on 2024-03-16 or one of the 7 days before it", quarantine)
        self.assertIn("'CHF' is a currency without rates", quarantine)
        self.write_csv("feed/rates/a.csv", ["code", "day", "rate"], rates + [("USD", monday, "0.95"), ("CHF", monday, "1.01")])
        error = self.refused("feed", "state", tables=FX)
        self.assertEqual(error["reason"], "FX_CHANGED")
        self.assertIn("USD of 2024-03-16 got the rate none, and the table now gives 0.95", error["message"])
        self.write_csv("feed/rates/a.csv", ["code", "day", "rate"], rates + [("USD", datetime.date(2024, 3, 9), "0.91")])
        self.assertIn("USD of 2024-03-09 got the rate 0.9, and the table now gives 0.91",
                      self.refused("feed", "state", tables=FX)["message"])
        later = rates + [("USD", datetime.date(2024, 3, 18), "0.95"), ("CHF", monday, "1.01")]
        self.write_csv("feed/rates/a.csv", ["code", "day", "rate"], later)
        self.write_sales("feed/sales/2.csv", [{**sale, "at": "2024-03-18"}])
        grown = self.night("feed", "state", tables=FX)
        self.assertEqual(grown["rows_new"]["accepted"], 1)
        self.assert_equal_ledgers(grown, self.night("feed", "anew", tables=FX))
        self.assertEqual(self.night("feed", "state", "--rebuild-ledger", tables=FX)["ledger_digest"], grown["ledger_digest"])

    def test_validate_shows_both_tables(self):
        self.write_sales("feed/sales/1.csv", World(4).sell(FIRST, 20))
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"],
                       [("c1", "c2", "2024-01-01"), ("c2", "c3", "2024-01-01"), ("c5", "c6", "2024-01-01"), ("c5", "c7", "2024-01-01")])
        self.write_csv("feed/rates/a.csv", ["code", "day", "rate"],
                       [(currency, FIRST - datetime.timedelta(days=back), rate) for currency, rate in RATES.items() for back in range(3)])
        path = self.write("job.yaml", self.job("feed"))
        said = self.json("validate", path)
        self.assertEqual((said["aliases"]["aliases"], said["aliases"]["customers"], said["aliases"]["conflicts"]), (3, 2, 1))
        self.assertEqual(said["aliases"]["examples"][0], "c1 → c2 → c3")
        self.assertEqual([c["currency"] for c in said["fx"]["currencies"]], ["GBP", "JPY", "USD"])
        self.assertEqual(said["rejected_by_reason"], {})
        text = self.strata("validate", path).stdout
        self.assertIn("4 rows: 3 ids merged into 2 customers", text)
        self.assertIn("0.0061", text)
        conflict = [warning for warning in self.night("feed", "state")["warnings"] if "several new ids at one date" in warning]
        self.assertEqual(len(conflict), 1)

    def test_a_killed_coordinator_goes_on_with_the_tables_it_listed(self):
        world = World(5)
        self.write_sales("feed/sales/1.csv", world.sell(FIRST, 400))
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"], [("c1", "c2", "2024-01-01")])
        self.write_csv("feed/rates/a.csv", ["code", "day", "rate"], [(currency, FIRST, rate) for currency, rate in RATES.items()])
        path = self.write("job.yaml", self.job("feed"))
        coordinator, address = self.coordinator("state", "--lease-ms", "60000")
        worker = self.worker(address, "w1")
        coordinator.wait_for("worker w1 joined")
        self.assertTrue(self.json("run", path, "--target", address)["published"])
        # The second night merges more; its run stands where it is when the coordinator dies.
        worker.process.send_signal(signal.SIGSTOP)
        self.write_csv("feed/merged/a.csv", ["was", "is_now", "since"], [("c1", "c2", "2024-01-01"), ("c2", "c3", "2024-01-01")])
        self.write_sales("feed/sales/2.csv", world.sell(FIRST, 100))
        self.start(BIN / "strata", "run", path, "--target", address, "--json")
        coordinator.wait_for(r"run 2: stage plan begun")
        coordinator.kill()
        worker.kill()
        coordinator, address = self.coordinator("state")
        self.worker(address, "w2")
        coordinator.wait_for(r"run 2 of job \S+: succeeded")
        last = self.json("runs", "show", 2, "--target", address)
        self.assert_equal_ledgers(last, self.night("feed", "anew"), "ledger_digest", "rows", "customers")


if __name__ == "__main__":
    main()

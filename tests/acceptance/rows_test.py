"""Tables beside transactions in the ledger: what came in thirty nights equals what came in one, files come, go and change,
identities merge, each table keeps its own books, and nothing of a table can be told from how it came."""

import csv
import datetime
import random

from programs import BIN, Case, job_text, main

NIGHTS = 30
FIRST = datetime.date(2024, 3, 1)
JOB = """name: feed
as_of: 2024-12-31
time_zone: Europe/Berlin
currency: EUR
seed: 3
shards: 5
sources:
  transactions:
    uri: {folder}/sales
    columns: {{customer_id: customer, time: at, amount: amount, transaction_id: id, product_id: product, order_id: order}}
    on_vanished: remove
    on_changed: replace
  customers:
    uri: {folder}/customers
    columns: {{customer_id: customer, gender: sex, region: state, referrer_id: friend, valid_from: since}}
    values: {{gender: {{F: female, M: male}}}}
    extra: {{hobby: {{column: hobby, type: category}}}}
    error_budget: {{rejected_max: 1000}}
    on_vanished: remove
    on_changed: replace
  products:
    uri: {folder}/products
    columns: {{product_id: product, category: kind, unit_cost: cost, valid_from: since}}
    on_vanished: remove
    on_changed: replace
{more}models:
  rfm: {{scores: 5}}
"""
CASES = """  cases:
    uri: {folder}/cases
    columns: {{case_id: case, customer_id: customer, kind: kind, opened: at, closed: until}}
"""
COSTS = """  costs:
    uri: {folder}/costs
    columns: {{customer_id: customer, activity: activity, period: day, type: type, amount: amount}}
"""
ALIASES = "  aliases: {{uri: {folder}/merged, columns: {{old_id: was, new_id: is_now, date: since}}}}\n"
HEADERS = {"sales": ["id", "customer", "at", "amount", "product", "order"],
           "customers": ["customer", "sex", "state", "friend", "since", "hobby"],
           "products": ["product", "kind", "cost", "since"],
           "cases": ["case", "customer", "kind", "at", "until"],
           "costs": ["customer", "activity", "day", "type", "amount"],
           "merged": ["was", "is_now", "since"]}


class Shop:
    """What a shop writes down in a night, some of it again, some of it corrected, some of it wrong."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.rows = {table: [] for table in HEADERS}

    def customer(self):
        return f"c{self.draw.randrange(90)}"

    def day(self):
        return FIRST + datetime.timedelta(days=self.draw.randrange(200))

    def row(self, table):
        draw, number = self.draw, len(self.rows[table])
        if table == "sales":
            return [f"t{number}", self.customer(), f"{self.day()}T{draw.randrange(24):02}:30",
                    f"{draw.choice([-1, 1, 1]) * draw.randrange(1, 9000) / 100:.2f}", f"p{draw.randrange(12)}", f"o{number // 3}"]
        if table == "customers":
            return [self.customer(), draw.choice(["F", "M", "other", "whoever"]), draw.choice(["NY", "CA", ""]),
                    draw.choice(["", self.customer()]), self.day(), draw.choice(["chess", "tea", ""])]
        if table == "products":
            return [f"p{draw.randrange(12)}", draw.choice(["tea", "coffee"]), f"{draw.randrange(900) / 100:.2f}", self.day()]
        if table == "cases":
            day = self.day()
            return [f"k{number}", self.customer(), draw.choice(["complaint", "opinion"]), day, draw.choice(["", day])]
        return [draw.choice(["", self.customer()]), "mailing", self.day(), draw.choice(["goods", "contact"]), draw.randrange(1, 99)]

    def night(self, table, count):
        rows = []
        for _ in range(count):
            again = self.rows[table] and self.draw.random() < 0.2
            rows.append(list(self.draw.choice(self.rows[table])) if again else self.row(table))
            if again and table == "sales" and self.draw.random() < 0.5:
                rows[-1][3] = f"{self.draw.randrange(1, 9000) / 100:.2f}"
            self.rows[table].append(rows[-1])
        return rows


class Rows(Case):
    def write_rows(self, folder, table, name, rows):
        path = self.folder / folder / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADERS[table])
            writer.writerows(rows)

    def night(self, folder, state, *flags, more=CASES + COSTS, status=0):
        where = self.folder / folder
        job = JOB.format(folder=where, more=more.format(folder=where))
        return self.run_job(job, "--follows", "none", *flags, state=state, status=status)

    def assert_equal_ledgers(self, one, other):
        for key in ("ledger_digest", "digest", "rows", "customers"):
            self.assertEqual(one[key], other[key], key)
        for table in one["tables"]:
            for key in ("files", "rows", "conflicts"):
                self.assertEqual(one["tables"][table][key], other["tables"][table][key], f"{table} {key}")

    def test_thirty_nights_equal_one(self):
        for seed in (1, 2):
            with self.subTest(seed=seed):
                shop, many = Shop(seed), f"many{seed}"
                for i in range(NIGHTS):
                    for table in ("sales", "customers", "products", "cases", "costs"):
                        if i == 0 or shop.draw.random() < 0.7:
                            self.write_rows(many, table, f"{i:02}.csv", shop.night(table, shop.draw.randrange(1, 40)))
                    crowd = ["--workers", 3, "--threads", 2] if i % 3 == 1 else []
                    last = self.night(many, f"state-{many}", *crowd)
                    self.assertTrue(last["published"])
                self.assert_equal_ledgers(last, self.night(many, f"once-{many}", "--workers", 2))
                tables = last["tables"]
                self.assertGreater(tables["customers"]["rows"]["duplicates"], 20)
                self.assertGreater(tables["cases"]["rows"]["duplicates"], 20)
                self.assertEqual(tables["costs"]["rows"]["duplicates"], 0, "costs have no key")
                self.assertGreater(tables["customers"]["rows"]["rejected"], 20)
                for table in tables.values():
                    self.assertEqual(table["rows"]["read"], sum(table["rows"][kind] for kind in ("accepted", "rejected", "duplicates", "blank"))
                                     + table["rows"]["skipped"]["total"])
                where = ["--state", self.folder / f"state-{many}"]
                self.assertEqual(self.json("ledger", "verify", *where)["digest"], last["ledger_digest"])
                self.strata("ledger", "compact", *where)
                verified = self.json("ledger", "verify", *where)
                self.assertEqual(verified["digest"], last["ledger_digest"])
                self.assertLessEqual(verified["segments"], 7 * 5 + 2, "one a shard and table")
                self.assert_equal_ledgers(last, self.night(many, f"state-{many}"))
                self.assert_equal_ledgers(last, self.night(many, f"state-{many}", "--rebuild-ledger"))

    def test_files_come_go_and_change_as_if_only_the_last_ones_had_been_there(self):
        shop = Shop(3)
        tables = ("sales", "customers", "products")
        for i in range(5):
            for table in tables:
                self.write_rows("feed", table, f"{i}.csv", shop.night(table, 60))
        self.night("feed", "state", more="")
        for step in range(8):
            table = shop.draw.choice(tables)
            a, b = shop.draw.sample(sorted((self.folder / "feed" / table).iterdir()), 2)
            change = ["replace", "remove", "rename", "copy"][step % 4]
            if change == "replace":
                self.write_rows("feed", table, a.name, shop.draw.sample(shop.rows[table], 50))
            elif change == "remove":
                a.unlink()
            elif change == "rename":
                a.rename(a.with_name(f"renamed-{step}.csv"))
            else:
                b.with_name(f"copy-{step}.csv").write_bytes(b.read_bytes())
            with self.subTest(step=step, change=change, table=table):
                self.assert_equal_ledgers(self.night("feed", "state", more=""), self.night("feed", f"anew{step}", more=""))
        where = ["--state", self.folder / "state"]
        before = self.json("ledger", "verify", *where)
        self.strata("ledger", "compact", *where)
        self.assertEqual(self.json("ledger", "verify", *where)["digest"], before["digest"])

    def test_rows_of_all_tables_follow_whoever_a_customer_turns_out_to_be(self):
        shop = Shop(4)
        for table in ("sales", "customers", "products", "cases", "costs"):
            self.write_rows("feed", table, "1.csv", shop.night(table, 200))
        more = CASES + COSTS + ALIASES
        self.write_rows("feed", "merged", "a.csv", [["nobody", "c1", "2020-01-01"]])
        self.night("feed", "state", more=more)
        merged = [["nobody", "c1", "2020-01-01"]]
        for i in range(2, 40, 3):
            merged.append([f"c{i}", f"c{i + 1}", "2024-01-01"])
            self.write_rows("feed", "merged", "a.csv", merged)
            self.write_rows("feed", "customers", f"{i}.csv", shop.night("customers", 10))
            now = self.night("feed", "state", more=more)
        self.assertTrue(any("row(s) of tables moved" in warning for warning in now["warnings"]), now["warnings"])
        self.assert_equal_ledgers(now, self.night("feed", "anew", more=more))
        self.strata("ledger", "compact", "--state", self.folder / "state")
        self.assertEqual(self.json("ledger", "verify", "--state", self.folder / "state")["digest"], now["ledger_digest"])

    def test_a_table_may_come_to_a_ledger_and_neither_change_nor_leave(self):
        shop = Shop(5)
        for table in ("sales", "customers", "products", "costs"):
            self.write_rows("feed", table, "1.csv", shop.night(table, 80))
        plain = self.night("feed", "state", more="")
        grown = self.night("feed", "state", more=COSTS)
        self.assertEqual(grown["rows_new"]["read"], 0)
        self.assertEqual(grown["tables"]["costs"]["rows_new"]["read"], 80)
        self.assertNotEqual(grown["ledger_digest"], plain["ledger_digest"])
        self.assert_equal_ledgers(grown, self.night("feed", "anew", more=COSTS))
        error = self.night("feed", "state", more="", status=2)["error"]
        self.assertEqual(error["reason"], "LEDGER_FINGERPRINT")
        self.assertIn("sources.costs.columns.amount", error["message"])
        other = self.night("feed", "state", more=COSTS.replace("activity: activity, ", ""), status=2)["error"]
        self.assertIn("sources.costs.columns.activity: the ledger has 'activity', the job has nothing", other["message"])

    def test_each_table_is_held_to_its_own_budget(self):
        shop = Shop(6)
        self.write_rows("feed", "sales", "1.csv", shop.night("sales", 50))
        self.write_rows("feed", "customers", "1.csv", shop.night("customers", 50))
        self.write_rows("feed", "products", "1.csv", [["p1", "tea", "-1", "2024-01-01"], ["p2", "tea", "1", "2024-01-01"]])
        error = self.night("feed", "state", more="", status=2)["error"]
        self.assertEqual(error["reason"], "ERROR_BUDGET_EXCEEDED")
        self.assertIn("sources.products: 1 of 2 new rows were rejected", error["message"])
        self.write_rows("feed", "products", "1.csv", [["p1", "tea", "1", "2024-01-01"], ["p2", "tea", "1", "2025-06-01"]])
        good = self.night("feed", "state", more="")
        self.assertGreater(good["tables"]["customers"]["rejected"]["GENDER_CHOICE_UNKNOWN"], 3)
        self.assertEqual(good["tables"]["products"]["rows"]["skipped"]["after_as_of"], 1)
        self.assertEqual(good["rejected_by_reason"], {})

    def test_a_job_without_details_has_the_ledger_it_had_before_there_were_tables(self):
        run = self.run_job(job_text(models="models:\n  rfm: {scores: 5}\n"))
        self.assertEqual(run["ledger_digest"], "a71b7a22c8b51237699a4f4101c9f1dd")
        self.assertNotIn("tables", run)
        self.assertEqual([path for path in (self.folder / "state").rglob("*") if "tables" in path.parts[len(self.folder.parts):]], [])

    def test_a_killed_coordinator_goes_on_with_the_tables(self):
        shop = Shop(7)
        for table in ("sales", "customers", "products", "costs"):
            self.write_rows("feed", table, "1.csv", shop.night(table, 300))
        where = self.folder / "feed"
        path = self.write("job.yaml", JOB.format(folder=where, more=COSTS.format(folder=where)))
        coordinator, address = self.coordinator("state", "--lease-ms", "60000")
        worker = self.worker(address, "w1")
        coordinator.wait_for("worker w1 joined")
        first = self.json("run", path, "--target", address, "--follows", "none")
        self.assertEqual(first["tables"]["products"]["rows"]["read"], 300)
        for stage in ("map", "ledger"):
            for table in ("sales", "customers", "products", "costs"):
                self.write_rows("feed", table, f"{stage}.csv", shop.night(table, 100))
            self.start(BIN / "strata", "run", path, "--target", address, "--follows", "none", "--json")
            number = 2 if stage == "map" else 3
            coordinator.wait_for(rf"run {number}: stage {stage} begun")
            coordinator.kill()
            worker.kill()
            coordinator, address = self.coordinator("state", "--lease-ms", "60000")
            worker = self.worker(address, f"after-{stage}")
            coordinator.wait_for(rf"run {number} of job \S+: succeeded")
            last = self.json("runs", "show", number, "--target", address)
            self.assertEqual(last["tables"]["customers"]["rows_new"]["read"], 100)
            self.assert_equal_ledgers(last, self.night("feed", f"anew-{stage}", more=COSTS))
        shown = self.json("ledger", "show", "--target", address)
        self.assertEqual(shown["tables"]["customers"]["files"], 3)
        self.assertEqual(shown["tables"]["transactions"]["rows"], shown["rows"])
        self.assertEqual({file["table"] for file in shown["files"]}, {"transactions", "customers", "products", "costs"})
        self.assertIn("Rows of tables", self.strata("ledger", "show", "--target", address).stdout)


if __name__ == "__main__":
    main()

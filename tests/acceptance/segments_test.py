"""A job's own segments from end to end: conditions over features, scores, events and percentiles against Python's own reading
of the same rows, two nights of who entered and left, and what every command says of them."""

import csv
import datetime
import json
import math
import random
import re

from programs import Case, main

FIRST = datetime.date(2024, 1, 1)
NIGHTS = [datetime.date(2024, 5, 1), datetime.date(2024, 6, 1)]
JOB = """name: shop
time_zone: UTC
currency: EUR
seed: 3
shards: 4
sources:
  transactions:
    uri: {folder}/sales
    columns: {{customer_id: customer, time: at, amount: amount, category: category, order_id: id}}
models:
  rfm: {{scores: 5}}
segments:
  frequent: purchase_days >= 3 AND net > 40
  lapsing:
    where: NOT EXISTS (SELECT * FROM transactions WHERE days_ago < 45)
    title: Nothing for six weeks
  tea: (SELECT count(*) FROM transactions WHERE category = 'tea' AND days_ago BETWEEN 0 AND 89) >= {tea}
  top: net >= percentile_disc(net, 0.9) AND NOT segment('lapsing')
  recent-high: recency_score >= percentile_disc(recency_score, 0.5) AND monetary_score > 2
"""


def world(seed):
    """Sales as (customer, day, amount in cents, category)."""
    draw = random.Random(seed)
    sales = []
    for customer in range(250):
        rate = draw.choice([2, 6, 20])
        for _ in range(draw.randrange(1, rate + 2)):
            day = FIRST + datetime.timedelta(days=draw.randrange((NIGHTS[1] - FIRST).days + 1))
            sales.append((f"c{customer}", day, draw.randrange(1, 3000), draw.choice(["tea", "coffee", "milk", ""])))
    return sales


def members(sales, as_of, tea=2):
    """By segment, from the rules' words alone; recent-high needs the fitted cuts and is left to the scores."""
    by_customer = {}
    for customer, day, cents, category in sales:
        if day <= as_of:
            by_customer.setdefault(customer, []).append((day, cents, category))
    net = {customer: sum(cents for _, cents, _ in rows) for customer, rows in by_customer.items()}
    ranked = sorted(net.values())
    ninth = ranked[math.ceil(len(ranked) * 0.9) - 1]
    found = {name: set() for name in ("frequent", "lapsing", "tea", "top")}
    for customer, rows in by_customer.items():
        ages = [(as_of - day).days for day, _, _ in rows]
        if len(set(ages)) >= 3 and net[customer] > 4000:
            found["frequent"].add(customer)
        if min(ages) >= 45:
            found["lapsing"].add(customer)
        if sum(category == "tea" and age <= 89 for (_, _, category), age in zip(rows, ages)) >= tea:
            found["tea"].add(customer)
        if net[customer] >= ninth and min(ages) < 45:
            found["top"].add(customer)
    return found


class SegmentsTest(Case):
    def setUp(self):
        super().setUp()
        self.sales = world(20240601)
        (self.folder / "sales").mkdir()

    def night(self, as_of, name, low, tea=2):
        with open(self.folder / "sales" / name, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["customer", "at", "amount", "category", "id"])
            for number, (customer, day, cents, category) in enumerate(self.sales):
                if low <= day <= as_of:
                    rows.writerow([customer, day.isoformat(), f"{cents / 100:.2f}", category, f"o{number}"])
        return self.run_job(JOB.format(folder=self.folder, tea=tea), "--as-of", as_of.isoformat())

    def listed(self, name, *flags):
        out = self.folder / "members.csv"
        self.strata("segments", "members", name, "--state", self.folder / "state", "--out", out, *flags)
        with open(out, newline="") as file:
            ids = [row["customer_id"] for row in csv.DictReader(file)]
        self.assertEqual(len(ids), len(set(ids)))
        return set(ids)

    def lines(self):
        segments = self.json("segments", "--state", self.folder / "state")["segments"]
        return {line["name"]: line for line in segments if line["kind"] == "user"}

    def test_two_nights(self):
        self.night(NIGHTS[0], "a.csv", FIRST)
        before = members(self.sales, NIGHTS[0])
        for name, expected in before.items():
            self.assertEqual(self.listed(name), expected, name)
            self.assertGreater(len(expected), 3, f"too few to test anything: {name}")
        self.assertIsNone(self.lines()["tea"]["entered"])
        self.strata("segments", "members", "tea", "--change", "entered", "--out", "x.csv", "--state",
                    self.folder / "state", status=2)
        high = self.listed("recent-high")

        self.night(NIGHTS[1], "b.csv", NIGHTS[0] + datetime.timedelta(days=1), tea=3)
        now = members(self.sales, NIGHTS[1], tea=3)
        lines = self.lines()
        for name, expected in now.items():
            self.assertEqual(self.listed(name), expected, name)
            self.assertEqual(lines[name]["customers"], len(expected))
            self.assertEqual(self.listed(name, "--change", "entered"), expected - before[name], name)
            self.assertEqual(self.listed(name, "--change", "left"), before[name] - expected, name)
            self.assertEqual(lines[name]["entered"], len(expected - before[name]))
            self.assertEqual(lines[name]["left"], len(before[name] - expected))
        self.assertEqual(lines["recent-high"]["left"], len(high - self.listed("recent-high")))
        self.assertEqual(lines["lapsing"]["title"], "Nothing for six weeks")
        self.assertIn("count(*)", lines["tea"]["condition"])

        report = json.loads(self.strata("report", "user_segments", "--state", self.folder / "state", "--json").stdout)
        redefined = {row["name"]: row["redefined"] for row in report["rows"]}
        self.assertEqual(redefined, {"frequent": False, "lapsing": False, "recent-high": False, "tea": True, "top": False})
        overlap = json.loads(self.strata("report", "segment_overlap", "--state", self.folder / "state", "--json").stdout)
        both = {(row["a"], row["b"]): row["both"] for row in overlap["rows"]}
        self.assertEqual(both.get(("frequent", "tea"), 0), len(now["frequent"] & now["tea"]))

        customer = sorted(now["frequent"] & now["tea"])[0]
        got = self.json("get", customer, "--state", self.folder / "state")["score"]
        self.assertEqual(sorted(set(got["segments"]) - {"recent-high"}),
                         sorted(name for name, ids in now.items() if customer in ids))
        self.strata("segments", "members", "nobody", "--out", "x.csv", "--state", self.folder / "state", status=2)

    def test_every_name_that_a_condition_may_have_is_there(self):
        """What the job's reader allows, the night has: a segment for every column, and for every column of every event."""
        self.strata("generate", "--customers", 1500, "--transactions", 9000, "--tables", "all", "--out", self.folder / "base")
        path = self.folder / "base" / "job.yaml"
        job = path.read_text().split("segments:")[0] + "segments:\n  asked: "

        def allowed(condition):
            path.write_text(job + condition + "\n")
            said = self.strata("run", path, "--state", "none", status=2).stderr
            return re.search(r"allowed: (.*?)( \(a text|$)", said, re.MULTILINE).group(1).split(", ")

        names = allowed("no_such_column IS NULL")
        self.assertTrue({"net", "grade", "life_cycle", "p_alive", "main_category", "customers.gender", "kyc.assets"} <= set(names))
        conditions = [f"{name} IS NULL" for name in names]
        tables = allowed("EXISTS (SELECT * FROM no_such_table)")
        self.assertTrue({"transactions", "cases", "surveys", "costs"} <= set(tables))
        for table in tables:
            columns = allowed(f"EXISTS (SELECT * FROM {table} WHERE no_such_column IS NULL)")
            self.assertIn("days_ago", columns)
            conditions += [f"EXISTS (SELECT * FROM {table} WHERE {column} IS NULL)" for column in columns]
        self.assertGreater(len(conditions), 150)
        path.write_text(job + "TRUE\n" + "".join(f"  s{i}: {text}\n" for i, text in enumerate(conditions)))
        self.json("run", path, "--state", self.folder / "state")
        sizes = {line["condition"]: line["customers"] for line in self.lines().values()}
        self.assertEqual(len(sizes), len(conditions) + 1)
        self.assertEqual(sizes["net IS NULL"], 0)
        self.assertEqual(sizes["EXISTS (SELECT * FROM transactions WHERE day IS NULL)"], 0)
        self.assertGreater(sizes["EXISTS (SELECT * FROM cases WHERE closed IS NULL)"], 0)

    def test_the_same_members_however_they_are_computed(self):
        self.night(NIGHTS[0], "a.csv", FIRST)
        digest = self.json("snapshots", "list", "--state", self.folder / "state")["snapshots"][0]["digest"]
        job = self.folder / "job.yaml"
        with open(self.folder / "sales" / "a.csv") as file:
            head, *rows = file.readlines()
        random.Random(1).shuffle(rows)
        (self.folder / "sales" / "a.csv").unlink()
        (self.folder / "sales" / "b.csv").write_text(head + "".join(rows[:200]))
        (self.folder / "sales" / "c.csv").write_text(head + "".join(rows[200:]))
        for number, flags in enumerate([("--workers", 3, "--threads", 1), ("--kernels", "plain", "--memory-limit", "200MiB")]):
            run = self.json("run", job, "--state", self.folder / f"other{number}", "--as-of", NIGHTS[0].isoformat(), *flags)
            self.assertEqual(run["digest"], digest, flags)

    def test_a_thousand_segments_fit_a_job(self):
        names = [f"segment-{i:03}" for i in range(1000)]
        text = JOB.format(folder=self.folder, tea=2).split("segments:")[0] + "segments:\n" + "".join(
            f"  {name}: {{where: purchase_days > {i % 40} AND net > {i % 7}, title: number {i} of those who buy often and much}}\n"
            for i, name in enumerate(names))
        self.assertGreater(len(text), 64 * 1024)
        self.night(NIGHTS[0], "a.csv", FIRST)  # makes the rows
        path = self.write("many.yaml", text)
        _, address = self.coordinator("cluster")
        self.worker(address, "w1", "cluster")
        run = self.json("run", path, "--target", address, "--as-of", NIGHTS[0].isoformat())
        self.assertTrue(run["published"])
        here = self.json("run", path, "--state", self.folder / "embedded", "--as-of", NIGHTS[0].isoformat())
        self.assertEqual(here["digest"], run["digest"])
        segments = self.json("segments", "--target", address)["segments"]
        own = {line["name"]: line["customers"] for line in segments if line["kind"] == "user"}
        self.assertEqual(sorted(own), names)
        self.assertGreater(own["segment-000"], own["segment-006"])

    def test_a_condition_that_cannot_be_read_runs_nothing(self):
        done = self.strata("run", self.write("job.yaml", JOB.format(folder=self.folder, tea="many")), "--state", "state",
                           status=2)
        self.assertIn("job.yaml:17: segments.tea:1:", done.stderr)


if __name__ == "__main__":
    main()

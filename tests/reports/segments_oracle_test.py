#!/usr/bin/env python3
"""Conditions drawn from a seed, over features, scores, classes, percentiles, other segments and events with values that are not
known: whoever is a member is whom DuckDB finds with the same condition over the published columns and the same rows."""

import csv
import datetime
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

import duckdb  # noqa: E402
import programs  # noqa: E402

SEED = 20251122
SEGMENTS = 50
FIRST = datetime.date(2024, 1, 1)
AS_OF = datetime.date(2024, 6, 1)
CATEGORIES = ["tea", "coffee", "milk", "oat milk", None]
JOB = """name: shop
as_of: {as_of}
time_zone: UTC
currency: EUR
seed: 3
shards: 3
sources:
  transactions:
    uri: {folder}/sales.csv
    columns: {{customer_id: customer, time: bought, amount: amount, quantity: quantity, category: category, order_id: id}}
models:
  rfm: {{scores: 5}}
  lifetime: {{model: bg_nbd, spend: gamma_gamma}}
segments:
"""


class Conditions:
    """Each as (Strata's text, DuckDB's). A select of ours is about the customer's own rows; DuckDB is told so."""

    def __init__(self, seed):
        self.draw = random.Random(seed)

    def pick(self, *choices):
        return self.draw.choice(choices)

    def sign(self):
        return self.pick("<", "<=", ">", ">=", "=", "<>")

    def where(self):
        """A predicate on an event."""
        draw = self.draw
        text = self.pick(f"days_ago < {draw.randrange(150)}", f"days_ago BETWEEN {draw.randrange(60)} AND {draw.randrange(60, 150)}",
                         f"category = '{self.pick('tea', 'coffee')}'", "category LIKE '%milk'", "category IS NULL",
                         f"category NOT IN ('tea', '{self.pick('milk', 'coffee')}')", "is_return", f"net > {draw.randrange(20)}.5",
                         f"quantity {self.pick('<', '>=')} {draw.randrange(1, 4)}", f"order_id = 'o{draw.randrange(900)}'")
        return text if draw.random() < 0.6 else f"{self.pick('', 'NOT ')}({text}) {self.pick('AND', 'OR')} {self.where()}"

    def select(self):
        kind = self.pick("count(*)", "count(category)", "count(DISTINCT category)", "count(DISTINCT order_id)", "sum(net)",
                         "min(net)", "max(net)", "sum(net * 2)", "max(days_ago)", "min(quantity)", "avg(net)")
        where = self.where() if self.draw.random() < 0.8 else "TRUE"
        return (f"(SELECT {kind} FROM transactions WHERE {where})",
                f"(SELECT {kind} FROM transactions WHERE customer = customers.customer_id AND ({where}))")

    def value(self):
        """A number; amounts never fall on the halves they are compared with, so that no rounding decides."""
        draw = self.draw
        if draw.random() < 0.3:
            return self.select()
        text = self.pick("net", "purchase_days", "rows", "return_rows", "p_alive", "lifetime_value", "recency_score", "rfm_recency_days",
                         "net - 3", "purchase_days * 2", "abs(net)", "coalesce(p_alive, 0.5)", "-net")
        return (text.replace("rfm_recency_days", "CURRENT_DATE - last_day"),) * 2

    def simple(self, known):
        draw, kind = self.draw, self.draw.randrange(10)
        if kind == 0 and known:
            name = draw.choice(known)
            return f"segment('{name}')", name
        if kind == 1:
            column, share = self.pick("net", "purchase_days", "lifetime_value"), self.pick("0.1", "0.5", "0.9")
            return (f"{column} >= percentile_disc({column}, {share})",
                    f"{column} >= (SELECT quantile_disc({column}, {share}) FROM customers)")
        if kind == 2:
            return (f"rfm_segment IN ('champions', 'lost', '{self.pick('loyal', 'at_risk')}')",) * 2
        if kind == 3:
            text = f"rfm_segment {self.pick('LIKE', 'NOT LIKE')} '{self.pick('%l%', 'a%', '_o%', 'new')}'"
            return text, text
        if kind == 4:
            return ("no_purchase",) * 2
        if kind == 5:
            where = self.where()
            return (f"EXISTS (SELECT * FROM transactions WHERE {where})",
                    f"EXISTS (SELECT * FROM transactions WHERE customer = customers.customer_id AND ({where}))")
        if kind == 6:
            text = f"last_day {self.sign()} CURRENT_DATE - {draw.randrange(150)}"
            return text, text
        ours, theirs = self.value()
        tail = self.pick(f"{self.pick('<', '<=', '>', '>=')} {draw.randrange(40)}.25", "IS NULL", "IS NOT NULL",
                         f"NOT BETWEEN {draw.randrange(5)}.125 AND {draw.randrange(5, 60)}.375")
        return f"{ours} {tail}", f"{theirs} {tail}"

    def condition(self, known, depth=3):
        if depth == 0 or self.draw.random() < 0.25:
            return self.simple(known)
        a, b = self.condition(known, depth - 1), self.condition(known, depth - 1)
        form = self.pick("({}) AND ({})", "({}) OR ({})", "NOT ({})", "({}) OR NOT ({})")
        return form.format(a[0], b[0]), form.format(a[1], b[1])


def write_sales(path, draw):
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["customer", "bought", "amount", "quantity", "category", "id"])
        for customer in range(700):
            for _ in range(draw.choice([1, 2, 5, 12])):
                day = FIRST + datetime.timedelta(days=draw.randrange(160))  # some after the date
                cents = draw.randrange(-300, 3000)
                rows.writerow([f"c{customer}", day.isoformat(), f"{cents / 100:.2f}", draw.choice(["", "1", "2", "3.5"]),
                               draw.choice(CATEGORIES) or "", f"o{draw.randrange(900)}"])


class SegmentsOracleTest(programs.Case):
    def database(self):
        database = duckdb.connect()
        database.execute("SET threads = 2")
        database.execute(f"""CREATE TABLE transactions AS SELECT customer, bought AS day, DATE '{AS_OF}' - bought AS days_ago, amount AS net,
                             quantity, category, id AS order_id, coalesce(quantity < 0, FALSE) OR amount < 0 AS is_return
                             FROM read_csv('{self.folder}/sales.csv', header = true, nullstr = '', columns = {{
                               'customer': 'VARCHAR', 'bought': 'DATE', 'amount': 'DECIMAL(18,6)', 'quantity': 'DECIMAL(18,6)',
                               'category': 'VARCHAR', 'id': 'VARCHAR'}}) WHERE bought <= DATE '{AS_OF}'""")
        parts = self.folder / "state" / "objects" / "jobs" / "shop" / "snapshots" / "1" / "parts"
        database.execute(f"""CREATE TABLE customers AS SELECT *, last_purchase_date AS last_day, first_purchase_date AS first_day
                             FROM read_parquet('{parts}/*.parquet')""")
        return database

    def test_members_are_those_of_duckdb(self):
        draw = random.Random(SEED)
        write_sales(self.folder / "sales.csv", draw)
        conditions, segments = Conditions(SEED), {}
        for number in range(SEGMENTS):
            segments[f"s{number:02}"] = conditions.condition(list(segments))
        text = JOB.format(as_of=AS_OF, folder=self.folder)
        text += "".join(f"  {name}: >-\n    {ours}\n" for name, (ours, _) in segments.items())
        self.run_job(text)
        database = self.database()
        decided = 0
        for name, (ours, theirs) in segments.items():
            theirs = theirs.replace("CURRENT_DATE", f"DATE '{AS_OF}'")
            database.execute(f"ALTER TABLE customers ADD COLUMN {name} BOOLEAN")
            database.execute(f"UPDATE customers SET {name} = coalesce({theirs}, FALSE)")
            expected = {row[0] for row in database.execute(f"SELECT customer_id FROM customers WHERE {name}").fetchall()}
            found = set(self.json("segments", "members", name, "--state", self.folder / "state")["customer_ids"])
            self.assertEqual(found, expected, f"seed {SEED}, {name}: {ours}")
            decided += 0 < len(found) < 690
        self.assertGreater(decided, SEGMENTS / 2, "too many conditions that everybody or nobody meets")


if __name__ == "__main__":
    programs.main()

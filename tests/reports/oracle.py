"""Each report beside the same question in SQL, answered by DuckDB from the same files.

A job's input is jobs/<name>/input.sql, which makes the tables that sql/base.sql starts from. A report's SQL is
sql/<report>.sql. Where a question is asked of every table or column, the file has a section for each kind, and the harness
fills in the names; what it fills in comes from `columns`, a table that input.sql writes down by hand.
"""

import datetime
import math
import pathlib
import re
import string

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
SQL = HERE / "sql"
PREPARED = {"base", "classes", "cuts", "events", "facts", "moves", "versions"}  # no reports: what theirs start from
# What an earlier night leaves to compare with.
LEFT_BEHIND = {"classes", "rfm_cuts_found", "rfm_means", "rfm_grid", "value_cuts", "peers", "level_cuts", "life_cycle_cuts"}
NEAR = 1e-9  # of doubles, relative

NUMBERS = {"integer": 1, "decimal": 1_000_000, "money": 1_000_000, "share": 1_000_000}
WORDS = ("category", "choice", "tags")
BEYOND = ("OUT_OF_RANGE", "CHOICE_UNKNOWN", "ENDS_BEFORE_START", "TOO_LARGE")
MALFORMED = ("TOO_LONG", "NOT_UTF8", "NOT_INTEGER", "MALFORMED", "NOT_FINITE", "HEXADECIMAL", "THOUSANDS_SEPARATOR",
             "TOO_PRECISE", "OTHER", "UNKNOWN", "RATE_MISSING")
# Columns that the ledger keeps as whose row it is and of which day: these a row always has, or is told by `day`.
DAYS = {"transactions": "time", "customers": "valid_from", "products": "valid_from", "costs": "period", "contacts": "time",
        "cases": "opened", "surveys": "time", "usage": "time", "visits": "time", "campaigns": "assigned_at",
        "kyc": "valid_from", "market": "valid_from"}
# Whose versions the rows of a version table are.
ENTITIES = {"customers": "customer_id", "kyc": "customer_id", "products": "product_id", "market": "region, category, competitor"}
# What a job may lack, which the SQL asks for all the same: it is empty then.
ASKED_FOR = {"transactions": {"quantity": "BIGINT", "order_id": "VARCHAR", "product_id": "VARCHAR", "category": "VARCHAR",
                              "region": "VARCHAR", "discount": "BIGINT", "cost": "BIGINT"},
             "customers": {"registered_at": "DATE", "region": "VARCHAR"},
             "products": {"category": "VARCHAR", "unit_cost": "BIGINT"}}
STAND_INS = {"customers": "customer_id VARCHAR, registered_at DATE, region VARCHAR",
             "products_read": "product_id VARCHAR, day DATE, category VARCHAR, unit_cost BIGINT, fate VARCHAR",
             "costs": "customer_id VARCHAR, type VARCHAR, amount BIGINT"}
UNKEPT = {"amount", "unit_price", "currency", "transaction_id", "updated_at"}


class Oracle:
    """DuckDB with a job's input, which is SQL; `as_of` is the run's date, `earlier` that of the snapshot it follows."""

    def __init__(self, input_sql, as_of, earlier=None, words=None, threads=None):
        self.database = duckdb.connect()
        if threads:
            self.database.execute(f"SET threads = {threads}")
        self.words = {"treatment": "NULL::VARCHAR", "gap_days": 365, **(words or {})}
        if earlier:
            self.database.execute("SET VARIABLE earlier_as_of = ?::DATE", [earlier])
            self.database.execute("CREATE SCHEMA earlier")
            self.database.execute("SET schema = 'earlier'")
            self.load(input_sql, earlier)
            for (table,) in self.ask("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'earlier'"):
                if table not in LEFT_BEHIND:
                    self.run(f"DROP TABLE {table}")
            self.database.execute("SET schema = 'main'")
        self.load(input_sql, as_of)
        if earlier:
            old_cuts = self.filled("classes", result="classes_by_old_cuts", cuts="earlier")
            self.step("moves", old_cuts + (SQL / "moves.sql").read_text())

    def load(self, input_sql, as_of):
        """All that the reports' SQL starts from, as of a date, in the schema at hand."""
        self.database.execute("SET VARIABLE as_of = ?::DATE", [as_of])
        self.step("input", input_sql)
        self.columns = self.ask("SELECT table_name, column_name, type FROM columns")
        self.tables = sorted({table for table, _, _ in self.columns})
        self.run((SQL / "base.sql").read_text())
        for table, columns in ASKED_FOR.items():
            for column, kind in columns.items() if self.has(table) else ():
                if not self.maps(table, column):
                    self.run(f"ALTER TABLE {table}_read ADD COLUMN {column} {kind}")
        for table in self.tables:
            kind = "versions" if table in ENTITIES else "events"
            self.step("rows", self.filled(kind, table=table, entity=ENTITIES.get(table)))
        for table, columns in STAND_INS.items():
            self.run(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        schema = self.ask("SELECT current_schema()")[0][0]
        self.step("facts", (SQL / "facts.sql").read_text())
        self.step("cuts", self.filled("cuts", gap_days=self.words["gap_days"]))
        self.step("classes", self.filled("classes", result="classes", cuts=schema))

    def step(self, name, text):
        """Part of what the reports' SQL starts from; named for those who measure it."""
        self.run(text)

    @staticmethod
    def filled(name, **words):
        return string.Template((SQL / f"{name}.sql").read_text()).substitute(words)

    def run(self, text):
        self.database.execute(text)

    def ask(self, text):
        return self.database.execute(text).fetchall()

    def has(self, table):
        return table in self.tables

    def report(self, name):
        """The rows of a report as dictionaries."""
        text = self.text_of(name)
        found = self.database.execute(text)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row)) for row in found.fetchall()]

    def text_of(self, name):
        text = (SQL / f"{name}.sql").read_text()
        if name == "quality_columns":
            return self.by_column(sections_of(text))
        if name in ("quality_tables", "quality_rejects"):
            parts = [string.Template(text).substitute(self.names_of(table)) for table in self.tables]
            return "\nUNION ALL\n".join(parts)
        return string.Template(text).substitute({**self.words, "margin_basis": self.margin_basis(), **self.attributes()})

    def maps(self, table, column):
        return any((t, c) == (table, column) for t, c, _ in self.columns)

    def margin_basis(self):
        """What the margin is made of, in words."""
        parts = []
        if self.maps("transactions", "cost"):
            parts.append("the cost of the rows")
        if self.maps("transactions", "quantity") and self.maps("products", "unit_cost"):
            parts.append("quantity times the product''s unit cost")
        if self.has("costs"):
            parts.append("the customer''s costs")
        return "'net less " + ", ".join(parts) + "'" if parts else "'net: the job knows no costs'"

    def attributes(self):
        """What is asked of customers' records: all columns of two tables but ids and the day from which a row holds."""
        known = [(table, column) for table, column, kind in self.columns if table in ("customers", "kyc") and kind != "key"
                 and column != "valid_from"]
        joins = " ".join(f"LEFT JOIN {table} USING (customer_id)" for table in ("customers", "kyc") if self.has(table))
        return {"attributes": ", ".join(f'{table}."{column}" IS NOT NULL' for table, column in known), "joins": joins}

    def names_of(self, table):
        """What is filled in for a table."""
        keys = self.ask(f"SELECT count(*) FROM (DESCRIBE {table}_read) WHERE column_name = 'row_key'")[0][0]
        # Keys of which accepted and duplicate rows differ.
        conflicts = (f"(SELECT count(*) FROM (SELECT row_key FROM {table}_read WHERE fate IN ('accepted', 'duplicate') "
                     "GROUP BY row_key HAVING count(DISTINCT content) > 1))") if keys else "0"
        return {"table": table, "conflicts": conflicts, "orphans": self.orphans_of(table)}

    def orphans_of(self, table):
        """Accepted rows whose customer nobody knows."""
        has_customer = any(t == table and c == "customer_id" for t, c, _ in self.columns)
        asked = has_customer and table != "customers" and (self.has("customers") or table != "transactions")
        if not asked:
            return "NULL::BIGINT"
        known = "customers" if self.has("customers") else "transactions"
        return (f"(SELECT count(*) FROM {table} WHERE customer_id IS NOT NULL AND customer_id NOT IN "
                f"(SELECT customer_id FROM {known}))")

    def by_column(self, sections):
        parts = [string.Template(sections[self.section_of(*column)]).substitute(self.names_of_column(*column))
                 for column in self.columns]
        return "\nUNION ALL\n".join([sections["header"], *parts])

    @staticmethod
    def section_of(table, column, kind):
        if column in UNKEPT and (table == "transactions" or column == "updated_at"):
            return "unkept"
        if DAYS.get(table) == column:
            return "placing_day"
        if kind in NUMBERS:
            return "number"
        return {"day": "date", "time": "date", "flag": "key"}.get(kind, "word" if kind in WORDS else "key")

    def names_of_column(self, table, column, kind):
        rejected = []
        for what, fates in (("missing", [f"MISSING_{column.upper()}"]),
                            ("malformed", [f"{column.upper()}_{kind}" for kind in MALFORMED]),
                            ("out_of_range", [f"{column.upper()}_{kind}" for kind in BEYOND])):
            if fates == ["MISSING_CUSTOMER_ID"]:
                fates = ["MISSING_CUSTOMER"]
            listed = ", ".join(f"'{fate}'" for fate in fates)
            rejected.append(f"(SELECT count(*) FROM {table}_read WHERE fate IN ({listed})) AS rejected_{what}")
        orphans = "NULL::BIGINT"
        if column == "customer_id":
            orphans = self.orphans_of(table)
        elif column == "product_id" and table != "products" and self.has("products"):
            orphans = "count(*) FILTER (product_id NOT IN (SELECT product_id FROM products))"
        elif column in ("referrer_id", "parent_id"):
            orphans = f"count(*) FILTER ({column} NOT IN (SELECT customer_id FROM customers))"
        return {"table": table, "column": column, "type": kind, "scale": NUMBERS.get(kind, 1), "orphans": orphans,
                "rejected": ", ".join(rejected)}


def sections_of(text):
    found = re.split(r"^-- section (\w+).*$", text, flags=re.MULTILINE)
    return {"header": found[0].strip(), **{found[i]: found[i + 1] for i in range(1, len(found), 2)}}


def read_published(path, columns):
    """The rows of a report's Parquet file as dictionaries; money as micros."""
    def cell(column):
        name = f'"{column["name"]}"'
        return f"({name} * 1000000)::HUGEINT AS {name}" if column["type"] == "money" else name
    found = duckdb.sql(f"SELECT {', '.join(cell(column) for column in columns)} FROM read_parquet('{path}')")
    names = [column["name"] for column in columns]
    return [dict(zip(names, row)) for row in found.fetchall()]


def _key(columns):
    def of(row):
        cells = []
        for column in columns:
            if column["type"] not in ("text", "integer", "day", "flag"):
                break
            value = row[column["name"]]
            cells.append((value is not None, value if value is not None else 0))
        return cells
    return of


def _cell(kind, value):
    if value is None:
        return None
    if kind in ("number", "share"):
        return None if math.isnan(float(value)) else float(value)
    if kind in ("integer", "money"):
        return int(value)
    if kind == "day" and isinstance(value, datetime.datetime):
        return value.date()
    return value


def _equal(kind, a, b):
    if a is None or b is None or kind not in ("number", "share"):
        return a == b
    return math.isclose(a, b, rel_tol=NEAR, abs_tol=NEAR if kind == "share" else 0)


def differences(columns, published, expected):
    """Sentences, one for every cell that differs; sizes first."""
    names = {column["name"] for column in columns}
    if expected and set(expected[0]) != names:
        return [f"the SQL has columns {sorted(expected[0])}, the report {sorted(names)}"]
    found = []
    if len(published) != len(expected):
        found.append(f"{len(published)} rows are published, the SQL has {len(expected)}")
    key = _key(columns)
    for ours, theirs in zip(sorted(published, key=key), sorted(expected, key=key)):
        for column in columns:
            name, kind = column["name"], column["type"]
            a, b = _cell(kind, ours[name]), _cell(kind, theirs[name])
            if not _equal(kind, a, b):
                found.append(f"{name} is {a!r}, the SQL has {b!r}, in {ours}")
    return found

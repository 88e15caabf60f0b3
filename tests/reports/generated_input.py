"""The input SQL of a base that `strata generate --tables all` made as Parquet, from docs/tables.md and the files alone.

What a column may hold is read from the page that people read, so the fate of a row here and in a run are two readings of
the same rules.
"""

import pathlib
import re

import duckdb

TABLES_PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "tables.md"
# Whose day a row without one has.
STANDS_IN = {"campaigns": "sent", "kyc": "assessed_at"}
DAYS = {"transactions": "time", "customers": "valid_from", "products": "valid_from", "costs": "period", "contacts": "time",
        "cases": "opened", "surveys": "time", "usage": "time", "visits": "time", "campaigns": "assigned_at",
        "kyc": "valid_from", "market": "valid_from"}
CURRENCY = "EUR"  # of generated bases
MICROS = ("money", "decimal", "share")


def schemas():
    """By table: (name, type, allowed, role) of its columns in their order."""
    tables, columns = {}, None
    for line in TABLES_PAGE.read_text().splitlines():
        if line.startswith("## "):
            columns = tables.setdefault(line[3:].strip(), [])
        cells = [cell.strip() for cell in line.split(" | ")] if line.startswith("| ") else []
        if columns is not None and len(cells) == 5 and cells[0] not in ("| column", "| ---"):
            columns.append((cells[0].removeprefix("| "), *cells[1:4]))
    return tables


def _stored(column, kind):
    quoted = f'"{column}"'
    if kind in MICROS:
        return f"({quoted}::DECIMAL(32, 6) * 1000000)::BIGINT AS {quoted}"
    if kind == "flag":
        return f"({quoted} <> 0) AS {quoted}" if column != "is_return" else f"{quoted}::BOOLEAN AS {quoted}"
    return f"{quoted}::VARCHAR AS {quoted}" if kind in ("key", "category") else quoted


def _number(text):
    return float(text.replace(",", ""))


def _faults_of_transactions(column):
    """What the page says of transactions beside the types: identities, amounts and currency are there in every row."""
    if column in ("amount", "transaction_id"):
        yield f'"{column}" IS NULL', f"MISSING_{column.upper()}"
    elif column == "time":
        yield 'year("time") NOT BETWEEN 1900 AND 2199', "DATE_OUT_OF_RANGE"
    elif column == "currency":
        yield f"currency <> '{CURRENCY}'", "CURRENCY_OTHER"


def _faults(column, kind, allowed, role):
    """(condition, reason) in the order in which they are looked for."""
    upper, quoted = column.upper(), f'"{column}"'
    if "required" in role:
        yield f"{quoted} IS NULL", "MISSING_CUSTOMER" if column == "customer_id" else f"MISSING_{upper}"
    if kind == "choice":
        words = ", ".join(f"'{word.strip()}'" for word in allowed.split(";")[0].split(","))
        yield f"{quoted} NOT IN ({words})", f"{upper}_CHOICE_UNKNOWN"
    limits = re.match(r"(-?[\d.]+) to (-?[\d.]+)", allowed)
    if limits and kind not in ("choice", "key", "category"):
        yield f"{quoted} NOT BETWEEN {limits[1]} AND {limits[2]}", f"{upper}_OUT_OF_RANGE"
    elif allowed.startswith("0 or more"):
        yield f"{quoted} < 0", f"{upper}_OUT_OF_RANGE"


def _table_sql(table, columns, found, source):
    """<table>_read, and the rows of `columns` that describe it."""
    mapped = [(name, kind, allowed, role) for name, kind, allowed, role in columns if name in found]
    faults = [fault for one in mapped
              for fault in (*_faults(*one), *(_faults_of_transactions(one[0]) if table == "transactions" else ()))]
    cases = [f"WHEN {condition} THEN '{reason}'" for condition, reason in faults]
    for name, _, allowed, _ in mapped:
        start = re.match(r"not before (\w+)", allowed)
        if start and start[1] in found:
            cases.append(f"WHEN \"{name}\" < \"{start[1]}\" THEN '{name.upper()}_ENDS_BEFORE_START'")
    fate = f"CASE {' '.join(cases)} ELSE 'accepted' END" if cases else "'accepted'"
    day_columns = [name for name in (DAYS[table], STANDS_IN.get(table)) if name in found]
    day = f"coalesce({', '.join(f'{name}::DATE' for name in day_columns)})" if day_columns else "NULL::DATE"
    # A version has its day in its key, whatever column it comes from.
    keys = [f'"{name}"' for name, _, _, role in mapped if "key" in role]
    has_key = mapped and keys and next(name for name, _, _, role in columns if "key" in role) in found
    stored = [_stored(name, kind) for name, kind, _, _ in mapped]
    if has_key:  # within a customer, where the table has them
        key = ", ".join(dict.fromkeys(keys + (['"customer_id"'] if "customer_id" in found else [])))
        stored += [f"({key})::VARCHAR AS row_key", f"hash({', '.join(name for name, *_ in mapped)}) AS content"]
    lines = [f"CREATE TABLE {table}_all AS SELECT filename AS file, {fate} AS fate, {day} AS day, {', '.join(stored)}",
             f"FROM read_parquet('{source}', filename = true);"]
    if has_key:
        best = "ORDER BY updated_at DESC" if "updated_at" in found else ""
        copies = f"row_number() OVER (PARTITION BY fate = 'accepted', row_key {best}) > 1"
        lines.append(f"CREATE TABLE {table}_read AS SELECT * REPLACE (CASE WHEN fate = 'accepted' AND {copies} "
                     f"THEN 'duplicate' ELSE fate END AS fate) FROM {table}_all; DROP TABLE {table}_all;")
    else:
        lines.append(f"ALTER TABLE {table}_all RENAME TO {table}_read;")
    lines += [f"INSERT INTO columns VALUES ('{table}', '{name}', '{kind}');" for name, kind, _, _ in mapped]
    return "\n".join(lines)


def _transactions_sql():
    """The net of a return is below 0; transactions are kept with net and is_return."""
    return """ALTER TABLE transactions_read ADD COLUMN net BIGINT;
UPDATE transactions_read SET net = CASE WHEN is_return THEN -abs(amount) ELSE amount END;
INSERT INTO columns VALUES ('transactions', 'net', 'money');
"""


def input_sql(base):
    """Of the base in a folder, as `strata generate` leaves it."""
    base = pathlib.Path(base)
    text = ["CREATE TABLE columns (table_name VARCHAR, column_name VARCHAR, type VARCHAR);"]
    for table, columns in schemas().items():
        folder = base / table
        if not folder.is_dir() and not folder.with_suffix(".parquet").exists():
            continue
        source = f"{folder}/*.parquet" if folder.is_dir() else str(folder.with_suffix(".parquet"))
        described = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{source}')").fetchall()
        text.append(_table_sql(table, columns, mapped_columns(base, table, [row[0] for row in described]), source))
        if table == "transactions":
            text.append(_transactions_sql())
    return "\n".join(text)


def mapped_columns(base, table, found):
    """Those of the file's columns that the job maps, by the names of both, which are equal."""
    section = re.search(rf"^  {table}:\n((?:    .*\n)+)", (base / "job.yaml").read_text(), re.MULTILINE)
    if section is None:
        return []
    listed = re.search(r"columns:\s*\{([^}]*)\}", section[1])
    if listed:
        pairs = [pair.split(":") for pair in listed[1].split(",")]
    else:
        pairs = re.findall(r"^      (\w+): *(\w+)$", section[1], re.MULTILINE)
    return [name.strip() for name, column in pairs if column.strip() in found]

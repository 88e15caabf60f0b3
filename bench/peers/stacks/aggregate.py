#!/usr/bin/env python3
"""The two aggregations with DuckDB or Polars in one process; what they make stays in memory."""

import importlib

import phases


def main():
    options = phases.arguments(__doc__, lambda parser: parser.add_argument(
        "--engine", choices=["duckdb", "duckdb-shared", "polars"], required=True))
    timed = phases.Phases()
    with timed.phase("import"):
        library = options.engine.split("-")[0]
        engine = importlib.import_module(f"{library}_columns")
        work = engine.Aggregation(options, share_days=options.engine.endswith("-shared"))
    with timed.phase("as_of"):
        today = work.as_of()
    with timed.phase("cutoff"):
        cutoff = work.cutoff()
    timed.facts["customers"] = today.num_rows
    timed.report(["as_of", "cutoff"])
    if options.answers:
        import pyarrow.parquet
        pyarrow.parquet.write_table(today, f"{options.work}/as_of.parquet")
        pyarrow.parquet.write_table(cutoff, f"{options.work}/cutoff.parquet")


if __name__ == "__main__":
    main()

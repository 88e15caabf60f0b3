"""Lays the rows of a generated base out (with the peers' Python, which has DuckDB): in the order of time over all files, as a
transaction log has them, or with the newest share held back in a file of its own."""

import argparse
import json
import pathlib
import shutil

import duckdb

FILE_BYTES = "16MB"      # some ten files for ten million rows, as many as a log of months may have
ROW_GROUP_ROWS = 500_000


def sort(connection, source, target):
    # One thread: several deal the row groups out to the files as they come.
    connection.execute("SET threads=1")
    connection.execute(f"COPY (SELECT * FROM read_parquet('{source}/*.parquet') ORDER BY time, customer_id, order_id) TO "
                       f"'{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS}, "
                       f"FILE_SIZE_BYTES '{FILE_BYTES}')")


def hold_back(connection, source, target, share, held_back):
    """`target`: all but the newest `share` of the rows, file by file as they were; `held_back`: the rest, in one file."""
    rows = f"read_parquet('{source}/*.parquet')"
    [begin] = connection.execute(f"SELECT quantile_disc(time, {1 - share}) FROM {rows}").fetchone()
    target.mkdir(parents=True)
    for path in sorted(pathlib.Path(source).glob("*.parquet")):
        query = f"SELECT * FROM read_parquet('{path}') WHERE time < TIMESTAMP '{begin}'"
        if connection.execute(f"SELECT count(*) FROM ({query})").fetchone()[0] > 0:
            connection.execute(f"COPY ({query}) TO '{target / path.name}' (FORMAT parquet, COMPRESSION zstd)")
    newest = f"SELECT * FROM {rows} WHERE time >= TIMESTAMP '{begin}' ORDER BY time, customer_id, order_id"
    connection.execute(f"COPY ({newest}) TO '{held_back}' (FORMAT parquet, COMPRESSION zstd)")
    kept, held = (connection.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchone()[0]
                  for path in (f"{target}/*.parquet", held_back))
    return {"begin": str(begin.date()), "rows_before": kept, "rows_new": held}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["sort", "hold-back"])
    parser.add_argument("--source", required=True)
    parser.add_argument("--target", required=True, type=pathlib.Path)
    parser.add_argument("--held-back", type=pathlib.Path)
    parser.add_argument("--share", type=float)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    connection = duckdb.connect()
    spill = options.target.with_name(options.target.name + ".spill")
    connection.execute(f"SET threads={options.threads}; SET temp_directory='{spill}'")
    if options.what == "sort":
        sort(connection, options.source, options.target)
        print("{}")
    else:
        print(json.dumps(hold_back(connection, options.source, options.target, options.share, options.held_back)))
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


if __name__ == "__main__":
    main()

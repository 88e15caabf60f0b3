"""What the harness was asked for, as one value that the works share."""

import dataclasses
import pathlib

PEERS = ("duckdb", "duckdb-shared", "polars", "pyspark")
WORKS = ("aggregate", "parity", "scale", "night")


@dataclasses.dataclass
class Settings:
    customers: int
    transactions: int
    runs: int
    peers: list
    threads: int
    shape: str
    order: str
    out: pathlib.Path
    python: pathlib.Path  # the one with the peers
    spark_memory: str
    limits: dict          # threshold by name, None where not given

    def work(self, *names):
        return self.out.joinpath("work", *names)

"""What every peer's program takes and says: the flags, and one JSON line with the seconds of its phases.

Set before NumPy and the like are imported, so that they start as many threads as they are given.
"""

import argparse
import contextlib
import json
import os
import time


def arguments(description, add=None):
    """The flags that all programs share, and those of `add`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--transactions", required=True, help="folder of Parquet files")
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--cutoff", required=True, help="the date of the churn columns; who bought after it has not churned")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--work", required=True, help="folder for what the program writes")
    parser.add_argument("--answers", action="store_true", help="also write the answers into --work, outside of the times")
    if add is not None:
        add(parser)
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ[name] = str(options.threads)
    return options


class Phases:
    def __init__(self):
        self.seconds = {}
        self.facts = {}

    @contextlib.contextmanager
    def phase(self, name):
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0) + time.perf_counter() - begin

    def report(self, counted):
        """Prints the line that the harness reads; `counted` are the phases whose sum is compared."""
        print(json.dumps({"seconds": sum(self.seconds[name] for name in counted), "counted": list(counted),
                          "phases": self.seconds, "facts": self.facts}), flush=True)

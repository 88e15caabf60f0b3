"""Bytes that a run puts into its object store, by kind, from watching the folder: objects never change, so each is counted once,
though most of them are removed at the run's end."""

import os
import pathlib
import re
import threading

LOOK_S = 0.1
KINDS = [(kind, re.compile(pattern)) for kind, pattern in [
    ("map outputs", r"/runs/\d+/map/\d"),
    ("features", r"/runs/\d+/feature/\d"),
    ("parameters and partials", r"/runs/\d+/blobs/"),
    ("ledger", r"/ledger/segments/"),
    ("lookup tables", r"/snapshots/\d+/parts/.*\.lookup$"),
    ("scores in Parquet", r"/snapshots/\d+/parts/.*\.parquet$"),
]]
OTHER = "plans, registry, models, manifest"


def kind_of(path):
    return next((kind for kind, pattern in KINDS if pattern.search(path)), OTHER)


def by_kind(sizes):
    """`sizes`: bytes by path."""
    total = {kind: 0 for kind, _ in KINDS} | {OTHER: 0}
    for path, size in sizes.items():
        total[kind_of(path)] += size
    return total


class Watch:
    """While it is open, looks at the folder ten times a second."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.sizes = {}
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.thread.join()
        self._look()

    def _watch(self):
        while not self.done.wait(LOOK_S):
            self._look()

    def _look(self):
        for folder, _, names in os.walk(self.folder):
            for name in names:
                # What is still being written has another name, or grows: the last look counts.
                path = os.path.join(folder, name)
                if not name.startswith(".") and ".tmp" not in name:
                    try:
                        self.sizes[path] = os.path.getsize(path)
                    except OSError:
                        pass  # removed meanwhile

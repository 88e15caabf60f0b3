"""Bytes that a run puts into its object store, by kind, from watching the folder: objects never change, so each is counted once,
though most of them are removed at the run's end."""

import contextlib
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
        self.look()

    def _watch(self):
        while not self.done.wait(LOOK_S):
            self.look()

    def look(self):
        for folder, folders, names in os.walk(self.folder):
            # What is still being written lies in a hidden folder until it gets its name.
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):  # it may have been removed meanwhile
                    self.sizes[path] = os.path.getsize(path)

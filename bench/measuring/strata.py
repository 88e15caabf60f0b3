"""Strata's side of a measurement: jobs over a base, and runs of the `strata` program with what they say of themselves."""

import json
import os
import pathlib
import re
import shutil

import machine
import processes

BUILD_STAGES = ("plan", "map", "ledger", "feature")  # what the peers' aggregations stand for
STAGES = (*BUILD_STAGES, "fit", "score", "publish")


def program(name="strata"):
    folder = pathlib.Path(os.environ.get("STRATA_BIN", machine.ROOT / "build" / "release" / "bin"))
    if not (folder / name).exists():
        raise SystemExit(f"bench: {folder / name} is missing: build the release preset, or set STRATA_BIN to its folder")
    return folder / name


def with_values(job, values):
    """The text of a job with the values of some keys replaced; each key has to occur once."""
    for key, value in values.items():
        job, count = re.subn(rf"(?m)^(\s*{key}:\s*)\S.*$", lambda match: f"{match.group(1)}{value}", job)
        if count != 1:
            raise ValueError(f"the job has {count} lines with '{key}:', not one")
    return job


def setting(job, key):
    """The value of a key that occurs once, wherever it stands."""
    found = re.findall(rf"\b{key}:\s*([^,}}\s]+)", re.sub(r"#.*", "", job))
    if len(found) != 1:
        raise ValueError(f"the job names '{key}' {len(found)} times, not once")
    return found[0]


def build_seconds(seconds):
    return sum(seconds[stage] for stage in BUILD_STAGES)


class Runner:
    def __init__(self, threads, workers=1):
        self.flags = ["--threads", threads, "--workers", workers]

    def run(self, job, state, *flags):
        """One run; `seconds` is the wall time of the whole process, its start included."""
        measured = processes.measure([program(), "run", job, "--state", state, *self.flags, *flags, "--json"])
        said = json.loads(measured.out)
        return {"seconds": measured.seconds, "peak_rss_bytes": measured.peak_rss_bytes, "phases": said["seconds"],
                "build_seconds": build_seconds(said["seconds"]), "said": said}

    def run_afresh(self, job, state, *flags):
        """A run in a new state, which is removed afterwards."""
        shutil.rmtree(state, ignore_errors=True)
        try:
            return self.run(job, state, *flags)
        finally:
            shutil.rmtree(state, ignore_errors=True)


def snapshot_folder(state, said):
    return pathlib.Path(state, "objects", "jobs", said["job"], "snapshots", str(said["snapshot"]))


def copy_state(state, target):
    """A copy of a state that runs may go on from: objects never change, so they are linked; the metadata is copied."""
    shutil.rmtree(target, ignore_errors=True)
    objects = pathlib.Path(state, "objects")
    shutil.copytree(state, target, copy_function=lambda source, copy: (
        os.link if objects in pathlib.Path(source).parents else shutil.copy2)(source, copy))

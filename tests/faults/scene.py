"""What every case is played on: a base, a digest of an undisturbed run, processes that are started, held, killed and watched.
Nothing here waits for a time; everything waits for something to be so, with a deadline."""

import json
import os
import pathlib
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
from programs import BIN, DEADLINE_S, Case, Process, free_port  # noqa: E402

GATE = os.environ.get("STRATA_GATE", str(BIN.parent / "test/libfault_gate.so"))
STAGES = ("plan", "map", "ledger", "feature", "fit", "score", "publish")
FILES, SHARDS = 12, 24
LEASE_MS = 1500
# Where a thread that works for the stage passes: the call, and a part of the path. Publish is the coordinator's own stage.
GATES = {
    "plan": ("open", "transactions/part-00005"),
    "map": ("rename", "/runs/1/map/00005-"),
    "ledger": ("rename", "/ledger/segments/00005-"),
    "feature": ("rename", "/runs/1/feature/00005-"),
    "fit": ("open", "/runs/1/feature/00005-"),
    "score": ("rename", "/snapshots/1/parts/00005-"),
    "publish": ("rename", "/snapshots/1/manifest"),
}
JOB = """name: synthetic
as_of: 2025-12-31
time_zone: UTC
currency: EUR
seed: 1
shards: {shards}
sources:
  transactions:
    uri: {uri}
    columns: {{transaction_id: transaction_id, customer_id: customer_id, time: time, amount: amount, quantity: quantity,
              unit_price: unit_price, is_return: is_return, updated_at: updated_at}}
{extra}models:
  rfm: {{scores: 5}}
  clustering: {{k: 4}}
  lifetime: {{model: bg_nbd, spend: gamma_gamma, time_unit: week, horizon_days: 365, discount_rate_annual: 0.10}}
  churn: {{algorithm: logistic, horizon_days: 90}}
"""


class Base:
    """A generated base and what an undisturbed run makes of it. Read only; shared by all cases."""

    def __init__(self, folder):
        self.folder = folder
        done = subprocess.run([BIN / "strata", "generate", "--customers", "4000", "--transactions", "40000", "--seed", "5", "--format", "csv",
                               "--files", str(FILES), "--out", folder / "base"], capture_output=True, text=True, timeout=DEADLINE_S)
        assert done.returncode == 0, done.stderr
        self.sources = folder / "base/transactions"
        path = folder / "undisturbed.yaml"
        path.write_text(self.job())
        done = subprocess.run([BIN / "strata", "run", path, "--state", folder / "undisturbed", "--json"], capture_output=True, text=True,
                              timeout=DEADLINE_S)
        assert done.returncode == 0, done.stderr
        run = json.loads(done.stdout)
        self.digest, self.ledger_digest = run["digest"], run["ledger_digest"]

    def job(self, uri=None, extra=""):
        return JOB.format(uri=uri or self.sources, shards=SHARDS, extra=extra)


class Records:
    """The metadata of a state as they stand, read from a copy: a look must not change what the next process finds."""

    def __init__(self, state, folder):
        copy = folder / "look"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for path in state.glob("metadata.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, copy)
        database = sqlite3.connect(copy / "metadata.db")
        self.values = dict(database.execute("SELECT key, value FROM entries"))
        database.close()

    def tasks(self, stage, run=1):
        return sum(key.startswith(f"jobs/synthetic/tasks/{run:010}/{stage}/") for key in self.values)

    def run(self, run=1):
        return json.loads(self.values[f"jobs/synthetic/runs/{run:010}"])

    def snapshots(self):
        return [key for key in self.values if key.startswith("jobs/synthetic/snapshots/")]

    def stage(self, run=1):
        """The stage that the run is in: the last one recorded as begun, or what follows it when all its tasks are recorded."""
        begun = [s for s in STAGES if f"jobs/synthetic/run_state/{run:010}/stage-{s}" in self.values]
        if not begun:
            return None
        tasks = {"plan": FILES, "map": FILES}.get(begun[-1], SHARDS)
        return begun[-1] if self.tasks(begun[-1], run) < tasks else STAGES[STAGES.index(begun[-1]) + 1]


class Gate:
    """Pipes between a case and the processes that are to be held; see gate.cc."""

    def __init__(self, folder, call, path):
        self.folder, self.call, self.path = folder, call, path
        folder.mkdir()
        os.mkfifo(folder / "hit")
        os.mkfifo(folder / "go")
        self.hits = os.open(folder / "hit", os.O_RDWR | os.O_NONBLOCK)
        self.going = None

    def environment(self):
        return {**gate_environment(self.call, self.path), "STRATA_GATE_FOLDER": str(self.folder)}

    def wait(self):
        """The id of the first process that stands at the gate."""
        ready, _, _ = select.select([self.hits], [], [], DEADLINE_S)
        assert ready, f"no process came to {self.call} {self.path}"
        return int(os.read(self.hits, 4096).split()[0])

    def open(self):
        """Lets pass whoever stands here and whoever comes."""
        self.going = os.open(self.folder / "go", os.O_RDWR)

    def close(self):
        for pipe in (self.hits, self.going):
            if pipe is not None:
                os.close(pipe)


def gate_environment(call, path):
    """Without a folder for its pipes the gate ends whoever comes to it."""
    return {"LD_PRELOAD": GATE, "STRATA_GATE_CALL": call, "STRATA_GATE_PATH": path, "ASAN_OPTIONS": "verify_asan_link_order=0"}


class Scene(Case):
    """A case's own folder and processes; all of it goes when the case ends."""

    def __init__(self, base, seed):
        super().__init__()
        self.base, self.seed = base, seed
        self.setUp()
        self.state = self.folder / "state"
        self.workers = {}
        self.coordinators = []
        self.started = []  # guarded by lock
        self.overdue = False  # guarded by lock
        self.lock = threading.Lock()

    def runTest(self):
        """Cases are functions; the runner is matrix.py."""

    def process(self, *arguments, environment=None, log=None):
        """`log`: the file that gets the standard error; the process keeps its id."""
        if log is not None:
            arguments = ("sh", "-c", 'exec "$@" 2>"$0"', log, *arguments)
        with self.lock:
            assert not self.overdue, "the case has taken too long"
            process = Process(*arguments, environment={**os.environ, **(environment or {})})
            self.started.append(process)
        self.addCleanup(process.stop)
        return process

    def give_up(self):
        """Ends all processes and lets none begin, so that whatever waits for one of them fails; for a watching thread."""
        with self.lock:
            self.overdue = True
            for process in self.started:
                process.process.kill()

    def gate(self, stage):
        gate = Gate(self.folder / f"gate-{stage}", *GATES[stage])
        self.addCleanup(gate.close)
        return gate

    def lead(self, *flags, port=None, environment=None, log=None):
        """A coordinator; the first one takes a free port and the next ones take its place."""
        port = port or (self.coordinators[0].port if self.coordinators else free_port())
        process = self.process(BIN / "strata-coordinator", "--state", self.state, "--listen", f"127.0.0.1:{port}", "--lease-ms",
                               LEASE_MS, *flags, environment=environment, log=log)
        process.port, process.address = port, f"127.0.0.1:{port}"
        self.coordinators.append(process)
        return process

    def hire(self, name, *flags, address=None, environment=None, log=None):
        where = () if "--objects" in flags else ("--state", self.state)
        worker = self.process(BIN / "strata-worker", "--coordinator", address or self.coordinators[-1].address, *where, "--threads", 1,
                              "--worker-id", name, *flags, environment=environment, log=log)
        self.workers[name] = worker
        return worker

    def cluster(self, workers=3, environment=None, coordinator_environment=None, flags=()):
        coordinator = self.lead(*flags, environment=coordinator_environment)
        coordinator.wait_for("listens on port")
        for i in range(workers):
            self.hire(f"w{i + 1}", environment=environment)
        for name in self.workers:
            coordinator.wait_for(f"worker {name} joined")
        return coordinator

    def submit(self, address=None, job=None, flags=()):
        path = self.write("job.yaml", job or self.base.job())
        return self.process(BIN / "strata", "run", path, "--target", address or self.coordinators[-1].address, "--json", *flags)

    def embedded(self, *flags, environment=None, job=None):
        path = self.write("job.yaml", job or self.base.job())
        return self.process(BIN / "strata", "run", path, "--state", self.state, "--json", *flags, environment=environment)

    def ended(self, process, status=0):
        """What a run said at its end, as an object."""
        text = process.finish()
        self.assertEqual(process.process.returncode, status, text)
        found = re.search(r"^\{.*\}$", text, re.MULTILINE)
        self.assertIsNotNone(found, text)
        return json.loads(found.group(0))

    def records(self):
        return Records(self.state, self.folder)

    def assert_undisturbed(self, run):
        self.assertEqual((run["state"], run["digest"], run["ledger_digest"]), ("succeeded", self.base.digest, self.base.ledger_digest))

    def assert_as_published(self, run):
        """What the state has is what the run said, whole."""
        self.assert_undisturbed(run)
        self.assertEqual(len(self.records().snapshots()), 1)
        self.assertEqual(self.strata("snapshots", "digest", "--state", self.state).stdout.strip(), self.base.digest)
        self.strata("snapshots", "verify", "--state", self.state)

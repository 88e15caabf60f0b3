"""Runs Strata's programs as a person would: real processes, temporary states, free ports. Ends only what it started."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ["STRATA_BIN"])
DEADLINE_S = 60  # for whatever is waited for; far above what it takes


def job_text(name="sample", uri=None, as_of="1997-09-30", columns=None, extra="", models=None, shards=8):
    """A job over the CDNOW sample unless told otherwise."""
    uri = uri or str(ROOT / "tests/data/cdnow_sample.csv")
    columns = columns or "{customer_id: customer_id, time: date, amount: amount, quantity: quantity}"
    models = models if models is not None else """models:
  rfm: {scores: 5}
  clustering: {k: auto, k_max: 6}
  lifetime: {model: bg_nbd, spend: gamma_gamma, time_unit: week, horizon_days: 365, discount_rate_annual: 0.10}
  churn: {algorithm: logistic, horizon_days: 60}
"""
    as_of_line = f"as_of: {as_of}\n" if as_of else ""
    return f"""name: {name}
{as_of_line}time_zone: UTC
currency: USD
seed: 1
shards: {shards}
sources:
  transactions:
    uri: {uri}
    columns: {columns}
{extra}{models}"""


def free_port():
    """One that nobody has now; for programs that cannot be asked for port 0, or must come back where they were."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server in the background; its output is kept, line by line as it comes."""

    def __init__(self, *arguments, environment=None):
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        self.process = subprocess.Popen([str(a) for a in arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=environment)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def text(self):
        with self.changed:
            return "".join(self.lines)

    def wait_for(self, pattern, deadline_s=DEADLINE_S):
        """The match of `pattern` in the output, once it is there."""
        with self.changed:
            self.changed.wait_for(lambda: self.ended or re.search(pattern, "".join(self.lines)), deadline_s)
            found = re.search(pattern, "".join(self.lines))
        if not found:
            raise AssertionError(f"no {pattern!r} in: {self.text()}")
        return found

    def finish(self):
        """Waits for the end; everything that was said."""
        self.process.wait(DEADLINE_S)
        self.reader.join(DEADLINE_S)
        return self.text()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self.reader.join(DEADLINE_S)
        self.process.stdout.close()
        return self.process.returncode


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="strata-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def strata(self, *arguments, status=0, stdin=None):
        done = subprocess.run([BIN / "strata", *map(str, arguments)], capture_output=True, text=True, input=stdin,
                              timeout=DEADLINE_S * 2, cwd=self.folder)
        if status is not None:
            self.assertEqual(done.returncode, status, f"strata {arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def json(self, *arguments, status=0):
        return json.loads(self.strata(*arguments, "--json", status=status).stdout)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_job(self, text, *flags, state="state", status=0):
        path = self.write("job.yaml", text)
        return self.json("run", path, "--state", self.folder / state, *flags, status=status)

    def use(self, variables):
        """Of the environment, for all programs that are started from now on."""
        for name, value in variables.items():
            old = os.environ.get(name)
            os.environ[name] = value
            self.addCleanup(os.environ.pop if old is None else os.environ.__setitem__, name, *([] if old is None else [old]))

    def start(self, *arguments):
        process = Process(*arguments)
        self.addCleanup(process.stop)
        return process

    def coordinator(self, state="state", *flags):
        """A coordinator on a free port; returns it and its address."""
        process = self.start(BIN / "strata-coordinator", "--state", self.folder / state, "--listen", "127.0.0.1:0", *flags)
        return process, "127.0.0.1:" + process.wait_for(r"listens on port (\d+)").group(1)

    def worker(self, address, name, state="state", threads=2, flags=()):
        return self.start(BIN / "strata-worker", "--coordinator", address, "--state", self.folder / state, "--threads", threads,
                          "--worker-id", name, *flags)


def main():
    unittest.main(verbosity=2)

"""A cluster on this machine: a coordinator and workers as processes of their own, with their memory. Ends what it started."""

import json
import pathlib
import re
import subprocess
import threading

import processes
import strata

DEADLINE_S = 60  # for a server to say that it is there


class _Server:
    def __init__(self, *command):
        self.text = ""
        self.ended = False
        self.changed = threading.Condition()
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.text += line
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, pattern):
        with self.changed:
            self.changed.wait_for(lambda: self.ended or re.search(pattern, self.text), DEADLINE_S)
            found = re.search(pattern, self.text)
        if found is None:
            raise processes.ProgramFailed(f"no {pattern!r} in: {self.text}")
        return found

    def memory_bytes(self):
        return processes.high_water_bytes(self.process.pid)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.process.stdout.close()


def run(job, state, workers, threads):
    """One run of `job` (with an absolute uri) on a fresh cluster: what it says, and the memory of each process."""
    servers = []
    try:
        coordinator = _Server(strata.program("strata-coordinator"), "--state", state, "--listen", "127.0.0.1:0")
        servers.append(coordinator)
        address = "127.0.0.1:" + coordinator.wait_for(r"listens on port (\d+)").group(1)
        for number in range(1, workers + 1):
            servers.append(_Server(strata.program("strata-worker"), "--coordinator", address, "--state", state, "--threads", threads,
                                   "--worker-id", f"w{number}"))
        for number in range(1, workers + 1):
            coordinator.wait_for(rf"worker w{number} joined")
        measured = processes.measure([strata.program(), "run", pathlib.Path(job).resolve(), "--target", address, "--json"])
        memory = [server.memory_bytes() for server in servers]
        return {"said": json.loads(measured.out), "seconds": measured.seconds, "coordinator_bytes": memory[0],
                "worker_bytes": memory[1:]}
    finally:
        for server in reversed(servers):
            server.stop()

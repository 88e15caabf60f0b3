"""Memory that runs out: a limit on the address space, which makes allocations fail, and a control group, which ends the process."""

import functools
import os
import pathlib
import re
import resource
import signal

import cases
from programs import DEADLINE_S

MIB = 1 << 20
NO_MORE_BYTES = 64 * 1024  # what the process holds already is not counted, and a task asks for little
GROUPS = pathlib.Path("/sys/fs/cgroup")


def limit_address_space(worker, spare_bytes):
    """From here on the process gets no more than that; returns the limit."""
    status = pathlib.Path(f"/proc/{worker.process.pid}/status").read_text()
    limit = int(re.search(r"VmSize:\s+(\d+) kB", status).group(1)) * 1024 + spare_bytes
    resource.prlimit(worker.process.pid, resource.RLIMIT_AS, (limit, limit))
    return limit


def starved(worker):
    """Whether the worker ran out of memory: it said so, or it ended by it."""
    return worker.ended or re.search("memory of worker|OUT_OF_MEMORY|[Oo]ut of memory|malloc of size|bad_alloc", worker.text()) is not None


@cases.case("worker", "map", "address space", sample=True)
def one_worker_without_memory(scene):
    """Its attempts cost attempts; the run succeeds elsewhere or fails and names the task. It never hangs."""
    scene.cluster(workers=2)
    limit_address_space(scene.workers["w1"], 0)
    client = scene.submit()
    said = client.finish()
    scene.assertTrue(starved(scene.workers["w1"]), scene.workers["w1"].text())
    if client.process.returncode == 0:
        scene.assert_as_published(scene.ended(client))
        return "succeeded elsewhere: equal digest"
    run = scene.ended(client, status=1)
    scene.assertEqual(run["error"]["reason"], "ATTEMPTS_EXHAUSTED", said)
    scene.assertRegex(run["error"]["message"], r"stage \w+, task \d+: 4 attempts")
    return "failed and named the task"


@cases.case("workers", "map", "address space")
def no_worker_has_memory(scene):
    scene.cluster(workers=2, flags=("--worker-wait-ms", 3000))
    for worker in scene.workers.values():
        limit_address_space(worker, 0)
    run = scene.ended(scene.submit(), status=1)
    for worker in scene.workers.values():
        scene.assertTrue(starved(worker), worker.text())
    scene.assertIn(run["error"]["reason"], ("ATTEMPTS_EXHAUSTED", "NO_WORKERS"))
    scene.assertRegex(run["error"]["message"], r"stage \w+(, task \d+: 4 attempts|: no worker)")
    for worker in scene.workers.values():
        worker.kill()
    scene.hire("w9")
    again = scene.ended(scene.submit())
    scene.assertEqual(again["digest"], scene.base.digest)
    return f"{run['error']['reason']}; the next run: equal digest"


class MemoryGroup:
    """A control group of version 1 or 2 with a limit."""

    def __init__(self, scene, limit_bytes):
        second = (GROUPS / "cgroup.controllers").exists()
        self.folder = (GROUPS if second else GROUPS / "memory") / f"strata-test-{os.getpid()}-{id(scene)}"
        self.folder.mkdir()
        scene.addCleanup(self.folder.rmdir)
        (self.folder / ("memory.max" if second else "memory.limit_in_bytes")).write_text(str(limit_bytes))

    def take(self, process):
        (self.folder / "cgroup.procs").write_text(str(process.process.pid))


@functools.cache
def can_group():
    class Nothing:
        def addCleanup(self, call):
            self.call = call

    probe = Nothing()
    try:
        MemoryGroup(probe, 64 * MIB)
    except OSError:
        return False
    finally:
        if hasattr(probe, "call"):
            probe.call()
    return True


@cases.case("worker", "map", "control group")
def worker_ended_by_the_kernel(scene):
    """The kernel ends a worker that uses more than its group may; the run goes on with the others."""
    gate = scene.gate("map")
    coordinator = scene.cluster(workers=2, environment=gate.environment())
    client = scene.submit()
    held = gate.wait()
    name = next(name for name, worker in scene.workers.items() if worker.process.pid == held)
    group = MemoryGroup(scene, NO_MORE_BYTES)
    group.take(scene.workers[name])
    gate.open()
    scene.assertEqual(scene.workers[name].process.wait(DEADLINE_S), -signal.SIGKILL)
    run = scene.ended(client)
    coordinator.wait_for(rf"worker {name} was lost with [1-9]")
    scene.assert_as_published(run)
    return "its attempts went to the other one: equal digest"

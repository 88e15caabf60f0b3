"""SIGSTOP past the lease and SIGCONT back; workers that never come back; a task that ends whoever takes it."""

import os
import re
import signal
import sqlite3

import cases
from programs import free_port
from scene import LEASE_MS, Gate, gate_environment
from tcp_proxy import Plain, Proxy

LEAD_DEADLINE = "no longer in force|another coordinator acts now|LEADERSHIP_LOST"


def pause_worker(stage, scene):
    """The one that holds a task of the stage; its task is done by others, and what it says later does not count."""
    gate = scene.gate(stage)
    coordinator = scene.cluster(environment=gate.environment())
    client = scene.submit()
    held = gate.wait()
    name = next(name for name, worker in scene.workers.items() if worker.process.pid == held)
    scene.assertEqual(scene.records().stage(), stage)
    os.kill(held, signal.SIGSTOP)
    gate.open()
    lost = coordinator.wait_for(rf"worker {name} was lost with (\d+) attempt\(s\) in its hands: (silent|without)")
    scene.assertGreaterEqual(int(lost.group(1)), 1)
    run = scene.ended(client)
    os.kill(held, signal.SIGCONT)
    coordinator.wait_for(rf"(?s)worker {name} was lost.*worker {name} joined")
    scene.assert_as_published(run)
    again = scene.ended(scene.submit())  # it works again
    scene.assertEqual(again["state"], "succeeded")
    return f"{lost.group(1)} attempts went to others, it joined again; equal digest"


for stage in ("map", "feature", "fit", "score"):
    cases.add("worker", stage, "SIGSTOP", lambda scene, stage=stage: pause_worker(stage, scene), sample=stage == "score")


STOPS_MAX = 200  # a commit takes a small part of the time between two


def stop(process):
    """Stops it; returns when it stands, which the signal alone does not say."""
    process.process.send_signal(signal.SIGSTOP)
    stands = os.waitid(os.P_PID, process.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    assert stands.si_code == os.CLD_STOPPED, f"it ended instead: {process.text()}"


def stop_between_commits(scene, process):
    """Who is stopped in the middle of a commit keeps the file locked, and nobody else can lead; that is another case."""
    for _ in range(STOPS_MAX):
        stop(process)
        database = sqlite3.connect(scene.state / "metadata.db", timeout=0, isolation_level=None)
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
            return
        except sqlite3.OperationalError:
            process.process.send_signal(signal.SIGCONT)
        finally:
            database.close()
    raise AssertionError(f"{STOPS_MAX} times it was stopped in the middle of a commit")


def pause_coordinator(stage, scene):
    """A second one takes over while the first one is stopped; the first one comes back, is refused, and ends."""
    gate = scene.gate(stage)
    at_worker = stage != "publish"
    first = scene.lead(environment=None if at_worker else gate.environment())
    first.wait_for("listens on port")
    proxy = Proxy(first.port, Plain(), scene.seed)
    scene.addCleanup(proxy.close)
    for i in range(2):
        scene.hire(f"w{i + 1}", address=proxy.address, environment=gate.environment() if at_worker else None)
    first.wait_for("(?s)worker w. joined.*worker w. joined")
    client = scene.submit(address=proxy.address)
    gate.wait()
    scene.assertEqual(scene.records().stage(), stage)
    stop_between_commits(scene, first)
    second = scene.lead(port=free_port())
    second.wait_for(r"leads .* in term 2")
    proxy.upstream = second.port
    gate.open()
    run = scene.ended(client)
    scene.assertEqual(run["resumed"], 1)
    scene.assertIsNone(first.process.poll(), "the first one should still be stopped")
    first.process.send_signal(signal.SIGCONT)
    said = first.finish()
    scene.assertEqual(first.process.returncode, 1, said)
    scene.assertRegex(said, LEAD_DEADLINE)
    scene.assertIsNone(second.process.poll(), "the second one must go on")
    scene.assert_as_published(run)
    scene.assertEqual(scene.json("runs", "list", "--target", second.address)["runs"][0]["run"], 1)
    return "the second one finished the run, the first one was refused and ended; equal digest"


for stage in ("ledger", "fit", "publish"):
    cases.add("coordinator", stage, "SIGSTOP", lambda scene, stage=stage: pause_coordinator(stage, scene), sample=stage == "ledger")


@cases.case("coordinator", "map", "hangs in a commit")
def hangs_in_a_commit(scene):
    """Nobody can lead while it keeps the file locked: who tries says so after a bounded time. When it is gone, the run goes on."""
    gate = Gate(scene.folder / "gate", "fsync", "metadata.db-wal")
    scene.addCleanup(gate.close)
    scene.cluster(workers=2, coordinator_environment=gate.environment() | {"STRATA_GATE_AFTER": "12"})
    client = scene.submit()
    gate.wait()
    stage = scene.records().stage()
    second = scene.lead(port=free_port())
    said = second.finish()
    scene.assertEqual(second.process.returncode, 1, said)
    scene.assertRegex(said, "a process that does not go on is in the middle of writing.*database is locked")
    scene.coordinators[0].kill()
    scene.lead()
    run = scene.ended(client)
    scene.assertEqual(run["resumed"], 1)
    scene.assert_as_published(run)
    return f"it stood in stage {stage}; the next one named it and ended, the third one went on: equal digest"


@cases.case("workers", "feature", "lost for good", sample=True)
def no_workers(scene):
    """The run waits for new ones as long as it was told to, then ends with the cause."""
    gate = scene.gate("feature")
    scene.cluster(workers=2, environment=gate.environment(), flags=("--worker-wait-ms", 2000))
    client = scene.submit()
    gate.wait()
    for worker in scene.workers.values():
        worker.kill()
    run = scene.ended(client, status=1)
    scene.assertEqual((run["state"], run["error"]["reason"]), ("failed", "NO_WORKERS"))
    scene.assertIn("no worker for 2000 ms", run["error"]["message"])
    scene.assertIn("feature", run["error"]["message"])
    scene.hire("late")
    again = scene.ended(scene.submit())
    scene.assertEqual((again["run"], again["digest"]), (2, scene.base.digest))
    return "NO_WORKERS after 2 s and a lease; the next run succeeded"


@cases.case("worker", "feature", "task that kills", sample=True)
def poisoned_task(scene):
    """Whoever takes task 5 of the features ends by SIGKILL. Somebody starts workers again each time."""
    poison = gate_environment("rename", "/runs/1/feature/00005-")
    coordinator = scene.cluster(workers=2, environment=poison)
    client = scene.submit()
    deaths = 0
    while client.process.poll() is None and deaths < 12:
        name = next((n for n, w in scene.workers.items() if w.ended), None)
        if name is None:
            with client.changed:
                client.changed.wait_for(lambda: client.ended, 0.05)
            continue
        scene.assertEqual(scene.workers[name].process.wait(10), -signal.SIGKILL)
        deaths += 1
        del scene.workers[name]
        scene.hire(f"w{deaths + 2}", environment=poison)
    run = scene.ended(client, status=1)
    scene.assertEqual((run["state"], run["error"]["reason"]), ("failed", "ATTEMPTS_EXHAUSTED"))
    scene.assertRegex(run["error"]["message"], r"feature, task 5: 4 attempts")
    scene.assertEqual(len(set(re.findall(r"worker (w\d+) was lost", run["error"]["message"]))), 4)
    scene.assertGreaterEqual(deaths, 3)
    scene.assertIsNone(coordinator.process.poll())
    return f"task 5 was named after it had ended 4 workers ({LEASE_MS} ms each)"

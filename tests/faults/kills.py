"""SIGKILL of each role at each stage. A gate holds a task of the stage, so that the stage cannot end before the kill; the records
that the dead process leaves prove where it was."""

import functools
import json
import re
import signal

import cases
from programs import BIN
from scene import STAGES, gate_environment

KILL = "SIGKILL"
SAMPLE = {("coordinator", "ledger"), ("coordinator", "publish"), ("worker", "map"), ("workers", "feature"), ("workers", "fit"),
          ("embedded", "plan"), ("embedded", "score")}


def held_cluster(scene, stage):
    """A cluster whose run stands in the stage; returns the gate, the client, and the process that is held."""
    gate = scene.gate(stage)
    at_worker = stage != "publish"
    scene.cluster(environment=gate.environment() if at_worker else None, coordinator_environment=None if at_worker else gate.environment())
    client = scene.submit()
    held = gate.wait()
    scene.assertEqual(scene.records().stage(), stage, "the run does not stand where the case wants it")
    return gate, client, held


def kill_coordinator(stage, scene):
    gate, client, _ = held_cluster(scene, stage)
    dead = scene.coordinators[0]
    dead.kill()
    scene.assertEqual(dead.process.returncode, -signal.SIGKILL)
    left = scene.records()
    scene.assertEqual((left.stage(), left.run()["state"], left.snapshots()), (stage, "running", []))
    gate.open()
    scene.lead()
    run = scene.ended(client)
    scene.assertEqual(run["resumed"], 1)
    scene.assert_as_published(run)
    return f"resumed, {left.tasks(stage)} tasks of it kept; equal digest"


def kill_worker(stage, scene):
    gate, client, held = held_cluster(scene, stage)
    name = next((name for name, worker in scene.workers.items() if worker.process.pid == held), "w1")
    scene.workers[name].kill()
    gate.open()
    run = scene.ended(client)
    scene.assertEqual(scene.workers[name].process.returncode, -signal.SIGKILL)
    outcome = "nothing was in its hands; equal digest"
    if stage != "publish":
        lost = scene.coordinators[0].wait_for(rf"worker {name} was lost with (\d+) attempt")
        scene.assertGreaterEqual(int(lost.group(1)), 1, "the kill hit no attempt")
        outcome = f"{lost.group(1)} attempts lost; equal digest"
    scene.assert_as_published(run)
    return outcome


def kill_workers(stage, scene):
    gate, client, _ = held_cluster(scene, stage)
    for worker in scene.workers.values():
        worker.kill()
    scene.assertEqual(scene.records().stage(), stage)
    gate.open()
    for i in range(3):
        scene.hire(f"new{i + 1}")
    run = scene.ended(client)
    if stage != "publish":
        lost = re.findall(r"worker w\d was lost with (\d+) attempt", scene.coordinators[0].text())
        scene.assertGreaterEqual(sum(map(int, lost)), 1, "the kills hit no attempt")
    scene.assert_as_published(run)
    return "new ones did it; equal digest"


def kill_embedded(stage, scene):
    gate = scene.gate(stage)
    dead = scene.embedded(environment=gate.environment())
    gate.wait()
    dead.kill()
    left = scene.records()
    scene.assertEqual((left.stage(), left.run()["state"], left.snapshots()), (stage, "running", []))
    run = scene.ended(scene.embedded())
    scene.assertEqual((run["run"], run["resumed"]), (1, 1))
    scene.assert_as_published(run)
    return f"the same command went on, {left.tasks(stage)} tasks of it kept; equal digest"


for role, play in (("coordinator", kill_coordinator), ("worker", kill_worker), ("workers", kill_workers), ("embedded", kill_embedded)):
    for stage in STAGES:
        cases.add(role, stage, KILL, functools.partial(play, stage), sample=(role, stage) in SAMPLE)


@cases.case("embedded", "pointer", KILL)
def kill_before_the_pointer_object(scene):
    """Published is published: what the metadata points to is told to replicas by whoever comes next."""
    dead = scene.embedded(environment=gate_environment("rename", "/current/"))
    dead.process.wait(60)
    scene.assertEqual(dead.process.returncode, -signal.SIGKILL)
    scene.assertEqual(len(scene.records().snapshots()), 1)
    pointers = scene.state / "objects/jobs/synthetic/current"
    scene.assertEqual(list(pointers.glob("*")), [])
    again = scene.ended(scene.embedded())
    scene.assertEqual(json.loads((pointers / "0000000001").read_text())["snapshot"], 1)
    scene.assertEqual(again["run"], 2)
    first = scene.records().run(1)
    scene.assert_undisturbed(first)
    return "the snapshot stood, its pointer was written later"


@cases.case("coordinator", "pointer", KILL)
def kill_the_coordinator_before_the_pointer_object(scene):
    scene.cluster(coordinator_environment=gate_environment("rename", "/current/"))
    client = scene.submit()
    scene.coordinators[0].process.wait(60)
    scene.assertEqual(scene.coordinators[0].process.returncode, -signal.SIGKILL)
    scene.assertEqual(len(scene.records().snapshots()), 1)
    scene.lead()
    run = scene.ended(client)
    scene.assert_as_published(run)
    scene.assertTrue((scene.state / "objects/jobs/synthetic/current/0000000001").exists())
    return "the snapshot stood, its pointer was written later"


def replica(scene, *flags, environment=None):
    process = scene.process(BIN / "strata-server", "--objects", scene.state / "objects", "--refresh-ms", 50, "--drain-ms", 100, "--listen",
                            *flags, environment=environment)
    process.port = process.wait_for(r"strata-server listens on port (\d+)").group(1)
    return process


@cases.case("replica", "serve", KILL, sample=True)
def kill_a_replica_under_load(scene):
    scene.ended(scene.embedded())
    replicas = [replica(scene, "127.0.0.1:0") for _ in range(2)]
    for process in replicas:
        process.wait_for("snapshot 1 of job synthetic answers")
    targets = ",".join(f"127.0.0.1:{process.port}" for process in replicas)
    load = scene.process(BIN / "strata", "bench", "--target", targets, "--rate", 400, "--arrivals", "poisson", "--connections", 4,
                         "--warmup-s", 0, "--duration-s", 600, "--deadline-ms", 1000, "--json")
    load.wait_for(r"\b0:00:0[1-9]|  1 s")
    replicas[0].kill()
    load.wait_for(r"(?s)(errors?|failed)[^\n]*[1-9]|\b0:00:0[3-9]|  3 s")
    back = replica(scene, f"127.0.0.1:{replicas[0].port}")
    back.wait_for("snapshot 1 of job synthetic answers")
    load.wait_for(r"\b0:00:0[6-9]|\b0:00:1|  6 s")
    load.process.send_signal(signal.SIGINT)
    report = json.loads(re.search(r"^\{.*\}", load.finish(), re.DOTALL | re.MULTILINE).group(0))
    requests, answers = report["requests"], report["answers"]
    scene.assertGreater(requests["errors"] + sum(requests["never_sent"].values()), 0, "the load did not notice the kill")
    scene.assertEqual(answers["wrong"], 0)
    scene.assertGreater(requests["answers"], requests["due"] / 2)
    mine = scene.json("segments", "--state", scene.state)
    theirs = scene.json("segments", "--target", f"127.0.0.1:{back.port}")
    scene.assertEqual(theirs["segments"], mine["segments"])
    return f"{requests['answers']} right answers, {requests['errors']} calls lost with it, none wrong"


@cases.case("replica", "switch", KILL)
def kill_a_replica_while_it_switches(scene):
    first = scene.ended(scene.embedded("--as-of", "2025-11-30"))
    dying = replica(scene, "127.0.0.1:0", environment=gate_environment("open", "/snapshots/2/parts/"))
    dying.wait_for(f"snapshot {first['snapshot']} of job synthetic answers")
    second = scene.ended(scene.embedded("--follows", "none"))
    dying.process.wait(60)
    scene.assertEqual(dying.process.returncode, -signal.SIGKILL)
    back = replica(scene, f"127.0.0.1:{dying.port}")
    back.wait_for(f"snapshot {second['snapshot']} of job synthetic answers")
    scene.assertEqual(second["digest"], scene.base.digest)
    return "it answers from the new snapshot when it is back"

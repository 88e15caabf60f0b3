"""Source files that are taken away under the hands of whoever reads them."""

import os
import shutil

import cases
from scene import Gate


def cut_short(scene, path, gate, held, run):
    """Cuts the file that process `held` stands before at the gate: its run fails with the cause, and no process ends. The file is whole
    again afterwards."""
    whole = path.read_bytes()
    os.truncate(path, 100)
    gate.open()
    failed = scene.ended(run, status=2)
    scene.assertEqual(failed["error"]["reason"], "FILE_CHANGED", failed)
    scene.assertIn(str(path), failed["error"]["message"])
    for name, worker in scene.workers.items():
        scene.assertIsNone(worker.process.poll(), f"worker {name} ended: {worker.text()}")
    scene.assertIn(held, [process.process.pid for process in (*scene.workers.values(), run)])
    path.write_bytes(whole)


def source_cut_short(scene, stage, role, flags=()):
    """Cut after it was mapped and before it is read: touching what is gone would end the process by SIGBUS."""
    feed = scene.folder / "feed"
    shutil.copytree(scene.base.sources, feed)
    path = feed / "part-00003.csv"
    gate = Gate(scene.folder / "gate", "close", "feed/part-00003")
    scene.addCleanup(gate.close)
    environment = gate.environment() | {"STRATA_GATE_AFTER": "1" if stage == "map" else "0"}
    job = scene.base.job(uri=feed)
    if role == "worker":
        scene.cluster(workers=2, environment=environment)
        run = scene.submit(job=job)
    else:
        run = scene.embedded(*flags, job=job, environment=environment)
    held = gate.wait()
    scene.assertEqual(scene.records().stage(), stage)
    cut_short(scene, path, gate, held, run)
    again = scene.ended(scene.submit(job=job) if role == "worker" else scene.embedded(*flags, job=job))
    scene.assert_undisturbed(again)
    return "FILE_CHANGED, the process lives; the next run: equal digest"


@cases.case("embedded", "map", "source cut short under a memory limit")
def source_cut_short_under_a_limit(scene):
    """How much a task needs is known without another look at its file."""
    return source_cut_short(scene, "map", "embedded", flags=("--memory-limit", "1GiB"))


@cases.case("worker", "plan", "identities cut short")
def identities_cut_short(scene):
    """A table is scanned, then mapped again and read: cut in between."""
    path = scene.folder / "merged-identities.csv"
    path.write_text("was,is_now,since\n" + "".join(f"old-{i},new-{i},2024-01-01\n" for i in range(20_000)))
    job = scene.base.job(extra=f"  aliases: {{uri: {path}, columns: {{old_id: was, new_id: is_now, date: since}}}}\n")
    gate = Gate(scene.folder / "gate", "close", path.name)
    scene.addCleanup(gate.close)
    scene.cluster(workers=2, environment=gate.environment() | {"STRATA_GATE_AFTER": "1"})
    run = scene.submit(job=job)
    held = gate.wait()
    scene.assertEqual(scene.records().tasks("map"), 0)
    cut_short(scene, path, gate, held, run)
    scene.assertEqual(scene.ended(scene.submit(job=job))["state"], "succeeded")
    return "FILE_CHANGED, the process lives; the next run succeeds"


for role, stage in (("worker", "map"), ("embedded", "plan")):
    cases.add(role, stage, "source cut short", lambda scene, stage=stage, role=role: source_cut_short(scene, stage, role), sample=stage == "map")

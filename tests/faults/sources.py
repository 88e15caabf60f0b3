"""Source files that are taken away under the hands of whoever reads them."""

import os
import shutil

import cases
from scene import Gate


def source_cut_short(scene, stage, role):
    """Cut after it was mapped and before it is read: touching what is gone would end the process by SIGBUS."""
    feed = scene.folder / "feed"
    shutil.copytree(scene.base.sources, feed)
    path = feed / "part-00003.csv"
    whole = path.read_bytes()
    gate = Gate(scene.folder / "gate", "close", "feed/part-00003")
    scene.addCleanup(gate.close)
    environment = gate.environment() | {"STRATA_GATE_AFTER": "1" if stage == "map" else "0"}
    job = scene.base.job(uri=feed)
    if role == "worker":
        scene.cluster(workers=2, environment=environment)
        run = scene.submit(job=job)
    else:
        run = scene.embedded(job=job, environment=environment)
    held = gate.wait()
    scene.assertEqual(scene.records().stage(), stage)
    os.truncate(path, 100)
    gate.open()
    failed = scene.ended(run, status=2)
    scene.assertEqual(failed["error"]["reason"], "FILE_CHANGED", failed)
    scene.assertIn(str(path), failed["error"]["message"])
    for name, worker in scene.workers.items():
        scene.assertIsNone(worker.process.poll(), f"worker {name} ended: {worker.text()}")
    scene.assertIn(held, [worker.process.pid for worker in (*scene.workers.values(), run)])
    path.write_bytes(whole)
    again = scene.ended(scene.submit(job=job) if role == "worker" else scene.embedded(job=job))
    scene.assert_undisturbed(again)
    return "FILE_CHANGED, the process lives; the next run: equal digest"


for role, stage in (("worker", "map"), ("embedded", "plan")):
    cases.add(role, stage, "source cut short", lambda scene, stage=stage, role=role: source_cut_short(scene, stage, role), sample=stage == "map")

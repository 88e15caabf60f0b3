"""A proxy between the processes. Worker and coordinator, client and coordinator, processes and the S3 server."""

import shutil

import cases
import s3_server
from programs import BIN
from tcp_proxy import DOWN, UP, Damage, Delay, Drop, HalfClose, Proxy, Slice, Swallow

# What a StartTask says of its index: another one would be another shard's result under this shard's number.
TASK_INDEX = rb"\x10[\x02-\x06]\x18(?=[\x01-\x17]\x22)"
RESULT_KEY = rb"jobs/synthetic/(runs/1|ledger|snapshots/1)/"
CONTROL = rb"/strata\.worker\.v1\.WorkerService/Attach"
JOB_HORIZON = rb"horizon_days: 3"
OBJECTS = f"s3://{s3_server.BUCKET}/state"


def proxied(scene, port, fault):
    proxy = Proxy(port, fault, scene.seed)
    scene.addCleanup(proxy.close)
    return proxy


def worker_link(make, scene, said=None):
    """Two workers dial through the proxy; the client does not."""
    coordinator = scene.lead()
    coordinator.wait_for("listens on port")
    proxy = proxied(scene, coordinator.port, make())
    for i in range(2):
        scene.hire(f"w{i + 1}", address=proxy.address)
    coordinator.wait_for("worker w. joined")
    run = scene.ended(scene.submit())
    scene.assertGreater(proxy.fault.fired, 0, "the proxy did nothing")
    scene.assert_as_published(run)
    text = "".join(worker.text() for worker in scene.workers.values())
    if said is not None:
        scene.assertRegex(text, said)
    for name, worker in scene.workers.items():
        scene.assertIsNone(worker.process.poll(), f"worker {name} ended: {worker.text()}")
    return f"equal digest; {proxy.said()}"


def one_worker_link(make, scene):
    """The only worker: nobody else can take what it never got. Its heartbeats pass."""
    coordinator = scene.lead()
    coordinator.wait_for("listens on port")
    proxy = proxied(scene, coordinator.port, make())
    worker = scene.hire("w1", address=proxy.address)
    coordinator.wait_for("worker w1 joined")
    run = scene.ended(scene.submit())
    scene.assertGreater(proxy.fault.fired, 0, "the proxy did nothing")
    worker.wait_for("ends its stream, on which nothing moved")
    scene.assert_as_published(run)
    return f"the stream was ended and begun anew; equal digest; {proxy.said()}"


def client_link(make, scene, request="night-1"):
    """The client repeats its request, by its id, until it got an answer; there is one run."""
    coordinator = scene.cluster(workers=2)
    proxy = proxied(scene, coordinator.port, make())
    for attempt in range(1, 8):
        client = scene.submit(address=proxy.address, flags=("--request-id", request))
        said = client.finish()
        if client.process.returncode == 0:
            break
        scene.assertEqual(client.process.returncode, 1, said)
    scene.assertGreater(proxy.fault.fired, 0, "the proxy did nothing")
    coordinator.wait_for(r"run 1 of job \S+: succeeded")
    scene.assertEqual(client.process.returncode, 0, said)
    run = scene.json("runs", "show", 1, "--target", coordinator.address)
    scene.assert_as_published(run)
    scene.assertEqual(len(scene.json("runs", "list", "--target", coordinator.address)["runs"]), 1)
    return f"one run, asked for {attempt} time(s); equal digest; {proxy.said()}"


def s3_link(make, scene, sources=False):
    server = s3_server.S3Server(scene.folder / "s3")
    scene.addCleanup(server.stop)
    job = scene.base.job()
    if sources:
        shutil.copytree(scene.base.sources, server.bucket / "feed")
        job = scene.base.job(uri=f"s3://{s3_server.BUCKET}/feed")
    proxy = proxied(scene, server.port, make())
    through = {**server.environment(), "AWS_ENDPOINT_URL": f"http://{proxy.address}"}
    run = scene.ended(scene.embedded("--objects", OBJECTS, "--cache-dir", scene.folder / "cache", environment=through, job=job))
    scene.assertGreater(proxy.fault.fired, 0, "the proxy did nothing")
    scene.assert_undisturbed(run)
    # Past the proxy and the cache: what lies in the store is whole.
    state = scene.process(BIN / "strata", "snapshots", "verify", "--state", scene.state, "--cache-dir", scene.folder / "other",
                          environment=server.environment())
    said = state.finish()
    scene.assertEqual(state.process.returncode, 0, said)
    return f"equal digest; {proxy.said()}"


def add(role, stage, fault, play, make, sample=False, **more):
    cases.add(role, stage, fault, lambda scene: play(make, scene, **more), sample)


MANY = "any"  # the fault may fall into any stage: bytes of all of them pass
add("worker link", MANY, "delay", worker_link, lambda: Delay(30))
add("worker link", MANY, "slice", worker_link, lambda: Slice(7))
add("worker link", MANY, "drop", worker_link, lambda: Drop(budget=4), sample=True)
add("worker link", MANY, "half-close", worker_link, lambda: HalfClose(budget=4))
add("worker link", MANY, "damage", worker_link, lambda: Damage(budget=6))
add("worker link", MANY, "damaged task", worker_link, lambda: Damage(3, after=TASK_INDEX, direction=DOWN), sample=True,
    said="ends its stream: a frame was damaged")
add("worker link", MANY, "damaged result", worker_link, lambda: Damage(3, after=RESULT_KEY, direction=UP), sample=True,
    said="no longer connected.*a frame was damaged")
add("worker link", MANY, "swallow tasks", one_worker_link, lambda: Swallow(400, 3000, budget=1, pattern=CONTROL, direction=DOWN), sample=True)
add("worker link", MANY, "swallow results", one_worker_link, lambda: Swallow(400, 2000, budget=1, pattern=CONTROL, direction=UP))
add("worker link", MANY, "swallow", worker_link, lambda: Swallow(budget=4))
add("client link", MANY, "delay", client_link, lambda: Delay(100))
add("client link", MANY, "slice", client_link, lambda: Slice(3))
add("client link", MANY, "drop", client_link, lambda: Drop(100, 1500, budget=3), sample=True)
add("client link", MANY, "half-close", client_link, lambda: HalfClose(100, 1500, budget=3))
add("client link", MANY, "damaged job", client_link, lambda: Damage(2, after=JOB_HORIZON, direction=UP), sample=True)
add("client link", MANY, "damage", client_link, lambda: Damage(budget=3, every_bytes=600))
add("client link", MANY, "swallow", client_link, lambda: Swallow(100, 1500, budget=2))
add("S3 link", MANY, "delay", s3_link, lambda: Delay(5))
add("S3 link", MANY, "slice", s3_link, lambda: Slice(700, budget=3000))
add("S3 link", MANY, "drop", s3_link, lambda: Drop(2000, 60_000, budget=6), sample=True)
add("S3 link", MANY, "half-close", s3_link, lambda: HalfClose(2000, 60_000, budget=6))
add("S3 link", MANY, "damaged answers", s3_link, lambda: Damage(budget=6, every_bytes=60_000, direction=DOWN), sample=True)
add("S3 link", MANY, "damaged uploads", s3_link, lambda: Damage(budget=6, every_bytes=60_000, direction=UP))
add("S3 link", MANY, "damaged sources", s3_link, lambda: Damage(2, after=rb",C0*", direction=DOWN), sources=True)
add("S3 link", MANY, "swallow", s3_link, lambda: Swallow(2000, 60_000, budget=2))

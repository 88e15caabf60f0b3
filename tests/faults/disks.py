"""Disks that are full or read-only: small ones of our own, mounted where nobody else sees them. Each case first publishes a
snapshot from a part of the files; what was published must stay whole, and the run after the fault must give the right digest."""

import functools
import os
import re
import shutil
import subprocess

import cases
import s3_server
from programs import BIN
from scene import Gate

SMALL = "48m"  # holds a state of the base several times
NEW_FILES = ("part-00010.csv", "part-00011.csv")
NO_SPACE = "No space left on device|database or disk is full"
# The run before the fault is the first one, the one that meets it the second. One thread: what comes after the held call has
# not begun.
HELD = {
    "plan": ("open", "feed/part-00010"),
    "map": ("rename", "/runs/2/map/00000-"),
    "ledger": ("rename", "/runs/2/ledger/plan-"),
    "feature": ("rename", "/runs/2/feature/00000-"),
    "score": ("rename", "/snapshots/2/parts/00000-"),
    "publish": ("rename", "/snapshots/2/models/"),
}


@functools.cache
def can_mount():
    if "STRATA_OWN_MOUNTS" not in os.environ:
        return False
    script = 'folder=$(mktemp -d) && mount -t tmpfs none "$folder" && umount "$folder" && rmdir "$folder"'
    return subprocess.run(["unshare", "--mount", "bash", "-c", script], capture_output=True).returncode == 0


class SmallDisk:
    def __init__(self, scene, path):
        self.path = path
        path.mkdir(parents=True)
        self.mount("-t", "tmpfs", "-o", f"size={SMALL}", "none")
        scene.addCleanup(subprocess.run, ["umount", "--lazy", path], check=True)

    def mount(self, *flags):
        subprocess.run(["mount", *flags, self.path], check=True, capture_output=True)

    def fill(self):
        with open(self.path / "ballast", "wb", buffering=0) as ballast:
            try:
                while ballast.write(bytes(1 << 16)):
                    pass
            except OSError:
                pass
        left = os.statvfs(self.path)
        assert left.f_bavail == 0, f"{left.f_bavail} blocks are left on {self.path}"

    def free(self):
        (self.path / "ballast").unlink()
        assert os.statvfs(self.path).f_bavail > 0

    def read_only(self, yes):
        self.mount("-o", f"remount,{'ro' if yes else 'rw'}")
        assert bool(os.statvfs(self.path).f_flag & os.ST_RDONLY) == yes


class Nights:
    """A first night that published, and the files for a second one."""

    def __init__(self, scene, *flags, extra="", environment=None):
        self.scene, self.flags, self.environment = scene, ("--follows", "none", *flags), environment or {}
        self.feed = scene.folder / "feed"
        shutil.copytree(scene.base.sources, self.feed, ignore=lambda _, names: [n for n in names if n in NEW_FILES])
        self.job = scene.base.job(uri=self.feed, extra=extra)
        self.first = scene.ended(self.run())
        for name in NEW_FILES:
            shutil.copy2(scene.base.sources / name, self.feed)

    def run(self, environment=None):
        return self.scene.embedded("--threads", 1, *self.flags, job=self.job, environment={**self.environment, **(environment or {})})

    def verify_first(self):
        """The snapshot of the first night is whole, and is the one that answers."""
        where = ("--state", self.scene.state)
        verified = self.scene.process(BIN / "strata", "snapshots", "verify", 1, *where, environment=self.environment)
        said = verified.finish()
        self.scene.assertEqual(verified.process.returncode, 0, said)
        self.scene.assertEqual(self.scene.records().snapshots(), ["jobs/synthetic/snapshots/0000000001"])

    def succeed(self):
        run = self.scene.ended(self.run())
        self.scene.assert_undisturbed(run)
        return run


def held(scene, stage):
    gate = Gate(scene.folder / f"held-{stage}", *HELD[stage])
    scene.addCleanup(gate.close)
    return gate


def assert_cause(scene, text, what, path, stage=None):
    scene.assertRegex(text, what)
    scene.assertIn(str(path), text)
    if stage is not None:
        scene.assertIn(stage, text)


def objects_full(stage, scene, read_only=False):
    disk = SmallDisk(scene, scene.folder / "disk")
    nights = Nights(scene, "--objects", disk.path / "objects")
    gate = held(scene, stage)
    run = nights.run(environment=gate.environment())
    gate.wait()
    if read_only:
        disk.read_only(True)
    else:
        disk.fill()
    gate.open()
    failed = scene.ended(run, status=1)
    scene.assertEqual((failed["state"], failed["published"]), ("failed", False))
    what = "Read-only file system" if read_only else NO_SPACE
    assert_cause(scene, failed["error"]["message"], what, disk.path, None if stage in ("plan", "publish") else stage)
    nights.verify_first()
    if read_only:
        disk.read_only(False)
    else:
        disk.free()
    again = nights.succeed()
    return f"run {failed['run']} failed with the cause; run {again['run']}: equal digest"


for stage in HELD:
    cases.add("embedded", stage, "disk full: objects", functools.partial(objects_full, stage), sample=stage == "ledger")
for stage in ("map", "score"):
    cases.add("embedded", stage, "read-only objects", functools.partial(objects_full, stage, read_only=True), sample=stage == "score")


def metadata_full(stage, scene):
    disk = SmallDisk(scene, scene.state)
    nights = Nights(scene, "--objects", scene.folder / "objects")
    gate = held(scene, stage)
    run = nights.run(environment=gate.environment())
    gate.wait()
    disk.fill()
    gate.open()
    said = run.finish()
    scene.assertEqual(run.process.returncode, 1, said)
    assert_cause(scene, said, NO_SPACE, scene.state / "metadata.db")
    disk.free()
    nights.verify_first()
    again = nights.succeed()
    return f"ended with the cause; run {again['run']} {'went on' if again.get('resumed') else 'began anew'}: equal digest"


for stage in ("plan", "ledger", "score", "publish"):
    cases.add("embedded", stage, "disk full: metadata", functools.partial(metadata_full, stage), sample=stage == "ledger")


def held_worker(scene, stage, *objects):
    """A coordinator, whose one worker stands in the stage; the gate that holds it, and the client of the run."""
    coordinator = scene.lead(*objects)
    coordinator.wait_for("listens on port")
    gate = scene.gate(stage)
    scene.hire("w1", *objects, environment=gate.environment())
    coordinator.wait_for("worker w1 joined")
    client = scene.submit()
    gate.wait()
    return coordinator, gate, client


@cases.case("coordinator", "ledger", "disk full: metadata")
def coordinators_metadata_full(scene):
    """It cannot record that the run failed: it ends with the cause, and the next one goes on."""
    disk = SmallDisk(scene, scene.state)
    objects = ("--objects", scene.folder / "objects")
    coordinator, gate, client = held_worker(scene, "ledger", *objects)
    disk.fill()
    gate.open()
    said = coordinator.finish()
    scene.assertEqual(coordinator.process.returncode, 1, said)
    assert_cause(scene, said, NO_SPACE, scene.state / "metadata.db")
    disk.free()
    scene.lead(*objects)
    run = scene.ended(client)
    scene.assertEqual(run["resumed"], 1)
    scene.assert_as_published(run)
    return "ended with the cause; the next one went on: equal digest"


@cases.case("worker", "feature", "disk full: objects")
def workers_objects_full(scene):
    """The disk that worker and coordinator share."""
    disk = SmallDisk(scene, scene.folder / "disk")
    coordinator, gate, client = held_worker(scene, "feature", "--objects", disk.path / "objects")
    disk.fill()
    gate.open()
    failed = scene.ended(client, status=1)
    assert_cause(scene, failed["error"]["message"], NO_SPACE, disk.path, "feature")
    coordinator.wait_for(r"attempt \d+ of worker w1 failed in stage feature: .*No space left")
    disk.free()
    run = scene.ended(scene.submit())
    scene.assert_undisturbed(run)
    return "the attempts failed with the cause; the next run: equal digest"


@cases.case("embedded", "map", "disk full: cache", sample=True)
def cache_full(scene):
    """Local copies of what lies in S3."""
    server = s3_server.S3Server(scene.folder / "s3")
    scene.addCleanup(server.stop)
    disk = SmallDisk(scene, scene.folder / "cache")
    nights = Nights(scene, "--objects", f"s3://{s3_server.BUCKET}/state", "--cache-dir", disk.path / "copies",
                    environment=server.environment())
    disk.fill()
    run = nights.run()
    said = run.finish()
    scene.assertEqual(run.process.returncode, 1, said)
    assert_cause(scene, said, NO_SPACE, disk.path)
    disk.free()
    nights.verify_first()
    again = nights.succeed()
    return f"failed with the cause; run {again['run']}: equal digest"


@cases.case("worker", "ledger", "disk full: cache", sample=True)
def one_workers_cache_full(scene):
    """A disk of its own: what fails there is done by the other one."""
    server = s3_server.S3Server(scene.folder / "s3")
    scene.addCleanup(server.stop)
    disk = SmallDisk(scene, scene.folder / "cache")
    disk.fill()
    objects = ("--objects", f"s3://{s3_server.BUCKET}/state")
    coordinator = scene.lead(*objects, environment=server.environment())
    coordinator.wait_for("listens on port")
    scene.hire("broken", *objects, "--cache-dir", disk.path / "copies", environment=server.environment())
    scene.hire("whole", *objects, "--cache-dir", scene.folder / "copies", environment=server.environment())
    coordinator.wait_for("(?s)joined.*joined")
    run = scene.ended(scene.submit())
    failed = re.findall(rf"worker broken failed in stage \w+: .*{disk.path}.*No space left", coordinator.text())
    scene.assertGreater(len(failed), 0, coordinator.text())
    scene.assert_undisturbed(run)
    return f"{len(failed)} attempts failed with the cause and were done by the other one: equal digest"


@cases.case("embedded", "map", "disk full: quarantine")
def quarantine_full(scene):
    disk = SmallDisk(scene, scene.folder / "disk")
    nights = Nights(scene, "--objects", disk.path / "objects", extra="error_budget: {rejected_ratio_max: 0.5}\n")
    bad = nights.feed / NEW_FILES[0]
    lines = bad.read_text().splitlines(keepends=True)
    bad.write_text("".join(lines) + "".join("x," + line for line in lines[1:50]))  # a field too many: no row of the base
    gate = held(scene, "map")
    run = nights.run(environment=gate.environment())
    gate.wait()
    disk.fill()
    gate.open()
    failed = scene.ended(run, status=1)
    assert_cause(scene, failed["error"]["message"], NO_SPACE, disk.path, "quarantine")
    nights.verify_first()
    disk.free()
    again = nights.succeed()
    scene.assertEqual(again["rows_new"]["rejected"], 49)
    scene.assertEqual(len(again["quarantine"]), 1)
    return "failed with the cause; the next run kept 49 rejects: equal digest"


@cases.case("coordinator and worker", "any", "disk full: log")
def log_full(scene):
    """What cannot be logged stops nobody, and lines come again when there is space."""
    disk = SmallDisk(scene, scene.folder / "logs")
    disk.fill()
    coordinator = scene.lead(log=disk.path / "coordinator.log")
    coordinator.wait_for("listens on port")
    scene.hire("w1", log=disk.path / "worker.log")
    run = scene.ended(scene.submit())
    scene.assert_as_published(run)
    scene.assertEqual((disk.path / "coordinator.log").stat().st_size, 0, "the disk was not full")
    disk.free()
    again = scene.ended(scene.submit())
    scene.assertEqual(again["state"], "succeeded")
    scene.assertIn("run 2 of job synthetic", (disk.path / "coordinator.log").read_text())
    return "both nights published; the log goes on where there was space"


@cases.case("client", "any", "full standard output", sample=True)
def output_full(scene):
    """A result that nobody got is no success."""
    scene.ended(scene.embedded())
    with open("/dev/full", "w") as full:
        done = subprocess.run([BIN / "strata", "segments", "--state", scene.state, "--json"], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=60)
    scene.assertEqual(done.returncode, 1)
    scene.assertIn("could be written to the standard output", done.stderr)
    return "status 1, and said"


@cases.case("coordinator", "start", "read-only state")
def read_only_state(scene):
    scene.ended(scene.embedded())
    disk = SmallDisk(scene, scene.folder / "disk")
    shutil.copytree(scene.state, disk.path / "state")
    disk.read_only(True)
    for command in ([BIN / "strata-coordinator", "--listen", "127.0.0.1:0"], [BIN / "strata", "run", scene.folder / "job.yaml"]):
        process = scene.process(*command, "--state", disk.path / "state")
        said = process.finish()
        scene.assertIn(process.process.returncode, (1, 2), said)
        assert_cause(scene, said, "read-only|readonly|Read-only", disk.path / "state")
    disk.read_only(False)
    scene.strata("snapshots", "verify", "--state", disk.path / "state")
    return "both say which folder is read-only"

"""Objects and sources in S3: the digest of a local folder, whatever the server does meanwhile; errors that help."""

import os
import re
import subprocess

import s3_server
from programs import BIN, ROOT, Case, job_text, main

OUTAGE_S = 10  # what a run must ride out


class OverS3(Case):
    def setUp(self):
        super().setUp()
        self.server = s3_server.S3Server(self.folder / "s3")
        self.addCleanup(self.server.stop)
        self.use(self.server.environment())

    def cluster(self, objects, workers=("w1", "w2")):
        coordinator, address = self.coordinator("cluster", "--objects", objects)
        started = [self.start(BIN / "strata-worker", "--coordinator", address, "--objects", objects, "--threads", 1, "--worker-id", name,
                              "--cache-dir", self.folder / "worker-cache") for name in workers]
        for name in workers:
            coordinator.wait_for(f"worker {name} joined")
        return coordinator, started, address

    def digest_of(self, run):
        text = run.finish()
        found = re.search(r'"digest": ?"([0-9a-f]{32})"', text)
        self.assertIsNotNone(found, text)
        return found.group(1)

    def still_runs(self, run, seconds):
        """The run waits for the server as long as it is away."""
        with self.assertRaises(subprocess.TimeoutExpired, msg=run.text()):
            run.process.wait(seconds)

    def test_a_run_and_a_cluster_give_the_digest_of_a_local_folder(self):
        alone = self.run_job(job_text(), state="local")
        embedded = self.run_job(job_text(), "--objects", "s3://nightly/embedded", "--threads", 2, state="embedded")
        self.assertEqual((embedded["digest"], embedded["ledger_digest"]), (alone["digest"], alone["ledger_digest"]))
        self.assertFalse((self.folder / "embedded/objects").exists())
        coordinator, _, address = self.cluster("s3://nightly/cluster")
        run = self.json("run", self.write("cluster.yaml", job_text()), "--target", address)
        self.assertEqual(run["digest"], alone["digest"])
        mine, theirs = self.json("get", "0001", "--state", self.folder / "local"), self.json("get", "0001", "--target", address)
        self.assertEqual(theirs["score"], mine["score"])
        self.assertEqual(coordinator.stop(), 0)
        self.assertEqual(self.server.unfinished_uploads(), [])
        keys = [str(path.relative_to(self.server.bucket)) for path in (self.server.bucket / "cluster/jobs").rglob("*") if path.is_file()]
        self.assertTrue(any("/current/" in key for key in keys), keys)
        self.assertFalse(any("/runs/" in key for key in keys), "the run's own objects are removed at its end")

    def test_a_state_remembers_its_objects(self):
        state = self.folder / "state"
        run = self.run_job(job_text(), "--objects", "s3://nightly/objects/")
        self.assertEqual(self.strata("snapshots", "digest", "--state", state).stdout.strip(), run["digest"])
        self.strata("get", "0001", "--state", state, "--objects", "s3://nightly/objects")
        self.strata("snapshots", "verify", "--state", state)
        self.strata("ledger", "verify", "--state", state)
        out = self.folder / "scores.csv"
        self.strata("export", "--state", state, "--out", out)
        self.assertGreater(len(out.read_text().splitlines()), 100)
        for other in ("s3://nightly/other", self.folder / "elsewhere"):
            done = self.strata("get", "0001", "--state", state, "--objects", other, status=2)
            self.assertIn(str(other), done.stderr)
            self.assertIn("s3://nightly/objects", done.stderr)
        again = self.run_job(job_text())
        self.assertEqual(again["digest"], run["digest"])
        self.assertEqual(again["rows_new"]["read"], 0)

    def test_sources_in_s3_give_the_digest_of_local_files(self):
        rows = (ROOT / "tests/data/cdnow_sample.csv").read_text().splitlines(keepends=True)
        for place in (self.folder / "feed", self.server.bucket / "feed"):
            place.mkdir()
            for i in range(3):
                (place / f"part-{i}.csv").write_text(rows[0] + "".join(rows[1 + i::3]))
        local = self.run_job(job_text(uri=str(self.folder / "feed")), state="local")
        for i, uri in enumerate(("s3://nightly/feed", "s3://nightly/feed/part-*.csv", "s3://nightly/fee?/*.csv")):
            run = self.run_job(job_text(uri=uri), state=f"s3-{i}")
            self.assertEqual((run["digest"], run["rows"]), (local["digest"], local["rows"]), uri)
        again = self.run_job(job_text(uri="s3://nightly/feed"), state="s3-0")
        self.assertEqual(again["rows_new"]["read"], 0, "known files are not read again")
        _, _, address = self.cluster("s3://nightly/cluster")
        run = self.json("run", self.write("cluster.yaml", job_text(uri="s3://nightly/feed")), "--target", address)
        self.assertEqual(run["digest"], local["digest"])
        (self.server.bucket / "feed/part-1.csv").write_text(rows[0] + rows[1])
        done = self.strata("run", self.write("job.yaml", job_text(uri="s3://nightly/feed")), "--state", self.folder / "s3-0", status=2)
        self.assertIn("s3://nightly/feed/part-1.csv changed", done.stderr)
        valid = self.json("validate", self.write("job.yaml", job_text(uri="s3://nightly/feed")), "--cache-dir", self.folder / "c")
        self.assertEqual(valid["files"], 3)

    def test_an_embedded_run_survives_a_stalled_server(self):
        alone = self.run_job(job_text(shards=512), state="local")
        path = self.write("job.yaml", job_text(shards=512))
        run = self.start(BIN / "strata", "run", path, "--state", self.folder / "state", "--objects", "s3://nightly/x", "--json")
        run.wait_for("plan:")  # that stage has ended; those of 512 tasks each are to come
        self.server.pause()
        self.still_runs(run, OUTAGE_S)
        run.wait_for("trying again for up to")  # a request that stalled was given up: the outage met the run
        self.server.resume()
        self.assertEqual(self.digest_of(run), alone["digest"])
        self.assertRegex(run.text(), "answered at attempt [2-9]")

    def test_a_cluster_survives_a_server_that_is_killed_and_restarted(self):
        alone = self.run_job(job_text(shards=256), state="local")
        coordinator, workers, address = self.cluster("s3://nightly/cluster")
        run = self.start(BIN / "strata", "run", self.write("cluster.yaml", job_text(shards=256)), "--target", address, "--json")
        coordinator.wait_for("stage feature begun")
        self.server.kill()
        self.still_runs(run, OUTAGE_S)
        self.server.start()
        self.assertEqual(self.digest_of(run), alone["digest"])
        said = coordinator.text() + "".join(worker.text() for worker in workers)
        attempts = [int(n) for n in re.findall(r"answered at attempt (\d+)", said)]
        self.assertGreaterEqual(max(attempts, default=0), 5, "the outage fell outside the run")

    def test_wrong_use_is_told(self):
        path = self.write("job.yaml", job_text())
        state = ["--state", self.folder / "state"]
        for flags, needles in (
                (["--objects", "s3://nowhere/x"], ["'nowhere'", "no bucket"]),
                (["--objects", "s3://NIGHTLY/x"], ["NIGHTLY", "s3://bucket/prefix"]),
                (["--objects", "gs://nightly/x"], ["gs://nightly/x", "s3://bucket/prefix"]),
                (["--objects", ""], ["--objects"]),
                (["--cache-bytes", "10GB"], ["--cache-bytes", "10GB", "GiB"]),
                (["--cache-bytes", "0"], ["--cache-bytes", "'0'"]),
                (["--cache-dir", path, "--objects", "s3://nightly/x"], ["--cache-dir"]),
                (["--cache-bytes", "100", "--objects", "s3://nightly/x"], ["--cache-bytes", "100"])):
            done = self.strata("run", path, *state, *flags, status=2)
            for needle in needles:
                self.assertIn(str(needle), done.stderr)
        done = self.strata("get", "0001", "--target", "127.0.0.1:1", "--objects", "s3://nightly/x", status=2)
        self.assertIn("--objects", done.stderr)
        for uri, needle in (("s3://nightly/none", "s3://nightly/none"), ("s3://nowhere/x.csv", "'nowhere'"), ("s3://x", "s3://x"),
                            ("ftp://host/x.csv", "'ftp://'")):
            done = self.strata("run", self.write("job.yaml", job_text(uri=uri)), *state, status=2)
            self.assertIn(needle, done.stderr)
        self.use(self.server.environment(secret="wrong"))
        done = self.strata("run", path, "--state", self.folder / "denied", "--objects", "s3://nightly/x", status=2)
        self.assertIn("'nightly'", done.stderr)
        self.assertIn("AWS_SECRET_ACCESS_KEY", done.stderr)
        for program, flags in (("strata-coordinator", ["--state", self.folder / "c", "--listen", "127.0.0.1:0"]),
                               ("strata-worker", ["--coordinator", "127.0.0.1:1"])):
            for more, needle in ((["--objects", "s3://nightly/x"], "'nightly'"), (["--cache-bytes", "much"], "'much'")):
                done = subprocess.run([BIN / program, *flags, *more], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 2, done.stderr + done.stdout)
                self.assertIn(needle, done.stderr + done.stdout)
        self.use({"AWS_ENDPOINT_URL": "127.0.0.1:9"})
        done = self.strata("run", path, "--state", self.folder / "denied", "--objects", "s3://nightly/x", status=2)
        self.assertIn("AWS_ENDPOINT_URL", done.stderr)


if __name__ == "__main__":
    main()

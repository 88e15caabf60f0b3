"""A coordinator that starts while its objects do not answer opens its port and works as soon as they do. Takes a minute: so
long the store is tried before anybody is told."""

import s3_server
from programs import BIN, DEADLINE_S, Case, job_text, main


class LateObjects(Case):
    def test_a_coordinator_waits_for_its_objects_with_its_port_open(self):
        server = s3_server.S3Server(self.folder / "s3")
        self.addCleanup(server.stop)
        self.use(server.environment())
        flags = ["--objects", "s3://nightly/late"]
        before, _ = self.coordinator("state", *flags)
        before.stop()
        server.kill()
        coordinator = self.start(BIN / "strata-coordinator", "--state", self.folder / "state", "--listen", "127.0.0.1:0", *flags)
        port = coordinator.wait_for(r"listens on port (\d+)", 2 * DEADLINE_S).group(1)
        self.assertIn("the objects do not answer yet", coordinator.text())
        server.start()
        worker = self.start(BIN / "strata-worker", "--coordinator", f"127.0.0.1:{port}", *flags, "--threads", 1, "--worker-id", "w1",
                            "--cache-dir", self.folder / "cache")
        coordinator.wait_for("worker w1 joined")
        run = self.json("run", self.write("late.yaml", job_text()), "--target", f"127.0.0.1:{port}")
        self.assertEqual(run["digest"], self.run_job(job_text(), state="local")["digest"], worker.text())


if __name__ == "__main__":
    main()

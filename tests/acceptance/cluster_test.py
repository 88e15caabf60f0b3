"""A cluster of processes: the digest of an embedded run, whatever happens to its workers; errors that help."""

import re
import signal
import subprocess

from programs import BIN, DEADLINE_S, Case, job_text, main


class Cluster(Case):
    def submit(self, address, text, *flags):
        path = self.write("cluster.yaml", text)
        return self.json("run", path, "--target", address, *flags)

    def test_three_processes_give_the_digest_of_one(self):
        alone = self.run_job(job_text(), "--workers", 1, "--threads", 1, state="alone")
        coordinator, address = self.coordinator()
        for name in ("w1", "w2", "w3"):
            self.worker(address, name)
        run = self.submit(address, job_text())
        self.assertEqual(run["digest"], alone["digest"])
        served, mine = self.json("get", "0001", "--target", address), self.json("get", "0001", "--state", self.folder / "alone")
        self.assertEqual(served["score"], mine["score"])
        self.assertEqual(coordinator.stop(), 0)

    def test_a_worker_killed_in_the_middle_changes_nothing(self):
        alone = self.run_job(job_text(), state="alone")
        coordinator, address = self.coordinator("state", "--lease-ms", "1500")
        victim = self.worker(address, "a-victim")
        self.worker(address, "survivor")
        path = self.write("cluster.yaml", job_text())
        coordinator.wait_for("worker a-victim joined")
        coordinator.wait_for("worker survivor joined")
        # A stopped process keeps its connection and takes tasks that it cannot finish: they are running when it dies.
        victim.process.send_signal(signal.SIGSTOP)
        run = self.start(BIN / "strata", "run", path, "--target", address, "--json")
        coordinator.wait_for(r"run 1: stage plan begun")  # its only task is in the hands of the first worker by name
        victim.kill()
        lost = coordinator.wait_for(r"worker a-victim was lost with (\d+) attempt")
        self.assertGreaterEqual(int(lost.group(1)), 1, "the kill hit no running task")
        digest = re.search(r'"digest": ?"([0-9a-f]{32})"', run.finish())
        self.assertIsNotNone(digest, run.text())
        self.assertEqual(digest.group(1), alone["digest"])

    def test_a_worker_paused_past_its_lease_comes_back(self):
        coordinator, address = self.coordinator("state", "--lease-ms", "800")
        worker = self.worker(address, "sleepy")
        coordinator.wait_for("worker sleepy joined")
        worker.process.send_signal(signal.SIGSTOP)
        coordinator.wait_for("worker sleepy was lost")
        worker.process.send_signal(signal.SIGCONT)
        coordinator.wait_for(r"(?s)was lost.*worker sleepy joined")
        self.assertTrue(self.submit(address, job_text())["published"])

    def test_a_second_coordinator_and_an_embedded_run_are_refused_while_one_acts(self):
        _, address = self.coordinator()
        path = self.write("job.yaml", job_text())
        done = self.strata("run", path, "--state", self.folder / "state", status=1)
        self.assertIn("--target", done.stderr)

    def test_a_killed_coordinator_goes_on_with_its_run(self):
        alone = self.run_job(job_text(), state="alone")
        coordinator, address = self.coordinator("state", "--lease-ms", "60000")
        worker = self.worker(address, "w1")
        coordinator.wait_for("worker w1 joined")
        worker.process.send_signal(signal.SIGSTOP)  # the run stands where it is when the coordinator dies
        path = self.write("cluster.yaml", job_text())
        self.start(BIN / "strata", "run", path, "--target", address, "--json")
        coordinator.wait_for(r"run 1: stage plan begun")
        coordinator.kill()
        worker.kill()
        coordinator, address = self.coordinator("state")
        self.worker(address, "w2")
        coordinator.wait_for(r"run 1 of job \S+: succeeded")
        run = self.json("runs", "show", 1, "--target", address)
        self.assertEqual(run["digest"], alone["digest"])
        self.assertEqual(run["snapshot"], 1)
        self.assertEqual(self.submit(address, job_text())["run"], 2)

    def test_a_port_in_use_and_a_wrong_address_are_said(self):
        _, address = self.coordinator()
        port = address.split(":")[1]
        done = subprocess.run([BIN / "strata-coordinator", "--state", self.folder / "other", "--listen", f"127.0.0.1:{port}"],
                              capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 2)
        self.assertIn(port, done.stdout + done.stderr)
        done = subprocess.run([BIN / "strata-worker", "--coordinator", "127.0.0.1:1", "--connect-wait-ms", "600", "--state", self.folder / "state"],
                              capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn("127.0.0.1:1", done.stdout + done.stderr)
        done = self.strata("segments", "--target", "127.0.0.1:1", status=1)
        self.assertIn("127.0.0.1:1", done.stderr)

    def test_a_worker_that_dials_something_else_says_so(self):
        self.run_job(job_text())
        server = self.start(BIN / "strata", "serve", "--state", self.folder / "state", "--listen", "127.0.0.1:0")
        port = server.wait_for(r":(\d+)").group(1)
        done = subprocess.run([BIN / "strata-worker", "--coordinator", f"127.0.0.1:{port}", "--state", self.folder / "state"],
                              capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no Strata coordinator", done.stdout + done.stderr)

    def test_a_run_without_workers_ends_with_the_cause(self):
        _, address = self.coordinator("state", "--worker-wait-ms", "1000")
        path = self.write("cluster.yaml", job_text())
        done = self.strata("run", path, "--target", address, status=1)
        self.assertIn("no worker", done.stderr)

    def test_a_relative_source_is_refused_by_a_cluster(self):
        _, address = self.coordinator()
        path = self.write("cluster.yaml", job_text(uri="data.csv"))
        done = self.strata("run", path, "--target", address, status=2)
        self.assertIn("absolute", done.stderr)

    def test_a_request_id_starts_one_run(self):
        _, address = self.coordinator()
        self.worker(address, "w1")
        one = self.submit(address, job_text(), "--request-id", "night-1")
        two = self.submit(address, job_text(), "--request-id", "night-1")
        self.assertEqual(one["run"], two["run"])


if __name__ == "__main__":
    main()

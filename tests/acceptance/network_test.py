"""A cluster as it is deployed: every process in a network namespace of its own, objects and sources in S3, two nights, and a
service that asks the replicas all the while. Workers come and go meanwhile."""

import json
import os
import re
import shutil
import subprocess
import unittest

import namespaces
import s3_server
from programs import BIN, DEADLINE_S, ROOT, Case, Process, job_text, main

OBJECTS = f"s3://{s3_server.BUCKET}/state"
BENCH_S = 15  # long enough for a night on a busy machine; the test asserts that the switch fell into it


class DeployedCluster(Case):
    def setUp(self):
        reason = namespaces.why_not()
        if reason:
            raise unittest.SkipTest(reason)
        super().setUp()
        self.network = namespaces.Network()
        self.addCleanup(self.network.close)
        self.s3 = s3_server.S3Server(self.folder / "s3", self.network.add("s3"), 7480, self.network.command("s3"))
        self.addCleanup(self.s3.stop)
        self.environment = {**os.environ, **self.s3.environment()}
        feed = self.s3.bucket / "feed"
        feed.mkdir()
        shutil.copy(ROOT / "tests/data/cdnow_sample.csv", feed / "purchases.csv")

    def on(self, node, program, *flags):
        """A server on a node of its own."""
        process = Process(*self.network.command(node, BIN / program, *flags), environment=self.environment)
        self.addCleanup(process.stop)
        return process

    def ask(self, *arguments, status=0):
        """The strata command, run by a client elsewhere on the network."""
        done = subprocess.run(self.network.command("client", BIN / "strata", *arguments, "--json"), capture_output=True, text=True,
                              timeout=DEADLINE_S * 2, cwd=self.folder, env=self.environment)
        self.assertEqual(done.returncode, status, f"strata {arguments}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)

    def start_cluster(self):
        self.network.add("client")
        address = self.network.add("coordinator")
        self.coordinator_process = self.on("coordinator", "strata-coordinator", "--state", self.folder / "state", "--objects", OBJECTS,
                                           "--listen", f"{address}:7070", "--lease-ms", "3000", "--cache-dir", self.folder / "cache-c")
        self.coordinator_process.wait_for(r"listens on port 7070")
        self.target = f"{address}:7070"
        self.workers = {name: self.start_worker(name) for name in ("w1", "w2", "w3")}
        self.replicas = []
        for name in ("r1", "r2"):
            replica = f"{self.network.add(name)}:7070"
            process = self.on(name, "strata-server", "--objects", OBJECTS, "--listen", replica, "--refresh-ms", 200, "--cache-dir",
                              self.folder / f"cache-{name}")
            process.wait_for(r"listens on port 7070")
            self.replicas.append((process, replica))

    def start_worker(self, name):
        self.network.add(name)
        worker = self.on(name, "strata-worker", "--coordinator", self.target, "--objects", OBJECTS, "--threads", "1", "--worker-id", name,
                         "--cache-dir", self.folder / f"cache-{name}")
        self.coordinator_process.wait_for(f"worker {name} joined")
        return worker

    def job(self, as_of):
        return self.write(f"night-{as_of}.yaml", job_text(uri=f"s3://{s3_server.BUCKET}/feed/*.csv", as_of=as_of))

    def served(self, snapshot):
        """What each replica says of a customer, once it answers from that snapshot."""
        for process, _ in self.replicas:
            process.wait_for(rf"snapshot {snapshot} of job sample answers")
        return [self.ask("get", "0001", "--target", address) for _, address in self.replicas]

    def test_two_nights_with_workers_lost_and_joined_while_a_service_asks(self):
        first_alone = self.run_job(job_text(as_of="1997-08-31"), state="alone")
        second_alone = self.run_job(job_text(as_of="1997-09-30"), state="alone")
        self.start_cluster()
        first = self.ask("run", self.job("1997-08-31"), "--target", self.target)
        self.assertEqual(first["digest"], first_alone["digest"])
        self.served(first["snapshot"])

        bench = self.on("client", "strata", "bench", "--target", ",".join(address for _, address in self.replicas), "--rate", 300, "--arrivals", "poisson", "--duration-s",
                        BENCH_S, "--warmup-s", 0, "--unknown-ratio", 0.05, "--json", "--max-error-ratio", 0)
        bench.wait_for(r"\b300\b|req|rate")  # its live line: it has begun
        self.network.cut("w1")  # packets are lost, and nobody is told: it is given tasks for as long as its lease lasts
        run = self.on("client", "strata", "run", self.job("1997-09-30"), "--target", self.target, "--json")
        lost = self.coordinator_process.wait_for(r"worker w1 was lost with (\d+) attempt")
        self.assertGreaterEqual(int(lost.group(1)), 1, "the worker was lost with nothing in its hands")
        self.start_worker("w4")
        second = json.loads(re.search(r"\{.*\}", run.finish(), re.DOTALL).group(0))
        self.assertEqual(second["digest"], second_alone["digest"])
        answers = self.served(second["snapshot"])
        self.assertEqual(bench.process.poll(), None, "the bench ended before the switch; give it longer")

        said = bench.finish()
        self.assertEqual(bench.process.returncode, 0, said)
        report = json.loads(re.search(r"^\{.*\}", said, re.DOTALL | re.MULTILINE).group(0))
        requests, checked = report["requests"], report["answers"]
        self.assertEqual((requests["errors"], sum(requests["never_sent"].values()), checked["wrong"]), (0, 0, 0), said)
        self.assertEqual(requests["answers"], requests["due"])
        self.assertGreater(requests["due"], 0.8 * 300 * BENCH_S)
        self.assertEqual([seen["snapshot"] for seen in checked["snapshots"]], [first["snapshot"], second["snapshot"]])
        mine = self.json("get", "0001", "--state", self.folder / "alone")
        for answer in answers:
            self.assertEqual(answer["score"], mine["score"])


if __name__ == "__main__":
    main()

"""Read replicas: real processes that have nothing but a coordinator's object store."""

import json
import re
import signal
import subprocess

from programs import BIN, DEADLINE_S, Case, job_text, main

SWITCHES = 50
IDS = ["0001", "0003", "1500", "no-such-customer"]


class Replica(Case):
    def replica(self, state="state", *flags):
        """A replica of the state's object store on a free port; returns it and its address."""
        process = self.start(BIN / "strata-server", "--objects", self.folder / state / "objects", "--listen", "127.0.0.1:0",
                             "--refresh-ms", 50, "--drain-ms", 300, *flags)
        return process, "127.0.0.1:" + process.wait_for(r"strata-server listens on port (\d+)").group(1)

    def answers(self, *where):
        """What is asked of a server, without the age, which depends on when."""
        ids = self.write("ids.txt", "\n".join(IDS) + "\n")
        got = [self.json("lookup", "--ids", ids, *where), self.json("segments", *where), self.json("models", *where)]
        for answer in got:
            self.assertIn("snapshot", str(answer))
        return [re.sub(r"'age_seconds': \d+", "'age_seconds': -", str(answer)) for answer in got]

    def test_two_replicas_answer_as_their_coordinator_and_follow_it_back(self):
        coordinator, address = self.coordinator()
        self.worker(address, "w1")
        path = self.write("cluster.yaml", job_text(as_of="1997-09-30"))
        first = self.json("run", path, "--target", address)
        replicas = [self.replica() for _ in range(2)]
        for process, _ in replicas:
            process.wait_for(rf"snapshot {first['snapshot']} of job .*generation 1")
        path = self.write("cluster.yaml", job_text(as_of="1997-12-31"))
        second = self.json("run", path, "--target", address)
        self.assertNotEqual(first["digest"], second["digest"])
        for process, _ in replicas:
            process.wait_for(rf"snapshot {second['snapshot']} of job .*generation 2")
        truth = self.answers("--target", address)
        for _, replica in replicas:
            self.assertEqual(self.answers("--target", replica), truth)
            self.assertEqual(self.json("snapshots", "list", "--target", replica), self.json("snapshots", "list", "--target", address))
        self.strata("snapshots", "activate", first["snapshot"], "--target", address)
        for process, replica in replicas:
            process.wait_for(rf"snapshot {first['snapshot']} of job .*generation 3")
            self.assertEqual(self.answers("--target", replica), self.answers("--target", address))
        # The coordinator may go; its replicas stay.
        last = self.json("get", "0001", "--target", address)
        self.assertEqual(coordinator.stop(), 0)
        for process, replica in replicas:
            self.assertEqual(self.json("get", "0001", "--target", replica)["score"], last["score"])
            self.assertEqual(process.stop(), 0)
            self.assertIn("draining for 300 ms", process.text())

    def test_embedded_runs_publish_to_replicas_too(self):
        process, address = self.replica()
        process.wait_for("not ready: nothing is published yet")
        run = self.run_job(job_text())
        process.wait_for(rf"snapshot {run['snapshot']} of job sample answers")
        process.wait_for(r"\] ready\n")
        self.assertEqual(self.answers("--target", address), self.answers("--state", self.folder / "state"))
        pinned, pinned_address = self.replica("state", "--pin", f"sample={run['snapshot']}")
        pinned.wait_for("held by --pin")
        before = self.answers("--target", pinned_address)
        again = self.run_job(job_text(as_of="1997-12-31"))
        process.wait_for(rf"snapshot {again['snapshot']} of job sample answers")
        self.strata("snapshots", "activate", run["snapshot"], "--state", self.folder / "state")
        process.wait_for(rf"snapshot {run['snapshot']} of job .*generation 3")
        self.assertEqual(self.answers("--target", pinned_address), before)
        self.assertEqual(len(re.findall("of job sample answers", pinned.text())), 1)

    def test_fifty_switches_under_open_loop_load_lose_no_call(self):
        _, address = self.coordinator()
        self.worker(address, "w1")
        runs = [self.json("run", self.write("cluster.yaml", job_text(as_of=as_of)), "--target", address) for as_of in ("1997-08-31", "1997-09-30")]
        numbers = [run["snapshot"] for run in runs]
        replicas = [self.replica() for _ in range(2)]
        for process, _ in replicas:
            process.wait_for(rf"snapshot {numbers[1]} of job sample answers")
        targets = ",".join(replica for _, replica in replicas)
        load = self.start(BIN / "strata", "bench", "--target", targets, "--rate", 500, "--arrivals", "poisson", "--unknown-ratio", 0.1,
                          "--connections", 4, "--warmup-s", 0, "--duration-s", 600, "--json")
        load.wait_for(r"\b0:00:0[1-9]|  1 s")
        for i in range(SWITCHES):
            self.strata("snapshots", "activate", numbers[i % 2], "--target", address)
            for process, _ in replicas:
                process.wait_for(rf"snapshot {numbers[i % 2]} of job sample answers.*generation {i + 3},")
        load.process.send_signal(signal.SIGINT)
        report = json.loads(re.search(r"^\{.*\}", load.finish(), re.DOTALL | re.MULTILINE).group(0))
        requests, answers = report["requests"], report["answers"]
        self.assertEqual((requests["errors"], sum(requests["never_sent"].values()), answers["wrong"]), (0, 0, 0), report)
        self.assertEqual(requests["answers"], requests["due"])
        self.assertGreater(requests["answers"], 10 * SWITCHES)
        self.assertEqual([seen["snapshot"] for seen in answers["snapshots"]], numbers)
        self.assertGreaterEqual(answers["switches"], SWITCHES, "the load saw fewer switches than there were")

    def test_what_a_replica_lacks_it_says(self):
        self.run_job(job_text())
        process, address = self.replica()
        process.wait_for(r"\bready\b")
        for words in (["ledger", "show"], ["runs", "list", "--job", "sample"], ["snapshots", "activate", "1"]):
            done = self.strata(*words, "--target", address, status=None)
            self.assertIn(done.returncode, (1, 2), words)
            self.assertIn("coordinator", done.stderr, words)

    def test_a_damaged_snapshot_leaves_the_old_one_and_is_said(self):
        run = self.run_job(job_text())
        process, address = self.replica()
        process.wait_for(rf"snapshot {run['snapshot']} of job sample answers")
        before = self.answers("--target", address)
        later = self.run_job(job_text(as_of="1997-12-31"), "--no-activate")
        part = next((self.folder / "state/objects/jobs/sample/snapshots" / str(later["snapshot"]) / "parts").glob("*.lookup"))
        whole = part.read_bytes()
        # Activated while it was whole, damaged before the replica could read it: by hand, as a store's fault would be.
        part.chmod(0o640)
        process.process.send_signal(signal.SIGSTOP)
        self.strata("snapshots", "activate", later["snapshot"], "--state", self.folder / "state")
        part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        process.process.send_signal(signal.SIGCONT)
        process.wait_for(r"checksum")
        self.assertEqual(self.answers("--target", address), before)

    def test_a_second_signal_ends_it_at_once(self):
        process = self.start(BIN / "strata-server", "--objects", self.folder / "none-yet", "--listen", "127.0.0.1:0",
                             "--drain-ms", 600_000)
        process.wait_for("not ready")
        process.process.terminate()
        process.wait_for("draining")
        process.process.terminate()
        self.assertEqual(process.process.wait(DEADLINE_S), 128 + signal.SIGTERM)

    def test_wrong_flags_are_refused_with_what_is_allowed(self):
        objects = self.folder / "objects"
        self.write("file", "x")
        for flags, said in [
            ([], "--objects is required"),
            (["--objects", objects, "--pin", "sample"], "JOB=SNAPSHOT"),
            (["--objects", objects, "--pin", "a=1", "--pin", "a=2"], "once a job"),
            (["--objects", objects, "--refresh-ms", "0"], "--refresh-ms"),
            (["--objects", objects, "--drain-ms", "-1"], "--drain-ms"),
            (["--objects", objects, "--max-age-hours", "0"], "--max-age-hours"),
            (["--objects", objects, "--listen", "nowhere"], "nowhere"),
            (["--objects", self.folder / "file"], "is a file"),
            (["--objects", objects, "--state", "x"], "--state"),
        ]:
            done = subprocess.run([BIN / "strata-server", *map(str, flags)], capture_output=True, text=True, timeout=DEADLINE_S)
            self.assertEqual(done.returncode, 2, flags)
            self.assertIn(said, done.stdout + done.stderr, flags)


if __name__ == "__main__":
    main()

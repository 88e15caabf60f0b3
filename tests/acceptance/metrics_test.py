"""Metrics, logs and `strata top` of a real cluster on the whole of CDNOW, compared with what the run itself says."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import urllib.error
import urllib.request

from programs import BIN, DEADLINE_S, ROOT, Case, job_text, main

CUSTOMERS, ROWS = 23570, 69659  # of the data set, counted by others
LISTEN = ("--metrics-listen", "127.0.0.1:0")
SAMPLE = re.compile(r'^([a-zA-Z_][a-zA-Z0-9_]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\["\\n])*",?)+)\})? (\S+)$')
COMMENT = re.compile(r"^# (HELP|TYPE) ([a-zA-Z_][a-zA-Z0-9_]*) (.+)$")


def parse(text):
    """Samples by name and labels, e.g. values['strata_runs_total', 'job="a"']; every line must be of the format."""
    values, types = {}, {}
    assert text.endswith("\n")
    for line in text.splitlines():
        comment = COMMENT.match(line)
        if comment:
            if comment.group(1) == "TYPE":
                assert comment.group(2) not in types, line
                types[comment.group(2)] = comment.group(3)
            continue
        sample = SAMPLE.match(line)
        assert sample, line
        key = (sample.group(1), sample.group(2) or "")
        assert key not in values, line
        assert re.sub(r"_(bucket|sum|count)$", "", key[0]) in types or key[0] in types, line
        values[key] = float(sample.group(3))
    return values, types


class Watched:
    """A server with an endpoint."""

    def __init__(self, process):
        self.process = process
        self.port = int(process.wait_for(r"metrics at port (\d+)").group(1))

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=DEADLINE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metrics(self):
        status, text = self.get("/metrics")
        assert status == 200, text
        return parse(text)[0]


class Metrics(Case):
    def cluster(self, *flags):
        process, address = self.coordinator("state", *LISTEN, *flags)
        return Watched(process), address

    def watched_worker(self, address, name, *flags):
        return Watched(self.start(BIN / "strata-worker", "--coordinator", address, "--state", self.folder / "state", "--threads", 2,
                                  "--worker-id", name, *LISTEN, *flags))

    def run_cdnow(self, address):
        data = ROOT / "examples/cdnow/data/transactions.csv"
        text = (ROOT / "examples/cdnow/job.yaml").read_text().replace("uri: data/transactions.csv", f"uri: {data}")
        return self.json("run", self.write("cdnow.yaml", text), "--target", address)

    def check_coordinator(self, values, run):
        self.assertEqual(values["strata_last_run_customers", 'job="cdnow"'], CUSTOMERS)
        self.assertEqual(values["strata_last_run_rows", 'job="cdnow",class="read"'], ROWS)
        self.assertEqual(values["strata_last_run_rows", 'job="cdnow",class="accepted"'], run["rows"]["accepted"])
        self.assertEqual(values["strata_last_run_success", 'job="cdnow"'], 1)
        self.assertEqual(values["strata_leading", ""], 1)
        self.assertEqual(values["strata_serving_snapshot_number", 'job="cdnow"'], run["snapshot"])
        self.assertEqual(values["strata_serving_snapshot_rows", 'job="cdnow"'], CUSTOMERS)

    def test_a_run_is_counted_where_it_happens_and_survives_a_restart(self):
        coordinator, address = self.cluster()
        workers = [self.watched_worker(address, name) for name in ("w1", "w2")]
        for name in ("w1", "w2"):
            coordinator.process.wait_for(f"worker {name} joined")
        run = self.run_cdnow(address)
        self.assertEqual((run["customers"], run["rows"]["read"]), (CUSTOMERS, ROWS))
        coordinator.process.wait_for("snapshot 1 of job cdnow answers")
        self.assertEqual(self.json("get", "00001", "--target", address)["customer_id"], "00001")
        values = coordinator.metrics()
        self.check_coordinator(values, run)
        self.assertEqual(values["strata_runs_total", 'job="cdnow",outcome="succeeded"'], 1)
        self.assertEqual(values["strata_rows_total", 'job="cdnow",class="read"'], ROWS)
        self.assertEqual(values["strata_workers", 'state="ready"'], 2)
        self.assertEqual(values["strata_workers_slots", ""], 4)
        self.assertEqual(values["strata_serving_calls_total", 'method="strata.v1.ScoreService/GetScore",code="OK"'], 1)
        self.assertEqual(values["strata_serving_ids_total", 'result="found"'], 1)
        self.assertAlmostEqual(values["strata_stage_seconds_sum", 'stage="map"'], run["seconds"]["map"], places=5)
        published = values["strata_last_publish_timestamp_seconds", 'job="cdnow"']

        scraped = [worker.metrics() for worker in workers]
        total = lambda name, labels: sum(each.get((name, labels), 0) for each in scraped)
        self.assertEqual(total("strata_worker_rows_total", 'stage="map"'), ROWS)
        self.assertEqual(total("strata_worker_rows_total", 'stage="score"'), CUSTOMERS)
        for stage in ("plan", "map", "ledger", "feature", "fit", "score"):
            self.assertEqual(total("strata_worker_tasks_total", f'stage="{stage}",outcome="done"'),
                             values["strata_attempts_started_total", f'stage="{stage}"'], stage)
        self.assertGreater(total("strata_object_store_bytes_total", 'direction="written"'), ROWS * 10)
        self.assertEqual(total("strata_worker_slots_busy", ""), 0)
        self.assertEqual(total("strata_worker_connected", ""), 2)

        self.assertEqual(coordinator.process.stop(), 0)
        again, _ = self.cluster()
        again.process.wait_for("snapshot 1 of job cdnow answers")
        values = again.metrics()
        self.check_coordinator(values, run)
        self.assertEqual(values["strata_last_publish_timestamp_seconds", 'job="cdnow"'], published)
        self.assertNotIn(("strata_runs_total", 'job="cdnow",outcome="succeeded"'), values)

    def test_every_metric_of_a_live_server_is_in_the_manual(self):
        manual = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))
        coordinator, address = self.cluster()
        worker = self.watched_worker(address, "w1")
        for server in (coordinator, worker):
            _, types = parse(server.get("/metrics")[1])
            self.assertGreater(len(types), 10)
            self.assertEqual(set(types) - manual, set())

    def test_readiness_says_why_not(self):
        coordinator, address = self.cluster("--lease-ms", "1000")
        coordinator.process.wait_for("ready for runs")
        self.assertEqual(coordinator.get("/readyz"), (200, "ready\n"))
        self.assertEqual(coordinator.get("/healthz"), (200, "ok\n"))
        worker = self.watched_worker(address, "w1")
        coordinator.process.wait_for("worker w1 joined")
        worker.process.wait_for("worker w1 is connected")
        self.assertEqual(worker.get("/readyz")[0], 200)
        coordinator.process.stop()
        worker.process.wait_for("no longer connected")
        status, text = worker.get("/readyz")
        self.assertEqual(status, 503)
        self.assertIn(f"is not connected to {address}", text)
        self.assertEqual(worker.get("/healthz")[0], 200)

    def test_a_second_coordinator_answers_probes_while_it_waits_for_the_lead(self):
        self.cluster()
        second = Watched(self.start(BIN / "strata-coordinator", "--state", self.folder / "state", "--listen", "127.0.0.1:0", *LISTEN))
        second.process.wait_for("waiting up to")
        self.assertEqual(second.get("/healthz")[0], 200)
        self.assertEqual(second.get("/readyz"), (503, "not ready: waits for the lead of its state\n"))
        self.assertEqual(second.metrics()["strata_leading", ""], 0)
        second.process.kill()  # it would wait for the lead as long as it may

    def test_a_lost_worker_is_counted(self):
        coordinator, address = self.cluster("--lease-ms", "800")
        worker = self.watched_worker(address, "w1")
        coordinator.process.wait_for("worker w1 joined")
        worker.process.process.send_signal(signal.SIGSTOP)
        coordinator.process.wait_for("worker w1 was lost")
        self.assertEqual(coordinator.metrics()["strata_lease_expiries_total", ""], 1)

    def test_json_logs_are_one_object_a_line(self):
        coordinator, address = self.cluster("--log-format", "json")
        worker = self.watched_worker(address, "w1", "--log-format", "json", "--log-level", "debug")
        coordinator.process.wait_for("worker w1 joined")
        run = self.json("run", self.write("job.yaml", job_text()), "--target", address)
        coordinator.process.wait_for("run 1 of job sample: succeeded")
        for server, program in ((coordinator, "strata-coordinator"), (worker, "strata-worker")):
            server.process.stop()
            lines = [line for line in server.process.text().splitlines() if not re.match(r"metrics at port|\S+ listens on port", line)]
            logged = [json.loads(line) for line in lines]
            self.assertGreater(len(logged), 3)
            for line in logged:
                self.assertEqual(line["program"], program)
                self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
                self.assertIn(line["level"], ("debug", "info", "warn", "error"))
                self.assertTrue(line["message"])
            if server is coordinator:
                ended = [line for line in logged if line.get("outcome")]
                self.assertEqual([(line["run"], line["job"], line["outcome"], line["customers"]) for line in ended],
                                 [(1, "sample", "succeeded", run["customers"])])
                self.assertEqual([line["worker"] for line in logged if "joined" in line["message"]], ["w1"])
                self.assertEqual([line["port"] for line in logged if "port" in line], [int(address.split(":")[1])])
            else:
                self.assertEqual({line["worker"] for line in logged if "worker" in line}, {"w1"})
                self.assertTrue(any("attempt" in line and line["level"] == "debug" for line in logged))

    def test_top_looks_until_it_is_interrupted(self):
        _, address = self.cluster()
        self.worker(address, "w1")
        top = self.start(BIN / "strata", "top", "--target", address, "--interval-ms", 100)
        top.wait_for(r"(?s)Workers: 1 ready, 2 slots.*Workers: 1 ready, 2 slots")
        top.process.send_signal(signal.SIGINT)
        self.assertEqual(top.process.wait(DEADLINE_S), 0)
        self.assertNotIn("\x1b", top.text())

    def test_top_draws_over_itself_on_a_terminal(self):
        _, address = self.cluster()
        screen, terminal = pty.openpty()
        top = subprocess.Popen([BIN / "strata", "top", "--target", address, "--interval-ms", "100"], stdout=terminal, stderr=terminal)
        os.close(terminal)
        seen = b""
        while seen.count(b"\x1b[H\x1b[J") < 3:
            seen += os.read(screen, 4096)
        top.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # a closed terminal reads as an error
            while os.read(screen, 4096):
                pass
        os.close(screen)
        self.assertEqual(top.wait(DEADLINE_S), 0)
        self.assertIn(b"leads in term 1", seen)

    def test_top_waits_for_a_server_that_went_away(self):
        coordinator, address = self.cluster()
        top = self.start(BIN / "strata", "top", "--target", address, "--interval-ms", 100, "--json")
        top.wait_for('"leading":true')
        coordinator.process.stop()
        top.wait_for("trying again")
        top.process.send_signal(signal.SIGTERM)
        self.assertEqual(top.process.wait(DEADLINE_S), 0)

    def test_serve_has_an_endpoint_too(self):
        self.run_job(job_text())
        server = Watched(self.start(BIN / "strata", "serve", "--state", self.folder / "state", "--listen", "127.0.0.1:0", *LISTEN))
        address = "127.0.0.1:" + server.process.wait_for(r" at 127\.0\.0\.1:(\d+)").group(1)
        self.assertEqual(server.get("/readyz")[0], 200)
        self.assertIn(("strata_last_publish_timestamp_seconds", 'job="sample"'), server.metrics())
        top = self.json("top", "--target", address, "--once")
        self.assertIsNone(top["coordinator"])
        self.assertEqual(top["snapshots"][0]["job"], "sample")

    def test_wrong_flags_are_said(self):
        wrong = (("--metrics-listen", "9090", "HOST:PORT"), ("--metrics-listen", "127.0.0.1:70000", "65535"),
                 ("--log-format", "xml", "json"), ("--log-level", "loud", "debug"))
        for flag, value, needle in wrong:
            for program in (("strata-coordinator",), ("strata-worker", "--coordinator", "127.0.0.1:1")):
                with self.subTest(program=program[0], flag=flag, value=value):
                    done = subprocess.run([BIN / program[0], *program[1:], "--state", self.folder / "state", flag, value],
                                          capture_output=True, text=True, timeout=DEADLINE_S)
                    self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                    self.assertIn(flag, done.stderr)
                    self.assertIn(needle, done.stderr)

    def test_a_port_in_use_is_said(self):
        coordinator, _ = self.cluster()
        done = subprocess.run([BIN / "strata-worker", "--coordinator", "127.0.0.1:1", "--state", self.folder / "state",
                               "--metrics-listen", f"127.0.0.1:{coordinator.port}"], capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"--metrics-listen 127.0.0.1:{coordinator.port}", done.stderr)
        self.assertIn("in use", done.stderr)


if __name__ == "__main__":
    main()

"""Running it every night: what holds a wrong night back, what its end brings about, filling in the past, one run at a time."""

import errno
import http.server
import json
import os
import re
import threading

from programs import BIN, DEADLINE_S, ROOT, Case, job_text, main

HEADER, *ROWS = (ROOT / "tests/data/cdnow_sample.csv").read_text().splitlines(keepends=True)
RFM = "models:\n  rfm: {scores: 5}\n"


def day_of(row):
    return re.search(r"\d{4}-\d\d-\d\d", row).group()


class Hook(http.server.ThreadingHTTPServer):
    """A webhook on a free port; answers with `statuses` in turn, the last one for ever."""

    def __init__(self, *statuses):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.statuses = list(statuses)
        self.calls = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with self.server.lock:
                self.server.calls.append((self.path, dict(self.headers), json.loads(body)))
                status = self.server.statuses[min(len(self.server.calls), len(self.server.statuses)) - 1]
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    def url(self, path="/hooks/secret"):
        return f"http://127.0.0.1:{self.server_port}{path}"


class Nightly(Case):
    def hook(self, *statuses):
        hook = Hook(*statuses)
        self.addCleanup(hook.server_close)
        self.addCleanup(hook.shutdown)
        return hook

    def feed(self, name, last_day, first_day=""):
        """A file of the feed with the sample's rows of these days."""
        rows = [row for row in ROWS if first_day < day_of(row) <= last_day]
        self.write(f"feed/{name}", HEADER + "".join(rows))
        return rows

    def job(self, extra="", **named):
        named.setdefault("models", RFM)
        return job_text(uri=self.folder / "feed", as_of=None, **named) + extra

    def where(self, *more):
        return ["--state", self.folder / "state", *more]

    def served(self):
        return self.strata("snapshots", "digest", *self.where()).stdout.strip()

    def told(self):
        return [json.loads(line) for line in (self.folder / "told").read_text().splitlines()]


class Gates(Nightly):
    def test_a_missing_feed_fails_before_publish_and_the_last_night_keeps_serving(self):
        self.feed("1.csv", "1997-06-30")
        expect = "    expect: {rows_new_min: 1, rows_new_max: 2000, newest_day_lag_max_days: 3}\n"
        first = self.run_job(self.job(extra="", models=expect.replace("rows_new_max: 2000, ", "") + RFM), "--as-of", "1997-06-30")
        self.assertTrue(first["activated"])

        def night(as_of, status=1):
            return self.run_job(self.job(models=expect + RFM), "--as-of", as_of, status=status)

        # Nothing came: both rules speak, before anything is published.
        missing = night("1997-07-10")
        self.assertEqual((missing["state"], missing["published"], missing["snapshot"]), ("failed", False, None))
        self.assertEqual(missing["error"]["reason"], "EXPECTATION_FAILED")
        broken = {rule["rule"]: (rule["found"], rule["allowed"]) for rule in missing["broken_rules"]}
        self.assertEqual(broken["sources.transactions.expect.rows_new_min"], ("0 new accepted rows", "at least 1"))
        self.assertIn("1997-07-10", broken["sources.transactions.expect.newest_day_lag_max_days"][0])
        for rule, (found, allowed) in broken.items():
            for part in (rule, found, allowed):
                self.assertIn(part, missing["error"]["message"])
        self.assertEqual(self.served(), first["digest"])

        # The feed comes twice, so to say: too many rows. They stay in the ledger.
        rows = self.feed("2.csv", "1998-12-31", "1997-06-30")
        self.assertGreater(len(rows), 2000)
        doubled = night("1997-07-10")
        self.assertEqual([rule["rule"] for rule in doubled["broken_rules"]], ["sources.transactions.expect.rows_new_max"])
        self.assertEqual(doubled["ledger_version"], first["ledger_version"] + 1)
        self.assertEqual(self.json("ledger", "show", *self.where())["version"], doubled["ledger_version"])
        self.assertEqual(self.served(), first["digest"])
        # They still count as new in the next run, because no snapshot has them; a back-dated run is not checked.
        again = night("1997-07-10")
        self.assertEqual(again["rows_new"]["read"], 0)
        self.assertEqual(again["broken_rules"], doubled["broken_rules"])
        self.assertTrue(night("1997-05-31", status=0)["published"])

    def test_without_a_date_the_newest_row_is_compared_with_yesterday(self):
        self.feed("1.csv", "1997-06-30")
        expect = "    expect: {newest_day_lag_max_days: 3}\n"
        late = self.run_job(self.job(models=expect + RFM), status=1)
        self.assertEqual(late["as_of"], "1997-06-30")
        self.assertIn("from the newest row, of 1997-06-30, to 20", late["broken_rules"][0]["found"])
        self.assertTrue(self.run_job(self.job(models=expect + RFM), "--as-of", "1997-07-03")["published"])

    def test_a_veto_holds_a_wrong_night_back_until_somebody_has_looked(self):
        self.feed("1.csv", "1997-06-30")
        veto = """veto:
  customers_change_max_ratio: 0.05
  segment_share_change_max: 0.9
  net_change_max_ratio: 0.5
"""
        job = self.job(extra=veto)
        first = self.run_job(job, "--as-of", "1997-06-30")
        self.assertTrue(any("no snapshot is followed" in warning for warning in first["warnings"]), first["warnings"])
        # A wrong night: everybody comes again under another name.
        again = "".join(re.sub(r"^", "again", row) for row in ROWS if day_of(row) <= "1997-06-30")
        self.write("feed/2.csv", HEADER + again)
        wrong = self.run_job(job, "--as-of", "1997-07-01", status=1)
        self.assertEqual((wrong["error"]["reason"], wrong["published"]), ("VETO", False))
        customers = first["customers"]
        self.assertEqual([rule["rule"] for rule in wrong["broken_rules"]],
                         ["veto.customers_change_max_ratio", "veto.net_change_max_ratio"])
        self.assertEqual(wrong["broken_rules"][0], {
            "rule": "veto.customers_change_max_ratio", "found": f"1 (from {customers} to {2 * customers} customers)",
            "allowed": "at most 0.05"})
        for rule in wrong["broken_rules"]:
            self.assertIn(rule["found"], wrong["error"]["message"])
        self.assertEqual(self.served(), first["digest"])
        self.assertEqual(len(self.json("snapshots", "list", *self.where())["snapshots"]), 1)
        self.assertEqual(self.json("ledger", "show", *self.where())["version"], wrong["ledger_version"])
        shown = self.json("runs", "show", wrong["run"], *self.where())
        self.assertEqual(shown["broken_rules"], wrong["broken_rules"])
        # Somebody has looked. The bits are those of a job without the rules.
        looked = self.run_job(job, "--as-of", "1997-07-01", "--ignore-veto")
        self.assertTrue(looked["published"] and looked["activated"])
        self.assertEqual(looked["broken_rules"], wrong["broken_rules"])
        self.assertEqual(len([w for w in looked["warnings"] if "as was asked for" in w]), 2)
        plain = self.run_job(self.job(), "--as-of", "1997-07-01", "--follows", first["snapshot"])
        self.assertEqual(plain["digest"], looked["digest"])


class OnFinish(Nightly):
    def with_hooks(self, text):
        return self.job(extra=f"on_finish: {text}\n")

    def test_the_command_gets_the_run_also_when_it_failed(self):
        self.feed("1.csv", "1997-06-30")
        job = self.with_hooks('{command: [sh, -c, "cat >> told; echo >> told; echo thanks"], timeout_seconds: 60}')
        good = self.run_job(job, "--as-of", "1997-06-30")
        [outcome] = good["on_finish"]
        self.assertEqual((outcome["kind"], outcome["ok"], outcome["message"]), ("command", True, "exit status 0"))
        bad = self.run_job(job, "--as-of", "1990-01-01", status=2)
        self.assertEqual(bad["error"]["reason"], "EMPTY_BASE")
        told = self.told()
        for run, tale in zip((good, bad), told, strict=True):
            # The same object, but for what came of telling it.
            del run["on_finish"]
            self.assertEqual(run, tale)

    def test_a_command_that_hangs_or_fails_changes_nothing_but_is_said(self):
        self.feed("1.csv", "1997-06-30")
        hanging = self.run_job(self.with_hooks("{command: [sleep, 1000], timeout_seconds: 1}"), "--as-of", "1997-06-30")
        self.assertTrue(hanging["published"])
        self.assertEqual(hanging["on_finish"][0]["message"], "ended because it took too long")
        self.assertLess(hanging["on_finish"][0]["seconds"], DEADLINE_S)
        missing = self.run_job(self.with_hooks("{command: [./no-such-program]}"), "--as-of", "1997-06-30")
        self.assertIn("not started", missing["on_finish"][0]["message"])
        for run in (hanging, missing):
            self.assertTrue(any(w.startswith("on_finish command: ") for w in run["warnings"]))
            shown = self.json("runs", "show", run["run"], *self.where())
            self.assertEqual((shown["state"], shown["on_finish"], shown["warnings"]),
                             ("succeeded", run["on_finish"], run["warnings"]))
        text = self.strata("runs", "show", 1, *self.where()).stdout
        self.assertIn("took too long", text)

    def test_a_webhook_gets_it_again_until_it_answers(self):
        self.feed("1.csv", "1997-06-30")
        hook = self.hook(503, 200)
        run = self.run_job(self.with_hooks(f'{{webhook: "{hook.url()}", on: [succeeded]}}'), "--as-of", "1997-06-30")
        [outcome] = run["on_finish"]
        self.assertEqual((outcome["ok"], outcome["attempts"]), (True, 2))
        (path, headers, first), (_, again, second) = hook.calls
        self.assertEqual((path, first), ("/hooks/secret", second))
        self.assertEqual((first["run"], first["digest"]), (1, run["digest"]))
        self.assertEqual((headers["Strata-Run"], headers["Content-Type"]), ("jobs/sample/runs/1", "application/json"))
        self.assertEqual(headers["Idempotency-Key"], again["Idempotency-Key"])
        self.assertTrue(headers["Idempotency-Key"].startswith("jobs/sample/runs/1/"))

        # A failure was not asked for; a refusal is final and names the host alone.
        self.run_job(self.with_hooks(f'{{webhook: "{hook.url()}", on: [succeeded]}}'), "--as-of", "1990-01-01", status=2)
        self.assertEqual(len(hook.calls), 2)
        refusing = self.hook(404)
        refused = self.run_job(self.with_hooks(f'{{webhook: "{refusing.url()}"}}'), "--as-of", "1997-06-30")
        self.assertEqual(len(refusing.calls), 1)
        self.assertIn(f"{refusing.url('')} answered with status 404", refused["on_finish"][0]["message"])
        self.assertNotIn("secret", json.dumps(refused))

    def test_a_coordinator_runs_commands_of_jobs_only_if_it_was_told_to(self):
        self.feed("1.csv", "1997-06-30")
        hook = self.hook(200)
        both = self.with_hooks(f'{{command: [sh, -c, "cat >> {self.folder}/told; echo >> {self.folder}/told"], webhook: "{hook.url()}"}}')
        path = self.write("cluster.yaml", both)
        coordinator, address = self.coordinator()
        done = self.strata("run", path, "--target", address, "--json", status=2)
        self.assertEqual(json.loads(done.stdout)["error"]["reason"], "ON_FINISH_COMMAND_REFUSED")
        self.assertIn("--allow-on-finish-command", done.stderr)
        self.assertEqual(coordinator.stop(), 0)
        coordinator, address = self.coordinator("state", "--allow-on-finish-command")
        self.worker(address, "w1")
        run = self.json("run", path, "--target", address, "--as-of", "1997-06-30")
        coordinator.wait_for(r"on_finish command: exit status 0")
        coordinator.wait_for(r"on_finish webhook: http://127.0.0.1:\d+ answered with status 200")
        [told] = self.told()
        self.assertEqual(told["digest"], run["digest"])
        self.assertEqual(hook.calls[0][2], told)
        coordinator.stop()
        shown = self.json("runs", "show", 1, *self.where())
        self.assertEqual([outcome["ok"] for outcome in shown["on_finish"]], [True, True])

    def test_what_a_coordinator_did_not_get_to_is_done_by_the_next(self):
        self.feed("1.csv", "1997-06-30")
        for end in ("stop", "kill"):
            with self.subTest(end):
                begun, release, again, told = (self.folder / f"{name}-{end}" for name in ("begun", "release", "again", "told"))
                os.mkfifo(begun)
                os.mkfifo(release)
                # The first time it waits for somebody who never comes.
                script = f"if [ -e {again} ]; then cat > {told}; else touch {again}; echo > {begun}; read x < {release}; fi"
                job = self.with_hooks(f'{{command: [sh, -c, "{script}"], timeout_seconds: 600}}')
                path = self.write("cluster.yaml", job)
                coordinator, address = self.coordinator(end, "--allow-on-finish-command")
                self.worker(address, "w1", end)
                self.json("run", path, "--target", address, "--as-of", "1997-06-30")
                begun.read_text()
                getattr(coordinator, end)()
                coordinator, address = self.coordinator(end, "--allow-on-finish-command")
                coordinator.wait_for(r"on_finish command: exit status 0")
                self.assertEqual(json.loads(told.read_text())["run"], 1)
                self.let_go(release)

    def let_go(self, fifo):
        """Ends whoever still waits for somebody to write: the command of a coordinator that was killed."""
        try:
            os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            self.assertEqual(error.errno, errno.ENXIO)  # nobody does

    def test_a_cancelled_run_is_told_of(self):
        self.feed("1.csv", "1997-06-30")
        self.run_job(self.job(), "--as-of", "1997-05-31")
        hook = self.hook(200)
        path = self.write("cluster.yaml", self.with_hooks(f'{{webhook: "{hook.url()}", on: [cancelled]}}'))
        coordinator, address = self.coordinator()  # without workers a run waits
        run = self.start(BIN / "strata", "run", path, "--target", address)
        run.wait_for("run 2 of job sample is submitted")
        self.json("runs", "cancel", 2, "--target", address, status=None)
        coordinator.wait_for(r"on_finish webhook: .* status 200")
        self.assertEqual((hook.calls[0][2]["run"], hook.calls[0][2]["state"]), (2, "cancelled"))
        self.assertIn("cancelled", run.finish())


class Backfill(Nightly):
    DATES = ["1997-05-31", "1997-06-30", "1997-07-30"]

    def lines(self, *arguments, status=0):
        return [json.loads(line) for line in self.strata(*arguments, "--json", status=status).stdout.splitlines()]

    def backfill(self, *flags, status=0, job=None, state="state"):
        path = self.write("job.yaml", job or self.job())
        return self.lines("run", path, "--state", self.folder / state, "--as-of", "1997-05-31..1997-07-30", "--every", 30,
                          *flags, status=status)

    def test_several_dates_equal_single_runs(self):
        self.feed("1.csv", "1998-12-31")
        # What a feed brings in a night is not asked of the past.
        expect = "    expect: {rows_new_min: 1, newest_day_lag_max_days: 0}\n"
        runs = self.backfill(job=self.job(models=expect + RFM))
        self.assertEqual([run["as_of"] for run in runs], self.DATES)
        self.assertEqual([run["follows"] for run in runs], [None, 1, 2])
        self.assertEqual([run["activated"] for run in runs], [False] * 3)
        self.assertEqual({run["ledger_version"] for run in runs}, {1})
        self.assertEqual([run["rows_new"]["read"] > 0 for run in runs], [True, False, False], "the ledger reads the feed once")
        for date, run in zip(self.DATES, runs):
            single = self.run_job(self.job(), "--as-of", date, state="single")
            self.assertEqual((single["digest"], single["follows"]), (run["digest"], run["follows"]), date)
        # Again, but for what is there; then all of it, and the newest date activated.
        self.assertEqual([line["skipped"] for line in self.backfill("--skip-published")], [True] * 3)
        again = self.backfill("--activate")
        self.assertEqual([run["activated"] for run in again], [False, False, True])
        self.assertEqual([run["digest"] for run in again], [run["digest"] for run in runs])
        self.assertEqual(self.served(), runs[-1]["digest"])
        people = self.strata("run", self.folder / "job.yaml", *self.where("--as-of", "1997-05-31..1997-06-01"))
        self.assertIn("1997-05-31  snapshot 7, follows none", people.stdout)
        self.assertIn("2 dates are published", people.stdout)

    def test_it_stops_at_the_first_failure_and_names_the_date(self):
        self.feed("1.csv", "1997-06-15")
        job = self.job(extra="veto: {customers_change_max_ratio: 0}\n")
        self.run_job(self.job(), "--as-of", "1997-04-30")
        path = self.write("job.yaml", job)
        done = self.strata("run", path, *self.where("--as-of", "1997-03-01..1997-05-31", "--every", 30), "--json", status=1)
        *good, failed = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertTrue(all(run["published"] for run in good))
        self.assertEqual((failed["error"]["reason"], failed["published"]), ("VETO", False))
        self.assertIn(f"the backfill ends at {failed['as_of']}, {len(good)} of 4 dates are published", done.stderr)
        self.strata("run", path, *self.where("--as-of", "1997-05-01..1997-04-01"), status=2)

    def test_a_cluster_gives_the_same(self):
        self.feed("1.csv", "1998-12-31")
        here = self.backfill(state="here")
        coordinator, address = self.coordinator()
        self.worker(address, "w1")
        command = ["run", self.folder / "job.yaml", "--target", address, "--as-of", "1997-05-31..1997-07-30", "--every", 30]
        there = self.lines(*command)
        self.assertEqual([run["digest"] for run in there], [run["digest"] for run in here])
        self.assertEqual([run["activated"] for run in there], [False] * 3)
        self.assertEqual([line["snapshot"] for line in self.lines(*command, "--skip-published")], [1, 2, 3])
        coordinator.stop()


class OneAtATime(Nightly):
    def test_a_second_run_of_a_job_is_refused_and_a_repeated_request_is_the_same_run(self):
        self.feed("1.csv", "1997-06-30")
        coordinator, address = self.coordinator()
        path = self.write("cluster.yaml", self.job())
        waiting = self.start(BIN / "strata", "run", path, "--target", address, "--as-of", "1997-06-30", "--request-id", "night-7")
        coordinator.wait_for("run 1: ")
        refused = self.strata("run", path, "--target", address, "--json", status=1)
        self.assertEqual(json.loads(refused.stdout)["error"]["reason"], "RUN_ACTIVE")
        self.assertIn("jobs/sample/runs/1", refused.stderr)
        here = self.strata("run", path, *self.where("--json"), status=1)
        self.assertEqual(json.loads(here.stdout)["error"]["reason"], "STATE_HELD")
        repeated = self.start(BIN / "strata", "run", path, "--target", address, "--request-id", "night-7")
        repeated.wait_for("run 1 of job sample is submitted")
        self.worker(address, "w1")
        for process in (waiting, repeated):
            self.assertIn("snapshot 1 is published", process.finish())
        self.assertEqual(len(self.json("runs", "list", "--target", address)["runs"]), 1)
        self.assertEqual(coordinator.stop(), 0)
        # Embedded, the same: a request that was answered is answered again, and nothing runs.
        self.assertEqual(self.json("run", path, *self.where("--request-id", "night-7"))["run"], 1)

    def test_a_snapshot_that_is_not_to_be_activated_is_published_with_status_0(self):
        self.feed("1.csv", "1997-06-30")
        first = self.run_job(self.job(), "--as-of", "1997-06-01")
        later = self.run_job(self.job(), "--as-of", "1997-06-30", "--no-activate")
        self.assertEqual((later["published"], later["activated"], later["back_dated"]), (True, False, False))
        self.assertEqual(self.served(), first["digest"])
        self.strata("snapshots", "activate", later["snapshot"], *self.where())
        self.assertEqual(self.served(), later["digest"])


if __name__ == "__main__":
    main()

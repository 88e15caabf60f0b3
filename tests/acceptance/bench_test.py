"""strata bench as a person runs it: against a real server, with switches under load, wrong expectations and missed thresholds."""

import json
import re
import threading

from programs import BIN, Case, job_text, main

QUICK = ("--duration-s", "2", "--warmup-s", "0")


class Bench(Case):
    def setUp(self):
        super().setUp()
        self.run_job(job_text())
        self.server = self.start(BIN / "strata", "serve", "--state", self.folder / "state", "--listen", "127.0.0.1:0")
        self.target = self.server.wait_for(r" at (127\.0\.0\.1:\d+)").group(1)

    def bench(self, *flags, status=0):
        return self.json("bench", "--target", self.target, *QUICK, *flags, status=status)

    def test_open_loop_of_single_scores(self):
        report = self.bench("--rate", 300, "--arrivals", "poisson", "--unknown-ratio", 0.2, "--seed", 5)
        self.assertEqual(report["requests"]["errors"], 0)
        self.assertEqual(report["requests"]["due"], report["latency_ms"]["count"])
        self.assertGreater(report["answers"]["found"], 3 * report["answers"]["not_found"])
        self.assertGreater(report["answers"]["not_found"], 60)
        self.assertEqual(report["answers"]["wrong"], 0)
        self.assertEqual(report["answers"]["compared"], report["answers"]["found"])
        self.assertEqual([s["snapshot"] for s in report["answers"]["snapshots"]], [1])
        self.assertAlmostEqual(report["rate"]["asked"], 300, delta=60)
        self.assertLessEqual(report["service_ms"]["p50"], report["latency_ms"]["p50"])
        self.assertEqual(len(report["seconds"]), 2)

    def test_closed_loop_of_batches_over_two_drivers(self):
        report = self.bench("--closed", "--method", "lookup", "--batch", 50, "--threads", 2, "--connections", 3,
                            "--in-flight", 4, "--keys", "zipf:1.1", "--unknown-ratio", 0.1)
        self.assertEqual(report["requests"]["errors"], 0)
        self.assertEqual(report["answers"]["wrong"], 0)
        self.assertGreater(report["rate"]["questions"], 49 * report["rate"]["achieved"])
        self.assertIsNone(report["rate"]["asked"])

    def test_ids_from_a_file_in_their_order_and_an_export_to_compare_with(self):
        self.strata("export", "--out", "scores.parquet", "--state", self.folder / "state")
        ids = self.write("ids.txt", "0001\n0002\n0001\n")
        flags = ("--rate", 100, "--keys", "file", "--ids", ids)
        report = self.bench(*flags, "--expect", "scores.parquet")
        self.assertEqual(report["answers"]["wrong"], 0)
        self.assertEqual(report["answers"]["compared"], 200)
        self.write("ids.txt", "0001\nnobody\n")
        done = self.strata("bench", "--target", self.target, *flags, status=2)
        self.assertIn("'nobody' is no customer of snapshot 1 of job sample", done.stderr)

    def test_an_answer_that_is_not_the_expected_one_is_an_error_with_an_example(self):
        # The same snapshot number of the same job, but computed as of another date.
        self.run_job(job_text(as_of="1997-08-31"), state="other")
        self.strata("export", "--out", "other.parquet", "--state", self.folder / "other")
        done = self.strata("bench", "--target", self.target, *QUICK, "--rate", 200, "--expect", "other.parquet", "--json",
                           "--min-rate-ratio", 1, status=1)
        self.assertRegex(done.stderr, r"\d+ wrong answers, for example: snapshot 1 answered '\d+' with \{")
        self.assertGreater(json.loads(done.stdout)["answers"]["wrong"], 10)

    def test_missed_thresholds_are_status_3_and_named(self):
        done = self.strata("bench", "--target", self.target, *QUICK, "--rate", 200, "--max-p50-ms", 0.000001,
                           "--max-p99-ms", 60000, "--max-error-ratio", 0, status=3)
        self.assertIn("--max-p50-ms 1e-06 was missed: found ", done.stderr)
        self.assertNotIn("--max-p99-ms 60000 was missed", done.stderr)
        self.assertIn("MISSED --max-p50-ms", done.stdout)
        self.assertIn("kept   --max-error-ratio", done.stdout)

    def test_a_switch_under_load_is_seen_and_loses_no_call(self):
        self.run_job(job_text(as_of="1997-10-31"))
        lost = []

        def switch():
            try:
                for snapshot in (1, 2, 1, 2, 1, 2):
                    self.strata("snapshots", "activate", snapshot, "--state", self.folder / "state")
                    self.server_answers_from(snapshot)
            except AssertionError as error:
                lost.append(error)

        load = self.start(BIN / "strata", "bench", "--target", self.target, "--rate", 500, "--duration-s", 20,
                          "--warmup-s", 0, "--job", "sample")
        load.wait_for(r" s  \d")
        thread = threading.Thread(target=switch)
        thread.start()
        text = load.finish()
        thread.join()
        self.assertEqual(lost, [])
        self.assertEqual(load.process.returncode, 0, text)
        self.assertRegex(text, r"errors +0, 0\.000 %")
        self.assertRegex(text, r"wrong 0\n")
        self.assertRegex(text, r"snapshot 1: [\d,]+ answers")
        self.assertRegex(text, r"snapshot 2: [\d,]+ answers")
        self.assertGreaterEqual(int(re.search(r"(\d+) switches seen", text).group(1)), 6 * 8, "6 on each of 8 connections")

    def server_answers_from(self, snapshot):
        """Asks until the server has seen the switch; it looks once a second."""
        for _ in range(1000):
            if self.json("get", "0001", "--target", self.target)["snapshot"] == snapshot:
                return
        self.fail(f"snapshot {snapshot} never answered")

    def test_a_target_that_is_not_there_and_flags_that_make_no_sense(self):
        self.server.stop()
        done = self.strata("bench", "--target", self.target, "--closed", status=1)
        self.assertIn(f"cannot reach {self.target}", done.stderr)
        for flags, says in ((("--closed", "--rate", 5), "--rate 5: a closed loop"), ((), "how to ask is missing"),
                            (("--closed", "--batch", 5), "--batch 5: is for --method lookup"),
                            (("--closed", "--connections", 0), "--connections: found '0'; allowed is a whole number from 1"),
                            (("--closed", "--rat", 5), "did you mean '--rate'?")):
            with self.subTest(flags):
                self.assertIn(says, self.strata("bench", "--target", self.target, *flags, status=2).stderr)


if __name__ == "__main__":
    main()

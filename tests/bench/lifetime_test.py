"""bench/lifetime/measure on programs that pretend: whose answers are compared, whose runs count, what is missed."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAKE = """#!{python}
import json, os, pathlib, sys
own = pathlib.Path(sys.argv[0]).name == "strata"  # Strata: BASE TASK THREADS; peers: peer.py PEER BASE TASK THREADS
who, task = ("strata", sys.argv[2]) if own else (sys.argv[2], sys.argv[4])
log = pathlib.Path(os.environ["FAKE_LOG"])
turns = sum(line == f"{{who}} {{task}}\\n" for line in log.open()) if log.exists() else 0
with log.open("a") as file:
    file.write(f"{{who}} {{task}}\\n")
answers = json.loads(os.environ["FAKE_ANSWERS"])
answer = dict(answers.get(f"{{who}} {{task}}", answers[who]))
answer["seconds"] = answer["seconds"][turns % len(answer["seconds"])]
print(json.dumps(answer))
"""
FOUND = {"parameters": [0.5, 6.0, 0.75, 2.5], "log_likelihood": -1000.0, "sums": [5.0, 7.0, 30.0, 90.0]}


def load():
    loader = importlib.machinery.SourceFileLoader("measure_lifetime", str(ROOT / "bench" / "lifetime" / "measure"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class MeasureTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="strata-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.log = self.folder / "log"
        for name in ("strata", "python"):
            path = self.folder / name
            path.write_text(FAKE.format(python=sys.executable))
            path.chmod(0o755)
        base = self.folder / "bases"
        base.mkdir()
        self.measure = load()
        self.answers = {"strata": {**FOUND, "seconds": [0.1]},
                        "strata scores": {**FOUND, "seconds": [0.1], "value_seconds": 0.001, "outlook_seconds": 0.01},
                        "numpy": {**FOUND, "seconds": [0.5]}, "lifetimes": {**FOUND, "seconds": [9.0], "log_likelihood": None}}
        for name, stand_in in (("PROGRAM", self.folder / "strata"), ("install", lambda peer: self.folder / "python"),
                               ("make_base", lambda python, customers: base)):
            patch = unittest.mock.patch.object(self.measure, name, stand_in)
            patch.start()
            self.addCleanup(patch.stop)

    def run_it(self, *flags):
        """Exit status or the words it ended with, what it printed, and who ran what in order."""
        out, err = io.StringIO(), io.StringIO()
        environment = {"FAKE_LOG": str(self.log), "FAKE_ANSWERS": json.dumps(self.answers)}
        arguments = ["measure", "--customers", "100000", "--quick", *flags]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), unittest.mock.patch.dict(os.environ, environment), \
                unittest.mock.patch.object(sys, "argv", arguments):
            try:
                status = self.measure.main()
            except SystemExit as end:
                status = end.code
        return status, out.getvalue() + err.getvalue(), self.log.read_text().splitlines()

    def test_runs_take_turns_and_the_slow_one_takes_every_third(self):
        status, _, order = self.run_it("--runs", "5", "--check")
        self.assertEqual(status, 0)
        of_fit = [line.split()[0] for line in order if line.endswith(" bg_nbd")]
        self.assertEqual(of_fit, ["strata", "numpy", "lifetimes", "strata", "numpy", "strata", "numpy", "strata", "numpy",
                                  "lifetimes", "strata", "numpy"])
        self.assertEqual(sum(line == "strata pareto_nbd" for line in order), 5)
        self.assertFalse([line for line in order if line.endswith("pareto_nbd") and not line.startswith("strata")])

    def test_the_quickest_run_counts(self):
        self.answers["strata"]["seconds"] = [0.9, 0.1, 0.4]
        self.answers["numpy"]["seconds"] = [0.5, 0.8, 0.3]
        _, printed, _ = self.run_it("--runs", "3")
        self.assertIn("100,000 bg_nbd       strata 0.1000 s, numpy 0.300 s (3.0 x), lifetimes 9.000 s (90.0 x)", printed)

    def test_scores_are_asked_for_at_the_parameters_that_were_found(self):
        self.run_it("--runs", "1")
        written = json.loads((self.folder / "bases" / "scores.json").read_text())
        self.assertEqual(written, {"bg_nbd": FOUND["parameters"], "gamma_gamma": FOUND["parameters"]})

    def test_other_answers_are_not_compared(self):
        for who, wrong, compared in (("numpy", {"parameters": [0.5, 6.0, 0.75, 2.502]}, 0), ("numpy", {"log_likelihood": -999.0}, 0),
                                     ("lifetimes", {"parameters": [0.5, 6.0, 0.75, float("nan")]}, 0),
                                     ("lifetimes", {"sums": [5.0, 7.0, 30.0, 90.001]}, 2)):
            kept = self.answers[who]
            self.answers[who] = {**kept, **wrong}
            status, printed, _ = self.run_it("--runs", "1", "--check")
            self.assertIsInstance(status, str, (who, wrong))
            self.assertTrue(status.startswith("measure: "), status)
            self.assertEqual(printed.count("numpy 0.500 s"), compared, "lines of tasks before it")
            self.answers[who] = kept

    def test_what_is_missed_is_named_and_fails_a_check_alone(self):
        self.answers["numpy"]["seconds"] = [0.2]
        self.answers["strata scores"]["outlook_seconds"] = 0.5
        self.answers["lifetimes gamma_gamma"] = {**self.answers["lifetimes"], "seconds": [2.0]}
        status, printed, _ = self.run_it("--runs", "1", "--check")
        self.assertEqual(status, 3)
        for words in ("measure: bg_nbd of 100,000: 2.0 x numpy; wanted 3 x", "measure: gamma_gamma of 100,000: 20.0 x lifetimes; wanted 30 x",
                      "measure: scores of 100,000: 2.0 x numpy; wanted 3 x",
                      "measure: outlook of 100,000: 200,000 a second; wanted 300,000"):
            self.assertIn(words, printed)
        self.assertEqual(self.run_it("--runs", "1")[0], 0)

    def test_times_that_are_allowed_hold_for_the_size_they_are_of(self):
        self.answers["strata pareto_nbd"] = {**self.answers["strata"], "seconds": [3.5]}
        self.assertEqual(self.run_it("--runs", "1", "--check")[0], 0)
        status, printed, _ = self.run_it("--runs", "1", "--check", "--customers", "1000000")
        self.assertEqual(status, 3)
        self.assertIn("measure: pareto_nbd of 1,000,000: 3.50 s; allowed 3.0 s", printed)

    def test_peers_may_be_left_out(self):
        status, printed, order = self.run_it("--runs", "1", "--peers", "--check")
        self.assertEqual(status, 0)
        self.assertEqual({line.split()[0] for line in order}, {"strata"})
        self.assertNotIn("numpy", printed)


if __name__ == "__main__":
    unittest.main()

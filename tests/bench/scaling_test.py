"""bench/scaling: the fit finds what was planted, bytes go to their kinds, the texts say what the numbers say."""

import pathlib
import tempfile
import unittest

import paths
import cost_model
import scaling_text
import stored_bytes
import strata

SIZES = [(c, c * per) for c in (250_000, 1_000_000, 4_000_000) for per in (5, 15)]


def costs(a, b, c, factors=(1.0,) * 6):
    return [(customers, rows, factor * (a + b * customers / 1e6 + c * rows / 1e6)) for (customers, rows), factor in zip(SIZES, factors)]


class FitTest(unittest.TestCase):
    def test_planted_coefficients_come_out(self):
        for planted in [(0.1, 2.0, 0.3), (0.0, 0.0, 5.0), (0.0, 7.0, 0.0), (3.0, 0.0, 0.0), (2e3, 2.6e8, 7e7)]:
            found = cost_model.fit(costs(*planted))
            for value, expected in zip(found["coefficients"], planted):
                self.assertAlmostEqual(value, expected, delta=1e-6 * max(planted))
            self.assertLess(found["greatest_error"], 1e-6)

    def test_nothing_is_negative(self):
        # A cost that falls with the number of customers: the best that is not negative has no such term.
        found = cost_model.fit([(c, r, 10 + r / 1e6 - 0.5 * c / 1e6) for c, r in SIZES])
        self.assertGreaterEqual(min(found["coefficients"]), 0)
        self.assertEqual(found["coefficients"][1], 0)

    def test_the_error_is_the_greatest_one(self):
        found = cost_model.fit(costs(0.5, 2.0, 0.3, (1, 1, 1.2, 1, 1, 1)))
        self.assertGreater(found["greatest_error"], 0.05)
        self.assertLess(found["greatest_error"], 0.2)

    def test_what_costs_nothing_has_no_model(self):
        points = [(c, r, {"map": 1 + r / 1e6, "plan": 0.0}) for c, r in SIZES]
        self.assertEqual(list(cost_model.fit_all(points)), ["map"])


class StoredBytesTest(unittest.TestCase):
    def test_kinds(self):
        root = "objects/jobs/shop/"
        sizes = {root + "runs/3/map/00000-ab.rows": 1, root + "runs/3/map/00001-cd.rows": 2, root + "runs/3/map/plan-ab": 4,
                 root + "runs/3/feature/00000-ab.arrow": 8, root + "ledger/segments/00000-ab.arrow": 16,
                 root + "snapshots/3/parts/00000-ab.lookup": 32, root + "snapshots/3/parts/00000-ab.parquet": 64,
                 root + "snapshots/3/manifest.json": 128, root + "ledger/registry-ab": 256, root + "runs/3/blobs/ab": 512}
        self.assertEqual(stored_bytes.by_kind(sizes), {
            "map outputs": 3, "features": 8, "parameters and partials": 512, "ledger": 16, "lookup tables": 32,
            "scores in Parquet": 64, stored_bytes.OTHER: 4 + 128 + 256})

    def test_objects_count_once_though_removed_and_what_is_being_written_does_not(self):
        with tempfile.TemporaryDirectory(prefix="strata-test-") as folder:
            objects = pathlib.Path(folder, "objects")
            for name, size in {"jobs/shop/runs/3/map/00000-ab.rows": 10, ".tmp/1-2": 1000}.items():
                (objects / name).parent.mkdir(parents=True)
                (objects / name).write_bytes(b"x" * size)
            watch = stored_bytes.Watch(objects)
            watch.look()
            (objects / "jobs/shop/runs/3/map/00000-ab.rows").unlink()
            (objects / "jobs/shop/runs/3/map/00001-ab.rows").write_bytes(b"x" * 5)
            watch.look()
            self.assertEqual(sum(stored_bytes.by_kind(watch.sizes).values()), 15)


def results(measured_factor=1.0):
    """Of a Strata that takes a second per million customers and two per million rows in every stage; 2 cores."""
    sizes = [{"customers": c, "rows": r, "seconds": {stage: c / 1e6 + 2 * r / 1e6 for stage in strata.STAGES},
              "bytes": {"source files": 30.0 * r, "features": 200.0 * c, "ledger": 50.0 * r}, "peak_rss_bytes": 2**28}
             for c, r in SIZES]
    models = {what: cost_model.fit_all([(s["customers"], s["rows"], s[what]) for s in sizes]) for what in ("seconds", "bytes")}
    seconds = {stage: measured_factor * 21.0 * (1.0 if stage == "publish" else 0.5) for stage in strata.STAGES}
    check = {"customers": 1_000_000, "rows": 10_000_000, "workers": 8, "said": {"seconds": seconds}, "worker_bytes": [2**27] * 8,
             "coordinator_bytes": 2**26}
    machine = {"date": "2026-01-01", "commit": "c", "uncommitted": [], "cpu": "a cpu", "cores": 1, "cores_of_machine": 2,
               "memory_bytes": 2**33, "kernel": "6", "load_at_begin": 0.0}
    return {"machine": machine, "sizes": sizes, "models": models, "check": check, "check_cores": 2}


class TextTest(unittest.TestCase):
    def test_a_check_that_comes_out_as_predicted(self):
        self.assertAlmostEqual(scaling_text.error_of_check(results()), 0)
        self.assertIn("| map | 10.50 | 10.50 | 1.00 |", scaling_text.check_text(results()))
        self.assertIn("| publish | 21.00 | 21.00 | 1.00 |", scaling_text.check_text(results()))

    def test_a_check_that_does_not(self):
        self.assertAlmostEqual(scaling_text.error_of_check(results(1.5)), 0.5)

    def test_what_a_large_base_needs(self):
        found = scaling_text.large_text(results(1.2), 10_000_000, 100_000_000)
        # 210 s a stage: six stages that workers share, and publish alone; what the check cost above the model is added.
        self.assertIn("| core-seconds, one thread | 1,470 (0.41 core-hours) |", found)
        self.assertIn(f"| cores for one hour | {6 * 210 * 1.2 / (3600 - 210):.1f} |", found)
        self.assertIn(f"| features, mapped by all workers together | {200e7 / 2**30:.1f} GiB |", found)
        # Sources twice, features three times, the ledger twice.
        self.assertIn(f"| over the network, sources and objects in S3 | {(2 * 30e8 + 3 * 200e7 + 2 * 50e8) / 2**30:,.0f} GiB, ", found)

    def test_every_block_has_its_place_in_the_documentation(self):
        page = (paths.ROOT / "docs" / "scaling.md").read_text()
        for name in scaling_text.blocks(results()):
            self.assertIn(f"<!-- measured: {name} -->\n", page)


if __name__ == "__main__":
    unittest.main(verbosity=2)

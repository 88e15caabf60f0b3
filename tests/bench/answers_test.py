"""bench/peers/answers.py: Strata's own answers against a slow and obvious computation, and differences that must be found."""

import collections
import datetime
import pathlib
import tempfile
import unittest

import paths
import answers
import bases
import pyarrow as pa
import pyarrow.parquet as pq
import strata

CUSTOMERS, ROWS = 400, 4000


def slow_columns(transactions, date):
    """The columns by the book, a customer at a time."""
    days = collections.defaultdict(lambda: collections.defaultdict(list))
    for path in sorted(transactions.glob("*.parquet")):
        for row in pq.read_table(path, columns=["customer_id", "time", "amount"]).to_pylist():
            if row["time"].date() <= date:
                days[row["customer_id"]][row["time"].date()].append(row["amount"])
    lines = []
    for customer, by_day in days.items():
        nets = {day: float(sum(amounts)) for day, amounts in by_day.items()}
        bought = sorted(day for day, amounts in by_day.items() if any(amount >= 0 for amount in amounts))
        since = {width: date - datetime.timedelta(days=width) for width in (30, 90, 180, 365)}
        line = {"customer_id": customer, "x": len(bought) - 1, "t_x": None, "T": None, "m": 0.0, "recency_days": None,
                "rows": sum(map(len, by_day.values())), "mean_gap_days": 0.0, "net": sum(nets.values()),
                "return_rows": sum(amount < 0 for amounts in by_day.values() for amount in amounts)}
        for width in (90, 365):
            line[f"net_{width}"] = float(sum(net for day, net in nets.items() if day > since[width]))
        for width, begin in since.items():
            line[f"purchase_days_{width}"] = sum(day > begin for day in bought)
        if bought:
            span = (bought[-1] - bought[0]).days
            line |= {"t_x": span / 7, "T": (date - bought[0]).days / 7, "recency_days": (date - bought[-1]).days}
        if len(bought) > 1:
            line["m"] = sum(nets[day] for day in bought[1:]) / (len(bought) - 1)
            line["mean_gap_days"] = span / (len(bought) - 1)
        lines.append(line)
    return pa.Table.from_pylist(lines)


class StratasAnswersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory(prefix="strata-test-")
        cls.addClassCleanup(cls.holder.cleanup)
        cls.folder = pathlib.Path(cls.holder.name)
        bases.FOLDER = cls.folder / "bases"
        cls.base_folder, cls.base = bases.make(CUSTOMERS, ROWS, "retail", "generated", None, 1)
        cls.job = cls.folder / "job.yaml"
        cls.text = bases.parity_job(cls.base_folder, cls.base, cls.job)
        cls.runner = strata.Runner(threads=2)
        cls.state = cls.folder / "state"
        cls.today = cls.runner.run(cls.job, cls.state)
        cls.cutoff = bases.cutoff_of(cls.base, cls.text)

    def check(self, said, date):
        ours = answers.strata_columns(strata.snapshot_folder(self.state, said), date)
        theirs = slow_columns(self.base_folder / "transactions", date)
        kinds = {name: kind for name, kind in answers.PARITY.items() if kind != "model"}
        found = answers.compare(ours, theirs, kinds)
        self.assertTrue(found["equal"], found)
        self.assertEqual(found["customers"], ours.num_rows)
        # Were a column constant, its equality would say nothing.
        for name in kinds:
            self.assertGreater(len(set(theirs[name].to_pylist())), 1, name)
        return theirs

    def test_the_job_for_parity_makes_the_columns_as_of_both_dates_and_the_labels(self):
        said = self.today["said"]
        self.assertTrue(said["published"])
        self.check(said, datetime.date.fromisoformat(self.base["as_of"]))
        cutoff = datetime.date.fromisoformat(self.cutoff)
        before = self.runner.run(self.job, self.state, "--as-of", self.cutoff, "--no-activate")["said"]
        theirs = self.check(before, cutoff)
        later = {row["customer_id"] for path in (self.base_folder / "transactions").glob("*.parquet")
                 for row in pq.read_table(path, columns=["customer_id", "time", "amount"]).to_pylist()
                 if row["time"].date() > cutoff and row["amount"] >= 0}
        churned = pa.array([customer not in later for customer in theirs["customer_id"].to_pylist()])
        labels = answers.compare_labels(theirs.append_column("churned", churned), strata.snapshot_folder(self.state, said))
        self.assertTrue(labels["equal"], labels)
        self.assertGreater(labels["ours"]["churned"], 0)

    def test_the_job_of_every_model_fits_every_model(self):
        job = self.folder / "every.yaml"
        bases.full_job(self.base_folder, job, self.base_folder / "transactions")
        said = self.runner.run(job, self.folder / "every")["said"]
        models = {path.name.split("-")[0] for path in (strata.snapshot_folder(self.folder / "every", said) / "models").iterdir()}
        self.assertLess({"rfm", "clustering", "lifetime", "spend", "churn"}, models)

    def test_a_run_says_its_seconds_and_memory(self):
        self.assertGreater(self.today["seconds"], self.today["build_seconds"])
        self.assertGreater(self.today["build_seconds"], 0)
        self.assertGreater(self.today["peak_rss_bytes"], 2**20)

    def test_a_night_goes_on_from_a_copy_of_a_state(self):
        copy = self.folder / "copy"
        strata.copy_state(self.state, copy)
        again = self.runner.run(self.job, copy)["said"]
        self.assertEqual(again["ledger_digest"], self.today["said"]["ledger_digest"])
        self.assertEqual(again["rows_new"]["read"], 0)


KINDS = {"n": "count", "t": "weeks", "net": "money", "value": "model"}
ROWS_OF = {"customer_id": ["a", "b", "c"], "n": [1, 2, 3], "t": [0.5, None, 2.0], "net": [10.0, -20.0, 1e6], "value": [1.0, 2.0, 3.0]}


class CompareTest(unittest.TestCase):
    def compared(self, **changed):
        return answers.compare(pa.table(ROWS_OF), pa.table({**ROWS_OF, **changed}), KINDS)

    def test_the_order_of_customers_does_not_matter(self):
        self.assertTrue(answers.compare(pa.table(ROWS_OF), pa.table(ROWS_OF).take([2, 0, 1]), KINDS)["equal"])

    def test_what_is_within_the_tolerance_is_equal(self):
        self.assertTrue(self.compared(net=[10.0 + 1e-7, -20.0, 1e6 + 0.1], value=[1.0005, 2.0, 3.0])["equal"])

    def test_every_difference_is_found(self):
        for name, values in [("n", [1, 2, 4]), ("t", [0.5, 1.0, 2.0]), ("t", [0.5, None, None]), ("t", [0.5, None, 2.00001]),
                             ("net", [10.01, -20.0, 1e6]), ("net", [10.0, 20.0, 1e6]), ("net", [10.0, -20.0, 1e6 + 2]),
                             ("value", [1.0, 2.0, float("nan")]), ("value", [1.0, 2.1, 3.0])]:
            found = self.compared(**{name: values})
            self.assertFalse(found["equal"], (name, values))
            self.assertEqual(found["columns"][name]["customers_that_differ"], 1)
            self.assertEqual([other for other, column in found["columns"].items() if column["customers_that_differ"]], [name])
            self.assertEqual(len(found["columns"][name]["examples"]), 1)

    def test_other_customers_are_a_difference(self):
        for ids in (["a", "b", "d"], ["a", "b", "b"]):
            self.assertEqual(self.compared(customer_id=ids)["difference"], "not the same customers")
        fewer = answers.compare(pa.table(ROWS_OF), pa.table(ROWS_OF).slice(0, 2), KINDS)
        self.assertEqual((fewer["equal"], fewer["customers"], fewer["customers_of_peer"]), (False, 3, 2))


if __name__ == "__main__":
    assert paths.ROOT.exists()
    unittest.main(verbosity=2)

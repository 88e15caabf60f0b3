"""The same bits whatever the machine does and however the rows come, of lifetime values that ask for more rounds."""

import csv
import re

import same_bits_test
from programs import main

# The choice of a model, traits of customers, a prior.
RICH_LIFETIME = """
    model: auto
    holdout_days: auto
    interval: 0.8
    covariates: {rate: [customers.region, customers.age], dropout: [customers.region], prior_sd: 1}
    prior: {r: {median: 0.5, factor: 5}}"""


class SameLifetimes(same_bits_test.SameBits):
    """The same bits, of a lifetime value that is chosen among all models, with covariates: rounds over histories, hold-out and traits."""

    limits = ("32MiB", "64MiB")
    lifetime = RICH_LIFETIME

    @classmethod
    def write_tables(cls):
        ids = set()
        for path in sorted((cls.base / "csv/transactions").iterdir()):
            with open(path, newline="") as source:
                ids |= {row["customer_id"] for row in csv.DictReader(source)}
        lines = ["customer_id,region,age\n"]
        for number, customer in enumerate(sorted(ids)):
            region = ("north", "south", "east", "")[number * number % 7 % 4]
            lines.append(f"{customer},{region},{20 + number * 37 % 50 // 10 * 10}\n")
        (cls.base / "customers.csv").write_text("".join(lines))

    @classmethod
    def job_over(cls, folder, uri):
        customers = f"  customers:\n    uri: {cls.base / 'customers.csv'}\n    columns: {{customer_id: customer_id, region: region, age: age}}\n"
        text = re.sub(r"lifetime: \{.*\}", lambda _: "lifetime:" + cls.lifetime, same_bits_test.job_over(folder, uri))
        return re.sub(r"models:\n", lambda _: customers + "models:\n", text, count=1)

    def test_what_was_asked_for_is_there(self):
        fit = self.json("models", "--state", self.base / "state")["lifetime"]
        self.assertTrue(fit["fitted"])
        self.assertEqual(len(fit["candidates"]), 5)
        names = [each["name"] for each in fit["covariates"]]
        for part in ("customers.age", "customers.region = "):
            self.assertTrue(any(part in name for name in names), names)
        self.assertGreater(fit["holdout"]["customers"], 1000)


class SameReplicates(SameLifetimes):
    """Intervals from parameters fitted anew on resampled customers."""

    lifetime = " {model: mbg_nbd, bootstrap: 20}"
    test_csv_and_parquet_of_the_same_rows = test_memory_limits = test_workers_that_are_processes = None

    def test_what_was_asked_for_is_there(self):
        self.assertEqual(self.json("models", "--state", self.base / "state")["lifetime"]["model"], "mbg_nbd")


if __name__ == "__main__":
    main()

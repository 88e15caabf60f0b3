"""The ledger from night to night: what came in thirty nights equals what came in one, and files that come, go and change
their names leave nothing behind but their rows."""

import csv
import datetime
import random

from programs import Case, main

NIGHTS = 30
AS_OF = "2024-12-31"
COLUMNS = "{customer_id: customer, time: at, amount: amount, transaction_id: id, updated_at: updated}"
JOB = """name: feed
as_of: %s
time_zone: Europe/Berlin
currency: EUR
seed: 3
shards: 4
sources:
  transactions:
    uri: %s
    columns: %s
    on_changed: replace
    on_vanished: remove
models:
  rfm: {scores: 5}
"""


def purchase(draw, number):
    day = datetime.date(2023, 1, 1) + datetime.timedelta(days=draw.randrange(700))
    return {"customer": f"c{draw.randrange(150)}", "at": f"{day}T{draw.randrange(24):02}:30", "id": f"t{number}",
            "amount": f"{draw.choice([-1, 1, 1, 1]) * draw.randrange(1, 90000) / 100:.2f}", "updated": ""}


def again(draw, row):
    """The same transaction later, as it was or corrected."""
    row = dict(row)
    if draw.random() < 0.6:
        row["amount"] = f"{draw.randrange(1, 90000) / 100:.2f}"
        row["updated"] = f"2024-12-{draw.randrange(1, 29):02}T00:00:00Z"
    return row


class Ledger(Case):
    def write_rows(self, folder, name, rows):
        path = self.folder / folder / name
        path.parent.mkdir(exist_ok=True)
        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, ["customer", "at", "id", "amount", "updated"])
            writer.writeheader()
            writer.writerows(rows)

    def night(self, folder, state, *flags):
        run = self.run_job(JOB % (AS_OF, self.folder / folder, COLUMNS), "--follows", "none", *flags, state=state)
        self.assertTrue(run["published"])
        return run

    def assert_equal_ledgers(self, one, other):
        for key in ("ledger_digest", "digest", "rows", "customers"):
            self.assertEqual(one[key], other[key], key)

    def rows(self, seed):
        """Rows of all nights in the order of their arrival: most of them late, some of them again."""
        draw = random.Random(seed)
        rows = [purchase(draw, i) for i in range(2500)]
        rows += [again(draw, draw.choice(rows)) for _ in range(400)]
        draw.shuffle(rows)
        return draw, rows

    def test_thirty_nights_equal_one(self):
        for seed in (1, 2):
            with self.subTest(seed=seed):
                draw, rows = self.rows(seed)
                nights = [[] for _ in range(NIGHTS)]
                for row in rows:
                    draw.choice(nights).append(row)
                many, once = f"many{seed}", f"once{seed}"
                for i, night in enumerate(nights):
                    self.write_rows(many, f"{i:02}.csv", night)
                    last = self.night(many, f"state-{many}")
                    self.assertEqual(last["rows_new"]["read"], len(night), "only the new file is read")
                self.assert_equal_ledgers(last, self.night(many, f"state-{once}"))
                self.assertGreater(last["rows"]["duplicates"], 300)
                where = ["--state", self.folder / f"state-{many}"]
                verified = self.json("ledger", "verify", *where)
                self.assertEqual(verified["digest"], last["ledger_digest"])
                self.assertLessEqual(verified["segments"], 4 * 8)
                compacted = self.json("ledger", "compact", *where)
                self.assertEqual((compacted["segments_before"], compacted["segments"]), (verified["segments"], 4))
                self.assertEqual(self.json("ledger", "verify", *where)["digest"], last["ledger_digest"])
                self.assert_equal_ledgers(last, self.night(many, f"state-{many}"))
                self.assertEqual(self.json("ledger", "compact", *where)["version"], compacted["version"], "nothing to do")

    def test_files_come_go_and_change_as_if_only_the_last_ones_had_been_there(self):
        for seed in (1, 2):
            with self.subTest(seed=seed):
                draw, rows = self.rows(seed)
                folder, state = f"files{seed}", f"state-files{seed}"
                for i in range(8):
                    self.write_rows(folder, f"{i}.csv", rows[i * 300:i * 300 + 400])
                self.night(folder, state)
                for step in range(6):
                    files = sorted((self.folder / folder).iterdir())
                    a, b = draw.sample(files, 2)
                    change = draw.choice(["replace", "remove", "rename", "copy", "swap"])
                    if change == "replace":
                        self.write_rows(folder, a.name, draw.sample(rows, 300))
                    elif change == "remove":
                        a.unlink()
                    elif change == "rename":
                        a.rename(a.with_name(f"renamed-{step}.csv"))
                    elif change == "copy":
                        a.with_name(f"copy-{step}.csv").write_bytes(a.read_bytes())
                    else:
                        first, second = a.read_bytes(), b.read_bytes()
                        a.write_bytes(second)
                        b.write_bytes(first)
                    now = self.night(folder, state)
                    anew = self.night(folder, f"anew{seed}-{step}")
                    self.assert_equal_ledgers(now, anew)
                    if change in ("remove", "rename", "copy"):
                        self.assertEqual(now["rows_new"]["accepted"], 0, f"{change} reads nothing")

    def test_compaction_drops_the_rows_of_removed_files(self):
        _, rows = self.rows(4)
        self.write_rows("feed", "kept.csv", rows[:2000])
        self.write_rows("feed", "gone.csv", rows[2000:])
        self.night("feed", "state")
        (self.folder / "feed/gone.csv").unlink()
        without = self.night("feed", "state")
        where = ["--state", self.folder / "state"]
        before = self.json("ledger", "verify", *where)
        self.strata("ledger", "compact", *where)
        after = self.json("ledger", "verify", *where)
        self.assertEqual((after["digest"], after["rows"]), (without["ledger_digest"], without["rows"]["accepted"]))
        self.assertLess(after["size_bytes"], 0.9 * before["size_bytes"])
        refused = self.strata("ledger", "compact", "--target", "localhost:1", status=2)
        self.assertIn("--state", refused.stderr)

    def test_a_file_that_is_replaced_every_night_does_not_grow_the_ledger(self):
        _, rows = self.rows(9)
        sizes = []
        for i in range(6):
            self.write_rows("export", "all.csv", rows[:2500 + i])
            self.night("export", "state")
            sizes.append(self.json("ledger", "verify", "--state", self.folder / "state")["size_bytes"])
        self.assertLess(max(sizes), 1.1 * sizes[0])


if __name__ == "__main__":
    main()

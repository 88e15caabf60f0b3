#!/usr/bin/env python3
"""Ten nights of a base that drifts, with planted moves: ids stay with the clusters that they were given to, and every planted
move has its planted cause. The truth is the generator's, not Strata's."""

import collections
import datetime
import json
import pathlib
import re
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "acceptance"), str(ROOT / "reports")]

import cluster_oracle  # noqa: E402
import programs  # noqa: E402
import pyarrow.parquet  # noqa: E402

PURE = 0.9    # of a cluster's customers are of one planted group
LONG_DAYS = 45  # no planted group pauses for as long, and who is asleep does longer
FOUND = 0.95  # of the planted moves have their planted cause
KEPT = 0.97   # of the customers who were to stay do


class NightsTest(programs.Case):
    def generate(self, customers, seed):
        """A base, the dates of its nights and its truth by customer."""
        base = self.folder / "base"
        self.strata("generate", "--customers", customers, "--transactions", 80 * customers, "--seed", seed, "--shape", "nights",
                    "--out", base)
        dates = json.loads((base / "truth.json").read_text())["nights"]["as_of"]
        self.truth = {row["customer_id"]: row for row in pyarrow.parquet.read_table(base / "truth.parquet").to_pylist()}
        self.dates = [datetime.date.fromisoformat(text) for text in dates]

    def run_nights(self, customers, seed):
        """Ten nights and their reports of moves."""
        self.generate(customers, seed)
        self.moves = []
        base = self.folder / "base"
        nights = [self.night(base / "job.yaml", as_of) for as_of in self.dates]
        self.assertEqual(len(nights), 10)
        return nights

    def night(self, job, as_of):
        run = self.json("run", job, "--state", self.folder / "state", "--as-of", as_of)
        self.moves.append([] if not run["follows"] else
                          self.json("report", "cluster_moves", "--state", self.folder / "state")["rows"])
        return cluster_oracle.Snapshot(self.folder / "state", int(re.search(r"\d+$", str(run["snapshot"])).group()))

    def kinds(self, night, as_of):
        """By id the planted group of most members, with whether half of them have bought nothing for long; and the share of the
        group."""
        found = {}
        for cluster in night.model["clusters"]:
            members = night.members(cluster["id"])
            groups = collections.Counter(self.truth[row["customer_id"]]["planted_group"] for row in members)
            group, number = groups.most_common(1)[0]
            silent_days = statistics.median((as_of - row["last_purchase_date"]).days for row in members)
            found[cluster["id"]] = ((group, silent_days > LONG_DAYS), number / len(members))
        return found

    def check_ids(self, nights):
        """An id is of the same customers, and has the same name, on all nights that have it."""
        names, kinds, gone = {}, {}, set()
        for night, as_of in zip(nights, self.dates):
            found = self.kinds(night, as_of)
            self.assertEqual(len({kind for kind, _ in found.values()}), len(found), found)
            for cluster in night.model["clusters"]:
                number = cluster["id"]
                kind, share = found[number]
                self.assertGreater(share, PURE, (as_of, number, kind))
                self.assertEqual(kinds.setdefault(number, kind), kind, as_of)
                self.assertEqual(names.setdefault(number, cluster["name"]), cluster["name"], as_of)
            self.assertFalse(gone & set(found), "an id came back")
            gone |= set(kinds) - set(found)
        self.assertEqual(len(set(names.values())), len(names), names)
        persisting = set(self.kinds(nights[0], self.dates[0])) & set(self.kinds(nights[-1], self.dates[-1]))
        self.assertGreaterEqual(len(persisting), 6, "few clusters were there from the first night to the last")

    def label(self, night, customer):
        return night.by_id[customer]["cluster"]

    def planted(self, life):
        return [customer for customer, truth in self.truth.items() if truth["night_life"] == life]

    def causes(self, nights, place):
        """The cause of every customer's move on a night, and that the report counts just these."""
        then, now = nights[place - 1], nights[place]
        moves = {row["customer_id"]: cluster_oracle.move_of(then, now, row, self.dates[place - 1]) for row in now.rows}
        counted = {(row["from"], row["to"], row["cause"], row["model_part"]): row["customers"] for row in self.moves[place]}
        self.assertEqual(counted, dict(collections.Counter(moves.values())))
        return {customer: move[2] for customer, move in moves.items()}

    def check_causes(self, nights):
        by_night = [None] + [self.causes(nights, place) for place in range(1, len(nights))]
        awakened = self.planted("awakened")
        bought = sum(by_night[self.truth[customer]["night"] - 1][customer] in ("bought", "both_bought") for customer in awakened)
        self.assertGreater(bought / len(awakened), FOUND)
        # Who stops ages into a cluster of the silent on one of the nights, and never because of having bought since.
        first, last = nights[0], nights[-1]
        stopping = [customer for customer in self.planted("stopping")
                    if self.label(first, customer) != self.label(last, customer)
                    and self.truth[customer]["last_purchase_date"] <= self.dates[0]]
        self.assertGreater(len(stopping), 0.3 * len(self.planted("stopping")))
        aged = sum(any(causes[customer] in ("aged", "both_aged") for causes in by_night[1:]) for customer in stopping)
        self.assertGreater(aged / len(stopping), FOUND)
        for customer in stopping:
            for place, causes in enumerate(by_night[1:], 1):
                self.assertNotIn(causes[customer], ("bought", "both_bought"), (customer, place))
        # A night that keeps the model moves nobody by it.
        for place in range(1, len(nights)):
            if not nights[place].model["refit"]["refit"]:
                of_model = {"transform", "centres", "k", "both_bought", "both_aged"} & set(by_night[place].values())
                self.assertFalse(of_model, self.dates[place])
        for life in ("steady", "asleep"):
            stayed = [causes[customer] == "stayed" for causes in by_night[1:] for customer in self.planted(life)]
            self.assertGreater(sum(stayed) / len(stayed), KEPT, life)

    def check_model_causes(self, nights):
        """Two days after the last sale, and another model each: nobody did anything, so who moves is moved by the model."""
        job = (self.folder / "base" / "job.yaml").read_text()
        for change, part in ((("k: 8", "k: 6"), "k"), (("- purchase_days", "- {column: purchase_days, weight: 3}"), "transform")):
            job = job.replace(*change)
            self.dates.append(self.dates[-1] + datetime.timedelta(days=1))
            nights.append(self.night(self.write("base/job.yaml", job), self.dates[-1]))
            self.assertIn("settings of clustering changed", nights[-1].model["refit"]["why"])
            causes = collections.Counter(self.causes(nights, len(nights) - 1).values())
            moved = sum(causes.values()) - causes["stayed"]
            self.assertGreater(moved, 0, part)
            self.assertFalse({"bought", "both_bought"} & set(causes), causes)
            of_model = sum(causes[cause] for cause in ("k", "centres", "transform"))
            self.assertGreater(of_model / moved, FOUND, causes)
            self.assertGreater(causes[part], 0, causes)

    def test_ids_go_by_centres_where_members_are_not_known(self):
        """A night of other shards cannot read who was where; fitted anew or kept, the ids stay with their groups."""
        self.generate(customers=600, seed=3)
        self.moves = []
        job, (first, second, third) = (self.folder / "base" / "job.yaml").read_text(), self.dates[:3]
        nights = [self.night(self.folder / "base" / "job.yaml", first)]
        job = re.sub(r"shards: \d+", "shards: 5", job)
        for as_of, refit in ((second, "frozen"), (third, "nightly")):
            path = self.write("base/job.yaml", re.sub(r"refit: .*", f"refit: {refit}", job))
            run = self.json("run", path, "--state", self.folder / "state", "--as-of", as_of, "--rebuild-ledger", "--follows", 1)
            self.assertTrue(any("who was in which cluster is not known" in warning for warning in run["warnings"]), run)
            nights.append(cluster_oracle.Snapshot(self.folder / "state", int(re.search(r"\d+$", str(run["snapshot"])).group())))
            matching = nights[-1].model["matching"]
            self.assertTrue(matching["by_centres"])
            self.assertEqual((matching["appeared"], matching["vanished"]), ([], []))
        self.dates = [first, second, third]
        self.check_ids(nights)

    def test_followed_nights_have_the_same_bits(self):
        """Kept and fitted anew, on any workers and threads, with any kernels, under a memory limit."""
        self.generate(customers=400, seed=5)
        digests = {}
        for number, flags in enumerate((("--workers", 1), ("--workers", 3, "--threads", 2, "--kernels", "plain"),
                                        ("--workers", 2, "--memory-limit", "64MiB"))):
            for as_of in (self.dates[0], self.dates[1], self.dates[6]):
                run = self.json("run", self.folder / "base" / "job.yaml", "--state", self.folder / f"state-{number}", "--as-of",
                                as_of, *flags)
                self.assertEqual(digests.setdefault(as_of, run["digest"]), run["digest"], (as_of, flags))

    def test_ids_and_causes_of_ten_nights(self):
        nights = self.run_nights(customers=1500, seed=9)
        self.check_ids(nights)
        self.check_causes(nights)
        refits = [night.model["refit"]["refit"] for night in nights]
        self.assertTrue(refits[0])
        self.assertIn(True, refits[1:], "nothing was fitted anew in ten weeks")
        self.assertIn(False, refits[1:], "nothing was kept in ten weeks")
        self.check_model_causes(nights)


if __name__ == "__main__":
    programs.main()

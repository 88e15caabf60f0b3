"""Classes of customers through a whole night, against rules worked out here over all rows; frozen cuts over two nights."""

import datetime
import math
import random

from programs import Case, job_text, main

FIRST = datetime.date(2022, 1, 1)
AS_OF = datetime.date(2024, 3, 31)
NEXT = AS_OF + datetime.timedelta(days=30)
DAY = datetime.timedelta(days=1)
MODELS = """models:
  rfm:
    scores: {{recency: 4, frequency: 3, monetary: 5}}
    window: {{days: 400}}
    grid: mine
    grids: {{mine: {{axes: [recency, frequency], cells: {{"[3-4][1-3]": lively, "[1-2][2-3]": slow, "[1-2]1": rare}}}}}}
    refit: {refit}
  value: {{refit: {refit}}}
  levels: {{cuts: [0.5, 0.8]}}
  life_cycle: {{gap_days: 200, refit: {refit}}}
"""


def sales(seed, customers, first, last):
    """(customer, day, cents) of regular, rare and former customers; some cents are below 0: returns."""
    draw = random.Random(seed)
    rows = []
    for number in range(customers):
        pace, day = draw.choice([7, 30, 90, 200]), first + draw.randrange(600) * DAY
        end = last if draw.random() < 0.6 else first + draw.randrange((last - first).days) * DAY
        while day <= end:
            rows.append((f"c{number:03}", day, draw.randrange(100, 40_000)))
            if draw.random() < 0.1:
                rows.append((f"c{number:03}", day + DAY, -draw.randrange(100, 9_000)))
            day += draw.randrange(1, 2 * pace) * DAY
    return [row for row in rows if row[1] <= last]


def quantile(values, share):
    """The smallest value with at least that share of all not above it."""
    return sorted(values)[max(1, math.ceil(round(len(values) * share, 9))) - 1]


class Rules:
    """The schemes by their definitions."""

    def __init__(self, rows, as_of):
        self.as_of, self.net, self.days = as_of, {}, {}
        for customer, day, cents in rows:
            self.net[customer] = self.net.get(customer, 0) + cents
            if cents >= 0:
                self.days.setdefault(customer, set()).add(day)
        self.days = {customer: sorted(days) for customer, days in self.days.items()}

    def value_classes(self):
        total = sum(net for net in self.net.values() if net > 0)
        classes = {}
        for customer, net in self.net.items():
            greater = sum(other for other in self.net.values() if other > net and other > 0)
            classes[customer] = ("D" if net <= 0 else "A" if greater < 0.8 * total else "B" if greater < 0.95 * total else "C")
        return classes

    def levels(self, value_of):
        values = [value_of(customer) for customer in self.days]
        low, high = quantile(values, 0.5), quantile(values, 0.8)

        def level(customer):
            value = value_of(customer) if customer in self.days else 0
            return "zero" if value <= 0 else "low" if value <= low else "medium" if value <= high else "high"
        return {customer: level(customer) for customer in self.net}

    def gap_cuts(self):
        closed = [(b - a).days for days in self.days.values() for a, b in zip(days, days[1:])
                  if a <= self.as_of - 200 * DAY and (b - a).days <= 200]
        assert len(closed) >= 100
        return [quantile(closed, share) for share in (0.8, 0.9, 0.95)]

    def life_cycle(self, cuts):
        classes = {}
        for customer in self.net:
            days = self.days.get(customer, [])
            silent = (self.as_of - days[-1]).days if days else 0
            classes[customer] = (
                "potential" if not days else "lost" if silent > cuts[2] else "dormant" if silent > cuts[1]
                else "at_risk" if silent > cuts[0] else "new" if (self.as_of - days[0]).days <= cuts[0]
                else "returning" if len(days) > 1 and (days[-1] - days[-2]).days > cuts[1] else "active")
        return classes

    def in_window(self):
        return {customer for customer, days in self.days.items() if (self.as_of - days[-1]).days < 400}


class Classes(Case):
    def run_night(self, rows, as_of, refit):
        lines = ["customer_id,date,amount,back"] + [
            f"{customer},{day},{abs(cents) // 100}.{abs(cents) % 100:02},{int(cents < 0)}" for customer, day, cents in rows]
        self.write("sales.csv", "\n".join(lines) + "\n")
        text = job_text(name="shop", uri=str(self.folder / "sales.csv"), as_of=str(as_of), shards=3,
                        columns="{customer_id: customer_id, time: date, amount: amount, is_return: back}",
                        extra="", models=MODELS.format(refit=refit)).replace("    columns:", "    on_changed: replace\n    columns:")
        return self.run_job(text)

    def classes(self, customers):
        """By customer and scheme."""
        ids = self.write("ids", "".join(f"{customer}\n" for customer in customers))
        found = self.json("lookup", "--ids", ids, "--state", self.folder / "state")["results"]
        return {result["customer_id"]: result["score"]["classes"] for result in found}

    def test_every_customer_has_the_classes_of_the_rules(self):
        rows = sales(1, 180, FIRST, AS_OF)
        self.run_night(rows, AS_OF, "nightly")
        rules = Rules(rows, AS_OF)
        found = self.classes(sorted(rules.net))
        expected = {
            "value_class": rules.value_classes(),
            "frequency_level": rules.levels(lambda customer: len(rules.days[customer])),
            "amount_level": rules.levels(lambda customer: rules.net[customer]),
            "life_cycle": rules.life_cycle(rules.gap_cuts()),
        }
        for scheme, classes in expected.items():
            self.assertEqual({customer: found[customer][scheme] for customer in found}, classes, scheme)
            self.assertGreater(len(set(classes.values())), 2, scheme)
        self.assertEqual({customer for customer in found if "rfm" in found[customer]}, rules.in_window())
        self.assertEqual({classes["rfm"] for classes in found.values() if "rfm" in classes}, {"lively", "slow", "rare"})
        card = self.strata("get", "c000", "--state", self.folder / "state").stdout
        self.assertIn("value_class " + found["c000"]["value_class"], card)

    def test_frozen_cuts_stay_while_customers_move(self):
        rows = sales(2, 180, FIRST, NEXT)
        self.run_night([row for row in rows if row[1] <= AS_OF], AS_OF, "frozen")
        cuts = Rules([row for row in rows if row[1] <= AS_OF], AS_OF).gap_cuts()
        summary = self.run_night(rows, NEXT, "frozen")
        self.assertEqual(summary["follows"], 1)
        rules = Rules(rows, NEXT)
        found = self.classes(sorted(rules.net))
        frozen = rules.life_cycle(cuts)
        self.assertEqual({customer: found[customer]["life_cycle"] for customer in found}, frozen)
        self.assertNotEqual(frozen, rules.life_cycle(rules.gap_cuts()), "fitted cuts would say something else")


if __name__ == "__main__":
    main()

"""Lifetime value beyond plain purchase histories, through whole nights: traits of customers that were planted, contracts and
opportunities against likelihoods worked out here, and parameters by bootstrap."""

import calendar
import datetime
import math
import random

from programs import Case, job_text, main

AS_OF = datetime.date(2024, 6, 30)
DAY = datetime.timedelta(days=1)
NORTH_RATE, DECADE_RATE, NORTH_DROPOUT = 0.6, -0.3, -0.7


def shoppers(seed, count):
    """(id, region, age, purchase days) of BG/NBD customers who buy every few months, so that no two purchases fall on one day."""
    draw = random.Random(seed)
    for number in range(count):
        region = draw.choice(["north", "south", "south", ""])
        age = draw.choice([None, *range(20, 71)])
        scale = math.exp(-NORTH_RATE * (region == "north") - DECADE_RATE * ((age or 45) - 45) / 10)
        rate = draw.gammavariate(1.2, 1 / (90 * scale))
        stays = draw.betavariate(2.4, 0.8 * math.exp(NORTH_DROPOUT * (region == "north")))
        day = draw.uniform(500, 900)
        days = [AS_OF - int(day) * DAY]
        while draw.random() < stays or len(days) == 1:
            day -= draw.expovariate(rate)
            if day < 0:
                break
            days.append(AS_OF - int(day) * DAY)
        yield f"c{number:05}", region, age, sorted(set(days))


class Lifetime(Case):
    def night(self, text, tables="", status=0, state="state"):
        columns = "{customer_id: customer_id, time: date, amount: amount}"
        job = job_text(uri=self.folder / "sales.csv", as_of=AS_OF, columns=columns, extra=tables, models=f"models:\n  lifetime: {text}\n")
        return self.run_job(job, status=status, state=state)

    def customers(self, header, rows):
        self.write("customers.csv", header + "\n" + "".join(",".join(str(cell) for cell in row) + "\n" for row in rows))
        columns = ", ".join(f"{name}: {name}" for name in header.split(","))
        return f"  customers:\n    uri: {self.folder / 'customers.csv'}\n    columns: {{{columns}}}\n"

    def sales(self, purchases):
        lines = [f"{customer},{day},10\n" for customer, days in purchases for day in days]
        self.write("sales.csv", "customer_id,date,amount\n" + "".join(lines))

    def fit(self, state="state"):
        return self.json("models", "--state", self.folder / state)["lifetime"]


class Traits(Lifetime):
    def base(self, count=4000):
        people = list(shoppers(5, count))
        self.sales((customer, days) for customer, _, _, days in people)
        rows = [(customer, region, "" if age is None else age) for customer, region, age, _ in people]
        return people, self.customers("customer_id,region,age", rows)

    def test_what_was_planted_is_told_per_unit_and_moves_scores(self):
        people, tables = self.base()
        covariates = "{rate: [customers.region, customers.age], dropout: [customers.region], scale: {customers.age: 10}}"
        self.night(f"{{model: bg_nbd, spend: none, covariates: {covariates}}}", tables)
        told = {each["name"]: each for each in self.fit()["covariates"]}
        for name, truth in (("customers.region = north on rate", NORTH_RATE), ("customers.age per 10 on rate", DECADE_RATE),
                            ("customers.region = north on drop-out", NORTH_DROPOUT)):
            self.assertIn(name, told)
            error = told[name]["standard_error"]
            self.assertLess(error, 0.3, name)
            self.assertLess(abs(told[name]["estimate"] - truth), 4 * error, told[name])
        # Two customers with one purchase long ago, of either region: who left more readily is less likely to be there.
        alone = {}
        for customer, region, age, days in people:
            if len(days) == 2 and (AS_OF - days[-1]).days > 300 and age is not None:
                alone.setdefault(region, customer)
        alive = {region: self.json("get", customer, "--state", self.folder / "state")["score"]["p_alive"] for region, customer in alone.items()}
        self.assertTrue(all(0 < value < 1 for value in alive.values()), alive)
        self.night("{model: bg_nbd, spend: none}", tables, state="plain")
        without = self.json("get", alone["north"], "--state", self.folder / "plain")["score"]["p_alive"]
        self.assertNotAlmostEqual(alive["north"], without, places=3)
        words = self.strata("models", "--state", self.folder / "state").stdout
        self.assertIn("customers.region = north", words)

    def test_levels_that_cannot_be_compared_with_are_refused(self):
        _, tables = self.base(300)
        text = "{model: bg_nbd, spend: none, covariates: {rate: [customers.region], reference: {customers.region: west}}}"
        run = self.night(text, tables, status=2)
        self.assertEqual(run["error"]["reason"], "COVARIATE_REFERENCE")
        self.assertIn("those are: north, south", run["error"]["message"])

    def test_replicates_widen_like_errors(self):
        self.base(1500)
        self.night("{model: bg_nbd, spend: none, bootstrap: 40}", state="bootstrap")
        self.night("{model: bg_nbd, spend: none}", state="plain")
        fits = [self.fit(state) for state in ("bootstrap", "plain")]
        self.assertEqual(fits[0]["parameters"], fits[1]["parameters"])
        for customer in ("c00003", "c00010"):
            wide, plain = (self.json("get", customer, "--state", self.folder / state)["score"] for state in ("bootstrap", "plain"))
            self.assertEqual(wide["p_alive"], plain["p_alive"])
            widths = [each["outlook"]["expected_purchases_high"] - each["outlook"]["expected_purchases_low"] for each in (wide, plain)]
            self.assertGreater(widths[0], 0)
            self.assertLess(abs(math.log(widths[0] / widths[1])), 0.7, widths)


def log_gamma_ratio(a, n):
    return math.lgamma(a + n) - math.lgamma(a)


class Contracts(Lifetime):
    """sBG, against the likelihood by Fader and Hardie (2007) of contracts counted here."""

    def likelihood(self, alpha, beta):
        beta_ratio = lambda lost, renewed: (log_gamma_ratio(alpha, lost) + log_gamma_ratio(beta, renewed)  # noqa: E731
                                            - log_gamma_ratio(alpha + beta, lost + renewed))
        return sum(beta_ratio(*outcome) for outcome in self.outcomes)

    def test_parameters_maximise_the_likelihood_of_the_contracts(self):
        draw, rows, self.outcomes = random.Random(9), [], []
        for number in range(1200):
            age = draw.randrange(1, 8)
            start = datetime.date(AS_OF.year - age, draw.randrange(1, 7), draw.randrange(1, 28))
            leaves = draw.betavariate(0.8, 1.6)
            lost = next((period for period in range(1, age + 1) if draw.random() < leaves), None)
            end = datetime.date(start.year + lost, start.month, start.day) - DAY if lost else None
            rows.append((f"c{number:05}", start, end or ""))
            self.outcomes.append((1, lost - 1) if lost else (0, age))
        self.sales((customer, [start]) for customer, start, _ in rows)
        tables = self.customers("customer_id,contract_start,contract_end", rows)
        contract = "{start: customers.contract_start, end: customers.contract_end, period: {calendar: year}}"
        self.night(f"{{model: sbg, spend: none, contract: {contract}}}", tables)
        fit = self.fit()
        self.assertEqual((fit["model"], fit["fitted"], fit["customers"]), ("sbg", True, len(rows)))
        alpha, beta = fit["parameters"]["alpha"], fit["parameters"]["beta"]
        best = self.likelihood(alpha, beta)
        self.assertAlmostEqual(best, fit["log_likelihood"], delta=1e-6 * abs(best))
        for step in (0.99, 1.01):
            self.assertLess(self.likelihood(alpha * step, beta), best)
            self.assertLess(self.likelihood(alpha, beta * step), best)
        self.assertLess(abs(math.log(alpha / 0.8)), 4 * fit["standard_errors"]["alpha"] / alpha)
        self.assertTrue(self.strata("models", "--state", self.folder / "state").stdout)


class Opportunities(Lifetime):
    """BG/BB, against eq. 7 of Fader, Hardie and Shang (2010) over months counted here."""

    def likelihood(self, alpha, beta, gamma, delta):
        beta_of = lambda a, b: math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)  # noqa: E731
        total = 0
        for (x, last, n), customers in self.counts.items():
            terms = [beta_of(alpha + x, beta + n - x) + beta_of(gamma, delta + n)]
            terms += [beta_of(alpha + x, beta + t - x) + beta_of(gamma + 1, delta + t) for t in range(last, n)]
            high = max(terms)
            total += customers * (high + math.log(sum(math.exp(term - high) for term in terms)))
        return total - sum(self.counts.values()) * (beta_of(alpha, beta) + beta_of(gamma, delta))

    def test_parameters_maximise_the_likelihood_of_the_months(self):
        draw, purchases, self.counts = random.Random(4), [], {}
        last_month = AS_OF.year * 12 + AS_OF.month - 1  # which is over: it ends on the date
        for number in range(4000):
            n = draw.randrange(0, 19)
            buys, leaves = draw.betavariate(1.2, 1.5), draw.betavariate(0.6, 1.8)
            bought = [0]
            for opportunity in range(1, n + 1):
                if draw.random() < leaves:
                    break
                if draw.random() < buys:
                    bought.append(opportunity)
            days = []
            for opportunity in bought:
                year, month = divmod(last_month - n + opportunity, 12)
                length = calendar.monthrange(year, month + 1)[1]
                days += [datetime.date(year, month + 1, draw.randrange(1, length + 1)) for _ in range(draw.randrange(1, 3))]
            purchases.append((f"c{number:05}", days))
            key = (len(bought) - 1, bought[-1], n)
            self.counts[key] = self.counts.get(key, 0) + 1
        self.sales(purchases)
        self.night("{model: bg_bb, spend: none, opportunity: {calendar: month}}")
        fit = self.fit()
        self.assertEqual((fit["model"], fit["fitted"], fit["customers"]), ("bg_bb", True, len(purchases)))
        self.assertEqual(fit["unique_rows"], len(self.counts))
        at = [fit["parameters"][name] for name in ("alpha", "beta", "gamma", "delta")]
        best = self.likelihood(*at)
        self.assertAlmostEqual(best, fit["log_likelihood"], delta=1e-6 * abs(best))
        for place in range(4):
            for step in (0.99, 1.01):
                moved = at[:place] + [at[place] * step] + at[place + 1:]
                self.assertLess(self.likelihood(*moved), best)
        score = self.json("get", "c00000", "--state", self.folder / "state")["score"]
        self.assertLessEqual(score["p_alive"], 1)


if __name__ == "__main__":
    main()

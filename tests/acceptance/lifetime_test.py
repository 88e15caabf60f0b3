"""Lifetime value through whole nights: published figures out of files, what a hold-out says, a model that is chosen, kept and
fitted anew, margin, merged days, and bases that a fit cannot do much with."""

import datetime
import json

from programs import ROOT, Case, job_text, main

GOLDEN = {entry["name"]: entry for entry in json.loads((ROOT / "tests/data/clv_golden.json").read_text())["entries"]}
CALIBRATION_END, END, HOLDOUT_DAYS = "1997-09-30", "1998-06-30", 273
PARAMETERS = {"nbd": ["r", "alpha"], "bg_nbd": ["r", "alpha", "a", "b"], "mbg_nbd": ["r", "alpha", "a", "b"],
              "pareto_nbd": ["r", "alpha", "s", "beta"]}
DAY = datetime.timedelta(days=1)


def models(text):
    return f"models:\n  lifetime: {{{text}}}\n"


class Lifetime(Case):
    def night(self, text, *flags, uri=None, as_of=END, state="state", status=0, more="", **named):
        return self.run_job(job_text(uri=uri, as_of=None, models=models(text) + more, **named), "--as-of", as_of, *flags, state=state,
                            status=status)

    def lifetime(self, state="state"):
        return self.json("models", "--state", self.folder / state)["lifetime"]

    def report(self, name, state="state"):
        return self.json("report", name, "--state", self.folder / state)["rows"]

    def like_golden(self, got, name, rel_tol=None):
        entry = GOLDEN["cdnow_sample_A." + name]
        wanted = entry["value"] if isinstance(entry["value"], list) else [entry["value"]]
        self.assertEqual(len(got), len(wanted), name)
        for mine, theirs in zip(got, wanted):
            self.assertLessEqual(abs(mine - theirs), (rel_tol or entry["rel_tol"]) * abs(theirs), f"{name}: {mine} for {theirs}")


class Cdnow(Lifetime):
    """The published base, from its file."""

    def test_parameters_of_every_model(self):
        for model, names in PARAMETERS.items():
            with self.subTest(model):
                self.night(f"model: {model}, spend: none", as_of=CALIBRATION_END, state=model)
                fit = self.lifetime(model)
                self.assertEqual((fit["model"], fit["customers"], fit["unique_rows"]), (model, 2357, 1016))
                self.like_golden([fit["parameters"][name] for name in names], f"{model}.mle")
                self.like_golden([fit["standard_errors"][name] for name in names], f"{model}.se")
                self.like_golden([fit["log_likelihood"]], f"{model}.loglik")
                for parameter in fit["named"]:
                    self.assertLess(parameter["low"], parameter["estimate"])
                    self.assertLess(parameter["estimate"], parameter["high"])

    def test_customers_of_every_model(self):
        for model in ("bg_nbd", "mbg_nbd", "pareto_nbd"):
            with self.subTest(model):
                self.night(f"model: {model}, horizon_days: {HOLDOUT_DAYS}", as_of=CALIBRATION_END, state=model)
                for name, customer in (("cust1", "0001"), ("cust1516", "1516")):
                    score = self.json("get", customer, "--state", self.folder / model)["score"]
                    # Parameters are those of the fit, which agree to six digits.
                    self.like_golden([score["p_alive"]], f"{model}.{name}.p_alive", 2e-6)
                    self.like_golden([score["expected_purchases"]], f"{model}.{name}.expected_39w", 2e-6)
                    outlook = score["outlook"]
                    self.assertLess(outlook["p_alive_low"], score["p_alive"])
                    self.assertLess(score["p_alive"], outlook["p_alive_high"])
                    self.assertLessEqual(outlook["predicted_purchases_low"], outlook["predicted_purchases_high"])

    def test_the_hold_out_of_every_model(self):
        for model in ("nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"):
            with self.subTest(model):
                self.night(f"model: {model}, holdout_days: {HOLDOUT_DAYS}, spend: none", state=model, more="reports: all\n")
                holdout = self.lifetime(model)["holdout"]
                self.assertEqual((holdout["as_of"], holdout["days"]), (CALIBRATION_END, HOLDOUT_DAYS))
                self.assertEqual((holdout["customers"], holdout["actual"]), (2357, 1882))
                self.like_golden([holdout["expected"]], f"holdout.{model}_sum_39w", 1e-6)
                errors = {each["name"]: each for each in holdout["errors"]}
                self.like_golden([errors["model"]["mae"], errors["model"]["rmse"]], f"holdout.{model}_mae_rmse", 2e-6)
                bins = self.report("lifetime_bins", model)
                self.like_golden([row["customers"] for row in bins], "bins.size", 1e-12)
                self.like_golden([row["actual_mean"] for row in bins], "bins.actual_holdout_mean", 1e-8)
                self.like_golden([row["expected_mean"] for row in bins], f"bins.{model}_expected_39w", 2e-6)
                self.assertIn(holdout["grade"], "ABCD")
                self.assertTrue(holdout["grade_reason"])

    def test_the_night_before_the_hold_out_is_what_it_was_judged_on(self):
        self.night(f"model: bg_nbd, holdout_days: {HOLDOUT_DAYS}")
        holdout_as_of = self.lifetime()["holdout"]["as_of"]
        self.assertEqual(holdout_as_of, CALIBRATION_END)
        plain = self.night("model: bg_nbd", state="plain")
        self.assertIsNone(self.lifetime("plain").get("holdout"))
        # A hold-out judges; it moves no score.
        for customer in ("0001", "1516", "0002"):
            with_it, without = (self.json("get", customer, "--state", self.folder / state)["score"] for state in ("state", "plain"))
            self.assertEqual(with_it, without)
        self.assertTrue(plain["published"])


class Choosing(Lifetime):
    def test_auto_compares_all_and_keeps_its_choice_for_90_days(self):
        self.night("model: auto", as_of="1998-01-31")
        first = self.lifetime()
        self.assertEqual([each["model"] for each in first["candidates"][:4]], ["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"])
        self.assertEqual(len(first["candidates"]), 5)
        [chosen] = [each for each in first["candidates"] if each["chosen"]]
        self.assertEqual(chosen["model"], first["asked_model"])
        self.assertNotEqual(chosen["model"], "nbd", "customers of this base do leave")
        for each in first["candidates"]:
            self.assertTrue(each["takes_part"] or each["words"], "who takes no part has a reason")
        self.assertEqual(first["chosen_as_of"], "1998-01-31")

        # The next night: the same model, fitted anew; 90 days later the question is open again.
        self.night("model: auto", as_of="1998-02-01")
        second = self.lifetime()
        self.assertEqual((second["chosen_as_of"], second["asked_model"]), ("1998-01-31", first["asked_model"]))
        self.assertEqual((second["fitted_as_of"], second["refit"]), ("1998-02-01", True))
        self.assertNotEqual(second["parameters"], first["parameters"])
        self.night("model: auto", as_of="1998-05-01")
        self.assertEqual(self.lifetime()["chosen_as_of"], "1998-05-01")
        self.assertEqual(len(self.lifetime()["candidates"]), 5)

    def test_frozen_parameters_stay_to_the_bit_and_every_7_days_they_move(self):
        for refit, moves in (("frozen", [False, False]), ("{every_days: 7}", [False, True]), ("nightly", [True, True])):
            with self.subTest(refit):
                state = refit.strip("{}").replace(": ", "-")
                text = f"model: bg_nbd, refit: {refit}"
                self.night(text, as_of="1997-09-30", state=state)
                before = self.lifetime(state)
                self.assertTrue(before["refit"], "the first night has nothing to keep")
                for as_of, moved in zip(("1997-10-03", "1997-10-07"), moves):
                    self.night(text, as_of=as_of, state=state)
                    fit = self.lifetime(state)
                    self.assertEqual(fit["parameters"] != before["parameters"], moved, as_of)
                    self.assertEqual((fit["refit"], fit["fitted_as_of"]), (moved, as_of if moved else before["fitted_as_of"]))
                    self.assertTrue(fit["refit_reason"])
                    # Scores are of the night in any case.
                    self.assertNotEqual(self.json("get", "0001", "--state", self.folder / state)["score"].get("p_alive"), None)
                    before = fit

    def test_another_model_is_never_kept(self):
        self.night("model: bg_nbd, refit: frozen", as_of="1997-09-30")
        run = self.night("model: mbg_nbd, refit: frozen", as_of="1997-10-01")
        self.assertEqual((self.lifetime()["model"], self.lifetime()["refit"]), ("mbg_nbd", True))
        self.assertTrue(any("frozen" in warning for warning in run["warnings"]), run["warnings"])

    def test_a_hold_out_as_long_as_the_history_is_refused(self):
        run = self.night("model: bg_nbd, holdout_days: 600", status=2)
        self.assertEqual(run["error"]["reason"], "HOLDOUT_TOO_LONG")
        self.assertIn("600", run["error"]["message"])


class Facts(Lifetime):
    """What the whole base did, beside the fit."""

    def sales(self, name, rows):
        self.write(name, "customer_id,date,amount,quantity,order,cost\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
        return self.folder / name

    def regulars(self):
        """200 customers; every third purchase day has two orders of one row, every other order two rows."""
        rows, start = [], datetime.date(2023, 1, 1)
        for customer in range(200):
            day = start + (customer % 60) * DAY
            for purchase in range(2 + customer % 5):
                for order in range(2 if purchase % 3 == 0 else 1):
                    number = f"{customer}-{purchase}-{order}"
                    for _ in range(1 + order % 2):
                        rows.append((f"c{customer:03}", day, 10 + customer % 7, 1, number, 4))
                day += (7 + (customer * 13 + purchase * 29) % 50) * DAY
        return rows

    def test_merged_purchases_are_counted_and_warned_of(self):
        rows = self.regulars()
        uri = self.sales("sales.csv", rows)
        days = len({row[:2] for row in rows})
        orders = len({row[4] for row in rows})
        self.assertGreater(orders, days)
        columns = "{customer_id: customer_id, time: date, amount: amount, quantity: quantity"
        run = self.night("model: bg_nbd", uri=uri, as_of="2024-01-01", state="orders", columns=columns + ", order_id: order}")
        fit = self.lifetime("orders")
        self.assertAlmostEqual(fit["merged_share"], (orders - days) / orders, places=12)
        self.assertFalse(fit["merged_is_bound"])
        self.assertTrue(any("fell on a day with another one" in warning for warning in run["warnings"] + fit["warnings"]), (run, fit))
        self.night("model: bg_nbd", uri=uri, as_of="2024-01-01", state="rows", columns=columns + "}")
        self.assertAlmostEqual(self.lifetime("rows")["merged_share"], (len(rows) - days) / len(rows), places=12)
        self.assertTrue(self.lifetime("rows")["merged_is_bound"])

    def test_values_are_margin_where_costs_are_known(self):
        rows = self.regulars()
        uri = self.sales("sales.csv", rows)
        columns = "{customer_id: customer_id, time: date, amount: amount, quantity: quantity, cost: cost}"
        for value in ("net", "margin"):
            self.night(f"model: bg_nbd, value: {value}", uri=uri, as_of="2024-01-01", state=value, columns=columns)
        factor = self.lifetime("margin")["margin_factor"]
        self.assertAlmostEqual(factor, sum(row[2] - row[5] for row in rows) / sum(row[2] for row in rows), places=12)
        self.assertIsNone(self.lifetime("net").get("margin_factor"))
        for customer in ("c000", "c044"):
            net, margin = (self.json("get", customer, "--state", self.folder / state)["score"] for state in ("net", "margin"))
            self.assertAlmostEqual(margin["lifetime_value"], net["lifetime_value"] * factor, places=5)
            self.assertEqual(margin["p_alive"], net["p_alive"])

    def test_cohorts_and_weeks_are_those_of_the_rows(self):
        rows = self.regulars()
        as_of = datetime.date(2024, 1, 1)
        self.night("model: bg_nbd, holdout_days: none", uri=self.sales("sales.csv", rows), as_of=as_of, more="reports: all\n")
        days = {}
        for customer, day, *_ in rows:
            days.setdefault(customer, set()).add(day)
        repeats = sum(len(each) - 1 for each in days.values())
        self.assertEqual(sum(row["actual"] for row in self.report("lifetime_tracking")), repeats)
        cohorts = {}
        for row in self.report("lifetime_cohorts"):
            cohorts[row["cohort"]] = cohorts.get(row["cohort"], 0) + row["actual_repeat"]
        by_month = {}
        for each in days.values():
            month = f"{min(each):%Y-%m}"
            by_month[month] = by_month.get(month, 0) + len(each) - 1
        self.assertEqual({month[:7]: count for month, count in cohorts.items()}, by_month)


class Degenerate(Lifetime):
    """Bases that a fit cannot do much with: published, with words, and no figure that looks like an estimate and is none."""

    def base(self, histories):
        lines = [f"c{number},{day},{amount},1\n" for number, history in enumerate(histories) for day, amount in history]
        self.write("sales.csv", "customer_id,date,amount,quantity\n" + "".join(lines))
        return self.folder / "sales.csv"

    def test_they_are_published_with_words(self):
        day = datetime.date(2023, 1, 1)
        cases = {
            "nobody comes back": [[(day + i * DAY, 10)] for i in range(60)],
            "one customer": [[(day, 10), (day + 9 * DAY, 20)]],
            "all began on one day": [[(day + step * DAY, 10) for step in range(0, 300, 7 + i % 40)] for i in range(60)],
            "the first day": [[(day + 365 * DAY, 10)] for _ in range(20)],
            "gifts": [[(day + step * DAY, 0) for step in range(0, 300, 11 + i % 30)] for i in range(60)],
            "returns": [[(day, 10), (day + 20 * DAY, -40), (day + 40 * DAY, 5)] for _ in range(30)],
            "like clockwork": [[(day + (i % 7 + step) * DAY, 10) for step in range(0, 350, 7)] for i in range(60)],
        }
        for name, histories in cases.items():
            for model in ("bg_nbd", "auto"):
                with self.subTest(name, model=model):
                    state = f"{name}-{model}".replace(" ", "-")
                    run = self.night(f"model: {model}", uri=self.base(histories), as_of=day + 365 * DAY, state=state)
                    self.assertTrue(run["published"])
                    fit = self.lifetime(state)
                    if not fit["fitted"]:
                        self.assertTrue(fit["reason"], fit)
                    elif not fit["identified"]:
                        self.assertTrue(fit["boundary"] and fit["warnings"], fit)
                    for parameter in fit.get("named", []):
                        self.assertTrue(parameter.get("estimate") is not None or parameter["words"], parameter)
                        self.assertLess(abs(parameter.get("estimate") or 0), 1e5, "a boundary printed as an estimate")
                    self.assertTrue(self.strata("models", "--state", self.folder / state).stdout)
                    self.assertTrue(self.strata("get", "c0", "--state", self.folder / state).stdout)


if __name__ == "__main__":
    main()

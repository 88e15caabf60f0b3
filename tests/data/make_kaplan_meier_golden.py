#!/usr/bin/env python3
"""Writes tests/data/kaplan_meier_golden.json: what lifelines 0.30.0 (Davidson-Pilon, MIT licence) finds in small bases.

Python 3.11, in an environment with `pip install lifelines==0.30.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1`. The bases are drawn
here; the file holds them, so that nothing but the file is needed to compare."""

import csv
import datetime
import json
import pathlib
import random

import lifelines

HERE = pathlib.Path(__file__).resolve().parent
AS_OF, HORIZON_DAYS = datetime.date(1998, 6, 30), 90


def curve(exits, events, entries):
    """[day, at risk, lost, survival, low, high] of each day with a loss; bounds are null where nobody is left."""
    late = any(entries)
    fit = lifelines.KaplanMeierFitter(alpha=0.05).fit(exits, events, entry=entries if late else None)
    bounds = fit.confidence_interval_survival_function_
    rows = []
    for day, row in fit.event_table.iterrows():
        if not row.observed:
            continue
        at_risk = int(row.at_risk - (row.entrance if day > 0 else 0))
        survival = float(fit.survival_function_.loc[day].iloc[0])
        low, high = (float(bound) for bound in bounds.loc[day])
        rows.append([int(day), at_risk, int(row.observed), survival, *((low, high) if survival > 0 else (None, None))])
        if survival == 0:
            break
    return rows


def drawn(seed, customers, days, is_late, censored):
    draw = random.Random(seed)
    spans = []
    while len(spans) < customers:
        exit = min(int(draw.expovariate(1 / days)), 4 * days)
        entry = draw.choice([0, 0, draw.randrange(days)]) if is_late else 0
        if entry == 0 or entry < exit:
            spans.append((entry, exit, int(draw.random() >= censored)))
    return spans


def cdnow():
    """Of each customer the purchase that opens the first gap longer than the horizon, one customer after the other."""
    days = {}
    with (HERE / "cdnow_sample.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            days.setdefault(row["customer_id"], set()).add(datetime.date.fromisoformat(row["date"]))
    known = AS_OF - datetime.timedelta(HORIZON_DAYS)
    spans = []
    for dates in map(sorted, days.values()):
        if dates[0] > known:
            continue
        gaps = [(later - day).days for day, later in zip(dates, dates[1:] + [datetime.date.max])]
        lost = [day for day, gap in zip(dates, gaps) if gap > HORIZON_DAYS and day <= known]
        spans.append((0, ((lost or [known])[0] - dates[0]).days, int(bool(lost))))
    return spans


def main():
    bases = {"no_censoring": drawn(1, 30, 10, False, 0), "ties": drawn(2, 200, 12, False, 0.4),
             "delayed_entry": drawn(3, 250, 40, True, 0.3), "long": drawn(4, 300, 400, True, 0.6),
             "one_survivor": [(0, 3, 1), (0, 3, 1), (0, 5, 0)], "all_at_once": [(0, 0, 1)] * 5}
    golden = {"made_by": f"lifelines {lifelines.__version__}, KaplanMeierFitter, alpha 0.05",
              "curve": "day, at risk, lost, survival, low, high",
              "bases": [{"name": name, "spans": spans, "curve": curve(*map(list, zip(*[(s[1], s[2], s[0]) for s in spans])))}
                        for name, spans in bases.items()]}
    spans = cdnow()
    golden["cdnow_sample"] = {"as_of": AS_OF.isoformat(), "horizon_days": HORIZON_DAYS, "customers": len(spans),
                              "curve": curve([s[1] for s in spans], [s[2] for s in spans], [0] * len(spans))}
    lines = json.dumps(golden).replace('{"name"', '\n{"name"').replace('"cdnow_sample"', '\n"cdnow_sample"')
    (HERE / "kaplan_meier_golden.json").write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Work "night": a night that brings the newest 1 % of the rows in a new file, against a build of everything from nothing."""

import datetime
import json
import os
import shutil

import bases
import contest
import machine
import processes
import runs
import strata
import tables

SHARE = 0.01


def prepare(settings, base_folder):
    """The base without its newest rows, and these in a file of their own; what was divided."""
    folder = settings.work("night")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    measured = processes.measure([settings.python, machine.ROOT / "bench" / "peers" / "lay_out.py", "hold-back", "--source",
                                  base_folder / "transactions", "--target", folder / "transactions", "--held-back",
                                  folder / "new.parquet", "--share", SHARE, "--threads", settings.threads])
    return folder, json.loads(measured.out)


def contestants(runner, job, folder, before):
    """A night on a copy of the state as it was before, and a build from nothing over the same files."""
    state = folder / "state"

    def night(turn):
        strata.copy_state(before, state)
        try:
            return {**(result := runner.run(job, state)), "seconds": result["build_seconds"], "whole": result["seconds"]}
        finally:
            shutil.rmtree(state)

    def full(turn):
        result = runner.run_afresh(job, state)
        return {**result, "seconds": result["build_seconds"], "whole": result["seconds"]}

    return {"full build": full, "night": night}


def compare_digests(results):
    """The one ledger digest of all runs; AnswersDiffer when there are several."""
    digests = {name: sorted({run["said"]["ledger_digest"] for run in its_runs}) for name, its_runs in results.items()}
    if len({digest for found in digests.values() for digest in found}) != 1:
        raise contest.AnswersDiffer(f"the ledgers differ, so the times mean nothing: {json.dumps(digests)}")
    return digests["night"][0]


def stage_table(results):
    """Each stage's best seconds over the runs of both."""
    rows = []
    for stage in (*strata.STAGES, "total"):
        full, night = (min(run["phases"][stage] for run in results[name]) for name in ("full build", "night"))
        rows.append([stage, f"{full:.3f}", f"{night:.3f}", tables.number(night / full if full else None, 2)])
    return tables.table(["stage, best seconds", "full build", "night", "share"], rows)


def run(settings):
    base_folder, base = bases.make(settings.customers, settings.transactions, settings.shape, settings.order, settings.python,
                                   settings.threads)
    folder, divided = prepare(settings, base_folder)
    job = folder / "job.yaml"
    bases.parity_job(base_folder, base, job, folder / "transactions")
    runner = strata.Runner(settings.threads)
    before = folder / "before"
    day_before = datetime.date.fromisoformat(divided["begin"]) - datetime.timedelta(days=1)
    runner.run(job, before, "--as-of", day_before)
    # It sorts after the files that were there, as a new file of a feed does.
    os.link(folder / "new.parquet", folder / "transactions" / "zz-new.parquet")
    machine.read_through(folder / "transactions")
    results = runs.interleave(contestants(runner, job, folder, before), settings.runs)
    digest = compare_digests(results)
    ratio, _ = runs.ratio_of_minima(results, "night", ["full build"])
    judged = [runs.check("plan, map, ledger and feature of a night over those of a full build", ratio,
                         settings.limits["night_ratio"])]
    night = min(results["night"], key=lambda run: run["seconds"])["phases"]
    models = (night["fit"] + night["score"]) / night["total"]
    said = (f"{bases.describe(base)}; {divided['rows_new']:,} rows are new ({divided['rows_new'] / base['rows']:.2%}). "
            f"{settings.threads} threads, {settings.runs} runs of each. Both ledgers have the digest {digest}.\n\n"
            f"{stage_table(results)}\nPlan, map, ledger and feature of the night take {tables.number(ratio)} of a full build's; fit and "
            f"score are {models:.0%} of the whole night.\n{contest.checks_text(judged)}")
    shutil.rmtree(folder, ignore_errors=True)
    return {"base": base, "divided": divided, "ledger_digest": digest, "results": results, "checks": judged, "text": said}

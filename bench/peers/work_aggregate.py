"""Work "aggregate": twelve columns per customer as of the date, and at the churn cutoff with the label. Strata's share of a run is
plan, map, ledger and feature; it also keeps a ledger, checks every row and makes a third view for a second cutoff."""

import shutil

import bases
import contest
import machine
import runs
import strata

COUNTED = {"strata": strata.BUILD_STAGES}


def peer_run(settings, base_folder, base, cutoff, name, *flags):
    work = settings.work("aggregate", name)
    shutil.rmtree(work, ignore_errors=True)
    if name == "pyspark":
        return contest.run_peer(settings, "aggregate_pyspark.py", base_folder, base, cutoff, work, "--rows", base["rows"],
                                "--memory", settings.spark_memory, *flags)
    return contest.run_peer(settings, "aggregate.py", base_folder, base, cutoff, work, "--engine", name, *flags)


def compare_all(settings, runner, job, base_folder, base, cutoff):
    """Every peer once, unmeasured, with its answers; returns what was compared."""
    state = settings.work("aggregate", "answers-state")
    snapshot, cutoff_snapshot = contest.snapshots_of(runner, job, cutoff, state)
    found = {}
    for name in settings.peers:
        peer_run(settings, base_folder, base, cutoff, name, "--answers")
        found[name] = contest.compare(settings, "aggregate", "--peer", settings.work("aggregate", name), "--snapshot", snapshot,
                                      "--cutoff-snapshot", cutoff_snapshot, "--as-of", base["as_of"], "--cutoff", cutoff)
    shutil.rmtree(state)
    return found


def contestants(settings, runner, job, base_folder, base, cutoff):
    def ours(turn):
        result = runner.run_afresh(job, settings.work("aggregate", "state"))
        return {**result, "seconds": result["build_seconds"]}

    def theirs(name):
        return lambda turn: peer_run(settings, base_folder, base, cutoff, name)

    return {"strata": ours, **{name: theirs(name) for name in settings.peers}}


def checks(settings, results):
    single = [name for name in settings.peers if name in ("duckdb", "polars")]
    found = []
    if single:
        ratio, best = runs.ratio_of_minima(results, "strata", single)
        found.append(runs.check(f"share of the time of the faster of {' and '.join(single)} ({best})", ratio,
                                settings.limits["aggregate_ratio"]))
    if "pyspark" in settings.peers:
        ratio, _ = runs.ratio_of_minima(results, "strata", ["pyspark"])
        found.append(runs.check("share of the time of pyspark", ratio, settings.limits["spark_ratio"]))
    return found


def run(settings):
    base_folder, base = bases.make(settings.customers, settings.transactions, settings.shape, settings.order, settings.python,
                                   settings.threads)
    job = settings.work("aggregate", "job.yaml")
    cutoff = bases.cutoff_of(base, bases.parity_job(base_folder, base, job))
    runner = strata.Runner(settings.threads)
    answers = compare_all(settings, runner, job, base_folder, base, cutoff)
    machine.read_through(base_folder / "transactions")
    results = runs.interleave(contestants(settings, runner, job, base_folder, base, cutoff), settings.runs)
    judged = checks(settings, results)
    table = contest.contest_table(results, contest.strata_of, lambda name: COUNTED.get(name, ("start", "as_of", "cutoff")))
    text = (f"{bases.describe(base)}. As of {base['as_of']} and {cutoff}, {settings.threads} threads; answers equal for every "
            f"customer.\n\n{table}{contest.checks_text(judged)}")
    return {"base": base, "cutoff": cutoff, "answers": answers, "results": results, "checks": judged, "text": text}

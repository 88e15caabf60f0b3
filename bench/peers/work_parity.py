"""Work "parity": bench/parity.yaml end to end against the Python stack in one process."""

import json
import pathlib
import shutil

import bases
import contest
import machine
import runs
import strata

ENGINES = ("duckdb", "polars")
PHASES = ("import", "as_of", "cutoff", "cluster", "lifetime", "spend", "value", "churn", "churn_score", "write", "between")
LOG_LIKELIHOOD_RATIO = 1e-6  # both are at the maximum, or one of them is not
INERTIA_RATIO_MAX = 1.10     # local optima differ by some per cent; beyond that one side stopped early


def stack_flags(job):
    """The stack's settings, from the job that Strata runs."""
    return ["--churn", bases.churn_setting(job, "algorithm"), "--clusters", strata.setting(job, "k"), "--iterations",
            strata.setting(job, "iterations_max"), "--horizon-days", bases.lifetime_setting(job, "horizon_days")]


def left_out(job):
    """What one side lacks, and the other therefore does not do, or does all the same."""
    trees = bases.churn_setting(job, "algorithm") == "gbdt"
    return ("Left out on both sides: RFM scores, which the stack lacks"
            + ("" if trees else "; boosted trees, which Strata lacks (logistic regression on both sides)")
            + ". Strata alone does: the ledger, a check of every row, silhouette, standard errors, a churn fit at a second cutoff, its "
            "grade with intervals, the lookup tables, verification.")


def models(snapshot):
    """The fitted models of a snapshot by name."""
    return {path.name.split("-")[0]: json.loads(path.read_text()) for path in pathlib.Path(snapshot, "models").glob("*.json")}


def compare_models(ours, theirs):
    """Likelihoods and inertia of both sides; AnswersDiffer when one side did not do the work."""
    pairs = {"bg_nbd": (ours["lifetime"]["log_likelihood"], theirs["bg_nbd"]["log_likelihood"]),
             "gamma_gamma": (ours["spend"]["log_likelihood"], theirs["gamma_gamma"]["log_likelihood"])}
    found = {name: {"ours": a, "theirs": b, "equal": abs(a - b) <= LOG_LIKELIHOOD_RATIO * abs(b)} for name, (a, b) in pairs.items()}
    inertia = ours["clustering"]["inertia"] / sum(ours["clustering"]["sizes"])
    peer = theirs["inertia_per_customer"]
    found["inertia"] = {"ours": inertia, "theirs": peer, "equal": max(inertia, peer) <= INERTIA_RATIO_MAX * min(inertia, peer)}
    found["auc"] = {"ours": ours["churn"]["auc"], "theirs": theirs["auc"], "equal": True}  # another hold-out: only told
    if not all(part["equal"] for part in found.values()):
        raise contest.AnswersDiffer(f"the models differ, so the times mean nothing: {json.dumps(found)}")
    return found


def stack_run(settings, job, base_folder, base, cutoff, engine):
    work = settings.work("parity", engine)
    shutil.rmtree(work, ignore_errors=True)
    return contest.run_peer(settings, "python_stack.py", base_folder, base, cutoff, work, "--engine", engine, *stack_flags(job))


def compare_all(settings, runner, job, text, base_folder, base, cutoff, engines):
    """Both stacks and Strata once, unmeasured; what was compared."""
    state = settings.work("parity", "answers-state")
    shutil.rmtree(state, ignore_errors=True)
    snapshot = strata.snapshot_folder(state, runner.run(job, state)["said"])
    found = {}
    for engine in engines:
        facts = stack_run(settings, text, base_folder, base, cutoff, engine)["facts"]
        found[engine] = {"customers": contest.compare(settings, "parity", "--peer", settings.work("parity", engine), "--snapshot",
                                                      snapshot, "--as-of", base["as_of"]),
                         "models": compare_models(models(snapshot), facts)}
    shutil.rmtree(state)
    return found


def models_text(answers):
    first = next(iter(answers.values()))["models"]
    return (f"Every customer's columns are equal, and values agree within a thousandth; log-likelihoods {first['bg_nbd']['ours']:.2f} and "
            f"{first['bg_nbd']['theirs']:.2f} (BG/NBD), {first['gamma_gamma']['ours']:.2f} and {first['gamma_gamma']['theirs']:.2f} "
            f"(Gamma-Gamma); inertia per customer {first['inertia']['ours']:.4f} and {first['inertia']['theirs']:.4f}; churn AUC "
            f"{first['auc']['ours']:.3f} (on a later period) and {first['auc']['theirs']:.3f} (on other customers). Strata's first.")


def run(settings):
    base_folder, base = bases.make(settings.customers, settings.transactions, settings.shape, settings.order, settings.python,
                                   settings.threads)
    job = settings.work("parity", "job.yaml")
    text = bases.parity_job(base_folder, base, job)
    cutoff = bases.cutoff_of(base, text)
    engines = [name for name in settings.peers if name in ENGINES]
    runner = strata.Runner(settings.threads)
    answers = compare_all(settings, runner, job, text, base_folder, base, cutoff, engines)
    machine.read_through(base_folder / "transactions")
    contestants = {"strata": lambda turn: runner.run_afresh(job, settings.work("parity", "state"))}
    for engine in engines:
        contestants[f"python, {engine}"] = lambda turn, engine=engine: stack_run(settings, text, base_folder, base, cutoff, engine)
    results = runs.interleave(contestants, settings.runs)
    stacks = [name for name in results if name != "strata"]
    ratio, best = runs.ratio_of_minima(results, "strata", stacks)
    judged = [runs.check(f"share of the time of the faster stack ({best})", ratio, settings.limits["parity_ratio"])]
    table = contest.contest_table(results, contest.strata_of, lambda name: strata.STAGES if name == "strata" else PHASES)
    said = (f"{bases.describe(base)}. As of {base['as_of']}, churn at {cutoff}, {settings.threads} threads. {models_text(answers)} "
            f"{left_out(text)}\n\n{table}{contest.checks_text(judged)}")
    return {"base": base, "cutoff": cutoff, "answers": answers, "results": results, "checks": judged, "text": said}

"""Work "scale": Strata with all columns and models, and bench/parity.yaml beside the Python stack, at a size and at a tenth."""

import bases
import contest
import machine
import runs
import strata
import work_parity

TENTH = 10
SMALL, LARGE = "a tenth", "size"
GIB = 2**30


def size_contestants(settings, label, customers, transactions):
    """The contestants of one size by name, and the base."""
    base_folder, base = bases.make(customers, transactions, settings.shape, settings.order, settings.python, settings.threads)
    machine.read_through(base_folder / "transactions")
    parity = settings.work("scale", label, "parity.yaml")
    text = bases.parity_job(base_folder, base, parity)
    cutoff = bases.cutoff_of(base, text)
    every = settings.work("scale", label, "job.yaml")
    bases.full_job(base_folder, every, base_folder / "transactions")
    runner = strata.Runner(settings.threads)
    state = settings.work("scale", label, "state")
    engines = [name for name in settings.peers if name in work_parity.ENGINES]
    if label == SMALL:  # the programs are the same at both sizes; what they answer is compared once
        work_parity.compare_all(settings, runner, parity, text, base_folder, base, cutoff, engines)
    found = {f"strata, all models, {label}": lambda turn: runner.run_afresh(every, state),
             f"strata, parity, {label}": lambda turn: runner.run_afresh(parity, state)}
    for engine in engines:
        found[f"python, {engine}, {label}"] = (
            lambda turn, engine=engine: work_parity.stack_run(settings, text, base_folder, base, cutoff, engine))
    return found, base


def pair(results, kind):
    """Both sizes of one kind of contestant: the ratio of the best times, the memory of the larger one."""
    large, small = f"{kind}, {LARGE}", f"{kind}, {SMALL}"
    ratio, _ = runs.ratio_of_minima(results, large, [small])
    return ratio, runs.summary(results[large])["peak_rss_bytes"]


def strata_of(name):
    """A stack is held against the parity job of the same size."""
    return f"strata, parity, {name.rsplit(', ', 1)[1]}" if name.startswith("python") else None


def run(settings):
    contestants, facts = {}, {}
    for label, share in ((SMALL, TENTH), (LARGE, 1)):
        found, facts[label] = size_contestants(settings, label, settings.customers // share, settings.transactions // share)
        contestants.update(found)
    results = runs.interleave(contestants, settings.runs)
    kinds = sorted({name.rsplit(", ", 1)[0] for name in results}, reverse=True)
    ratios = {kind: pair(results, kind) for kind in kinds}
    ratio, peak = ratios["strata, all models"]
    judged = [runs.check("time of the size over that of a tenth, all models", ratio, settings.limits["scale_ratio"]),
              runs.check("memory of all models at size, GiB", peak / GIB, settings.limits["scale_memory_gib"])]
    table = contest.contest_table(results, strata_of,
                                  lambda name: strata.STAGES if name.startswith("strata") else work_parity.PHASES)
    lines = [f"- {kind}: {ratio:.2f} times a tenth's time, {peak / GIB:.2f} GiB" for kind, (ratio, peak) in ratios.items()]
    said = (f"{bases.describe(facts[LARGE])}; and a tenth of it. {settings.threads} threads.\n\n{table}\n" + "\n".join(lines)
            + f"\n{contest.checks_text(judged)}")
    return {"bases": facts, "results": results, "ratios": ratios, "checks": judged, "text": said}

"""What docs/scaling.md says of the measurements: tables, predictions and what a large base needs. Pure functions."""

import cost_model
import machine
import strata
import tables

SERIAL = ("publish",)  # done by the coordinator alone: more workers do not shorten it
HOUR_S = 3600
GIB = 2**30
LARGE = (100_000_000, 1_000_000_000)
# How often the bytes of a kind cross the network where objects and sources are in an object store: written and read.
# Sources are read to be checked and to be mapped; features by fit and by score; a snapshot is verified before it is published.
# Map outputs are written once, and read whole by every machine: a shard's rows lie in all of them.
CROSSINGS = {"source files": 2, "map outputs": 1, "ledger": 2, "features": 3, "lookup tables": 2, "scores in Parquet": 2}


def predicted(models, customers, rows):
    return {name: cost_model.predict(model["coefficients"], customers, rows) for name, model in models.items()}


def wall_seconds(core_seconds, cores):
    """Of each stage on `cores` that are always busy."""
    return {stage: value if stage in SERIAL else value / cores for stage, value in core_seconds.items()}


def stages_table(models):
    rows = []
    total = [0.0, 0.0, 0.0]
    for stage in strata.STAGES:
        if stage not in models:
            rows.append([stage, "0", "0", "0", "-"])
            continue
        found = models[stage]["coefficients"]
        total = [a + b for a, b in zip(total, found)]
        rows.append([stage, *(tables.number(value, 2) for value in found), f"{models[stage]['greatest_error']:.0%}"])
    rows.append(["**sum**", *(f"**{tables.number(value, 2)}**" for value in total), ""])
    return tables.table(["stage", "seconds always", "per million customers", "per million rows", "greatest error of the fit"], rows)


def bytes_table(models):
    rows = [[kind, tables.number(model["coefficients"][0] / 1e6, 2), tables.number(model["coefficients"][1] / 1e6),
             tables.number(model["coefficients"][2] / 1e6), f"{model['greatest_error']:.0%}"] for kind, model in models.items()]
    return tables.table(["kind", "MB always", "MB per million customers", "MB per million rows", "greatest error of the fit"], rows)


def sizes_table(sizes):
    rows = [[f"{size['customers']:,}", f"{size['rows']:,}", *(f"{size['seconds'][stage]:.2f}" for stage in strata.STAGES),
             f"{sum(size['seconds'].values()):.2f}", f"{size['peak_rss_bytes'] / 2**20:,.0f}"] for size in sizes]
    return tables.table(["customers", "rows", *strata.STAGES, "sum", "memory, MiB"], rows)


def _check(results):
    """Stage, predicted and measured seconds of the run with workers."""
    check = results["check"]
    core_seconds = predicted(results["models"]["seconds"], check["customers"], check["rows"])
    wall = wall_seconds(core_seconds, results["check_cores"])
    return [(stage, wall.get(stage, 0.0), check["said"]["seconds"][stage]) for stage in strata.STAGES]


def error_of_check(results):
    """How far the measured sum is from the predicted one, as a share of the predicted."""
    lines = _check(results)
    return abs(sum(line[2] for line in lines) / sum(line[1] for line in lines) - 1)


def check_text(results):
    check = results["check"]
    lines = _check(results)
    sums = ("**sum**", sum(line[1] for line in lines), sum(line[2] for line in lines))
    rows = [[stage, f"{expected:.2f}", f"{found:.2f}", f"{found / expected:.2f}" if expected > 0.05 else "-"]
            for stage, expected, found in [*lines, sums]]
    workers = check["worker_bytes"]
    return (f"{check['workers']} workers of one thread and a coordinator, all on {results['check_cores']} cores; {check['customers']:,} "
            f"customers, {check['rows']:,} rows. Predicted: the seconds above divided by the cores, publish undivided.\n\n"
            + tables.table(["stage", "predicted, s", "measured, s", "measured / predicted"], rows)
            + f"\nMemory: coordinator {check['coordinator_bytes'] / 2**20:,.0f} MiB, workers {min(workers) / 2**20:,.0f} to "
            f"{max(workers) / 2**20:,.0f} MiB each, mapped pages included.\n")


def worker_memory(results):
    """Bytes of a worker beside the features it maps, as the largest worker of the check had them."""
    check = results["check"]
    features = predicted(results["models"]["bytes"], check["customers"], check["rows"])["features"]
    return max(check["worker_bytes"]) - features / check["workers"]


def large_text(results, customers=LARGE[0], rows=LARGE[1]):
    """What a large base needs, by the model."""
    core_seconds = predicted(results["models"]["seconds"], customers, rows)
    stored = predicted(results["models"]["bytes"], customers, rows)
    serial = sum(core_seconds.get(stage, 0) for stage in SERIAL)
    parallel = sum(core_seconds.values()) - serial
    # What eight processes cost beyond the model is charged here too; a run below it is not believed.
    lines = _check(results)
    overhead = max(1.0, sum(line[2] for line in lines) / sum(line[1] for line in lines))
    cores = parallel * overhead / (HOUR_S - serial) if serial < HOUR_S else float("inf")
    fixed = worker_memory(results)
    network = sum(CROSSINGS[kind] * stored[kind] for kind in CROSSINGS if kind in stored)
    kept = sum(stored.get(kind, 0) for kind in ("ledger", "lookup tables", "scores in Parquet"))
    during = kept + sum(stored.get(kind, 0) for kind in ("map outputs", "features"))
    needs = [
        ["core-seconds, one thread", f"{parallel + serial:,.0f} ({(parallel + serial) / HOUR_S:.2f} core-hours)"],
        ["of them by the coordinator alone (publish)", f"{serial:,.0f}"],
        ["measured over predicted with 8 workers", f"{overhead:.2f}"],
        ["cores for one hour", f"{cores:.1f}"],
        ["minutes on 32 cores", f"{(parallel * overhead / 32 + serial) / 60:.0f}"],
        ["memory of a worker of one thread beside features", f"{fixed / 2**20:,.0f} MiB"],
        ["features, mapped by all workers together", f"{stored['features'] / GIB:,.1f} GiB"],
        ["source files read", f"{stored['source files'] / GIB:,.0f} GiB"],
        ["object store, kept (ledger and one snapshot)", f"{kept / GIB:,.0f} GiB"],
        ["object store, while the run lasts", f"{during / GIB:,.0f} GiB"],
        ["over the network, sources and objects in S3", f"{network / GIB:,.0f} GiB, {8 * network / HOUR_S / 1e9:.2f} Gbit/s in an hour"],
        ["and to each machine with workers, all map outputs", f"{stored.get('map outputs', 0) / GIB:,.0f} GiB"],
    ]
    return tables.table([f"{customers:,} customers, {rows:,} rows, a first night", "by the model"], needs)


def blocks(results):
    """Every block of docs/scaling.md by its marker's name."""
    return {
        "sizes": sizes_table(results["sizes"]) + "\n" + machine.sentence(results["machine"]) + "\n",
        "stages": stages_table(results["models"]["seconds"]),
        "bytes": bytes_table(results["models"]["bytes"]),
        "workers": check_text(results),
        "large": large_text(results),
    }

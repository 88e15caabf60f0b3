"""What the works have in common: peers' programs run and read, answers compared, results put into a table."""

import json
import shutil

import machine
import processes
import runs
import strata
import tables

STACKS = machine.ROOT / "bench" / "peers" / "stacks"
ANSWERS = machine.ROOT / "bench" / "peers" / "answers.py"
QUIET = {"PYTHONDONTWRITEBYTECODE": "1"}


class AnswersDiffer(Exception):
    pass


def run_peer(settings, program, base_folder, base, cutoff, work, *flags, transactions=None):
    """One run of a peer's program; the last line of its output has its times."""
    work.mkdir(parents=True, exist_ok=True)
    measured = processes.measure(
        [settings.python, STACKS / program, "--transactions", transactions or base_folder / "transactions", "--as-of",
         base["as_of"], "--cutoff", cutoff, "--threads", settings.threads, "--work", work, *flags], environment=QUIET)
    said = json.loads(measured.out.splitlines()[-1])
    return {"seconds": said["seconds"], "peak_rss_bytes": measured.peak_rss_bytes, "processes": measured.processes,
            "phases": said["phases"], "facts": said["facts"], "counted": said["counted"]}


def compare(settings, what, *flags):
    """answers.py as a program of the peers' Python; AnswersDiffer when the answers do."""
    measured = processes.measure([settings.python, ANSWERS, what, *flags], environment=QUIET)
    found = json.loads(measured.out)
    if not found["equal"]:
        raise AnswersDiffer(f"the answers differ, so the times mean nothing: {json.dumps(differences(found))}")
    return found


def differences(found):
    """Of a finding only what differs."""
    if "columns" in found:
        if "difference" in found:
            return {key: found[key] for key in ("difference", "customers", "customers_of_peer")}
        return {name: column for name, column in found["columns"].items() if column["customers_that_differ"]}
    parts = {name: part for name, part in found.items() if isinstance(part, dict) and not part["equal"]}
    return {name: differences(part) if "columns" in part else part for name, part in parts.items()}


def contest_table(results, strata_of, phases):
    """A row per contestant; the last column is the best time of `strata_of(name)`, where there is one, over its best time."""
    rows = []
    for name, its_runs in results.items():
        summary = runs.summary(its_runs)
        reference = strata_of(name)
        ratio = runs.ratio_of_minima(results, reference, [name])[0] if reference else None
        parts = ", ".join(f"{phase} {tables.number(summary['phases'][phase], 2)}" for phase in phases(name)
                          if phase in summary["phases"])
        rows.append([name, f"**{tables.number(summary['seconds_min'])}**", tables.number(summary["seconds_median"]),
                     summary["runs"], parts, f"{summary['peak_rss_bytes'] / 2**20:,.0f}",
                     "" if ratio is None else tables.number(ratio)])
    return tables.table(["", "seconds, best", "median", "runs", "best run's phases, seconds", "memory, MiB",
                         "Strata takes this share"], rows)


def strata_of(name):
    """Whom everybody is held against where there is one Strata."""
    return None if name == "strata" else "strata"


def checks_text(checks):
    """A line per threshold that was given."""
    lines = [f"- {check['name']}: {tables.number(check['found'])}, at most {tables.number(check['limit'])} asked for: "
             f"{'met' if check['met'] else '**missed**'}" for check in checks if check["limit"] is not None]
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def snapshots_of(runner, job, cutoff, state):
    """Strata's answers: a state with a snapshot as of the date and one as of the cutoff; their folders."""
    shutil.rmtree(state, ignore_errors=True)
    today = runner.run(job, state)["said"]
    before = runner.run(job, state, "--as-of", cutoff, "--no-activate")["said"]
    return strata.snapshot_folder(state, today), strata.snapshot_folder(state, before)

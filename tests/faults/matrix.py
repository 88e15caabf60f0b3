#!/usr/bin/env python3
"""Real processes under fault: role x stage x fault. Every case has a deadline, asserts that its fault fired, and that the result is
the undisturbed one or that the run failed for the right reason. A table at the end.

  tests/faults/matrix.py                  a sample: each role, each stage, each kind of fault
  tests/faults/matrix.py --all            every case
  tests/faults/matrix.py --only TEXT      the cases whose name has TEXT; --list names them
  tests/faults/matrix.py --seed N         another choice of the bytes that are hit

Exit status: 0 all went well, 77 so did all that this machine allows, and what it does not is said, else 1.

STRATA_BIN names the folder of the programs (build/release/bin), STRATA_GATE the library of gate.cc."""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

os.environ.setdefault("STRATA_BIN", str(pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"))
sys.dont_write_bytecode = True

import cases  # noqa: E402
import scene as scenes  # noqa: E402
import disks  # noqa: E402
import kills  # noqa: E402,F401
import memory  # noqa: E402,F401
import network  # noqa: E402,F401
import pauses  # noqa: E402,F401
import sources  # noqa: E402,F401

DEADLINE_S = 180  # of one case, then its processes are ended; the longest one takes a fifth of it
SKIPPED = 77  # the exit status that ctest takes for it
# What a case needs of the machine, by how its fault begins.
NEEDS = {"disk": (disks.can_mount, "mounting is not allowed here"), "read-only": (disks.can_mount, "mounting is not allowed here"),
         "control group": (memory.can_group, "no control group can be made here")}
LIVE = threading.Lock()


def play(case, base, seed):
    """(case, outcome or None, seconds, error)."""
    begun = time.monotonic()
    outcome, error = None, ""
    scene = scenes.Scene(base, f"{seed}/{case.name}")
    watch = threading.Timer(DEADLINE_S, scene.give_up)
    watch.start()
    try:
        outcome = case.play(scene)
    except Exception:  # of any kind: the case failed, the others go on
        error = traceback.format_exc()
    finally:
        watch.cancel()
        scene.doCleanups()
    seconds = time.monotonic() - begun
    if scene.overdue:
        outcome, error = None, f"took longer than {DEADLINE_S} s, so its processes were ended\n{error}"
    with LIVE:
        print(f"{'ok  ' if outcome is not None else 'FAIL'} {seconds:6.1f} s  {case.name}: {outcome or 'see below'}", flush=True)
    return case, outcome, seconds, error


def print_table(results, seed):
    rows = [("role", "stage", "fault", "seconds", "outcome")]
    for case, outcome, seconds, error in results:
        rows.append((case.role, case.stage, case.fault, f"{seconds:.1f}", outcome or "FAILED"))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0])).rstrip())
    for case, outcome, _, error in results:
        if outcome is None:
            print(f"\n== {case.name} (--only {case.name} --seed {seed})\n{error}")
    failed = sum(outcome is None for _, outcome, _, _ in results)
    print(f"\n{len(results)} cases, {failed} failed, seed {seed}")
    return failed


def chosen(arguments):
    if arguments.only:
        return [case for case in cases.ALL if any(text in case.name for text in arguments.only)]
    return [case for case in cases.ALL if arguments.all or case.sample]


def lacks(case):
    """What the case needs and this machine does not allow; empty: nothing."""
    return next((why for fault, (can, why) in NEEDS.items() if case.fault.startswith(fault) and not can()), "")


def in_own_mounts():
    """Runs this program again where what it mounts is seen by nobody else and goes with it."""
    if "STRATA_OWN_MOUNTS" in os.environ:
        return
    can = subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], capture_output=True)
    if can.returncode == 0:
        os.environ["STRATA_OWN_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", action="append")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=4, help="cases at once; most of a case is waiting for a lease to end")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{case.name}{'  (sample)' if case.sample else ''}" for case in cases.ALL))
        return 0
    in_own_mounts()
    left_out = [(case.name, lacks(case)) for case in chosen(arguments) if lacks(case)]
    wanted = [case for case in chosen(arguments) if not lacks(case)]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="strata-faults-"))
    try:
        base = scenes.Base(folder)
        # Cases that wait longest first, so that the others fill the time.
        wanted.sort(key=lambda case: case.role not in ("coordinator", "embedded"))
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            results = list(pool.map(lambda case: play(case, base, arguments.seed), wanted))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    order = {case.name: i for i, case in enumerate(cases.ALL)}
    results.sort(key=lambda result: order[result[0].name])
    failed = print_table(results, arguments.seed)
    for name, why in left_out:
        print(f"SKIPPED({name}: {why})")
    if failed or not results + left_out:
        return 1
    return SKIPPED if left_out else 0


if __name__ == "__main__":
    sys.exit(main())

"""What a number was measured on, without which it cannot be compared."""

import datetime
import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _field(path, name):
    try:
        for line in pathlib.Path(path).read_text().splitlines():
            if line.split(":")[0].strip() == name:
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def _git(*arguments):
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


_CORES = sorted(os.sched_getaffinity(0))  # those this process was given


def use_all_cores():
    os.sched_setaffinity(0, _CORES)
    return _CORES


def use_cores(count):
    """This process and those it starts use `count` cores and no others; the ids of the cores."""
    if len(_CORES) < count:
        raise SystemExit(f"bench: asked for {count} cores; this process may use {len(_CORES)}")
    os.sched_setaffinity(0, _CORES[:count])
    return _CORES[:count]


def facts(cores):
    return {
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        # Results and documentation may differ: they are written by the measurements themselves.
        "uncommitted": [line[3:] for line in _git("status", "--porcelain", "--", ".", ":!docs").splitlines()],
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cores": cores,
        "cores_of_machine": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "load_at_begin": os.getloadavg()[0],
    }


def sentence(machine):
    """The line under a table."""
    changed = " with uncommitted changes" if machine["uncommitted"] else ""
    return (f"{machine['date']}, commit {machine['commit']}{changed}; {machine['cpu']}, {machine['cores']} of "
            f"{machine['cores_of_machine']} cores, {machine['memory_bytes'] / 2**30:.0f} GiB, Linux {machine['kernel']}; "
            f"load when it began {machine['load_at_begin']:.1f}.")


def read_through(folder):
    """Reads every file below `folder` once, so that all contestants find it in the page cache."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            with open(path, "rb") as file:
                while file.read(1 << 22):
                    pass

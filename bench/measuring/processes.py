"""Runs a program and measures it: seconds of wall time, and memory as the sum of the high-water marks of its processes.

A process's high-water mark is the kernel's (VmHWM): resident pages, those of mapped files included. The program's own is taken
at its end, exactly; those of its descendants are read four times a second while they live.
"""

import collections
import contextlib
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import threading
import time

SAMPLE_S = 0.25  # reading /proc costs a few milliseconds; marks only rise, so little is missed
END_WAIT_S = 10  # for a killed process to be gone
END_LINES = 15   # of what a failed program said

Measured = collections.namedtuple("Measured", "seconds peak_rss_bytes processes out err")


class ProgramFailed(Exception):
    pass


def parents():
    """The parent of every process of the machine."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path("/proc", entry, "stat").read_bytes()
            except OSError:
                continue  # it ended meanwhile
            # The name in brackets may hold anything, a bracket too.
            found[int(entry)] = int(stat[stat.rindex(b")") + 2:].split()[1])
    return found


def descendants(root, parent_of):
    """All processes below `root`."""
    children = collections.defaultdict(list)
    for pid, parent in parent_of.items():
        children[parent].append(pid)
    found, open_ends = [], [root]
    while open_ends:
        below = children.get(open_ends.pop(), [])
        found += below
        open_ends += below
    return found


def high_water_bytes(pid):
    """VmHWM of a process; 0 when it is gone."""
    try:
        for line in pathlib.Path("/proc", str(pid), "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class _Waiting(threading.Thread):
    """Waits for the program's end in the kernel, so that the end is noticed at once."""

    def __init__(self, pid, clock):
        super().__init__(daemon=True)
        self.pid = pid
        self.clock = clock
        self.ended = threading.Event()

    def run(self):
        _, self.status, self.usage = os.wait4(self.pid, 0)
        self.end = self.clock()
        self.ended.set()


def _end(process):
    """Ends the program and those it started, and waits until they are gone; by handles, since a pid may be used again."""
    handles = []
    for pid in [*descendants(process.pid, parents()), process.pid]:
        with contextlib.suppress(OSError):
            handles.append(os.pidfd_open(pid))
    for handle in handles:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    for handle in handles:
        select.select([handle], [], [], END_WAIT_S)
        os.close(handle)


def measure(command, environment=None, deadline_s=None, clock=time.monotonic):
    """Runs `command` to its end. ProgramFailed with what it said when its exit status is not 0 or the deadline passes."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begin = clock()
        process = subprocess.Popen(words, stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                                   env={**os.environ, **(environment or {})})
        waiting = _Waiting(process.pid, clock)
        waiting.start()
        marks = {}
        try:
            while not waiting.ended.wait(SAMPLE_S):
                for pid in descendants(process.pid, parents()):
                    marks[pid] = max(marks.get(pid, 0), high_water_bytes(pid))
                if deadline_s is not None and clock() - begin > deadline_s:
                    _end(process)
                    waiting.join()
                    process.returncode = os.waitstatus_to_exitcode(waiting.status)
                    raise ProgramFailed(f"{' '.join(words)}: not done after {deadline_s} s")
        except KeyboardInterrupt:
            _end(process)
            raise
        process.returncode = os.waitstatus_to_exitcode(waiting.status)
        out.seek(0)
        err.seek(0)
        said, complained = out.read(), err.read()
    if process.returncode != 0:
        last = "\n".join((said + complained).splitlines()[-END_LINES:])
        raise ProgramFailed(f"{' '.join(words)}: exit status {process.returncode}\n{last}")
    peak = waiting.usage.ru_maxrss * 1024 + sum(marks.values())
    return Measured(waiting.end - begin, peak, 1 + len(marks), said, complained)

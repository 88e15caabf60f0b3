"""bench/measuring: what is measured of a process tree, the order of runs, what is said of them, tables."""

import contextlib
import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

import paths  # noqa: F401
import processes
import runs
import tables

MIB = 2**20
HOLD = """
import os, subprocess, sys
fifo, own, of_child = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
held = bytearray(b'x') * (own << 20)
child = None
if of_child:
    child = subprocess.Popen([sys.executable, '-c', sys.argv[4], fifo, str(of_child), '0', ''])
    child.wait()
else:
    open(fifo).read()
print('held', len(held))
"""
MAPPED = """
import mmap, sys
with open(sys.argv[1]) as file:
    pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    print(sum(pages[i] for i in range(0, len(pages), 4096)))
"""


class ProcessesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="strata-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def held(self, own_mib, child_mib):
        """Programs that hold their memory until the harness has looked at all of them once."""
        fifo = self.folder / f"fifo-{own_mib}-{child_mib}"
        os.mkfifo(fifo)
        parents = processes.parents
        writing, released = None, False

        def look_and_release():
            nonlocal writing, released
            if writing is not None:
                os.close(writing)
                writing, released = None, True
            elif not released:
                # Fails until somebody reads, which is the last thing that the innermost program does.
                with contextlib.suppress(OSError):
                    writing = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
            return parents()

        with unittest.mock.patch.object(processes, "parents", look_and_release):
            return processes.measure([sys.executable, "-c", HOLD, fifo, own_mib, child_mib, HOLD])

    def test_memory_is_the_sum_of_the_high_water_marks_of_the_tree(self):
        alone = self.held(96, 0)
        self.assertEqual(alone.processes, 1)
        both = self.held(96, 64)
        self.assertEqual(both.processes, 2)
        self.assertGreater(alone.peak_rss_bytes, 96 * MIB)
        self.assertGreater(both.peak_rss_bytes, (96 + 64) * MIB)
        # An interpreter takes some 10 MiB; were a mark counted twice, it would be 64 MiB more.
        self.assertLess(both.peak_rss_bytes, (96 + 64 + 48) * MIB)
        self.assertIn("held", both.out)

    def test_mapped_pages_count(self):
        path = self.folder / "pages"
        path.write_bytes(b"\1" * (80 * MIB))
        measured = processes.measure([sys.executable, "-c", MAPPED, path])
        self.assertGreater(measured.peak_rss_bytes, 80 * MIB)

    def test_a_program_that_fails_is_an_error_with_what_it_said(self):
        with self.assertRaisesRegex(processes.ProgramFailed, "(?s)exit status 4.*no such column"):
            processes.measure([sys.executable, "-c", "import sys; sys.stderr.write('no such column'); sys.exit(4)"])

    def test_a_program_that_hangs_is_ended_with_its_children(self):
        pid_file = self.folder / "pid"
        hang = ("import os, pathlib, subprocess, sys\n"
                f"child = subprocess.Popen([sys.executable, '-c', 'import os; r, w = os.pipe(); os.read(r, 1)'])\n"
                f"pathlib.Path({str(pid_file)!r}).write_text(str(child.pid))\nchild.wait()")
        with self.assertRaisesRegex(processes.ProgramFailed, "not done after"):
            # The deadline passes as soon as there is a child to be ended with it.
            processes.measure([sys.executable, "-c", hang], deadline_s=60,
                              clock=lambda: 100.0 if pid_file.exists() and pid_file.read_text() else 0.0)
        child = int(pid_file.read_text())
        try:
            state = pathlib.Path("/proc", str(child), "status").read_text()
        except OSError:
            return  # gone, and its parent has noticed
        self.assertIn("zombie", state)

    def test_descendants(self):
        parent_of = {2: 1, 3: 2, 4: 3, 5: 1, 6: 5, 7: 99}
        self.assertEqual(sorted(processes.descendants(2, parent_of)), [3, 4])
        self.assertEqual(sorted(processes.descendants(1, parent_of)), [2, 3, 4, 5, 6])
        self.assertEqual(processes.descendants(7, parent_of), [])


def fixed(seconds, log, name):
    times = iter(seconds)

    def run(turn):
        log.append((turn, name))
        return {"seconds": next(times), "peak_rss_bytes": 10 * MIB + turn, "phases": {"turn": turn}}

    return run


class RunsTest(unittest.TestCase):
    def setUp(self):
        self.log = []
        self.results = runs.interleave({name: fixed(seconds, self.log, name) for name, seconds in [
            ("ours", [3.0, 1.0, 2.0]), ("slow", [9.0, 8.0, 30.0]), ("fast", [5.0, 4.0, 2.5])]}, 3, say=lambda line: None)

    def test_they_take_turns(self):
        self.assertEqual([name for _, name in self.log], ["ours", "slow", "fast"] * 3)
        self.assertEqual([turn for turn, _ in self.log], [0, 0, 0, 1, 1, 1, 2, 2, 2])

    def test_minimum_median_and_the_phases_of_the_best_run(self):
        found = runs.summary(self.results["ours"])
        self.assertEqual((found["seconds_min"], found["seconds_median"], found["seconds_max"], found["runs"]), (1.0, 2.0, 3.0, 3))
        self.assertEqual(found["phases"], {"turn": 1})
        self.assertEqual(found["peak_rss_bytes"], 10 * MIB + 2)

    def test_the_ratio_is_of_the_minima_and_against_the_best(self):
        self.assertEqual(runs.ratio_of_minima(self.results, "ours", ["slow", "fast"]), (0.4, "fast"))
        self.assertEqual(runs.ratio_of_minima(self.results, "ours", ["slow"]), (0.125, "slow"))

    def test_a_threshold_is_met_up_to_its_limit_and_without_one(self):
        for found, limit, met in [(0.5, 0.5, True), (0.51, 0.5, False), (9.0, None, True)]:
            self.assertEqual(runs.check("share", found, limit)["met"], met)


class TablesTest(unittest.TestCase):
    def test_numbers(self):
        for value, text in [(0, "0"), (0.01234, "0.0123"), (1.0, "1"), (12.34, "12.3"), (99.96, "100"), (123.4, "123"),
                            (12345.6, "12,346"), (0.00001, "0"), (None, "-")]:
            self.assertEqual(tables.number(value), text, value)

    def test_a_table_and_a_row_that_does_not_fit(self):
        self.assertEqual(tables.table(["a", "b"], [["1", "2"]]), "| a | b |\n| --- | --- |\n| 1 | 2 |\n")
        with self.assertRaisesRegex(ValueError, "1 cells under 2 heads"):
            tables.table(["a", "b"], [["1"]])

    def test_a_block_is_replaced_between_its_own_markers_only(self):
        page = ("x\n<!-- measured: one -->\nold\n<!-- /measured -->\ny\n<!-- measured: one more -->\nkept\n<!-- /measured -->\n")
        found = tables.replace(page, "one", "new \\1 $\n\n")
        self.assertEqual(found, page.replace("old", "new \\1 $"))
        self.assertEqual(tables.replace(found, "one", "old"), page)
        self.assertIsNone(tables.replace(page, "two", "new"))


if __name__ == "__main__":
    unittest.main(verbosity=2)

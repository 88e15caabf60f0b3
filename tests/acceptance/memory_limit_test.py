"""--memory-limit is kept, measured from outside: the high-water mark of the process that runs, and the same digest."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from programs import BIN, Case, main

CUSTOMERS, ROWS = 100_000, 1_000_000
SHARDS = 16
MIB = 1 << 20
# What the limit does not speak of (docs/kernels-and-memory.md): the program, its libraries, the coordinator's books.
PROGRAM_BYTES = 128 * MIB


def peak_bytes(arguments, folder):
    """Runs a program to its end; its exit status, output and high-water mark of resident memory, mapped pages included."""
    with open(folder / "out", "w") as out, open(folder / "err", "w") as err:
        process = subprocess.Popen([str(a) for a in arguments], stdout=out, stderr=err, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    text = (folder / "out").read_text()
    run = json.loads(text.splitlines()[-1]) if text.startswith("{") else None
    return process.returncode, run, usage.ru_maxrss * 1024, (folder / "err").read_text()


class MemoryLimit(Case):
    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="strata-base-"))
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        subprocess.run([BIN / "strata", "generate", "--customers", str(CUSTOMERS), "--transactions", str(ROWS), "--seed", "3",
                        "--files", "3", "--out", cls.base / "base"], check=True, capture_output=True)
        text = (cls.base / "base/job.yaml").read_text()
        cls.text = re.sub(r"uri: transactions", f"uri: {cls.base / 'base/transactions'}",
                          re.sub(r"shards: \d+", f"shards: {SHARDS}", text))

    def run_within(self, limit, name, text=None, status=0):
        path = self.write(f"{name}.yaml", text or self.text)
        flags = ["--memory-limit", limit] if limit else []
        got, run, peak, errors = peak_bytes([BIN / "strata", "run", path, "--state", self.folder / name, "--workers", 1, "--threads",
                                             4, "--json", *flags], self.folder)
        self.assertEqual(got, status, errors)
        return run, peak, errors

    def test_runs_stay_within_their_limits_and_give_the_same_bits(self):
        free, free_peak, _ = self.run_within(None, "free")
        print(f"no limit: peak {free_peak // MIB} MiB")
        for limit in (112, 192, 1024):
            run, peak, _ = self.run_within(f"{limit}MiB", f"limit-{limit}")
            print(f"limit {limit} MiB: peak {peak // MIB} MiB")
            self.assertEqual((run["digest"], run["ledger_digest"]), (free["digest"], free["ledger_digest"]))
            self.assertLessEqual(peak, limit * MIB + PROGRAM_BYTES)
        # Tasks side by side would need more than the smallest limit: it was kept, not merely never reached.
        self.assertGreater(free_peak, 112 * MIB + PROGRAM_BYTES)

    def test_a_second_night_merges_its_rows_within_the_limit(self):
        feed = self.folder / "feed"
        feed.mkdir()
        first, second, third = sorted((self.base / "base/transactions").iterdir())
        text = re.sub(r"uri: .*transactions", f"uri: {feed}", self.text)
        for files in ((first, second), (third,)):
            for path in files:
                (feed / path.name).symlink_to(path)
            run, peak, _ = self.run_within("112MiB", "nights", text)
            print(f"limit 112 MiB, {len(files)} new files: peak {peak // MIB} MiB")
            self.assertLessEqual(peak, 112 * MIB + PROGRAM_BYTES)
        self.assertEqual((run["ledger_version"], run["rows_new"]["read"] < run["rows"]["read"]), (2, True))
        in_one, _, _ = self.run_within(None, "one-night")
        self.assertEqual(run["ledger_digest"], in_one["ledger_digest"])

    def test_a_task_that_cannot_fit_alone_says_what_it_needs_and_what_to_do(self):
        run, _, errors = self.run_within("20MiB", "small", status=2)
        self.assertFalse(run["published"])
        self.assertRegex(errors, r"map: the \d+ rows of .*part-0000\d.parquet from row 1 on: needs \d+ MiB; --memory-limit is 20MiB")
        self.assertIn("row groups of fewer rows", errors)
        self.assertEqual(run["error"]["reason"], "MEMORY_LIMIT_TOO_SMALL")

    def test_too_few_shards_for_the_limit_are_named(self):
        one_shard = re.sub(r"shards: \d+", "shards: 1", self.text)
        run, _, errors = self.run_within("112MiB", "one-shard", one_shard, status=2)
        self.assertRegex(errors, r"ledger: shard 0: needs \d+ MiB; --memory-limit is 112MiB. Raise it, or give the job more shards")
        self.assertEqual(run["error"]["reason"], "MEMORY_LIMIT_TOO_SMALL")

    def test_a_limit_that_is_none_is_refused(self):
        for wrong in ("0", "much", "-1", "12GB"):
            path = self.write("job.yaml", self.text)
            done = self.strata("run", path, f"--memory-limit={wrong}", status=2)
            self.assertIn("--memory-limit", done.stderr)
            self.assertIn(wrong, done.stderr)


if __name__ == "__main__":
    main()

"""Makes the modules under bench/ importable."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bench" / folder) for folder in ("measuring", "peers", "scaling")]

"""The versions of everybody."""

import json
import shutil
import subprocess

import strata

PACKAGES = ("duckdb", "polars", "pyarrow", "numpy", "scipy", "scikit-learn", "scikit-learn-intelex", "lightgbm")
ASK = """
import importlib.metadata, json, platform, sys
print(json.dumps({"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in sys.argv[1:]}}))
"""


def facts(python, peers):
    packages = [*PACKAGES, *(["pyspark"] if "pyspark" in peers else [])]
    found = json.loads(subprocess.run([python, "-c", ASK, *packages], check=True, capture_output=True, text=True).stdout)
    found["strata"] = subprocess.run([strata.program(), "version"], check=True, capture_output=True, text=True).stdout.split("\n")[0]
    if "pyspark" in peers and shutil.which("java"):  # which the installation of Spark has seen to
        said = subprocess.run(["java", "-version"], check=True, capture_output=True, text=True).stderr
        found["java"] = said.split('"')[1] if '"' in said else said.split("\n")[0]
    return found


def sentence(known):
    rest = ", ".join(f"{name} {version}" for name, version in known.items() if name != "strata")
    return f"{known['strata']}; {rest}."

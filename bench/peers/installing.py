"""Puts the peers into a Python of their own under build/peers, at the pinned versions; a second call finds it done."""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PIP = ("-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "--no-deps")
JAVA_PACKAGE = "openjdk-17-jre-headless"


def _install(python, requirements, *flags):
    """`requirements` into `python`, unless the stamp says that they are there."""
    stamp = python.parents[1] / f".{requirements.name}"
    if stamp.exists() and stamp.read_bytes() == requirements.read_bytes():
        return
    print(f"peers: installing {requirements.name} into {python.parents[1]}", file=sys.stderr, flush=True)
    subprocess.run([python, *PIP, *flags, "-r", requirements], check=True)
    stamp.write_bytes(requirements.read_bytes())


def _install_setuptools(python):
    """What packs PySpark has to be there before; its line of the requirements is enough for that."""
    lines = (HERE / "requirements-spark.txt").read_text().splitlines()
    only = python.parents[1] / "requirements-setuptools.txt"
    only.write_text("".join(line + "\n" for line in lines if line.startswith("setuptools==")))
    _install(python, only)


def _install_java():
    if shutil.which("java"):
        return
    print(f"peers: installing {JAVA_PACKAGE}", file=sys.stderr, flush=True)
    as_root = [] if os.getuid() == 0 else ["sudo"]
    subprocess.run([*as_root, "apt-get", "update", "-qq"], check=True)
    # `env` after sudo, which would drop a variable given before it.
    subprocess.run([*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq",
                    "--no-install-recommends", JAVA_PACKAGE], check=True, stdout=subprocess.DEVNULL)


def install(peers):
    """The Python that has what `peers` need."""
    if sys.version_info[:2] != (3, 11):
        raise SystemExit(f"peers: found Python {sys.version.split()[0]}; the wheels are pinned for 3.11, as Debian 12 has it")
    folder = ROOT / "build" / "peers" / "python"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    _install(python, HERE / "requirements.txt", "--only-binary=:all:")
    if "pyspark" in peers:
        _install_java()
        _install_setuptools(python)
        _install(python, HERE / "requirements-spark.txt", "--no-build-isolation")
    return python

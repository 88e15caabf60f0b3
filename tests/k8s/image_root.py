#!/usr/bin/env python3
"""Proves the Dockerfile where no container engine is to be had: its instructions, as they stand, in fresh Debian roots.

One root per stage, made by debootstrap. Then every program of the last root is run as its user, with no new privileges
and a read-only root file system: --version, --help, a night over CDNOW into a mounted volume, and servers that are
process 1 and end on SIGTERM with status 0. Needs root and debootstrap; without them it says so and exits with 77.

    tests/k8s/image_root.py [--folder build/image] [--mirror URL] [--keep]

The base system and the cache of RUN --mount stay in the folder, so that a second call is quicker; the roots go.
"""

import argparse
import fcntl
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import dockerfile  # noqa: E402
import read_only_root  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASE_IMAGES = {'debian:bookworm', 'debian:bookworm-slim'}  # the slim one only lacks manuals and translations
SKIPPED = 77
# How this machine reaches Debian's and Python's packages; an engine would hand on the same.
NETWORK_FILES = ['/etc/resolv.conf', '/etc/hosts', '/etc/pip.conf', '/usr/local/share/ca-certificates', '/etc/apt']
NETWORK_VARIABLES = re.compile(r'(PIP_|SSL_CERT_|REQUESTS_CA).*|(https?|no)_proxy', re.IGNORECASE)
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


def say(text):
    print(f'image_root: {text}', flush=True)


def folder_bytes(folder):
    """What the files of a folder take, links counted once."""
    return int(subprocess.run(['du', '-sxb', folder], check=True, capture_output=True, text=True).stdout.split()[0])


def make_base(folder, mirror):
    """The root that both base images stand for."""
    base = folder / 'base'
    if not (folder / 'base.ready').exists():
        say('debootstrap of bookworm' + (f' from {mirror}' if mirror else ''))
        shutil.rmtree(base, ignore_errors=True)
        with open(folder / 'debootstrap.log', 'w', encoding='utf-8') as log:
            subprocess.run(['debootstrap', '--variant=minbase', 'bookworm', base, *([mirror] if mirror else [])], check=True,
                           stdout=log, stderr=log)
        for pattern in ('var/cache/apt/archives/*.deb', 'var/lib/apt/lists/*_*'):
            for file in base.glob(pattern):
                file.unlink()
        (folder / 'base.ready').touch()
    return base


class StageRoot:
    """The root of one stage and what ENV, WORKDIR and USER have said so far."""

    def __init__(self, root, caches):
        self.root = root
        self.caches = caches
        self.env = {'PATH': PATH, 'HOME': '/nonexistent'}
        self.workdir = '/'
        self.user = '0:0'
        self.seconds = 0.0

    def inside(self, path):
        """A path of the stage as one of this machine; a relative one starts at the working folder."""
        return self.root / os.path.normpath(os.path.join(self.workdir, path)).lstrip('/')

    def run(self, instruction):
        network = {name: value for name, value in os.environ.items() if NETWORK_VARIABLES.fullmatch(name)}
        variables = [f'{name}={value}' for name, value in {**network, **self.env}.items()]
        mounts = 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev"'
        cache = dockerfile.cache_mount(instruction)
        if cache:
            kept = self.caches / cache.strip('/').replace('/', '-')
            kept.mkdir(parents=True, exist_ok=True)
            self.inside(cache).mkdir(parents=True, exist_ok=True)
            mounts += f' && mount --bind "{kept}" "{self.inside(cache)}"'
        command = f'{mounts} && shift && exec "$@"'
        subprocess.run(
            ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', 'sh', '-ec', command, 'sh',
             self.root, 'chroot', f'--userspec={self.user}', self.root, 'env', '-i', f'--chdir={self.workdir}', *variables,
             '/bin/sh', '-c', instruction.text], check=True)

    def copy(self, instruction, stages, files):
        sources, destination = dockerfile.copy_operands(instruction)
        target = self.inside(destination)
        if 'from' in instruction.flags:
            # The contents of a folder, as COPY does it.
            for source in sources:
                target.mkdir(parents=True, exist_ok=True)
                subprocess.run(['cp', '-a', f'{stages[instruction.flags["from"]].inside(source)}/.', target], check=True)
            return
        for source in sources:
            if source == '.':
                for file in files:
                    self._copy_file(ROOT / file, target / file)
            else:
                self._copy_file(ROOT / source, target / os.path.basename(source) if destination.endswith('/') else target)

    @staticmethod
    def _copy_file(source, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)

    def apply(self, instruction, stages, files):
        say(f'line {instruction.line}: {instruction.name} {instruction.text}')
        if instruction.name == 'RUN':
            self.run(instruction)
        elif instruction.name == 'COPY':
            self.copy(instruction, stages, files)
        elif instruction.name == 'ENV':
            self.env.update(dockerfile.environment(instruction))
        elif instruction.name == 'WORKDIR':
            self.workdir = instruction.text
            self.inside('.').mkdir(parents=True, exist_ok=True)
        elif instruction.name == 'USER':
            self.user = instruction.text


def give_network(root):
    """Copies this machine's way to its package registries into a root."""
    for name in NETWORK_FILES:
        source, target = pathlib.Path(name), root / name.lstrip('/')
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    if list((root / 'etc/apt/sources.list.d').glob('*.sources')):
        (root / 'etc/apt/sources.list').unlink(missing_ok=True)  # debootstrap's; the same archive twice is a warning


def build(stages, folder, base, files):
    """The roots of all stages by name; the last one under 'last' too."""
    built = {}
    for number, stage in enumerate(stages):
        if stage.image not in BASE_IMAGES:
            raise SystemExit(f'image_root: FROM {stage.image} is none of {", ".join(sorted(BASE_IMAGES))}')
        root = folder / f'stage-{number}'
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(['cp', '-a', '--reflink=auto', base, root], check=True)
        give_network(root)
        made = StageRoot(root, folder / 'caches')
        for instruction in stage.instructions:
            made.apply(instruction, built, files)
        built[stage.name] = built['last'] = made
    return built


def main():
    flags = argparse.ArgumentParser(description='Carries the Dockerfile out in fresh Debian roots and tries the result.')
    flags.add_argument('--folder', type=pathlib.Path, default=ROOT / 'build/image', help='where the roots are made')
    flags.add_argument('--mirror', help="the archive of the base system (default: debootstrap's own)")
    flags.add_argument('--keep', action='store_true', help='leave the roots of the stages (2 GB)')
    options = flags.parse_args()
    if os.geteuid() != 0 or not shutil.which('debootstrap'):
        print('SKIPPED(image_root: it takes root and debootstrap to make Debian roots)')
        return SKIPPED
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / 'lock', 'w', encoding='utf-8')
    fcntl.flock(lock, fcntl.LOCK_EX)  # two at once would take the roots from under one another
    stages = dockerfile.parse((ROOT / 'Dockerfile').read_text(encoding='utf-8'))
    files = dockerfile.context(ROOT, dockerfile.read_ignore((ROOT / '.dockerignore').read_text(encoding='utf-8')))
    base = make_base(folder, options.mirror)
    last = build(stages, folder, base, files)['last']
    say(f'the last stage adds {(folder_bytes(last.root) - folder_bytes(base)) / 1e6:.0f} MB to its base image')
    with tempfile.TemporaryDirectory(prefix='strata-image-') as volumes:
        found = read_only_root.try_programs(last, pathlib.Path(volumes), ROOT / 'examples/cdnow')
    print(json.dumps(found, indent=2))
    if not options.keep:
        for root in folder.glob('stage-*'):
            shutil.rmtree(root)
    lock.close()
    return 0


if __name__ == '__main__':
    sys.exit(main())

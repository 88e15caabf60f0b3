"""Runs a container of a rendered manifest on this machine as it stands: command, args and environment are Kubernetes' own.

What differs from a cluster is around the command: the root is this machine's, with the container's mounts as folders of a
test, this build's programs at /usr/local/bin, and an /etc/hosts that has the cluster's services at this machine's loopback.
All of it in a mount and a network namespace of its own, so that the services' ports are free."""

import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

import manifests

INSIDE = 'STRATA_TEST_ROOTS'  # inside the namespaces: the folder in which roots are made
PATH = '/usr/local/bin:/usr/bin:/bin'
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
SKIPPED = 77  # the exit status that ctest takes for it


def enter_namespaces():
    """Runs this program again in namespaces of its own and ends with its status; returns once inside."""
    if os.environ.get(INSIDE):
        _loopback_up()
        subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', os.environ[INSIDE]], check=True)
        return
    unshare = ['unshare', '--net', '--mount', '--propagation', 'private']
    if os.geteuid() != 0:
        unshare += ['--map-root-user']
    tried = subprocess.run([*unshare, 'true'], capture_output=True, text=True)
    if tried.returncode != 0:
        print(f'SKIPPED(no namespaces here: {tried.stderr.strip()})')
        sys.exit(SKIPPED)
    folder = tempfile.mkdtemp(prefix='strata-roots-')
    status = subprocess.run([*unshare, sys.executable, *sys.argv], env={**os.environ, INSIDE: folder}).returncode
    os.rmdir(folder)  # what was mounted on it went with the namespace
    sys.exit(status)


def _loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack('16sh', b'lo', IFF_UP))


class Root:
    """A root folder for the containers of one pod: this machine's, and over it what a test mounts. Only inside the
    namespaces, and never removed: its mounts show the machine's own files, and end with the namespace.

    programs: by the names that they have at /usr/local/bin. hosts: addresses by name."""

    def __init__(self, programs, hosts):
        self.root = pathlib.Path(tempfile.mkdtemp(dir=os.environ[INSIDE]))
        for entry in pathlib.Path('/').iterdir():
            inside = self.root / entry.name
            if entry.is_symlink():
                inside.symlink_to(entry.readlink())
            elif entry.is_dir():
                inside.mkdir()
                self._mount('--rbind', entry, inside)
        links = self.root / 'programs'
        links.mkdir()
        for name, path in programs.items():
            (links / name).symlink_to(path)
        self._mount('--bind', links, self.root / 'usr/local/bin')
        known = self.root / 'hosts'
        known.write_text('127.0.0.1 localhost\n' + ''.join(f'{address} {name}\n' for name, address in hosts.items()),
                         encoding='utf-8')
        self._mount('--bind', known, self.root / 'etc/hosts')

    @staticmethod
    def _mount(how, source, target):
        subprocess.run(['mount', how, source, target], check=True)

    def mount(self, container, volumes):
        """Mounts what the container mounts, from the folder that stands for each volume of its pod by the name there. The
        place of temporary files stays the machine's: this build or the test's own folders may lie in it."""
        for mount in container.get('volumeMounts', []):
            if mount['mountPath'] != tempfile.gettempdir():
                inside = self.root / mount['mountPath'].lstrip('/')
                inside.mkdir(exist_ok=True)
                self._mount('--bind', volumes[mount['name']], inside)

    def command(self, container, objects, downward):
        """What executes the container's command in its environment; downward as in manifests.environment."""
        variables = manifests.environment(container, objects, downward)
        return ['chroot', self.root, 'env', '-i', f'PATH={PATH}', *[f'{name}={value}' for name, value in variables.items()],
                *manifests.command_line(container, variables)]

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
DEADLINE_S = 120
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
    """A root folder for containers: this machine's, and over it what a test mounts. Only inside the namespaces, and never
    removed: its mounts show the machine's own files, and end with the namespace."""

    def __init__(self, programs, hosts):
        self.root = pathlib.Path(tempfile.mkdtemp(dir=os.environ[INSIDE]))
        for entry in pathlib.Path('/').iterdir():
            inside = self.root / entry.name
            if entry.is_symlink():
                inside.symlink_to(entry.readlink())
            elif entry.is_dir():
                inside.mkdir()
                self._mount('--rbind', entry, inside)
        self._mount('--bind', programs, self.root / 'usr/local/bin')
        known = self.root / 'hosts'
        known.write_text('127.0.0.1 localhost\n' + ''.join(f'127.0.0.1 {host}\n' for host in hosts), encoding='utf-8')
        self._mount('--bind', known, self.root / 'etc/hosts')

    @staticmethod
    def _mount(how, source, target):
        subprocess.run(['mount', how, source, target], check=True)

    def run(self, container, objects, downward, volumes):
        """Runs a container to its end. `volumes`: the folder that stands for each volume of its pod, by the name there."""
        mounted = []
        for mount in container.get('volumeMounts', []):
            inside = self.root / mount['mountPath'].lstrip('/')
            inside.mkdir(exist_ok=True)
            self._mount('--bind', volumes[mount['name']], inside)
            mounted.append(inside)
        variables = manifests.environment(container, objects, downward)
        words = manifests.command_line(container, variables)
        try:
            return subprocess.run(['chroot', self.root, 'env', '-i', f'PATH={PATH}',
                                   *[f'{name}={value}' for name, value in variables.items()], *words],
                                  capture_output=True, text=True, timeout=DEADLINE_S)
        finally:
            for inside in reversed(mounted):
                subprocess.run(['umount', inside], check=True)

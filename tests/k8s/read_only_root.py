"""Runs programs of an image's root as Kubernetes would: its user, no new privileges, a read-only root, mounted volumes."""

import json
import pathlib
import re
import signal
import subprocess
import threading

DEADLINE_S = 120
PROGRAM_NAMES = 'strata*'


class RunError(AssertionError):
    pass


def command_line(stage, words, volumes):
    """What runs `words` in the root of a stage; volumes: path in it → (folder of this machine, 'ro' or 'rw')."""
    script = ['mount --bind "$1" "$1"']
    for path, (folder, mode) in volumes.items():
        inside = stage.inside(path)
        inside.mkdir(parents=True, exist_ok=True)
        script.append(f'mount --bind "{folder}" "{inside}"')
        if mode == 'ro':
            script.append(f'mount -o remount,bind,ro "{inside}"')
    # Mounted before the root turns read-only; they stay what they are.
    script += ['mount -o remount,bind,ro "$1"', 'mount -t proc proc "$1/proc"', 'mount --rbind /dev "$1/dev"', 'shift', 'exec "$@"']
    variables = [f'{name}={value}' for name, value in stage.env.items()]
    return ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', 'sh', '-ec', '\n'.join(script),
            'sh', str(stage.root), 'setpriv', '--no-new-privs', 'chroot', f'--userspec={stage.user}', str(stage.root), 'env', '-i',
            f'--chdir={stage.workdir}', *variables, *words]


def run(stage, *words, volumes=None, status=0):
    done = subprocess.run(command_line(stage, words, volumes or {}), capture_output=True, text=True, timeout=DEADLINE_S)
    if status is not None and done.returncode != status:
        raise RunError(f'{words} ended with {done.returncode}, not {status}:\n{done.stdout}{done.stderr}')
    return done


class Server:
    """A server as process 1 of its own process namespace, where only a signal that is handled has an effect."""

    def __init__(self, stage, *words, volumes):
        self.words = words
        self.process = subprocess.Popen(command_line(stage, words, volumes), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)

    def wait_for(self, pattern):
        """The match in the first line that has one."""
        overdue = threading.Timer(DEADLINE_S, self.process.kill)
        overdue.start()
        seen = ''
        try:
            for line in self.process.stdout:
                seen += line
                if found := re.search(pattern, line):
                    return found
        finally:
            overdue.cancel()
        raise RunError(f'{self.words} never said {pattern!r}: {seen}')

    def terminate(self):
        """Sends SIGTERM to the program itself; its exit status."""
        parent = self.process.pid
        child = pathlib.Path(f'/proc/{parent}/task/{parent}/children').read_text(encoding='utf-8').split()
        if len(child) != 1:
            raise RunError(f'{self.words} has the processes {child}, not one')
        subprocess.run(['kill', f'-{int(signal.SIGTERM)}', child[0]], check=True)
        output, _ = self.process.communicate(timeout=DEADLINE_S)
        if self.process.returncode != 0:
            raise RunError(f'{self.words} ended on SIGTERM with {self.process.returncode}: {output}')


def volume(folder, name, owner=None):
    made = folder / name
    made.mkdir(exist_ok=True)
    if owner:
        subprocess.run(['chown', owner, made], check=True)
    return made


def check_confinement(stage):
    """That the confinement is one: no write to the root, no capability, not root."""
    refused = run(stage, 'touch', '/probe', status=1)
    if 'Read-only file system' not in refused.stderr:
        raise RunError(f'the root can be written to: {refused.stderr}')
    facts = run(stage, 'cat', '/proc/self/status').stdout
    for wanted in (r'CapEff:\s+0+$', r'NoNewPrivs:\s+1$', r'Uid:\s+' + stage.user.split(':')[0] + r'\s'):
        if not re.search(wanted, facts, re.MULTILINE):
            raise RunError(f'no {wanted!r} in:\n{facts}')


def check_servers(stage, folder):
    """A coordinator, a worker that it welcomes, a replica where the image has one: all end cleanly as process 1."""
    state = volume(folder, 'cluster', stage.user)
    volumes = {'/state': (state, 'rw')}
    coordinator = Server(stage, 'strata-coordinator', '--state', '/state', '--listen', '127.0.0.1:0', volumes=volumes)
    port = coordinator.wait_for(r'listens on port (\d+)').group(1)
    worker = Server(stage, 'strata-worker', '--coordinator', f'127.0.0.1:{port}', '--state', '/state', volumes=volumes)
    worker.wait_for(r'dials')
    worker.terminate()
    if stage.inside('/usr/local/bin/strata-server').exists():
        server = Server(stage, 'strata-server', '--objects', '/state/objects', '--listen', '127.0.0.1:0', volumes=volumes)
        server.wait_for(r'listens on port (\d+)')
        server.terminate()
    coordinator.terminate()


def check_night(stage, folder, example):
    """A whole night in one process over a read-only job; what it said of itself."""
    volumes = {'/job': (example, 'ro'), '/state': (volume(folder, 'state', stage.user), 'rw')}
    summary = json.loads(run(stage, 'strata', 'run', '/job/job.yaml', '--state', '/state', '--json', volumes=volumes).stdout)
    if not summary['published'] or summary['rows']['read'] != summary['rows']['accepted'] or summary['customers'] < 20_000:
        raise RunError(f'the night over CDNOW: {summary}')
    digest = run(stage, 'strata', 'snapshots', 'digest', '--state', '/state', volumes=volumes).stdout.strip()
    if digest != summary['digest']:
        raise RunError(f'the run says digest {summary["digest"]}, the snapshot {digest}')
    return {key: summary[key] for key in ('customers', 'digest')}


def try_programs(stage, folder, example):
    """Everything above; returns what was found, for people."""
    check_confinement(stage)
    if b'BEGIN CERTIFICATE' not in stage.inside(stage.env['SSL_CERT_FILE']).read_bytes():
        raise RunError(f'no certificates in {stage.env["SSL_CERT_FILE"]}')
    programs = sorted(path.name for path in stage.inside('/usr/local/bin').glob(PROGRAM_NAMES))
    if not {'strata', 'strata-coordinator', 'strata-worker'} <= set(programs):
        raise RunError(f'the image has only {programs}')
    versions = {}
    for program in programs:
        versions[program] = run(stage, program, '--version').stdout.strip()
        if 'Usage:' not in run(stage, program, '--help').stdout:
            raise RunError(f'{program} --help has no usage')
    if len({re.search(r'build (\w+)', version).group(1) for version in versions.values()}) != 1:
        raise RunError(f'programs of different builds: {versions}')
    night = check_night(stage, folder, example)
    check_servers(stage, folder)
    return {'programs': versions, 'night': night}

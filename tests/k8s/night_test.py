"""The nightly CronJob's container as rendered, executed against a coordinator and a worker of this machine.

Its command, arguments and environment are taken from the manifest; the address strata-coordinator:7070 in it is resolved and
dialled as it stands. Only the job's source is another: a file of this machine instead of s3://."""

import json
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'acceptance'))

import breaks  # noqa: E402
import container as containers  # noqa: E402
import manifests  # noqa: E402
import programs  # noqa: E402

DEADLINE_S = 120
JOB_NAME = "metadata.labels['batch.kubernetes.io/job-name']"


class NightTest(programs.Case):
    def setUp(self):
        super().setUp()
        self.objects = manifests.render('base')
        self.cron = breaks.thing('CronJob', 'night')(self.objects)
        self.pod = manifests.pod_of(self.cron)
        services = {thing['metadata']['name']: thing for thing in manifests.of_kind(self.objects, 'Service')}
        port = services['strata-coordinator']['spec']['ports'][0]['port']
        self.target = f'127.0.0.1:{port}'
        coordinator = self.start(programs.BIN / 'strata-coordinator', '--state', self.folder / 'state', '--listen', self.target)
        coordinator.wait_for(r'listens on port')
        self.worker(self.target, 'worker-1')
        self.hosts = {name: '127.0.0.1' for name in services}
        text = next(thing for thing in manifests.of_kind(self.objects, 'ConfigMap') if 'job.yaml' in thing['data'])['data']['job.yaml']
        local, replaced = re.subn(r'uri: s3://\S+', f'uri: {programs.ROOT}/tests/data/cdnow_sample.csv', text)
        self.assertEqual(replaced, 1)
        self.write('job/job.yaml', local)

    def attempt(self, minute, status=0, job='job'):
        """A pod of the Job that the CronJob makes for a scheduled minute, as Kubernetes names it."""
        downward = {JOB_NAME: f'{self.cron["metadata"]["name"]}-{minute}'}
        night = self.pod.spec['containers'][0]
        root = containers.Root({'strata': programs.BIN / 'strata'}, self.hosts)
        root.mount(night, {'job': self.folder / job})
        done = subprocess.run(root.command(night, self.objects, downward), capture_output=True, text=True, timeout=DEADLINE_S)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout) if status == 0 else done

    def runs(self):
        return self.json('runs', 'list', '--target', self.target)['runs']

    def test_an_attempt_again_finds_the_run_and_another_night_is_another_run(self):
        first = self.attempt(29384720)
        self.assertTrue(first['published'])
        again = self.attempt(29384720)
        self.assertEqual(again, first)
        self.assertEqual(len(self.runs()), 1)
        other = self.attempt(29386160)
        self.assertEqual(other['run'], first['run'] + 1)
        self.assertEqual(other['digest'], first['digest'])
        self.assertEqual(len(self.runs()), 2)

    def probe(self, service):
        python = programs.ROOT / 'build/deps/python/bin/python'
        done = subprocess.run([python, HERE / 'grpc_probe.py', self.target, service], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def test_the_coordinators_probes_are_answered_before_the_first_night(self):
        coordinator = manifests.pod_of(breaks.thing('StatefulSet', 'coordinator')(self.objects)).spec['containers'][0]
        for kind in ('startupProbe', 'readinessProbe', 'livenessProbe'):
            self.assertEqual(self.probe(coordinator[kind]['grpc']['service']), 'SERVING', kind)
        # What makes a replica ready is another matter: nothing is published.
        server = manifests.pod_of(breaks.thing('Deployment', 'server')(self.objects)).spec['containers'][0]
        ready = server['readinessProbe']['grpc']['service']
        self.assertEqual(self.probe(ready), 'NOT_SERVING')
        self.attempt(29384720)
        self.assertEqual(self.probe(ready), 'SERVING')
        self.assertEqual(self.probe('strata.v1.Nothing'), 'NOT_FOUND')

    def test_a_job_that_cannot_be_read_ends_with_the_status_that_is_not_tried_again(self):
        self.write('broken/job.yaml', 'name: broken\nno_such_key: 1\n')
        done = self.attempt(29384720, status=2, job='broken')
        self.assertIn('no_such_key', done.stderr)
        rules = self.cron['spec']['jobTemplate']['spec']['podFailurePolicy']['rules']
        given_up = [rule['onExitCodes'] for rule in rules if rule['action'] == 'FailJob']
        self.assertEqual(given_up, [{'containerName': 'night', 'operator': 'In', 'values': [2]}])
        self.assertIn('STATE_EMPTY', self.strata('runs', 'list', '--target', self.target, '--json', status=1).stdout)


if __name__ == '__main__':
    if not manifests.renderer():
        print('SKIPPED(night: neither build/deps/bin/kustomize nor kubectl renders the manifests)')
        sys.exit(containers.SKIPPED)
    containers.enter_namespaces()
    programs.main()

"""The laptop overlay as rendered, with processes of this machine for its containers: S3, coordinator, worker, replica, night.

Commands, arguments and environments are those of the manifests, and so are the job and its source in the bucket. One thing
is changed: a pod has an address of its own, so 0.0.0.0 in a listening address becomes the loopback address of its pod, under
which /etc/hosts has its services."""

import json
import pathlib
import shutil
import subprocess
import sys
import urllib.request

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'acceptance'))

import container as containers  # noqa: E402
import manifests  # noqa: E402
import programs  # noqa: E402

VERSITYGW = programs.ROOT / 'build/deps/bin/versitygw'
JOB_NAME = "metadata.labels['batch.kubernetes.io/job-name']"
SOURCE = 'strata/sources/cdnow/transactions.csv'  # in the volume of the S3 server; what job.yaml names
ANYWHERE = {'--listen=0.0.0.0:': '--listen=', '--metrics-listen=0.0.0.0:': '--metrics-listen=', ':': ''}
PROBE_PERIOD_S = 0.1
PROBES_MAX = 600


class LaptopTest(programs.Case):
    def setUp(self):
        super().setUp()
        self.objects = manifests.render('overlays/laptop')
        self.pods = {pod.labels['app.kubernetes.io/component']: pod for pod in manifests.pods(self.objects)}
        self.addresses = {component: f'127.0.1.{number}' for number, component in enumerate(sorted(self.pods), 1)}
        self.hosts = {}
        for service in manifests.of_kind(self.objects, 'Service'):
            component = service['spec']['selector']['app.kubernetes.io/component']
            self.hosts[service['metadata']['name']] = self.addresses[component]
        self.running = {}
        self.programs = {path.name: path for path in programs.BIN.glob('strata*')} | {'versitygw': VERSITYGW}

    def volume(self, component, name):
        """The folder that stands for a volume of a pod; a ConfigMap's has its files."""
        folder = self.folder / component / name
        if folder.exists():
            return folder
        folder.mkdir(parents=True)
        for volume in self.pods[component].spec.get('volumes', []):
            if volume['name'] == name and 'configMap' in volume:
                config = next(thing for thing in manifests.of_kind(self.objects, 'ConfigMap')
                              if thing['metadata']['name'] == volume['configMap']['name'])
                for file, text in config['data'].items():
                    (folder / file).write_text(text, encoding='utf-8')
        return folder

    def command(self, component, container, job_name=''):
        root = containers.Root(self.programs, self.hosts)
        root.mount(container, {mount['name']: self.volume(component, mount['name']) for mount in container['volumeMounts']})
        own = {**container, 'args': [self.at_own_address(word, component) for word in container.get('args', [])]}
        downward = {'metadata.name': f'strata-{component}-0', JOB_NAME: job_name, **manifests.requested(container)}
        return root.command(own, self.objects, downward)

    def at_own_address(self, word, component):
        for prefix, kept in ANYWHERE.items():
            if word.startswith(prefix):
                return f'{kept}{self.addresses[component]}:{word.removeprefix(prefix)}'
        return word

    def pod(self, component):
        """Starts a pod: its init containers to their end, then its container."""
        pod = self.pods[component]
        for container in pod.spec.get('initContainers', []):
            subprocess.run(self.command(component, container), check=True)
        container, = pod.spec['containers']
        self.running[component] = self.start(*self.command(component, container))
        self.until(component, 'startupProbe')

    def answer(self, component, kind):
        """What a kubelet would find of a probe."""
        pod = self.pods[component]
        probe = pod.spec['containers'][0][kind]
        if 'grpc' in probe:
            target = f'{self.addresses[component]}:{probe["grpc"]["port"]}'
            python = programs.ROOT / 'build/deps/python/bin/python'
            return subprocess.run([python, HERE / 'grpc_probe.py', target, probe['grpc']['service']], capture_output=True,
                                  text=True, check=True).stdout.strip() == 'SERVING'
        return self.get(component, probe['httpGet']['port'], probe['httpGet']['path']) is not None

    def get(self, component, port, path):
        """The text at a named port, or None where it is not answered with 200."""
        url = f'http://{self.addresses[component]}:{manifests.ports(self.pods[component])[port]}{path}'
        try:
            with urllib.request.urlopen(url, timeout=programs.DEADLINE_S) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def until(self, component, kind):
        process = self.running[component]
        for _ in range(PROBES_MAX):
            if self.answer(component, kind):
                return
            self.assertFalse(process.ended, process.text())
            with process.changed:
                process.changed.wait(PROBE_PERIOD_S)
        self.fail(f'{component}: {kind} never succeeded: {process.text()}')

    def test_a_night_on_the_cluster_as_rendered(self):
        self.pod('s3')
        source = self.volume('s3', 'data') / SOURCE
        source.parent.mkdir(parents=True)
        shutil.copyfile(programs.ROOT / 'tests/data/cdnow_sample.csv', source)
        for component in ('coordinator', 'worker', 'server'):
            self.pod(component)
        self.assertFalse(self.answer('server', 'readinessProbe'), 'a replica is ready with nothing to answer from')

        night, = self.pods['night'].spec['containers']
        done = subprocess.run(self.command('night', night, 'strata-night-29384720'), capture_output=True, text=True,
                              timeout=programs.DEADLINE_S * 2)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.running['worker'].text())

        for component in ('s3', 'coordinator', 'worker', 'server'):
            for kind in ('readinessProbe', 'livenessProbe'):
                self.until(component, kind)
        for component in ('coordinator', 'worker', 'server'):
            self.assertIn('strata_', self.get(component, 'metrics', '/metrics'))
        published = self.get('coordinator', 'metrics', '/metrics')
        self.assertIn('strata_last_publish_timestamp_seconds', published)
        replica = f'{self.addresses["server"]}:{manifests.ports(self.pods["server"])["grpc"]}'
        self.strata('export', '--target', replica, '--out', self.folder / 'all.csv')
        self.assertEqual(len((self.folder / 'all.csv').read_text(encoding='utf-8').splitlines()) - 1,
                         json.loads(done.stdout)['customers'])
        for process in reversed(self.running.values()):
            self.assertEqual(process.stop(), 0, process.text())


if __name__ == '__main__':
    if not manifests.renderer() or not VERSITYGW.exists():
        print('SKIPPED(laptop: it takes kustomize or kubectl, and versitygw in build/deps/bin)')
        sys.exit(containers.SKIPPED)
    containers.enter_namespaces()
    programs.main()

"""The manifests under k8s/ as they render: valid by the official schemas, restricted, consistent in themselves, and each
command line one that the program's own help allows. Every rule is also shown to speak."""

import copy
import os
import pathlib
import re
import sys
import unittest

import kubernetes_validate

sys.dont_write_bytecode = True

import breaks  # noqa: E402
import cli_help  # noqa: E402
import connections  # noqa: E402
import conventions  # noqa: E402
import manifests  # noqa: E402
import pod_security  # noqa: E402

BIN = pathlib.Path(os.environ['STRATA_BIN'])
KUBERNETES_VERSIONS = ('1.29', '1.31', '1.34', '1.37')  # the least one that has all that is used, and later ones
OPERATOR_KINDS = {'ServiceMonitor': 'monitoring.coreos.com/v1', 'PrometheusRule': 'monitoring.coreos.com/v1'}
DOWNWARD = {'metadata.name': 'strata-worker-6d4cf56db6-x8zkq', "metadata.labels['batch.kubernetes.io/job-name']": 'strata-night-29384720'}
FOREIGN_PROGRAMS = {'versitygw', 'mkdir'}  # of the image of another project


def rendered(cluster):
    return [thing for folder in manifests.CLUSTERS[cluster] for thing in manifests.render(folder)]


@unittest.skipUnless(manifests.renderer(), 'SKIPPED(manifests: neither build/deps/bin/kustomize nor kubectl renders them)')
class ManifestsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.clusters = {name: rendered(name) for name in manifests.CLUSTERS}

    def test_every_object_is_valid_by_the_official_schemas(self):
        for cluster, objects in self.clusters.items():
            for thing in objects:
                if OPERATOR_KINDS.get(thing['kind']) == thing['apiVersion']:
                    continue
                for version in KUBERNETES_VERSIONS:
                    with self.subTest(cluster=cluster, thing=manifests.name_of(thing), version=version):
                        kubernetes_validate.validate(thing, version, strict=True)

    def test_the_schemas_refuse_a_field_that_is_none(self):
        wrong = copy.deepcopy(breaks.thing('Deployment', 'server')(self.clusters['base']))
        wrong['spec']['template']['spec']['containers'][0]['livenesProbe'] = {}
        for version in KUBERNETES_VERSIONS:
            with self.assertRaises(kubernetes_validate.ValidationError):
                kubernetes_validate.validate(wrong, version, strict=True)

    def test_every_pod_keeps_to_the_restricted_profile(self):
        for cluster, objects in self.clusters.items():
            for pod in manifests.pods(objects):
                with self.subTest(cluster=cluster, pod=pod.where()):
                    self.assertEqual(pod_security.violations(pod.spec), [])

    def test_every_rule_of_the_profile_speaks(self):
        spoken = set()
        for number, (rule, change) in enumerate(pod_security.BREAKS):
            with self.subTest(rule=rule.__name__, change=number):
                for pod in manifests.pods(self.clusters['base']):
                    spec = copy.deepcopy(pod.spec)
                    change(spec)
                    self.assertNotEqual(rule(spec), [], pod.where())
                    spoken.add(rule)
        self.assertEqual(spoken, set(pod_security.RULES))

    def test_alerts_name_metrics_that_the_servers_export(self):
        exported = {name for folder in ('base', 'coordinator', 'serving', 'worker')
                    for path in (manifests.ROOT / folder).rglob('*.cc')
                    for name in re.findall(r'"(strata_\w+)"', path.read_text(encoding='utf-8'))}
        for rules in manifests.of_kind(self.clusters['production'], 'PrometheusRule'):
            for rule in rules['spec']['groups'][0]['rules']:
                for metric in re.findall(r'\bstrata_\w+', rule['expr']):
                    self.assertIn(metric, exported, rule['alert'])

    def test_the_conventions_hold(self):
        for cluster, objects in self.clusters.items():
            with self.subTest(cluster=cluster):
                self.assertEqual(conventions.violations(objects), [])

    def test_what_refers_to_something_finds_it(self):
        for cluster, objects in self.clusters.items():
            with self.subTest(cluster=cluster):
                self.assertEqual(connections.violations(objects), [])

    def test_every_convention_speaks(self):
        spoken = set()
        for cluster, changes in (('base', breaks.CONVENTIONS + breaks.CONNECTIONS), ('production', breaks.AUTOSCALING)):
            for number, (rule, change) in enumerate(changes):
                with self.subTest(rule=rule.__name__, change=number):
                    objects = copy.deepcopy(self.clusters[cluster])
                    change(objects)
                    self.assertNotEqual(list(rule(objects)), [])
                    spoken.add(rule)
        self.assertEqual(spoken, set(conventions.RULES) | set(connections.RULES))


@unittest.skipUnless(manifests.renderer(), 'SKIPPED(manifests: neither build/deps/bin/kustomize nor kubectl renders them)')
class ReachTest(unittest.TestCase):
    """Who may talk to whom, worked out from the network policies."""

    ROLES = ('coordinator', 'worker', 'server', 'night', 'bench', 's3')
    PORTS = {'coordinator': 7070, 'worker': 9090, 'server': 7070, 's3': 7070}
    OUTSIDE = ({}, 'outside')
    PROMETHEUS = ({'app.kubernetes.io/name': 'prometheus'}, 'monitoring')
    DNS = ({'k8s-app': 'kube-dns'}, 'kube-system')

    @staticmethod
    def end(role):
        labels = {'app.kubernetes.io/name': 'strata', 'app.kubernetes.io/component': role}
        if role == 'bench':
            labels['strata-access'] = 'client'
        return labels, 'here'

    def assert_reach(self, objects, expected):
        """`expected`: the pairs of roles that may talk, at the port of the second; no others may."""
        present = {pod.labels['app.kubernetes.io/component'] for pod in manifests.pods(objects)}
        found = {(source, destination) for source in present for destination in present & set(self.PORTS)
                 if connections.may_reach(objects, self.end(source), self.end(destination), self.PORTS[destination])}
        self.assertEqual(found, expected)

    def test_inside_the_cluster(self):
        common = {('worker', 'coordinator'), ('night', 'coordinator')}
        self.assert_reach(rendered('base'), common | {('bench', 'server')})
        self.assert_reach(rendered('production'), common)
        self.assert_reach(rendered('laptop'), common | {(role, 's3') for role in ('coordinator', 'worker', 'server')})

    def test_clients_reach_replicas_and_nothing_else(self):
        client = ({'strata-access': 'client'}, 'here')
        for objects in map(rendered, manifests.CLUSTERS):
            self.assertTrue(connections.may_reach(objects, client, self.end('server'), 7070))
            self.assertFalse(connections.may_reach(objects, client, self.end('server'), 9090))
            self.assertFalse(connections.may_reach(objects, client, self.end('coordinator'), 7070))
            self.assertFalse(connections.may_reach(objects, ({}, 'here'), self.end('server'), 7070))

    def test_operators_reach_the_coordinator(self):
        operator = ({'strata-access': 'operator'}, 'here')
        self.assertTrue(connections.may_reach(rendered('production'), operator, self.end('coordinator'), 7070))
        self.assertFalse(connections.may_reach(rendered('production'), operator, self.end('worker'), 9090))

    def test_prometheus_reaches_metrics_alone(self):
        for objects in map(rendered, manifests.CLUSTERS):
            for role in ('coordinator', 'worker', 'server'):
                self.assertTrue(connections.may_reach(objects, self.PROMETHEUS, self.end(role), 9090))
                self.assertFalse(connections.may_reach(objects, self.PROMETHEUS, self.end(role), 7070))

    def test_names_are_resolved_by_all_and_the_store_is_reached_by_those_who_need_it(self):
        for objects in map(rendered, manifests.CLUSTERS):
            for pod in manifests.pods(objects):
                self.assertTrue(connections.may_reach(objects, (pod.labels, 'here'), self.DNS, 53), pod.where())
        for role in ('coordinator', 'worker', 'server', 'night'):
            self.assertEqual(connections.may_reach(rendered('production'), self.end(role), self.OUTSIDE, 443), role != 'night')
            self.assertFalse(connections.may_reach(rendered('production'), self.end(role), self.OUTSIDE, 80))


@unittest.skipUnless(manifests.renderer(), 'SKIPPED(manifests: neither build/deps/bin/kustomize nor kubectl renders them)')
class CommandLinesTest(unittest.TestCase):
    """Each container's command, resolved as Kubernetes does, against the help of the program that this build made."""

    def violations(self, container, objects):
        downward = {**DOWNWARD, **manifests.requested(container)}
        words = manifests.command_line(container, manifests.environment(container, objects, downward))
        program, rest = words[0], words[1:]
        if program in FOREIGN_PROGRAMS:
            return []
        if not (BIN / program).exists():
            return [f'{program} is no program of this build']
        found = cli_help.ask(BIN / program)
        if found.subcommands:
            if not rest or rest[0] not in found.subcommands:
                return [f'{program} {rest[:1]}: no subcommand of it; it has {", ".join(sorted(found.subcommands))}']
            found = cli_help.ask(BIN / program, rest.pop(0))
        return list(cli_help.violations(found, rest))

    def test_every_flag_is_one_that_the_program_has(self):
        for cluster in manifests.CLUSTERS:
            objects = rendered(cluster)
            for pod in manifests.pods(objects):
                for container in pod.containers():
                    with self.subTest(cluster=cluster, container=pod.where(container)):
                        self.assertEqual(self.violations(container, objects), [])

    def test_every_cluster_runs_all_programs(self):
        for cluster in manifests.CLUSTERS:
            programs = {container['command'][0] for pod in manifests.pods(rendered(cluster)) for container in pod.containers()}
            self.assertLessEqual({'strata', 'strata-coordinator', 'strata-worker', 'strata-server'}, programs)

    def test_a_wrong_flag_is_seen(self):
        night = manifests.render('base')
        container = breaks.night(night)['template']['spec']['containers'][0]
        self.assertEqual(self.violations(container, night), [])
        for wrong in (['--targets=a:1'], ['--as-of'], ['--json=yes'], ['second.yaml'], ['--as-of=$(DAY)']):
            changed = {**container, 'args': container['args'] + wrong}
            self.assertNotEqual(self.violations(changed, night), [], wrong)
        without = {**container, 'args': [word for word in container['args'] if not word.endswith('.yaml')]}
        self.assertNotEqual(self.violations(without, night), [])


class HelpTest(unittest.TestCase):
    """The reader of help texts, on a text of its own."""

    TEXT = '''What it does.
Usage: strata-x [OPTIONS] JOB

Positionals:
  JOB TEXT REQUIRED           the job

Options:
  -h,--help                   Print this help message and exit
  --where TEXT REQUIRED       host:port
  --log-format TEXT:{text,json}=text
                              how lines look
  --log-level ENUM:value in {debug->0,info->1} OR {0,1}
                              which lines
  --style plain|fancy         how it looks
  --colour on|off:{on,off}    whether in colour
  --lease-ms INT:INT in [200 - 600]=300
                              a lease
  --json                      one object
'''

    def check(self, *words):
        return [text.split(': ', 1)[1] for text in cli_help.violations(cli_help.parse('strata-x', self.TEXT), words)]

    def test_good_lines(self):
        self.assertEqual(self.check('job', '--where', 'a:1'), [])
        self.assertEqual(self.check('job', '--where=a:1', '--log-format=json', '--log-level', 'debug', '--lease-ms=200', '--json'), [])
        self.assertEqual(self.check('job', '--where=a:1', '--style=fancy'), [])

    def test_bad_lines(self):
        for words, complaint in [
                (['job', '--where=a:1', '--what'], '--what is no flag'),
                (['job'], '--where is required'),
                (['--where=a:1'], '0 arguments without a flag, must be 1'),
                (['job', '--where=a:1', '--log-format=xml'], "'xml', must be one of text, json"),
                (['job', '--where=a:1', '--log-level=all'], 'must be one of debug, info'),
                (['job', '--where=a:1', '--style=bare'], 'must be one of plain, fancy'),
                (['job', '--where=a:1', '--colour', 'red'], 'must be one of on, off'),
                (['job', '--where=a:1', '--lease-ms=199'], 'must be from 200 to 600'),
                (['job', '--where=a:1', '--lease-ms=soon'], 'must be from 200 to 600'),
                (['job', '--where=a:1', '--json=yes'], '--json takes no value'),
                (['job', '--where'], '--where lacks its value'),
                (['job', '--where=$(NOBODY)'], 'names no variable that is set')]:
            found = self.check(*words)
            self.assertEqual(len(found), 1, (words, found))
            self.assertIn(complaint, found[0])

    def test_variables_are_resolved_as_kubernetes_does(self):
        for text, expected in [('$(A)', '1'), ('x$(A)y', 'x1y'), ('$$(A)', '$(A)'), ('$(B)', '$(B)'), ('$A', '$A')]:
            self.assertEqual(manifests.resolve(text, {'A': '1'}), expected)


if __name__ == '__main__':
    unittest.main(verbosity=2)

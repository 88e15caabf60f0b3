"""Renders kustomizations and answers questions about the result: pods, selectors, environments as Kubernetes resolves them."""

import base64
import dataclasses
import math
import pathlib
import re
import shutil
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What is applied together, by name: the bench beside a cluster that is there.
CLUSTERS = {'base': ['base', 'bench'], 'laptop': ['overlays/laptop'], 'production': ['overlays/production']}


def renderer():
    """The command that renders a folder, or None where this machine has none."""
    own = ROOT / 'build/deps/bin/kustomize'
    if own.exists():
        return [str(own), 'build']
    return ['kubectl', 'kustomize'] if shutil.which('kubectl') else None


def render(folder):
    """The objects of a kustomization as kubectl apply -k would send them."""
    done = subprocess.run([*renderer(), str(ROOT / 'k8s' / folder)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f'{folder} cannot be rendered: {done.stderr}')
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def name_of(thing):
    return f'{thing["kind"]}/{thing["metadata"]["name"]}'


@dataclasses.dataclass
class Pod:
    """A pod template and the object that makes pods of it."""
    owner: dict
    labels: dict
    spec: dict

    def containers(self):
        return self.spec.get('initContainers', []) + self.spec['containers']

    def where(self, container=None):
        return name_of(self.owner) + (f' container {container["name"]}' if container else '')


def pod_of(thing):
    """The pod template of an object, or None."""
    spec = thing.get('spec', {})
    if thing['kind'] == 'CronJob':
        spec = spec['jobTemplate']['spec']
    if thing['kind'] == 'Pod':
        return Pod(thing, thing['metadata'].get('labels', {}), spec)
    template = spec.get('template') if isinstance(spec, dict) else None
    if not template or 'spec' not in template:
        return None
    return Pod(thing, template.get('metadata', {}).get('labels', {}), template['spec'])


def pods(objects):
    return [pod for pod in map(pod_of, objects) if pod]


def of_kind(objects, *kinds):
    return [thing for thing in objects if thing['kind'] in kinds]


def selects(selector, labels):
    """Whether a label selector (matchLabels, matchExpressions; empty: everything) takes these labels."""
    for key, value in (selector.get('matchLabels') or {}).items():
        if labels.get(key) != value:
            return False
    for term in selector.get('matchExpressions') or []:
        value, values = labels.get(term['key']), term.get('values', [])
        taken = {'In': value in values, 'NotIn': value not in values, 'Exists': value is not None,
                 'DoesNotExist': value is None}[term['operator']]
        if not taken:
            return False
    return True


def data_keys(thing):
    """The keys of a ConfigMap or Secret."""
    return set(thing.get('data', {})) | set(thing.get('stringData', {}))


def ports(pod):
    """Port numbers of a pod by name."""
    return {port.get('name'): port['containerPort'] for container in pod.spec['containers'] for port in container.get('ports', [])}


def requested(container):
    """What resourceFieldRef says of a container's requests, in whole units."""
    return {f'requests.{name}': str(math.ceil(quantity(amount))) for name, amount in container['resources']['requests'].items()}


def environment(container, objects, downward):
    """The container's variables as Kubernetes sets them; values of Secrets are '<secret>' where the object is not rendered.

    `downward` has the values of fieldRef and resourceFieldRef by their path; $(NAME) in a value is resolved from what came
    before it."""
    found = {}
    by_name = {(thing['kind'], thing['metadata']['name']): thing for thing in objects}
    for source in container.get('envFrom', []):
        kind, reference = ('ConfigMap', source.get('configMapRef')) if 'configMapRef' in source else ('Secret', source['secretRef'])
        found.update(by_name[kind, reference['name']].get('data', {}))
    for variable in container.get('env', []):
        source = variable.get('valueFrom', {})
        if 'fieldRef' in source:
            found[variable['name']] = downward[source['fieldRef']['fieldPath']]
        elif 'resourceFieldRef' in source:
            found[variable['name']] = downward[source['resourceFieldRef']['resource']]
        elif 'configMapKeyRef' in source:
            reference = source['configMapKeyRef']
            found[variable['name']] = by_name['ConfigMap', reference['name']]['data'][reference['key']]
        elif 'secretKeyRef' in source:
            reference = source['secretKeyRef']
            data = by_name.get(('Secret', reference['name']), {}).get('data', {})
            found[variable['name']] = base64.b64decode(data[reference['key']]).decode() if data else '<secret>'
        else:
            found[variable['name']] = resolve(variable.get('value', ''), found)
    return found


def resolve(text, variables):
    """$(NAME) of a known variable becomes its value, $$(NAME) is $(NAME), and an unknown one stays, as in Kubernetes."""
    def replaced(match):
        escaped, name = match.groups()
        if escaped:
            return f'$({name})'
        return variables.get(name, match.group(0))
    return re.sub(r'(\$?)\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)', replaced, text)


def command_line(container, variables):
    """What the container executes: command and args, resolved."""
    words = container.get('command', []) + container.get('args', [])
    return [resolve(word, variables) for word in words]


def quantity(text):
    """A Kubernetes quantity as a number: bytes, or cores."""
    match = re.fullmatch(r'(\d+(?:\.\d+)?)(m|[kMGT]|[KMGT]i)?', str(text))
    if not match:
        raise ValueError(f'{text} is no quantity')
    units = {None: 1, 'm': 1e-3, 'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12, 'Ki': 2**10, 'Mi': 2**20, 'Gi': 2**30, 'Ti': 2**40}
    return float(match.group(1)) * units[match.group(2)]

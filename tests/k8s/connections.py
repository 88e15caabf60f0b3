"""What refers to what in rendered objects, as a table of rules: selectors, ports, keys, volumes, and who may reach whom."""

import re

import manifests

PROTOS = manifests.ROOT / 'proto/strata/v1'
# Made outside of the manifests (docs/deploy.md); an overlay may render it all the same.
SECRETS_OF_OPERATORS = {'strata-objects-credentials': {'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'}}
# Labels that pods of others carry: clients, and Prometheus.
FOREIGN = ({'strata-access': 'client'}, {'strata-access': 'operator'}, {'app.kubernetes.io/name': 'prometheus'},
           {'k8s-app': 'kube-dns'})


def grpc_services():
    """Full names of the API's services, as its .proto files have them."""
    names = set()
    for path in PROTOS.glob('*.proto'):
        names |= {f'strata.v1.{name}' for name in re.findall(r'^service (\w+)', path.read_text(encoding='utf-8'), re.MULTILINE)}
    return names


def probe_targets(objects):
    known = grpc_services() | {''}
    for pod in manifests.pods(objects):
        ports = manifests.ports(pod)
        for container in pod.containers():
            for kind in ('startupProbe', 'readinessProbe', 'livenessProbe'):
                probe = container.get(kind, {})
                if 'grpc' in probe and probe['grpc'].get('service', '') not in known:
                    yield f'{pod.where(container)}: {kind} asks for {probe["grpc"]["service"]}, which no .proto has'
                port = probe.get('grpc', probe.get('httpGet', {})).get('port')
                if port is not None and port not in ports and port not in ports.values():
                    yield f'{pod.where(container)}: {kind} at port {port}, which the container has not'


def services(objects):
    pods = manifests.pods(objects)
    for service in manifests.of_kind(objects, 'Service'):
        where = manifests.name_of(service)
        behind = [pod for pod in pods if manifests.selects({'matchLabels': service['spec']['selector']}, pod.labels)]
        if len(behind) != 1:
            yield f'{where}: selects the pods of {[pod.where() for pod in behind]}, must be of one'
        for port in service['spec']['ports']:
            if 'name' not in port:
                yield f'{where}: port {port["port"]} has no name'
            yield from (f'{where}: port {port.get("name")} goes to {port.get("targetPort")}, which {pod.where()} has not'
                        for pod in behind if port.get('targetPort') not in manifests.ports(pod))
    names = {service['metadata']['name'] for service in manifests.of_kind(objects, 'Service')}
    for owner in manifests.of_kind(objects, 'StatefulSet'):
        if owner['spec']['serviceName'] not in names:
            yield f'{manifests.name_of(owner)}: its service {owner["spec"]["serviceName"]} is missing'


def owners(objects):
    pods = manifests.pods(objects)
    for pod in pods:
        selector = pod.owner['spec'].get('selector')
        if selector is None:
            continue
        taken = [other.where() for other in pods if manifests.selects(selector, other.labels)]
        if taken != [pod.where()]:
            yield f'{pod.where()}: its selector takes the pods of {taken}'


def disruption(objects):
    budgets = manifests.of_kind(objects, 'PodDisruptionBudget')
    for pod in manifests.pods(objects):
        if pod.owner['kind'] in ('Deployment', 'StatefulSet'):
            mine = [budget for budget in budgets if manifests.selects(budget['spec']['selector'], pod.labels)]
            if len(mine) != 1 or mine[0]['spec'].get('maxUnavailable') != 1:
                yield f'{pod.where()}: must have one disruption budget with maxUnavailable 1, has {len(mine)}'
    for budget in budgets:
        if not any(manifests.selects(budget['spec']['selector'], pod.labels) for pod in manifests.pods(objects)):
            yield f'{manifests.name_of(budget)}: selects no pod'


def _references(pod):
    """(kind, name, key or None) of every ConfigMap and Secret that a pod reads."""
    for container in pod.containers():
        for source in container.get('envFrom', []):
            for field, kind in (('configMapRef', 'ConfigMap'), ('secretRef', 'Secret')):
                if field in source:
                    yield kind, source[field]['name'], None
        for variable in container.get('env', []):
            for field, kind in (('configMapKeyRef', 'ConfigMap'), ('secretKeyRef', 'Secret')):
                if field in variable.get('valueFrom', {}):
                    reference = variable['valueFrom'][field]
                    yield kind, reference['name'], reference['key']
    for volume in pod.spec.get('volumes', []):
        if 'configMap' in volume:
            yield 'ConfigMap', volume['configMap']['name'], None
        if 'secret' in volume:
            yield 'Secret', volume['secret']['secretName'], None


def references(objects):
    known = {(thing['kind'], thing['metadata']['name']): manifests.data_keys(thing)
             for thing in manifests.of_kind(objects, 'ConfigMap', 'Secret')}
    used = set()
    for pod in manifests.pods(objects):
        for kind, name, key in _references(pod):
            used.add((kind, name))
            keys = known.get((kind, name), SECRETS_OF_OPERATORS.get(name) if kind == 'Secret' else None)
            if keys is None:
                yield f'{pod.where()}: reads {kind} {name}, which there is not'
            elif key is not None and key not in keys:
                yield f'{pod.where()}: reads {key} of {kind} {name}, which has {sorted(keys)}'
    for kind, name in known:
        if not re.search(r'-[0-9a-z]{10}$', name):
            yield f'{kind} {name}: no hash in its name; a change would not roll out'
        if (kind, name) not in used:
            yield f'{kind} {name}: nobody reads it'


def volumes(objects):
    for pod in manifests.pods(objects):
        have = {volume['name'] for volume in pod.spec.get('volumes', [])}
        have |= {claim['metadata']['name'] for claim in pod.owner['spec'].get('volumeClaimTemplates', [])}
        mounted = {mount['name'] for container in pod.containers() for mount in container.get('volumeMounts', [])}
        yield from (f'{pod.where()}: mounts {name}, which is no volume of it' for name in sorted(mounted - have))
        yield from (f'{pod.where()}: volume {name} is mounted nowhere' for name in sorted(have - mounted))


def targets(objects):
    """Names that programs dial."""
    by_name = {service['metadata']['name']: service for service in manifests.of_kind(objects, 'Service')}
    for pod in manifests.pods(objects):
        for container in pod.containers():
            for word in container.get('args', []):
                dialled = re.fullmatch(r'--(?:coordinator|target)=(?:dns:///)?([\w.-]+):(\d+)', word)
                if not dialled:
                    continue
                name, port = dialled.group(1), int(dialled.group(2))
                if name in by_name:
                    if port not in [entry['port'] for entry in by_name[name]['spec']['ports']]:
                        yield f'{pod.where(container)}: {word}: the service has no such port'
                else:
                    yield f'{pod.where(container)}: {word}: there is no service {name}'


def policies(objects):
    pods = manifests.pods(objects)
    mine = manifests.of_kind(objects, 'NetworkPolicy')
    for policy in mine:
        where = manifests.name_of(policy)
        taken = [pod for pod in pods if manifests.selects(policy['spec']['podSelector'], pod.labels)]
        if not taken:
            yield f'{where}: selects no pod'
        for direction, field in (('ingress', 'from'), ('egress', 'to')):
            for rule in policy['spec'].get(direction, []):
                peers = [peer['podSelector'] for peer in rule.get(field, []) if 'podSelector' in peer]
                for selector in peers:
                    if not any(manifests.selects(selector, labels) for labels in [pod.labels for pod in pods] + list(FOREIGN)):
                        yield f'{where}: {direction} of a peer that nobody is: {selector}'
                ends = taken if direction == 'ingress' else [pod for pod in pods for peer in peers
                                                             if manifests.selects(peer, pod.labels)]
                for port in rule.get('ports', []):
                    if isinstance(port['port'], str):
                        yield from (f'{where}: {pod.where()} has no port {port["port"]}' for pod in ends
                                    if port['port'] not in manifests.ports(pod))
    for pod in pods:
        if not any(_denies(policy, pod) for policy in mine):
            yield f'{pod.where()}: no policy denies what is not allowed'


def _denies(policy, pod):
    spec = policy['spec']
    return (manifests.selects(spec['podSelector'], pod.labels) and sorted(spec['policyTypes']) == ['Egress', 'Ingress'] and
            not spec.get('ingress') and not spec.get('egress'))


RULES = [probe_targets, services, owners, disruption, references, volumes, targets, policies]


def violations(objects):
    return [f'{rule.__name__}: {what}' for rule in RULES for what in rule(objects)]


def _peer(entry, labels, namespace):
    if 'ipBlock' in entry:
        return namespace == 'outside'
    if 'namespaceSelector' in entry:
        if not manifests.selects(entry['namespaceSelector'], {'kubernetes.io/metadata.name': namespace}):
            return False
    elif namespace != 'here':
        return False
    return manifests.selects(entry.get('podSelector', {}), labels)


def _one_way(objects, direction, selected, peer_labels, peer_namespace, port, port_names):
    """Whether the policies let `selected` labels talk (egress) or be talked to (ingress) by the peer."""
    ours = [policy for policy in manifests.of_kind(objects, 'NetworkPolicy')
            if manifests.selects(policy['spec']['podSelector'], selected)
            and direction.capitalize() in policy['spec']['policyTypes']]
    if not ours:
        return True
    field = 'from' if direction == 'ingress' else 'to'
    for policy in ours:
        for rule in policy['spec'].get(direction, []):
            peer = any(_peer(entry, peer_labels, peer_namespace) for entry in rule.get(field, []))
            if peer and any(port_names.get(entry['port'], entry['port']) == port for entry in rule.get('ports', [])):
                return True
    return False


def may_reach(objects, source, destination, port):
    """Whether a connection is allowed at both ends. An end is (labels, namespace); namespace 'here' is the one of Strata,
    'outside' is outside the cluster. Ends elsewhere have no policies of ours."""
    names = {name: number for pod in manifests.pods(objects) if manifests.selects({'matchLabels': destination[0]}, pod.labels)
             for name, number in manifests.ports(pod).items()}
    leaves = source[1] != 'here' or _one_way(objects, 'egress', source[0], *destination, port, names)
    enters = destination[1] != 'here' or _one_way(objects, 'ingress', destination[0], *source, port, names)
    return leaves and enters

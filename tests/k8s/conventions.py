"""How this project's pods are meant to be, as a table of rules over rendered objects. Each yields what is wrong."""

import re

import manifests

SERVERS = ('Deployment', 'StatefulSet')
GRPC_LIVENESS = ''  # alive, whatever is loaded
LABELS = ('app.kubernetes.io/name', 'app.kubernetes.io/part-of', 'app.kubernetes.io/component')
ATTEMPTS_MAX = 3


def _pods_of_servers(objects):
    return [pod for pod in manifests.pods(objects) if pod.owner['kind'] in SERVERS]


def _containers(objects):
    return [(pod, container) for pod in manifests.pods(objects) for container in pod.containers()]


def _flag(container, name):
    """The value of --name=value in a container's arguments, or None."""
    values = [word.partition('=')[2] for word in container.get('args', []) if word.startswith(f'--{name}=')]
    return values[-1] if values else None


def _bytes(text):
    return manifests.quantity(text.removesuffix('B'))


def labels(objects):
    for thing in objects:
        if thing['kind'] == 'Namespace':
            continue
        if thing['metadata'].get('labels', {}).get(LABELS[0]) != 'strata':
            yield f'{manifests.name_of(thing)} lacks the label {LABELS[0]}: strata'
    for pod in manifests.pods(objects):
        yield from (f'{pod.where()}: its pods lack the label {label}' for label in LABELS if label not in pod.labels)


def images(objects):
    for pod, container in _containers(objects):
        if not re.search(r':[\w.-]+$', container['image']) or container['image'].endswith(':latest'):
            yield f'{pod.where(container)}: image {container["image"]} has no version'


def probes(objects):
    for pod in _pods_of_servers(objects):
        for container in pod.spec['containers']:
            for kind in ('startupProbe', 'readinessProbe', 'livenessProbe'):
                if kind not in container:
                    yield f'{pod.where(container)}: no {kind}'
            liveness = container.get('livenessProbe', {})
            path = liveness.get('httpGet', {}).get('path')
            if liveness.get('grpc', {}).get('service', GRPC_LIVENESS) != GRPC_LIVENESS or path == '/readyz':
                yield f'{pod.where(container)}: liveness must not depend on what is loaded'
            readiness = container.get('readinessProbe', {})
            if readiness.get('grpc', {}).get('service') == GRPC_LIVENESS or readiness.get('httpGet', {}).get('path') == '/healthz':
                yield f'{pod.where(container)}: readiness is more than being alive'


def resources(objects):
    for pod, container in _containers(objects):
        asked, limits = (container.get('resources', {}).get(key, {}) for key in ('requests', 'limits'))
        if 'cpu' in limits:
            yield f'{pod.where(container)}: a CPU limit, which throttles at the worst moment'
        if 'cpu' not in asked:
            yield f'{pod.where(container)}: asks for no CPU'
        if not asked.get('memory') or asked.get('memory') != limits.get('memory'):
            yield f'{pod.where(container)}: memory asked for is {asked.get("memory")}, limit is {limits.get("memory")}; must be equal'


def confinement(objects):
    for pod, container in _containers(objects):
        user = container.get('securityContext', {}).get('runAsUser', pod.spec.get('securityContext', {}).get('runAsUser'))
        if not isinstance(user, int) or user == 0:
            yield f'{pod.where(container)}: no runAsUser with a number above 0'
        if container.get('securityContext', {}).get('readOnlyRootFilesystem') is not True:
            yield f'{pod.where(container)}: the root file system can be written to'


def accounts(objects):
    known = {thing['metadata']['name']: thing for thing in manifests.of_kind(objects, 'ServiceAccount')}
    for pod in manifests.pods(objects):
        account = known.get(pod.spec.get('serviceAccountName'))
        if account is None:
            yield f'{pod.where()}: no service account of its own'
        if pod.spec.get('automountServiceAccountToken') is not False:
            yield f'{pod.where()}: mounts a token'
    for account in known.values():
        if account.get('automountServiceAccountToken') is not False:
            yield f'{manifests.name_of(account)}: mounts a token'


def scratch(objects):
    for pod, container in _containers(objects):
        volumes = {volume['name']: volume for volume in pod.spec.get('volumes', [])}
        for volume in volumes.values():
            if 'emptyDir' in volume and 'sizeLimit' not in volume['emptyDir']:
                yield f'{pod.where(container)}: volume {volume["name"]} may fill the node'
        cache, cache_bytes = _flag(container, 'cache-dir'), _flag(container, 'cache-bytes')
        if not cache:
            continue
        mounts = {mount['mountPath']: volumes.get(mount['name']) for mount in container.get('volumeMounts', [])}
        limit = (mounts.get(cache) or {}).get('emptyDir', {}).get('sizeLimit')
        if not cache_bytes or not limit or _bytes(cache_bytes) >= manifests.quantity(limit):
            yield f'{pod.where(container)}: the cache {cache} of {cache_bytes} must be smaller than its volume, {limit}'
        total = sum(manifests.quantity(volume['emptyDir']['sizeLimit']) for volume in volumes.values()
                    if 'sizeLimit' in volume.get('emptyDir', {}))
        allowed = container.get('resources', {}).get('limits', {}).get('ephemeral-storage')
        if not allowed or manifests.quantity(allowed) < total:
            yield f'{pod.where(container)}: ephemeral-storage is limited to {allowed}, its volumes may take {total / 2**30:g}Gi'


def grace(objects):
    for pod, container in _containers(objects):
        drain_ms, grace_s = _flag(container, 'drain-ms'), pod.spec.get('terminationGracePeriodSeconds')
        if grace_s is None:
            yield f'{pod.where()}: no terminationGracePeriodSeconds'
        elif drain_ms and int(drain_ms) + 10_000 > grace_s * 1000:
            yield f'{pod.where(container)}: drains for {drain_ms} ms, and is killed after {grace_s} s'


def spread(objects):
    for pod in _pods_of_servers(objects):
        if pod.owner['kind'] != 'Deployment':
            continue
        constraints = pod.spec.get('topologySpreadConstraints', [])
        if not any(manifests.selects(entry['labelSelector'], pod.labels) for entry in constraints):
            yield f'{pod.where()}: nothing spreads its pods over nodes'


def coordinator(objects):
    for pod in _pods_of_servers(objects):
        if pod.labels.get('app.kubernetes.io/component') != 'coordinator':
            continue
        if pod.owner['kind'] != 'StatefulSet' or pod.owner['spec'].get('replicas') != 1:
            yield f'{pod.where()}: must be a StatefulSet of one replica'
        state = _flag(pod.spec['containers'][0], 'state')
        claims = {claim['metadata']['name'] for claim in pod.owner['spec'].get('volumeClaimTemplates', [])}
        mounts = {mount['mountPath']: mount['name'] for mount in pod.spec['containers'][0].get('volumeMounts', [])}
        if mounts.get(state) not in claims:
            yield f'{pod.where()}: its state {state} is on no volume of its own'


def night(objects):
    for cron in manifests.of_kind(objects, 'CronJob'):
        spec, job = cron['spec'], cron['spec']['jobTemplate']['spec']
        where = manifests.name_of(cron)
        if spec.get('concurrencyPolicy') != 'Forbid':
            yield f'{where}: two nights may overlap'
        yield from (f'{where}: no {key}' for key in ('timeZone', 'startingDeadlineSeconds') if key not in spec)
        yield from (f'{where}: no {key}' for key in ('activeDeadlineSeconds', 'ttlSecondsAfterFinished') if key not in job)
        if job.get('backoffLimit', 6) > ATTEMPTS_MAX:
            yield f'{where}: backoffLimit above {ATTEMPTS_MAX}'
        container = job['template']['spec']['containers'][0]
        request_id = re.fullmatch(r'\$\((\w+)\)', _flag(container, 'request-id') or '')
        sources = {variable['name']: variable.get('valueFrom', {}).get('fieldRef', {}).get('fieldPath')
                   for variable in container.get('env', [])}
        if not request_id or sources.get(request_id.group(1)) != "metadata.labels['batch.kubernetes.io/job-name']":
            yield f'{where}: the request id is not the name of the Job, which has the scheduled minute'


def autoscaling(objects):
    scaled = {manifests.name_of(thing): thing for thing in objects}
    for scaler in manifests.of_kind(objects, 'HorizontalPodAutoscaler'):
        reference = scaler['spec']['scaleTargetRef']
        target = scaled.get(f'{reference["kind"]}/{reference["name"]}')
        if target is None:
            yield f'{manifests.name_of(scaler)}: scales {reference}, which there is not'
        elif target['metadata']['labels'].get('app.kubernetes.io/component') != 'server':
            yield f'{manifests.name_of(scaler)}: only replicas may come and go by themselves'
        elif 'replicas' in target['spec']:
            yield f'{manifests.name_of(target)}: has replicas, which every apply would set back against its autoscaler'
        if scaler['spec'].get('behavior', {}).get('scaleDown', {}).get('stabilizationWindowSeconds', 0) < 300:
            yield f'{manifests.name_of(scaler)}: scales down after less than 300 s'


def secrets_by_reference(objects):
    for pod, container in _containers(objects):
        for word in container.get('command', []) + container.get('args', []):
            if re.search(r'AWS_|SECRET|ACCESS_KEY', word):
                yield f'{pod.where(container)}: {word} puts a credential on the command line'
        for variable in container.get('env', []):
            if 'value' in variable and re.search(r'SECRET|ACCESS_KEY|TOKEN', variable['name']):
                yield f'{pod.where(container)}: {variable["name"]} is written out'


RULES = [labels, images, probes, resources, confinement, accounts, scratch, grace, spread, coordinator, night, autoscaling,
         secrets_by_reference]


def violations(objects):
    return [f'{rule.__name__}: {what}' for rule in RULES for what in rule(objects)]

"""For every rule of conventions.py and connections.py, changes of good manifests after which it must speak."""

import connections
import conventions


def thing(kind, name):
    """A function that finds an object of a rendered cluster."""
    return lambda objects: next(found for found in objects
                                if found['kind'] == kind and found['metadata']['name'].startswith(f'strata-{name}'))


def pod_spec(kind, name):
    return lambda objects: thing(kind, name)(objects)['spec']['template']['spec']


def container(kind, name):
    return lambda objects: pod_spec(kind, name)(objects)['containers'][0]


def night(objects):
    return thing('CronJob', 'night')(objects)['spec']['jobTemplate']['spec']


def put(find, key, value):
    return lambda objects: find(objects).__setitem__(key, value)


def drop(find, *keys):
    def change(objects):
        found = find(objects)
        for key in keys[:-1]:
            found = found[key]
        del found[keys[-1]]
    return change


def argument(find, name, value):
    """Replaces --name=... of a container."""
    def change(objects):
        found = find(objects)
        found['args'] = [word for word in found['args'] if not word.startswith(f'--{name}=')] + [f'--{name}={value}']
    return change


SERVER, WORKER, COORDINATOR = container('Deployment', 'server'), container('Deployment', 'worker'), container('StatefulSet', 'coordinator')

CONVENTIONS = [
    (conventions.labels, drop(thing('Service', 'server'), 'metadata', 'labels', 'app.kubernetes.io/name')),
    (conventions.labels, drop(thing('Deployment', 'worker'), 'spec', 'template', 'metadata', 'labels', 'app.kubernetes.io/part-of')),
    (conventions.images, put(SERVER, 'image', 'strata')),
    (conventions.images, put(SERVER, 'image', 'strata:latest')),
    (conventions.probes, drop(SERVER, 'livenessProbe')),
    (conventions.probes, drop(WORKER, 'startupProbe')),
    (conventions.probes, put(SERVER, 'livenessProbe', {'grpc': {'port': 7070, 'service': 'strata.v1.ScoreService'}})),
    (conventions.probes, put(WORKER, 'livenessProbe', {'httpGet': {'port': 'metrics', 'path': '/readyz'}})),
    (conventions.probes, put(SERVER, 'readinessProbe', {'grpc': {'port': 7070, 'service': ''}})),
    (conventions.resources, lambda objects: WORKER(objects)['resources']['limits'].update(cpu='2')),
    (conventions.resources, lambda objects: WORKER(objects)['resources']['limits'].update(memory='9Gi')),
    (conventions.resources, drop(COORDINATOR, 'resources')),
    (conventions.confinement, drop(pod_spec('Deployment', 'server'), 'securityContext', 'runAsUser')),
    (conventions.confinement, lambda objects: SERVER(objects)['securityContext'].update(runAsUser=0)),
    (conventions.confinement, drop(SERVER, 'securityContext', 'readOnlyRootFilesystem')),
    (conventions.accounts, drop(pod_spec('Deployment', 'server'), 'automountServiceAccountToken')),
    (conventions.accounts, drop(pod_spec('Deployment', 'server'), 'serviceAccountName')),
    (conventions.accounts, lambda objects: next(found for found in objects if found['kind'] == 'ServiceAccount').pop(
        'automountServiceAccountToken')),
    (conventions.scratch, lambda objects: pod_spec('Deployment', 'server')(objects)['volumes'][0].update(emptyDir={})),
    (conventions.scratch, argument(SERVER, 'cache-bytes', '5GiB')),
    (conventions.scratch, lambda objects: SERVER(objects)['resources']['limits'].update({'ephemeral-storage': '1Gi'})),
    (conventions.grace, drop(pod_spec('Deployment', 'server'), 'terminationGracePeriodSeconds')),
    (conventions.grace, argument(SERVER, 'drain-ms', '55000')),
    (conventions.spread, drop(pod_spec('Deployment', 'server'), 'topologySpreadConstraints')),
    (conventions.coordinator, lambda objects: thing('StatefulSet', 'coordinator')(objects)['spec'].update(replicas=2)),
    (conventions.coordinator, argument(COORDINATOR, 'state', '/cache')),
    (conventions.night, lambda objects: thing('CronJob', 'night')(objects)['spec'].update(concurrencyPolicy='Allow')),
    (conventions.night, drop(thing('CronJob', 'night'), 'spec', 'timeZone')),
    (conventions.night, drop(thing('CronJob', 'night'), 'spec', 'startingDeadlineSeconds')),
    (conventions.night, drop(night, 'activeDeadlineSeconds')),
    (conventions.night, drop(night, 'ttlSecondsAfterFinished')),
    (conventions.night, drop(night, 'backoffLimit')),
    (conventions.night, argument(lambda objects: night(objects)['template']['spec']['containers'][0], 'request-id', 'tonight')),
    (conventions.night, drop(lambda objects: night(objects)['template']['spec']['containers'][0], 'env')),
    (conventions.secrets_by_reference, argument(SERVER, 'objects', 's3://$(AWS_SECRET_ACCESS_KEY)@b')),
    (conventions.secrets_by_reference, lambda objects: SERVER(objects)['env'].append({'name': 'AWS_SESSION_TOKEN', 'value': 'x'})),
]

CONNECTIONS = [
    (connections.probe_targets, put(SERVER, 'readinessProbe', {'grpc': {'port': 7070, 'service': 'strata.v1.Scores'}})),
    (connections.probe_targets, put(SERVER, 'readinessProbe', {'grpc': {'port': 7071, 'service': ''}})),
    (connections.probe_targets, put(WORKER, 'readinessProbe', {'httpGet': {'port': 'http', 'path': '/readyz'}})),
    (connections.services, lambda objects: thing('Service', 'server')(objects)['spec']['selector'].pop('app.kubernetes.io/component')),
    (connections.services, lambda objects: thing('Service', 'server')(objects)['spec']['ports'][0].update(targetPort='http')),
    (connections.services, lambda objects: thing('Service', 'server')(objects)['spec']['ports'][0].pop('name')),
    (connections.services, lambda objects: thing('StatefulSet', 'coordinator')(objects)['spec'].update(serviceName='strata')),
    (connections.owners, lambda objects: thing('Deployment', 'worker')(objects)['spec'].update(
        selector={'matchLabels': {'app.kubernetes.io/name': 'strata'}})),
    (connections.disruption, lambda objects: thing('PodDisruptionBudget', 'worker')(objects)['spec'].update(maxUnavailable=0)),
    (connections.disruption, lambda objects: objects.remove(thing('PodDisruptionBudget', 'server')(objects))),
    (connections.disruption, lambda objects: thing('PodDisruptionBudget', 'server')(objects)['spec']['selector'].update(
        matchLabels={'app.kubernetes.io/component': 'servers'})),
    (connections.references, put(SERVER, 'envFrom', [{'configMapRef': {'name': 'strata-elsewhere'}}])),
    (connections.references, lambda objects: SERVER(objects)['env'][0].update(
        valueFrom={'secretKeyRef': {'name': 'strata-objects-credentials', 'key': 'KEY'}})),
    (connections.references, lambda objects: thing('ConfigMap', 'job')(objects)['metadata'].update(name='strata-job')),
    (connections.volumes, lambda objects: SERVER(objects)['volumeMounts'].append({'name': 'state', 'mountPath': '/state'})),
    (connections.volumes, lambda objects: SERVER(objects)['volumeMounts'].pop()),
    (connections.targets, argument(WORKER, 'coordinator', 'strata-coordinators:7070')),
    (connections.targets, argument(WORKER, 'coordinator', 'strata-coordinator:9091')),
    (connections.policies, lambda objects: objects.remove(thing('NetworkPolicy', 'default-deny')(objects))),
    (connections.policies, lambda objects: thing('NetworkPolicy', 'server')(objects)['spec']['podSelector'].update(
        matchLabels={'app.kubernetes.io/component': 'servers'})),
    (connections.policies, lambda objects: thing('NetworkPolicy', 'server')(objects)['spec']['ingress'][0]['ports'][0].update(
        port='http')),
    (connections.policies, lambda objects: thing('NetworkPolicy', 'coordinator')(objects)['spec']['ingress'][0]['from'][0].update(
        podSelector={'matchLabels': {'app.kubernetes.io/component': 'workers'}})),
]

# The autoscaler is in production alone.
SCALER = thing('HorizontalPodAutoscaler', 'server')
AUTOSCALING = [
    (conventions.autoscaling, lambda objects: SCALER(objects)['spec']['scaleTargetRef'].update(name='strata-worker')),
    (conventions.autoscaling, lambda objects: SCALER(objects)['spec']['scaleTargetRef'].update(name='strata-servers')),
    (conventions.autoscaling, lambda objects: thing('Deployment', 'server')(objects)['spec'].update(replicas=3)),
    (conventions.autoscaling, drop(SCALER, 'spec', 'behavior')),
]

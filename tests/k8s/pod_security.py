"""The restricted profile of the Kubernetes Pod Security Standards (kubernetes.io/docs/concepts/security/pod-security-standards),
baseline included, as a table of rules over a pod's spec. Each yields what is wrong."""

VOLUMES_ALLOWED = {'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'}
SECCOMP_ALLOWED = {'RuntimeDefault', 'Localhost'}
SYSCTLS_ALLOWED = {
    'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'}
SELINUX_TYPES_ALLOWED = {'', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'}
APPARMOR_ALLOWED = {'RuntimeDefault', 'Localhost'}


def _all(spec):
    return spec.get('initContainers', []) + spec['containers'] + spec.get('ephemeralContainers', [])


def _context(thing):
    return thing.get('securityContext') or {}


def _contexts(spec):
    """(who, security context) of the pod and each container."""
    return [('the pod', _context(spec))] + [(container['name'], _context(container)) for container in _all(spec)]


def host_namespaces(spec):
    return [f'{key} is set' for key in ('hostNetwork', 'hostPID', 'hostIPC') if spec.get(key)]


def host_process(spec):
    return [f'{who}: hostProcess' for who, context in _contexts(spec) if context.get('windowsOptions', {}).get('hostProcess')]


def privileged(spec):
    return [f'{who}: privileged' for who, context in _contexts(spec) if context.get('privileged')]


def capabilities(spec):
    found = []
    for container in _all(spec):
        granted = _context(container).get('capabilities') or {}
        if 'ALL' not in granted.get('drop', []):
            found.append(f'{container["name"]}: capabilities.drop lacks ALL')
        found += [f'{container["name"]}: adds {name}' for name in granted.get('add', []) if name != 'NET_BIND_SERVICE']
    return found


def volume_types(spec):
    return [f'volume {volume["name"]}: {kind}' for volume in spec.get('volumes', []) for kind in volume
            if kind != 'name' and kind not in VOLUMES_ALLOWED]


def host_ports(spec):
    return [f'{container["name"]}: hostPort {port["hostPort"]}' for container in _all(spec)
            for port in container.get('ports', []) if port.get('hostPort')]


def probe_hosts(spec):
    found = []
    for container in _all(spec):
        handlers = [container.get(key) for key in ('startupProbe', 'readinessProbe', 'livenessProbe')]
        handlers += list((container.get('lifecycle') or {}).values())
        for handler in handlers:
            for kind in ('httpGet', 'tcpSocket'):
                if (((handler or {}).get(kind)) or {}).get('host'):
                    found.append(f'{container["name"]}: a probe or hook of another host')
    return found


def apparmor(spec):
    return [f'{who}: appArmorProfile {context["appArmorProfile"]}' for who, context in _contexts(spec)
            if 'appArmorProfile' in context and context['appArmorProfile'].get('type') not in APPARMOR_ALLOWED]


def selinux(spec):
    found = []
    for who, context in _contexts(spec):
        options = context.get('seLinuxOptions') or {}
        if options.get('type', '') not in SELINUX_TYPES_ALLOWED or options.get('user') or options.get('role'):
            found.append(f'{who}: seLinuxOptions {options}')
    return found


def proc_mount(spec):
    return [f'{who}: procMount' for who, context in _contexts(spec) if context.get('procMount', 'Default') != 'Default']


def sysctls(spec):
    return [f'sysctl {entry["name"]}' for entry in _context(spec).get('sysctls', []) if entry['name'] not in SYSCTLS_ALLOWED]


def privilege_escalation(spec):
    return [f'{container["name"]}: allowPrivilegeEscalation is not false' for container in _all(spec)
            if _context(container).get('allowPrivilegeEscalation') is not False]


def run_as_non_root(spec):
    of_pod = _context(spec).get('runAsNonRoot')
    return [f'{container["name"]}: runAsNonRoot is not true' for container in _all(spec)
            if _context(container).get('runAsNonRoot', of_pod) is not True] + (
                ['the pod: runAsNonRoot is false'] if of_pod is False else [])


def run_as_user(spec):
    return [f'{who}: runAsUser is 0' for who, context in _contexts(spec) if context.get('runAsUser') == 0]


def seccomp(spec):
    of_pod = (_context(spec).get('seccompProfile') or {}).get('type')
    found = [f'{container["name"]}: no seccompProfile of {sorted(SECCOMP_ALLOWED)}' for container in _all(spec)
             if (_context(container).get('seccompProfile') or {}).get('type', of_pod) not in SECCOMP_ALLOWED]
    return found + (['the pod: seccompProfile'] if of_pod is not None and of_pod not in SECCOMP_ALLOWED else [])


RULES = [host_namespaces, host_process, privileged, capabilities, volume_types, host_ports, probe_hosts, apparmor, selinux,
         proc_mount, sysctls, privilege_escalation, run_as_non_root, run_as_user, seccomp]


def _container(**context):
    return lambda spec: spec['containers'][0].setdefault('securityContext', {}).update(context)


def _pod(**context):
    return lambda spec: spec.setdefault('securityContext', {}).update(context)


def _both(**context):
    return lambda spec: (_pod(**context)(spec), _container(**context)(spec))


# (rule, a change of a pod that keeps to the profile after which this rule must speak).
BREAKS = [
    (host_namespaces, lambda spec: spec.update(hostNetwork=True)),
    (host_namespaces, lambda spec: spec.update(hostPID=True)),
    (host_namespaces, lambda spec: spec.update(hostIPC=True)),
    (host_process, _pod(windowsOptions={'hostProcess': True})),
    (privileged, _container(privileged=True)),
    (capabilities, _container(capabilities={})),
    (capabilities, _container(capabilities={'drop': ['NET_RAW']})),
    (capabilities, _container(capabilities={'drop': ['ALL'], 'add': ['SYS_PTRACE']})),
    (volume_types, lambda spec: spec.setdefault('volumes', []).append({'name': 'host', 'hostPath': {'path': '/'}})),
    (volume_types, lambda spec: spec.setdefault('volumes', []).append({'name': 'nfs', 'nfs': {'server': 'a', 'path': '/'}})),
    (host_ports, lambda spec: spec['containers'][0].update(ports=[{'containerPort': 1, 'hostPort': 1}])),
    (probe_hosts, lambda spec: spec['containers'][0].update(livenessProbe={'httpGet': {'host': 'elsewhere', 'port': 1}})),
    (probe_hosts, lambda spec: spec['containers'][0].update(lifecycle={'preStop': {'tcpSocket': {'host': 'elsewhere', 'port': 1}}})),
    (apparmor, _pod(appArmorProfile={'type': 'Unconfined'})),
    (selinux, _container(seLinuxOptions={'type': 'spc_t'})),
    (selinux, _container(seLinuxOptions={'role': 'sysadm_r'})),
    (proc_mount, _container(procMount='Unmasked')),
    (sysctls, _pod(sysctls=[{'name': 'kernel.msgmax', 'value': '1'}])),
    (privilege_escalation, _container(allowPrivilegeEscalation=True)),
    (privilege_escalation, lambda spec: spec['containers'][0]['securityContext'].pop('allowPrivilegeEscalation')),
    (run_as_non_root, _both(runAsNonRoot=False)),
    (run_as_non_root, _container(runAsNonRoot=False)),
    (run_as_user, _pod(runAsUser=0)),
    (run_as_user, _container(runAsUser=0)),
    (seccomp, _both(seccompProfile={'type': 'Unconfined'})),
    (seccomp, lambda spec: spec['securityContext'].pop('seccompProfile')),
]


def violations(spec):
    return [f'{rule.__name__}: {what}' for rule in RULES for what in rule(spec)]

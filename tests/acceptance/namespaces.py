"""A network of its own for a test: nodes with an address each, joined by a bridge that lies in a namespace too, so that
nothing of the machine's own network is touched. Needs Linux, iproute2 and the right to make namespaces."""

import os
import subprocess

PREFIX = "10.77.0."


def why_not():
    """None where a network can be made, else the reason why not."""
    try:
        done = subprocess.run(["unshare", "--net", "ip", "link", "add", "strata-probe", "type", "bridge"], capture_output=True,
                              text=True)
    except FileNotFoundError as missing:
        return f"{missing.filename} is not installed"
    return None if done.returncode == 0 else f"network namespaces are not allowed here: {done.stderr.strip()}"


def ip(*arguments):
    done = subprocess.run(["ip", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"ip {' '.join(map(str, arguments))}: {done.stderr.strip()}")


class Network:
    """Use as `self.enterContext(Network())`-like: close() removes every namespace it made."""

    def __init__(self):
        self.name = f"strata-test-{os.getpid()}"
        self.nodes = {}
        self.made = []
        self._make(self.name)
        ip("-n", self.name, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.name, "link", "set", "bridge", "up")

    def _make(self, namespace):
        ip("netns", "add", namespace)
        self.made.append(namespace)

    def close(self):
        for namespace in reversed(self.made):
            ip("netns", "delete", namespace)
        self.made = []

    def add(self, node):
        """A node and its address; what is not on the network (loopback included) it cannot reach."""
        number = len(self.nodes) + 1
        namespace = f"{self.name}-{node}"
        self._make(namespace)
        ip("-n", self.name, "link", "add", f"to-{number}", "type", "veth", "peer", "name", "eth0", "netns", namespace)
        ip("-n", self.name, "link", "set", f"to-{number}", "master", "bridge")
        ip("-n", self.name, "link", "set", f"to-{number}", "up")
        ip("-n", namespace, "address", "add", f"{PREFIX}{number}/24", "dev", "eth0")
        ip("-n", namespace, "link", "set", "eth0", "up")
        ip("-n", namespace, "link", "set", "lo", "up")
        self.nodes[node] = number
        return f"{PREFIX}{number}"

    def command(self, node, *arguments):
        """The command line that runs `arguments` on the node; the process keeps its pid through it."""
        return ["ip", "netns", "exec", f"{self.name}-{node}", *map(str, arguments)]

    def cut(self, node):
        """Takes the node off the network without a word to anybody: packets are lost from here on."""
        ip("-n", self.name, "link", "set", f"to-{self.nodes[node]}", "down")

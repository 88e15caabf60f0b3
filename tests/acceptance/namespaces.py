"""A network of its own for a test: nodes with an address each, joined by a bridge that lies in a namespace too, so that
nothing of the machine's own network is touched. Needs Linux, iproute2 and the right to make namespaces."""

import os
import subprocess

PREFIX = "10.77.0."


def why_not():
    """None where a network can be made, else the reason why not."""
    try:
        Network().close()
    except FileNotFoundError as missing:
        return f"{missing.filename} is not installed"
    except AssertionError as refused:
        return f"network namespaces are not allowed here: {refused}"
    return None


def within(namespace):
    """The beginning of a command line: the namespace's network, and nothing else of it (ip's own way mounts things too,
    which some containers forbid). The process keeps its pid."""
    return ["nsenter", f"--net=/run/netns/{namespace}", "--"]


def ip(*arguments, namespace=None):
    command = [*(within(namespace) if namespace else []), "ip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")


class Network:
    """close() removes every namespace it made."""

    def __init__(self):
        self.name = f"strata-test-{os.getpid()}"
        self.nodes = {}
        self.made = []
        self._make(self.name)
        try:
            ip("link", "add", "bridge", "type", "bridge", namespace=self.name)
            ip("link", "set", "bridge", "up", namespace=self.name)
        except AssertionError:
            self.close()
            raise

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
        ip("link", "add", f"to-{number}", "type", "veth", "peer", "name", "eth0", "netns", namespace, namespace=self.name)
        ip("link", "set", f"to-{number}", "master", "bridge", namespace=self.name)
        ip("link", "set", f"to-{number}", "up", namespace=self.name)
        ip("address", "add", f"{PREFIX}{number}/24", "dev", "eth0", namespace=namespace)
        ip("link", "set", "eth0", "up", namespace=namespace)
        ip("link", "set", "lo", "up", namespace=namespace)
        self.nodes[node] = number
        return f"{PREFIX}{number}"

    def command(self, node, *arguments):
        """The command line that runs `arguments` on the node."""
        return [*within(f"{self.name}-{node}"), *map(str, arguments)]

    def cut(self, node):
        """Takes the node off the network without a word to anybody: packets are lost from here on."""
        ip("link", "set", f"to-{self.nodes[node]}", "down", namespace=self.name)

"""The list of cases: who suffers what, when; and the function that plays it. A function gets a Scene, asserts that its fault fired
and what came of it, and returns the outcome in a few words."""

import dataclasses
import typing


@dataclasses.dataclass
class FaultCase:
    role: str
    stage: str
    fault: str
    play: typing.Callable
    sample: bool  # also part of the short form

    @property
    def name(self):
        return f"{self.role}/{self.stage}/{self.fault}".replace(" ", "-")


ALL = []


def add(role, stage, fault, play, sample=False):
    ALL.append(FaultCase(role, stage, fault, play, sample))


def case(role, stage, fault, sample=False):
    """A decorator for a case of its own."""

    def register(play):
        add(role, stage, fault, play, sample)
        return play

    return register

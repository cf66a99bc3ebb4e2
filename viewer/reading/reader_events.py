"""Rows of the log that tell who reads, what they wrote and stand for, what the agent is to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReaderNamed:
    """Who read without a name gave one: the reading is theirs. reader: keyed hash of the name."""

    reader: str


@dataclass(frozen=True)
class PolicyChosen:
    """What the reader chose of the agent's versions, of no reading but of all that follow.

    kind: one of `policy_choices`. policy: id of the one gone back to.
    """

    kind: str
    policy: str = ""


@dataclass(frozen=True)
class Signed:
    """The reader stands for the reading as it is: it is done until something in it changes."""


@dataclass(frozen=True)
class Amended:
    """Signed once more after a change. reason: key of the reader's words (library), or empty."""

    reason: str = ""


@dataclass(frozen=True)
class Reopened:
    """A signed reading is in work again, before anything in it was changed."""


@dataclass(frozen=True)
class ReportWritten:
    """What the reader wrote: keys of both texts, whose words lie in the private library."""

    findings: str = ""
    impression: str = ""

"""The error tree: every error of ours carries a sentence for the reader and what to try next.

HilumError
├── OutsideError        the world's doing: show the sentence, keep the reading
│   ├── UnfitScan       this scan does not fit this model
│   ├── OutOfMemory     no device could hold the work
│   ├── WorkerLost      the process that computed is gone
│   └── BadInput        a file, folder or number that cannot be used
└── Cancelled           the reader stopped a job: nothing changed
"""

from __future__ import annotations


class HilumError(Exception):
    """An error that can be told to the reader in one sentence.

    sentence: what is, with its numbers. remedy: what to try next, or nothing.
    """

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy


class OutsideError(HilumError):
    """The world failed, not the program: a missing slice, a full disk, a lost worker."""


class UnfitScan(OutsideError):
    """A scan that a model must not be asked about."""


class OutOfMemory(OutsideError):
    """No device, and no smaller piece of the work, fits into memory."""


class WorkerLost(OutsideError):
    """A child process ended before it answered."""


class BadInput(OutsideError):
    """A file, a folder or an argument that cannot be used."""


class Cancelled(HilumError):
    """The reader stopped the job; nothing was changed."""

    def __init__(self, sentence: str = "Cancelled. Nothing was changed.") -> None:
        super().__init__(sentence)

"""Room for voxels, made and given back on a thread: the window answers meanwhile.

For a block of a whole scan the system finds and clears, or takes back, fifty thousand pages: a
tenth of a second and more.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ai.errors import OutsideError
from ai.worker.shared import Block
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.reading import Reading

SMALL_BYTES = 8 * 2**20
"""Blocks that together are no larger are made at once: a thread would take longer."""
PAGE_BYTES = 4096
BEHIND = 10
"""The niceness of a thread whose work nobody waits for."""

Then = Callable[[tuple[Block, ...]], None]
Refused = Callable[[OutsideError], None]


@dataclass(frozen=True, eq=False)
class Want:
    """One block: of zeros, or with a copy of `content`, which has its shape and type."""

    shape: tuple[int, ...]
    dtype: str
    content: NDArray[Any] | None = None

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def want_lungs(reading: Reading) -> Want:
    """A block with the lungs' labels as they are now. Raises ValueError where there are none."""
    if reading.lungs is None:
        raise ValueError("no lungs")
    labels = reading.lungs.labels
    # strokes change edited lungs in place, perhaps while the thread copies
    content = labels.copy() if LUNGS_MASK in reading.edits else labels
    return Want(labels.shape, "uint8", content)


class Room(QObject):
    """Makes blocks for the window's own thread; they are its owner's to free."""

    _made = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made.connect(self._tell)

    def make(self, wants: Sequence[Want], then: Then, refused: Refused) -> None:
        """All of the blocks, or none: one of the two is called, later, in a turn of its own.

        Where they are small it is called before this returns.
        """
        if sum(want.bytes for want in wants) <= SMALL_BYTES:
            _carry_out(wants, then, refused).say()
            return

        def work() -> None:
            tell = _carry_out(wants, then, refused)
            pages = _pages_of(tell)
            # the window may have closed meanwhile; what was made goes with `tell` then
            with contextlib.suppress(RuntimeError):
                self._made.emit(tell)
            del tell
            _stand_back()
            for page in pages:  # or the first cut through all slices would meet each of them
                page.max()

        threading.Thread(target=work, name="room", daemon=True).start()

    def _tell(self, tell: _Tell) -> None:
        tell.say()


def let_go(arrays: list[NDArray[Any]]) -> None:
    """Empties a list on a thread: the memory of an array that nobody else has goes back there."""

    def work() -> None:
        _stand_back()
        arrays.clear()

    threading.Thread(target=work, name="let-go", daemon=True).start()


def _stand_back() -> None:
    """This thread gives way to all others, where the system knows threads by number."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)


@dataclass(frozen=True, eq=False)
class _Tell:
    """What is to be said, with the blocks it is said of."""

    blocks: tuple[Block, ...]
    say: Callable[[], None]


def _carry_out(wants: Sequence[Want], then: Then, refused: Refused) -> _Tell:
    made: list[Block] = []
    try:
        for want in wants:
            block = Block.create(want.shape, want.dtype)
            made.append(block)
            if want.content is not None:
                np.copyto(block.array, want.content)
    except OutsideError as error:
        for block in made:
            block.free()
        why = error
        return _Tell((), lambda: refused(why))
    blocks = tuple(made)
    return _Tell(blocks, lambda: then(blocks))


def _pages_of(tell: _Tell) -> list[NDArray[Any]]:
    """One value of each page of the blocks."""
    arrays = [block.array.reshape(-1) for block in tell.blocks]
    return [array[:: max(1, PAGE_BYTES // array.itemsize)] for array in arrays]

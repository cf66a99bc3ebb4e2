"""Room for voxels, made and given back on a thread: the window answers meanwhile.

For a block of a whole scan the system finds and clears, or takes back, fifty thousand pages: a
tenth of a second and more.
"""

from __future__ import annotations

import math
import mmap
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from ai.errors import OutsideError
from ai.scan.labelmap import LabelMap
from ai.worker.shared import Block
from viewer.desk.elsewhere import Elsewhere, Say
from viewer.reading.edits import LUNGS_MASK, prepare, prepared
from viewer.reading.reading import Reading

SMALL_BYTES = 8 * 2**20
"""Blocks that together are no larger are made at once: a thread would take longer."""
PAGE_BYTES = 4096
PIECE_BYTES = 2**20
PAUSE_S = 0.0005

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


def prepare_edit(lungs: LabelMap, elsewhere: Elsewhere) -> None:
    """The private copy that strokes on these lungs are made on; of big ones on a thread."""

    def work() -> Say:
        copied = lungs.labels.copy()  # nobody changes them: strokes go to the copy
        return lambda: prepare(lungs, copied)

    if lungs.labels.nbytes <= SMALL_BYTES:
        prepare(lungs)
    elif not prepared(lungs):
        elsewhere.do(work)


class Room:
    """Makes blocks for the window's own thread; they are its owner's to free."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._elsewhere = Elsewhere(parent)

    def make(self, wants: Sequence[Want], then: Then, refused: Refused) -> None:
        """All of the blocks, or none: one of the two is called, later, in a turn of its own.

        Where they are small it is called before this returns.
        """
        if sum(want.bytes for want in wants) <= SMALL_BYTES:
            _carry_out(wants, then, refused, [])()
            return
        pages: list[NDArray[Any]] = []
        self._elsewhere.do(
            lambda: _carry_out(wants, then, refused, pages), lambda: _touch(pages)
        )  # fmt: skip


def give_back(blocks: Sequence[Block]) -> None:
    """Frees what a job was lent; of big blocks on a thread, which a program that ends waits for."""

    def work() -> None:
        for block in blocks:
            block.free()

    if sum(math.prod(b.ref.shape) * np.dtype(b.ref.dtype).itemsize for b in blocks) <= SMALL_BYTES:
        work()
    else:
        threading.Thread(target=work, name="give-back").start()


def let_go(arrays: list[NDArray[Any]]) -> None:
    """Empties a list on a thread: the memory of an array that nobody else has goes back there."""

    def work() -> None:
        for array in arrays:
            _unmap(array)
        del array
        arrays.clear()

    if arrays:
        threading.Thread(target=work, name="let-go", daemon=True).start()


def _unmap(array: NDArray[Any]) -> None:
    """Piece by piece: while one map goes in one go, no thread of the process gets any memory.

    Pages that somebody still looks at come back by themselves, with what is in them.
    """
    memory: Any = array
    while isinstance(memory, np.ndarray):
        memory = memory.base
    if isinstance(memory, memoryview):
        memory = memory.obj
    if isinstance(memory, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        for at in range(0, len(memory), PIECE_BYTES):
            memory.madvise(mmap.MADV_DONTNEED, at, min(PIECE_BYTES, len(memory) - at))
            time.sleep(PAUSE_S)  # it holds the interpreter: the window would wait for each piece


def _carry_out(
    wants: Sequence[Want], then: Then, refused: Refused, pages: list[NDArray[Any]]
) -> Say:
    """What is to be said of the blocks; pages gets one value of each page of theirs."""
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
        return lambda: refused(why)
    arrays = [block.array.reshape(-1) for block in made]
    pages += [array[:: max(1, PAGE_BYTES // array.itemsize)] for array in arrays]
    blocks = tuple(made)
    return lambda: then(blocks)


def _touch(pages: list[NDArray[Any]]) -> None:
    """Or the first cut through all slices would meet each page for the first time."""
    while pages:
        pages.pop().max()

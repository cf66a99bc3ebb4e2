"""Slices decoded ahead of their turn, on threads, where the decoder lets other threads run."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray

from viewer.dicom.decoders import frees_threads
from viewer.dicom.series import SliceFile

MOST_THREADS = 4
AHEAD = 2
"""How many slices each thread may be ahead of the one that is wanted."""

Pixels = NDArray[Any]
Decode = Callable[[SliceFile], Pixels]


@contextmanager
def decoding_ahead(pieces: Sequence[SliceFile], decode: Decode) -> Iterator[Decode]:
    """A decode that must be called with the pieces in their order, each once.

    It raises what decode raises. Pieces that gain nothing from threads are decoded when asked for.
    """
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    coming = deque(piece for piece in pieces if frees_threads(piece))
    if threads < 2 or len(coming) < 2:
        yield decode
        return
    begun: deque[tuple[SliceFile, Future[Pixels]]] = deque()
    pool = ThreadPoolExecutor(threads, "hilum-decode")

    def begin() -> None:
        while coming and len(begun) < threads * AHEAD:
            piece = coming.popleft()
            begun.append((piece, pool.submit(decode, piece)))

    def next_one(piece: SliceFile) -> Pixels:
        if not frees_threads(piece):
            return decode(piece)
        begin()
        told, future = begun.popleft()
        assert told == piece, "asked for in another order"
        try:
            return future.result()
        finally:
            begin()

    try:
        yield next_one
    finally:
        pool.shutdown(wait=True, cancel_futures=True)

"""Row of whole series: through the real I/O lane into a block, against numpy and SimpleITK."""

from __future__ import annotations

import itertools
import queue
import time
from pathlib import Path
from typing import Any

from bench_measure import Figure, Pairs, in_pairs, timed
from bench_scans import Setting, jpeg_2000_series, plain_series, real_scan

NUMPY_LIMIT = 2.0
ANSWER_S = 300


class Lane:
    """The viewer's own I/O client, its child warm; one question at a time."""

    def __init__(self) -> None:
        from viewer.dicom.process import IoClient

        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._numbers = itertools.count(1)
        self._io = IoClient(self._replies.put)
        self._io.start()

    def ask(self, request: Any) -> Any:
        """The last word on a request. Raises RuntimeError where it failed."""
        from ai.worker.messages import Failed

        self._io.submit(request)
        while True:
            reply = self._replies.get(timeout=ANSWER_S)
            if getattr(reply, "job", "") != request.job or getattr(reply, "on_the_way", False):
                continue
            if type(reply).__name__ == "Progress":
                continue
            if isinstance(reply, Failed):
                raise RuntimeError(reply.sentence)
            return reply

    def look(self, folder: Path) -> Any:
        """The default series of a folder."""
        from viewer.dicom.io_messages import Look

        return self.ask(Look(self._job(), str(folder))).opened.series[0]

    def load(self, series: Any) -> Any:
        """Its HU in a fresh shared block; the block, for the caller to free."""
        from ai.worker.shared import Block
        from viewer.dicom.io_messages import Load

        block = Block.create(series.geometry.shape_kji, "int16")
        self.ask(Load(self._job(), series, block.ref, series.geometry.shape_kji[0] // 2))
        return block

    def _job(self) -> str:
        return f"bench-{next(self._numbers)}"

    def close(self) -> None:
        self._io.close()


def series(setting: Setting) -> list[Figure]:
    """Folder to whole volume, and decoding alone, of plain and of compressed series."""
    lane = Lane()
    try:
        figures = _of_one(lane, plain_series(setting), "400 plain slices", setting, numpy_too=True)
        lidc = real_scan("LIDC-IDRI-0001")
        if lidc is not None and not setting.tiny:
            figures += _of_one(lane, lidc, f"{lidc.name}, JPEG-LS", setting, numpy_too=False)
            again = jpeg_2000_series(setting, lidc)
            name = "60 slices of it, JPEG 2000"
            figures += _of_one(lane, again, name, setting, numpy_too=False)
    finally:
        lane.close()
    return figures


def _of_one(
    lane: Lane, folder: Path, name: str, setting: Setting, *, numpy_too: bool
) -> list[Figure]:
    known = lane.look(folder)
    _same_voxels(lane, folder, known)

    def load() -> float:
        began = time.perf_counter()
        block = lane.load(known)
        took = time.perf_counter() - began
        block.free()
        return took

    def look_and_load() -> float:
        began = time.perf_counter()
        block = lane.load(lane.look(folder))
        took = time.perf_counter() - began
        block.free()
        return took

    times = setting.pairs(7)
    by_sitk = timed(lambda: _by_simpleitk(folder))
    figures = []
    if numpy_too:
        by_numpy = timed(lambda: _by_numpy(folder))
        figures = [
            _figure(f"{name}: folder to whole volume", in_pairs(look_and_load, by_numpy, times),
                    "numpy reading the same bytes", NUMPY_LIMIT),
            _figure(f"{name}: decoding alone", in_pairs(load, by_numpy, times),
                    "numpy reading the same bytes", NUMPY_LIMIT),
        ]  # fmt: skip
    figures.append(
        _figure(f"{name}: folder to whole volume", in_pairs(look_and_load, by_sitk, times),
                "SimpleITK's series reader", 1.0)
    )  # fmt: skip
    return figures


def _figure(what: str, pairs: Pairs, peer: str, limit: float) -> Figure:
    return Figure(
        "series", what, pairs.ours_s, "s", peer, pairs.peer_s, pairs.ratio, limit, runs=pairs.runs
    )


def _by_numpy(folder: Path) -> None:
    import numpy as np

    held = [np.fromfile(file, dtype=np.uint8) for file in sorted(folder.iterdir())]
    assert len(held) > 0


def _by_simpleitk(folder: Path) -> Any:
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def _same_voxels(lane: Lane, folder: Path, known: Any) -> None:
    """Both sides must give the same HU, or their times say nothing."""
    import numpy as np
    import SimpleITK

    block = lane.load(known)
    image = _by_simpleitk(folder)  # kept: the view below borrows its memory
    theirs = SimpleITK.GetArrayViewFromImage(image)
    ours = block.array
    if known.slices[0].position_lps[2] > known.slices[-1].position_lps[2]:
        ours = ours[::-1]
    if ours.shape != theirs.shape or not np.array_equal(ours, theirs):
        raise RuntimeError("SimpleITK reads other voxels than we do")
    block.free()

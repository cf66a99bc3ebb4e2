"""Reading and writing DICOM in processes of their own: decoders and highdicom hold the GIL.

Two lanes, so that an export never waits for a series that loads, nor a series for an export.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ai.errors import BadInput
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from ai.worker.child import Line
from ai.worker.client import Words, WorkerClient, child
from ai.worker.messages import PROTOCOL, Hello
from ai.worker.serve import Handler, Task, serve
from ai.worker.shared import Block, BlockFile, sweep
from viewer.dicom.archives.unpacked import Unpacked, sweep_unpacked
from viewer.dicom.elements import UnreadableError
from viewer.dicom.io_messages import (
    Change,
    CopyPreviewed,
    CopyWritten,
    DemoMade,
    DetailsRead,
    Export,
    ExportDone,
    Found,
    LabelsRef,
    Load,
    Loaded,
    Look,
    MakeDemo,
    NiftiWritten,
    PictureRead,
    ReadDetails,
    ReadPicture,
    ReadSeg,
    SegRead,
    SlicesReady,
    WriteCopy,
    WriteNifti,
)
from viewer.editing.messages import ChangeMask, CountMask, MaskChanged, MaskCounted

log = logging.getLogger(__name__)

READING_MODULES = ("viewer.dicom.find", "viewer.dicom.pixels")
WRITING_MODULES = ("viewer.reading.out.export",)

WRITE = (Export, MakeDemo, WriteCopy, WriteNifti)
"""Requests that go to the writing lane."""

READING_WORDS = Words(
    lost="The process that reads files ended. Your reading is safe.",
    lost_remedy="Open the study again.",
    no_start="The process that reads files does not start.",
)
WRITING_WORDS = Words(
    lost="The process that writes files ended; nothing was saved. Your reading is safe.",
    lost_remedy="Export again.",
    no_start="The process that writes files does not start.",
)


class IoClient:
    """Both lanes behind one face. on_reply(message) is called on the lanes' own threads."""

    def __init__(self, on_reply: Callable[[Any], None]) -> None:
        self._reading = _lane(on_reply, "hilum-read", READING_MODULES, READING_WORDS)
        self._writing = _lane(on_reply, "hilum-write", WRITING_MODULES, WRITING_WORDS)
        self._unpacked = Unpacked()

    def start(self) -> None:
        """Start the reading lane ahead of the first job; the writing lane starts with its first."""
        self._reading.start()

    def start_writing(self) -> None:
        """Start the writing lane too: worth it once a study is open and the machine is idle."""
        self._writing.start()

    def submit(self, request: Any) -> None:
        """Queue a job in its lane; each gets exactly one answer."""
        if isinstance(request, Look) and not request.unpack_to:
            folder = self._unpacked.folder(request.job)
            request = dataclasses.replace(request, unpack_to=str(folder))
        lane = self._writing if isinstance(request, WRITE) else self._reading
        lane.submit(request)

    def cancel(self, job: str) -> None:
        """Stop a job in either lane."""
        self._reading.cancel(job)
        self._writing.cancel(job)

    def close(self, timeout: float = 2.0) -> None:
        """End both lanes, and delete what archives held.

        timeout: seconds for an export that runs; reading ends at once.
        """
        self._reading.close()
        self._writing.close(timeout)
        self._unpacked.remove()


def _lane(
    on_reply: Callable[[Any], None], name: str, modules: Sequence[str], words: Words
) -> WorkerClient:
    # Both ends run this very code, and a series of a thousand slices is dear to check.
    return WorkerClient(
        on_reply,
        child(main, tuple(modules), name=name),
        words=words,
        spare=False,
        check=lambda message: None,
    )


def main(line: Line, modules: tuple[str, ...]) -> None:
    """What an I/O child runs: load what its jobs need, say Hello, answer until Stop.

    First it sweeps what a window that was killed left behind.
    """
    sweep()
    sweep_unpacked()
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception:
            log.exception("%s cannot be loaded; the jobs that need it will say so", module)
    line.send(Hello(PROTOCOL, os.getpid()))
    handlers: dict[type, Handler] = {
        Look: look,
        Load: load,
        MakeDemo: make_demo,
        Export: export,
        ReadSeg: read_seg,
        ReadDetails: read_header_details,
        ReadPicture: read_picture,
        WriteNifti: write_labels,
        WriteCopy: copy,
        ChangeMask: change_mask,
        CountMask: count_mask,
    }
    serve(line, handlers)


def look(request: Look, task: Task) -> Found:
    """What a path holds."""
    from viewer.dicom.find import open_path

    folder = Path(request.unpack_to)
    folder.mkdir(mode=0o700)
    try:
        opened = open_path(
            Path(request.path),
            only=tuple(map(Path, request.only)),
            on_progress=task.progress,
            unpack_to=folder,
        )
    finally:
        with contextlib.suppress(OSError):  # an archive's content stays
            folder.rmdir()
    return Found(request.job, opened)


def load(request: Load, task: Task) -> Loaded:
    """HU of a series into the block that was lent, told as it comes."""
    from viewer.dicom.pixels import load_slices, outward, spoilt_sentences

    series, told = request.series, 0
    total = max(1, sum(piece.here for piece in series.slices))

    def tell(ks: list[int]) -> None:
        nonlocal told
        told += len(ks)
        task.send(SlicesReady(request.job, tuple(int(k) for k in ks)))
        task.progress(min(1.0, told / total), "")

    picture = np.empty((series.rows, series.columns), dtype=np.int16)
    with BlockFile(request.block) as block:
        spoilt = load_slices(
            series,
            outward(len(series.slices), request.first_k),
            lambda k: picture,
            filled=lambda k: block.put(k, picture),
            on_slices=tell,
            cancelled=task.is_cancelled,
        )
    return Loaded(request.job, spoilt_sentences(series, spoilt), tuple(map(int, sorted(spoilt))))


def make_demo(request: MakeDemo, task: Task) -> DemoMade:
    """The demo study's folder, written now if it is not there."""
    from viewer.dicom.demo import write_demo

    if request.pair:
        from viewer.dicom.demo_pair import write_pair

        made = write_pair(Path(request.folder), request.size, on_progress=task.progress)
        return DemoMade(request.job, str(made.folder), made.current_uid)
    path = write_demo(Path(request.folder), request.size, on_progress=task.progress)
    return DemoMade(request.job, str(path))


def export(request: Export, task: Task) -> ExportDone:
    """Objects written, read back, proven, named."""
    from viewer.reading.out.export import export_reading

    asked = request.request
    with contextlib.ExitStack() as lent:
        if request.labels is not None:
            block = lent.enter_context(Block.attach(request.labels.block))
            asked = dataclasses.replace(asked, lungs=label_map_of(request.labels, block))
        if request.volume is not None and asked.series.geometry is not None:
            block = lent.enter_context(Block.attach(request.volume))
            volume = Volume(asked.series.geometry, block.array, asked.series.uid)
            asked = dataclasses.replace(asked, volume=volume)
        result = export_reading(asked, on_progress=task.progress)
    files = tuple(str(file) for file in result.files)
    return ExportDone(request.job, files, result.sentences, result.objects, result.passport)


def read_seg(request: ReadSeg, task: Task) -> SegRead:
    """What a file of masks holds on its series; the lungs go into the block that was lent."""
    from viewer.dicom.masks.content import joined_to
    from viewer.dicom.masks.masks import read_masks

    contents = read_masks(Path(request.path), request.series)
    lungs, labels, joined = contents.label_map, None, False
    if lungs is not None:
        with Block.attach(request.out, writable=True) as block:
            if lungs.sided and request.holds == lungs.made_by:
                joined = joined_to(lungs.labels, block.array)
            block.array[...] = lungs.labels if not joined else block.array | lungs.labels
        labels = LabelsRef(request.out, lungs.geometry, lungs.segments, lungs.made_by)
    return SegRead(request.job, labels, contents.findings, contents.sentences, joined)


def read_header_details(request: ReadDetails, task: Task) -> DetailsRead:
    """What one header says. Raises BadInput where the file is gone or unreadable."""
    from viewer.dicom.header_details import read_details

    try:
        return DetailsRead(request.job, read_details(Path(request.path), request.frame))
    except (OSError, UnreadableError) as error:
        raise BadInput("The header of this series can no longer be read.") from error


def read_picture(request: ReadPicture, task: Task) -> PictureRead:
    """The middle of a series, small."""
    from viewer.dicom.picture import middle_picture

    return PictureRead(request.job, middle_picture(request.series))


def write_labels(request: WriteNifti, task: Task) -> NiftiWritten:
    """Labels as a NIfTI file. Raises BadInput where the grid or the disk refuses."""
    from viewer.dicom.masks.nifti import uneven_sentence, write_nifti

    path = Path(request.path)
    if sentence := uneven_sentence(request.series):
        raise BadInput(sentence, "Export DICOM-SEG instead.")
    with Block.attach(request.labels.block) as block:
        try:
            write_nifti(path, label_map_of(request.labels, block))
        except FileExistsError as error:
            text = f"{path.name} is there already and is not overwritten."
            raise BadInput(text, "Choose another name.") from error
        except OSError as error:
            why = (error.strerror or "the disk refuses").lower()
            raise BadInput(f"{path.name} could not be written: {why}.") from error
    return NiftiWritten(request.job, str(path))


def copy(request: WriteCopy, task: Task) -> CopyWritten | CopyPreviewed:
    """A series without its names, or what a copy would change."""
    from viewer.dicom.deidentify.copy import preview, write_copy

    series, keep, tell = request.series, request.keep_dates, task.progress
    if not request.folder:
        changes = preview(series, keep_dates=keep, on_progress=tell)
        told = tuple(Change(one.tag, one.name, one.action, one.becomes) for one in changes)
        return CopyPreviewed(request.job, told)
    copied = write_copy(series, Path(request.folder), keep_dates=keep, on_progress=tell)
    said = (*copied.sentences, *copied.left_out)
    return CopyWritten(request.job, str(copied.folder), len(copied.files), said)


def change_mask(request: ChangeMask, task: Task) -> MaskChanged:
    """What an operation does to a mask that is being edited."""
    from viewer.editing.lane import change

    return change(request, task)


def count_mask(request: CountMask, task: Task) -> MaskCounted:
    """Figures of a mask that was edited."""
    from viewer.editing.lane import count

    return count(request, task)


def label_map_of(ref: LabelsRef, block: Block) -> LabelMap:
    """The LabelMap that a reference describes, on the attached block."""
    return LabelMap(ref.geometry, block.array, ref.segments, ref.made_by)

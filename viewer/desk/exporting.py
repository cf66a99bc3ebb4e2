"""What the window hands to the I/O process when a reading is exported."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ai.errors import BadInput, HilumError, OutsideError
from viewer.dicom.io_messages import Export
from viewer.dicom.series import Series
from viewer.home import subfolder
from viewer.keymaps import cap
from viewer.language.catalogue import ENGLISH
from viewer.open_scan import OpenScan
from viewer.reading.database import is_full
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.events import EXPORTED_STATES
from viewer.reading.library import reader_key
from viewer.reading.out.request import ALL_OBJECTS, ExportRequest
from viewer.reading.reading import Reading
from viewer.reading.report.content import ReportContent, report_content
from viewer.reading.report.key_images import kept_images
from viewer.reading.signature import Signature, signature_of
from viewer.unfinished import ASIDE

ABANDONED_S = 900
"""A half-written export of that age was left by a process that died."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Exporting", text)


def export_message(
    job: str,
    scan: OpenScan,
    reading: Reading,
    reader: str,
    *,
    earlier: Iterable[str] = (),
    folder: Path | None = None,
    content: ReportContent | None = None,
    signature: Signature | None = None,
    objects: frozenset[str] = ALL_OBJECTS,
    language: str = ENGLISH,
    others: Mapping[str, Series] | None = None,
) -> Export:
    """The request, still without the labels of the lungs: a block for them is the caller's to lend.

    earlier: files of earlier exports of this reading, which the new report follows. folder: of the
    reader's choice, else a new one in Hilum's own. content: what the report says. signature: with
    the reader's name where it is to be told. language: of the report. others: by key, other series
    that were drawn on.
    Raises BadInput where there is nothing to export yet, OutsideError where no folder can be made.
    """
    findings = tuple((f, reading.state(f.id)) for f in reading.in_state(*EXPORTED_STATES))
    if not reading.exportable:
        remedy = tr("Segment lungs with {0}, accept a finding with {1}, or keep an image with {2}.")
        raise BadInput(
            tr("There is nothing to export yet."),
            remedy.format(cap("segment-lungs"), cap("accept"), cap("key-image")),
        )
    folder = folder or export_folder(reading)
    content = content or report_content(scan.series, reading, remarks=scan.series.warnings)
    words = {line.id: line.words for line in content.measurements}
    edited = reading.edits.get(LUNGS_MASK)
    request = ExportRequest(
        folder=folder,
        series=scan.series,
        lungs=None,
        lungs_edited=edited.segments if edited is not None else frozenset(),
        findings=findings,
        reading_id=reading.id,
        reader_label=f"reader {reader_key(reader)[:6]}",
        lung_figures=reading.lung_figures,
        objects=objects,
        content=content,
        earlier=tuple(Path(path) for path in earlier),
        signature=signature or signature_of(reading),
        measured=tuple((one, words.get(one.id, "")) for one in reading.measurements),
        key_images=kept_images(reading, scan.series),
        language=language,
        others=others or {},
    )
    return Export(job, request, None, scan.ref.block)


def export_folder(reading: Reading) -> Path:
    """A new folder for one export, named by moment and reading, never by patient."""
    moment = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    try:
        folder = subfolder("exports") / f"{moment}-{reading.id[:8]}"
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        why = tr("No folder can be made for the export: {0}.").format(error.strerror)
        raise OutsideError(
            tr("No folder can be made for the export: the disk is full.")
            if is_full(error)
            else why,
            tr("Make room, or set HILUM_HOME to a folder that you may write to."),
        ) from error
    return folder


def sweep_exports() -> tuple[Path, ...]:
    """Removes what an export left half-written when its process and the window were killed.

    Only folders with nothing finished in them, and old enough that no other window writes there.
    """
    swept = []
    with contextlib.suppress(HilumError, OSError):
        for folder in subfolder("exports").iterdir():
            left = list(folder.iterdir()) if folder.is_dir() else []
            if not all(file.name.endswith(ASIDE) and _is_old(file) for file in left):
                continue
            if left or (folder.is_dir() and _is_old(folder)):
                shutil.rmtree(folder)
                swept.append(folder)
    return tuple(swept)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > ABANDONED_S

"""What leaves a reading: chosen, written aside, read again by other eyes, then named, all or none.

The passport tells of each file what was proven. A change after an export makes new files and new
instances; nothing that went out is ever written over, but by batch, which always starts afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai.progress import OnProgress, ignore
from viewer.reading.database import is_full
from viewer.reading.origin import told_state
from viewer.reading.out.aside import Aside, drop_asides, name_all
from viewer.reading.out.ko import KEY_IMAGES, ko_content, prove_ko, write_ko_aside
from viewer.reading.out.papers import PICTURE, Paper, papers, pictures_of, prove_paper
from viewer.reading.out.passport import (
    Judgement,
    Passport,
    PassportObject,
    passport_json,
    what_went_out,
)
from viewer.reading.out.request import (
    CSV,
    JSON,
    KO,
    PASSPORT,
    SR,
    ExportRequest,
    ExportResult,
    NotSaved,
    tracking_uid,
)
from viewer.reading.out.seg import LUNGS, NODULES, plan_segs, prove_seg, write_seg_aside
from viewer.reading.out.sr import MEASUREMENTS, prove_sr, series_of, sr_content, write_sr_aside
from viewer.reading.report.html import Pictures
from viewer.unfinished import Journal, sweep

if TYPE_CHECKING:
    from viewer.dicom.reread.judge import Verdict

__all__ = ["ExportRequest", "ExportResult", "NotSaved", "export_reading", "tracking_uid"]

NAMES: Final = (
    *(f"{role}.dcm" for role in (LUNGS, NODULES, MEASUREMENTS, KEY_IMAGES)),
    *("figures.csv", "findings.json", "report.html", "report.pdf", "report.txt"),
    "passport.json",
)
"""Every file that an export may write, its pictures apart."""


def export_reading(
    request: ExportRequest, *, now: datetime | None = None, on_progress: OnProgress = ignore
) -> ExportResult:
    """The objects that were asked for, saved only after each was read back and found equal.

    on_progress may raise Cancelled. Raises NotSaved (a full disk, a read-only folder, a file that
    reads back otherwise) or BadInput; nothing of the export is on the disk then.
    """
    try:
        sweep(request.folder)
        with Journal(request.folder) as journal:
            export = _Export(request, now or datetime.now(), journal)
            try:
                export.write(on_progress)
                name_all(export.files, journal)
                if request.replace:
                    _drop_stale(request.folder, {file.path for file in export.files})
            finally:
                export.end()
    except OSError as error:
        raise _refused(request.folder, error) from error
    return export.result()


class _Export:
    """One export on its way: the files that lie aside, and what was proven of them."""

    def __init__(self, request: ExportRequest, made_at: datetime, journal: Journal) -> None:
        self.files: list[Aside] = []
        self._journal = journal
        self._request = request
        self._made_at = made_at
        self._number = _free_number(request)
        self._proven: list[PassportObject] = []
        self._verdicts: dict[str, Verdict] = {}
        self._sentences: list[str] = []
        self._passport: Passport | None = None

    def write(self, on_progress: OnProgress) -> None:
        """All files aside, each proven; the passport last, for it tells of the others."""
        on_progress(0.0, "Writing segmentations")
        self._dicom(on_progress)
        on_progress(0.7, "Writing report")
        self._papers()
        self._proven = [self._judged(one) for one in self._proven]
        if self.files:
            self._passport = self._make_passport()
            if PASSPORT in self._request.objects:
                text = passport_json(self._passport)
                self._place("passport", "passport.json").write(text.encode())
        on_progress(1.0, "")

    def end(self) -> None:
        """Whatever happened: no file is left aside, and no judge runs on."""
        for verdict in self._verdicts.values():
            verdict.drop()
        drop_asides(self.files)

    def result(self) -> ExportResult:
        return ExportResult(
            files=tuple(file.path for file in self.files),
            objects=tuple((one.role, one.sha256) for one in self._proven),
            sentences=tuple(self._sentences),
            passport=self._passport,
        )

    def _dicom(self, on_progress: OnProgress) -> None:
        """SEGs and the report that speaks of them; judged by dciodvfy while they are read back."""
        request = self._request
        segs, told = plan_segs(request)
        placed = [(self._place(seg.role, f"{seg.role}.dcm"), seg) for seg in segs]
        contents = [seg.content(request, self._made_at) for seg in segs]
        for (file, _), content in zip(placed, contents, strict=True):
            write_seg_aside(file, content)
            self._judge(file)
        report = sr_content(request, segs, self._made_at) if SR in request.objects else None
        if report is not None:
            sheet = self._place(MEASUREMENTS, f"{MEASUREMENTS}.dcm")
            write_sr_aside(sheet, report)
            self._judge(sheet)
        for n, ((file, _), content) in enumerate(zip(placed, contents, strict=True)):
            on_progress(0.3 + 0.2 * n, "Reading back")
            self._proven.append(prove_seg(file, content))
        if report is not None:
            self._proven.append(prove_sr(sheet, report, [file for file, _ in placed]))
        self._key_images()
        self._sentences += [_saved(one) for one in self._proven]
        self._sentences += told
        left_out = sum(series_of(request, one) is None for one, _ in request.measured)
        if SR in request.objects and left_out:
            self._sentences.append(
                f"{left_out} of the drawings lie on a series that is not open: "
                "their figures are in the tables, not in the measurement report."
            )
        if SR in request.objects and report is None:
            self._sentences.append("Nothing was measured: no measurement report.")

    def _key_images(self) -> None:
        request = self._request
        selected = ko_content(request, self._made_at) if KO in request.objects else None
        if selected is not None:
            file = self._place(KEY_IMAGES, f"{KEY_IMAGES}.dcm")
            write_ko_aside(file, selected)
            self._judge(file)
            self._proven.append(prove_ko(file, selected))

    def _papers(self) -> None:
        request = self._request
        drawn = pictures_of(request)
        folder = f"pictures{self._number}"
        sheets = [Paper(PICTURE, f"{folder}/{name}", png) for name, png in drawn.items()]
        content = request.content
        if content is not None:
            tables = ((JSON, "findings.json"), (CSV, "figures.csv"))
            content = replace(
                content.with_remarks(self._sentences),
                tables=tuple(
                    self._numbered(name) for asked, name in tables if asked in request.objects
                ),
            )
            pictures = Pictures(folder, drawn)
            sheets = [*papers(request, content, pictures, self._made_at), *sheets]
        for sheet in sheets:
            file = self._place(sheet.role, sheet.name)
            file.write(sheet.content)
            self._proven.append(prove_paper(file, sheet, content))

    def _place(self, role: str, name: str) -> Aside:
        """A file of the export, from now on in its care. name: relative, without its number."""
        whole = name if role == PICTURE else self._numbered(name)
        file = Aside(role, (self._request.folder / whole).absolute())
        if not file.path.parent.exists():
            self._journal.note(file.path.parent)
        self._journal.note(file.aside, file.path)
        self.files.append(file)
        return file

    def _numbered(self, name: str) -> str:
        stem, dot, ending = name.rpartition(".")
        return f"{stem}{self._number}{dot}{ending}"

    def _judge(self, file: Aside) -> None:
        from viewer.dicom.reread.judge import Verdict

        self._verdicts[file.path.name] = Verdict(file.aside)

    def _judged(self, one: PassportObject) -> PassportObject:
        verdict = self._verdicts.get(one.file)
        if verdict is None:
            return one
        counts = verdict.counts()
        if counts is not None:
            judged = Judgement(True, *counts)
            if judged.errors:
                self._sentences.append(f"Judged by dciodvfy, {one.file} has {judged.words}.")
        elif verdict.is_here:
            judged = Judgement(why="no answer")
        else:
            judged = Judgement()
        return replace(one, dciodvfy=judged)

    def _make_passport(self) -> Passport:
        request, content = self._request, self._request.content
        states: Iterable[str] = (told_state(*one) for one in request.findings)
        if content is not None:
            states = (line.told_state for line in content.findings)
        left = content.left_out if content is not None else None
        return Passport(
            reading=request.reading_id,
            made_at=self._made_at.astimezone().isoformat(timespec="seconds"),
            reader=request.reader_label,
            objects=tuple(self._proven),
            went_out=what_went_out(states),
            policies=content.policies if content is not None else (),
            signed=request.signature.state,
            signed_at=request.signature.at,
            signed_by_name=request.signature.verifies,
            amended=request.signature.amended,
            how_read=content.how_read if content is not None else (),
            rejected_as=left.reasons if left is not None else (),
        )


def _free_number(request: ExportRequest) -> str:
    """What follows every stem of one export: nothing, -2, -3 ..."""
    number = 1
    while not request.replace and any(path.exists() for path in _names(request.folder, number)):
        number += 1
    return _suffix(number)


def _names(folder: Path, number: int) -> Sequence[Path]:
    split = [name.rpartition(".") for name in NAMES]
    files = [folder / f"{stem}{_suffix(number)}.{ending}" for stem, _, ending in split]
    return [*files, folder / f"pictures{_suffix(number)}"]


def _suffix(number: int) -> str:
    return "" if number == 1 else f"-{number}"


def _drop_stale(folder: Path, kept: Iterable[Path]) -> None:
    """An earlier run's file must not pass for this one's; files of others stay."""
    pictures = folder / "pictures"
    ours = [folder / name for name in NAMES]
    ours += [pictures / "lungs.png", *pictures.glob("finding-*.png"), *pictures.glob("key-*.png")]
    for path in ours:
        if path.absolute() not in kept:
            path.unlink(missing_ok=True)


def _saved(one: PassportObject) -> str:
    if one.images[1]:
        return f"{one.file} saved (images: {one.images[1]}); read again, it names the same ones."
    if one.groups:
        return (
            f"{one.file} saved (measurement groups: {one.groups}); "
            "read again, it holds the same figures in the same places."
        )
    return (
        f"{one.file} saved (segments: {one.segments}); "
        "read again, it holds the same voxels in the same place."
    )


def _refused(folder: Path, error: OSError) -> NotSaved:
    again = "Make room or choose a folder that can be written to, then export again."
    if is_full(error):
        return NotSaved(f"Nothing was exported to {folder}: the disk is full.", again)
    why = error.strerror or "the disk refused"
    return NotSaved(f"Nothing was exported to {folder}: {why[:1].lower()}{why[1:]}.", again)

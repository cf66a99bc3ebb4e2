"""A path into studies and series: every header read, every oddity told in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ai.progress import OnProgress, ignore, part
from viewer.dicom.archives.dicomdir import files_of_directory
from viewer.dicom.archives.met import told_shut, unpacked_all
from viewer.dicom.assemble import assemble, left_out_sentences
from viewer.dicom.elements import UnreadableError
from viewer.dicom.headers import Header, read_header
from viewer.dicom.objects import CONTOURS_CLASS, SEG_CLASSES, object_fault
from viewer.dicom.prefer import in_order
from viewer.dicom.series import OPENS, REFUSED, WARNS, Opened, Series
from viewer.dicom.sources import gather, gather_all
from viewer.dicom.stacks import LeftOut

TOLD_EVERY = 64
MOST_MASKS = 12
JUNK = ("not-dicom", "archive", "empty")


@dataclass(frozen=True)
class _Unread:
    """A file without a usable header."""

    path: Path
    kind: str
    fact: str


@dataclass(frozen=True)
class _Scan:
    """All headers of a path, sorted by what can become of them."""

    members: tuple[Header, ...]
    segs: tuple[Path, ...]
    others: tuple[LeftOut, ...]
    unread: tuple[_Unread, ...]
    directories: tuple[Path, ...] = ()
    contours: tuple[tuple[Path, str], ...] = ()
    """Each with the study it names."""

    def __add__(self, more: _Scan) -> _Scan:
        """Both as one; indices are not followed twice."""
        return _Scan(
            self.members + more.members, self.segs + more.segs,
            self.others + more.others, self.unread + more.unread,
            contours=self.contours + more.contours,
        )  # fmt: skip

    def without(self, files: Collection[Path]) -> _Scan:
        """The same but for these, of which all is said."""
        return replace(self, unread=tuple(one for one in self.unread if one.path not in files))


def open_path(
    path: Path,
    *,
    only: Sequence[Path] = (),
    on_progress: OnProgress = ignore,
    unpack_to: Path | None = None,
) -> Opened:
    """What a folder, a file, a ZIP or a DICOMDIR holds, the series to show first in front.

    Never raises for what is in the files: the outcome and its sentences say it. on_progress may
    raise Cancelled. only: of a folder nothing but these. unpack_to: an empty folder for a ZIP's
    content, owned by the caller.
    """
    path = Path(path)
    on_progress(0.0, "Looking for images")
    gathered = gather_all(only, unpack_to=unpack_to) if only else gather(path, unpack_to=unpack_to)
    if gathered.refusal:
        return Opened(path, REFUSED, (gathered.refusal,), ())
    sentences = list(gathered.sentences)
    scan = _scan(gathered.files, part(on_progress, 0.0, 0.9))
    listed: list[Path] = []
    # of an archive every file was read, and no index knows their new names
    indices = () if gathered.packed else scan.directories
    seen = {p.resolve() for p in gathered.files}
    for directory in (*gathered.directories, *indices):
        files, told = files_of_directory(directory)
        sentences += told
        listed += [f for f in files if f not in seen]
        if not files and directory == path:  # an index that leads nowhere: look for ourselves
            listed += gather(path.parent).files
    if listed:
        scan += _scan(listed, on_progress)
    archives = [one.path for one in scan.unread if one.kind == "archive"]
    if archives and path.is_dir() and not scan.members:
        gathered = unpacked_all(archives, unpack_to)
        sentences += gathered.sentences
        scan = scan.without(archives) + _scan(gathered.files, on_progress)
    if left := [one.path for one in scan.unread if one.kind == "archive"]:
        known = {header.sop_instance for header in scan.members}
        if told := told_shut(left, known, inside=gathered.packed):
            sentences += told
            scan = scan.without(left)
    opened = _opened(path, scan, sentences, part(on_progress, 0.9, 1.0))
    if not opened.series:
        return _with_masks(opened, (path,) if path.is_file() else gathered.files)
    if only:
        opened = _with_named_masks(opened, scan, frozenset(only))
    if path.is_file() and len(scan.members) == 1 and opened.series and not listed:
        return _told_of_folder(opened)
    return opened


def _told_of_folder(opened: Opened) -> Opened:
    """One file of a series opened alone: say how to see the others."""
    told = (*opened.sentences, "Open its folder to see the whole series.")
    return replace(opened, sentences=told) if len(opened.series[0].sources) == 1 else opened


def _scan(files: Sequence[Path], on_progress: OnProgress) -> _Scan:
    members: list[Header] = []
    segs: list[Path] = []
    others: list[LeftOut] = []
    unread: list[_Unread] = []
    directories: list[Path] = []
    contours: list[tuple[Path, str]] = []
    for number, file in enumerate(files):
        if number % TOLD_EVERY == 0:
            on_progress(number / len(files), "Reading headers")
        try:
            header = read_header(file)
        except UnreadableError as error:
            unread.append(_Unread(file, error.kind, error.fact))
            continue
        except OSError as error:
            reason = "permission is denied" if isinstance(error, PermissionError) else "disk error"
            unread.append(_Unread(file, "disk", f"it cannot be read ({reason})"))
            continue
        if header.is_directory:
            directories.append(file)
        elif header.sop_class in SEG_CLASSES:
            segs.append(file)
        elif fact := object_fault(header):
            if header.sop_class == CONTOURS_CLASS:
                contours.append((file, header.study_uid))
            others.append(LeftOut(file.name, fact))
        else:
            members.append(header)
    return _Scan(
        tuple(members), tuple(segs), tuple(others), tuple(unread), tuple(directories),
        tuple(contours),
    )  # fmt: skip


def _opened(path: Path, scan: _Scan, sentences: list[str], on_progress: OnProgress) -> Opened:
    by_series: dict[tuple[str, str], list[Header]] = defaultdict(list)
    for header in scan.members:
        by_series[header.study_uid, header.series_uid].append(header)
    found: list[Series] = []
    failed: list[str] = []
    for number, members in enumerate(by_series.values()):
        on_progress(number / len(by_series), "Sorting slices")
        result = assemble(members)
        found += result.series
        failed += result.sentences
    sentences += _unread_sentences(scan.unread, anything=bool(found))
    if not found:
        told = (*sentences, *failed, *_why_nothing(scan))
        return Opened(path, REFUSED, told, (), scan.segs)
    ordered = in_order(found)
    first = ordered[0]
    told = tuple(dict.fromkeys([*sentences, *first.warnings]))
    outcome = WARNS if told else OPENS
    if first.ai_refusal and first.ai_refusal not in told:
        told += (first.ai_refusal,)
    on_progress(1.0, "Sorting slices")
    laid = () if first.ai_refusal else scan.contours  # no figure can be measured there
    contours = tuple(file for file, study in laid if study == first.study_uid)
    return Opened(path, outcome, told, ordered, scan.segs, contours)


def _with_masks(opened: Opened, files: Sequence[Path]) -> Opened:
    """Where no scan lies: contours and NIfTI files beside the DICOM-SEGs, to be laid on a CT."""
    from viewer.dicom.masks.masks import is_mask_file  # loads scipy, which no scan needs

    if len(files) > MOST_MASKS:  # a folder of pictures or letters
        return opened
    others = [file for file in files if file not in opened.segs and is_mask_file(file)]
    if not others:
        return opened
    names = ", ".join(file.name for file in others[:3]) + (" …" if len(others) > 3 else "")
    told = (*opened.sentences, f"{names} can be laid on its CT; open that first.")
    masks = tuple(file for file in files if file in opened.segs or file in others)
    return replace(opened, sentences=told, segs=masks)


def _with_named_masks(opened: Opened, scan: _Scan, named: Collection[Path]) -> Opened:
    """Contours and NIfTI files that were opened together with their scan are meant for it."""
    from viewer.dicom.masks.nifti import is_nifti  # loads scipy, which no scan needs

    drawn = [file for file, _study in scan.contours if file in named]
    drawn += [one.path for one in scan.unread if one.path in named and is_nifti(one.path)]
    left = tuple(file for file in opened.contours if file not in drawn)
    return replace(opened, segs=(*opened.segs, *drawn), contours=left)


def _unread_sentences(unread: Sequence[_Unread], *, anything: bool) -> list[str]:
    """Damaged files are always told; a text or a picture beside a scan is nobody's trouble."""
    told = [u for u in unread if not (anything and u.kind in JUNK)]
    by_fact: dict[str, list[str]] = defaultdict(list)
    for one in told:
        by_fact[one.fact].append(one.path.name)
    sentences = []
    for fact, names in by_fact.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        damaged = "" if fact.startswith(("this is", "the file is")) else "damaged or unusable, "
        sentences.append(f"{', '.join(names[:3])}{more}: {damaged}{fact}.")
    return sentences[:6]


def _why_nothing(scan: _Scan) -> list[str]:
    """The last sentences of a refusal: what was there instead of a scan."""
    sentences = left_out_sentences(scan.others, len(scan.others), noun="file")
    sentences += _lonely_segs([file.name for file in scan.segs])
    if not scan.members and not scan.others and not scan.segs:
        sentences.append("There is no DICOM image here.")
    return sentences


def _lonely_segs(names: Sequence[str]) -> list[str]:
    """Segmentations without the CT that they were made on, by the names of their files."""
    if not names:
        return []
    if len(names) == 1:
        told = f"{names[0]} is a segmentation, but the CT of this segmentation is missing."
        return [told, "Open the CT first, then this."]
    named = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    told = f"{named} are segmentations, and for each the CT of this segmentation is missing."
    return [told, "Open the CT first, then these."]

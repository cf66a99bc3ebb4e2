"""The key object selection of an export: the images that the reader kept, proven to be those."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from viewer import __version__
from viewer.dicom.written.ko_content import KoContent
from viewer.reading.out.aside import Aside
from viewer.reading.out.passport import PassportObject
from viewer.reading.out.request import ExportRequest, NotSaved, fresh_uid, named_uid
from viewer.reading.out.seg import refusal
from viewer.reading.out.sr_compare import references_of
from viewer.reading.report.key_images import key_caption, source_slices

KEY_IMAGES: Final = "ko"
SERIES_NUMBER: Final = 9004
TITLE: Final = ("DCM", "113000")


def ko_content(request: ExportRequest, made_at: datetime) -> KoContent | None:
    """What the document will say; None where no image was kept."""
    slices = source_slices(request.key_images, request.series)
    if not slices:
        return None
    lines = request.content.key_images if request.content is not None else ()
    return KoContent(
        series=request.series,
        slices=slices,
        description="\n".join(
            [*(key_caption(line) for line in lines), "Kept by a reader; research use only"]
        ),
        series_description="Hilum key images",
        series_number=SERIES_NUMBER,
        reader="" if request.by_rule else request.reader_label,
        device_uid=named_uid(f"viewer:{__version__}"),
        instance_uid=fresh_uid(),
        series_uid=fresh_uid(),
        made_at=made_at,
    )


def write_ko_aside(file: Aside, content: KoContent) -> None:
    """The document on the disk, not yet under its name."""
    from viewer.dicom.written.ko import write_ko

    file.clear()
    write_ko(file.aside, content)


def prove_ko(file: Aside, content: KoContent) -> PassportObject:
    """Read the document back with other code. Raises NotSaved where it names anything else."""
    from viewer.dicom.reread.ko import reread_ko
    from viewer.dicom.reread.seg import UnreadableError

    try:
        seen = reread_ko(file.aside, content.series.slices[content.slices[0]].path)
    except UnreadableError as error:
        raise NotSaved(*refusal(file, str(error))) from error
    asked = references_of(content.series, content.slices)
    for name, there, here in (
        ("instance", seen.instance_uid, content.instance_uid),
        ("study", seen.study_uid, content.series.study_uid),
        ("title", seen.title, TITLE),
        ("observer", bool(seen.reader), bool(content.reader)),
        ("description", seen.described, content.description),
        ("list of images", seen.images, asked),
    ):
        if there != here:
            raise NotSaved(*refusal(file, f"its {name} is another one"))
    agree = sum(one in seen.images for one in asked)
    return PassportObject(
        role=file.role,
        kind="DICOM-KO",
        file=file.path.name,
        sha256=file.digest(),
        size_bytes=file.aside.stat().st_size,
        images=(agree, len(asked)),
        same_study=True,
    )

"""What every structured report of ours begins with: its language, and who observed.

Source: DICOM PS3.16 TID 1001 to 1004, 1204.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydicom.dataset import Dataset

from ai.scan.labelmap import Code
from viewer import __version__
from viewer.dicom.written.derived import MAKER
from viewer.dicom.written.person_name import plain_name
from viewer.dicom.written.sr_items import OBS_CONTEXT, code, dcm, person, text, uid

LANGUAGE: Final = dcm("121049", "Language of Content Item and Descendants")
ENGLISH: Final = Code("en", "RFC5646", "English")


def observers(reader: str, device_uid: str, *, name: str = "") -> Iterator[Dataset]:
    """The reader, where there was one, and the viewer. name: the reader's own, else a pseudonym."""
    kind = dcm("121005", "Observer Type")
    if reader:
        yield code(OBS_CONTEXT, kind, dcm("121006", "Person"))
        told = name or f"{MAKER}^{plain_name(reader)}"
        yield person(OBS_CONTEXT, dcm("121008", "Person Observer Name"), told)
    yield code(OBS_CONTEXT, kind, dcm("121007", "Device"))
    yield uid(OBS_CONTEXT, dcm("121012", "Device Observer UID"), device_uid)
    yield text(OBS_CONTEXT, dcm("121013", "Device Observer Name"), f"{MAKER} {__version__}")
    yield text(OBS_CONTEXT, dcm("121014", "Device Observer Manufacturer"), MAKER)
    yield text(OBS_CONTEXT, dcm("121015", "Device Observer Model Name"), MAKER)

"""What a key object selection document is to say, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from viewer.dicom.series import Series


@dataclass(frozen=True, eq=False)
class KoContent:
    """slices: k of the CT slices that it selects, in the reader's order. description: for people.

    reader: as in the measurement report. device_uid: the UID of this version of the viewer.
    """

    series: Series
    slices: tuple[int, ...]
    description: str
    series_description: str
    series_number: int
    reader: str
    device_uid: str
    instance_uid: str
    series_uid: str
    made_at: datetime

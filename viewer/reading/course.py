"""How a reading goes, its marks apart: begun, by whom, in which mode, written, signed, left."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from viewer.reading.events import (
    Begun,
    Closed,
    CoverageNoted,
    ModeChosen,
    OwnPassDone,
    PriorLinked,
)
from viewer.reading.lung_events import ScanJudged
from viewer.reading.reader_events import Amended, ReaderNamed, ReportWritten, Signed

if TYPE_CHECKING:
    from viewer.reading.reading import Reading, Row


def gone_on(reading: Reading, row: Row) -> Reading:
    """The reading after such a row; the same one after a row that tells nothing of it."""
    match row.event:
        case Begun(study, series, reader):
            return replace(reading, study=study, series=series, reader=reader, begun_at=row.at)
        case ReaderNamed(reader):
            return replace(reading, reader=reader)
        case ModeChosen(mode):
            return replace(reading, mode=mode)
        case OwnPassDone() as event:
            return replace(reading, own_pass=event, own_pass_at=row.at, closed=False)
        case ScanJudged() as event:
            return replace(reading, fit=event)
        case PriorLinked() as event:
            return replace(reading, priors=MappingProxyType({**reading.priors, event.prior: event}))
        case CoverageNoted() as event:
            return replace(reading, coverage=event)
        case ReportWritten() as event:
            return replace(reading, report=event, closed=False)
        case Signed() | Amended():
            more = int(reading.signed_row > 0)
            done = replace(reading, signed=True, signed_at=row.at, signed_row=row.seq)
            return replace(done, amended=reading.amended + more, closed=False)
        case Closed():
            return replace(reading, closed=True)
        case _:
            return reading

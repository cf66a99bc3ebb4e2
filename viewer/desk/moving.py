"""Another window's desk takes over what lies on this one: the same voxels and the same reading.

Nothing is read again from the disk, and the log says nothing: the reading was not left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.open_scan import OpenScan
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


@dataclass(frozen=True, eq=False)
class Lying:
    """What was on a desk, let go of there. shown: findings that the reader has come to."""

    desk: Desk
    scan: OpenScan
    reading: Reading
    current: str | None
    shown: frozenset[str]


def hand_over(desk: Desk) -> Lying | None:
    """The whole scan and the reading that lie there, and on that desk no more.

    None where no whole scan lies there: that desk is to be closed. What is being typed is kept.
    """
    if desk.scan is None or desk.reading is None or not desk.scan.complete or desk.opening.busy:
        return None
    desk.out.settle()
    lying = Lying(desk, desk.scan, desk.reading, desk.current, frozenset(desk.seen))
    desk.scan, desk.reading, desk.current = None, None, None
    return lying


def take_over(desk: Desk, lying: Lying) -> None:
    """It lies on this desk, and is announced as a scan that came whole."""
    other, scan = lying.desk, lying.scan
    desk.opening.take_over(other.opening)
    desk.scan, desk.reading = scan, lying.reading
    desk.joins = other.joins
    desk.seen.update(lying.shown)
    desk.agent.take_over(other.agent)
    desk.scan_opened.emit(scan)
    desk.own_pass.since = other.own_pass.since
    desk.out.take_over(other.out)
    desk.segs.take_over(other.segs)
    desk.editing.ending.take_over(other.editing.ending)
    desk.opening.slices_arrived.emit(tuple(range(len(scan.volume.hu))))
    desk.scan_completed.emit(scan)
    desk.reading_changed.emit(lying.reading)
    desk.make_current(lying.current)

"""The layouts as a table: which panes there are, which lie where, and how they share the room."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QRect

from viewer import theme
from viewer.views.planes import AXIAL, CORONAL, SAGITTAL

AXIAL_2, CORONAL_2 = "axial-2", "coronal-2"
"""Panes of the second series."""
VOLUME = "volume"
"""The pane of the volume, where it was added."""

PANES: Final = {
    AXIAL: AXIAL, CORONAL: CORONAL, SAGITTAL: SAGITTAL, AXIAL_2: AXIAL, CORONAL_2: CORONAL,
}  # fmt: skip
"""Every pane of cuts, and the plane it shows."""
SECONDS: Final = (AXIAL_2, CORONAL_2)

READ, COMPARE, REVIEW, VOLUMES = "read", "compare", "review", "volume"

REST, CUT, STACK = "rest", "cut", "stack"
"""Widths of a column: a share of what is left, the rule of the cuts, the stack beside a volume."""

TITLES: Final = (
    str(QT_TRANSLATE_NOOP("Layout", "Read")),
    str(QT_TRANSLATE_NOOP("Layout", "Compare")),
    str(QT_TRANSLATE_NOOP("Layout", "Agent")),
    str(QT_TRANSLATE_NOOP("Layout", "3-D")),
)
"""Show them by QCoreApplication.translate("Layout", title)."""


@dataclass(frozen=True)
class Column:
    """Panes over one another. shares: of the height, one for each."""

    width: str
    panes: tuple[str, ...]
    shares: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """title: English. wide_side: the right panel takes the room of the agent's page."""

    name: str
    title: str
    columns: tuple[Column, ...]
    wide_side: bool = False

    @property
    def panes(self) -> tuple[str, ...]:
        return tuple(pane for column in self.columns for pane in column.panes)

    def led_by(self, plane: str) -> Layout:
        """The same with this plane in the axial's place, which is the large one, and the other way
        about; of two scans both, and as it is where only one of them could.
        """
        swapped = {AXIAL: plane, plane: AXIAL}
        if plane not in self.panes:
            swapped = {AXIAL: plane, CORONAL: AXIAL}
        if set(SECONDS) & set(self.panes):
            if plane != CORONAL:
                return self
            swapped |= {AXIAL_2: CORONAL_2, CORONAL_2: AXIAL_2}
        columns = tuple(
            replace(column, panes=tuple(swapped.get(pane, pane) for pane in column.panes))
            for column in self.columns
        )
        return replace(self, columns=columns)


LAYOUTS: Final = {
    layout.name: layout
    for layout in (
        Layout(READ, TITLES[0], (
            Column(REST, (AXIAL,), (1,)), Column(CUT, (CORONAL, SAGITTAL), (1, 1)),
        )),
        Layout(COMPARE, TITLES[1], (
            Column(REST, (AXIAL, CORONAL), (3, 2)), Column(REST, (AXIAL_2, CORONAL_2), (3, 2)),
        )),
        Layout(REVIEW, TITLES[2], (Column(REST, (AXIAL, CORONAL), (4, 3)),), wide_side=True),
        Layout(VOLUMES, TITLES[3], (
            Column(REST, (VOLUME,), (1,)), Column(STACK, (AXIAL, CORONAL, SAGITTAL), (1, 1, 1)),
        )),
    )
}  # fmt: skip


def cut_width(width: int, height: int) -> int:
    """Width of the right column: 0.83 of half the height, from 284 px to 40 % of the width."""
    wanted = theme.number("layout.cutRatio") * height / 2
    most = theme.number("layout.cutMax") * width
    return round(min(max(theme.number("layout.cutMin"), wanted), most))


def places(layout: Layout, width: int, height: int, there: Collection[str]) -> dict[str, QRect]:
    """Where each pane lies in so many pixels, a hairline apart.

    there: the panes that can be shown; the others leave their room to their neighbours.
    """
    columns = [
        [(pane, share) for pane, share in zip(one.panes, one.shares, strict=True) if pane in there]
        for one in layout.columns
    ]
    kept = [(one, panes) for one, panes in zip(layout.columns, columns, strict=True) if panes]
    widths = _widths([one.width for one, _ in kept], width, height)
    gap, left = theme.size("paneGap"), 0
    found: dict[str, QRect] = {}
    for wide, (_, panes) in zip(widths, kept, strict=True):
        whole = sum(share for _, share in panes)
        room = height - gap * (len(panes) - 1)
        top, done = 0, 0
        for n, (pane, share) in enumerate(panes):
            done += share
            bottom = room * done // whole + gap * n
            found[pane] = QRect(left, top, wide, bottom - top)
            top = bottom + gap
        left += wide + gap
    return found


def _widths(rules: list[str], width: int, height: int) -> list[int]:
    """Each column's width; where none takes the rest they share all."""
    gap = theme.size("paneGap")
    fixed = {CUT: cut_width(width, height), STACK: theme.size("layout.stack")}
    if REST not in rules:
        rules = [REST] * len(rules)
    room = width - gap * max(0, len(rules) - 1)
    rest = room - sum(fixed[rule] for rule in rules if rule != REST)
    count = rules.count(REST)
    made, given = [], 0
    for rule in rules:
        if rule == REST:
            given += 1
            made.append(rest * given // count - rest * (given - 1) // count)
        else:
            made.append(fixed[rule])
    return made

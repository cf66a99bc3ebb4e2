"""A second scan beside the first: where its places lie in the first, and what it is called."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QCoreApplication

from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer.dicom.series import Series
from viewer.views.outlines import Extent
from viewer.views.state import Lps, Mark, ViewState, Window
from viewer.views.turning import ThreePlanes

Matrix = NDArray[np.floating[Any]]

SEEN_DEG = 1.0
"""From here on a turn is seen: at the edge of the lungs, 150 mm out, it moves things by 2.6 mm."""


@dataclass(frozen=True, eq=False)
class SecondScan:
    """A scan to show beside the first.

    to_first: (4, 4), LPS mm of this scan to LPS mm of the first; None where nothing tells, so that
    the two scroll apart until a reader anchors them. tag, first_tag: a line for the corner of its
    panes and of the first's ("PRIOR · 366 days", "CURRENT"). approximate: the match is an estimate
    and is shown as one; nothing of the first's marks or segments is then drawn on this scan.
    link: how they are linked, in words for the corner, where the usual ones do not say it.
    own_window: it has a grey window of its own. loaded: (K,) bool, the slices that are there.
    """

    volume: Volume
    series: Series | None = None
    to_first: Matrix | None = None
    tag: str = ""
    first_tag: str = ""
    approximate: bool = False
    own_window: bool = True
    loaded: NDArray[np.bool_] | None = None
    link: str = ""


def place_of(matrix: Matrix, lps: ArrayLike) -> Lps:
    """A point moved by a matrix."""
    x, y, z = matrix[:3, :3] @ np.asarray(lps, dtype=np.float64) + matrix[:3, 3]
    return float(x), float(y), float(z)


class Second:
    """The second scan as the panes hold it: linked or apart, with its own window or not."""

    def __init__(self) -> None:
        self.scan: SecondScan | None = None
        self.linked = True
        self.by_hand = False
        self.window: Window | None = None
        self._link_words = ""
        self._to_first: Matrix | None = None
        self._apart: Lps = (0.0, 0.0, 0.0)

    @property
    def joined(self) -> bool:
        """Whether a place in one scan means a place in the other now."""
        return self.scan is not None and self.linked and self._to_first is not None

    @property
    def to_first(self) -> Matrix | None:
        """The match in force: as it was given, or as the reader anchored it."""
        return self._to_first

    def take(self, scan: SecondScan | None, window: Window) -> None:
        """Another second scan, or none. window: that it begins with."""
        self.scan, self.linked, self.by_hand = scan, True, False
        self._to_first = None
        self.window = window if scan is not None and scan.own_window else None
        self._link_words = "" if scan is None else scan.link
        if scan is None:
            return
        if scan.to_first is not None:
            self._to_first = np.array(scan.to_first, dtype=np.float64)
        geometry = scan.volume.geometry
        x, y, z = geometry.lps_of((np.array(geometry.shape_kji) - 1) // 2)
        self._apart = float(x), float(y), float(z)

    def match(self, to_first: Matrix, link: str = "") -> None:
        """Another match, by a better estimate; link: words for the corner that say which."""
        self._link_words, self.by_hand = link, False
        self._to_first = np.array(to_first, dtype=np.float64)

    def anchor(self, first_lps: Lps) -> Matrix:
        """The places that show now are the same one: the match is moved so that they are."""
        rotation = np.eye(4) if self._to_first is None else self._to_first.copy()
        rotation[:3, 3] = np.array(first_lps) - rotation[:3, :3] @ np.array(self._apart)
        self._to_first, self.by_hand, self.linked = rotation, True, True
        return rotation

    def join(self, first_lps: Lps, *, linked: bool) -> None:
        """Moving together, or apart from where each stands; anchored where nothing else tells."""
        if not linked:
            self._apart = self.own_of(first_lps)
            self.linked = False
        elif self._to_first is None:
            self.anchor(first_lps)
        else:
            self.linked = True

    def own_of(self, first_lps: Lps) -> Lps:
        """The place in this scan of a place in the first; where it stands while they are apart."""
        if not self.joined:
            return self._apart
        assert self._to_first is not None
        return place_of(np.linalg.inv(self._to_first), first_lps)

    def first_of(self, own_lps: Lps) -> Lps | None:
        """The place in the first scan; None while they are apart."""
        return (
            place_of(self._to_first, own_lps)
            if self.joined and self._to_first is not None
            else None
        )

    def lie_as(self, other: Second) -> None:
        """The same scan lies to the first as another window's panes have it."""
        self.linked, self.by_hand, self.window = other.linked, other.by_hand, other.window
        self._to_first, self._apart = other._to_first, other._apart

    def stand_at(self, own_lps: Lps) -> None:
        """Where this scan stands while the two are apart."""
        self._apart = own_lps

    def state(self, first: ViewState) -> ViewState:
        """What the panes of this scan show, given what those of the first do."""
        planes = first.planes
        if self._to_first is not None and (self.turned_deg or not planes.straight):
            planes = planes.seen_from(self._to_first[:3, :3].T)
        return replace(
            first,
            crosshair_lps=self.own_of(first.crosshair_lps),
            window=self.window or first.window,
            planes=planes,
        )

    def planes_of(self, own: ThreePlanes) -> ThreePlanes:
        """How the first's cuts lie when those of this scan lie so."""
        if self._to_first is None or (own.straight and not self.turned_deg):
            return own
        return own.seen_from(self._to_first[:3, :3]).snapped()

    @property
    def turned_deg(self) -> float:
        """By how much this scan's cuts are turned to show what the first's do; 0 while they are the
        scanner's own: apart from the first, or turned too little to be seen."""
        if not self.joined or self._to_first is None:
            return 0.0
        cosine = (float(np.trace(self._to_first[:3, :3])) - 1) / 2
        turn = math.degrees(math.acos(min(1.0, max(-1.0, cosine))))
        return turn if turn >= SEEN_DEG else 0.0

    @property
    def exact(self) -> bool:
        """Whether the match is the scanner's own, not an estimate."""
        scan = self.scan
        estimated = self.by_hand or (scan is not None and scan.approximate)
        return self.joined and not estimated

    def labels(self, labelmap: LabelMap | None) -> LabelMap | None:
        """The first's segments where they lie in this scan; none where the match is an estimate."""
        if labelmap is None or not self.exact or self._to_first is None:
            return None
        geometry = labelmap.geometry
        affine = np.linalg.inv(self._to_first) @ geometry.affine
        return replace(labelmap, geometry=Geometry(geometry.shape_kji, affine))

    def extent(self, extent: Extent | None) -> Extent | None:
        """Where the first's segments lie in this scan."""
        if extent is None or not self.exact or self._to_first is None:
            return None
        back = np.linalg.inv(self._to_first)
        turn, move = back[:3, :3].T, back[:3, 3]
        places = extent.places_lps
        return Extent(
            extent.corners_lps @ turn + move, None if places is None else places @ turn + move
        )

    def marks(self, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
        """The first's marks where they lie in this scan; none where the match is an estimate."""
        if not self.exact:
            return ()
        return tuple(replace(mark, centre_lps=self.own_of(mark.centre_lps)) for mark in marks)

    def notes(self, *, second: bool) -> tuple[str, ...]:
        """Lines for the corner of a pane of this scan, or of the first: its tag, and the link."""
        if self.scan is None:
            return ()
        lines = [self.tag(second=second), self.link(second=second)]
        if second:
            lines.append(self._turned())
        return tuple(line for line in lines if line)

    def tag(self, *, second: bool) -> str:
        """What this scan, or the first, is called; empty where it has no such name."""
        scan = self.scan
        if scan is None:
            return ""
        return scan.tag if second else scan.first_tag

    def link(self, *, second: bool) -> str:
        """How this scan is linked, in words; empty where that needs none, and for the first."""
        return self._link() if second and self.scan is not None else ""

    def short_link(self, *, second: bool) -> str:
        """The same where there is room for a word or two: apart, or how well they fit."""
        if not second or self.scan is None:
            return ""
        if not self.joined:
            return tr("Not linked")
        return "" if self.exact else tr("Approximate")

    def _link(self) -> str:
        if not self.joined:
            return tr("Not linked")
        if self.by_hand:
            return tr("Linked by hand")
        if self._link_words:
            return self._link_words
        return tr("Linked, approximate") if not self.exact else ""

    def _turned(self) -> str:
        turn = self.turned_deg
        return tr("Turned %1° to match").replace("%1", f"{turn:.0f}") if turn else ""


def tr(text: str) -> str:
    return QCoreApplication.translate("Pane", text)

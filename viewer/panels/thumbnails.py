"""Little pictures of places in a scan, cut as the panes cut it, so never mirrored."""

from __future__ import annotations

from PySide6.QtGui import QImage

from ai.scan.volume import Volume
from viewer.views.planes import AXIAL, PLANES, View, bounds_on
from viewer.views.slice_render import OUTSIDE_HU, Cutter, Look, Table
from viewer.views.state import LUNG_WINDOW, Window

AROUND_MM = 34.0
"""What a finding's picture shows."""


class Thumbnails:
    """Pictures of one scan in the lung window, or in its own; those of places are axial and kept
    until the scan changes."""

    def __init__(self) -> None:
        self._volume: Volume | None = None
        self._cutter: Cutter | None = None
        self._table: Table | None = None
        self._window = LUNG_WINDOW
        self._made: dict[tuple[object, int], QImage] = {}

    def set_volume(self, volume: Volume | None, window: Window = LUNG_WINDOW) -> None:
        """window: of a scan whose values are no HU."""
        self._volume, self._cutter, self._window = volume, None, window
        self.forget()

    def forget(self) -> None:
        """Slices have come in: every picture is made anew."""
        self._made.clear()

    def around(
        self, centre_lps: tuple[float, float, float], side_px: int, *, wide_mm: float = AROUND_MM
    ) -> QImage | None:
        """A square of wide_mm around a point; side_px in device pixels. None without a scan."""
        if self._volume is None:
            return None
        key = (centre_lps, side_px)
        if key not in self._made:
            self._made[key] = self._cut(centre_lps, side_px, wide_mm, AXIAL)
        return self._made[key]

    def middle(self, side_px: int, plane: str = AXIAL) -> QImage | None:
        """The middle of the scan in one of PLANES, the whole field of view."""
        if self._volume is None:
            return None
        ends = bounds_on(self._volume.geometry, PLANES[plane])
        x, y, z = (float(mm) for mm in PLANES[plane].lps(ends.mean(axis=1)))
        wide = float((ends[:2, 1] - ends[:2, 0]).max())
        return self._cut((x, y, z), side_px, wide, plane)

    def _cut(
        self, centre_lps: tuple[float, float, float], side_px: int, wide_mm: float, plane: str
    ) -> QImage:
        assert self._volume is not None
        if self._cutter is None:
            self._cutter = Cutter(self._volume.hu, self._volume.geometry, outside=OUTSIDE_HU)
            self._table = Table(Look(self._window))
        assert self._table is not None
        view = View(PLANES[plane], centre_lps, wide_mm / side_px, side_px, side_px)
        pixels = self._table.colours(self._cutter.cut(view, smooth=True))
        image = QImage(pixels.data, side_px, side_px, side_px * 4, QImage.Format.Format_RGB32)
        return image.copy()

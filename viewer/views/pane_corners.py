"""What a pane says of itself: corner tabs, orientation letters, scale bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from viewer import theme
from viewer.views import corners
from viewer.views.pane_text import PaneLines, position_text, signed
from viewer.views.planes import AXIAL, PLANES, letters
from viewer.views.state import NO_TEXT, PaneText

if TYPE_CHECKING:
    from viewer.views.slice_view import SliceView

WIDEST_MM = 888.8
"""A position as wide as any: what is fitted beside it never depends on the slice."""


class PaneCorners:
    """The words of one pane. It reads the pane and paints; it changes nothing there."""

    def __init__(self, view: SliceView) -> None:
        self._view = view
        self.lines = PaneLines()
        self.two = False  # two scans are shown: each pane says which is its own
        self.beside: tuple[str, ...] = ()  # what tells it from the other scan
        self.tag, self.link = "", ""  # as much of that as no pane is without
        self.short_link = ""  # and how the two lie, where a small pane has room for no more
        self.study_elsewhere: Callable[[], bool] = lambda: False  # its axial pane tells the study
        self.running: tuple[str, ...] = ()  # what goes on by itself, as a cine loop

    def set_text(self, text: PaneText) -> None:
        """Other words for the upper corners."""
        self.lines = self.lines.with_text(text)

    @property
    def small(self) -> bool:
        """A pane too narrow for more than its plane and position."""
        return self._view.width() < theme.size("overlay.paneSmall")

    @property
    def few(self) -> bool:
        """Whether only plane and position are said: for want of room, or by the reader's choice."""
        return self.small or self._view.state.text_level != "all"

    def notice_place(self) -> QRectF | None:
        """Where it stands that marks are an AI's: of small panes on the axial one alone, and where
        that does not fit beside its position, in the lower left corner, or, where that is taken,
        above the lower tabs. None on the others."""
        if self.small and self._view.plane.name != AXIAL:
            return None
        bounds = QRectF(self._view.rect())
        notice = corners.notice_place(bounds, self.lines.research_use)
        position = [f"z {signed(-WIDEST_MM, 1)} mm"]
        place = corners.tab_place(bounds, corners.BOTTOM_RIGHT, position)
        bare = not self.small or self._view.state.text_level == NO_TEXT
        if bare or notice.right() < place.left():
            return notice
        left = corners.tab_place(bounds, corners.BOTTOM_LEFT, [self.lines.research_use])
        letter = corners.letter_rects(bounds, self._ways(), lift=0.0)[3]
        taken = self.state_lines() or self._long_position(bounds)
        if not taken and left.right() < letter.left():
            return left
        tabs = [lines for lines in (position, self.state_lines()) if lines]
        lift = max(corners.tab_size(lines)[1] for lines in tabs)
        return corners.notice_place(bounds, self.lines.research_use, lift=lift)

    def _below_letter(self, notice: QRectF | None) -> float:
        """How much of the lower edge's middle a notice takes from the letter there."""
        bounds = QRectF(self._view.rect())
        if notice is None or notice.right() < bounds.center().x():
            return 0.0
        return bounds.bottom() - notice.top()

    def probe_rect(self) -> QRect:
        """The place of the tab that follows the pointer."""
        wide, high = corners.tab_size(self.probe_lines(), at_least=self.lines.widest)
        return corners.tab_rect(QRectF(self._view.rect()), "br", wide, high).toAlignedRect()

    def paint(self, painter: QPainter, *, ai_shows: bool) -> None:
        """All of it. ai_shows: marks or segments of the AI are on this pane."""
        view, bounds = self._view, QRectF(self._view.rect())
        notice, text = self.notice_place(), self.lines.research_use
        lift = self._below_letter(notice) if ai_shows else 0.0
        if ai_shows and notice is not None and not lift:
            corners.paint_tab(painter, bounds, corners.BOTTOM_LEFT, [text], quiet=[text])
        elif ai_shows and notice is not None:
            above = bounds.bottom() - notice.bottom()
            corners.paint_notice(painter, bounds, text, lift=above, quiet=True)
        position = self._long_position(bounds)
        if position:
            lift = max(lift, corners.tab_size([position])[1])
        hidden = self.hidden_place(lift)
        if hidden is not None:
            text, above = self.lines.marks_hidden, bounds.bottom() - hidden.bottom()
            corners.paint_notice(painter, bounds, text, lift=above)
            lift = bounds.bottom() - hidden.top()
        corners.paint_letters(painter, bounds, self._ways(), lift=lift)
        bar = self._scale(bounds, view.camera.mm_per_px)
        if bar is not None:
            corners.paint_scale(painter, bounds, *bar)
        if view.state.text_level != NO_TEXT:
            self._paint_tabs(painter, bounds)

    def hidden_place(self, lift: float) -> QRectF | None:
        """Where it stands that marks are hidden, above what fills so much of the lower edge, and in
        a small pane above its lower tabs; None while marks show. A reader must not take a pane
        whose marks are hidden for one that has none."""
        view = self._view
        if view.state.show_marks:
            return None
        if self.small and view.state.text_level != NO_TEXT:
            tabs = (self.probe_lines(), self.state_lines())
            lift = max([lift, *(corners.tab_size(lines)[1] for lines in tabs if lines)])
        return corners.notice_place(QRectF(view.rect()), self.lines.marks_hidden, lift=lift)

    def _ways(self) -> tuple[str, ...]:
        """Letters of the left, right, upper and lower edge."""
        right, down = np.array(self._view.plane.right), np.array(self._view.plane.down)
        return letters(-right), letters(right), letters(-down), letters(down)

    def places(self, mm_per_px: float) -> list[QRectF]:
        """Where all of it lies at so many mm per pixel, wherever in the scan the slice is and
        whether or not marks show: what the lungs are fitted between."""
        return self.places_at()(mm_per_px)

    def places_at(self) -> Callable[[float], list[QRectF]]:
        """The same for any scale: only the bar has another place at each."""
        bounds, words = QRectF(self._view.rect()), self._word_places()

        def at(mm_per_px: float) -> list[QRectF]:
            bar = self._scale(bounds, mm_per_px)
            return words if bar is None else [*words, *corners.scale_places(bounds, *bar)]

        return at

    def _word_places(self) -> list[QRectF]:
        view, bounds = self._view, QRectF(self._view.rect())
        notice = self.notice_place()
        made = [notice] if notice is not None else []
        lift = self._below_letter(notice)
        made += corners.letter_rects(bounds, self._ways(), lift=lift)
        if view.state.text_level == NO_TEXT:
            return made
        widest = f"{view.plane.letter} {signed(-WIDEST_MM, 1)} mm"
        lower = [widest] if self.few else [self.lines.hu(0), widest]
        if not self.few and self.lines.image_numbers and view.plane.name == AXIAL:
            lower.append(self.lines.widest)
        here = (
            (corners.TOP_LEFT, self._plane_lines(), view.plane.name),
            (corners.BOTTOM_RIGHT, lower, ""),
            (corners.TOP_RIGHT, self._series_lines(), ""),
            (corners.BOTTOM_LEFT, self.state_lines(), ""),
        )
        for corner, lines, plane in here:
            if lines:
                made.append(corners.tab_place(bounds, corner, lines, plane=plane))
        return made

    def _plane_lines(self) -> list[str]:
        lines = [self.lines.plane_name(self._view.plane)]
        if not self.few and not self._view.state.patient_hidden:
            lines += self.lines.text.patient
        return lines

    def _paint_tabs(self, painter: QPainter, bounds: QRectF) -> None:
        view, few = self._view, self.few
        plane, quiet = view.plane.name, self._quiet()
        corners.paint_tab(
            painter, bounds, corners.TOP_LEFT, self._plane_lines(), plane=plane, quiet=quiet
        )
        corners.paint_tab(
            painter, bounds, corners.BOTTOM_RIGHT, self.probe_lines(),
            at_least=self.lines.widest if not few else "",
            alone=bool(self._long_position(bounds)), quiet=quiet,
        )  # fmt: skip
        for corner, lines in (
            (corners.TOP_RIGHT, self._series_lines()),
            (corners.BOTTOM_LEFT, self.state_lines()),
        ):
            if lines:
                corners.paint_tab(painter, bounds, corner, lines, quiet=quiet)

    def _quiet(self) -> list[str]:
        """Lines of second rank: age, kernel, zoom, position. What tells scans apart is of none."""
        view, text = self._view, self.lines.text
        zoom = self.lines.lower_left(view.state.window, self._percent())[-1]
        position = position_text(view.plane, view.slice_lps())
        return [*text.patient[1:], *text.study[2:], zoom, position]

    def _series_lines(self) -> list[str]:
        """Tags and study; where room is scarce only what tells this scan from the other one.

        Of two scans the axial pane tells the study: six lines on every pane cover lung. A small
        pane says in one line which of the two it shows, and in a second that it lies there by an
        estimate, or alone.
        """
        if self.two and self.small:
            return [line for line in (self.tag or self.lines.brief, self.short_link) if line]
        if self.two and self.study_elsewhere():
            return [line for line in (self.tag or self.lines.series, self.link) if line]
        if not self.few:
            return [*self.beside, *self.lines.text.study]
        return [line for line in (*self.beside, self.lines.series) if line] if self.two else []

    def state_lines(self) -> list[str]:
        """Window and zoom, and all that makes the picture other than one plain slice.

        The latter is said in small panes too: a thick or turned cut is never taken for a slice.
        """
        state, plane = self._view.state, self._view.plane
        lines = [] if self.few else self.lines.lower_left(state.window, self._percent())
        held = getattr(self._view.hands.tools.get(state.tool), "words", "")  # what a tool may say
        if lines and held:
            lines.insert(0, held)
        if state.slab.on:
            lines.append(self.lines.slab(state.slab))
        tilt = state.planes.tilt_deg(plane.name)
        if plane != PLANES[plane.name] and (round(tilt) or not self._view.of_second):
            lines.append(self.lines.oblique(tilt))
        if state.invert:
            lines.append(self.lines.inverted)
        return [*lines, *self.running]

    def probe_lines(self) -> list[str]:
        """HU under the pointer, position, image."""
        view = self._view
        assert view.volume is not None
        here = view.slice_lps()
        position = position_text(view.plane, here)
        if self.few:
            return [position]
        lines = [self.lines.hu(view.hu_at(view.pointed() or here))]
        if view.state.slab.on and (at := view.pointed()) is not None:
            lines.insert(0, self.lines.slab_hu(view.state.slab, view.slab_hu(at)))
        return [*lines, position, *self.lines.lower_right(view.volume, view.plane, here)]

    def _long_position(self, bounds: QRectF) -> str:
        """The position where it needs the whole edge of a narrow pane: three places of a turned
        plane do. The letter stands above it then."""
        if not self.few or self._view.state.text_level == NO_TEXT:
            return ""
        (position,) = self.probe_lines()
        return "" if corners.fits_beside_letter(position, bounds) else position

    def _percent(self) -> float:
        """Screen pixels for one stored pixel, in percent."""
        view = self._view
        assert view.volume is not None
        return 100 * view.volume.geometry.spacing_kji_mm[2] / view.camera.mm_per_px

    def _scale(self, bounds: QRectF, mm_per_px: float) -> tuple[float, str, float, float] | None:
        """The bar: pixels per mm, label, how many mm, and its upper end. None without room."""
        top = bounds.center().y() + theme.number("scale.below")
        room = bounds.bottom() - theme.number("scale.foot") - top
        long_mm = corners.scale_mm(1 / mm_per_px, room)
        if long_mm is None:
            return None
        return 1 / mm_per_px, self.lines.centimetres(long_mm), long_mm, top

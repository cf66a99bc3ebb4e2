"""The panes on the screen: which layout, which one has all the room, which has its own window."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from viewer import theme
from viewer.views.detached import DetachedPane
from viewer.views.layouts import (
    CUT,
    LAYOUTS,
    READ,
    SECONDS,
    VOLUME,
    Layout,
    cut_width,
    places,
)
from viewer.views.linked import LinkedViews
from viewer.views.planes import AXIAL

__all__ = ["Panes", "cut_width"]

FRESH_S = 1.5
"""So long after its last slice has come a scan that no hand has touched is fitted anew when banners
and strips come and go."""


class Panes(LinkedViews):
    """The plane that was scanned at the left, mostly the axial, the two others at the right; or
    another layout of the table.
    """

    maximised_changed = Signal(str)
    layout_changed = Signal(str)
    volume_active_changed = Signal(bool)  # whether arrows, + and − are the 3-D picture's
    detached_changed = Signal(str, bool)  # pane, whether it has its own window now
    cuts_wanted = Signal()  # Tab asks for a pane that has given its room away
    place_left = Signal(str, QRect)  # pane, where its own window stood on the desktop

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maximised = ""
        self._layout, self._lead = LAYOUTS[READ], AXIAL
        self._windows: dict[str, DetachedPane] = {}
        self._volume_pane: QWidget | None = None
        self._volume_active = False
        self._placeholder: QWidget | None = None
        self._cuts_folded = False
        self._window_size = QSize()
        self._scan_at = 0.0
        self.pictures_stay = False  # while they get room or lose it: no picture changes its zoom
        self._middles: dict[str, QPointF] = {}
        for view in self.all_views.values():
            view.double_clicked.connect(self._toggle_maximised)
        self.setFocusProxy(self.views[AXIAL])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.activate(AXIAL)
        self.second_changed.connect(self._arrange)
        self.hand_moved.connect(self._settle)
        self._arrange()

    # Which layout

    @property
    def layout_shown(self) -> Layout:
        return self._layout

    @property
    def maximised(self) -> str:
        """The pane that has all the room, or ''."""
        return self._maximised

    def set_layout(self, name: str) -> None:
        """One of LAYOUTS by its name; a maximised pane gives its room back."""
        if name not in LAYOUTS:
            raise ValueError(f"a layout is one of {tuple(LAYOUTS)}, not {name!r}")
        changed = name != self._layout.name
        self._layout = LAYOUTS[name].led_by(self._lead)
        if self.second is not None and set(SECONDS) & set(self._layout.panes):
            for pane in self.views:
                self.show_in(pane, second=pane in SECONDS)
        if self._maximised:
            self._maximised = ""
            self.maximised_changed.emit("")
        self._arrange()
        if changed:
            self.layout_changed.emit(name)

    def lead(self, plane: str) -> None:
        """Which plane has the large place of every layout: the one that was scanned. What a reader
        chose, a layout, a pane alone or in its own window, stays.
        """
        if plane != self._lead:
            self._lead = plane
            self._layout = LAYOUTS[self._layout.name].led_by(plane)
            self._arrange()

    @property
    def shown(self) -> tuple[str, ...]:
        """The panes of cuts on the screen or on others, in the order of Tab."""
        if self._maximised and self._maximised not in self._windows:
            alone = () if self._maximised == VOLUME else (self._maximised,)
            return (*alone, *self._windows)
        hidden = self._folded_panes
        there = [pane for pane in self._layout.panes if pane in self.views and pane not in hidden]
        return (*there, *(pane for pane in self._windows if pane not in there))

    @property
    def _folded_panes(self) -> tuple[str, ...]:
        """Panes that have given their room away."""
        narrow = [one for one in self._layout.columns if one.width == CUT]
        return tuple(p for one in narrow for p in one.panes) if self._cuts_folded else ()

    def fold_cuts(self, folded: bool) -> None:
        """The narrow column of cuts gives its room to what lies beside the panes, or has it."""
        if folded != self._cuts_folded:
            self._cuts_folded = folded
            self._arrange()

    def maximise(self, plane: str) -> None:
        """One pane alone; '' brings the layout back."""
        if plane != self._maximised:
            self._maximised = plane
            if plane in self.all_views:
                self.activate(plane)
            self._arrange()
            self.maximised_changed.emit(plane)

    def set_volume_pane(self, pane: QWidget | None) -> None:
        """The widget that shows the volume, for the layout that has a place for it."""
        if self._volume_pane is not None:
            self._volume_pane.hide()
        self._volume_pane = pane
        if pane is not None:
            pane.setParent(self)
            (pane.focusProxy() or pane).installEventFilter(self)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The 3-D picture that takes the focus has the keys, and so the frame."""
        if event.type() == QEvent.Type.FocusIn:
            self._activate_volume(True)
        return super().eventFilter(watched, event)

    def activate(self, pane: str) -> None:
        """As for every pane; the keys that were the 3-D picture's are the pane's from then on."""
        had_keys = self._volume_active
        if had_keys:
            self._activate_volume(False)
        super().activate(pane)
        if had_keys and self._volume_keys():
            self.all_views[pane].setFocus()

    def activate_next(self, steps: int = 1) -> None:
        """On to the next pane; the 3-D picture, where one is shown, comes after the cuts."""
        if set(self._folded_panes) - set(self._windows) and not self._maximised:
            self.cuts_wanted.emit()
        names = [*self.shown, *([VOLUME] if self._volume_shown() else [])] or [self._active]
        here = VOLUME if self._volume_active else self._active
        name = names[((names.index(here) if here in names else 0) + steps) % len(names)]
        if name != VOLUME:
            self.activate(name)
        elif self._volume_pane is not None:
            self._volume_pane.setFocus()

    def _activate_volume(self, active: bool) -> None:
        if active != self._volume_active:
            self._volume_active = active
            for name, view in self.all_views.items():
                view.set_active(not active and name == self._active)
            self.volume_active_changed.emit(active)

    def _volume_shown(self) -> bool:
        return self._volume_pane is not None and self._volume_pane.isVisibleTo(self)

    def _volume_keys(self) -> bool:
        """Whether a key typed now goes to the 3-D picture."""
        focus = QApplication.focusWidget()
        pane = self._volume_pane
        return pane is not None and focus is not None and pane.isAncestorOf(focus)

    def set_placeholder(self, widget: QWidget) -> None:
        """What lies where the second series will be, as long as there is none."""
        widget.setParent(self)
        self._placeholder = widget
        self._arrange()

    # Windows of their own

    @property
    def detached(self) -> tuple[str, ...]:
        """The panes that have windows of their own."""
        return tuple(self._windows)

    def detach(self, pane: str, place: QRect | None = None) -> None:
        """A pane into a window of its own, at a place on the desktop; its keys work there."""
        if pane in self._windows:
            return
        if self._maximised == pane:
            self.maximise("")
        window = DetachedPane(self.all_views[pane], self.window())
        window.left.connect(self.attach)
        self._windows[pane] = window
        window.show_at(place, self.mapToGlobal(QPoint(0, 0)))
        self._arrange()
        self.activate(pane)
        self.detached_changed.emit(pane, True)

    def attach(self, pane: str) -> None:
        """A pane back into its place."""
        window = self._windows.pop(pane, None)
        if window is None:
            return
        self.place_left.emit(pane, window.geometry())
        self.all_views[pane].setParent(self)
        window.give_up()
        self._arrange()
        self.activate(self._active)
        self.detached_changed.emit(pane, False)

    def place_of(self, pane: str) -> QRect | None:
        """Where a pane's own window stands on the desktop."""
        window = self._windows.get(pane)
        return None if window is None else window.geometry()

    def close_windows(self) -> None:
        """Every pane back: the window that they belong to goes."""
        for pane in self.detached:
            self.attach(pane)

    def grab_pictures(self) -> dict[str, QImage]:
        """What each pane shows now, by its name, text included."""
        return {name: self.views[name].grab().toImage() for name in self.shown}

    def current_rings(self) -> list[QRect]:
        """Where the current mark is drawn on the panes of this window."""
        here = [self.all_views[name] for name in self.shown if name not in self._windows]
        found = ((view, view.current_ring()) for view in here)
        return [
            ring.toAlignedRect().translated(view.pos()) for view, ring in found if ring is not None
        ]

    # Within

    def set_scan(self, *args: object, **kwargs: object) -> None:
        self._scan_at = time.monotonic()
        super().set_scan(*args, **kwargs)  # type: ignore[arg-type]

    def slices_ready(self, slices: Iterable[int]) -> None:
        if self._scan_at:
            self._scan_at = time.monotonic()
        super().slices_ready(slices)

    def scroll(self, steps: int, plane: str | None = None) -> None:  # type: ignore[override]
        self._settle()
        super().scroll(steps, plane)

    def _settle(self, *_: object) -> None:
        """A hand is at work: from now on pictures stay where they are, slices coming or not."""
        self._scan_at = 0.0

    def _toggle_maximised(self, pane: str) -> None:
        window = self._windows.get(pane)
        if window is not None:
            window.toggle_full_screen()
        else:
            self.maximise("" if self._maximised else pane)

    def sizeHint(self) -> QSize:
        return QSize(theme.size("layout.windowWide"), theme.size("layout.windowHigh"))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.size("layout.axialMin"), theme.size("layout.cutMin"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A banner or a strip that comes or goes moves no picture: nothing that is looked at jumps.
        What nobody has zoomed fills its pane anew with the next size of the window, or by F."""
        window, was = self.window().size(), self._window_size
        self._window_size = window
        fresh = time.monotonic() - self._scan_at < FRESH_S
        same = window == was and event.size().width() == event.oldSize().width()
        if same and not fresh and self._volume is not None:
            with self._pictures_stay():
                self._arrange()
        else:
            self._arrange()
        super().resizeEvent(event)

    @contextmanager
    def _pictures_stay(self) -> Iterator[None]:
        """What the panes show stays where it is in the window, whatever becomes of their edges."""
        inside = [view for view in self.all_views.values() if view.parent() is self]
        before, margins = self._middles, [view.margins_px() for view in inside]
        self.pictures_stay = True
        for view in inside:
            view.stays = True
        yield
        self.pictures_stay = False
        for view, were in zip(inside, margins, strict=True):
            view.stays = False
            if view.name in before and view.name in self._middles:
                view.stay(before[view.name] - self._middles[view.name], were)

    def _note_middles(self) -> None:
        """Where in the window each pane has its middle: what a picture hangs on."""
        window = self.window()
        self._middles = {
            name: view.mapTo(window, QPointF(view.width() / 2, view.height() / 2))
            for name, view in self.all_views.items()
            if view.parent() is self and not view.isHidden()
        }

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("bg.window"))
        painter.end()

    def _arrange(self, *_: object) -> None:
        """By the table of layouts; a maximised pane takes all."""
        inside = {name for name in self.all_views if name not in self._windows}
        if self._maximised:
            found = {self._maximised: self.rect()}
        else:
            there = inside | ({VOLUME} if self._volume_pane is not None else set())
            there -= set(self._folded_panes)
            found = places(self._layout, self.width(), self.height(), there)
        for name in inside:
            view = self.all_views[name]
            if name in found:
                view.setGeometry(found[name])
            view.setVisible(name in found)
        if self._volume_pane is not None:
            self._volume_pane.setGeometry(found.get(VOLUME, QRect()))
            self._volume_pane.setVisible(VOLUME in found)
            if VOLUME not in found:
                self._activate_volume(False)
        self._place_placeholder(found)
        self._note_middles()
        if self._active not in self.shown and self.shown:
            self.activate(self.shown[0])

    def _place_placeholder(self, found: dict[str, QRect]) -> None:
        if self._placeholder is None:
            return
        room = QRect()
        for name in SECONDS:
            room = room.united(found.get(name, QRect()))
        empty = self.second is None and not room.isEmpty()
        self._placeholder.setVisible(empty)
        if empty:
            self._placeholder.setGeometry(room)
            self._placeholder.raise_()

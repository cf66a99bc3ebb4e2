"""The window's side of the cuts: layouts, panes in their own windows, two series, slabs, cine."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QRect

from ai.errors import HilumError
from viewer import theme
from viewer.beside.comparing import Comparing
from viewer.beside.prior_link import short_tags
from viewer.beside.priors import Priors
from viewer.keymaps import cap
from viewer.notices import Notice
from viewer.panels.chooser import Chooser
from viewer.panels.measures import Measures
from viewer.views.cine import Cine
from viewer.views.layouts import COMPARE, REVIEW, VOLUMES
from viewer.views.second import SecondScan
from viewer.views.slab import NO_SLAB
from viewer.views.state import TEXT_LEVELS
from viewer.window.chain import VIEWING
from viewer.window.folding import Folding
from viewer.window.keys import AGENT, FINDINGS

if TYPE_CHECKING:
    from viewer.open_scan import OpenScan
    from viewer.window.window import HilumWindow

APART = "panes in windows of their own"
TURN_DEG = 5.0
"""One key turns the other planes so far."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Cuts", text)


class CutsWindow(QObject):
    """Of one window; the rows of the action table call it."""

    folding: Folding
    cine: Cine
    comparing: Comparing
    priors: Priors

    def __init__(self, window: HilumWindow) -> None:
        super().__init__(window)
        self._window = window
        panes = self._panes = window.panes
        self.folding = Folding(window)
        self.cine = Cine(panes)
        self.comparing = Comparing(window.desk, panes)
        self.comparing.read.connect(window.studies.take_picture)
        self.priors = Priors(window.desk, panes, self.comparing)
        self.priors.changed.connect(self._offer)
        self.chooser = Chooser()
        self.chooser.chosen.connect(self.comparing.choose)
        self.chooser.study_chosen.connect(self.priors.show)
        panes.set_placeholder(self.chooser)
        panes.detached_changed.connect(self._detached_changed)
        panes.place_left.connect(self._keep_place)
        panes.layout_changed.connect(self._layout_changed)
        panes.second_changed.connect(self._tag)
        window.desk.scan_opened.connect(self._scan_opened)
        self._restored = False
        self._patient: tuple[str, str, str] | None = None
        window.on_escape.add(VIEWING, self.cine.stop)
        window.on_escape.add(VIEWING, self.comparing.cancel)
        window.on_escape.add(VIEWING, self.priors.cancel)
        window.on_escape.add(VIEWING, self.priors.link.cancel)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.leave)

    def leave(self) -> None:
        """The program ends: places are kept, the second series' memory goes."""
        with contextlib.suppress(HilumError):
            self._window.desk.library.set_setting(APART, " ".join(self._panes.detached))
        self._panes.close_windows()
        self.comparing.close()

    # Layouts

    def show_layout(self, name: str) -> None:
        """F2, F3, F4: a layout of the table; the agent's has its page beside it."""
        if name == COMPARE:
            self._offer()
            if self.priors.begin():
                self._window.toast.hide()  # it told that there is one
            else:
                self.comparing.begin()
        self._panes.set_layout(name)
        side = self._window.side
        if name == REVIEW:
            side.open(AGENT)
        elif side.current == AGENT:
            side.open(FINDINGS)

    def maximise(self) -> None:
        """The pane that keys mean alone, or all of them again."""
        panes = self._panes
        panes.maximise("" if panes.maximised else panes.active)

    def side_width(self, found: Measures) -> int:
        """How wide the right panel is in a window of these measures."""
        narrow = self.folding.width(found)
        if not self._panes.layout_shown.wide_side:
            return narrow
        rail = theme.size("rail") + theme.size("hairline")
        room = self._window.width() - rail - theme.size("layout.cutMin")
        return max(narrow, min(theme.size("layout.agentPage"), room))

    def _layout_changed(self, name: str) -> None:
        self.folding.layout_changed()
        self._window.measure()
        if name == VOLUMES and self._window.side.current == AGENT:
            self._window.side.open(FINDINGS)

    # Windows of their own

    def detach(self) -> None:
        """The pane that keys mean into a window of its own, where it stood last; or back."""
        panes = self._panes
        if panes.active in panes.detached:
            panes.attach(panes.active)
        else:
            panes.detach(panes.active, self._place(panes.active))

    def _scan_opened(self, scan: OpenScan) -> None:
        self._offer()
        who = scan.series.patient
        before, self._patient = self._patient, (who.issuer, who.id, who.name)
        if before not in (None, self._patient):
            self._plain()
        if not self._restored:
            self._restored = True
            for pane in self._window.desk.library.setting(APART).split():
                if pane in self._panes.views:
                    self._panes.detach(pane, self._place(pane))
            self._window.activateWindow()

    def _plain(self) -> None:
        """The next patient is first seen as scanned: no slab, not inverted, at rest."""
        self.cine.stop()
        panes = self._panes
        panes.set_slab(replace(panes.state.slab, mode=NO_SLAB.mode))
        panes.set_invert(False)

    def _place(self, pane: str) -> QRect | None:
        stored = self._window.desk.library.setting(_setting(pane))
        with contextlib.suppress(ValueError):
            x, y, wide, high = (int(part) for part in stored.split())
            if wide > 0 and high > 0:
                return QRect(x, y, wide, high)
        return None

    def _detached_changed(self, pane: str, detached: bool) -> None:
        if not detached:
            self._window.focus_panes()

    def _keep_place(self, pane: str, place: QRect) -> None:
        """Where a pane's own window stands, for the next time."""
        words = f"{place.x()} {place.y()} {place.width()} {place.height()}"
        with contextlib.suppress(HilumError):  # a place is a comfort: never a sentence
            self._window.desk.library.set_setting(_setting(pane), words)

    # Two series

    def link(self) -> None:
        """L: the two scans move together, or each alone."""
        panes = self._panes
        if panes.second is None:
            self._say_none()
            return
        panes.set_linked(not panes.linked)
        self._say(tr("Linked.") if panes.linked else tr("Not linked: each scrolls alone."))

    def anchor(self) -> None:
        """The places that show in both are the same one; from there they go on together."""
        panes = self._panes
        if panes.second is None:
            self._say_none()
        elif panes.linked:
            text = tr("Unlink first with {0}, then bring both to the same place.")
            self._say(text.format(cap("link")))
        else:
            panes.anchor_second()
            again = "align-lungs" if self.priors.link.can_align else ""
            self._window.desk.tell(Notice(tr("Linked by hand at this place."), action=again))

    def align(self) -> None:
        """The lungs' alignment once more: after a link by hand, or where it was stopped."""
        if self._panes.second is None:
            self._say_none()
        elif not self.priors.link.again(self.comparing.scan):
            self._say(tr("These two need none: they are scans of one study."))

    def jump(self) -> None:
        """J: to and fro between the two scans; the newest prior comes first where none is there."""
        if self._panes.second is None and self.priors.newest is not None:
            self.show_layout(COMPARE)
        else:
            self.priors.jump()

    def close_second(self) -> None:
        """The second series goes."""
        if not self.comparing.close():
            self._panes.set_second(None)

    @property
    def second_active(self) -> SecondScan | None:
        """The second scan, where keys mean a pane of it."""
        view = self._panes.views.get(self._panes.active)
        return self._panes.second if view is not None and view.of_second else None

    def other_series(self, places: int) -> bool:
        """Left and Right on a pane of the second series change that one; True where it was."""
        view = self._panes.views[self._panes.active]
        if not view.of_second or self.comparing.series is None:
            return False
        self.comparing.step(places)
        return True

    def _tag(self, second: SecondScan | None) -> None:
        """The list says which series stand beside each other."""
        scan, other = self._window.desk.scan, second.series if second is not None else None
        tags: dict[str, str] = {}
        if scan is not None and other is not None:
            of_second, of_first = short_tags(scan.series, other)
            tags = {other.key: of_second, scan.series.key: of_first}
            if other.study_uid != scan.series.study_uid:
                tags[other.study_uid] = of_second
        self._window.studies.tag(tags)

    def _offer(self, *_: object) -> None:
        self.chooser.offer(self.comparing.others, self.priors.at_hand)

    # Cuts

    def slab(self) -> None:
        """S: off, MIP, MinIP, average."""
        self._panes.next_slab()

    def set_slab(self, mode: str) -> None:
        """A kind of slab, as thick as it was."""
        panes = self._panes
        panes.set_slab(replace(panes.state.slab, mode=mode))

    def turn(self, steps: int) -> None:
        """The two other planes turned about the normal of the pane that keys mean."""
        panes = self._panes
        view = panes.views[panes.active]
        panes.turn_planes(view.name, steps * TURN_DEG)

    def next_text_level(self) -> None:
        """Corner texts: all, few, none."""
        panes = self._panes
        at = TEXT_LEVELS.index(panes.state.text_level)
        panes.set_text_level(TEXT_LEVELS[(at + 1) % len(TEXT_LEVELS)])

    def _say_none(self) -> None:
        text = tr("There is no second series to link. {0} shows two beside each other.")
        self._say(text.format(cap("layout-compare")))

    def _say(self, text: str) -> None:
        self._window.desk.tell(Notice(text))


def _setting(pane: str) -> str:
    return f"place of {pane}"

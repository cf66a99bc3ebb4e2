"""The window: panes in the middle, panels around them, one place where actions are carried out.

It draws what the desk announces and hands every key and click on. Nothing in it is modal but the
system's own dialog for choosing a study.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout

from ai.errors import HilumError
from ai.scan.labelmap import LabelMap
from viewer import theme
from viewer.actions import BY_ID, ActionRow, key_lines, make_actions, name_of
from viewer.desk.desk import Desk
from viewer.desk.key_images import KeyImages
from viewer.desk.standing import Standing
from viewer.desk.watching import Watching
from viewer.notices import BANNER, STRIP, WARN, Notice, of_error
from viewer.open_scan import OpenScan
from viewer.panels.agent import AgentPanel
from viewer.panels.banner import Banners
from viewer.panels.buttons import Button
from viewer.panels.findings import FindingsPanel
from viewer.panels.jobs import JobStrip
from viewer.panels.keysheet import KeySheet
from viewer.panels.marks import marks_of
from viewer.panels.measures import measures
from viewer.panels.parts import column, ground, line, row
from viewer.panels.segments import SegmentsPanel
from viewer.panels.start import StartPage
from viewer.panels.statusbar import StatusBar
from viewer.panels.steps import steps_of
from viewer.panels.studies import Studies
from viewer.panels.tabs import SidePanel
from viewer.panels.toast import Toast
from viewer.panels.topbar import TopBar
from viewer.reading.reading import Reading
from viewer.views.panes import Panes
from viewer.views.state import ViewState
from viewer.window.check_overlay import CheckOverlay
from viewer.window.cuts import CutsWindow
from viewer.window.dialogs import ask_files, ask_folder
from viewer.window.dropping import dropped, together
from viewer.window.editing import EditingWindow
from viewer.window.handing_out import HandingOut
from viewer.window.hands import WindowHands
from viewer.window.keys import FINDINGS, KEYS, SEGMENTS, WORK, WindowKeys
from viewer.window.leaving import Leaving
from viewer.window.measuring import MeasuringWindow
from viewer.window.pages import Pages
from viewer.window.settled import Settled
from viewer.window.volume import VolumeWindow

log = logging.getLogger(__name__)

MENU = ("fit", "invert", "crosshair", "marks", "hide-patient", "add", "copy")


class HilumWindow(WindowKeys):
    """Draws what the desk announces; hands every key and click to the desk or the panes."""

    pages: Pages
    key_images: KeyImages
    hand_out: HandingOut
    leaving: Leaving
    measuring: MeasuringWindow
    editing: EditingWindow
    volume: VolumeWindow
    hands: WindowHands

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.chain_up()
        self.setWindowTitle("Hilum")
        self.setWindowIcon(theme.logo())
        self.setAcceptDrops(True)
        ground(self, "window")
        self.setMinimumSize(*theme.token("layout.windowMin"))
        self.actions_by_id = make_actions(self)
        self.take_up_keys()
        self._labels: LabelMap | None = None
        self.browser_pinned: bool | None = None
        self._build()
        self._join()
        self.resize(1440, 900)
        if self.keys.trouble is not None:
            self.desk.tell(of_error(self.keys.trouble))

    def _build(self) -> None:
        desk, actions, keys = self.desk, self.actions_by_id, self.keys_by_id
        self.panes = Panes(self)
        self.topbar = TopBar(desk, actions, keys)
        self.studies = Studies(desk, actions, keys)
        self.findings = FindingsPanel(desk, actions, keys)
        self.segments = SegmentsPanel(desk, actions, keys)
        self.agent = AgentPanel(desk)
        self.side = SidePanel(
            (self.tr("Findings"), self.findings),
            (self.tr("Segments"), self.segments),
            (self.tr("Agent"), self.agent),
        )
        self.measuring = MeasuringWindow(self)
        self.editing = EditingWindow(self)
        self.volume = VolumeWindow(self)
        self.watching = Watching(desk, self.panes)
        self.key_images = KeyImages(desk, self.panes)
        self.pages = Pages(self)
        self.hand_out = HandingOut(self)
        self.leaving = Leaving(self)
        self.strip = JobStrip(desk)
        self.status = StatusBar(desk)
        self.banners = Banners(self._button_for)
        self.start = StartPage(desk, actions, keys)
        self.keysheet = KeySheet(self.keys, key_lines, name_of)
        self.centre = QStackedWidget()
        self.centre.setMinimumWidth(theme.size("layout.cutMin"))  # beside the agent's wide page
        for page in (self.start, self.panes, self.keysheet):
            self.centre.addWidget(page)
        self.toast = Toast(self.centre, self._button_for)
        self.hands = WindowHands(self)
        middle = column(self.banners, self.editing.strip)
        middle.addWidget(self.centre, 1)
        body = row(self.studies, line(upright=True))
        body.addLayout(middle, 1)
        body.addWidget(self.side)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.topbar)
        whole.addLayout(body, 1)
        whole.addWidget(self.strip)
        whole.addWidget(self.status)
        self.show_centre()

    def _join(self) -> None:
        desk, panes = self.desk, self.panes
        desk.scan_opened.connect(self._scan_opened)
        desk.scan_opened.connect(self.toast.hide)  # it told of another scan, and so would its Undo
        desk.scan_completed.connect(self._scan_completed)
        desk.opening.slices_arrived.connect(panes.slices_ready)
        desk.opening.study_found.connect(self.banners.clear)
        desk.opening.series_chosen.connect(self.banners.clear)
        desk.reading_changed.connect(self._reading_changed)
        desk.current_changed.connect(self._current_changed)
        desk.noticed.connect(self._noticed)
        panes.mark_clicked.connect(desk.select)
        panes.state_changed.connect(self._view_changed)
        panes.active_changed.connect(self._settle_toast)
        self.toast.displaced.connect(self._settle_toast)
        for changed in (panes.active_changed, panes.window_changed):
            changed.connect(lambda _: self._view_changed(panes.state))
        panes.menu_asked.connect(self._open_menu)
        self.findings.finding_clicked.connect(desk.select)
        self.side.changed.connect(self._tab_changed)
        self.segments.hidden_changed.connect(self.editing.show_hidden)
        self.segments.fill_changed.connect(self._fill)
        self.segments.outlines_changed.connect(panes.set_show_outlines)
        self.segments.check.place_asked.connect(panes.go_to)
        self.check_overlay = CheckOverlay(desk, panes)
        self.strip.run_again.connect(lambda action: self.actions_by_id[action].trigger())
        self.status.keys_asked.connect(self.toggle_keys)
        self.status.language_asked.connect(self.ask_for_language)
        self.studies.search_left.connect(self.focus_panes)
        self.status.reader_left.connect(self.focus_panes)
        self.findings.reader_card.left.connect(self.focus_panes)
        self.keysheet.closed.connect(self.toggle_keys)
        self.centre.currentChanged.connect(lambda _: self.measure())
        self.keysheet.changed.connect(self.keys_changed)
        self.keysheet.asked.connect(lambda action: self.actions_by_id[action].trigger())
        self.watching.counted.connect(self._show_coverage)
        desk.own_pass.changed.connect(self._set_marks)
        desk.editing.changed.connect(self._set_marks)
        self.topbar.preset.show_window(panes.state.window)
        self.cuts = CutsWindow(self)
        self.standing = Standing(desk, panes)
        self.settled: Settled = Settled(self)
        self._walk()

    # Actions

    def carry_out(self, row: ActionRow) -> None:
        """Carries out one action; an error of ours becomes a sentence, any other is logged."""
        try:
            row.do(self)
        except HilumError as error:
            self.desk.tell(of_error(error))
        except Exception:
            log.exception("the action %s failed", row.id)
            text = self.tr("That did not work; the details are in the log. Your reading is safe.")
            self.desk.tell(Notice(text, "", WARN, BANNER))

    def ask_for_study(self) -> None:
        """A folder by the system's own dialog, which holds nothing up."""
        ask_folder(self, self.tr("Open a folder"), self.desk.open, self.focus_panes)

    def ask_for_files(self) -> None:
        """Files by the system's own dialog: images, a ZIP, a DICOMDIR, or masks for the scan."""
        kinds = (
            self.tr("All files (*)"),
            self.tr("DICOM (*.dcm *.dicom *.ima DICOMDIR)"),
            self.tr("ZIP (*.zip)"),
            self.tr("NIfTI (*.nii *.nii.gz)"),
        )
        ask_files(self, self.tr("Open files"), kinds, self._open_together, self.focus_panes)

    def _open_together(self, paths: Sequence[Path]) -> None:
        found = together(paths)
        self.desk.open(found.path, only=found.only)

    # What the desk announces

    def _scan_opened(self, scan: OpenScan) -> None:
        self._labels = None
        loaded = np.zeros(scan.volume.geometry.shape_kji[0], bool)
        self.panes.set_scan(scan.volume, scan.series, loaded)
        self.findings.scan_changed()
        self.show_centre()
        self.measure()
        self.focus_panes()

    def _scan_completed(self, scan: OpenScan) -> None:
        self.findings.scan_changed()

    def _reading_changed(self, reading: Reading) -> None:
        if reading.lungs is not self._labels:
            self.banners.drop("segment-classical")  # whichever model drew them, they are there
            self.editing.show_lungs(self._labels, reading.lungs)
            self._labels = reading.lungs
        self._walk()
        self.side.tabs[FINDINGS].set_count(len(self.desk.order))
        self.side.tabs[SEGMENTS].set_count(len(reading.lung_figures))
        self._set_marks()
        self._show_coverage()

    def _walk(self) -> None:
        scan = self.desk.scan
        off = scan is not None and bool(scan.series.ai_refusal)
        steps = steps_of(self.desk.reading, ai_off=off)
        self.topbar.set_steps(steps)
        self.findings.set_steps(steps)

    def _set_marks(self) -> None:
        reading = self.desk.reading
        if reading is not None:
            target = self.desk.editing.target
            edited, current = target.id if target is not None else "", self.desk.current
            self.panes.set_marks(marks_of(reading, self.desk.order, current, edited=edited))

    def _show_coverage(self) -> None:
        """How much lung was shown, at the foot of the findings and before the reading leaves."""
        whole = self.watching.whole()
        for below in (self.findings, self.measuring.panel):
            below.coverage_row.show_share(whole)
        self.pages.show_coverage(whole)
        self.leaving.refresh()

    def _current_changed(self, _finding: str | None) -> None:
        self._set_marks()
        finding = self.desk.current_finding
        if finding is not None:
            self.panes.go_to(finding.centre_lps)

    def _noticed(self, notice: Notice) -> None:
        if notice.place == STRIP and any(
            job.sentence == notice.sentence for job in self.desk.jobs.living
        ):
            return  # the job strip says it, with Run again
        if notice.place == BANNER:
            self.banners.tell(notice)
        else:
            self.toast.tell(notice)
            self._settle_toast()

    def _button_for(self, action: str) -> Button | None:
        """The button of an action row, for a notice."""
        row = BY_ID.get(action)
        if row is None:
            return None
        text = self.hands.words_of(action) or self.actions_by_id[action].text()
        button = Button(text, icon=row.icon, key=self.keys_by_id[action])
        button.clicked.connect(self.actions_by_id[action].trigger)
        return button

    # What the panes and panels tell

    def _view_changed(self, state: ViewState) -> None:
        self.topbar.preset.show_window(self.panes.window_shown)
        self.topbar.slab.show_slab(state.slab)
        self.topbar.show_tool(state.tool)
        if self.toast.isVisible():
            self._settle_toast()  # it never hides what the panes went to

    def _settle_toast(self, *_: object) -> None:
        over = self.centre.rect()
        if self.centre.currentIndex() == WORK:
            view = self.panes.all_views[self.panes.active]
            over = view.geometry() if view.window() is self else self.panes.rect()
        self.toast.set_over(over, self.panes.current_rings())

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in MENU:
            menu.addAction(self.actions_by_id[action])
        menu.popup(at)

    def _tab_changed(self, _tab: int) -> None:
        self._fill(self.segments.fill_share)

    def _fill(self, share: float) -> None:
        """Segments are filled while their tab is open; while judging only their edge shows."""
        open_now = self.side.current == SEGMENTS
        self.panes.set_fill(share if open_now else theme.number("segment.fillReading"))

    # The window itself

    def measure(self) -> None:
        """The room is shared anew among the parts, by the width of the window."""
        found = measures(self.width(), self.height())
        self.side.setFixedWidth(self.cuts.side_width(found))
        self.topbar.set_roomy(figures=found.figures, caps=found.caps, measuring=found.measuring)
        self.findings.set_compact(found.compact)
        pinned = self.browser_pinned
        if pinned is None:
            pinned = found.browser_pinned or self.desk.scan is None
        self.studies.fold(not pinned or self._keys_want_room())

    def _keys_want_room(self) -> bool:
        """The key sheet has all its columns: the browser beside it folds where they would not fit.

        It comes back with the panes.
        """
        if self.centre.currentIndex() != KEYS:
            return False
        beside = theme.size("browser") + theme.size("hairline") + self.side.width()
        return self.width() - beside < self.keysheet.whole_width

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.measure()
        super().resizeEvent(event)
        self._settle_toast()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.raise_()
        self.activateWindow()
        self.focus_panes()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped(event.mimeData()) is not None:
            self._take_a_copy(event)
            self.start.drop.light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.start.drop.light(False)

    def _take_a_copy(self, event: QDropEvent) -> None:
        """Whatever was proposed: after a move a file manager would delete the study."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        self.start.drop.light(False)
        found = dropped(event.mimeData())
        if found is not None:
            self._take_a_copy(event)
            self.desk.open(found.path, only=found.only)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self.hands.key_released(event)
        super().keyReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.hands.mouse_pressed(event):
            super().mousePressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leaves at once and without a question: all is in the log already."""
        self.hide()
        self.volume.close()
        self.desk.close()
        event.accept()

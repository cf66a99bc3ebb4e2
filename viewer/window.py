"""The window: panes in the middle, lists beside them, and one place where actions are carried out."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ai.errors import HilumError
from ai.nodules.naming import long_name
from viewer import theme
from viewer.actions import ROWS, ActionRow, key_text, make_actions, text_of
from viewer.desk import Desk
from viewer.notices import BANNER, Notice, of_error
from viewer.opening import OpenScan
from viewer.reading.names import short_names
from viewer.reading.reading import HELD, Reading
from viewer.views.panes import Panes
from viewer.views.presets import AS_STORED, FROM_LUNG, presets, window_from_lung
from viewer.views.state import Mark

log = logging.getLogger(__name__)


class HilumWindow(QWidget):
    """Draws what the desk announces; hands every key and click to the desk or the panes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setWindowTitle("Hilum")
        self.resize(1440, 900)
        self.actions_by_id = make_actions(self)
        self.panes = Panes(self)
        self._export_folder = ""
        self._build()
        desk.scan_opened.connect(self._scan_opened)
        desk.opening.slices_arrived.connect(self.panes.slices_ready)
        desk.reading_changed.connect(self._reading_changed)
        desk.current_changed.connect(self._current_changed)
        desk.noticed.connect(self._noticed)
        desk.jobs.changed.connect(self._jobs_changed)
        self.panes.mark_clicked.connect(desk.select)

    def _build(self) -> None:
        top = QHBoxLayout()
        for row in ROWS:
            if row.id in ("open", "segment-lungs", "find-nodules", "export"):
                button = QPushButton(f"{text_of(row)}  {key_text(row)}")
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                button.clicked.connect(self.actions_by_id[row.id].trigger)
                top.addWidget(button)
        self._banner = QLabel()
        self._banner.setWordWrap(True)
        self._findings = QListWidget()
        self._findings.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._segments = QLabel()
        self._agent = QLabel()
        self.tabs = QTabWidget()
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for widget, title in (
            (self._findings, self.tr("Findings")),
            (self._segments, self.tr("Segments")),
            (self._agent, self.tr("Agent")),
        ):
            self.tabs.addTab(widget, title)
        self.tabs.setFixedWidth(theme.size("panel"))
        middle = QHBoxLayout()
        middle.addWidget(self.panes, 1)
        middle.addWidget(self.tabs)
        self._job = QLabel()
        self._status = QLabel(
            self.tr("Research use only. Not a medical device. Not for diagnosis.")
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(top)
        whole.addWidget(self._banner)
        whole.addLayout(middle, 1)
        whole.addWidget(self._job)
        whole.addWidget(self._status)

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
            self.desk.tell(Notice(text, "", "warn", BANNER))

    def ask_for_study(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open a study"))
        if folder:
            self.desk.open(Path(folder))

    def open_export_folder(self) -> None:
        if self._export_folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._export_folder))

    def cancel(self) -> None:
        self.desk.cancel()

    def add_here(self) -> None:
        self.desk.add_at(self.panes.state.crosshair_lps)

    def copy_name(self) -> None:
        """The long name of the current finding, to the clipboard."""
        finding, scan = self.desk.current_finding, self.desk.scan
        if finding is not None and scan is not None:
            series = scan.series
            name = long_name(finding, series.number, series.image_number(finding.slice_index))
            QGuiApplication.clipboard().setText(name)
            self.desk.tell(Notice(self.tr("Copied: {0}").format(name)))

    def toggle_marks(self) -> None:
        self.panes.set_show_marks(not self.panes.state.show_marks)

    def toggle_invert(self) -> None:
        self.panes.set_invert(not self.panes.state.invert)

    def toggle_crosshair(self) -> None:
        self.panes.set_show_crosshair(not self.panes.state.show_crosshair)

    def toggle_patient(self) -> None:
        self.panes.set_patient_hidden(not self.panes.state.patient_hidden)

    def toggle_browser(self) -> None: ...

    def toggle_keys(self) -> None: ...

    def next_tab(self) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())

    def apply_preset(self, key: str) -> None:
        """The grey window of a digit key."""
        preset = next(p for p in presets() if p.key == key)
        window = preset.window
        if preset.computed == FROM_LUNG and self.desk.scan is not None:
            lungs = self.desk.reading.lungs if self.desk.reading else None
            window = window_from_lung(self.desk.scan.volume, lungs)
        elif preset.computed == AS_STORED:
            window = presets()[0].window
        if window is not None:
            self.panes.set_window(window)

    # What the desk announces

    def _scan_opened(self, scan: OpenScan) -> None:
        import numpy as np

        loaded = np.zeros(scan.volume.geometry.shape_kji[0], bool)
        self.panes.set_scan(scan.volume, scan.series, loaded)

    def _reading_changed(self, reading: Reading) -> None:
        self.panes.set_labels(reading.lungs)
        names, order = short_names(reading), self.desk.order
        self._findings.clear()
        for finding_id in order:
            finding = reading.finding(finding_id)
            if finding is not None:
                size = finding.measurement.mean_diameter_mm
                self._findings.addItem(
                    f"{names[finding_id]}  {size:.1f} mm {finding.measurement.type}"
                    f"  {reading.states[finding_id]}"
                )
        held = len(self.desk.held)
        self._findings.addItem(self.tr("{0} held back").format(held))
        self._segments.setText(
            "\n".join(
                f"{s.number}: {s.volume_ml:.0f} ml {s.mean_hu:.0f} HU" for s in reading.lung_figures
            )
        )
        policy = self.desk.agent.policy
        self._agent.setText(f"{policy.id}\n{policy.origin}\n{policy.answers} answers learnt")
        self._set_marks()

    def _set_marks(self) -> None:
        reading = self.desk.reading
        marks = []
        for number, finding_id in enumerate(self.desk.order, 1):
            finding = reading.finding(finding_id) if reading else None
            if finding is not None and reading is not None:
                marks.append(
                    Mark(
                        finding.id,
                        number,
                        finding.centre_lps,
                        finding.measurement.long_mm / 2,
                        reading.states[finding.id],
                        finding.id == self.desk.current,
                    )
                )
        current = self.desk.current_finding
        if current is not None and reading is not None and reading.states[current.id] == HELD:
            marks.append(
                Mark(current.id, 0, current.centre_lps, current.measurement.long_mm / 2, HELD, True)
            )
        self.panes.set_marks(tuple(marks))

    def _current_changed(self, finding_id: str | None) -> None:
        self._set_marks()
        finding = self.desk.current_finding
        if finding is not None:
            self.panes.go_to(finding.centre_lps)
            if finding_id in self.desk.order:
                self._findings.setCurrentRow(self.desk.order.index(finding_id))

    def _noticed(self, notice: Notice) -> None:
        if notice.action == "open-export-folder":
            self._export_folder = notice.remedy
        self._banner.setText(f"{notice.sentence} {notice.remedy}")

    def _jobs_changed(self, jobs: object) -> None:
        self._job.setText(
            " | ".join(f"{j.kind} {j.step} {j.fraction:.0%} {j.sentence}" for j in jobs)  # type: ignore
        )

    # The window itself

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.panes.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.desk.close()
        event.accept()

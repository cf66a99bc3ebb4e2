"""Pages over the right panel, and what the window hands to the clipboard and the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from ai.nodules.naming import long_name
from viewer.keymaps import cap
from viewer.notices import GOOD, Notice
from viewer.panels.copy_preview import CopyPage
from viewer.panels.coverage import CoveragePage
from viewer.panels.image_info import ImageInfoPage
from viewer.panels.key_images import KeyImagesPage
from viewer.panels.page import Page
from viewer.panels.passport import PassportPage
from viewer.panels.report import ReportPage
from viewer.panels.why_page import WhyPage
from viewer.reading.labels import NODULE
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow


def tr(text: str) -> str:
    return QCoreApplication.translate("Window", text)


class Pages:
    """The pages of one window, each shown by its action row."""

    passport: PassportPage
    image_info: ImageInfoPage
    report: ReportPage
    copy: CopyPage
    coverage: CoveragePage
    why: WhyPage
    key_images: KeyImagesPage

    def __init__(self, window: HilumWindow) -> None:
        self._window = window
        desk, actions = window.desk, window.actions_by_id
        self.passport = PassportPage(desk, actions, window.keys_by_id)
        self.passport.copied.connect(self.to_clipboard)
        self.image_info = ImageInfoPage(desk)
        self.image_info.copied.connect(self.to_clipboard)
        self.report = ReportPage(desk, actions, window.keys_by_id)
        self.report.copied.connect(self.to_clipboard)
        self.report.done.connect(window.focus_panes)
        self.copy = CopyPage(desk, actions)
        self.why = WhyPage(desk)
        self.coverage = CoveragePage(window.watching, actions, window.keys_by_id)
        self.key_images = KeyImagesPage(desk, window.key_images)
        for page in self.all:
            window.side.add_page(page)
            page.left.connect(window.focus_panes)
        self._told_of: tuple[str, int] | None = None
        desk.scan_opened.connect(self._scan_opened)
        desk.reading_changed.connect(self._reading_changed)

    @property
    def all(self) -> tuple[Page, ...]:
        pages = self.passport, self.image_info, self.report, self.copy, self.coverage
        return *pages, self.why, self.key_images

    def show(self, page: Page) -> None:
        """The page over the tabs; once more, and the tab below it is back."""
        side = self._window.side
        if side.page is page:
            side.close_page()
            self._window.focus_panes()
        else:
            side.show_page(page)

    def _scan_opened(self, _scan: object) -> None:
        self._told_of = None  # also where it is the same one, read anew

    def _reading_changed(self, reading: Reading) -> None:
        """The page in sight is drawn anew for another study, reading or pair of lungs: one rule
        for all of them; what else it follows is its own."""
        of = reading.id, reading.lungs_row
        before, self._told_of = self._told_of, of
        page = self._window.side.page
        if of != before and page is not None:
            page.shown()

    def show_coverage(self, whole: float | None) -> None:
        """Where a reading is signed and where it has gone out: what of the lungs was not shown."""
        for page in (self.report, self.passport):
            page.coverage.show_share(whole)

    def to_clipboard(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._window.desk.tell(Notice(tr("Copied to the clipboard."), "", GOOD))

    def copy_name(self) -> None:
        """The long name of the current finding, to the clipboard."""
        desk = self._window.desk
        finding, scan = desk.current_finding, desk.scan
        if finding is None or scan is None:
            desk.tell(
                Notice(tr("No finding is current. {0} goes to the next one.").format(cap("next")))
            )
            return
        series = scan.series
        image = series.image_number(finding.slice_index)
        called = desk.own.label_of(finding.id) if finding.kind != NODULE else ""
        name = long_name(finding, series.number, image, called=called)
        QGuiApplication.clipboard().setText(name)
        desk.tell(Notice(tr("Copied: {0}").format(name)))

    def open_export_folder(self) -> None:
        """The folder of the last export, shown by the system."""
        folder = self._window.desk.out.folder
        if folder is None:
            text = tr("Nothing has gone out of this reading yet. {0} exports.").format(
                cap("export")
            )
            self._window.desk.tell(Notice(text))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            QGuiApplication.clipboard().setText(str(folder))
            text = tr("No program here shows folders; the place was copied: {0}")
            self._window.desk.tell(Notice(text.format(folder)))

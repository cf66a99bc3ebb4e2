"""What the window hands out by the system's own dialogs: exports, pictures, masks, copies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QImage

from ai.errors import HilumError
from viewer.keymaps import cap
from viewer.notices import BANNER, GOOD, WARN, Notice
from viewer.panels.density_csv import density_csv
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.report.density import density_use
from viewer.views.state import FEW_TEXT
from viewer.window.dialogs import ask_folder, ask_new_file

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow

HANDED_OUT: Final = "handed-out-to"


def tr(text: str) -> str:
    return QCoreApplication.translate("Window", text)


class HandingOut:
    """Of one window. Nothing that is there already is written over."""

    def __init__(self, window: HilumWindow) -> None:
        self._window = window

    def export_to(self) -> None:
        """An export into a folder of the reader's choice."""
        self._ask_folder(tr("Export to a folder"), self._window.desk.export)

    def picture(self) -> QImage | None:
        """The active pane as it is seen, without what the header says of patient and study."""
        panes = self._window.panes
        if panes.volume is None:
            self._window.desk.tell(
                Notice(tr("No study is open. {0} opens one.").format(cap("open")))
            )
            return None
        level = panes.state.text_level
        panes.set_text_level(FEW_TEXT)
        image = panes.views[panes.active].grab().toImage()
        panes.set_text_level(level)
        return image

    def copy_picture(self) -> None:
        image = self.picture()
        if image is not None:
            QGuiApplication.clipboard().setImage(image)
            text = tr("The pane was copied as a picture, without the patient's name.")
            self._window.desk.tell(Notice(text, "", GOOD))

    def save_picture(self) -> None:
        image = self.picture()
        if image is not None:
            name = f"{self._window.panes.active}.png"
            self._ask(tr("Save the pane as a picture"), name, lambda path: self._save(image, path))

    def save_nifti(self) -> None:
        """The lungs as a NIfTI file."""
        desk = self._window.desk
        if desk.reading is None or desk.reading.lungs is None:
            desk.copies.save_nifti(Path())  # it says what is missing
        else:
            self._ask(tr("Save the lungs as NIfTI"), "lungs.nii.gz", desk.copies.save_nifti)

    def save_densities(self) -> None:
        """The table of the Segments tab for a spreadsheet."""
        desk = self._window.desk
        if desk.reading is None or not desk.reading.lung_figures:
            text = tr("There are no lungs yet. {0} segments them.").format(cap("segment-lungs"))
            desk.tell(Notice(text))
        elif (edits := desk.reading.edits.get(LUNGS_MASK)) is not None and edits.stale:
            desk.tell(Notice(tr("Figures are being counted again. Save the table after that.")))
        else:
            self._ask(tr("Save the table"), "lung-density.csv", self._write_densities)

    def _write_densities(self, path: Path) -> None:
        desk = self._window.desk
        reading, scan = desk.reading, desk.scan
        if reading is None or scan is None:
            return  # the study was left while the dialog stood
        made_by = reading.lungs.made_by if reading.lungs is not None else None
        table = density_csv(reading.lung_figures, density_use(scan.series), made_by)
        path = path if path.suffix else path.with_suffix(".csv")
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(table)
        except FileExistsError:
            text = tr("{0} is there already and is not overwritten.").format(path.name)
            desk.tell(Notice(text, tr("Choose another name."), WARN, BANNER))
        except OSError:
            text = tr("{0} could not be written.").format(path.name)
            desk.tell(Notice(text, tr("Choose another folder."), WARN, BANNER))
        else:
            desk.tell(Notice(tr("{0} saved.").format(path.name), "", GOOD))

    def write_copy(self) -> None:
        """A copy without names into an empty folder; until its preview stands, that is shown."""
        window = self._window
        if window.desk.copies.changes is None:
            if window.side.page is not window.pages.copy:
                window.pages.show(window.pages.copy)
            return
        keep = window.pages.copy.keep_dates.isChecked()

        def chosen(folder: Path) -> None:
            window.desk.copies.save_copy(folder, keep_dates=keep)

        self._ask_folder(tr("Copy without names, to an empty folder"), chosen)

    def _ask(self, title: str, name: str, chosen: Callable[[Path], object]) -> None:
        def taken(path: Path) -> None:
            self._keep(path.parent)
            chosen(path)

        window = self._window
        ask_new_file(window, title, name, taken, window.focus_panes, self._last())

    def _ask_folder(self, title: str, chosen: Callable[[Path], object]) -> None:
        def taken(folder: Path) -> None:
            self._keep(folder)
            chosen(folder)

        window = self._window
        ask_folder(window, title, taken, window.focus_panes, self._last())

    def _last(self) -> Path:
        """Where something last went, or as far up as that is still there; at first one's home."""
        kept = ""
        with contextlib.suppress(HilumError):  # a place is a comfort: never a sentence
            kept = self._window.desk.library.setting(HANDED_OUT)
        folder = Path(kept) if kept else Path.home()
        return next((one for one in (folder, *folder.parents) if one.is_dir()), Path.home())

    def _keep(self, folder: Path) -> None:
        """In the private library: a folder may have a patient's name."""
        if str(folder).isprintable():  # others cannot be kept as text
            with contextlib.suppress(HilumError):
                self._window.desk.library.set_setting(HANDED_OUT, str(folder))

    def _save(self, image: QImage, path: Path) -> None:
        path = path if path.suffix else path.with_suffix(".png")
        desk = self._window.desk
        if path.exists():
            text = tr("{0} is there already and is not overwritten.").format(path.name)
            desk.tell(Notice(text, tr("Choose another name."), WARN, BANNER))
        elif image.save(str(path)):
            desk.tell(Notice(tr("{0} saved.").format(path.name), "", GOOD))
        else:
            text = tr("{0} could not be written.").format(path.name)
            desk.tell(Notice(text, tr("Choose another folder or .png as ending."), WARN, BANNER))

"""The system's own dialogs: never waited for, and the keys work again when they are gone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from ai.errors import HilumError
from viewer.home import home


def ask_folder(
    window: QWidget,
    title: str,
    chosen: Callable[[Path], object],
    back: Callable[[], object],
    start: Path | None = None,
) -> QFileDialog:
    """Asks for a folder without holding the window up.

    chosen: called with the folder, not at all when the reader thinks better of it. back: puts the
    focus where the keys work; without a window manager nobody else gives it back. start: the folder
    that is shown first.
    """
    dialog = _made(window, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    return _show(dialog, window, lambda paths: chosen(paths[0]), back)


def ask_files(
    window: QWidget,
    title: str,
    kinds: Sequence[str],
    chosen: Callable[[tuple[Path, ...]], object],
    back: Callable[[], object],
) -> QFileDialog:
    """Asks for files that are there, one or many; the system's dialog takes files or folders.

    kinds: filters as Qt writes them, the first one in force.
    """
    dialog = _made(window, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters(list(kinds))
    return _show(dialog, window, chosen, back)


def ask_new_file(
    window: QWidget,
    title: str,
    name: str,
    chosen: Callable[[Path], object],
    back: Callable[[], object],
    start: Path | None = None,
) -> QFileDialog:
    """Asks where a new file goes; whoever writes it says so where one is there already."""
    dialog = _made(window, title, start)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, True)
    dialog.selectFile(name)
    return _show(dialog, window, lambda paths: chosen(paths[0]), back)


def _made(window: QWidget, title: str, start: Path | None = None) -> QFileDialog:
    """Qt's own dialog keeps the folders it showed, which may have a patient's name: in our home."""
    with contextlib.suppress(HilumError):
        kept, whose = QSettings.Format.NativeFormat, QSettings.Scope.UserScope
        QSettings.setPath(kept, whose, str(home()))
    return QFileDialog(window, title, str(start or ""))


def _show(
    dialog: QFileDialog,
    window: QWidget,
    chosen: Callable[[tuple[Path, ...]], object],
    back: Callable[[], object],
) -> QFileDialog:
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def ended(result: int) -> None:
        paths = tuple(map(Path, dialog.selectedFiles()))
        QTimer.singleShot(0, window, lambda: _to_front(window, back))
        if result and paths:
            chosen(paths)

    dialog.finished.connect(ended)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()  # without a window manager nobody else gives it the keys
    return dialog


def _to_front(window: QWidget, back: Callable[[], object]) -> None:
    window.raise_()
    window.activateWindow()
    back()

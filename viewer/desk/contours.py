"""Contours that lie beside the open scan: laid on it when the reader asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.notices import Notice

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Contours", text)


def lay_contours(desk: Desk) -> None:
    """As if their files had been opened; a scan that still loads is waited for."""
    opened = desk.opening.opened
    if opened is None or not opened.contours:
        desk.tell(Notice(tr("No contours lie beside this scan.")))
    elif desk.waiting.scan_stands(lambda: lay_contours(desk)):
        desk.segs.read(opened.contours, asked=True, then=lambda: None)

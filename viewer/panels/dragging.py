"""A series taken from a list by the hand, to be dropped on a pane."""

from __future__ import annotations

import math

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDrag, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from viewer import theme
from viewer.dicom.series import Series
from viewer.views.slice_view import SERIES_MIME


def is_drag(start: QPointF, at: QPointF) -> bool:
    """Whether a hand that pressed at `start` and is at `at` now means to carry something."""
    way = at - start
    return math.hypot(way.x(), way.y()) >= QApplication.startDragDistance()


def series_drag(source: QWidget, series: Series, picture: QImage | None) -> QDrag:
    """The drag of a series, with its picture under the hand; exec begins it."""
    data = QMimeData()
    data.setData(SERIES_MIME, series.key.encode())
    drag = QDrag(source)
    drag.setMimeData(data)
    if picture is not None:
        side = theme.size("thumbSeries")
        drag.setPixmap(
            QPixmap.fromImage(picture).scaled(
                side, side, Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )  # fmt: skip
    return drag


def carry(drag: QDrag) -> None:
    """The hand carries it until it lets go; nothing is asked meanwhile."""
    drag.exec(Qt.DropAction.CopyAction)

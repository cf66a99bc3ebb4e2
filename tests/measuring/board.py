"""What a desk keeps of drawings, without a log."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ai.scan.volume import Volume
from viewer.measuring.figures import measure
from viewer.measuring.shapes import Kind, Measured, Shape


class Board(QObject):
    changed = Signal()
    go_asked = Signal(object)

    def __init__(self, volume: Volume) -> None:
        super().__init__()
        self.volume = volume
        self.measured: tuple[Measured, ...] = ()
        self.selected: Measured | None = None

    def show_second(self, second: object) -> None:
        pass

    def series_on(self, volume: Volume | None) -> str | None:
        return "" if volume is self.volume else None

    def volume_of(self, series: str) -> Volume | None:
        return self.volume

    def find(self, measurement: str) -> Measured | None:
        return next((one for one in self.measured if one.id == measurement), None)

    def counted(self, shape: Shape) -> Measured:
        return measure(shape, self.volume)

    def next_number(self, kind: Kind) -> int:
        return 1 + sum(one.shape.kind is kind for one in self.measured)

    def label_of(self, shape: Shape) -> str:
        return ""

    def add(self, shape: Shape, label: str = "") -> None:
        self.measured = (*self.measured, self.counted(shape))

    def select(self, measurement: str) -> None:
        self.selected = None

"""A session of the 3-D pane without a process: the test says what comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from tests.views.scans import lying
from viewer.volume.camera import box_lps
from viewer.volume.messages import CPU, GPU, Drawn, Ready
from viewer.volume.session import Arrived, Wanted

GEOMETRY = lying("HFS")
CARD, NO_CARD = Ready("a card", GPU, 5.0), Ready("llvmpipe", CPU, 30.0)


class FakeSession(QObject):
    """What it was told, asked and started with, in the order of the calls."""

    ready = Signal(object)
    arrived = Signal(object)
    dropped = Signal()
    troubled = Signal(object)
    ended = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.about: Ready | None = None
        self.starts: list[bool] = []
        self.looks: list[Wanted] = []
        self.told: dict[str, Any] = {}
        self.running = self.closed = False
        self.fails: Exception | None = None
        self.ends = box_lps(GEOMETRY)

    def set_scan(self, ref: Any, geometry: Any, *, gradient: float = 1.0) -> None:
        self.told = {"scan": ref, "gradient": gradient}

    def set_lungs(self, lungs: Any, colours: Any) -> None:
        self.told["lungs"] = lungs, colours

    def set_shapes(self, masks: Any) -> None:
        self.told["shapes"] = masks

    def set_tints(self, tints: Any) -> None:
        self.told["tints"] = tints

    def start(self, *, software: bool = False) -> None:
        if not self.running:
            self.starts.append(software)
        self.running = True

    def tell(self) -> None:
        if self.fails is not None:
            raise self.fails

    def look(self, wanted: Wanted) -> None:
        if self.about is None:
            return
        self.tell()
        self.looks.append(wanted)

    def close(self) -> None:
        self.closed, self.running, self.about = True, False, None

    def is_ready(self, about: Ready) -> None:
        self.about = about
        self.ready.emit(about)

    def send(self, *, airway: bool | None = None, blood: bool | None = None, at: int = -1) -> None:
        """The picture that was asked for last; at: another one that was asked for."""
        wanted = self.looks[at]
        drawn = Drawn(1, 20, 10, not wanted.moving, 5.0, airway=airway, blood=blood)
        pixels = np.full((10, 20, 4), 80, dtype=np.uint8)
        size = wanted.width, wanted.height
        self.arrived.emit(Arrived(pixels, wanted.camera, drawn, size, wanted.preset))

    def dies(self, *, was_ready: bool = True) -> None:
        self.running, self.about = False, None
        self.ended.emit(was_ready)

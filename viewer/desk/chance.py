"""The map of the network's chances of lung: computed when the reader wants to see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal

from ai.errors import OutsideError
from ai.models.own_cards import newest_network
from ai.scan.chance import map_grid
from ai.scan.geometry import Geometry
from ai.scan.labelmap import MadeBy
from ai.scan.volume import Volume
from ai.worker.messages import ChanceMapped, Failed, MapChance
from ai.worker.shared import Block
from viewer.desk.checking import is_network
from viewer.desk.room import Room, Want
from viewer.jobs import Job
from viewer.notices import BANNER, INFO, STRIP, WARN, Notice

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

CHANCE: Final = "chance"


def tr(text: str) -> str:
    return QCoreApplication.translate("Chance", text)


@dataclass(frozen=True, eq=False)
class ChanceMap:
    """chance: uint8, 255 for 1, on a geometry with a voxel every 3 mm or so."""

    chance: NDArray[np.uint8]
    geometry: Geometry
    made_by: MadeBy


class Chance(QObject):
    """Of one desk; off until it is asked for. `changed` tells that map, wish or work is another.

    Nothing of it is logged or exported: it is a look at the model, no part of the reading.
    """

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk, self._room = desk, Room(self)
        self._job = ""
        self._block: Block | None = None
        self._map: ChanceMap | None = None
        self._asked: tuple[Volume | None, str] = (None, "")
        self.wanted = False
        desk.jobs.answered.connect(self._answered)
        desk.reading_changed.connect(self._changed)

    @property
    def card(self) -> str:
        """Whose chances: of the network that drew the lungs, else of the one that Shift+F5 asks."""
        reading = self._desk.reading
        drawn = reading.lungs.made_by.card if reading and reading.lungs else ""
        return drawn if is_network(drawn) else newest_network()

    @property
    def runs(self) -> bool:
        return bool(self._job)

    @property
    def shown(self) -> ChanceMap | None:
        """What is to be drawn; None while it is off, not there yet, or of another scan."""
        return self._map if self.wanted and self._true() else None

    def want(self, wanted: bool) -> None:
        """The reader switches it on or off; what is being computed for it stops with that."""
        if wanted == self.wanted:
            return
        if wanted and not self._true():
            if not self._desk.waiting.scan_stands(lambda: self.want(True)):
                return
            self.wanted = self._ask()
        else:
            self.wanted = wanted
            if not wanted:
                self._stop()
        self.changed.emit()

    def _true(self) -> bool:
        """Whether the map that is kept is of the open scan and of the network that is asked."""
        scan = self._desk.scan
        return self._map is not None and scan is not None and self._asked == self._now()

    def _now(self) -> tuple[Volume | None, str]:
        """Which scan and which network a map would be of now."""
        scan = self._desk.scan
        return (scan.volume if scan is not None else None, self.card)

    def _ask(self) -> bool:
        """Has the worker compute it; False where it must not be asked, which is said."""
        desk = self._desk
        scan = desk.scan
        if scan is None:
            return False
        if scan.series.ai_refusal:
            desk.opening.tell_again()
            return False
        self._map = None
        self._job = job = desk.jobs.new_id(CHANCE)
        self._asked = self._now()
        card = self._asked[1]

        def ask(blocks: tuple[Block, ...]) -> None:
            if job != self._job:  # it was switched off meanwhile
                blocks[0].free()
                return
            self._block = blocks[0]
            desk.jobs.ask_ai(CHANCE, MapChance(job, card, scan.ref, blocks[0].ref))

        def refused(error: OutsideError) -> None:
            self._job, self.wanted = "", False
            desk.tell(Notice(error.sentence, error.remedy, WARN, BANNER))
            self.changed.emit()

        self._room.make([Want(map_grid(scan.volume.geometry).shape_kji, "uint8")], ask, refused)
        return True

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        if not self._job or job.id != self._job:
            return
        block, self._job, self._block = self._block, "", None
        scan = self._desk.scan
        if isinstance(message, ChanceMapped) and scan is not None and block is not None:
            geometry = map_grid(scan.volume.geometry)
            self._map = ChanceMap(block.array.copy(), geometry, message.made_by)
        elif isinstance(message, Failed):
            self.wanted = False
            if message.cancelled:
                self._desk.tell(Notice(tr("Cancelled. Nothing was changed."), "", INFO))
            else:
                self._desk.tell(Notice(message.sentence, message.remedy, WARN, STRIP))
        if block is not None:
            block.free()
        self.changed.emit()

    def _stop(self) -> None:
        job, self._job = self._job, ""
        if job:
            self._desk.jobs.cancel(job)
        if self._block is not None:
            self._block.free()
            self._block = None

    def _changed(self, _reading: object) -> None:
        """Another scan, or lungs of another network: the map is of neither."""
        if (self._map is None and not self._job) or self._asked == self._now():
            return
        self._stop()
        self._map, self.wanted, self._asked = None, False, (None, "")
        self.changed.emit()

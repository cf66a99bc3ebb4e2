"""One scan in the process that renders: what it was told, what it is asked, what came back."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.worker.messages import BlockRef, VolumeRef
from ai.worker.shared import Block
from viewer.volume.camera import VolumeCamera, box_lps
from viewer.volume.client import VolumeClient
from viewer.volume.loans import lend_lungs, lend_shapes
from viewer.volume.messages import (
    Drawn,
    Dropped,
    Look,
    Ready,
    Rgb,
    ShowFindings,
    ShowLungs,
    ShowScan,
    Tint,
    Trouble,
)

ROOM = 1.25
"""A block for pictures is made larger than the first one needs: panes are dragged larger."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """A picture that is asked for: from where, how large in logical pixels, how it is shown."""

    camera: VolumeCamera
    width: int
    height: int
    ratio: float
    preset: str
    hidden: tuple[int, ...] = ()
    moving: bool = False


@dataclass(frozen=True, eq=False)
class Arrived:
    """A picture that came: (rows, columns, 4) RGBA, valid until the next one is asked for.

    size: width and height it was asked for in, logical pixels. preset: by which it was drawn.
    """

    pixels: NDArray[np.uint8]
    camera: VolumeCamera
    told: Drawn
    size: tuple[int, int]
    preset: str = ""


class VolumeSession(QObject):
    """What has changed is told before the next picture is asked for, and not before."""

    ready = Signal(object)  # Ready
    arrived = Signal(object)  # Arrived
    dropped = Signal()  # the newest picture was given up for what was told since
    troubled = Signal(object)  # Trouble, of the newest picture
    ended = Signal(bool)  # whether it had been ready before
    _heard = Signal(object)
    _died = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        client: Callable[..., VolumeClient] = VolumeClient,
    ) -> None:
        super().__init__(parent)
        self._heard.connect(self._take)
        self._died.connect(self._bury)
        self._client = client(self._heard.emit, self._died.emit)
        self.about: Ready | None = None
        self._scan = ShowScan(None)
        self._geometry: Geometry | None = None
        self._lungs: LabelMap | None = None
        self._colours: Mapping[int, Rgb] = {}
        self._masks: Mapping[str, BoxMask] = {}
        self._tints = ShowFindings()
        self._lung_ends: NDArray[np.float64] | None = None
        self._told: dict[str, object] = {}  # what the process knows; nothing of what is not there
        self._lent: dict[str, Block] = {}
        self._out: Block | None = None
        self._turns = itertools.count(1)
        self._asked: dict[int, tuple[Wanted, NDArray[np.uint8]]] = {}
        self._newest = 0

    @property
    def running(self) -> bool:
        return self._client.running

    @property
    def ends(self) -> NDArray[np.float64]:
        """(N, 3): the outermost places of the lungs in LPS mm, else two corners of the scan."""
        if self._lung_ends is not None and not self._untold("lungs"):
            return self._lung_ends
        assert self._geometry is not None
        return box_lps(self._geometry)

    # What is shown

    def set_scan(
        self, ref: BlockRef | None, geometry: Geometry | None, *, gradient: float = 1.0
    ) -> None:
        """A scan whose every slice has arrived; lungs, shapes and tints are taken away."""
        self._geometry = geometry
        self._scan = ShowScan(None)
        if ref is not None and geometry is not None:
            affine = tuple(float(n) for n in geometry.affine.ravel())
            self._scan = ShowScan(VolumeRef(ref, affine, "", ""), gradient)
        self.set_lungs(None, {})
        self.set_shapes({})
        self.set_tints(())
        if ref is None and self.about is not None:
            self.tell()  # nobody will ask for a picture, and the process holds a whole scan

    def set_lungs(self, lungs: LabelMap | None, colours: Mapping[int, Rgb]) -> None:
        self._lungs, self._colours = lungs, dict(colours)

    def set_shapes(self, masks: Mapping[str, BoxMask]) -> None:
        self._masks = dict(masks)

    def set_tints(self, tints: tuple[Tint, ...]) -> None:
        self._tints = ShowFindings(tints)

    # The process

    def start(self, *, software: bool = False) -> None:
        """Starts the process, if none runs; ready or ended follows."""
        if not self._client.running:
            self.about = None
            self._told = {}
            self._client.start(software=software)

    def tell(self) -> None:
        """Tells what has changed. Raises OutOfMemory where there is no room to lend it."""
        if self._untold("scan"):
            self._told = {}  # with another scan it forgets what lay on the one before
            self._client.tell(self._scan)
            self._now_told("scan")
        if self._untold("lungs"):
            self._client.tell(self._lend_lungs())
            self._now_told("lungs")
        if self._untold("shapes"):
            block, told = lend_shapes(self._masks)
            self._keep("shapes", block)
            self._client.tell(told)
            self._told.pop("tints", None)
            self._now_told("shapes")
        if self._untold("tints"):
            self._client.tell(self._tints)
            self._now_told("tints")

    def _wanted(self, name: str) -> object:
        """As it can be compared: voxels by what holds them, all else by value."""
        if name == "scan":
            return self._scan
        if name == "lungs":
            return self._lungs, self._colours
        return self._masks if name == "shapes" else self._tints

    def _untold(self, name: str) -> bool:
        return name not in self._told or self._told[name] != self._wanted(name)

    def _now_told(self, name: str) -> None:
        self._told[name] = self._wanted(name)

    def _lend_lungs(self) -> ShowLungs:
        block, told = None, ShowLungs(None)
        self._lung_ends = None
        if self._lungs is not None:
            block, told, self._lung_ends = lend_lungs(self._lungs, self._colours)
        self._keep("lungs", block)
        return told

    def _keep(self, name: str, block: Block | None) -> None:
        old = self._lent.pop(name, None)
        if old is not None:
            old.free()
        if block is not None:
            self._lent[name] = block

    def look(self, wanted: Wanted) -> None:
        """Asks for a picture; it arrives, or is dropped, or a newer one comes in its place.

        Raises OutOfMemory where there is no room for what must be lent.
        """
        if self.about is None:
            return
        self.tell()
        width = max(1, round(wanted.width * wanted.ratio))
        height = max(1, round(wanted.height * wanted.ratio))
        out = self._room_for(4 * width * height)
        self._newest = next(self._turns)
        self._asked[self._newest] = wanted, out.array
        self._client.look(
            Look(
                turn=self._newest,
                out=out.ref,
                camera=wanted.camera,
                width=width,
                height=height,
                ratio=wanted.ratio,
                preset=wanted.preset,
                moving=wanted.moving,
                hidden=wanted.hidden,
            )
        )

    def _room_for(self, size: int) -> Block:
        if self._out is None or self._out.ref.shape[0] < size:
            if self._out is not None:
                self._out.free()
            self._out = None
            self._out = Block.create((int(size * ROOM),), "uint8")
        return self._out

    def close(self) -> None:
        """Ends the process and gives back all that was lent."""
        self._client.close()
        self.about = None
        self._give_back()

    def _give_back(self) -> None:
        for block in (*self._lent.values(), *filter(None, [self._out])):
            block.free()
        self._lent, self._out = {}, None
        self._asked.clear()

    # What comes back, on the window's own thread

    def _take(self, message: object) -> None:
        if isinstance(message, Ready):
            if self._client.running:
                self.about = message
                self.ready.emit(message)
            return
        assert isinstance(message, (Drawn, Dropped, Trouble))
        asked = self._asked.pop(message.turn, None)
        for turn in [n for n in self._asked if n < message.turn]:
            del self._asked[turn]
        if asked is None:
            return  # of a process that is gone
        newest = message.turn == self._newest
        if isinstance(message, Drawn):
            wanted, out = asked
            part = out[: 4 * message.width * message.height]
            pixels = part.reshape(message.height, message.width, 4)
            size = wanted.width, wanted.height
            self.arrived.emit(Arrived(pixels, wanted.camera, message, size, wanted.preset))
        elif isinstance(message, Trouble) and newest:
            self.troubled.emit(message)
        elif newest:
            self.dropped.emit()

    def _bury(self) -> None:
        if not self._client.running:
            was_ready, self.about = self.about is not None, None
            self._give_back()
            self.ended.emit(was_ready)

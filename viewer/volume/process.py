"""The process of the 3-D pane: an offscreen VTK window that draws what it is asked to.

It is loaded in a child of its own: a driver that dies takes one pane with it and nothing else.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ai.errors import HilumError
from ai.worker.child import Line
from ai.worker.messages import Stop
from ai.worker.shared import Block
from viewer.volume.messages import (
    CPU,
    GPU,
    Drawn,
    Dropped,
    Look,
    Ready,
    Setup,
    ShowFindings,
    ShowLungs,
    ShowScan,
    ShowShapes,
    Trouble,
)

log = logging.getLogger(__name__)

PROBE_PX, PROBE_CUBES = 256, 128
WIDEST = 512
"""Cubes a side at most, less where the driver cannot hold as many."""

EARLY, LATER = 0, 19
"""How nice the process is until its first full picture, for which the reader waits, and from then
on. The first one at rest makes what no newer wish can stop (the gradients of the fine grid, half a
second of work): at 19 beside a search for nodules on two busy cores a first drag waited 4 s for it.
Measured: at 10 a scrolled cut took 1.2 times as long while 3-D turned, at 19 as long as else."""

BELOW_NORMAL = 0x4000
"""What Windows calls it (BELOW_NORMAL_PRIORITY_CLASS)."""

MOST_PIXELS = 800_000
"""Without a GPU: on a dense screen a picture of more would keep the reader waiting."""


class NoPictureError(Exception):
    """The driver draws, and what it draws is not there."""


def main(line: Line, setup: Setup) -> None:
    """What the child runs: try the driver, say Ready, then draw until Stop."""
    stand_back(EARLY)
    from viewer.volume.scene import Scene, prepare_driver

    prepare_driver(threads=setup.threads, software=setup.software)
    scene = Scene(CPU, threads=setup.threads)
    ready = probe(scene, software=setup.software)
    scene.set_route(ready.route)
    line.send(ready)
    warm_up()
    Process(line, scene, ready.route, setup.threads).serve()


def warm_up() -> None:
    """What the first picture needs is loaded while the reader still thinks about it."""
    import scipy.ndimage  # noqa: F401

    import viewer.volume.between  # noqa: F401


def probe(scene: Any, *, software: bool) -> Ready:
    """What the driver is, and by which mapper volumes are drawn, after a timed picture.

    Raises NoPictureError where a picture of a bright ball comes back dark.
    """
    from viewer.volume.ladder import is_software, route_of

    cpu_ms = _timed_ball(scene, CPU)
    driver = scene.driver
    if software or is_software(driver):
        return Ready(driver, CPU, cpu_ms)
    gpu_ms: float | None = None
    with contextlib.suppress(NoPictureError):
        gpu_ms = _timed_ball(scene, GPU)
    route = route_of(driver, gpu_ms)
    return Ready(driver, route, cpu_ms if route == CPU or gpu_ms is None else gpu_ms)


def _timed_ball(scene: Any, route: str) -> float:
    """Milliseconds of the second picture of a ball: the first one compiles and uploads."""
    from viewer.volume.camera import VolumeCamera
    from viewer.volume.grid import Grid
    from viewer.volume.ladder import STEPS
    from viewer.volume.presets import BONE, volume_preset

    side = PROBE_CUBES
    axis = np.arange(side, dtype=np.float32) - (side - 1) / 2
    far = axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2
    hu = (1000 - far / (side / 4) ** 2 * 1000).clip(-1000, 1000).astype(np.int16)
    scene.set_route(route)
    scene.set_volumes(((hu, Grid((0.0, 0.0, 0.0), 1.0, (side, side, side))),))
    scene.set_preset(volume_preset(BONE), gradient=1.0)
    middle = (side - 1) / 2
    camera = VolumeCamera((middle, middle, middle), mm_per_px=side / PROBE_PX)
    size = (PROBE_PX, PROBE_PX)
    scene.draw(camera, size, float(side), STEPS[0], light=True)
    picture, seconds = scene.draw(camera.turned(10, 0), size, float(side), STEPS[0], light=True)
    seen = int(picture[PROBE_PX // 2, PROBE_PX // 2, :3].max())
    scene.set_volumes(())
    if seen == 0:
        raise NoPictureError("the middle of a bright ball is black")
    return 1000 * seconds


class Process:
    """Answers one message after another."""

    def __init__(self, line: Line, scene: Any, route: str, threads: int) -> None:
        from viewer.volume.ladder import first_ladder
        from viewer.volume.stage import Stage

        self._line, self._scene, self._route = line, scene, route
        self._stage = Stage(scene, route, threads=threads, widest=_widest(scene, route))
        self._ladder = first_ladder(route)
        self._out: Block | None = None
        self._back = False

    def serve(self) -> None:
        """Until Stop."""
        stage = self._stage
        tell: dict[type, Callable[[Any], None]] = {
            ShowScan: stage.show_scan,
            ShowLungs: stage.show_lungs,
            ShowShapes: stage.show_shapes,
            ShowFindings: stage.show_findings,
        }
        while not isinstance(message := self._line.receive(), Stop):
            if isinstance(message, Look):
                self._line.send(self._look(message))
                continue
            try:
                tell[type(message)](message)
            except HilumError as error:  # a block taken back: something newer is on its way
                log.warning("%s was not taken in: %s", type(message).__name__, error.sentence)

    def _look(self, look: Look) -> Drawn | Dropped | Trouble:
        try:
            return self._drawn(look)
        except HilumError as error:
            return Trouble(look.turn, error.sentence, error.remedy)
        except MemoryError:
            log.exception("the 3-D picture needs more memory than there is")
            return Trouble(
                look.turn,
                "There is not enough memory for the 3-D picture.",
                "Close other programs, then show it again.",
            )

    def _drawn(self, look: Look) -> Drawn | Dropped:
        from viewer.volume.ladder import FULL
        from viewer.volume.presets import volume_preset

        preset = volume_preset(look.preset)
        if not self._stage.set_up(
            preset,
            hidden=look.hidden,
            coarse=look.moving,
            wanted=lambda: not self._line.has_more,
        ):
            return Dropped(look.turn)
        step = self._ladder.step if look.moving else FULL
        width, height = self._size(look, step.scale)
        height_mm = look.camera.mm_per_px * look.height / look.ratio
        picture, seconds = self._scene.draw(
            look.camera,
            (width, height),
            height_mm,
            step,
            light=preset.light is not None,
            wanted=(lambda: True) if look.moving else (lambda: not self._line.has_more),
        )
        if picture is None:
            return Dropped(look.turn)
        self._put(look, picture)
        if not self._back and not look.moving:
            self._back = True
            stand_back(LATER)
        draw_ms = 1000 * seconds
        at = self._ladder.at
        self._ladder = self._ladder.after(draw_ms) if look.moving else self._ladder.rested()
        airway, blood = self._stage.airway_found(preset), self._stage.blood_shines(preset)
        return Drawn(look.turn, width, height, not look.moving, draw_ms, at, airway, blood)

    def _size(self, look: Look, scale: float) -> tuple[int, int]:
        """Width and height of the picture in pixels."""
        if self._route == CPU:
            scale *= min(1.0, math.sqrt(MOST_PIXELS / (look.width * look.height)))
        return max(1, math.ceil(look.width * scale)), max(1, math.ceil(look.height * scale))

    def _put(self, look: Look, picture: Any) -> None:
        if self._out is None or self._out.ref != look.out:
            if self._out is not None:
                self._out.free()
            self._out = Block.attach(look.out, writable=True)
        height, width, _ = picture.shape
        flat = self._out.array.reshape(-1)
        flat[: height * width * 4].reshape(height, width, 4)[...] = picture


def _widest(scene: Any, route: str) -> int:
    return min(WIDEST, scene.widest()) if route == GPU else WIDEST


def stand_back(nice: int) -> None:
    """The window comes first: pictures here are made of the time it leaves.

    nice: as Unix counts it; on Linux each thread has one of its own, the driver's too.
    """
    if sys.platform == "win32":
        import ctypes

        with contextlib.suppress(Exception):
            kernel = ctypes.windll.kernel32
            kernel.SetPriorityClass(kernel.GetCurrentProcess(), BELOW_NORMAL)
        return
    tasks = Path("/proc/self/task")
    threads = [int(one.name) for one in tasks.iterdir()] if tasks.is_dir() else [0]
    for thread in threads:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, nice)

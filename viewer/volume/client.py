"""The window's end of the line to the process that renders: starts, asks, replaces.

One Look is under way at a time and one waits: the newest wins, so that pictures never pile up. One
by another preset is not awaited: what that one needs may take seconds to make.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol

from ai.worker.child import Child
from viewer.volume.messages import Drawn, Dropped, Look, Setup, Trouble
from viewer.volume.process import main

LONGEST_S = 30.0
"""A process that has not answered for so long hangs in its driver; it is ended."""


class Renderer(Protocol):
    """What the client needs of a child."""

    def send(self, message: Any) -> None:
        """Send a message; to a dead one it goes nowhere."""

    def kill(self) -> None:
        """End it now."""


Spawn = Callable[[Setup, Callable[[Any], None], Callable[[int | None], None]], Renderer]
"""Starts a process: how, where its messages go, and who hears of its death."""


def spawn(
    setup: Setup, on_message: Callable[[Any], None], on_death: Callable[[int | None], None]
) -> Renderer:
    """A child of its own for the 3-D pane."""
    return Child(main, (setup,), name="hilum-3d", on_message=on_message, on_death=on_death)


class VolumeClient:
    """Speaks to one rendering process after another.

    on_answer(Ready | Drawn | Dropped | Trouble) and on_death() are called on the child's own
    thread, or on the watch's; on_death once for each process that ended unasked.
    """

    def __init__(
        self,
        on_answer: Callable[[Any], None],
        on_death: Callable[[], None],
        *,
        spawn: Spawn = spawn,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._on_answer, self._on_death = on_answer, on_death
        self._spawn, self._longest_s = spawn, longest_s
        self._lock = threading.RLock()
        self._child: Renderer | None = None
        self._born = 0
        self._lives = 0
        self._under_way: list[Look] = []
        self._next: Look | None = None
        self._watch: threading.Timer | None = None

    @property
    def running(self) -> bool:
        """True from start() until the process ended."""
        return self._child is not None

    def start(self, *, software: bool = False) -> None:
        """Starts a process, if none runs. software: leave the graphics card alone."""
        with self._lock:
            if self._child is not None:
                return
            self._forget()
            life = self._lives
            setup = Setup(threads=threads(), software=software)
            self._child = self._spawn(
                setup,
                lambda message: self._heard(life, message),
                lambda _code: self._died(life),
            )
            self._wind_watch(life)

    def tell(self, message: Any) -> None:
        """Something that needs no answer: a scan, lungs, shapes, findings."""
        with self._lock:
            if self._child is not None:
                self._child.send(message)

    def look(self, look: Look) -> None:
        """One picture, soon. A full one under way is given up for it; a moving one is awaited."""
        with self._lock:
            if self._child is not None:
                self._next = look
                self._pump()

    def close(self) -> None:
        """Ends the process; it owns nothing that could be lost."""
        with self._lock:
            child, self._child = self._child, None
            self._forget()
        if child is not None:
            child.kill()

    def _forget(self) -> None:
        """Another life begins: what the last one still says is not heard."""
        self._lives += 1
        self._under_way, self._next = [], None
        self._stop_watch()

    def _pump(self) -> None:
        """Sends what waits, where nothing is under way or it is a full picture or one by another
        preset, which the process lets go of as soon as it hears of something newer."""
        if self._next is None or self._child is None or len(self._under_way) > 1:
            return
        if any(one.moving and one.preset == self._next.preset for one in self._under_way):
            return
        look, self._next = self._next, None
        self._under_way.append(look)
        self._wind_watch(self._lives)
        self._child.send(look)

    def _heard(self, life: int, message: Any) -> None:
        with self._lock:
            if life != self._lives:
                return
            if isinstance(message, (Drawn, Dropped, Trouble)):
                self._under_way = [one for one in self._under_way if one.turn != message.turn]
            if not self._under_way:
                self._stop_watch()
            self._pump()
        self._on_answer(message)

    def _died(self, life: int) -> None:
        with self._lock:
            if life != self._lives:
                return
            self._child = None
            self._forget()
        self._on_death()

    def _wind_watch(self, life: int) -> None:
        self._stop_watch()
        self._watch = threading.Timer(self._longest_s, self._overdue, (life,))
        self._watch.daemon = True
        self._watch.start()

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _overdue(self, life: int) -> None:
        with self._lock:
            child = self._child if life == self._lives else None
        if child is not None:
            child.kill()


def threads() -> int:
    """One core stays the window's."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) - 1)

"""The 3-D pane of another window goes on in this one: its process, camera, preset and picture.

What the process was told it still knows: the same scan, lungs and findings are not told again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QTimer

from viewer.views.state import Lps
from viewer.volume.camera import VolumeCamera
from viewer.volume.canvas import Picture
from viewer.volume.cover import SHOWN
from viewer.volume.messages import Ready
from viewer.volume.session import VolumeSession
from viewer.volume.view import VolumeView


@dataclass(frozen=True, eq=False)
class VolumeSight:
    """What a 3-D pane showed, and how. session: with its process, or None where none runs.

    asked: the reader wanted the picture. software: the graphics card was left alone.
    """

    session: VolumeSession | None
    about: Ready | None
    camera: VolumeCamera
    fitted: tuple[Lps, float] | None
    picture: Picture | None
    pictured: str
    preset: str
    asked: bool
    software: bool


def hand_over(view: VolumeView) -> VolumeSight:
    """What it showed; its process, where one runs, is no longer its own: it is to be closed."""
    view.bar.stop_turn()
    session, about = None, None
    if view.session.running:
        session, about = view.session, view.session.about
        for told in (session.ready, session.arrived, session.dropped, session.troubled):
            told.disconnect()
        session.ended.disconnect()
        session.setParent(None)
        session.about = None  # nothing is asked of it until all of it stands in the new window
        view.session = VolumeSession(view)
    shown = view.canvas.picture if view.state == SHOWN else None
    return VolumeSight(
        session, about, view.canvas.camera, view._fit_key, shown, view._pictured,
        view._chosen, view.asked, view._software,
    )  # fmt: skip


def begin(sight: VolumeSight) -> VolumeView:
    """A pane with that process; `go_on` follows once its scan was given to it, or none is there."""
    view = VolumeView(session=sight.session)
    if sight.session is not None:
        sight.session.setParent(view)
    view.canvas.camera = sight.camera
    view._chosen, view._wanted, view._software = sight.preset, sight.asked, sight.software
    return view


def go_on(view: VolumeView, sight: VolumeSight) -> None:
    """It looks from where it looked, at the picture that stood, until the next one comes."""
    view.canvas.camera, view._fit_key = sight.camera, sight.fitted
    session, about = view.session, sight.about
    if sight.session is not session or about is None:
        return
    if sight.picture is None:
        _ask(view, about)
        return
    view.canvas.set_drawn(sight.picture)
    view._pictured = sight.pictured
    view._name()
    view._set_state(SHOWN)
    # once the pane has its room: a picture of another size would be awaited first
    QTimer.singleShot(0, view, partial(_ask, view, about))


def _ask(view: VolumeView, about: Ready) -> None:
    """From now on it may ask its process, and does."""
    if not view.session.running:
        return  # it ended meanwhile
    view.session.about = about
    if view.state == SHOWN:
        view._reword()
        view._look(moving=True)
    else:
        view.session.ready.emit(about)

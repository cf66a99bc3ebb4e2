"""The 3-D pane: it has a process draw, paints what comes, and says in a sentence what does not."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from ai.errors import OutsideError
from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.worker.messages import BlockRef
from viewer import theme
from viewer.notices import INFO, TOAST, Notice
from viewer.panels.parts import box, column
from viewer.views.by_ai import by_ai
from viewer.views.state import Lps, Mark, PaneText, ViewState
from viewer.volume.bar import VolumeBar, name_of
from viewer.volume.camera import FRONT
from viewer.volume.canvas import VolumeCanvas
from viewer.volume.cover import ASKING, ENDED, MAKING, NOTHING, SHOWN, TRYING, VolumeCover
from viewer.volume.messages import CPU, Ready, Trouble
from viewer.volume.overlay import Words
from viewer.volume.pick import bodies
from viewer.volume.presets import BONE, GLASS, volume_preset
from viewer.volume.session import Arrived, VolumeSession, Wanted
from viewer.volume.spin import Spin
from viewer.volume.told import colours_of, gradient_of, hidden_of, shown_of, tints_of

REST_MS = 250
"""So long after the last movement the full picture is asked for."""

AWAY_MS = 60_000
"""Out of sight for so long, its process is ended: it holds some 400 MB."""


class VolumeView(QWidget):
    """Bodies, lungs and findings of one scan in 3-D. It opens by itself on a graphics card alone;
    elsewhere it offers to, and its process leaves the time to the window."""

    finding_clicked = Signal(str)
    noticed = Signal(object)  # Notice
    pressed = Signal()
    double_clicked = Signal()

    def __init__(
        self, parent: QWidget | None = None, *, session: VolumeSession | None = None
    ) -> None:
        super().__init__(parent)
        self.state = NOTHING
        self.session = session or VolumeSession(self)
        self._geometry: Geometry | None = None
        self._labelmap: LabelMap | None = None
        self._marks: tuple[Mark, ...] = ()
        self._masks: Mapping[str, BoxMask] = {}
        self._text = PaneText()
        self._wanted = self._software = False
        self._told_of = ""  # the preset that had nothing to show, and it was said
        self._pictured = ""  # the preset of the picture that stands
        self._fit_key: tuple[Lps, float] | None = None  # the last fit, until a new one is due
        self._chosen = ""
        self.canvas = VolumeCanvas()
        self.bar = VolumeBar()
        self._cover = VolumeCover(self.show_3d)
        self._stack = QStackedWidget()
        self._stack.addWidget(box(column(None, self._cover, None)))
        self._stack.addWidget(self.canvas)
        whole = column()
        whole.addWidget(self._stack, 1)
        whole.addWidget(self.bar)
        self.setLayout(whole)
        self.setFocusProxy(self.canvas)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._away = QTimer(self, singleShot=True, interval=AWAY_MS)
        self.spin = Spin(self._turn_on, self)
        self._connect()
        self._set_state(NOTHING)

    def _connect(self) -> None:
        self._away.timeout.connect(self._let_go)
        self._rest.timeout.connect(lambda: self._look(moving=False))
        self.session.ready.connect(self._ready)
        self.session.arrived.connect(self._arrived)
        self.session.dropped.connect(self._rest.start)
        self.session.troubled.connect(self._troubled)
        self.session.ended.connect(self._ended)
        self.canvas.camera_moved.connect(lambda: self._look(moving=True))
        self.canvas.resized.connect(self._resized)
        self.canvas.reset_asked.connect(self.reset)
        self.canvas.finding_clicked.connect(self.finding_clicked)
        self.canvas.double_clicked.connect(self.double_clicked)
        self.canvas.pressed.connect(self.bar.stop_turn)
        self.canvas.pressed.connect(self.pressed)
        self.bar.preset_chosen.connect(self.set_preset)
        self.bar.front_asked.connect(self.reset)
        self.bar.turn_asked.connect(self.spin.set_on)

    # What is shown

    @property
    def preset(self) -> str:
        """The id of the preset that is wanted: the reader's, else glass where lungs are known."""
        if self._chosen and (self._labelmap or not volume_preset(self._chosen).needs_lungs):
            return self._chosen
        return GLASS if self._labelmap else BONE

    def set_scan(
        self,
        ref: BlockRef | None,
        geometry: Geometry | None,
        *,
        sharp: bool = False,
        text: PaneText | None = None,
    ) -> None:
        """A scan by its block (int16 HU) once all slices have arrived, or None for none.

        sharp: a lung or bone kernel made it. Lungs, marks and masks are taken away.
        """
        self._geometry = geometry if ref is not None else None
        self._labelmap, self._marks, self._masks = None, (), {}
        self._text = text or PaneText()
        self._fit_key, self._told_of = None, ""
        self.bar.stop_turn()
        self.session.set_scan(ref, geometry, gradient=gradient_of(geometry, sharp=sharp))
        self._no_picture()
        self.canvas.set_bodies(())
        if self._geometry is None:
            self._set_state(NOTHING)
        elif self._wanted and self.session.about is not None:
            self._make()
        else:
            self._set_state(TRYING)
            self._wake()
        self._changed()

    def set_labels(self, labelmap: LabelMap | None) -> None:
        """Lungs to look into and to draw as glass; None takes them away."""
        if labelmap is self._labelmap:
            return
        first = self._labelmap is None
        self._labelmap = labelmap
        self.session.set_lungs(labelmap, colours_of(labelmap))
        if first:
            self._fit_key = None
        self._changed()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Findings to draw; those rejected or held back are left out of the picture."""
        if marks != self._marks:
            self._marks = marks
            self._findings_changed()

    def set_masks(self, masks: Mapping[str, BoxMask]) -> None:
        """The voxels of findings, by id, on the scan's grid; without them a mark is a ball."""
        if dict(masks) != dict(self._masks):
            self._masks = dict(masks)
            self.session.set_shapes(self._masks)
            self._findings_changed()

    def set_view_state(self, state: ViewState) -> None:
        """What the panes share: marks, outlines and texts shown or not."""
        before = self.canvas.state
        self.canvas.set_state(state)
        told = (state.show_marks, state.show_outlines, state.hidden)
        if told != (before.show_marks, before.show_outlines, before.hidden):
            self._findings_changed()

    def set_corner_texts(self, text: PaneText) -> None:
        self._text = text
        self._reword()

    def set_preset(self, name: str) -> None:
        """Shows the scan by that preset; one that looks into lungs waits for them."""
        self._chosen, self._told_of = name, ""
        self._changed()

    def set_active(self, active: bool) -> None:
        """Whether keys mean this pane."""
        if active != self.canvas.active:
            self.canvas.active = active
            self.canvas.update()

    @property
    def asked(self) -> bool:
        """Whether the reader asked for the picture, where it does not come by itself."""
        return self._wanted

    def show_3d(self) -> None:
        """The reader asks for it, also without a graphics card, also after it ended."""
        self._wanted = True
        if self._geometry is None:
            return
        if self.session.about is not None:
            self._make()
        else:
            self._set_state(MAKING)
            self.session.start(software=self._software)

    def reset(self) -> None:
        """From the front, upright, all in sight."""
        self.canvas.camera = self.canvas.camera.seen_from(FRONT)
        self._fit()
        self._look(moving=True)

    def fit(self) -> None:
        """All in sight, from where it is looked at now."""
        self._fit()
        self._look(moving=True)

    def close(self) -> bool:
        """Ends the process and gives back what it was lent."""
        self._let_go()
        self._away.stop()
        return super().close()

    def _let_go(self) -> None:
        """Ends the process; in sight again, the pane goes on as it was."""
        self._rest.stop()
        self.bar.stop_turn()
        self.session.close()
        self._no_picture()
        self._set_state(TRYING if self._geometry is not None else NOTHING)

    # From state to state

    def _set_state(self, state: str, sentence: str = "", remedy: str = "") -> None:
        """sentence, remedy: why there is no picture, where it is not what the state says."""
        self.state = state
        self._stack.setCurrentIndex(1 if state == SHOWN else 0)
        self.bar.setEnabled(state == SHOWN)
        self._cover.tell(state, sentence, remedy)

    def _wake(self) -> None:
        """Tries the driver, once the pane is in sight and there is something to show."""
        if self.isVisible() and self.state == TRYING:
            if self.session.about is not None:
                self._ready(self.session.about)
            else:
                self.session.start(software=self._software)

    def _ready(self, about: Ready) -> None:
        self._reword()
        if self._geometry is None:
            return
        if self._wanted or about.route != CPU:
            self._make()
        else:
            self._set_state(ASKING)

    def _make(self) -> None:
        self._set_state(MAKING)
        self._look(moving=True)

    def _arrived(self, came: Arrived) -> None:
        if self.state == MAKING:
            self._set_state(SHOWN)
            self._rest.start()  # not before: a full picture under way would hold the first drag up
        if self.state != SHOWN:
            return
        self.canvas.set_picture(came.pixels, came.camera, came.size)
        if came.preset != self._pictured:
            self._pictured = came.preset
            self._name()
        if came.told.airway is False:
            self._say_nothing(self.tr("No windpipe could be followed in this scan."))
        if came.told.blood is False:
            self._say_nothing(self.tr("No contrast in the blood: arteries do not stand out here."))

    def _say_nothing(self, sentence: str) -> None:
        """Why this preset shows so little, once."""
        if self._told_of != self._pictured:
            self._told_of = self._pictured
            self.noticed.emit(Notice(sentence, "", INFO, TOAST))

    def _no_picture(self) -> None:
        self.canvas.set_picture(None, self.canvas.camera)
        self._pictured = ""
        self._name()

    def _troubled(self, trouble: Trouble) -> None:
        self._stop(trouble.sentence, trouble.remedy)

    def _stop(self, sentence: str, remedy: str) -> None:
        """No picture, and why; the button tries again."""
        self._rest.stop()
        self.bar.stop_turn()
        self._set_state(ENDED, sentence, remedy)

    def _ended(self, was_ready: bool) -> None:
        self._rest.stop()
        self.bar.stop_turn()
        self._software = True  # what killed it is most likely the driver: the next one goes without
        self._no_picture()
        if self._geometry is None:
            self._set_state(NOTHING)
        elif was_ready:
            self._set_state(ENDED)
        else:
            self._set_state(
                ENDED,
                self.tr("The graphics driver does not start."),
                self.tr("The cuts need none."),
            )

    # Pictures

    def _changed(self) -> None:
        """Something that the picture shows is another one now."""
        reason = self.tr("Segment the lungs first")
        self.bar.set_can_look_inside(self._labelmap is not None, reason)
        self._name()
        self._look(moving=True)

    def _name(self) -> None:
        """The name is that of the picture that is seen, and changes with it."""
        named = self._pictured or self.preset
        self.bar.set_preset(named, self.preset if named != self.preset else "")
        self._reword()

    def _findings_changed(self) -> None:
        shown = shown_of(self._marks, self.canvas.state)
        self.session.set_tints(tints_of(shown))
        if self._geometry is not None:
            self.canvas.set_bodies(bodies(shown, self._masks, self._geometry))
        self._reword()
        self._look(moving=True)

    def _reword(self) -> None:
        about = self.session.about
        words = Words(
            name_of(volume_preset(self._pictured or self.preset)), self._text,
            coarse=about is not None and about.route == CPU,
        )  # fmt: skip
        self.canvas.set_words(words, ai_shows=self._ai_shows())

    def _ai_shows(self) -> bool:
        lungs = self._labelmap
        return any(m.by_ai for m in self._marks) or (lungs is not None and by_ai(lungs.made_by))

    def _fit(self) -> None:
        if self._geometry is not None:
            camera = self.canvas.camera.fitted(self.session.ends, *self._size())
            self.canvas.camera = camera
            self._fit_key = camera.focal_lps, camera.mm_per_px

    def _size(self) -> tuple[int, int]:
        """Of the canvas, also while the words lie over it and it has none of its own."""
        return max(1, self._stack.width()), max(1, self._stack.height())

    def _look(self, *, moving: bool) -> None:
        """Asks for a picture; one of a movement is followed by a full one at rest."""
        if self.state not in (MAKING, SHOWN) or not self.isVisible() or self._geometry is None:
            return
        try:
            if self._fit_key is None:
                self.session.tell()  # where the lungs lie is known from then on
                self._fit()
            self.session.look(self._wanted_now(moving=moving))
        except OutsideError as error:
            self._stop(error.sentence, error.remedy)
            return
        if moving and self.state == SHOWN:
            self._rest.start()

    def _wanted_now(self, *, moving: bool) -> Wanted:
        canvas = self.canvas
        return Wanted(
            canvas.camera, *self._size(), canvas.devicePixelRatioF(),
            self.preset, hidden_of(self._labelmap, canvas.state), moving,
        )  # fmt: skip

    def _resized(self, still: bool) -> None:
        camera = self.canvas.camera
        if not still and self._fit_key == (camera.focal_lps, camera.mm_per_px):  # no hand
            self._fit()
        self._look(moving=True)

    def _turn_on(self, degrees: float) -> None:
        camera = self.canvas.camera
        self.canvas.move_to(camera.at(camera.azimuth + degrees, camera.elevation))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._away.stop()
        self._wake()
        self._look(moving=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("bg.image"))
        painter.end()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._away.start()
        self._rest.stop()
        self.bar.stop_turn()

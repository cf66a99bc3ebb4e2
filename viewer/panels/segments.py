"""The segments of the open reading: right and left lung with their figures, shown or hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QScrollArea,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ai.scan.labelmap import BOTH_LUNGS, LUNGS, MadeBy, Segment, SegmentFigures
from viewer import theme
from viewer.dicom.masks.drawn_by import drawn_words, is_model_of_ours
from viewer.keymaps import cap
from viewer.language.spoken import clause, of_hundred, say, tight
from viewer.panels import figures
from viewer.panels.buttons import Button, Tool
from viewer.panels.check_card import CheckCard
from viewer.panels.density import DensityPlot, DensityTable
from viewer.panels.empty import EmptyState
from viewer.panels.parts import IconMark, box, column, ground, line, restyle, row, words
from viewer.panels.scan_light import ScanLight
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.reading import Reading
from viewer.reading.report.density import DensityUse, density_use, whole

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

PERCENT = 100


class Swatch(QWidget):
    """The segment's colour with its edge, as the panes draw it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = f"segment.{name}"
        self.setFixedSize(theme.size("swatch"), theme.size("swatch"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.token(self._name)["edge"]
        painter.setBrush(theme.color(self._name, theme.number("segment.fillSegments")))
        width = theme.number("hairline")
        made = theme.pen(self._name, width=width, style=edge)
        # a square so small shows its dashes only where they are finer than on the panes
        made.setDashPattern([part / 2 for part in made.dashPattern()])
        painter.setPen(made)
        half = width / 2
        rect = QRectF(self.rect()).adjusted(half, half, -half, -half)
        radius = theme.number("radius.key") - 1
        painter.drawRoundedRect(rect, radius, radius)
        painter.end()


class SegmentRow(QWidget):
    """Swatch, name, millilitres, mean HU, eye."""

    shown_changed = Signal(int, bool)
    pressed = Signal(int)
    edit_asked = Signal(int)

    def __init__(self, segment: Segment, name: str) -> None:
        super().__init__()
        ground(self, "panel")
        self.setFixedHeight(theme.size("segment.row"))
        self.segment, self.shown = segment, True
        self.ml = words("", "bodyStrong")
        self.hu = words("", "secondary")
        self.eye = Tool("show", self.tr("Hide {0}").format(name))
        self.eye.clicked.connect(self._toggle)
        self.edit = Tool("brush", self.tr("Edit {0}").format(name))
        self.edit.clicked.connect(lambda: self.edit_asked.emit(segment.number))
        self.before = words("", "caption")
        self.before.hide()
        self._unsided = segment.number == BOTH_LUNGS.number
        for label, wide in ((self.ml, 66), (self.hu, 60)):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setFixedWidth(wide)
        inset = theme.size("space.m")
        self.setLayout(
            row(
                Swatch(segment.name),
                theme.size("space.s"),
                column(None, words(name, "bodyStrong"), self.before, None),
                None,
                self.ml,
                theme.size("space.s"),
                self.hu,
                self.edit,
                self.eye,
                inset=(inset, 0, theme.size("space.xs"), 0),
            )
        )
        self._name = name

    def show_figures(self, found: SegmentFigures | None, *, stale: bool = False) -> None:
        """stale: they are of the mask before the last strokes."""
        self.ml.setText(figures.ml(found.volume_ml) if found else "– ml")
        mean = figures.hu(found.mean_hu) if found else "– HU"
        self.hu.setText(self.tr("counting") if stale else mean)
        for label in (self.ml, self.hu):
            label.setEnabled(not stale)

    def show_before(self, model: SegmentFigures | None, edited: bool) -> None:
        """Below the name: of a lung that a reader changed the model's own figures, or no side."""
        said = figures.ml(model.volume_ml) if model else "– ml"
        before = self.tr("model: {0}").format(said)
        self.before.setText(before if edited else self.tr("side not told"))
        self.before.setVisible(edited or self._unsided)

    def set_chosen(self, chosen: bool) -> None:
        """The one that editing means."""
        ground(self, "selected" if chosen else "panel")
        restyle(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit(self.segment.number)

    def _toggle(self) -> None:
        self.shown = not self.shown
        self.eye.set_icon("show" if self.shown else "hide")
        tip = self.tr("Hide {0}") if self.shown else self.tr("Show {0}")
        self.eye.setToolTip(tip.format(self._name))
        self.shown_changed.emit(self.segment.number, self.shown)


class FigureWords(QWidget):
    """A figure with meaning, and its unit, smaller, on the same line."""

    def __init__(self) -> None:
        super().__init__()
        self.number, self.unit = words("", "number"), words("", "secondary")
        large, small = (QFontMetrics(theme.font(role)) for role in ("number", "body"))
        self.unit.setContentsMargins(0, 0, 0, large.descent() - small.descent())
        whole = row(gap=theme.size("space.xs"))
        for part in (self.number, self.unit):
            whole.addWidget(part, 0, Qt.AlignmentFlag.AlignBottom)
        whole.addStretch(1)
        self.setLayout(whole)

    def say(self, text: str) -> None:
        """'3,752 ml'; what has no unit stands alone."""
        number, _, unit = text.partition(" ")
        self.number.setText(number)
        self.unit.setText(unit)


class SegmentsPanel(QWidget):
    """Draws the lungs' figures; tells which segments, how much fill and whether outlines show."""

    hidden_changed = Signal(object)  # frozenset of segment numbers
    fill_changed = Signal(float)
    outlines_changed = Signal(bool)

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk = desk
        self.empty = EmptyState("lungs")
        self.edit = Button(self.tr("Edit lungs"), icon="brush", key=keys["edit"])
        self.edit.clicked.connect(actions["edit"].trigger)
        self.table = Button(self.tr("Table as CSV"), icon="table")
        self.table.clicked.connect(actions["save-densities"].trigger)
        self.both, self.mean, self.low = FigureWords(), FigureWords(), FigureWords()
        self.light, self.nothing_light = ScanLight(desk), ScanLight(desk)
        self.density, self.plot = DensityTable(), DensityPlot()
        self._density_note = words("", "captionSecondary", wrap=True)
        self.check = CheckCard(desk)
        self._made_by = words("", "caption", wrap=True)
        self._checks = words("", "captionSecondary", wrap=True)
        self._mark = IconMark("good", "notice.good")
        names = {1: self.tr("Right lung"), 2: self.tr("Left lung"), 3: self.tr("Lungs")}
        self.segment_rows = [
            SegmentRow(s, names.get(s.number, s.label)) for s in (*LUNGS, BOTH_LUNGS)
        ]
        for segment_row in self.segment_rows:
            segment_row.shown_changed.connect(self._tell_hidden)
            segment_row.pressed.connect(self.choose)
            segment_row.edit_asked.connect(self._edit)
        self.choose(self.segment_rows[0].segment.number)
        self.fill = QSlider(Qt.Orientation.Horizontal)
        self.fill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.fill.setRange(0, PERCENT)
        self.fill.setAccessibleName(self.tr("Fill"))
        self.fill.setValue(round(PERCENT * theme.number("segment.fillSegments")))
        self._percent = words("", "")
        self._percent.setFixedWidth(40)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.outlines = QCheckBox(self.tr("Outline"))
        self.outlines.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.outlines.setChecked(True)
        self.fill.valueChanged.connect(self._fill_moved)
        self.outlines.toggled.connect(self.outlines_changed)
        self._stack = QStackedLayout(self)
        nothing = QWidget()
        inset = theme.size("space.m")
        light = column(self.nothing_light, inset=(inset,) * 4)
        nothing.setLayout(column(light, None, self.empty, None, None))
        filled = QScrollArea()
        filled.setWidgetResizable(True)
        filled.setFrameShape(QFrame.Shape.NoFrame)
        filled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        filled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole_panel = QWidget()
        ground(whole_panel, "panel")
        whole_panel.setLayout(self._filled())
        filled.setWidget(whole_panel)
        self._stack.addWidget(nothing)
        self._stack.addWidget(self._with_foot(filled))
        self._fill_moved(self.fill.value())
        desk.reading_changed.connect(self.refresh)
        desk.jobs.changed.connect(self._say_empty)
        self.refresh()

    def _with_foot(self, filled: QWidget) -> QWidget:
        """What is done with the lungs stays in sight below the figures."""
        inset, small = theme.size("space.m"), theme.size("space.s")
        foot = row(inset=(inset, small, inset, small), gap=small)
        for button in (self.edit, self.table):
            foot.addWidget(button, 1)
        whole = column(filled, line())
        whole.addLayout(foot)
        return box(whole)

    def _filled(self) -> QVBoxLayout:
        inset, small = theme.size("space.m"), theme.size("space.s")
        heads = row(
            _figure(self.tr("Both lungs"), self.both),
            None,
            _figure(self.tr("Mean"), self.mean),
            None,
            _figure(self.tr("Below −950 HU"), self.low),
            inset=(inset, inset, inset, inset),
        )
        fill = row(
            words(self.tr("Fill"), "secondary"),
            small,
            self.fill,
            small,
            self._percent,
            inset,
            self.outlines,
            inset=(inset, small, inset, small),
        )
        checks = row(
            column(self._mark, None),
            small,
            column(self._checks, self._made_by, gap=2),
            inset=(inset, inset, inset, inset),
        )
        right, left, both = self.segment_rows
        small_inset = (inset, small, inset, small)
        density = column(
            self.density, small, self._density_note, small, self.plot, inset=small_inset
        )
        light = column(self.light, inset=small_inset)
        check = column(self.check, inset=small_inset)
        return column(
            heads, line(), right, line(), left, both, line(), fill, line(), density, line(),
            light, line(), check, line(), None, checks,
        )  # fmt: skip

    @property
    def fill_share(self) -> float:
        """The opacity that the slider asks for, 0 to 1."""
        return self.fill.value() / PERCENT

    def choose(self, number: int) -> None:
        """The lung that E edits; another one ends the edit of the first."""
        self.chosen = number
        for segment_row in self.segment_rows:
            segment_row.set_chosen(segment_row.segment.number == number)
        self._desk.editing.switch_lung(number)

    def _edit(self, number: int) -> None:
        self.choose(number)
        target = self._desk.editing.target
        if target is None or not target.is_lung:
            self._desk.editing.edit_lung(number)

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk."""
        reading = self._desk.reading
        self._stack.setCurrentIndex(1 if reading is not None and reading.has_lungs else 0)
        if reading is not None and reading.has_lungs:
            self._show(reading)
        self.light.refresh()
        self.nothing_light.refresh()
        self.check.refresh()
        self._say_empty()

    def _show(self, reading: Reading) -> None:
        by_number = {found.number: found for found in reading.lung_figures}
        edits = reading.edits.get(LUNGS_MASK)
        model = {found.number: found for found in edits.figures} if edits is not None else {}
        sided = reading.lungs is None or reading.lungs.sided
        shown = {s.number for s in (LUNGS if sided else (BOTH_LUNGS,))}
        if self.chosen not in shown:
            self.choose(min(shown))
        for segment_row in self.segment_rows:
            number = segment_row.segment.number
            segment_row.setVisible(number in shown)
            edited = edits is not None and number in edits.segments
            stale = edits is not None and edits.stale and edited
            segment_row.show_figures(by_number.get(number), stale=stale)
            segment_row.show_before(model.get(number), edited)
        self._show_density(reading)
        fit = self._desk.checking.fit  # its reasons stand beside the light
        warnings = [w for w in reading.lung_warnings if fit is None or w not in fit.reasons]
        if warnings:
            self._mark.set_icon("warn", "notice.warn")
            self._checks.setText(tight(" ".join(say(told) for told in warnings)))
        else:
            self._mark.set_icon("good", "notice.good")
            self._checks.setText(self.tr("The model gave no warning."))
        self._say_who(reading.lungs.made_by if reading.lungs else None)

    def _say_who(self, made_by: MadeBy | None) -> None:
        """The model, or in whose hands the lungs were drawn: then no model is asked about them."""
        drawn = say(drawn_words(made_by)) if made_by is not None else ""
        foreign = made_by is not None and not drawn and not is_model_of_ours(made_by)
        named = self.tr("Program {0}") if foreign else self.tr("Model {0}")
        model = named.format(made_by.name.strip()) if made_by is not None else ""
        how = made_by.how if made_by is not None else ""
        remark = say(made_by.remark) if made_by is not None else ""
        lines = (clause(model, how), remark)
        self._made_by.setText(drawn or "\n".join(line for line in lines if line))
        if (drawn or foreign) and not (self._desk.reading and self._desk.reading.lung_warnings):
            self._mark.set_icon("info", "notice.info")
            came = self.tr("They came with a file; Hilum's models were not asked about them.")
            self._checks.setText(
                came if foreign else self.tr("No model was asked about these lungs.")
            )

    def _show_density(self, reading: Reading) -> None:
        """Of both lungs above, of each in the table; what is not told, and why, below it."""
        both, scan = whole(reading.lung_figures), self._desk.scan
        use = density_use(scan.series) if scan is not None else DensityUse(False)
        self.both.say(figures.ml(both.volume_ml if both else 0.0))
        self.mean.say(figures.hu(both.mean_hu) if both else "– HU")
        density = both.density if both is not None and use.given else None
        self.low.say(of_hundred(f"{100 * density.below_950:.1f}") if density else "–")
        self.density.show_figures(reading.lung_figures, use)
        self.plot.show_figures(reading.lung_figures)
        why = tight(" ".join(say(told) for told in use.why))
        if both is not None and both.density is None:
            why = self.tr("Densities were not counted then. Segment the lungs again.")
        self._density_note.setText(why)
        self._density_note.setVisible(bool(why))

    def _say_empty(self, *_: object) -> None:
        desk = self._desk
        if desk.scan is None:
            head, text = self.tr("No study open"), self.tr("Lungs appear here after Segment lungs.")
        elif desk.jobs.running("lungs") is not None:
            head = self.tr("Segmenting lungs")
            text = self.tr("Volumes and densities come with the last step. Cancel costs nothing.")
        elif desk.scan.series.ai_refusal:
            head, text = self.tr("Segment lungs is off here"), desk.scan.series.ai_refusal
        else:
            head = self.tr("No segments yet")
            text = self.tr("{0} segments both lungs and counts their volume and density.")
            text = text.format(cap("segment-lungs"))
        self.empty.say("lungs", head, text)

    def _tell_hidden(self, *_: object) -> None:
        hidden = frozenset(r.segment.number for r in self.segment_rows if not r.shown)
        self.hidden_changed.emit(hidden)

    def _fill_moved(self, value: int) -> None:
        self._percent.setText(of_hundred(str(value)))
        self.fill_changed.emit(value / PERCENT)


def _figure(head: str, number: QWidget) -> QVBoxLayout:
    return column(words(head, "caption"), 2, number)

"""The strip over the panes while a mask is edited: tools, what they are set to, Cancel, Done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from viewer import theme
from viewer.desk.editing import EditingDesk
from viewer.editing.hold import (
    AT_ONCE,
    FILL,
    INSIDE,
    ISLANDS,
    OUTSIDE,
    REGROW,
    ROUND,
    SCISSORS,
    SIZES_MM,
    THRESHOLD,
    TOOLS,
    Hold,
)
from viewer.panels.buttons import PRIMARY, QUIET, Button, Choice
from viewer.panels.parts import Field, box, column, ground, line, row, words
from viewer.views.pane_text import signed


class Chip(Button):
    """A tool of the strip: icon and word, or the icon alone where there is no room."""

    def __init__(self, action: QAction, icon: str, key: str) -> None:
        super().__init__(action.text(), icon=icon, key="", kind=QUIET)
        self.setCheckable(True)
        self._word, self._cap = action.text(), key
        self.setToolTip(f"{self._word}  {key}".strip())
        self.setAccessibleName(self._word)
        self.clicked.connect(action.trigger)

    def show_word(self, shown: bool) -> None:
        self.setText(self._word if shown else "")
        self.updateGeometry()

    def _pad(self) -> int:
        return theme.size("space.s")

    def _ink(self) -> str:
        return "accent.base" if self.isChecked() else super()._ink()


class EditStrip(QWidget):
    """Draws what the desk's editing holds; each button is a row of the action table."""

    def __init__(
        self,
        editing: EditingDesk,
        actions: dict[str, QAction],
        keys: dict[str, str],
        leave: Callable[[], None],
    ) -> None:
        """leave: gives the focus back to the panes."""
        super().__init__()
        ground(self, "panel")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._editing, self._leave = editing, leave
        self.setFixedHeight(theme.size("topbar"))
        icons = {"between": "studies"}
        self.chips = {
            tool: Chip(actions[f"edit-{tool}"], icons.get(tool, tool), keys.get(f"edit-{tool}", ""))
            for tool in TOOLS
        }
        self._make_options()
        self.cancel = Button(self.tr("Cancel"), key=keys.get("cancel", ""))
        self.cancel.clicked.connect(editing.cancel)
        self.done = Button(self.tr("Done"), key=keys.get("finish", ""), kind=PRIMARY)
        self.done.clicked.connect(editing.finish)
        gap, small = theme.size("space.m"), theme.size("space.s")
        bar = line(upright=True)
        bar.setFixedHeight(theme.size("iconTool"))
        options = row(*self.options.values(), gap=gap)
        whole = column()
        made = row(*self.chips.values(), small, bar, gap, options, None, inset=(small, 0, gap, 0))
        for part in (self.cancel, self.done):
            made.addSpacing(small)
            made.addWidget(part)
        whole.addWidget(box(made), 1)
        whole.addWidget(line())
        self.setLayout(whole)
        editing.changed.connect(self.refresh)
        self.hide()

    def _make_options(self) -> None:
        """What can be set: for each group of tools a part that shows with them."""
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.setRange(0, len(SIZES_MM) - 1)
        self.slider.setFixedWidth(theme.size("edit.slider"))
        self.slider.valueChanged.connect(self._size_moved)
        self.millimetres = words("", "bodyStrong")
        self.millimetres.setFixedWidth(theme.size("edit.number"))
        small = theme.size("space.s")
        self.shape = self._choice(
            (self.tr("Sphere"), True), (self.tr("Disc"), False), field="sphere"
        )
        self.low, self.high = self._hu_field(), self._hu_field()
        texts = (self.tr("Size"), "", self.tr("HU"), self.tr("to"))
        self._spared = [self.slider if not text else words(text) for text in texts]
        self.cut = self._choice(
            (self.tr("Erase inside"), INSIDE),
            (self.tr("Erase outside"), OUTSIDE),
            (self.tr("Fill inside"), FILL),
            field="cut",
        )
        self.through = self._choice(
            (self.tr("All slices"), True), (self.tr("This slice"), False), field="through"
        )
        self.whole = self._islands()
        self._hints = (
            words(self.tr("A click grows it anew from there."), "captionSecondary"),
            words(
                self.tr("A click keeps one island alone, Ctrl+click drops it."), "captionSecondary"
            ),
        )
        self.options = {
            ROUND: box(row(self._spared[0], self.slider, self.millimetres, gap=small)),
            "shape": self.shape,
            THRESHOLD: box(row(self._spared[2], self.low, self._spared[3], self.high, gap=small)),
            SCISSORS: box(row(self.cut, self.through, gap=small)),
            ISLANDS: box(row(self.whole, self._hints[1], gap=small)),
            REGROW: box(row(self._hints[0])),
        }

    def _islands(self) -> Choice:
        """What is done with all islands at once."""
        jobs, made = self._editing.jobs, Choice()
        for text, does in (
            (self.tr("Keep the largest"), jobs.keep_largest),
            (self.tr("Remove small ones"), jobs.drop_small),
            (self.tr("Split into findings"), jobs.split),
        ):
            made.choices.addAction(text).triggered.connect(lambda _=False, do=does: do())
        made.show_choice(self.tr("All islands"))
        return made

    def refresh(self) -> None:
        """Everything anew from the desk."""
        editing, hold = self._editing, self._editing.hold
        self.setVisible(editing.field is not None)
        if editing.field is None:
            return
        for tool, chip in self.chips.items():
            chip.setChecked(tool == hold.tool)
            why = editing.why_not(tool)
            chip.setEnabled(not why)
            chip.update()
        for kind, part in self.options.items():
            part.setVisible(_shows(kind, hold))
        self.slider.blockSignals(True)
        self.slider.setValue(
            SIZES_MM.index(min(SIZES_MM, key=lambda mm: abs(mm - hold.diameter_mm)))
        )
        self.slider.blockSignals(False)
        self.millimetres.setText(f"{hold.diameter_mm:.1f} mm")
        for choice, value in ((self.shape, hold.sphere), (self.cut, hold.cut),
                              (self.through, hold.through)):  # fmt: skip
            names = {action.data(): action.text() for action in choice.choices.actions()}
            choice.show_choice(names[value])
        for field, hu in ((self.low, hold.low_hu), (self.high, hold.high_hu)):
            if not field.hasFocus():
                field.setText(signed(hu))
        self.done.set_kind(PRIMARY)
        self._fit()

    # Inside

    def _choice(self, *values: tuple[str, object], field: str) -> Choice:
        made = Choice()
        for text, value in values:
            action = made.choices.addAction(text)
            action.setData(value)
            action.triggered.connect(lambda _=False, v=value: self._set(**{field: v}))
        return made

    def _hu_field(self) -> Field:
        made = Field()
        made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        made.setFixedWidth(theme.size("edit.field"))
        made.kept.connect(self._range_kept)
        made.left.connect(self._range_left)
        return made

    def _set(self, **values: object) -> None:
        self._editing.set_hold(replace(self._editing.hold, **values))  # type: ignore[arg-type]

    def _size_moved(self, step: int) -> None:
        self._set(diameter_mm=SIZES_MM[step])

    def _range_kept(self, _text: str) -> None:
        """Both ends as they stand there; what is no number is not taken."""
        ends = [_number(field.text()) for field in (self.low, self.high)]
        if ends[0] is not None and ends[1] is not None:
            self._editing.set_hold(self._editing.hold.between(ends[0], ends[1]))
        self._range_left()

    def _range_left(self) -> None:
        self._leave()
        self.refresh()

    def _fit(self) -> None:
        """All words where there is room for them; what says least goes first where there is not."""
        for part in (*self._spared, *self._hints, *self.chips.values()):
            part.setVisible(True)
        for button in (self.cancel, self.done):
            button.show_key(True)
        if self._show_words(every=True) > self.width():
            self._show_words(every=False)
            self._give_up_some()
        for laid in (*self.options.values(), *self.findChildren(QWidget), self):
            if (inner := laid.layout()) is not None:
                inner.activate()  # at once: a strip that settles in steps flickers

    def _give_up_some(self) -> None:
        """Hides one part after the other until the rest fits."""
        chips, spared = list(self.chips.values()), self._spared
        steps: tuple[Sequence[QWidget], ...] = (
            spared[:1],  # "Size"
            self._hints,
            (),  # the key caps
            spared[1:2],  # the slider: wheel and keys do the same
            chips[-len(AT_ONCE) :],
            spared[2:],  # "HU", "to"
            (self.shape,),
        )
        for gone in steps:
            if self._wide() <= self.width():
                return
            for part in gone:
                part.setVisible(False)
            if not gone:
                self.cancel.show_key(False)
                self.done.show_key(False)
        if self._wide() > self.width():
            self.chips[self._editing.hold.tool].show_word(False)

    def _show_words(self, *, every: bool) -> int:
        """The words of all tools or of the chosen one alone; how wide the strip then is."""
        for tool, chip in self.chips.items():
            chip.show_word(every or tool == self._editing.hold.tool)
        return self._wide()

    def _wide(self) -> int:
        """How wide everything that is not hidden is, gaps included."""
        small, gap = theme.size("space.s"), theme.size("space.m")
        wide = sum(c.sizeHint().width() for c in self.chips.values() if not c.isHidden())
        wide += self.cancel.sizeHint().width() + self.done.sizeHint().width()
        for part in self.options.values():
            if not part.isHidden():
                wide += gap + _hint(part)
        return wide + 5 * small + 2 * gap

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._editing.field is not None:
            self._fit()


def _hint(part: QWidget) -> int:
    """How wide a part of the options is without what is hidden in it."""
    inner = part.layout()
    if inner is None:
        return part.sizeHint().width()
    found = [item.widget() for n in range(inner.count()) if (item := inner.itemAt(n)) is not None]
    shown = [widget for widget in found if widget is not None and not widget.isHidden()]
    widths = (min(w.maximumWidth(), w.sizeHint().width()) for w in shown)
    return sum(widths) + theme.size("space.s") * (len(shown) - 1)


def _shows(kind: object, hold: Hold) -> bool:
    """Whether a part of the options belongs to the tool in the hand."""
    if kind in (ROUND, "shape"):
        return hold.tool in ROUND
    return kind == hold.tool


def _number(text: str) -> int | None:
    """A whole number, with a true minus sign or a plain one."""
    try:
        return round(float(text.replace("\u2212", "-").replace(",", "").strip()))
    except ValueError:
        return None

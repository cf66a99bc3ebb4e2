"""What a mark is called: a field in which a name is typed or chosen; it holds nothing up."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QGridLayout, QWidget

from viewer import theme
from viewer.keymaps import cap
from viewer.panels.buttons import QUIET, Button
from viewer.panels.label_field import LabelField
from viewer.panels.labels import label_word
from viewer.panels.parts import column, ground, line, row, words
from viewer.reading.labels import KINDS, OTHER

COLUMNS = 2


class LabelBar(QWidget):
    """Enter keeps the name, Esc leaves it as it was; a click on a name keeps that one.

    After M its field takes letters at once, and lets every other key through until one is typed;
    from then on it is only offered, without a field: what looks ready for letters takes them.
    """

    kept = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._label = ""
        ground(self, "raised")
        self.name = words("", "bodyStrong")
        self.field = LabelField()
        self.field.setAccessibleName(self.tr("Label of this mark"))
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.field.setMaxLength(60)
        self.type = Button(kind=QUIET, small=True)
        self.type.clicked.connect(self._type)
        self.chips = {
            kind: Button(label_word(kind), kind=QUIET, small=True)
            for kind in KINDS
            if kind != OTHER
        }
        completer = QCompleter([label_word(kind) for kind in self.chips], self)
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field.setCompleter(completer)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.size("space.xs"))
        for n, (kind, chip) in enumerate(self.chips.items()):
            chip.clicked.connect(lambda _=False, kind=kind: self._keep(label_word(kind)))
            grid.addWidget(chip, n // COLUMNS, n % COLUMNS)
        inset, gap = theme.size("space.m"), theme.size("space.s")
        inner = column(
            row(self.name, gap, self.field, self.type), grid, inset=(inset,) * 4, gap=gap
        )
        whole = column()
        whole.addLayout(inner)
        whole.addWidget(line())
        self.setLayout(whole)
        self.field.kept.connect(self._keep)
        self.field.left.connect(self._leave)
        self.field.passed.connect(self.rest)
        self.field.clicked_away.connect(self._keep_behind)
        self.hide()

    def ask(self, name: str, label: str) -> None:
        """Opens for a mark of this name; what it is called now is selected."""
        self._offer(name, label)
        self.field.setPlaceholderText(self.tr("Type a name, Enter keeps it"))
        self._type()

    def ask_new(self, name: str, label: str) -> bool:
        """Opens for a mark just added: signs go into the empty field, other keys are keys.

        False where letters go to another window: then it is only offered.
        """
        self._offer(name, label)
        if not self.isActiveWindow():
            return False
        self.field.setText("")
        self.field.bare = True
        self.field.setPlaceholderText(self.tr("Its label, or Esc"))
        self._type()
        return True

    def rest(self, *_: object) -> None:
        """A hand or a key went on before anything was typed: letters are keys again."""
        if self.field.isVisible() and not self.field.written:
            self._offer(self.name.text(), self._label)
            self.left.emit()

    def _offer(self, name: str, label: str) -> None:
        """In sight for a mark of this name; the focus stays where it is, and keys are keys."""
        self._label = label
        self.name.setText(name)
        self.field.bare = False
        self.field.setText(label)
        self.field.hide()
        self.type.setText(self.tr("{0} types a label").format(cap("label")))
        self.type.show()
        self.show()

    def _type(self) -> None:
        self.type.hide()
        self.field.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def drop(self) -> None:
        """Another mark is current: a name typed now would be that one's."""
        if self.field.hasFocus():
            self.close_bar()
        self.hide()

    def close_bar(self) -> bool:
        """True where it was open."""
        if self.isHidden():
            return False
        self._leave()
        return True

    def settle(self) -> bool:
        """The window goes: typed words are kept, as by Enter. True where there were any."""
        typed = not self.isHidden() and self.field.written and bool(self.field.text().strip())
        if typed:
            self._keep(self.field.text())
        return typed

    def _keep_behind(self, text: str) -> None:
        """The hand is elsewhere already, and the focus with it."""
        self.hide()
        self.kept.emit(text)

    def _keep(self, text: str) -> None:
        self.hide()
        self.kept.emit(text)
        self.left.emit()

    def _leave(self) -> None:
        self.hide()
        self.left.emit()

"""The bar under the 3-D picture: presets as chips, the view from the front, a slow turn."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QLayout, QMenu, QPushButton, QSizePolicy, QWidget

from viewer import theme
from viewer.panels.buttons import Tool
from viewer.panels.parts import ground, row
from viewer.volume.presets import VolumePreset, volume_presets

NAMES = (
    QT_TRANSLATE_NOOP("VolumePreset", "Lung glass"),
    QT_TRANSLATE_NOOP("VolumePreset", "Nodules, vessels"),
    QT_TRANSLATE_NOOP("VolumePreset", "Airways"),
    QT_TRANSLATE_NOOP("VolumePreset", "Arteries"),
    QT_TRANSLATE_NOOP("VolumePreset", "Bone"),
    QT_TRANSLATE_NOOP("VolumePreset", "Skin"),
    QT_TRANSLATE_NOOP("VolumePreset", "MIP"),
)


def name_of(preset: VolumePreset) -> str:
    """A preset's name in the reader's language."""
    return QCoreApplication.translate("VolumePreset", preset.name)


class _Row(QWidget):
    """Chips side by side; those without room wait in a menu, the one that is shown never does."""

    def __init__(self, chips: list[QPushButton], more: Tool) -> None:
        super().__init__()
        self._chips, self.more = chips, more
        self._first = chips[0]
        self.menu_of_more = QMenu(self)
        self.menu_of_more.setToolTipsVisible(True)
        more.clicked.connect(self._open)
        made = row(*chips, more, None)
        made.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setLayout(made)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def keep_in_sight(self, chip: QPushButton) -> None:
        """This one has room before all others."""
        self._first = chip
        self.settle()

    def settle(self) -> None:
        """As many chips as have room, whole; a chip is never cut."""
        room = self.width() - sum(chip.sizeHint().width() for chip in self._chips)
        shown = set(self._chips)
        if room < 0:
            room = self.width() - self.more.sizeHint().width() - self._first.sizeHint().width()
            shown = {self._first}
            for chip in self._chips:
                if chip is self._first:
                    continue
                room -= chip.sizeHint().width()
                if room < 0:
                    break
                shown.add(chip)
        for chip in self._chips:
            chip.setVisible(chip in shown)
        self.more.setVisible(len(shown) < len(self._chips))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.settle()

    def fill_menu(self) -> None:
        """The chips that have no room, each as it stands now."""
        self.menu_of_more.clear()
        for chip in self._chips:
            if chip.isHidden():
                entry = self.menu_of_more.addAction(chip.text(), chip.click)
                entry.setEnabled(chip.isEnabledTo(self))
                entry.setToolTip(chip.toolTip())

    def _open(self) -> None:
        self.fill_menu()
        high = self.menu_of_more.sizeHint().height()
        self.menu_of_more.popup(self.more.mapToGlobal(QPoint(0, -high - 2)))


class VolumeBar(QWidget):
    """It tells what is pressed; what then happens, the view decides."""

    preset_chosen = Signal(str)
    front_asked = Signal()
    turn_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "panel")
        self.setFixedHeight(theme.size("volume.bar"))
        self._chips = QButtonGroup(self)
        self._by_id: dict[str, QPushButton] = {}
        for preset in volume_presets():
            chip = QPushButton(name_of(preset))
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.clicked.connect(lambda _=False, name=preset.id: self.preset_chosen.emit(name))
            self._chips.addButton(chip)
            self._by_id[preset.id] = chip
        self._front = Tool("front", self.tr("From the front"))
        self._turn = Tool("turn", self.tr("Turn slowly"), checkable=True)
        self._front.clicked.connect(self.front_asked)
        self._turn.toggled.connect(self.turn_asked)
        gap = theme.size("space.xs")
        self._row = _Row(list(self._by_id.values()), Tool("more", self.tr("More presets")))
        inset = theme.size("space.xs")
        whole = row(inset=(inset, 0, inset, 0), gap=gap)
        whole.addWidget(self._row, 1)
        whole.addWidget(self._front)
        whole.addWidget(self._turn)
        self.setLayout(whole)

    def set_preset(self, name: str, coming: str = "") -> None:
        """Marks the preset that is shown; coming: one whose picture is on its way."""
        for preset in volume_presets():
            told = name_of(preset)
            self._by_id[preset.id].setText(f"{told} …" if preset.id == coming else told)
        self._by_id[name].setChecked(True)
        self._row.keep_in_sight(self._by_id[coming or name])

    def set_can_look_inside(self, can: bool, reason: str) -> None:
        """Whether the presets that look into the lungs have any; reason: what the others say."""
        for preset in volume_presets():
            chip = self._by_id[preset.id]
            chip.setEnabled(can or not preset.needs_lungs)
            chip.setToolTip("" if chip.isEnabled() else reason)

    def stop_turn(self) -> None:
        self._turn.setChecked(False)

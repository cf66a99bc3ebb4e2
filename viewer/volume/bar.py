"""The bar under the 3-D picture: presets as chips, the view from the front, a slow turn."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QScrollArea, QWidget

from viewer import theme
from viewer.panels.buttons import Tool
from viewer.panels.parts import box, ground, row
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


class _Row(QScrollArea):
    """Chips side by side; where there is no room for all, the wheel moves them."""

    def __init__(self, chips: list[QPushButton]) -> None:
        super().__init__()
        self.setWidget(box(row(*chips, None)))
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turn.y() or turn.x()) // 2)
        event.accept()


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
        self._row = _Row(list(self._by_id.values()))
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
        self._row.ensureWidgetVisible(self._by_id[coming or name])

    def set_can_look_inside(self, can: bool, reason: str) -> None:
        """Whether the presets that look into the lungs have any; reason: what the others say."""
        for preset in volume_presets():
            chip = self._by_id[preset.id]
            chip.setEnabled(can or not preset.needs_lungs)
            chip.setToolTip("" if chip.isEnabled() else reason)

    def stop_turn(self) -> None:
        self._turn.setChecked(False)

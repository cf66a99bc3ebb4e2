"""One look, from one table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontInfo, QFontMetricsF, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from ai.resources import resource
from viewer import theme

VIEWS = Path(theme.__file__).parent / "views"


def luminance(name: str) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
             for c in theme.color(name).getRgbF()[:3]]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("level", theme.LEVELS)
def test_text_can_be_read_on_every_ground(level: str, themed: QApplication) -> None:
    try:
        theme.apply_theme(themed, level)
        for ground in ("bg.window", "bg.panel", "bg.raised", "bg.selected"):
            assert contrast("text.primary", ground) > 7
            assert contrast("text.secondary", ground) > 4.5
        assert contrast("text.onAccent", "accent.base") > 4.5
    finally:
        theme.apply_theme(themed)


def test_an_unknown_token_is_an_error() -> None:
    with pytest.raises(KeyError, match="no design token"):
        theme.token("bg.pink")
    with pytest.raises(KeyError):
        theme.color("state.maybe")


def test_an_unknown_level_is_an_error(themed: QApplication) -> None:
    with pytest.raises(ValueError, match="level must be"):
        theme.apply_theme(themed, "bright")


@pytest.mark.parametrize("role", ["body", "bodyStrong", "name", "overlay", "number"])
def test_figures_are_of_one_width_in_our_own_font(role: str, themed: QApplication) -> None:
    font = theme.font(role)
    metrics = QFontMetricsF(font)
    assert QFontInfo(font).family() == "Inter"
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_three_weights_are_shipped_with_their_licence() -> None:
    folder = resource("fonts")
    assert len(list(folder.glob("*.otf"))) == 3
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1_500_000


def test_every_icon_exists(themed: QApplication) -> None:
    for name in theme.ICONS:
        assert not theme.icon(name).pixmap(18, 18).isNull(), name
    assert not theme.logo().pixmap(32, 32).isNull()


def test_controls_have_the_heights_of_the_design(qtbot: QtBot, themed: QApplication) -> None:
    for made in (QPushButton("Open"), QLineEdit(), QComboBox(), QToolButton()):
        qtbot.addWidget(made)
        made.show()
        made.adjustSize()
        assert made.height() == 32, type(made).__name__
    tabs = QTabBar()
    qtbot.addWidget(tabs)
    tabs.addTab("Findings")
    assert tabs.sizeHint().height() == 40


def test_a_primary_button_is_filled_with_the_accent(qtbot: QtBot, themed: QApplication) -> None:
    button = QPushButton("Find nodules")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.resize(140, 32)
    assert button.grab().toImage().pixelColor(6, 16) == theme.color("accent.base")


def test_the_style_sheet_has_no_unfilled_token_and_the_palette_is_dark(
    themed: QApplication,
) -> None:
    assert "@" not in themed.styleSheet().replace("@2x", "")
    assert themed.palette().color(QPalette.ColorRole.Window) == theme.color("bg.panel")
    placeholder = themed.palette().color(QPalette.ColorRole.PlaceholderText)
    assert placeholder == theme.color("text.tertiary")


def test_key_caps_grow_with_their_text_and_have_a_least_width(themed: QApplication) -> None:
    assert theme.key_cap_width("A") == 18
    assert theme.key_cap_width("Ctrl+E") > 30
    image = QImage(60, 20, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    theme.paint_key_cap(painter, QPointF(2, 10), "Ctrl+E")
    painter.end()
    assert image.pixelColor(20, 2) != image.pixelColor(20, 0), "a frame is drawn"


def test_no_colour_is_written_outside_the_theme() -> None:
    for file in VIEWS.glob("*.py"):
        found = re.findall(r"[\"']#[0-9A-Fa-f]{3,8}[\"']", file.read_text(encoding="utf-8"))
        assert not found, f"{file.name}: {found}"


def test_a_font_is_its_callers_own() -> None:
    first = theme.font("overlay")
    first.setPixelSize(99)
    again = theme.font("overlay")
    assert again.pixelSize() == theme.token("type.role.overlay")["px"]
    assert again.families() == list(theme.token("type.family"))

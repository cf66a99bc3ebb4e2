"""How Hilum looks: colours, sizes, fonts, palette, style sheet, all from resources/tokens.json."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt, QTemporaryDir
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QIcon,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QApplication

from ai.resources import resource

DIM, DARKER = "dim", "darker"
LEVELS = (DIM, DARKER)
"""How bright the window is around the images; the images are the same in both."""

# The design text wins over the tokens where they differ: the resting crosshair is at 60 %.
_TEXT_WINS: dict[str, float] = {"plane.alphaRest": 0.6}

# What the design text says and the tokens do not hold.
_TEXT_ADDS: dict[str, Any] = {
    "key.height": 16, "key.minWidth": 18, "key.pad": 4, "key.onAccent": "#5D60A8",
    "glyph": 16, "glyph.radius": 5, "glyph.pen": 1.5, "glyph.small": 0.7,
    "swatch": 16,
    "swatch.pen": 1.5,
    "icon": 16,
    "iconEmpty": 28,
    "scrollBar": 10,
    "scrollInset": 3,
    "hairline": 1,
    "handle": 14,
    "handle.out": 6,
    "pane.active": 0.75,
    "cross.underlayWidth": 2,
    "arm.radius": 4.5, "arm.hit": 13, "arm.inset": 48, "arm.least": 40,
    "mark.small": 10,
    "mark.clear": 6,
    "edge.underlay": 2.25,
    "scale.longMm": 50, "scale.shortMm": 20, "scale.tick": 4, "scale.inset": 10,
    "scale.below": 26, "scale.foot": 56,
    "fit.margin": 0.02,
    "reveal.inset": 40, "reveal.edge": 16, "reveal.aroundMm": 25,
    "pane.least": 120,
    "layout.stack": 300,
    "layout.detached": 800,
    "head": 32,
    "list.head": 34,
    "card": 186,
    "card.choices": 30,
    "card.gap": 10,
    "card.right": 56,
    "card.undecided": 58,
    "held.right": 90,
    "held.leastMm": 6,
    "toast": 40,
    "toast.above": 56,
    "edge": 3,
    "banner.pad": 11,
    "spin": 125,
    "thumbSeries": 44,
    "start.drop": 360, "start.dropLeast": 220, "start.pathFrom": 740,
    "inline": 20,
    "start.wide": 796, "start.logo": 52,
    "segment.row": 44,
    "measure.handle": 7, "measure.reach": 12, "measure.lineReach": 6, "measure.tick": 9,
    "measure.ring": 5.5, "measure.short": 4, "measure.barb": 11, "measure.arc": 26,
    "measure.padX": 8, "measure.padY": 4, "measure.leaderFrom": 14, "measure.leader": "dash 3 2",
    "measure.shortAxis": "dash 4 3", "measure.field": 220, "measure.inset": 24,
    "measure.words": 80,
    "caret": 12,
    "axes.long": 34, "axes.inset": 50, "axes.letter": 10, "axes.dot": 2.5,
    "tag.leader": 30,
    "volume.bar": 44,
    "layout.windowWide": 1031,
    "layout.windowHigh": 830,
    "edit.brush": "#FFFFFF", "edit.brushPen": 1.25, "edit.brushUnder": 3, "edit.cross": 4,
    "edit.edge": 1.75, "edit.field": 58, "edit.fill": 0.1, "edit.number": 56, "edit.note": 30,
    "edit.preview": 0.4, "edit.row": 26,
    "density.row": 24, "density.plot": 176, "density.line": 18, "density.axis": 34,
    "check.pen": 1.5,
    "edit.slider": 72,
}  # fmt: skip

ICONS = {
    "open": "ph.folder-open", "file": "ph.file", "undo": "ph.arrow-counter-clockwise",
    "language": "ph.translate", "redo": "ph.arrow-clockwise", "window": "ph.circle-half",
    "zoom": "ph.magnifying-glass-plus", "crosshair": "ph.crosshair-simple", "hand": "ph.hand",
    "distance": "ph.ruler", "bidirectional": "ph.line-segments", "angle": "mdi6.angle-acute",
    "oval": "ph.circle-dashed", "probe": "ph.eyedropper", "text": "ph.text-t",
    "layout": "ph.layout", "lungs": "mdi6.lungs", "nodules": "ph.target",
    "export": "ph.export", "done": "ph.check", "good": "ph.check-circle", "info": "ph.info",
    "warn": "ph.warning", "refused": "ph.prohibit", "why": "ph.lightbulb",
    "busy": "ph.spinner", "waits": "ph.hourglass-simple", "mode": "ph.users",
    "reader": "ph.user", "search": "ph.magnifying-glass", "fold": "ph.caret-double-left",
    "unfold": "ph.caret-double-right", "lists": "ph.caret-down", "tree": "ph.caret-right",
    "checked": "ph.check-square", "unchecked": "ph.square", "demo": "ph.play",
    "more": "ph.dots-three", "show": "ph.eye", "hide": "ph.eye-slash",
    "brush": "ph.paint-brush", "erase": "ph.eraser", "regrow": "ph.magic-wand",
    "threshold": "ph.faders", "islands": "ph.circles-three", "smooth": "ph.waves",
    "scissors": "ph.scissors", "3d": "ph.cube", "turn": "ph.arrows-clockwise",
    "front": "ph.user-square", "copy": "ph.copy", "table": "ph.file-arrow-down",
    "print": "ph.printer", "close": "ph.x", "back": "ph.arrow-left", "freeze": "ph.pause",
    "retired": "ph.clock-counter-clockwise", "shadow": "ph.eye-closed", "studies": "ph.stack",
    "freehand": "ph.scribble-loop", "rename": "ph.pencil-simple", "remove": "ph.trash",
    "settings": "ph.gear-six", "help": "ph.question", "key-image": "ph.bookmark-simple",
}  # fmt: skip

_level = LEVELS[0]
_drawn: QTemporaryDir | None = None  # holds the few pictures that a style sheet needs as files


@cache
def _tokens() -> dict[str, Any]:
    tokens: dict[str, Any] = json.loads(resource("tokens.json").read_text(encoding="utf-8"))
    return tokens


def _walk(tree: Any, path: Sequence[str]) -> Any:
    for step in path:
        if not isinstance(tree, dict) or step not in tree:
            return None
        tree = tree[step]
    return tree


@cache
def _token(level: str, name: str) -> Any:
    if name in _TEXT_WINS:
        return _TEXT_WINS[name]
    if name in _TEXT_ADDS:
        return _TEXT_ADDS[name]
    tokens, path = _tokens(), name.split(".")
    for root in (tokens["color"][level], tokens["color"], tokens, tokens["size"], tokens["space"]):
        found = _walk(root, path)
        if found is not None:
            return found
    raise KeyError(f"no design token is named {name!r}")


def token(name: str) -> Any:
    """What a dotted name stands for: 'mark.pen', 'size.topbar', 'bg.panel'. KeyError if nothing."""
    return _token(_level, name)


def color(name: str, alpha: float = 1.0) -> QColor:
    """The colour of a token ('bg.panel', 'state.accepted', 'plane.axial'), alpha 0 to 1."""
    value = token(name)
    chosen = QColor(value["hex"] if isinstance(value, dict) else value)
    chosen.setAlphaF(alpha)
    return chosen


def size(name: str) -> int:
    """A whole number of logical pixels: 'topbar', 'control', 'space.m', 'radius.card'."""
    return round(token(name))


def number(name: str) -> float:
    """A number that need not be whole: 'mark.pen', 'plane.alphaRest', 'motion.fade'."""
    return float(token(name))


def dashes(pen: str, width: float) -> list[float]:
    """The dash pattern of a token such as 'dash 8 4' in units of the pen's width; [] is solid."""
    lengths = [float(part) for part in pen.split()[1:]]
    return [length / width for length in lengths]


def pen(name: str, *, width: float = 1.0, alpha: float = 1.0, style: str = "") -> QPen:
    """A pen in a token's colour; style is a pen or edge token ('solid', 'dash 8 4')."""
    made = QPen(color(name, alpha), width)
    pattern = dashes(style, width) if style else []
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    if pattern:
        made.setDashPattern(pattern)
    return made


def font(role: str) -> QFont:
    """The font of a role ("body", "overlay", "captionStrong"), with tabular figures; a copy."""
    return QFont(_font(role))  # put together once: a repaint asks for fifty


@cache
def _font(role: str) -> QFont:
    spec, made = token(f"type.role.{role}"), QFont()
    made.setFamilies(list(token("type.family")))
    made.setPixelSize(spec["px"])
    made.setWeight(QFont.Weight(spec["weight"]))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for feature, value in token("type.features").items():
        made.setFeature(QFont.Tag(feature), value)
    return made


def line_height(role: str) -> int:
    """The line height of a role in logical pixels."""
    return int(token(f"type.role.{role}")["line"])


def icon(name: str, role: str = "text.secondary", *, on: str = "accent.base") -> QIcon:
    """An icon by Hilum's own name (see ICONS), coloured; `on` colours it while checked."""
    import qtawesome  # its fonts take a while: loaded with the first icon, not with the module

    made: QIcon = qtawesome.icon(
        ICONS[name],
        color=color(role).name(),
        color_disabled=color("text.disabled").name(),
        color_on=color(on).name(),
        color_on_disabled=color("text.disabled").name(),
    )
    return made


def logo() -> QIcon:
    """The mark of Hilum."""
    return QIcon(str(resource("icons", "hilum.svg")))


def key_cap_width(text: str) -> float:
    """How wide a key cap for this text is, in logical pixels."""
    wide = QFontMetricsF(font("key")).horizontalAdvance(text)
    return max(number("key.minWidth"), wide + 2 * number("key.pad"))


def paint_key_cap(
    painter: QPainter,
    left_centre: QPointF,
    text: str,
    *,
    on_accent: bool = False,
    on: bool = True,
    wide: float = 0.0,
) -> None:
    """A key cap whose left edge's middle is left_centre; on_accent for primary buttons.

    wide: how wide, where it is not as wide as its text asks for.
    """
    high = number("key.height")
    cap = QRectF(left_centre.x(), left_centre.y() - high / 2, wide or key_cap_width(text), high)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush if on_accent else color("bg.window"))
    painter.setPen(QPen(color("key.onAccent" if on_accent else "line.strong"), 1))
    radius = number("radius.key")
    painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    ink = "text.onAccent" if on_accent else "text.secondary"
    painter.setPen(color(ink if on else "text.disabled"))
    painter.setFont(font("key"))
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def palette() -> QPalette:
    """What a style sheet does not reach: placeholders, links, selection, the disabled group."""
    role, made = QPalette.ColorRole, QPalette()
    table = {
        role.Window: "bg.panel", role.WindowText: "text.primary", role.Base: "bg.field",
        role.AlternateBase: "bg.panel", role.Text: "text.primary", role.Button: "bg.raised",
        role.ButtonText: "text.primary", role.BrightText: "text.primary",
        role.ToolTipBase: "bg.raised", role.ToolTipText: "text.primary",
        role.PlaceholderText: "text.tertiary", role.Highlight: "accent.quiet",
        role.HighlightedText: "text.primary", role.Link: "accent.base",
        role.LinkVisited: "accent.pressed", role.Accent: "accent.base",
        role.Light: "line.strong", role.Midlight: "line.soft", role.Mid: "line.soft",
        role.Dark: "bg.window", role.Shadow: "bg.window",
    }  # fmt: skip
    for which, name in table.items():
        made.setColor(which, color(name))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, which, color("text.disabled"))
    return made


def style_sheet(pictures: Path) -> str:
    """resources/hilum.qss with its @{token}s filled in; pictures: where caret and check lie.

    `@{token-2}` and `@{token/2}` subtract and divide: a style sheet's heights leave the frame out.
    """

    def fill(found: re.Match[str]) -> str:
        name, sign, by = found.groups()
        if name.startswith("picture."):
            return (pictures / f"{name.removeprefix('picture.')}.png").as_posix()
        value = token(name)
        if isinstance(value, str):
            return value
        if sign == "-":
            value -= int(by)
        elif sign == "/":
            value //= int(by)
        return f"{value:g}"

    text = resource("hilum.qss").read_text(encoding="utf-8")
    return re.sub(r"@\{([\w.]+)(?:([-/])(\d+))?\}", fill, text)


def _draw(folder: Path, name: str, points: Sequence[tuple[float, float]], ink: str) -> None:
    """A small stroke drawing of 16 x 16 as NAME.png and NAME@2x.png, as style sheets want it."""
    for ratio, suffix in ((1, ""), (2, "@2x")):
        side = size("icon") * ratio
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(ratio, ratio)
        stroke = QPen(color(ink), 1.5)
        stroke.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(stroke)
        painter.drawPolyline([QPointF(x, y) for x, y in points])
        painter.end()
        picture.save(str(folder / f"{name}{suffix}.png"))


def level() -> str:
    """The one of LEVELS that the window has now."""
    return _level


def apply_theme(app: QApplication, level: str = DIM) -> None:
    """Fonts, style, palette and style sheet for the whole application; level is one of LEVELS."""
    companion = resource("fonts", "print", "WenQuanYiMicroHei.ttf")  # for Chinese names and words
    for file in (*sorted(resource("fonts").glob("*.otf")), companion):
        QFontDatabase.addApplicationFont(str(file))
    _font.cache_clear()  # what was asked for earlier may have found other families
    app.setStyle("Fusion")
    app.styleHints().setColorScheme(Qt.ColorScheme.Dark)
    app.setFont(font("body"))
    app.setWindowIcon(logo())
    show_level(app, level)


def show_level(app: QApplication, level: str) -> None:
    """Palette and style sheet of one of LEVELS; what is painted takes its colours from then on."""
    global _level, _drawn
    if level not in LEVELS:
        raise ValueError(f"level must be one of {LEVELS}, not {level!r}")
    _level = level
    if _drawn is None:
        _drawn = QTemporaryDir()
    folder = Path(_drawn.path()) / level  # one each: Qt keeps pictures by their path
    folder.mkdir(exist_ok=True)
    _draw(folder, "caret", [(4.5, 6.5), (8, 10), (11.5, 6.5)], "text.secondary")
    _draw(folder, "caret_off", [(4.5, 6.5), (8, 10), (11.5, 6.5)], "text.disabled")
    _draw(folder, "check", [(3.5, 8.5), (6.5, 11.5), (12.5, 4.5)], "accent.base")
    app.setPalette(palette())
    app.setStyleSheet(style_sheet(folder))

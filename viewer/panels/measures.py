"""How the window's parts share its width: the rule of the layout, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from viewer import theme
from viewer.views.layouts import cut_width

FIGURES_FROM, CAPS_FROM, PINNED_FROM = 1360, 1270, 2560
COMPACT_BELOW = 800


@dataclass(frozen=True)
class Measures:
    """panel: width of the right panel. figures, caps: whether the top bar has room for them;
    measuring: for how many measuring tools. small: beside the panel the axial pane would be
    narrower than it may be."""

    panel: int
    figures: bool
    caps: bool
    measuring: int
    compact: bool
    browser_pinned: bool
    small: bool


def measures(width: int, height: int) -> Measures:
    """For a window of so many logical pixels."""
    table = sorted((int(at), int(wide)) for at, wide in theme.token("layout.panel").items())
    panel = table[0][1]
    for at, wide in table:
        if width >= at:
            panel = wide
    return Measures(
        panel=panel,
        figures=width >= FIGURES_FROM,
        caps=width >= CAPS_FROM,
        measuring=7 if width >= PINNED_FROM else 4 if width >= CAPS_FROM else 0,
        compact=height < COMPACT_BELOW,
        browser_pinned=width >= PINNED_FROM,
        small=_axial(width, height, panel) < theme.size("layout.axialMin"),
    )


def strip_width() -> int:
    """Of the panel that is folded."""
    return theme.size("rowCompact")


def side_beside(width: int, height: int) -> int:
    """How wide the panel is where it takes turns with the cuts: the axial pane stays as it is."""
    strip = strip_width()
    return strip + theme.size("paneGap") + cut_width(_centre(width, strip), _body(height))


def _axial(width: int, height: int, panel: int) -> int:
    centre = _centre(width, panel)
    return centre - theme.size("paneGap") - cut_width(centre, _body(height))


def _centre(width: int, side: int) -> int:
    return width - theme.size("rail") - theme.size("hairline") - side


def _body(height: int) -> int:
    """Without the bars that come and go: the window is not another one for those."""
    return height - theme.size("topbar") - theme.size("statusbar")

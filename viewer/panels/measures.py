"""How the window's parts share its width: the rule of the layout, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from viewer import theme

FIGURES_FROM, CAPS_FROM, PINNED_FROM = 1360, 1270, 2560
COMPACT_BELOW = 800


@dataclass(frozen=True)
class Measures:
    """panel: width of the right panel. figures, caps: whether the top bar has room for them;
    measuring: for how many measuring tools."""

    panel: int
    figures: bool
    caps: bool
    measuring: int
    compact: bool
    browser_pinned: bool


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
    )

"""The presets of the 3-D pane, from resources/volume_presets.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from ai.resources import resource

LUNGS, CHEST, AIRWAY, BODY = "lungs", "chest", "airway", "body"
REGIONS = (LUNGS, CHEST, AIRWAY, BODY)
COMPOSITE, MAXIMUM = "composite", "maximum"
TABLES = ("opacity", "colour", "gradient")
FIELDS = ("id", "name", "region", "grow_mm", "outside_hu", "smooth_mm", "shell", "blend")

GLASS, BONE = "glass", "bone"
"""What a scan is first shown as: with lungs, and without."""


@dataclass(frozen=True)
class Light:
    """How a lit surface answers: parts of the light, and how sharp its highlight is."""

    ambient: float
    diffuse: float
    specular: float
    power: float


@dataclass(frozen=True)
class VolumePreset:
    """How HU become a picture.

    opacity: HU and the opacity of 1 mm of it. colour: HU and red, green, blue. gradient: HU per mm
    and a factor on the opacity; none where empty. light: None for unlit. region: one of REGIONS,
    grow_mm: how far its edge is pushed out; outside_hu: what stands beyond it. smooth_mm: by how
    much HU are smoothed first. shell: how much of the lungs' glass is drawn.
    """

    id: str
    name: str
    region: str
    opacity: tuple[tuple[float, float], ...]
    colour: tuple[tuple[float, float, float, float], ...]
    gradient: tuple[tuple[float, float], ...] = ()
    light: Light | None = None
    grow_mm: float = 0.0
    outside_hu: int = -1024
    smooth_mm: float = 0.0
    shell: float = 0.0
    blend: str = COMPOSITE

    def __post_init__(self) -> None:
        if self.region not in REGIONS or self.blend not in (COMPOSITE, MAXIMUM):
            raise ValueError(f"preset {self.id} has no such region or blend")
        for table in (self.opacity, self.colour, self.gradient):
            hus = [row[0] for row in table]
            if hus != sorted(set(hus)):
                raise ValueError(f"preset {self.id} has HU that do not rise")
        parts = [n for row in (*self.opacity, *self.colour, *self.gradient) for n in row[1:]]
        if not self.opacity or not self.colour or not all(0 <= n <= 1 for n in parts):
            raise ValueError(f"preset {self.id} has an empty table, or parts beyond 0 and 1")

    @property
    def needs_lungs(self) -> bool:
        """Whether it looks into the lungs, and shows nothing where they are not known."""
        return self.region in (LUNGS, CHEST)


@cache
def volume_presets() -> tuple[VolumePreset, ...]:
    """All presets, in the order of the file."""
    table = tomllib.loads(resource("volume_presets.toml").read_text(encoding="utf-8"))
    return tuple(_preset(row) for row in table["preset"])


def volume_preset(name: str) -> VolumePreset:
    """The preset of that id. Raises KeyError for none of ours."""
    return {one.id: one for one in volume_presets()}[name]


def _preset(row: dict[str, Any]) -> VolumePreset:
    light = Light(*(float(n) for n in row["light"])) if "light" in row else None
    tables: dict[str, Any] = {
        key: tuple(tuple(float(n) for n in part) for part in row.get(key, ())) for key in TABLES
    }
    known = {key: row[key] for key in FIELDS if key in row}
    return VolumePreset(**known, **tables, light=light)

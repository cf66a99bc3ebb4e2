"""Still pictures of a reading: axial cuts with a ring at a finding, the lungs from the front."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, permutations
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ai.resources import resource
from ai.scan.finding import Finding
from ai.scan.geometry import Geometry
from ai.scan.labelmap import BOTH_LUNGS, LUNGS, LabelMap
from ai.scan.volume import Volume
from viewer.reading.out.segments import colour

SIDE: Final = 512
"""Pixels of one square panel."""
ZOOM_MM: Final = 60.0
RING_PAD_MM: Final = 4.0
RING_LEAST_MM: Final = 7.0
WINDOW_HU: Final = (-600.0, 1600.0)
"""Level and width of the lung window."""
TEXT_RGB: Final = (220, 223, 227)
FIRST_WIDE: Final = "\u2e80"
NOTICE: Final = "Research use only. Not for diagnosis."

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})

Array = NDArray[Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Upright:
    """How a grid is turned into pictures: down is to the feet, right is the patient's left.

    axes: which of k, j, i runs along head-feet, front-back, right-left. reversed: whether it runs
    the other way. An oblique grid is turned to the nearest axes, never resampled.
    """

    axes: tuple[int, int, int]
    reversed: tuple[bool, bool, bool]
    spacing_mm: tuple[float, float, float]
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, geometry: Geometry) -> Upright:
        to_feet_back_left = np.diag([-1.0, 1.0, 1.0]) @ geometry.directions[::-1]
        best = max(
            permutations(range(3)),
            key=lambda axes: sum(abs(to_feet_back_left[n, axis]) for n, axis in enumerate(axes)),
        )
        a, b, c = best
        turned = [bool(to_feet_back_left[n, axis] < 0) for n, axis in enumerate(best)]
        spacing, shape = geometry.spacing_kji_mm, geometry.shape_kji
        return cls(
            (a, b, c),
            (turned[0], turned[1], turned[2]),
            (spacing[a], spacing[b], spacing[c]),
            (shape[a], shape[b], shape[c]),
        )

    def turn(self, array: Array) -> Array:
        """The same voxels as head to feet, front to back, right to left (a view)."""
        return array.transpose(self.axes)[
            tuple(slice(None, None, -1 if r else 1) for r in self.reversed)
        ]

    def index(self, index_kji: Iterable[float]) -> Floats:
        """Where voxels of the grid (..., 3) lie in the turned array."""
        kji = np.asarray(index_kji, np.float64)[..., list(self.axes)]
        return np.where(self.reversed, np.array(self.shape) - 1 - kji, kji)


@dataclass(frozen=True, eq=False)
class _Panel:
    """A plane on a black square: pixel = offset + scale * (row, column) of voxel centres."""

    image: Image.Image
    offset: Floats
    scale: Floats

    @classmethod
    def of(cls, plane: Array, spacing_mm: tuple[float, float], *, smooth: bool = True) -> _Panel:
        size_mm = np.array(plane.shape) * spacing_mm
        per_mm = SIDE / size_mm.max()
        height, width = np.maximum(1, np.rint(size_mm * per_mm)).astype(int)
        how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
        drawn = Image.fromarray(np.ascontiguousarray(plane)).resize((int(width), int(height)), how)
        image = Image.new(drawn.mode, (SIDE, SIDE))
        corner = (np.array([SIDE - height, SIDE - width]) // 2).astype(np.float64)
        image.paste(drawn, (int(corner[1]), int(corner[0])))
        scale = np.array([height, width]) / plane.shape
        return cls(image, corner + scale / 2 - 0.5, scale)

    def pixel(self, row_column: Floats) -> Floats:
        return self.offset + self.scale * row_column


def grey(hu: Array) -> NDArray[np.uint8]:
    """HU in the lung window as grey levels."""
    level, width = WINDOW_HU
    shown = (hu.astype(np.float32) - (level - width / 2)) * (255 / width)
    tone: NDArray[np.uint8] = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
    return tone


def finding_picture(
    volume: Volume, finding: Finding, state: str, caption: str, *, notice: str = NOTICE
) -> Image.Image:
    """The axial cut through a finding, whole and enlarged, with a ring that stays outside it."""
    upright = Upright.of(volume.geometry)
    centre = upright.index(volume.geometry.index_of(finding.centre_lps))
    level = int(np.clip(np.rint(centre[0]), 0, upright.shape[0] - 1))
    spacing = upright.spacing_mm[1:]
    plane = grey(upright.turn(volume.hu)[level])
    radius_mm = _ring_mm(finding, upright, centre)
    whole = _Panel.of(plane, spacing)
    half = np.ceil(max(ZOOM_MM / 2, 1.5 * radius_mm) / np.array(spacing)).astype(int)
    middle = np.rint(centre[1:]).astype(int)
    low = np.clip(middle - half, 0, np.array(plane.shape) - 1)
    high = np.clip(middle + half + 1, low + 1, plane.shape)
    near = _Panel.of(plane[low[0] : high[0], low[1] : high[1]], spacing)
    picture = Image.new("RGB", (2 * SIDE + 2, SIDE))
    for left, panel, start in ((0, whole, np.zeros(2)), (SIDE + 2, near, low)):
        tinted = panel.image.convert("RGB")
        put_ring(
            tinted, panel.pixel(centre[1:] - start), panel.scale[0] / spacing[0] * radius_mm, state
        )
        picture.paste(tinted, (left, 0))
    draw = ImageDraw.Draw(picture)
    _letters(draw, top="A")
    put_text(draw, (10, 8), caption)
    put_text(draw, (10, SIDE - 24), notice)
    return picture


def lungs_picture(
    volume: Volume,
    lungs: LabelMap | None,
    findings: Iterable[tuple[Finding, str]],
    *,
    notice: str = NOTICE,
    names: Mapping[str, str] = NO_NAMES,
    told: Sequence[str] = (),
) -> Image.Image:
    """The coronal cut where the lungs are largest, their outlines, and a ring at each finding.

    names: by finding, beside its ring. told: the caption, a line or two.
    """
    upright = Upright.of(volume.geometry)
    labels = None if lungs is None else upright.turn(lungs.labels)
    depth = upright.shape[1] // 2
    if labels is not None and labels.any():
        depth = int(np.count_nonzero(labels, axis=(0, 2)).argmax())
    spacing = (upright.spacing_mm[0], upright.spacing_mm[2])
    panel = _Panel.of(grey(upright.turn(volume.hu)[:, depth]), spacing)
    pixels = np.array(panel.image.convert("RGB"))
    if labels is not None:
        drawn = np.asarray(_Panel.of(labels[:, depth], spacing, smooth=False).image)
        for lung in (*LUNGS, BOTH_LUNGS):
            pixels[_edge(drawn == lung.number)] = colour("segment", lung.name)
    picture = Image.fromarray(pixels)
    for finding, state in findings:
        index = upright.index(volume.geometry.index_of(finding.centre_lps))
        radius_mm = max(RING_LEAST_MM, finding.measurement.long_mm / 2 + RING_PAD_MM)
        radius = radius_mm * panel.scale[0] / spacing[0]
        place = panel.pixel(index[[0, 2]])
        put_ring(picture, place, radius, state)
        if finding.id in names:
            _put_name(picture, place, radius, names[finding.id])
    draw = ImageDraw.Draw(picture)
    _letters(draw, top="H")
    for line, y in zip(told, (8, SIDE - 44), strict=False):
        put_text(draw, (10, y), line)
    put_text(draw, (10, SIDE - 24), notice)
    return picture


def _ring_mm(finding: Finding, upright: Upright, centre: Floats) -> float:
    """A radius that leaves every voxel of the finding inside, seen from above."""
    if finding.mask is None or not finding.mask.voxels.any():
        return max(RING_LEAST_MM, finding.measurement.long_mm / 2 + RING_PAD_MM)
    held = upright.index(np.argwhere(finding.mask.voxels) + finding.mask.start_kji)
    away = (held - centre)[:, 1:] * upright.spacing_mm[1:]
    return max(RING_LEAST_MM, float(np.linalg.norm(away, axis=1).max()) + RING_PAD_MM)


def _edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a mask that touch what is not in it."""
    inner = np.pad(mask, 1)
    inner = inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    return mask & ~inner


def put_ring(image: Image.Image, row_column: Floats, radius: float, state: str) -> None:
    """A ring of so many pixels around a place, in its state's colour."""
    row, column = row_column
    draw = ImageDraw.Draw(image)
    for width, tint in ((5, (0, 0, 0)), (2, colour("state", state))):
        grown = radius + width / 2
        box = (column - grown, row - grown, column + grown, row + grown)
        draw.ellipse(box, outline=tint, width=width)


def _put_name(image: Image.Image, row_column: Floats, radius: float, name: str) -> None:
    """A name to the right of a ring, or to its left where the picture ends."""
    wide = sum(_font(east).getlength(run) for east, run in runs_of(name))
    left = row_column[1] + radius + 6
    if left + wide > image.width:
        left = row_column[1] - radius - 6 - wide
    put_text(ImageDraw.Draw(image), (int(left), int(row_column[0]) - 8), name)


def _letters(draw: ImageDraw.ImageDraw, *, top: str) -> None:
    put_text(draw, (8, SIDE // 2 - 8), "R")
    put_text(draw, (SIDE - 20, SIDE // 2 - 8), "L")
    put_text(draw, (SIDE // 2 - 5, 26), top)


def put_text(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str) -> None:
    """Words with their upper left corner at a place (x, y), read on black and on white."""
    x, y = float(place[0]), place[1] + _font(False).getmetrics()[0]
    for wide, run in runs_of(text):
        font = _font(wide)
        draw.text(
            (x, y),
            run,
            font=font,
            anchor="ls",
            fill=TEXT_RGB,
            stroke_width=2,
            stroke_fill=(0, 0, 0),
        )
        x += font.getlength(run)


def runs_of(text: str) -> list[tuple[bool, str]]:
    """Stretches of text that one font has: East Asian signs, and all others. Neither has both."""
    return [
        (wide, "".join(signs)) for wide, signs in groupby(text, lambda sign: sign >= FIRST_WIDE)
    ]


@cache
def _font(wide: bool) -> ImageFont.FreeTypeFont:
    file = ("print", "WenQuanYiMicroHei.ttf") if wide else ("Inter-Medium.otf",)
    return ImageFont.truetype(str(resource("fonts", *file)), 14)

"""Key images as a report speaks of them: where each lies, what it shows, what its picture is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from viewer.dicom.series import NOTHING_HERE, Series
from viewer.language.catalogue import ENGLISH
from viewer.language.signs import minus
from viewer.reading.events import KeyImageKept
from viewer.reading.names import short_names
from viewer.reading.reading import Reading
from viewer.reading.report.words import Tell, key_words

OBLIQUE: Final = "oblique"
NEARLY: Final = 0.02
PLANES: Final = {
    "axial": (1, 0, 0, 0, 1, 0),
    "coronal": (1, 0, 0, 0, 0, -1),
    "sagittal": (0, 1, 0, 0, 0, -1),
}
"""Right and down the screen, LPS, of the patient's own planes."""


@dataclass(frozen=True)
class KeyImageLine:
    """number: from 1, in the order they were kept. image: of the CT, NOTHING_HERE where none is;
    of another plane than the axial one the image that the crosshair stood on.

    finding: its name where one is shown. window: 'W 1500 L −600'. slab: max, min or mean over
    slab_mm, or empty.
    """

    number: int
    plane: str
    series: int
    image: int
    finding: str = ""
    window: str = ""
    inverted: bool = False
    slab: str = ""
    slab_mm: float = 0.0

    @property
    def where(self) -> str:
        """As readers point at it."""
        place = f"se {self.series}"
        return place if self.image == NOTHING_HERE else f"{place} im {self.image}"

    @property
    def image_or_none(self) -> int | None:
        return None if self.image == NOTHING_HERE else self.image

    @property
    def file(self) -> str:
        """How its picture is called."""
        return f"key-{self.number}.png"


def kept_images(reading: Reading, series: Series) -> tuple[KeyImageKept, ...]:
    """Those that lie on the series as it is now; a folder may have lost slices since."""
    return tuple(key for key in reading.key_images if 0 <= key.slice_index < len(series.slices))


def key_lines(reading: Reading, series: Series) -> tuple[KeyImageLine, ...]:
    """One for each key image that the reading keeps."""
    names = short_names(reading)
    return tuple(
        KeyImageLine(
            number=number,
            plane=_plane(key),
            series=series.number,
            image=series.image_number(key.slice_index),
            finding=names.get(key.finding, ""),
            window=_window(key),
            inverted=key.invert,
            slab=key.slab,
            slab_mm=key.slab_mm,
        )
        for number, key in enumerate(kept_images(reading, series), start=1)
    )


def key_caption(line: KeyImageLine, language: str = ENGLISH) -> str:
    """'1  RUZ 1, axial, se 2 im 37, W 1500 L −600'."""
    return f"{line.number}  {key_words(Tell(language), line)}"


def source_slices(keys: Iterable[KeyImageKept], series: Series) -> tuple[int, ...]:
    """The k of a scanned slice for each key image, each once: the nearest one where none is."""
    here = [k for k, piece in enumerate(series.slices) if piece.here]
    found = (min(here, key=lambda k: abs(k - key.slice_index)) for key in keys if here)
    return tuple(dict.fromkeys(found))


def _plane(key: KeyImageKept) -> str:
    """The pane's name, or oblique where its plane was turned from the patient's own."""
    straight = PLANES.get(key.plane)
    if straight is None:
        return OBLIQUE
    turned = max(abs(a - b) for a, b in zip(key.right + key.down, straight, strict=True))
    return OBLIQUE if turned > NEARLY else key.plane


def _window(key: KeyImageKept) -> str:
    level = minus(f"{key.window_level:.0f}")
    return f"W {key.window_width:.0f} L {level}"

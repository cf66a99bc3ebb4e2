"""The number of the image that is shown, and of how many: as the series numbers its images."""

from __future__ import annotations

import numpy as np
import pytest

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from viewer.dicom.series import NOTHING_HERE
from viewer.views.pane_text import PaneLines
from viewer.views.planes import AXIAL, PLANES


def told(numbers: tuple[int, ...], images: int = 0) -> list[str]:
    """What the pane tells of each level, k rising."""
    geometry = Geometry.axial((len(numbers), 4, 4), spacing_kji_mm=(2.0, 1.0, 1.0))
    volume = Volume(geometry, np.zeros((len(numbers), 4, 4), np.int16))
    lines = PaneLines(image_numbers=numbers, images=images)
    made = []
    for k in range(len(numbers)):
        x, y, z = geometry.lps_of((k, 2, 2))
        (line,) = lines.lower_right(volume, PLANES[AXIAL], (float(x), float(y), float(z)))
        made.append(line)
        assert line == "No image here" or len(line) <= len(lines.widest)
    return made


def test_numbers_from_one_on_are_told_as_they_are() -> None:
    assert told((3, 2, 1)) == ["Image 3 / 3", "Image 2 / 3", "Image 1 / 3"]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((40, 41, 42), ["Image 40 (1 / 3)", "Image 41 (2 / 3)", "Image 42 (3 / 3)"]),
        ((12, 4, 2), ["Image 12 (3 / 3)", "Image 4 (2 / 3)", "Image 2 (1 / 3)"]),
        ((0, 1, 2), ["Image 0 (1 / 3)", "Image 1 (2 / 3)", "Image 2 (3 / 3)"]),
    ],
)
def test_numbers_of_a_longer_series_or_with_gaps_have_their_place_beside_them(
    numbers: tuple[int, ...], expected: list[str]
) -> None:
    assert told(numbers) == expected


def test_levels_of_an_even_grid_count_the_images_and_not_themselves() -> None:
    assert told((8, 8, NOTHING_HERE, 6, 4), images=3) == [
        "Image 8 (3 / 3)", "Image 8 (3 / 3)", "No image here",
        "Image 6 (2 / 3)", "Image 4 (1 / 3)",
    ]  # fmt: skip
    assert told((1, 1, 2, NOTHING_HERE), images=2)[:3] == ["Image 1 / 2"] * 2 + ["Image 2 / 2"]


def test_numbers_that_repeat_tell_no_place() -> None:
    assert told((1, 1, 2)) == ["Image 1 / 3", "Image 1 / 3", "Image 2 / 3"]
    assert told((7, 7, 8)) == ["Image 7"] * 2 + ["Image 8"]

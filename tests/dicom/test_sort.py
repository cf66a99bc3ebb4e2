"""Slices find their order and one true geometry from position and orientation alone."""

from __future__ import annotations

import pickle
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.fakes import chest
from viewer.dicom.headers import Place
from viewer.dicom.series import SliceFile
from viewer.dicom.sort import Flaw, Stack, arrange, fault, plane_of

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
EIGHT_POSITIONS = {
    "HFS": AXIAL,
    "HFP": (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0),
    "HFDR": (0.0, 1.0, 0.0, -1.0, 0.0, 0.0),
    "HFDL": (0.0, -1.0, 0.0, 1.0, 0.0, 0.0),
    "FFS": (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    "FFP": (1.0, 0.0, 0.0, 0.0, -1.0, 0.0),
    "FFDR": (0.0, 1.0, 0.0, 1.0, 0.0, 0.0),
    "FFDL": (0.0, -1.0, 0.0, -1.0, 0.0, 0.0),
}


def at(position: NDArray[np.float64] | list[float], number: int = 1) -> SliceFile:
    x, y, z = (float(v) for v in position)
    return SliceFile(
        Path(f"{number:03d}.dcm"), f"1.2.{number}", "1.2", number, (x, y, z), "1.2.840.10008.1.2.1"
    )


def stacked(
    slices: list[SliceFile], orientation: tuple[float, ...] = AXIAL, *, same: bool = True
) -> Stack:
    return arrange(
        slices,
        orientation=orientation,
        spacing_row_column_mm=(0.7, 0.8),
        rows=64,
        columns=48,
        thickness_mm=2.5,
        frame_of_reference="1.2.3",
        same_pixels=lambda a, b: same,
    )


def along_z(*z_mm: float) -> list[SliceFile]:
    return [at([0.0, 0.0, z], number) for number, z in enumerate(z_mm, 1)]


def flaws(stack: Stack) -> set[Flaw]:
    return {remark.flaw for remark in stack.remarks}


@pytest.mark.parametrize("orientation", EIGHT_POSITIONS.values(), ids=EIGHT_POSITIONS.keys())
@given(seed=st.integers(0, 10_000), step=st.floats(0.3, 12.0), count=st.integers(3, 40))
@settings(max_examples=15, deadline=None)
def test_every_slice_lies_where_its_header_says_in_all_eight_positions(
    orientation: tuple[float, ...], seed: int, step: float, count: int
) -> None:
    normal = np.cross(orientation[:3], orientation[3:])
    rng = random.Random(seed)
    origin = np.array([rng.uniform(-300, 300) for _ in range(3)])
    numbers = list(range(1, count + 1))
    rng.shuffle(numbers)
    slices = [at(origin + n * step * normal, numbers[n]) for n in range(count)]
    rng.shuffle(slices)
    stack = stacked(slices, orientation)
    assert stack.geometry is not None and not stack.remarks
    for k, item in enumerate(stack.slices):
        assert np.allclose(stack.geometry.lps_of([k, 0, 0]), item.position_lps, atol=1e-6)
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    corner = origin + 47 * 0.8 * row + 63 * 0.7 * column
    assert np.allclose(stack.geometry.lps_of([0, 63, 47]), corner, atol=1e-6)
    assert np.linalg.det(stack.geometry.affine[:3, :3][:, ::-1]) > 0


def test_positions_rounded_by_a_scanner_are_no_reason_to_complain() -> None:
    z = [round(0.625 * k, 1) for k in range(200)]
    assert not stacked(along_z(*z)).remarks


def test_a_missing_slice_is_named_by_its_neighbours_and_stops_the_ai() -> None:
    stack = stacked(along_z(0, 2.5, 5, 10, 12.5, 15))
    assert flaws(stack) == {Flaw.GAP}
    sentence = stack.remarks[0].sentence
    assert "One slice is missing" in sentence and "z = 5.0 mm" in sentence
    assert "image 3 (003.dcm)" in sentence and "image 4 (004.dcm)" in sentence
    assert "2.5 to 5 mm" in sentence and stack.remarks[0].stops_ai


def test_uneven_spacing_is_told_with_its_numbers_and_stops_the_ai() -> None:
    stack = stacked(along_z(0, 2.5, 5, 12.5, 16, 20))
    assert flaws(stack) == {Flaw.UNEVEN}
    assert stack.remarks[0].sentence.startswith("Spacing runs from 2.5 to 7.5 mm.")
    assert stack.remarks[0].stops_ai


def test_a_tilted_gantry_keeps_each_slice_in_its_true_place() -> None:
    angle = np.radians(15)
    orientation = (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))
    slices = [at([0, 0, 5.0 * k], k + 1) for k in range(8)]
    stack = stacked(slices, orientation)
    assert flaws(stack) == {Flaw.TILT} and "15.0°" in stack.remarks[0].sentence
    assert not stack.remarks[0].stops_ai, "the AI puts such scans straight"
    assert stack.geometry is not None
    for k, item in enumerate(stack.slices):
        assert np.allclose(stack.geometry.lps_of([k, 0, 0]), item.position_lps)


def test_slices_that_jump_sideways_are_told() -> None:
    slices = along_z(0, 2.5, 5, 7.5, 10)
    slices[2] = at([4.0, 0.0, 5.0], 3)
    stack = stacked(slices)
    assert flaws(stack) == {Flaw.SIDEWAYS} and "4.0 mm" in stack.remarks[0].sentence


@pytest.mark.parametrize(("same", "flaw"), [(True, Flaw.DUPLICATE), (False, Flaw.CLASH)])
def test_two_images_at_one_position_are_named_and_one_is_shown(same: bool, flaw: Flaw) -> None:
    slices = [*along_z(0, 2.5, 5, 7.5), at([0, 0, 5], 9)]
    stack = stacked(slices, same=same)
    assert flaws(stack) == {flaw} and len(stack.slices) == 4
    assert "image 3 (003.dcm) is shown, image 9 (009.dcm) left out" in stack.remarks[0].sentence


def test_one_slice_and_two_slices_are_no_volume_for_the_ai() -> None:
    assert flaws(stacked(along_z(0))) == {Flaw.SINGLE}
    assert flaws(stacked(along_z(0, 5))) == {Flaw.FEW}


def test_slices_a_kilometre_apart_make_no_volume() -> None:
    stack = stacked(along_z(0, 1000, 2000))
    assert stack.geometry is None and "1000 mm apart" in stack.refusal


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"spacing_row_column_mm": (0.0, 0.0)}, "spacing"),
        ({"spacing_row_column_mm": (-5.0, 5.0)}, "spacing"),
        ({"orientation": (0.0,) * 6}, "orientation"),
        ({"orientation": (1.0, 0.0, 0.0, 0.5, 0.866, 0.0)}, "orientation"),
        ({"position_lps": (0.0, 0.0, 1e8)}, "position"),
        ({"position_lps": None}, "position"),
        ({"slope": 0.0}, "slope"),
        ({"problem": "the position reads “nan”"}, "nan"),
    ],
)
def test_a_slice_that_cannot_be_placed_says_why(change: dict[str, object], word: str) -> None:
    good = {
        "position_lps": (0.0, 0.0, 0.0),
        "orientation": AXIAL,
        "spacing_row_column_mm": (0.7, 0.7),
        "slope": 1.0,
        "intercept": 0.0,
        "thickness_mm": 1.0,
    }
    assert fault(Place(**good)) == ""  # type: ignore[arg-type]
    assert word in fault(Place(**{**good, **change}))  # type: ignore[arg-type]


def test_planes_are_told_by_their_normal() -> None:
    assert plane_of(AXIAL) == "axial"
    assert plane_of((1, 0, 0, 0, 0, -1)) == "coronal"
    assert plane_of((0, 1, 0, 0, 0, -1)) == "sagittal"
    assert plane_of((1, 0, 0, 0, 0.7071, 0.7071)) == "oblique"


def test_the_stored_slices_of_a_series_are_put_together_once() -> None:
    """The window asks for them with every progress of a load."""
    series = chest()
    assert series.sources is series.sources and len(series.sources) == len(series.slices)
    other = replace(series, slices=series.slices[:3])
    assert len(other.sources) == 3
    assert len(pickle.loads(pickle.dumps(series)).sources) == len(series.slices)

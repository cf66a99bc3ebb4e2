"""Slices that lie unevenly are shown to scale, each where it was scanned, and nothing between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dicom.small import ORIGIN, hu_of, write_ct
from tests.dicom.test_sort import along_z, flaws, stacked
from viewer.dicom.find import open_path
from viewer.dicom.grid import even_grid, is_even, most_levels, pieces, usual_gap
from viewer.dicom.inspect import inspect
from viewer.dicom.pixels import UNREADABLE_HU, load_into, read_volume
from viewer.dicom.series import NOTHING_HERE, WARNS, Series
from viewer.dicom.sort import Flaw

ROOM = 1000


def only_series(folder: Path) -> Series:
    (series,) = open_path(folder).series
    return series


def uneven(folder: Path, *z_mm: float) -> Series:
    write_ct(folder, hu=hu_of(len(z_mm)), z_mm=z_mm)
    return only_series(folder)


def test_a_missing_slice_leaves_its_place_empty_and_the_others_in_theirs(tmp_path: Path) -> None:
    series = uneven(tmp_path, 0.0, 2.5, 5.0, 10.0, 12.5)
    assert series.geometry is not None
    assert series.geometry.shape_kji[0] == 6 and len(series.sources) == 5
    assert series.geometry.spacing_kji_mm[0] == pytest.approx(2.5)
    numbers = [series.image_number(k) for k in range(6)]
    assert numbers == [1, 2, 3, NOTHING_HERE, 4, 5]
    volume = read_volume(series)
    assert (volume.hu[3] == UNREADABLE_HU).all()
    for z, plane in zip((0.0, 2.5, 5.0, 10.0, 12.5), hu_of(5), strict=True):
        k, _, _ = np.rint(volume.geometry.index_of((ORIGIN[0], ORIGIN[1], z))).astype(int)
        assert np.array_equal(volume.hu[k], plane)
    assert series.ai_refusal.startswith("One slice is missing. It lies between image 3")


def test_a_place_where_nothing_was_scanned_never_counts_as_loaded(tmp_path: Path) -> None:
    series = uneven(tmp_path, 0.0, 2.5, 5.0, 10.0, 12.5)
    assert series.geometry is not None
    told: list[int] = []
    hu = np.zeros(series.geometry.shape_kji, np.int16)
    assert load_into(series, hu, on_slices=told.extend) == ()
    assert sorted(told) == [0, 1, 2, 4, 5]
    assert (hu[3] == UNREADABLE_HU).all()


def test_uneven_slices_fill_what_they_reach_and_no_more(tmp_path: Path) -> None:
    z_mm = (0.0, 5.0, 10.0, 17.0, 25.0, 30.0)
    series = uneven(tmp_path, *z_mm)
    assert series.geometry is not None
    assert series.geometry.spacing_kji_mm[0] == pytest.approx(1.0)
    shown = {k: series.image_number(k) for k in range(series.geometry.shape_kji[0])}
    assert [shown[int(z)] for z in z_mm] == [1, 2, 3, 4, 5, 6]
    assert [shown[k] for k in (2, 3)] == [1, 2], "up to half way to the neighbour"
    assert shown[13] == NOTHING_HERE and shown[21] == NOTHING_HERE
    assert "even grid of 1 mm. What was not scanned is left empty." in series.warnings[0]
    volume = read_volume(series)
    for k, number in shown.items():
        wanted = UNREADABLE_HU if number == NOTHING_HERE else hu_of(6)[number - 1]
        assert (volume.hu[k] == wanted).all()


def test_thick_slices_after_thin_ones_are_shown_as_thick_as_they_are(tmp_path: Path) -> None:
    z_mm = [float(z) for z in range(10)] + [14.0, 19.0, 24.0]

    def thickness(dataset: object, k: int) -> None:
        dataset.SliceThickness = 1.0 if k < 10 else 5.0  # type: ignore[attr-defined]

    write_ct(tmp_path, hu=hu_of(13), z_mm=z_mm, edit=thickness)
    series = only_series(tmp_path)
    numbers = [series.image_number(k) for k in range(25)]
    assert numbers[:10] == list(range(1, 11))
    assert numbers[12:25] == [11] * 5 + [12] * 5 + [13] * 3


def test_where_overlapping_slices_miss_one_its_place_stays_empty() -> None:
    grid = even_grid(np.array([0, 1.25, 2.5, 5.0, 6.25]), [5.0] * 5, most=ROOM)
    assert grid is not None and grid.levels == (0, 1, 2, None, 3, 4)


def test_a_spoilt_slice_of_an_uneven_series_is_named_once(tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(6), z_mm=(0.0, 5.0, 10.0, 17.0, 25.0, 30.0))
    series = only_series(tmp_path)
    files[0].write_bytes(files[0].read_bytes()[:-3000])
    assert series.geometry is not None
    hu = np.zeros(series.geometry.shape_kji, np.int16)
    (sentence,) = load_into(series, hu)
    assert sentence.count("1-000.dcm") == 1 and "its place is left empty" in sentence
    assert (hu[:3] == UNREADABLE_HU).all() and (hu[3] != UNREADABLE_HU).any()


def test_inspect_counts_the_slices_that_are_there(tmp_path: Path) -> None:
    write_ct(tmp_path, hu=hu_of(5), z_mm=(0.0, 2.5, 5.0, 10.0, 12.5))
    answer = inspect(tmp_path, [(-40, -30, 7.5), (-40, -30, 10.0), (-40, -30, 5.1)])
    (row,) = answer["series"]
    assert answer["outcome"] == WARNS
    assert row["slices"] == 5 and row["spacing_mm"][0] == pytest.approx(2.5)
    assert row["probes"][1:] == [hu_of()[3, 0, 0], hu_of()[2, 0, 0]]


def test_a_stray_slice_far_away_costs_the_others_nothing(tmp_path: Path) -> None:
    write_ct(tmp_path, hu=hu_of(7), z_mm=(0, 2.5, 5, 7.5, 10, 12.5, 700))
    result = open_path(tmp_path)
    assert [len(s.sources) for s in result.series] == [6, 1]
    assert "2 pieces" in result.sentences[0] and "6 images" in result.sentences[0]
    assert not result.series[0].ai_refusal and result.series[1].ai_refusal


def test_two_slices_too_close_to_tell_apart_do_not_stretch_the_grid() -> None:
    z = [float(k) for k in range(60)] + [30.004 + 0.03]
    stack = stacked(along_z(*sorted(z)))
    assert Flaw.UNEVEN in flaws(stack) and stack.geometry is not None
    assert stack.geometry.shape_kji[0] <= most_levels(61, 64 * 48)
    assert "Left out" in stack.remarks[0].sentence


@given(
    gaps=st.lists(st.floats(0.3, 20.0), min_size=3, max_size=30),
    thick=st.floats(0.0, 12.0),
)
@settings(max_examples=80, deadline=None)
def test_every_level_shows_a_slice_that_reaches_it_or_nothing(
    gaps: list[float], thick: float
) -> None:
    along = np.concatenate([[0.0], np.cumsum(gaps)])
    grid = even_grid(along, [thick] * len(along), most=most_levels(len(along), 512 * 512))
    if grid is None:
        assert along[-1] / usual_gap(np.array(gaps)) > len(along)
        return
    usual = usual_gap(np.array(gaps))
    shown = {n for n in grid.levels if n is not None}
    assert shown | set(grid.lost) == set(range(len(along)))
    for level, index in enumerate(grid.levels):
        if index is not None:
            away = abs(level * grid.step_mm - along[index])
            assert away <= max(usual, thick, grid.step_mm) / 2 + 1e-6
    assert grid.off_mm <= grid.step_mm / 2 + 1e-9


def test_of_three_slices_with_one_missing_between_the_gap_is_known() -> None:
    grid = even_grid(np.array([0.0, 5.0, 7.5]), [2.5] * 3, most=ROOM)
    assert grid is not None and grid.levels == (0, None, 1, 2)


def test_even_slices_stay_as_they_are_and_most_must_stay_together() -> None:
    even = np.arange(10) * 1.25
    assert is_even(even) and not is_even(np.delete(even, 4))
    assert pieces(even, most_gap_mm=100, pixels_a_slice=64) == [range(10)]
    scattered = np.arange(4) * 500.0
    assert pieces(scattered, most_gap_mm=100, pixels_a_slice=64) == [range(4)]

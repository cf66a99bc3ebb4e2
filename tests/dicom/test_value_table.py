"""Pixels that are no plain integers on a straight line: tables of values, floats, colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests.dicom.small import Edit, hu_of, write_ct
from viewer.dicom.find import open_path
from viewer.dicom.header_details import read_details
from viewer.dicom.image_info import image_info
from viewer.dicom.pixels import UNREADABLE_HU, read_volume
from viewer.dicom.series import OPENS, REFUSED, WARNS
from viewer.dicom.value_table import ValueTable

FIRST = 24
"""The stored value of the first entry: hu_of begins at it."""


def table_of(entries: NDArray[np.integer], kind: str = "HU", *, bits: int = 16) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), FIRST, bits])
    item.ModalityLUTType = kind
    item.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    return item


def by_table(item: Dataset) -> Edit:
    def edit(dataset: Dataset, k: int) -> None:
        del dataset.RescaleSlope, dataset.RescaleIntercept
        dataset.PixelRepresentation = 0
        dataset.ModalityLUTSequence = [item]

    return edit


def test_a_table_of_values_gives_the_hu(tmp_path: Path) -> None:
    bent = np.arange(2000) * 2 - 2000  # no straight line with slope 1 could give these
    write_ct(tmp_path, edit=by_table(table_of(bent)))
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS, opened.sentences
    (series,) = opened.series
    stored = hu_of().astype(int) + 1024
    assert np.array_equal(read_volume(series).hu, bent[stored - FIRST])
    assert len({id(piece.table) for piece in series.slices}) == 1, "it crosses to the window once"
    facts = image_info(series, read_details(series.slices[0].path)).facts
    assert "by a table (Modality LUT)" in [fact.value for fact in facts]


def test_values_beyond_the_table_get_its_ends() -> None:
    entries = np.array([-1000, 0, 500], "<i4").tobytes()
    found = ValueTable(first=10, entries=entries, kind="HU").values(np.array([0, 10, 12, 99]))
    assert found.tolist() == [-1000, -1000, 500, 500]


@pytest.mark.parametrize("kind", ["US", "", "OD"])
def test_a_table_that_does_not_say_hu_stops_the_ai(tmp_path: Path, kind: str) -> None:
    write_ct(tmp_path, edit=by_table(table_of(np.arange(2000), kind)))
    opened = open_path(tmp_path)
    assert opened.outcome == WARNS
    assert "does not say that it gives HU" in opened.series[0].ai_refusal


def test_a_damaged_table_is_said(tmp_path: Path) -> None:
    item = table_of(np.arange(2000))
    item.LUTData = bytes(100)
    write_ct(tmp_path, edit=by_table(item))
    opened = open_path(tmp_path)
    assert opened.outcome == REFUSED
    assert "table of values (Modality LUT) is damaged" in opened.sentences[0]


def floating(dtype: str, values: NDArray[np.floating]) -> Edit:
    def edit(dataset: Dataset, k: int) -> None:
        name = {"f4": "FloatPixelData", "f8": "DoubleFloatPixelData"}[dtype]
        raw = values[k].astype(f"<{dtype}").tobytes()
        for gone in ("PixelData", "PixelRepresentation", "BitsStored", "HighBit"):
            delattr(dataset, gone)
        dataset.BitsAllocated = 8 * int(dtype[1])
        dataset.RescaleIntercept = 0
        dataset.add_new(name, "OF" if dtype == "f4" else "OD", raw)

    return edit


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_floating_pixels_come_out_as_whole_hu(tmp_path: Path, dtype: str) -> None:
    wanted = hu_of()
    write_ct(tmp_path, edit=floating(dtype, wanted + 0.25))
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS, opened.sentences
    assert np.array_equal(read_volume(opened.series[0]).hu, wanted)


def test_a_float_that_is_no_number_is_air_and_never_wraps(tmp_path: Path) -> None:
    odd = hu_of().astype(np.float64)
    odd[2, 3, 4:7] = np.nan, np.inf, -1e30
    write_ct(tmp_path, edit=floating("f4", odd))
    hu = read_volume(open_path(tmp_path).series[0]).hu
    assert hu[2, 3, 4:7].tolist() == [UNREADABLE_HU, 32767, -32768]
    assert np.array_equal(np.delete(hu, 2, 0), np.delete(hu_of(), 2, 0))


def test_floats_of_a_width_that_no_float_has_are_refused(tmp_path: Path) -> None:
    def wrong(dataset: Dataset, k: int) -> None:
        floating("f4", hu_of() * 1.0)(dataset, k)
        dataset.BitsAllocated = 16

    write_ct(tmp_path, edit=wrong)
    opened = open_path(tmp_path)
    assert opened.outcome == REFUSED and "floating point" in opened.sentences[0]


def test_jpeg_xl_is_refused_by_its_name(tmp_path: Path) -> None:
    for path in write_ct(tmp_path):
        raw = path.read_bytes()
        uid = b"1.2.840.10008.1.2.4.110\0"
        old = b"UI\x14\x001.2.840.10008.1.2.1\0"
        assert raw.count(old) == 1
        path.write_bytes(raw.replace(old, b"UI" + len(uid).to_bytes(2, "little") + uid))
    opened = open_path(tmp_path)
    assert opened.outcome == REFUSED
    assert "JPEG XL Lossless (1.2.840.10008.1.2.4.110)" in opened.sentences[0]


def test_a_colour_picture_is_refused_as_one(tmp_path: Path) -> None:
    def coloured(dataset: Dataset, k: int) -> None:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "RGB"
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.PlanarConfiguration, dataset.PixelData = 0, bytes(3 * 40 * 36)

    write_ct(tmp_path, edit=coloured)
    opened = open_path(tmp_path)
    assert opened.outcome == REFUSED and "colour image (RGB)" in opened.sentences[0]

"""Stored pixels become HU, exactly, and a spoilt slice never costs the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.pixels import compress

from ai.errors import Cancelled
from tests.dicom.small import COLUMNS, ROWS, hu_of, write_ct
from viewer.dicom.find import open_path
from viewer.dicom.pixels import (
    UNREADABLE_HU,
    UndecodableSlice,
    load_into,
    outward,
    read_slice,
    read_volume,
    to_hu,
)
from viewer.dicom.series import OPENS, WARNS, Series, SliceFile

JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
RLE = "1.2.840.10008.1.2.5"


def opened(folder: Path) -> Series:
    return open_path(folder).series[0]


def how_stored(**given: object) -> SliceFile:
    plain = SliceFile(Path("x"), "", "", 1, (0.0, 0.0, 0.0), "1.2.840.10008.1.2.1")
    return replace(plain, **given)  # type: ignore[arg-type]


def test_a_series_is_read_as_the_hu_that_were_written(tmp_path: Path) -> None:
    write_ct(tmp_path)
    fractions: list[float] = []
    volume = read_volume(opened(tmp_path), on_progress=lambda f, _: fractions.append(f))
    assert np.array_equal(volume.hu, hu_of())
    assert fractions[-1] == 1.0 and fractions == sorted(fractions)


@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_2000, RLE])
def test_compressed_series_are_bit_equal(tmp_path: Path, syntax: str) -> None:
    files = write_ct(tmp_path)
    for path in files:
        rewrite(path, syntax)
    series = opened(tmp_path)
    assert {item.transfer_syntax for item in series.slices} == {syntax}
    assert np.array_equal(read_volume(series).hu, hu_of())


def rewrite(path: Path, syntax: str) -> None:
    dataset = pydicom.dcmread(path)
    compress(dataset, syntax, generate_instance_uid=False)
    dataset.save_as(path)


def test_slope_and_intercept_may_change_from_slice_to_slice(tmp_path: Path) -> None:
    def scaled(dataset: Dataset, k: int) -> None:
        stored = np.frombuffer(dataset.PixelData, "<i2").astype(int) - 1024
        dataset.RescaleSlope, dataset.RescaleIntercept = 0.5, -1000 - k
        dataset.PixelData = ((stored + 1000 + k) * 2).astype("<i2").tobytes()

    write_ct(tmp_path, edit=scaled)
    assert np.array_equal(read_volume(opened(tmp_path)).hu, hu_of())


@given(
    bits=st.integers(8, 16),
    signed=st.booleans(),
    dirt=st.integers(0, 0xFFFF),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_only_the_stored_bits_count_and_the_last_is_the_sign(
    bits: int, signed: bool, dirt: int, seed: int
) -> None:
    low, high = (-(1 << bits - 1), (1 << bits - 1)) if signed else (0, 1 << bits)
    truth = np.random.default_rng(seed).integers(low, high, (8, 8))
    mask = (1 << bits) - 1
    dirty = ((truth & mask) | (dirt & ~mask)).astype(np.uint16)
    raw = dirty.view(np.int16) if signed else dirty
    out = np.empty((8, 8), dtype=np.int16)
    to_hu(
        raw, how_stored(bits_stored=bits, high_bit=bits - 1, signed=signed, intercept=-1024.0), out
    )
    assert np.array_equal(out, (truth - 1024).clip(-32768, 32767))


def test_an_offset_of_minus_32768_fits_and_larger_values_are_clipped() -> None:
    raw = np.array([[0, 31768, 65535]], dtype=np.uint16)
    out = np.empty((1, 3), dtype=np.int16)
    to_hu(raw, how_stored(signed=False, intercept=-32768.0), out)
    assert out.tolist() == [[-32768, -1000, 32767]]
    to_hu(raw, how_stored(signed=False, slope=2.0), out)
    assert out.tolist() == [[0, 32767, 32767]]


def test_a_slice_cut_short_is_left_out_and_named(tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(12))
    files[10].write_bytes(files[10].read_bytes()[:-100])
    result = open_path(tmp_path)
    assert result.outcome == WARNS and "1-010.dcm" in result.sentences[0]
    assert len(result.series[0].sources) == 11


def test_a_slice_that_cannot_be_decoded_is_empty_named_and_costs_no_other(tmp_path: Path) -> None:
    files = write_ct(tmp_path)
    for path in files:
        rewrite(path, JPEG_LS)
    raw = bytearray(files[1].read_bytes())
    start = raw.index(b"\xff\xd8\xff\xf7")
    raw[start : start + 60] = bytes(60)
    files[1].write_bytes(raw)
    series = opened(tmp_path)
    hu = np.empty((6, ROWS, COLUMNS), dtype=np.int16)
    (sentence,) = load_into(series, hu)
    assert "image 2 (1-001.dcm)" in sentence and "left empty" in sentence
    assert (hu[1] == UNREADABLE_HU).all()
    others = [0, 2, 3, 4, 5]
    assert np.array_equal(hu[others], hu_of()[others])
    with pytest.raises(UndecodableSlice) as caught:
        read_slice(series, 1)
    assert "image 2" in caught.value.sentence


def test_a_file_that_vanishes_while_loading_is_one_spoilt_slice(tmp_path: Path) -> None:
    files = write_ct(tmp_path)
    series = opened(tmp_path)
    files[0].unlink()
    hu = np.empty((6, ROWS, COLUMNS), dtype=np.int16)
    (sentence,) = load_into(series, hu)
    assert "image 1 (1-000.dcm)" in sentence
    assert np.array_equal(hu[1:], hu_of()[1:])


def test_slices_come_outward_from_where_the_reader_looks(tmp_path: Path) -> None:
    assert outward(5, None) == [2, 1, 3, 0, 4]
    assert outward(4, 0) == [0, 1, 2, 3]
    write_ct(tmp_path)
    came: list[int] = []
    hu = np.empty((6, ROWS, COLUMNS), dtype=np.int16)
    load_into(opened(tmp_path), hu, first_k=5, on_slices=came.extend)
    assert came == [5, 4, 3, 2, 1, 0]


def test_two_workers_can_share_the_slices(tmp_path: Path) -> None:
    write_ct(tmp_path)
    series = opened(tmp_path)
    hu = np.zeros((6, ROWS, COLUMNS), dtype=np.int16)
    load_into(series, hu, only=[0, 2, 4])
    assert not hu[[1, 3, 5]].any()
    load_into(series, hu, only=[1, 3, 5])
    assert np.array_equal(hu, hu_of())


def test_loading_stops_when_it_is_no_longer_wanted(tmp_path: Path) -> None:
    write_ct(tmp_path)
    hu = np.zeros((6, ROWS, COLUMNS), dtype=np.int16)
    came: list[int] = []
    with pytest.raises(Cancelled):
        load_into(opened(tmp_path), hu, on_slices=came.extend, cancelled=lambda: bool(came))
    assert came == [3]


def test_values_that_are_no_hu_open_and_refuse_the_ai(tmp_path: Path) -> None:
    def raw(dataset: Dataset, k: int) -> None:
        dataset.RescaleIntercept = 0

    write_ct(tmp_path, edit=raw)
    result = open_path(tmp_path)
    assert result.outcome == WARNS
    assert "not HU" in result.series[0].ai_refusal
    write_ct(tmp_path / "good")
    assert open_path(tmp_path / "good").outcome == OPENS

"""The own header reader tells what pydicom tells, and never trusts a length."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.dicom.small import COLUMNS, ROWS, hu_of, write_ct
from viewer.dicom.elements import UnreadableError, inflated
from viewer.dicom.headers import PATIENT_NAME, cleaned, decimals, decoded, read_header


def with_sequences(dataset: Dataset, k: int) -> None:
    inner = Dataset()
    inner.Rows, inner.PixelSpacing = 999, [9, 9]
    inner.is_undefined_length_sequence_item = True
    dataset.ReferencedImageSequence = [inner]
    dataset["ReferencedImageSequence"].is_undefined_length = True
    dataset.add_new(0x00091010, "OB", b"x" * 40_000)  # past the first block that is read
    dataset.add_new(0x00090010, "LO", "A MAKER")


@pytest.mark.parametrize("implicit", [False, True])
def test_a_header_says_what_pydicom_reads_whatever_lies_between(
    tmp_path: Path, implicit: bool
) -> None:
    path = write_ct(tmp_path, edit=with_sequences, implicit=implicit)[3]
    header, truth = read_header(path), pydicom.dcmread(path)
    assert (header.rows, header.columns) == (ROWS, COLUMNS)
    assert header.place.position_lps == tuple(truth.ImagePositionPatient)
    assert header.place.spacing_row_column_mm == tuple(truth.PixelSpacing)
    assert header.sop_instance == truth.SOPInstanceUID
    assert header.instance_number == 4
    assert (header.place.slope, header.place.intercept) == (1.0, -1024.0)
    assert header.elements.pixels_length == 2 * ROWS * COLUMNS


def test_pixels_are_found_in_each_file_although_their_offsets_differ(tmp_path: Path) -> None:
    def longer(dataset: Dataset, k: int) -> None:
        dataset.SeriesDescription = "x" * (2 * k)

    files = write_ct(tmp_path, edit=longer)
    offsets = [read_header(f).elements.pixels_at for f in files]
    assert len(set(offsets)) == len(files)
    for path, offset, plane in zip(files, offsets, hu_of(), strict=True):
        stored = np.frombuffer(path.read_bytes(), "<i2", ROWS * COLUMNS, offset)
        assert np.array_equal(stored.reshape(ROWS, COLUMNS) - 1024, plane)


def test_a_bare_data_set_without_preamble_is_read(tmp_path: Path) -> None:
    path = write_ct(tmp_path, implicit=True)[0]
    dataset = pydicom.dcmread(path)
    bare = tmp_path / "bare"
    pydicom.dcmwrite(bare, dataset, implicit_vr=True, little_endian=True)
    raw = bare.read_bytes()
    bare.write_bytes(raw[raw.index(b"\x08\x00\x08\x00") :])
    assert read_header(bare).rows == ROWS


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b"just a text, and long enough to look at", "not-dicom"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "not-dicom"),
        (bytes(128) + b"DICM", "damaged"),
        (bytes(128) + b"DICM" + bytes(range(1, 200)), "damaged"),
    ],
)
def test_what_is_no_dicom_is_told_apart_from_what_is_damaged(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = tmp_path / "file.dcm"
    path.write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        read_header(path)
    assert caught.value.kind == kind


def test_an_element_that_claims_four_gigabytes_is_damage_not_memory(tmp_path: Path) -> None:
    path = write_ct(tmp_path)[0]
    raw = path.read_bytes()
    at = raw.index(b"\x28\x00\x02\x00US")
    claim = struct.pack("<HH2sHI", 0x0027, 0x1001, b"OB", 0, 0xFFFFFFFE)
    path.write_bytes(raw[:at] + claim + raw[at:])
    with pytest.raises(UnreadableError) as caught:
        read_header(path)
    assert "4294967294" in caught.value.fact


def test_every_cut_of_a_file_is_answered(tmp_path: Path) -> None:
    path = write_ct(tmp_path, edit=with_sequences)[0]
    raw = path.read_bytes()
    header_end = raw.index(b"\xe0\x7f\x10\x00")
    for cut in [*range(1, 2000, 7), header_end, header_end + 4, len(raw) - 1]:
        path.write_bytes(raw[:cut])
        try:
            header = read_header(path)
        except UnreadableError:
            continue
        assert not header.has_pixels or header.elements.size == cut


def test_a_deflated_bomb_is_stopped_before_it_swells() -> None:
    engine = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = engine.compress(bytes(64 << 20)) + engine.flush()
    with pytest.raises(UnreadableError) as caught:
        inflated(bomb)
    assert caught.value.kind == "implausible"


@pytest.mark.parametrize("text", ["nan", "inf\\1", "abc", "1,5\\2", "1_000", ""])
def test_what_is_no_finite_number_is_no_number(text: str) -> None:
    assert decimals(text) is None


def test_names_come_out_in_their_own_letters(tmp_path: Path) -> None:
    assert decoded("王^小东".encode("gb18030"), b"GB18030") == "王^小东"
    assert decoded("Müller".encode("latin-1"), b"ISO_IR 100") == "Müller"
    assert decoded("Müller".encode(), b"") == "Müller"
    assert decoded("Müller".encode("latin-1"), b"NO SUCH SET")

    def named(dataset: Dataset, k: int) -> None:
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.PatientName = "Yamada^Tarou=山田^太郎"

    path = write_ct(tmp_path, edit=named)[0]
    assert read_header(path).text(PATIENT_NAME) == "Yamada^Tarou=山田^太郎"


def test_texts_lose_what_could_trick_a_screen() -> None:
    assert cleaned("a\u202eb\x00c\nd") == "abcd"
    assert len(cleaned("x" * 60_000)) == 256

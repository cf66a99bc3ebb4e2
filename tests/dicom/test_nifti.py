"""NIfTI masks lie on their CT voxel for voxel, and what Hilum writes lies there for others too."""

from __future__ import annotations

import gzip
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (the name everyone gives it)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ai.errors import BadInput
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume
from tests.dicom.seg_scan import Grid, two_lungs, write_scan
from viewer.dicom.masks.masks import read_masks
from viewer.dicom.masks.nifti import is_nifti, read_nifti, write_nifti
from viewer.dicom.masks.nifti_header import NiftiHeader, header_bytes, read_header
from viewer.dicom.series import Series

OBLIQUE = Grid(row_lps=(0.8, 0.6, 0.0), column_lps=(-0.48, 0.64, 0.6))


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Series:
    return write_scan(tmp_path_factory.mktemp("scan") / "ct", Grid())


@pytest.fixture(scope="module")
def oblique(tmp_path_factory: pytest.TempPathFactory) -> Series:
    return write_scan(tmp_path_factory.mktemp("oblique") / "ct", OBLIQUE)


def grid_of(series: Series) -> Geometry:
    assert series.geometry is not None
    return series.geometry


def image_on(series: Series, array: NDArray[np.generic]) -> sitk.Image:
    """The array as another library places it on the series' grid."""
    geometry = grid_of(series)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(geometry.spacing_kji_mm[::-1])
    image.SetOrigin(geometry.affine[:3, 3].tolist())
    image.SetDirection(geometry.directions[:, ::-1].ravel().tolist())
    return image


def some_labels(series: Series) -> NDArray[np.uint8]:
    rng = np.random.default_rng(3)
    return rng.integers(0, 4, grid_of(series).shape_kji).astype(np.uint8)


def must_hold(path: Path, series: Series, wanted: NDArray[np.uint8]) -> None:
    again = read_nifti(path, series)
    assert again.label_map is None
    assert [found.label for found in again.findings] == ["label 1", "label 2", "label 3"]
    for number, found in enumerate(again.findings, start=1):
        assert np.array_equal(found.mask.on(wanted.shape), wanted == number)
    assert "names no patient" in again.sentences[0]


@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz"])
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_masks_of_another_library_lie_where_it_put_them(
    scan: Series, oblique: Series, tmp_path: Path, kind: type, name: str
) -> None:
    for series in (scan, oblique):
        wanted = some_labels(series)
        sitk.WriteImage(image_on(series, wanted.astype(kind)), str(tmp_path / name))
        must_hold(tmp_path / name, series, wanted)


@pytest.mark.parametrize("order", ["RAS", "LPS", "SAR", "PIR", "LAI"])
def test_axes_in_any_order_are_put_right(
    scan: Series, oblique: Series, tmp_path: Path, order: str
) -> None:
    for series in (scan, oblique):
        wanted = some_labels(series)
        image = sitk.DICOMOrient(image_on(series, wanted), order)
        sitk.WriteImage(image, str(tmp_path / "mask.nii"))
        must_hold(tmp_path / "mask.nii", series, wanted)


@pytest.mark.parametrize("name", ["out.nii", "out.nii.gz"])
def test_another_library_finds_labels_and_hu_in_the_same_place(
    scan: Series, oblique: Series, tmp_path: Path, name: str
) -> None:
    for series in (scan, oblique):
        hu = (np.arange(some_labels(series).size) - 1024).astype(np.int16)
        volume = Volume(grid_of(series), hu.reshape(grid_of(series).shape_kji), series.uid)
        path = tmp_path / f"{series is scan}-{name}"
        write_nifti(path, volume)
        image = sitk.ReadImage(str(path))
        assert np.array_equal(sitk.GetArrayFromImage(image), volume.hu)
        last = [n - 1 for n in grid_of(series).shape_kji]
        for index in ((0, 0, 0), last, (0, last[1], 0)):
            there = image.TransformIndexToPhysicalPoint([int(n) for n in index[::-1]])
            assert there == pytest.approx(grid_of(series).lps_of(index), abs=1e-3)


def test_qform_and_sform_say_the_same(oblique: Series, tmp_path: Path) -> None:
    write_nifti(tmp_path / "a.nii", two_lungs(oblique))
    whole = bytearray((tmp_path / "a.nii").read_bytes())
    assert struct.unpack_from("<2h", whole, 252) == (1, 1)
    struct.pack_into("<h", whole, 254, 0)
    (tmp_path / "q.nii").write_bytes(whole)
    again = read_nifti(tmp_path / "q.nii", oblique)
    assert again.label_map is not None
    assert np.array_equal(again.label_map.labels, two_lungs(oblique).labels)


def test_a_qform_alone_places_the_far_corner_of_a_chest_to_a_hundredth_of_a_millimetre() -> None:
    for directions in (np.eye(3), np.diag([-1.0, -1, 1]), np.diag([1.0, -1, -1])):
        affine = np.eye(4)
        affine[:3, :3] = directions * (0.7421875, 0.7421875, 1.25)
        affine[:3, 3] = (-190.3, -170.7, -310.25)
        header = NiftiHeader((512, 512, 300), affine, np.dtype("u1"), 352)
        whole = bytearray(header_bytes(header, labels=True, description=""))
        struct.pack_into("<h", whole, 254, 0)
        again = read_header(bytes(whole)).affine
        assert np.abs((again - affine) @ (511, 511, 299, 1)).max() < 0.01


def sheared(tmp_path: Path) -> Series:
    """A scan of a tilted gantry: each slice is shifted against its neighbour."""
    series = write_scan(tmp_path / "tilted", Grid())
    affine = grid_of(series).affine.copy()
    affine[1, 0] = 0.7
    moved = tuple(
        replace(piece, position_lps=tuple(affine[:3, 3] + k * affine[:3, 0]))
        for k, piece in enumerate(series.slices)
    )
    geometry = Geometry(grid_of(series).shape_kji, affine, series.frame_of_reference)
    return replace(series, slices=moved, geometry=geometry)


def test_a_tilted_scan_goes_through_whole(tmp_path: Path) -> None:
    tilted = sheared(tmp_path)
    write_nifti(tmp_path / "a.nii.gz", two_lungs(tilted))
    start = gzip.decompress((tmp_path / "a.nii.gz").read_bytes())
    assert struct.unpack_from("<2h", start, 252) == (0, 1), "a qform cannot say a tilt"
    again = read_nifti(tmp_path / "a.nii.gz", tilted)
    assert again.label_map is not None
    assert np.array_equal(again.label_map.labels, two_lungs(tilted).labels)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    shape=st.tuples(*[st.integers(1, 9)] * 3),
    angles=st.tuples(*[st.floats(-3.1, 3.1)] * 3),
    spacing=st.tuples(*[st.floats(0.3, 9.0)] * 3),
    origin=st.tuples(*[st.floats(-900, 900)] * 3),
    left_handed=st.booleans(),
)
def test_any_grid_comes_back(
    tmp_path: Path,
    shape: tuple[int, int, int],
    angles: tuple[float, float, float],
    spacing: tuple[float, float, float],
    origin: tuple[float, float, float],
    left_handed: bool,
) -> None:
    from scipy.spatial.transform import Rotation

    affine = np.eye(4)
    turned = Rotation.from_euler("xyz", angles).as_matrix()
    affine[:3, :3] = turned * spacing * (-1 if left_handed else 1, 1, 1)
    affine[:3, 3] = origin
    geometry = Geometry(shape, affine)
    hu = np.arange(int(np.prod(shape)), dtype=np.int16).reshape(shape)
    path = tmp_path / "any.nii"
    path.unlink(missing_ok=True)
    write_nifti(path, Volume(geometry, hu))
    image = sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(image), hu)
    whole = bytearray(path.read_bytes())
    struct.pack_into("<h", whole, 254, 0)  # no sform: the quaternion must say it alone
    read = read_header(bytes(whole)).affine[:, [2, 1, 0, 3]]
    assert np.allclose(read, affine, atol=0.03), "three floats tell an angle to a thousandth"
    last = [n - 1 for n in shape]
    assert image.TransformIndexToPhysicalPoint(last[::-1]) == pytest.approx(
        geometry.lps_of(last), abs=1e-2
    )


def test_lungs_that_hilum_wrote_come_back_as_lungs(scan: Series, tmp_path: Path) -> None:
    write_nifti(tmp_path / "a.nii.gz", two_lungs(scan))
    again = read_nifti(tmp_path / "a.nii.gz", scan)
    assert again.label_map is not None
    assert np.array_equal(again.label_map.labels, two_lungs(scan).labels)
    assert len(again.sentences) == 1


@pytest.mark.parametrize("right", [1, 2])
def test_two_large_labels_are_lungs_by_where_they_lie_and_that_is_told(
    tmp_path: Path, right: int
) -> None:
    wide = write_scan(tmp_path / "ct", Grid(pixel_spacing_mm=(9.0, 9.0)))
    labels = np.zeros(grid_of(wide).shape_kji, np.uint8)
    labels[:, 2:-2, 1:9], labels[:, 2:-2, 11:19] = right, 3 - right
    sitk.WriteImage(image_on(wide, labels), str(tmp_path / "a.nii.gz"))
    again = read_nifti(tmp_path / "a.nii.gz", wide)
    assert again.label_map is not None
    assert np.array_equal(again.label_map.labels == 1, labels == right)
    assert f"{right} was taken for the right lung" in again.sentences[1]


def test_two_small_labels_are_not_taken_for_lungs(scan: Series, tmp_path: Path) -> None:
    labels = np.zeros(grid_of(scan).shape_kji, np.uint8)
    labels[1, 2:5, 2:5], labels[1, 2:5, 9:12] = 1, 2
    sitk.WriteImage(image_on(scan, labels), str(tmp_path / "a.nii.gz"))
    again = read_nifti(tmp_path / "a.nii.gz", scan)
    assert again.label_map is None
    assert [found.label for found in again.findings] == ["label 1", "label 2"]


def test_scaled_labels_mean_what_the_scale_makes_of_them(scan: Series, tmp_path: Path) -> None:
    wanted = some_labels(scan)
    sitk.WriteImage(image_on(scan, wanted.astype(np.int16) - 10), str(tmp_path / "a.nii"))
    whole = bytearray((tmp_path / "a.nii").read_bytes())
    struct.pack_into("<2f", whole, 112, 1.0, 10.0)
    (tmp_path / "a.nii").write_bytes(whole)
    must_hold(tmp_path / "a.nii", scan, wanted)


def test_the_second_version_and_big_endian_files_read_alike(scan: Series, tmp_path: Path) -> None:
    wanted = some_labels(scan)
    affine = np.diag([-1.0, -1, 1, 1]) @ grid_of(scan).affine[:, [2, 1, 0, 3]]
    for order in "<>":
        head = bytearray(544)
        struct.pack_into(f"{order}i8shh", head, 0, 540, b"n+2\0\r\n\x1a\n", 512, 16)
        struct.pack_into(f"{order}8q", head, 16, 3, *wanted.shape[::-1], 1, 1, 1, 1)
        struct.pack_into(f"{order}q", head, 168, 544)
        struct.pack_into(f"{order}i", head, 348, 1)
        struct.pack_into(f"{order}12d", head, 400, *affine[:3].ravel())
        struct.pack_into(f"{order}i", head, 500, 2)
        (tmp_path / "a.nii").write_bytes(bytes(head) + wanted.astype(f"{order}u2").tobytes())
        must_hold(tmp_path / "a.nii", scan, wanted)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("shifted half a voxel", "another grid"),
        ("other spacing", "another grid"),
        ("one slice fewer", "another grid"),
        ("a few degrees", "another grid"),
        ("a picture", "no labels"),
        ("fractions", "no labels"),
        ("not a number", "no labels"),
        ("all zero", "empty"),
    ],
)
def test_what_does_not_fit_is_refused_never_resampled(
    scan: Series, tmp_path: Path, what: str, words: str
) -> None:
    array = some_labels(scan).astype(np.float32)
    if what == "one slice fewer":
        array = array[1:]
    elif what == "a picture":
        array -= 1000
    elif what == "fractions":
        array /= 2
    elif what == "not a number":
        array[0, 0, 0] = np.nan
    elif what == "all zero":
        array[...] = 0
    image = image_on(scan, array)
    if what == "shifted half a voxel":
        x, y, z = image.GetOrigin()
        image.SetOrigin((x + 0.4, y, z))
    elif what == "other spacing":
        x, y, z = image.GetSpacing()
        image.SetSpacing((x * 1.02, y, z))
    elif what == "a few degrees":
        image.SetDirection((0.9986, -0.0523, 0, 0.0523, 0.9986, 0, 0, 0, 1))
    sitk.WriteImage(image, str(tmp_path / "a.nii.gz"))
    with pytest.raises(BadInput, match=words):
        read_nifti(tmp_path / "a.nii.gz", scan)


@pytest.mark.parametrize(
    ("at", "form", "value", "words"),
    [
        (40, "<h", 0, "size"),
        (70, "<h", 32, "type"),
        (108, "<f", float("nan"), "begin"),
        (108, "<f", 1e30, "begin"),
        (344, "<4s", b"ni1\0", "another file"),
        (252, "<2h", (0, 0), "where its voxels lie"),
        (280, "<f", float("inf"), "orientation"),
        (40, "<5h", (4, 20, 24, 6, 2), "more than one volume"),
    ],
)
def test_a_header_that_makes_no_sense_gets_one_sentence(
    scan: Series, tmp_path: Path, at: int, form: str, value: object, words: str
) -> None:
    write_nifti(tmp_path / "a.nii", two_lungs(scan))
    whole = bytearray((tmp_path / "a.nii").read_bytes())
    struct.pack_into(form, whole, at, *(value if isinstance(value, tuple) else (value,)))
    (tmp_path / "a.nii").write_bytes(whole)
    with pytest.raises(BadInput, match=words):
        read_nifti(tmp_path / "a.nii", scan)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_a_file_cut_off_is_told(scan: Series, tmp_path: Path, name: str) -> None:
    write_nifti(tmp_path / name, two_lungs(scan))
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(BadInput, match="cut off"):
        read_nifti(tmp_path / name, scan)


def test_slices_with_a_gap_take_no_nifti(tmp_path: Path) -> None:
    gap = write_scan(tmp_path / "ct", Grid(heights_mm=(0.0, 2.5, 5.0, 12.5, 15.0)))
    write_nifti(tmp_path / "a.nii", two_lungs(gap))
    with pytest.raises(BadInput, match="not evenly spaced"):
        read_nifti(tmp_path / "a.nii", gap)


def test_a_file_that_is_there_is_never_overwritten(scan: Series, tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_text("mine")
    with pytest.raises(FileExistsError):
        write_nifti(tmp_path / "a.nii", two_lungs(scan))
    assert (tmp_path / "a.nii").read_text() == "mine"


def test_equal_scans_make_equal_files_that_name_nobody(scan: Series, tmp_path: Path) -> None:
    lungs = two_lungs(scan)
    for name in ("a.nii.gz", "b.nii.gz"):
        write_nifti(tmp_path / name, LabelMap(lungs.geometry, lungs.labels, LUNGS, MadeBy("x", "")))
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
    start = gzip.decompress((tmp_path / "a.nii.gz").read_bytes())[:352]
    assert scan.study_uid.encode() not in start
    assert start[148:228].rstrip(b"\0").startswith(b"Hilum ")


def test_the_content_tells_the_format_not_the_name(scan: Series, tmp_path: Path) -> None:
    write_nifti(tmp_path / "lungs.nii.gz", two_lungs(scan))
    (tmp_path / "lungs.nii.gz").rename(tmp_path / "lungs.dcm")
    assert is_nifti(tmp_path / "lungs.dcm")
    assert read_masks(tmp_path / "lungs.dcm", scan).label_map is not None
    (tmp_path / "notes.nii").write_text("hello")
    for odd in (tmp_path / "notes.nii", tmp_path / "nowhere.nii", scan.slices[0].path):
        with pytest.raises(BadInput):
            read_masks(odd, scan)

"""A volume comes back from the CT series that was written of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLSLossless, RLELossless

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from viewer.dicom.written.ct import SCANNED_AS, SeriesHeader, as_scanned, write_series


@pytest.fixture
def volume() -> Volume:
    hu = (np.arange(120, dtype=np.int16) * 25 - 1024).reshape(4, 6, 5)
    geometry = Geometry.axial(
        (4, 6, 5), spacing_kji_mm=(2.5, 0.7, 0.8), origin_lps=(-11.25, 20.5, -300)
    )
    return Volume(geometry, hu)


def _read(paths: tuple[Path, ...]) -> Volume:
    """Voxels and geometry as the headers tell them, by nothing but the standard's formula."""
    slices = [pydicom.dcmread(p) for p in paths]
    hu = np.stack([s.pixel_array.astype(int) * s.RescaleSlope + s.RescaleIntercept for s in slices])
    row, column = np.array(slices[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    first, last = (np.array(s.ImagePositionPatient, dtype=float) for s in (slices[0], slices[-1]))
    affine = np.eye(4)
    affine[:3, 0] = (last - first) / (len(slices) - 1)
    affine[:3, 1] = column * float(slices[0].PixelSpacing[0])
    affine[:3, 2] = row * float(slices[0].PixelSpacing[1])
    affine[:3, 3] = first
    return Volume(Geometry(hu.shape, affine), hu.astype(np.int16))


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless, JPEGLSLossless]
)
def test_every_voxel_comes_back_in_its_place_in_every_encoding(
    volume: Volume, syntax: str, tmp_path: Path
) -> None:
    paths = write_series(tmp_path, volume, transfer_syntax=syntax)
    assert pydicom.dcmread(paths[0]).file_meta.TransferSyntaxUID == syntax
    back = _read(paths)
    assert np.array_equal(back.hu, volume.hu)
    assert back.geometry.same_grid(volume.geometry)


@pytest.mark.parametrize("position", sorted(SCANNED_AS))
def test_a_patient_scanned_in_any_position_keeps_every_voxel_in_the_patient(
    volume: Volume, position: str, tmp_path: Path
) -> None:
    paths = write_series(tmp_path, as_scanned(volume, position), patient_position=position)
    assert pydicom.dcmread(paths[0]).PatientPosition == position
    back = _read(paths)
    for index in np.ndindex(volume.hu.shape):
        assert back.hu_at(volume.geometry.lps_of(index)) == volume.hu[index]


@pytest.mark.parametrize(("position", "down"), [("HFS", 1), ("HFP", -1), ("FFS", 1), ("FFP", -1)])
def test_the_side_that_lies_on_the_couch_is_down_in_the_picture(position: str, down: int) -> None:
    assert SCANNED_AS[position][4] == down


def test_slices_run_into_the_bore_head_first_or_feet_first() -> None:
    for position, cosines in SCANNED_AS.items():
        normal = np.cross(cosines[:3], cosines[3:])
        assert normal == pytest.approx((0, 0, 1 if position.startswith("HF") else -1)), position


def test_an_oblique_volume_is_written_along_its_own_axes(volume: Volume, tmp_path: Path) -> None:
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    affine = volume.geometry.affine.copy()
    affine[:3, :3] = turn @ affine[:3, :3]
    oblique = Volume(Geometry(volume.hu.shape, affine), volume.hu)
    assert _read(write_series(tmp_path, oblique)).geometry.same_grid(oblique.geometry)


def test_dropped_slices_leave_a_gap_and_shuffling_hides_the_order(
    volume: Volume, tmp_path: Path
) -> None:
    paths = write_series(tmp_path, volume, drop=(1,), shuffled=True)
    slices = [pydicom.dcmread(p) for p in paths]
    assert [float(s.ImagePositionPatient[2]) for s in slices] == [-300, -295, -292.5]
    numbers = [int(s.InstanceNumber) for s in slices]
    assert sorted(numbers) == [1, 2, 3]
    assert numbers != [1, 2, 3]


def test_signed_pixels_and_another_intercept_give_the_same_hu(
    volume: Volume, tmp_path: Path
) -> None:
    paths = write_series(tmp_path, volume, signed=True, intercept_hu=0)
    assert pydicom.dcmread(paths[0]).PixelRepresentation == 1
    assert np.array_equal(_read(paths).hu, volume.hu)


def test_what_does_not_fit_into_sixteen_bits_is_refused(volume: Volume, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        write_series(tmp_path, volume, intercept_hu=0)
    assert not list(tmp_path.iterdir())


def test_series_of_one_study_share_what_the_header_gives(volume: Volume, tmp_path: Path) -> None:
    thin = SeriesHeader(series_uid="2.25.1", kernel="B50f")
    soft = SeriesHeader(series_uid="2.25.2", kernel="B30f", series_number=3)
    a = pydicom.dcmread(write_series(tmp_path / "a", volume, header=thin)[0])
    b = pydicom.dcmread(write_series(tmp_path / "b", volume, header=soft)[0])
    assert a.StudyInstanceUID == b.StudyInstanceUID
    assert (a.SeriesInstanceUID, b.SeriesInstanceUID) == ("2.25.1", "2.25.2")
    assert a.SOPInstanceUID != b.SOPInstanceUID
    assert (a.ConvolutionKernel, b.ConvolutionKernel) == ("B50f", "B30f")

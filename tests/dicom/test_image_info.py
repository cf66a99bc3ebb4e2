"""Image information says what a series really is, and why something wants a second look."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.dicom.fuzz import enhanced
from tests.dicom.small import hu_of, write_ct
from viewer.dicom.find import open_path
from viewer.dicom.header_details import Details, read_details
from viewer.dicom.image_info import ImageInfo, image_info
from viewer.dicom.series import Series

PLAIN = Details(kv=120, mas=100, scanner="Maker Model")
SLICES = 90


def chest(dataset: Dataset, k: int) -> None:
    """A header as a chest CT has it, on tiny pixels."""
    dataset.KVP, dataset.Exposure, dataset.PatientPosition = "120", "100", "HFS"
    dataset.Manufacturer, dataset.ManufacturerModelName = "Maker", "Model"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Series:
    folder = tmp_path_factory.mktemp("chest")
    hu = np.tile(hu_of(1), (SLICES, 1, 1))
    write_ct(folder, hu=hu, z_mm=[2.5 * k for k in range(SLICES)], edit=chest)
    (series,) = open_path(folder).series
    affine = np.array(series.geometry.affine) if series.geometry else np.eye(4)
    affine[:3, 1:3] *= 0.7 / np.array([2.0, 3.0])
    shape = (SLICES, 512, 512)
    geometry = replace(series.geometry, affine=affine, shape_kji=shape)  # type: ignore[type-var]
    return replace(series, geometry=geometry, rows=512, columns=512)


def value(info: ImageInfo, name: str) -> str:
    return next(fact.value for fact in info.facts if fact.name == name)


def test_a_regular_chest_has_nothing_unusual(plain: Series) -> None:
    info = image_info(plain, read_details(plain.slices[0].path))
    assert info.unusual == ()
    assert info.text().startswith("Nothing unusual.")
    assert value(info, "Matrix") == "512 x 512"
    assert value(info, "Pixel") == "0.7 x 0.7 mm"
    assert value(info, "Slice thickness") == "2.5 mm"
    assert value(info, "Gap or overlap") == "none"
    assert value(info, "Tube voltage") == "120 kV" and value(info, "Exposure") == "100 mAs"
    assert value(info, "Kernel") == "STANDARD" and value(info, "Gantry tilt") == "none"
    assert value(info, "Scanner") == "Maker Model" and value(info, "Plane") == "axial"
    assert value(info, "Calibration") == "HU = 1 x value - 1024"


@pytest.mark.parametrize(
    ("change", "told", "reason"),
    [
        ({"thickness_mm": 1.0}, ("Gap", "1.5 mm"), "Between two slices 1.5 mm were not scanned"),
        ({"thickness_mm": 5.0}, ("Overlap", "2.5 mm"), "Slices of 5 mm are thick"),
        ({"patient_position": "HFP"}, ("Patient position", "HFP"), "face down"),
        ({"patient_position": "FFDR"}, ("Patient position", "FFDR"), "on the right side"),
        ({"original": False}, ("Kind", "computed from others"), "not as scanned"),
        ({"rows": 128, "columns": 128}, ("Matrix", "128 x 128"), "coarse"),
    ],
)
def test_what_is_unusual_of_a_series_is_said_with_its_reason(
    plain: Series, change: dict[str, object], told: tuple[str, str], reason: str
) -> None:
    info = image_info(replace(plain, **change), PLAIN)  # type: ignore[arg-type]
    assert value(info, told[0]) == told[1]
    assert any(reason in sentence for sentence in info.unusual)


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (replace(PLAIN, kv=40), "A tube voltage of 40 kV is unusual"),
        (replace(PLAIN, mas=4), "4 mAs is very low"),
        (replace(PLAIN, mas=4684), "4684 mAs is implausible"),
        (replace(PLAIN, said_step_mm=1.0), "says 1 mm from slice to slice, the places 2.5 mm"),
        (replace(PLAIN, said_tilt_degrees=12.0), "a gantry tilt of 12°, the places 0.0°"),
    ],
)
def test_what_is_unusual_of_a_header_is_said_with_its_reason(
    plain: Series, details: Details, reason: str
) -> None:
    info = image_info(plain, details)
    assert len(info.unusual) == 1 and reason in info.unusual[0]


def test_an_overlap_alone_is_nothing_unusual(plain: Series) -> None:
    info = image_info(replace(plain, thickness_mm=3.0), PLAIN)
    assert value(info, "Overlap") == "0.5 mm" and info.unusual == ()


def test_warnings_of_the_series_stand_on_top_once(tmp_path: Path) -> None:
    write_ct(tmp_path, hu=hu_of(6), z_mm=(0, 2.5, 5, 12.5, 16, 20))
    (series,) = open_path(tmp_path).series
    info = image_info(series, PLAIN)
    assert info.unusual[0] == series.warnings[0]
    assert info.unusual.count(series.ai_refusal) == 1
    assert value(info, "Slice to slice") == "2.5 to 7.5 mm, uneven"
    assert value(info, "Images") == "6"


def test_a_tilted_gantry_is_told_with_its_angle(tmp_path: Path) -> None:
    angle = np.radians(12)

    def tilted(dataset: Dataset, k: int) -> None:
        dataset.ImageOrientationPatient = [1, 0, 0, 0, float(np.cos(angle)), float(np.sin(angle))]

    write_ct(tmp_path, edit=tilted)
    (series,) = open_path(tmp_path).series
    info = image_info(series, replace(PLAIN, said_tilt_degrees=-12.0))
    assert value(info, "Gantry tilt") == "12.0°"
    (told,) = [sentence for sentence in info.unusual if "Gantry tilt 12.0°" in sentence]
    table, between = 2.5, 2.5 * np.cos(angle)
    assert series.geometry is not None
    assert series.geometry.spacing_kji_mm[0] == pytest.approx(table, abs=0.001)
    assert f"The table moved {table:.4g} mm from slice to slice" in told
    assert f"at right angles to them that is {between:.2f} mm" in told
    assert value(info, "Table step") == f"{table:.4g} mm"
    assert value(info, "Slice to slice") == f"{between:.2f} mm"
    assert not any("as said" in fact.name for fact in info.facts)


def test_exposure_is_reckoned_from_current_and_time_where_it_is_not_told(tmp_path: Path) -> None:
    def shown(dataset: Dataset, k: int) -> None:
        dataset.XRayTubeCurrent, dataset.ExposureTime = "200", "500"
        dataset.ContrastBolusAgent = "Iodine"

    details = read_details(write_ct(tmp_path, hu=hu_of(1), edit=shown)[0])
    assert details.mas == 100 and details.contrast == "Iodine" and details.kv is None


def test_the_text_to_paste_names_no_patient(plain: Series) -> None:
    text = image_info(plain, PLAIN).text()
    assert "Phantom" not in text and "P1" not in text and "1.2.3" not in text


def test_an_enhanced_file_tells_tube_exposure_and_kernel_in_its_groups(tmp_path: Path) -> None:
    path = enhanced(tmp_path / "one.dcm", hu_of(5))
    dataset = pydicom.dcmread(path)
    for name in ("KVP", "Exposure", "ConvolutionKernel"):
        if name in dataset:
            delattr(dataset, name)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    tube, made, leaning, given = Dataset(), Dataset(), Dataset(), Dataset()
    tube.KVP, made.ConvolutionKernel = 100, ["BONEPLUS", "B"]
    leaning.GantryDetectorTilt = 0
    given.ContrastBolusAgentAdministered = "YES"
    shared.CTXRayDetailsSequence, shared.CTReconstructionSequence = [tube], [made]
    shared.CTAcquisitionDetailsSequence = [leaning]
    shared.ContrastBolusUsageSequence = [given]
    for k, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        exposure = Dataset()
        exposure.XRayTubeCurrentInmA, exposure.ExposureTimeInms = 100.0 + k, 500.0
        frame.CTExposureSequence = [exposure]
    dataset.save_as(path)
    (series,) = open_path(tmp_path).series
    assert series.kernel == "BONEPLUS\\B" and series.thickness_mm == 2.5
    details = read_details(path, series.slices[2].frame)
    assert details.kv == 100 and details.mas == pytest.approx(51)
    info = image_info(series, details)
    assert value(info, "Tube voltage") == "100 kV" and value(info, "Exposure") == "51 mAs"
    assert value(info, "Contrast agent") == "given"
    assert read_details(path, 99).mas is None, "a frame that is not there tells nothing"


def test_lengths_have_two_decimals_at_most(tmp_path: Path) -> None:
    def odd(dataset: Dataset, k: int) -> None:
        dataset.PixelSpacing = [0.703125, 0.703125]
        dataset.SliceThickness = "3.98734"

    write_ct(tmp_path, edit=odd)
    (series,) = open_path(tmp_path).series
    info = image_info(series, PLAIN)
    assert value(info, "Slice thickness") == "3.99 mm"
    assert value(info, "Pixel") == "0.7 x 0.7 mm"
    assert not re.search(r"\d\.\d{3}", info.text())

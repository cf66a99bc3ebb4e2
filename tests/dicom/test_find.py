"""A folder becomes series, the one a reader wants first in front, each oddity in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from ai.errors import Cancelled
from tests.dicom.small import Edit, hu_of, write_ct
from viewer.dicom.find import open_path
from viewer.dicom.prefer import LUNG, SOFT, UNKNOWN, kernel_kind
from viewer.dicom.series import OPENS, REFUSED, WARNS


def with_kernel(kernel: str, thickness: float = 2.5) -> Edit:
    def edit(dataset: Dataset, k: int) -> None:
        dataset.ConvolutionKernel, dataset.SliceThickness = kernel, thickness

    return edit


def steps(step: float, count: int = 12) -> list[float]:
    return [step * k for k in range(count)]


def test_a_plain_series_opens_without_a_word(tmp_path: Path) -> None:
    write_ct(tmp_path)
    result = open_path(tmp_path)
    assert (result.outcome, result.sentences) == (OPENS, ())
    series = result.series[0]
    assert series.axial and series.original and not series.ai_refusal
    assert series.patient.name == "Phantom^Small"
    assert series.image_number(0) == 1
    assert series.geometry is not None and series.geometry.spacing_kji_mm == (2.5, 2.0, 3.0)


def test_file_names_and_numbers_say_nothing_about_the_order(tmp_path: Path) -> None:
    def backwards(dataset: Dataset, k: int) -> None:
        dataset.InstanceNumber = 100 - k

    files = write_ct(tmp_path, edit=backwards)
    for k, path in enumerate(files):
        path.rename(tmp_path / f"IM{(k * 5) % 6}")
    series = open_path(tmp_path).series[0]
    assert [s.position_lps[2] for s in series.slices] == [100 + 2.5 * k for k in range(6)]
    assert [series.image_number(k) for k in range(6)] == [100, 99, 98, 97, 96, 95]


def test_the_thinnest_original_axial_series_comes_first(tmp_path: Path) -> None:
    def derived(dataset: Dataset, k: int) -> None:
        dataset.ImageType = ["DERIVED", "SECONDARY", "MPR"]
        dataset.SliceThickness = 0.5

    for number, (edit, step) in enumerate(
        [(with_kernel("LUNG", 5.0), 5.0), (with_kernel("STANDARD", 1.25), 1.25), (derived, 0.5)], 1
    ):
        write_ct(
            tmp_path / str(number), series=f"1.2.3.{number}", number=number,
            hu=hu_of(12), z_mm=steps(step), edit=edit,
        )  # fmt: skip
    result = open_path(tmp_path)
    assert [s.number for s in result.series] == [2, 1, 3]


def test_of_nearly_equal_series_the_lung_kernel_comes_first(tmp_path: Path) -> None:
    for number, (kernel, step) in enumerate([("B30f", 1.0), ("B70f", 1.25), ("B80f", 3.0)], 1):
        write_ct(
            tmp_path / str(number), series=f"1.2.3.{number}", number=number,
            hu=hu_of(12), z_mm=steps(step), edit=with_kernel(kernel, step),
        )  # fmt: skip
    assert [s.number for s in open_path(tmp_path).series] == [2, 1, 3]


def test_a_thin_series_with_gaps_does_not_pass_for_thin(tmp_path: Path) -> None:
    for number, (thickness, step) in enumerate([(1.0, 10.0), (2.5, 2.5)], 1):
        write_ct(
            tmp_path / str(number), series=f"1.2.3.{number}", number=number, hu=hu_of(12),
            z_mm=steps(step), edit=with_kernel("STANDARD", thickness),
        )  # fmt: skip
    assert open_path(tmp_path).series[0].number == 2


@pytest.mark.parametrize(
    ("kernel", "kind"),
    [
        ("B30f", SOFT), ("B19f", SOFT), ("B50f", LUNG), ("B70f", LUNG), ("I70f\\3", LUNG),
        ("Bl57d", LUNG), ("Br40d", SOFT), ("Br64", LUNG), ("LUNG", LUNG), ("BONE", LUNG),
        ("BONEPLUS", LUNG), ("STANDARD", SOFT), ("L", LUNG), ("YA", LUNG), ("B", SOFT),
        ("FC51", LUNG), ("FC08", SOFT), ("", UNKNOWN), ("59 .10.AB50", UNKNOWN),
    ],
)  # fmt: skip
def test_kernels_are_known_by_their_makers_names(kernel: str, kind: str) -> None:
    assert kernel_kind(kernel) == kind


def test_a_scout_in_the_series_is_left_out_and_said(tmp_path: Path) -> None:
    def scout(dataset: Dataset, k: int) -> None:
        if k == 5:
            dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]

    write_ct(tmp_path, edit=scout)
    result = open_path(tmp_path)
    assert result.outcome == WARNS and "scout image 6 (1-005.dcm)" in result.sentences[0]
    assert len(result.series[0].slices) == 5


def test_two_whole_phases_are_shown_apart(tmp_path: Path) -> None:
    for phase in (1, 2):

        def numbered(dataset: Dataset, k: int, phase: int = phase) -> None:
            dataset.AcquisitionNumber = phase
            dataset.InstanceNumber = 10 * phase + k
            dataset.SOPInstanceUID = f"1.2.3.1.{phase}.{k + 1}"

        write_ct(tmp_path / str(phase), hu=hu_of() + phase, edit=numbered)
    result = open_path(tmp_path)
    assert [len(s.slices) for s in result.series] == [6, 6]
    assert "2 whole stacks" in result.sentences[0]
    assert {result.series[0].image_number(k) // 10 for k in range(6)} == {1}


def test_mixed_sizes_and_orientations_are_shown_apart(tmp_path: Path) -> None:
    def turned(dataset: Dataset, k: int) -> None:
        dataset.SOPInstanceUID += ".7"
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
        dataset.ImagePositionPatient = [-40, -30 + 2.5 * k, 100]

    write_ct(tmp_path / "a")
    write_ct(tmp_path / "b", hu=hu_of(3), edit=turned)
    result = open_path(tmp_path)
    assert result.outcome == WARNS and "more than one orientation" in result.sentences[0]
    assert [(len(s.slices), s.axial) for s in result.series] == [(6, True), (3, False)]
    assert "coronal" in result.series[1].ai_refusal or result.series[1].warnings


def test_slices_of_two_patients_in_one_series_refuse_the_ai(tmp_path: Path) -> None:
    def other(dataset: Dataset, k: int) -> None:
        if k == 3:
            dataset.PatientID = "P2"

    write_ct(tmp_path, edit=other)
    series = open_path(tmp_path).series[0]
    assert "2 different patients" in series.ai_refusal
    assert "P2" not in series.ai_refusal


def test_another_modality_can_be_looked_at_and_no_more(tmp_path: Path) -> None:
    def mr(dataset: Dataset, k: int) -> None:
        dataset.Modality, dataset.SOPClassUID = "MR", "1.2.840.10008.5.1.4.1.1.4"
        del dataset.RescaleSlope, dataset.RescaleIntercept

    write_ct(tmp_path / "mr", series="1.2.3.7", number=7, edit=mr)
    alone = open_path(tmp_path)
    assert alone.outcome == WARNS and "MR, not CT" in alone.series[0].ai_refusal
    write_ct(tmp_path / "ct")
    assert [s.modality for s in open_path(tmp_path).series] == ["CT", "MR"]


def test_a_copy_of_a_file_is_nothing_to_speak_of(tmp_path: Path) -> None:
    files = write_ct(tmp_path)
    shutil.copy(files[2], tmp_path / "copy of it.dcm")
    result = open_path(tmp_path)
    assert result.outcome == OPENS and len(result.series[0].slices) == 6


def test_one_identifier_on_two_images_stops_what_must_be_tied_to_slices(tmp_path: Path) -> None:
    def twice(dataset: Dataset, k: int) -> None:
        dataset.SOPInstanceUID = f"1.2.3.1.{min(k, 4)}"

    write_ct(tmp_path, edit=twice)
    result = open_path(tmp_path)
    assert len(result.series[0].slices) == 6
    assert "same identifier" in result.series[0].ai_refusal


def test_junk_beside_a_scan_is_nobodys_trouble(tmp_path: Path) -> None:
    write_ct(tmp_path / "deep" / "deeper")
    (tmp_path / "Thumbs.db").write_bytes(b"junk" * 100)
    (tmp_path / "notes.txt").write_text("for later", encoding="utf-8")
    assert open_path(tmp_path).outcome == OPENS


@pytest.mark.parametrize("what", ["nothing", "empty", "text"])
def test_a_place_without_images_is_refused_in_a_sentence(tmp_path: Path, what: str) -> None:
    if what == "text":
        (tmp_path / "a.txt").write_text("no image", encoding="utf-8")
    path = tmp_path / "absent" if what == "nothing" else tmp_path
    result = open_path(path)
    assert result.outcome == REFUSED and not result.series
    assert result.sentences and result.sentences[-1].endswith(".")


def test_a_missing_slice_is_told_and_refuses_the_ai(tmp_path: Path) -> None:
    write_ct(tmp_path)[3].unlink()
    result = open_path(tmp_path)
    assert result.outcome == WARNS and "One slice is missing" in result.series[0].ai_refusal


def test_looking_through_a_folder_can_be_cancelled(tmp_path: Path) -> None:
    write_ct(tmp_path)

    def stop(fraction: float, step: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        open_path(tmp_path, on_progress=stop)


def test_one_file_alone_is_one_slice(tmp_path: Path) -> None:
    result = open_path(write_ct(tmp_path)[2])
    assert result.outcome == WARNS and len(result.series[0].slices) == 1
    assert "no volume" in result.series[0].ai_refusal


def test_none_that_a_program_wrote_is_no_description(tmp_path: Path) -> None:
    def nothing(dataset: Dataset, k: int) -> None:
        dataset.StudyDescription, dataset.SeriesDescription = "None", "none"
        dataset.ConvolutionKernel = "NULL"

    write_ct(tmp_path, edit=nothing)
    (series,) = open_path(tmp_path).series
    assert series.study_description == series.description == series.kernel == ""

"""A de-identified copy names nobody, and its masks and reports still belong to their CT."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import (
    Comprehensive3DSRStorage,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)

from ai.errors import BadInput, Cancelled
from tests.data import data_folder, scan
from tests.dicom.seg_scan import Grid, lungs_on, write_scan
from tests.dicom.test_rtstruct import box, contour
from tests.dicom.test_rtstruct import write as write_rtstruct
from viewer import cli
from viewer.dicom.deidentify.copy import Copied, preview, write_copy
from viewer.dicom.deidentify.rules import Action, rules
from viewer.dicom.deidentify.values import Replacements
from viewer.dicom.find import open_path
from viewer.dicom.masks.masks import read_masks
from viewer.dicom.masks.nifti import read_nifti
from viewer.dicom.series import Series

NAMES = Replacements(b"a secret of the tests")
TELLING = (
    "Xiaodong", "小东", "王", "PID-884422", "ACC-771", "20260102", "19500101", "Elsewhere",
    "Gregory", "House", "Nurse", "Ratched", "555-0199", "Smallville", "SERIAL-31", "CT-ROOM-4",
    "1.2.826.0.1.3680043.8.498.77", "hidden in a private", "drawn over the picture", "S-2211",
)  # fmt: skip
"""What stands in the study's files and must not stand in the copy's."""


def telling_header(dataset: Dataset) -> None:
    """Everything a careless scanner writes."""
    dataset.PatientName, dataset.PatientID = "Wang^Xiaodong=王^小东", "PID-884422"
    dataset.AccessionNumber, dataset.StudyID = "ACC-771", "S-2211"
    dataset.InstitutionName, dataset.StationName = "St Elsewhere", "CT-ROOM-4"
    dataset.ReferringPhysicianName, dataset.OperatorsName = "House^Gregory", "Ratched^Nurse"
    dataset.PatientTelephoneNumbers, dataset.PatientAddress = "555-0199", "Smallville 3"
    dataset.DeviceSerialNumber, dataset.Manufacturer = "SERIAL-31", "Maker"
    dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = "20260102"
    dataset.StudyDescription = "CT chest of Xiaodong"
    dataset.SeriesDescription, dataset.ProtocolName = "lung for Dr House", "as Dr House likes it"
    dataset.FilterType = "XIAODONG 2"
    dataset.ConvolutionKernel = "B60f"
    dataset.add_new(0x00091010, "LO", "hidden in a private element")
    dataset.add_new(0x00090010, "LO", "HOUSE CREATOR")
    dataset.add_new(0x60000010, "US", 8)
    dataset.add_new(0x60003000, "OW", b"drawn over the picture")
    dataset.add_new(0x60000022, "LO", "drawn over the picture")
    step, source = Dataset(), Dataset()
    step.RequestedProcedureDescription = "ordered by House"
    step.ScheduledProcedureStepID = "PID-884422"
    dataset.RequestAttributesSequence = [step]
    source.ReferencedSOPClassUID = dataset.SOPClassUID
    source.ReferencedSOPInstanceUID = dataset.SOPInstanceUID
    dataset.ReferencedImageSequence = [source]
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "77", "99HOUSE"
    code.CodeMeaning = "as Xiaodong lay"
    code.add_new(0x00111010, "LO", "hidden in a private element")
    dataset.ProcedureCodeSequence = [code]


def item(kind: str, code: str, meaning: str, **values: object) -> Dataset:
    out, concept = Dataset(), Dataset()
    out.RelationshipType, out.ValueType = "CONTAINS", kind
    concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = code, "DCM", meaning
    out.ConceptNameCodeSequence = [concept]
    for keyword, value in values.items():
        setattr(out, keyword, value)
    return out


def write_report(path: Path, series: Series) -> None:
    """A small structured report on the first slice: an observer, a text, a name of a program."""
    out = Dataset()
    first = pydicom.dcmread(series.slices[0].path)
    for keyword in ("SpecificCharacterSet", "PatientName", "PatientID", "StudyInstanceUID"):
        setattr(out, keyword, first.get(keyword))
    out.SOPClassUID, out.SOPInstanceUID = Comprehensive3DSRStorage, f"{series.uid}.900"
    out.SeriesInstanceUID, out.Modality = f"{series.uid}.901", "SR"
    out.ContentDate, out.ContentTime = "20260102", "101112"
    image = Dataset()
    image.ReferencedSOPClassUID = first.SOPClassUID
    image.ReferencedSOPInstanceUID = first.SOPInstanceUID
    person = Dataset()
    person.CodeValue, person.CodingSchemeDesignator = "HOUSE-17", "99STAFF"
    person.CodeMeaning = "Gregory"
    observer = Dataset()
    observer.VerifyingObserverName, observer.VerifyingOrganization = "House^Gregory", "Elsewhere"
    observer.VerificationDateTime = "20260102101112"
    out.VerifyingObserverSequence = [observer]
    out.PersonIdentificationCodeSequence = [person]
    out.ContentSequence = [
        item("PNAME", "121008", "Person Observer Name", PersonName="House^Gregory"),
        item("TEXT", "121106", "Comment", TextValue="Xiaodong coughs"),
        item("TEXT", "111001", "Algorithm Name", TextValue="nodules-log"),
        item("UIDREF", "112040", "Tracking Unique Identifier", UID=f"{series.uid}.77"),
        item("DATE", "111060", "Study Date", Date="20260102"),
        item("IMAGE", "121191", "Referenced Segment", ReferencedSOPSequence=[image]),
    ]
    out.file_meta = FileMetaDataset()
    out.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out.save_as(path, enforce_file_format=True)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with a CT, its SEG, its contours and its report, full of names."""
    from tests.dicom.test_seg import content
    from viewer.dicom.written.seg import write_seg
    from viewer.reading.out.segments import lung_segments

    folder = tmp_path / "Wang Xiaodong"
    series = write_scan(folder, Grid())
    rng = np.random.default_rng(4)
    for piece in series.slices:
        dataset = pydicom.dcmread(piece.path)
        telling_header(dataset)
        dataset.PixelData = rng.integers(0, 255, len(dataset.PixelData), np.uint8).tobytes()
        dataset.file_meta.SourceApplicationEntityTitle = "ELSEWHERE"
        dataset.preamble = b"Xiaodong".ljust(128, b"\0")
        dataset.save_as(piece.path)
    labels = np.zeros((6, 24, 20), np.uint8)
    labels[:, 3:9, 2:8], labels[1:, 3:9, 11:17] = 1, 2
    pair = lung_segments(lungs_on(series, labels), edited=(), uid_of=lambda name: f"1.2.{name}")
    pair = tuple(replace(one, tracking_uid="1.2.826.0.1.3680043.8.498.77.5") for one in pair)
    write_seg(folder / "lungs.dcm", content(series, *pair))
    drawn = contour(series, 2, box(3.5, 3.5, 4, 4))
    write_rtstruct(folder / "rs.dcm", series, {"Xiaodong's lung": [drawn]})
    write_report(folder / "sr.dcm", series)
    (folder / "notes.txt").write_text("Xiaodong")
    return folder


@pytest.fixture
def copied(study: Path, tmp_path: Path) -> Copied:
    return write_copy(study, tmp_path / "out", names=NAMES)


def of_kind(copied: Copied, modality: str) -> list[Dataset]:
    read = [pydicom.dcmread(file) for file in copied.files]
    return [dataset for dataset in read if dataset.Modality == modality]


def test_nothing_telling_stands_in_any_byte_of_the_copy(study: Path, copied: Copied) -> None:
    before = b"".join(file.read_bytes() for file in study.iterdir())
    for word in TELLING:
        spellings = {word.encode(codec, "ignore") for codec in ("utf-8", "gb18030")} - {b""}
        assert any(spelt in before for spelt in spellings), f"{word} is no test of anything"
        for file in copied.files:
            after = file.read_bytes().lower()
            assert not any(spelt.lower() in after for spelt in spellings), (word, file)
            assert word.lower() not in str(file.relative_to(copied.folder)).lower()


def test_every_object_is_there_but_what_is_no_dicom(copied: Copied) -> None:
    assert len(copied.files) == 9
    assert copied.left_out == ()
    assert "1 file is no DICOM" in copied.sentences[1]
    names = {file.parent.name for file in copied.files}
    assert names == {"CT-01", "SEG-02", "RTSTRUCT-03", "SR-04"}


def test_masks_and_contours_still_open_on_the_copied_ct(study: Path, copied: Copied) -> None:
    old, new = open_path(study).series[0], open_path(copied.folder).series[0]
    assert new.uid != old.uid
    seg = next(file for file in copied.files if file.parent.name.startswith("SEG"))
    before, after = read_masks(study / "lungs.dcm", old), read_masks(seg, new)
    assert before.label_map is not None
    assert after.label_map is not None
    assert np.array_equal(before.label_map.labels, after.label_map.labels)
    contours = next(file for file in copied.files if file.parent.name.startswith("RT"))
    assert read_masks(contours, new).findings[0].mask.voxels.sum() == 16


def test_the_report_still_points_at_its_image_and_keeps_what_measured(copied: Copied) -> None:
    (report,) = of_kind(copied, "SR")
    first = {str(ct.SOPInstanceUID) for ct in of_kind(copied, "CT")}
    texts = [one.TextValue for one in report.ContentSequence if one.ValueType == "TEXT"]
    assert texts == ["REMOVED", "nodules-log"]
    image = report.ContentSequence[-1].ReferencedSOPSequence[0]
    assert image.ReferencedSOPInstanceUID in first
    assert report.PersonIdentificationCodeSequence[0].CodeValue == "REMOVED"
    codes = [code.CodeValue for code in report.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113104"]


def test_pixels_are_the_same_bytes(study: Path, copied: Copied) -> None:
    before = {pydicom.dcmread(file).PixelData for file in study.glob("0*.dcm")}
    assert {ct.PixelData for ct in of_kind(copied, "CT")} == before


def test_the_copy_says_that_it_is_one_and_keeps_what_reading_needs(copied: Copied) -> None:
    ct = of_kind(copied, "CT")[0]
    assert ct.PatientIdentityRemoved == "YES"
    assert ct.LongitudinalTemporalInformationModified == "REMOVED"
    assert ct.DeidentificationMethodCodeSequence[0].CodeMeaning == (
        "Basic Application Confidentiality Profile"
    )
    assert ct.PatientID.startswith("ANON-")
    assert (ct.ConvolutionKernel, ct.Manufacturer) == ("B60f", "Maker")
    assert ct.SliceThickness == 2.5
    assert ct.FilterType == "REMOVED", "a text that holds the name, of which the profile is silent"
    assert not any(element.tag.is_private for element in ct)
    assert not any(0x60 == element.tag >> 24 for element in ct)
    assert "PatientSex" in ct
    assert not ct.PatientSex


def test_the_preview_tells_every_change_and_nothing_else(study: Path, copied: Copied) -> None:
    told = {change.tag for change in preview(study)}
    old = {pydicom.dcmread(f).PixelData: pydicom.dcmread(f) for f in study.glob("0*.dcm")}
    for ct in of_kind(copied, "CT"):
        before = old[ct.PixelData]
        changed = {
            f"({tag.group:04X},{tag.element:04X})"
            for tag in {*before.keys(), *ct.keys()}
            if before.get(tag) != ct.get(tag) and tag != Tag("ReferencedImageSequence")
        }
        changed.discard("(0008,1032)")  # told by what is changed inside it
        assert changed <= told
        untouched = {
            f"({tag.group:04X},{tag.element:04X})"
            for tag in before.keys() & ct.keys()
            if before.get(tag) == ct.get(tag)
        }
        others = {"(0008,0018)", "(0008,0023)", "(0008,0033)", "(0020,000D)", "(0020,000E)"}
        assert not (untouched & told) - others
    name = next(change for change in preview(study) if change.tag == "(0010,0010)")
    assert (name.name, name.action, name.code) == ("Patient's Name", "replaced", "Z")
    assert name.becomes.startswith("ANON^")
    assert any(change.tag == "(0008,1140) (0008,1155)" for change in preview(study))


def test_dates_stay_where_the_reader_asks_for_it_but_not_the_birth_date(
    study: Path, tmp_path: Path
) -> None:
    kept = write_copy(study, tmp_path / "dated", keep_dates=True, names=NAMES)
    ct = of_kind(kept, "CT")[0]
    assert (ct.StudyDate, ct.PatientBirthDate) == ("20260102", "")
    assert ct.LongitudinalTemporalInformationModified == "UNMODIFIED"
    assert ct.DeidentificationMethodCodeSequence[-1].CodeValue == "113106"
    for word in TELLING:
        if word != "20260102":
            assert all(word.encode() not in file.read_bytes() for file in kept.files), word


def test_one_secret_gives_one_answer_and_another_another() -> None:
    other = Replacements(b"another secret")
    uid = "1.2.3.4"
    assert NAMES.uid(uid) == NAMES.uid(uid) != other.uid(uid)
    assert NAMES.uid(uid).startswith("2.25.")
    assert len(NAMES.uid(uid)) <= 64
    assert NAMES.uid("1.2.840.10008.1.2") == "1.2.840.10008.1.2"
    assert (
        NAMES.pseudonym("P1", "Doe") == NAMES.pseudonym("P1", "Doe^J") != other.pseudonym("P1", "")
    )


def test_two_patients_of_a_folder_stay_two(tmp_path: Path) -> None:
    for name in ("one", "two"):
        for piece in write_scan(
            tmp_path / "in" / name, Grid(), study=str(len(name) + (name == "two"))
        ).slices:
            dataset = pydicom.dcmread(piece.path)
            dataset.PatientID = name
            dataset.save_as(piece.path)
    copied = write_copy(tmp_path / "in", tmp_path / "out", names=NAMES)
    assert len({ct.PatientID for ct in of_kind(copied, "CT")}) == 2
    assert len({file.parent.name for file in copied.files}) == 2


def spoil(study: Path, what: str) -> None:
    path = study / "0001.dcm"
    dataset = pydicom.dcmread(path)
    if what == "burned in":
        dataset.BurnedInAnnotation = "YES"
    elif what == "screenshot":
        dataset.SOPClassUID = SecondaryCaptureImageStorage
    elif what == "pdf":
        dataset.SOPClassUID = EncapsulatedPDFStorage
    elif what == "screen saved as CT":
        dataset.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"]
    elif what == "overlay in pixels":
        del dataset[0x60003000]
        dataset.add_new(0x60000102, "US", 12)
    elif what == "no identity":
        del dataset.SOPInstanceUID
    dataset.save_as(path)
    if what == "cut":
        path.write_bytes(path.read_bytes()[:700])


@pytest.mark.parametrize(
    "what",
    [
        "burned in", "screenshot", "pdf", "screen saved as CT", "overlay in pixels",
        "no identity", "cut",
    ],
)  # fmt: skip
def test_what_cannot_be_cleaned_is_left_out_in_one_sentence(
    study: Path, tmp_path: Path, what: str
) -> None:
    spoil(study, what)
    copied = write_copy(study, tmp_path / "out", names=NAMES)
    assert len(copied.files) == 8
    (sentence,) = copied.left_out
    assert sentence.startswith("0001.dcm is not in the copy: ")


def test_nothing_is_ever_overwritten_or_written_into_the_study(study: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for folder in (tmp_path / "full", study / "copy", study):
        with pytest.raises(BadInput):
            write_copy(study, folder, names=NAMES)
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"
    assert not (study / "copy").exists()
    (tmp_path / "empty").mkdir()
    assert write_copy(study, tmp_path / "empty", names=NAMES).folder == tmp_path / "empty"


def test_a_copy_that_is_stopped_or_empty_leaves_nothing_behind(study: Path, tmp_path: Path) -> None:
    def stop(fraction: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        write_copy(study, tmp_path / "out", names=NAMES, on_progress=stop)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "notes.txt").write_text("no scan")
    with pytest.raises(BadInput, match="1 file is no DICOM"):
        write_copy(tmp_path / "none", tmp_path / "out", names=NAMES)
    with pytest.raises(BadInput):
        preview(tmp_path / "none")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Wang Xiaodong", "none"]


def test_one_series_is_copied_alone(study: Path, tmp_path: Path) -> None:
    copied = write_copy(open_path(study).series[0], tmp_path / "out", names=NAMES)
    assert len(copied.files) == 6


def test_a_zip_is_copied_like_its_folder(study: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "study"), "zip", study))
    copied = write_copy(archive, tmp_path / "out", names=NAMES)
    assert len(copied.files) == 9


def test_a_folder_that_holds_a_zip_alone_is_copied_as_it_opens(study: Path, tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    disc.mkdir()
    shutil.make_archive(str(disc / "study"), "zip", study)
    (disc / "read me.txt").write_text("Unpack first.")
    assert any(change.name == "Patient's Name" for change in preview(disc))
    assert len(write_copy(disc, tmp_path / "out", names=NAMES).files) == 9


def test_the_command_copies_and_previews(
    study: Path, tmp_path: Path, hilum_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["deidentify", str(study), "--preview"]) == 0
    told = capsys.readouterr().out
    assert "(0010,0010) Patient's Name replaced: ANON^" in told
    assert "Xiaodong" not in told
    assert not (tmp_path / "out").exists()
    assert cli.run(["deidentify", str(study)]) == cli.BAD_ARGUMENTS
    assert cli.run(["deidentify", str(study), "--out", str(tmp_path / "out")]) == 0
    assert "9 files copied without names" in capsys.readouterr().out
    spoil(study, "pdf")
    assert cli.run(["deidentify", str(study), "--out", str(tmp_path / "two")]) == cli.COULD_NOT
    assert cli.run(["deidentify", str(tmp_path / "nowhere"), "--out", str(tmp_path / "x")]) == 1
    seg = sorted((tmp_path / "out").rglob("SEG*/*"))
    again = sorted((tmp_path / "two").rglob("SEG*/*"))
    assert seg[0].read_bytes() == again[0].read_bytes(), "copies of two days belong together"


@pytest.mark.parametrize(
    ("keyword", "plain", "action"),
    [
        ("PatientName", True, Action.EMPTY),
        ("StudyDate", True, Action.EMPTY),
        ("SeriesDate", True, Action.REMOVE),
        ("SeriesDate", False, Action.DUMMY),
        ("SeriesDescription", False, Action.REMOVE),
        ("SOPInstanceUID", True, Action.UID),
        ("SOPClassUID", True, Action.KEEP),
        ("CodingSchemeUID", True, Action.KEEP),
        ("ContentSequence", False, Action.LOOK_INSIDE),
        ("TrackingUID", False, Action.UID),
        ("TrackingID", False, Action.KEEP),
        ("PatientBirthDateInAlternativeCalendar", True, Action.REMOVE),
        ("RescaleSlope", True, Action.KEEP),
        ("PixelData", True, Action.KEEP),
    ],
)
def test_what_the_profile_does_to_some_attributes(
    keyword: str, plain: bool, action: Action
) -> None:
    from pydicom.datadict import dictionary_VR

    tag = Tag(keyword)
    assert rules().action(tag, dictionary_VR(tag)[:2], plain=plain, keep_dates=False)[0] is action


def errors_of(path: Path) -> set[str]:
    told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (told.stdout + told.stderr).splitlines()
    # a number in an error is a UID or a value, which may differ
    return {re.sub(r"[0-9.]{9,}", "#", line) for line in lines if line.startswith("Error")}


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not installed")
def test_a_validator_finds_no_error_that_was_not_there(study: Path, copied: Copied) -> None:
    before = set().union(*(errors_of(file) for file in study.glob("*.dcm")))
    after = set().union(*(errors_of(file) for file in copied.files))
    assert after - before == set()


@pytest.mark.data
@pytest.mark.parametrize("name", ["mini-copd", "odd-abdomen-ct", "odd-mr-abdomen"])
def test_real_scans_lose_their_uids_and_keep_their_pixels(name: str, tmp_path: Path) -> None:
    folder = scan(name)
    copied = write_copy(folder, tmp_path / "out", names=NAMES)
    old = [pydicom.dcmread(file) for file in sorted(folder.glob("*.dcm"))]
    assert len(copied.files) == len(old)
    telling = {
        str(dataset.get(keyword, ""))
        for dataset in old
        for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientName",
                        "PatientID", "FrameOfReferenceUID", "AccessionNumber", "StudyDate")
    }  # fmt: skip
    words = [word.encode() for word in telling if len(word) > 4]
    pixels = {dataset.PixelData for dataset in old}
    for file in copied.files:
        after = pydicom.dcmread(file)
        whole = file.read_bytes().replace(after.PixelData, b"")
        assert after.PixelData in pixels
        assert [word for word in words if word in whole] == []
    if name == "mini-copd":
        again = open_path(copied.folder).series[0]
        assert read_nifti(folder / "lungs.nii.gz", again).label_map is not None


@pytest.mark.data
def test_no_strange_file_breaks_a_copy(tmp_path: Path) -> None:
    root = data_folder()
    assert root is not None
    cases = ["txt-gb18030", "txt-hostile-strings", "px-overlay-plane", "real-sr-measurements",
             "mf-enhanced-ct-rle", "ts-explicit-be", "ts-jpegxl-lossless", "bad-nested-3000-deep",
             "bad-vr", "real-seg-fractional", "box-dicomdir"]  # fmt: skip
    done = 0
    for case in cases:
        try:
            done += len(write_copy(root / "torture" / case, tmp_path / case, names=NAMES).files)
        except BadInput as told:
            assert told.sentence.startswith("Nothing was copied.")
    assert done == 38

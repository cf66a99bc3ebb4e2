"""Masks that name the patient in every word of theirs: laid on, judged, sent out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from tests.dicom.test_rtstruct import box, contour
from tests.dicom.test_rtstruct import write as write_rtstruct
from tests.flows.test_privacy import NAMES, UIDS, until, words_in, write_study
from viewer.dicom.find import open_path
from viewer.dicom.masks.nifti import write_nifti
from viewer.reading.events import Answer

TELLING = "Lindqvist Annemarie PID-778899"
FILE = "Lindqvist_Annemarie_778899"


def write_masks(folder, series):
    """A SEG, a structure set and a NIfTI whose labels, programs, names and UIDs are the patient."""
    import highdicom
    from pydicom.sr.codedict import codes

    folder.mkdir(parents=True)
    shape = (len(series.slices), series.rows, series.columns)
    k, j, i = (n // 2 for n in shape)
    voxels = np.zeros(shape, np.uint8)
    voxels[k - 1 : k + 2, j : j + 4, i : i + 4] = 1
    seg = highdicom.seg.Segmentation(
        source_images=[pydicom.dcmread(piece.path) for piece in series.slices],
        pixel_array=voxels,
        segmentation_type="BINARY",
        segment_descriptions=[
            highdicom.seg.SegmentDescription(
                segment_number=1,
                segment_label=f"nodule of {TELLING}",
                segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
                segmented_property_type=codes.SCT.Nodule,
                algorithm_type="AUTOMATIC",
                algorithm_identification=highdicom.AlgorithmIdentificationSequence(
                    name=f"Finder for {TELLING}",
                    family=codes.DCM.ArtificialIntelligence,
                    version="Annemarie 1",
                ),
                tracking_uid=f"{UIDS[0].decode()}.99",
                tracking_id=f"{TELLING} 1",
            )
        ],
        series_instance_uid=generate_uid(),
        series_number=9,
        sop_instance_uid=f"1.2.826.0.1.{UIDS[0].decode()}.98",
        instance_number=1,
        manufacturer="Lindqvist works",
        manufacturer_model_name="Annemarie",
        software_versions="778899",
        device_serial_number="778899",
        series_description=TELLING,
    )
    seg.SegmentSequence[0].TrackingUID = f"1.2.826.0.1.{UIDS[0].decode()}.99"
    seg.save_as(folder / f"{FILE}.dcm")
    names = {f"GTV {TELLING}": (j - 9, i), f"PTV {TELLING}": (j + 9, i)}
    regions = {
        name: [contour(series, k + n, box(row, column, 5, 5)) for n in range(2)]
        for name, (row, column) in names.items()
    }
    plan = write_rtstruct(folder / f"{FILE}_plan.dcm", series, regions)
    file = pydicom.dcmread(plan)
    file.StructureSetLabel, file.OperatorsName = "Lindqvist 778899", "Lindqvist^Annemarie"
    file.save_as(plan)
    lungs = np.zeros(shape, np.uint8)
    lungs[4:-4, 8:-8, 6 : i - 3], lungs[4:-4, 8:-8, i + 3 : -6] = 1, 2
    made = LabelMap(series.geometry, lungs, LUNGS, MadeBy("reader", ""))
    write_nifti(folder / f"{FILE}.nii.gz", made)
    return tuple(sorted(folder.iterdir()))


@pytest.fixture(scope="module")
def home(tmp_path_factory, qapp):
    """The data folder of a window in which all of them were laid on one after the other."""
    from viewer.app import compose

    place = tmp_path_factory.mktemp("masks")
    study, home = place / "Lindqvist_Annemarie" / "CT", place / "home"
    write_study(study)
    files = write_masks(place / "Lindqvist_masks", open_path(study).series[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_HOME", str(home))
        program = compose(mode="concurrent")
        desk, jobs = program.desk, program.jobs
        program.window.show()
        jobs.warm_up()
        desk.open(study)
        for file in files:  # the scan still loads
            desk.open(file)
        until(lambda: desk.scan is not None and desk.scan.complete, "the study is open")
        until(lambda: desk.reading.lungs is not None, "the lungs of the NIfTI")
        until(lambda: len(desk.reading.findings) == 2, "the findings of SEG and contours")
        until(lambda: jobs.running("open", "seg") is None, "all of them")
        for finding in desk.reading.findings:
            desk.select(finding.id)
            desk.answer(Answer.ACCEPT)
        desk.open(files[0].with_name(f"{FILE}_gone.dcm"))
        until(lambda: not desk.opening.busy, "one that is not there")
        desk.export()
        until(lambda: jobs.running("export") is None, "the export")
        assert list(home.glob("exports/**/nodules.dcm"))
        program.window.close()
        program.close()
    return home, str(place).encode()


def dumped(path: Path) -> bytes:
    """All that a database holds, its packed values unpacked by nobody: as it lies there."""
    if path.suffix != ".sqlite":
        return path.read_bytes()
    book = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return "\n".join(book.iterdump()).encode() + path.read_bytes()
    finally:
        book.close()


def test_nothing_but_the_library_and_the_dicom_that_went_out_names_the_patient(home):
    folder, place = home
    looked = 0
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder)).encode()
        assert words_in(name, (*NAMES, *UIDS)) == [], path
        if path.is_file() and not path.name.startswith("library.sqlite") and path.suffix != ".dcm":
            found = words_in(dumped(path), (*NAMES, place))
            assert found == [], path.relative_to(folder)
            looked += 1
    assert looked > 8


def test_no_uid_is_in_the_log_or_the_programs_log(home):
    folder, _place = home
    for path in (*folder.glob("readings.sqlite*"), *(folder / "log").iterdir()):
        assert words_in(dumped(path), UIDS) == [], path.name


def test_what_goes_out_as_dicom_names_the_patient_where_a_patient_stands_alone(home):
    folder, _place = home
    for path in folder.glob("exports/**/*.dcm"):
        file = pydicom.dcmread(path)
        for tag in ("PatientName", "PatientID", "PatientBirthDate"):
            if tag in file:
                delattr(file, tag)
        for tag in ("StudyDescription",):
            if tag in file:
                delattr(file, tag)
        told = [str(item.value) for item in file.iterall() if item.VR not in ("OB", "OW", "SQ")]
        assert words_in("\n".join(told).encode(), NAMES) == [], path.name

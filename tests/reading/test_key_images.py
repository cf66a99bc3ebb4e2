"""Key images: kept, taken back, drawn, named by a DICOM object and by every form of the report."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from tests.dicom.seg_scan import Grid, nodule, write_scan
from tests.reading.samples import Log, finding, proposed
from tests.reading.test_export_outputs import a_reading, blank
from viewer.dicom.reread.ko import reread_ko
from viewer.dicom.reread.seg import UnreadableError
from viewer.dicom.series import EMPTY_LEVEL, Series
from viewer.reading.codec import decode, encode
from viewer.reading.converters import SCHEMA
from viewer.reading.events import KeyImageDropped, KeyImageKept, Restored, Withdrawn
from viewer.reading.out import pictures
from viewer.reading.out.export import NotSaved, export_reading
from viewer.reading.out.key_picture import LONG_SIDE, key_picture
from viewer.reading.out.outputs import draw_pictures
from viewer.reading.out.request import ALL_OBJECTS, ExportRequest, ExportResult
from viewer.reading.reader_events import Signed
from viewer.reading.reading import Reading, Row, apply
from viewer.reading.report.content import report_content
from viewer.reading.report.key_images import KeyImageLine, key_caption, key_lines, source_slices

AXIAL = KeyImageKept(
    id="k1",
    plane="axial",
    slice_index=2,
    centre_lps=(-32.25, -24.3, 12.125),
    right=(1.0, 0.0, 0.0),
    down=(0.0, 1.0, 0.0),
    wide_mm=16.0,
    high_mm=12.0,
    window_width=1500.0,
    window_level=-600.0,
    finding="n0",
)
CORONAL = replace(AXIAL, id="k2", plane="coronal", slice_index=4, down=(0.0, 0.0, -1.0), finding="")


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def with_keys(reading: Reading, *keys: KeyImageKept) -> Reading:
    for key in keys:
        reading = apply(reading, Row(len(reading.history) + 1, "", key))
    return reading


@pytest.fixture
def request_for(scan: Series, tmp_path: Path) -> Callable[..., ExportRequest]:
    def make(*keys: KeyImageKept, **more: Any) -> ExportRequest:
        reading = with_keys(a_reading(scan), *keys)
        assert scan.geometry is not None
        base = ExportRequest(
            folder=tmp_path / "out",
            series=scan,
            lungs=reading.lungs,
            findings=tuple((f, reading.state(f.id)) for f in reading.findings),
            reading_id=reading.id,
            reader_label="reader a1b2c3",
            lung_figures=reading.lung_figures,
            objects=ALL_OBJECTS,
            content=report_content(scan, reading),
            volume=blank(scan.geometry),
            key_images=reading.key_images,
        )
        return replace(base, **more)

    return make


# The log


def test_an_image_is_kept_taken_back_and_undone_step_by_step() -> None:
    log = Log()
    row = log.add(AXIAL)
    log.add(CORONAL)
    assert [key.id for key in log.reading.key_images] == ["k1", "k2"]
    dropped = log.add(KeyImageDropped("k1"))
    assert [key.id for key in log.reading.key_images] == ["k2"]
    assert log.reading.undo_target is dropped
    log.add(Withdrawn(dropped.seq))
    assert [key.id for key in log.reading.key_images] == ["k1", "k2"]
    log.add(Withdrawn(row.seq))
    assert [key.id for key in log.reading.key_images] == ["k2"]
    log.add(Restored(row.seq))
    assert [key.id for key in log.reading.key_images] == ["k1", "k2"]


def test_what_is_kept_after_a_signature_is_a_change() -> None:
    log = Log()
    log.add(proposed("a"))
    log.add(Signed())
    log.add(AXIAL)
    assert not log.reading.signed and log.reading.signed_row


@pytest.mark.parametrize("event", [AXIAL, replace(CORONAL, invert=True, slab="max", slab_mm=10.0)])
def test_a_key_image_comes_back_from_the_log_as_it_was(event: KeyImageKept) -> None:
    stored = encode(event)
    assert decode(stored.kind, stored.body, None, schema=SCHEMA) == event
    assert "Doe" not in stored.body


def test_lines_name_finding_image_and_window(scan: Series) -> None:
    first, second = key_lines(with_keys(a_reading(scan), AXIAL, CORONAL), scan)
    assert (first.finding, first.where, first.window) == ("RUZ 1", "se 3 im 4", "W 1500 L −600")
    assert (second.finding, second.plane, second.file) == ("", "coronal", "key-2.png")


def test_a_slice_that_the_series_has_lost_is_not_spoken_of(scan: Series) -> None:
    assert key_lines(with_keys(a_reading(scan), replace(AXIAL, slice_index=99)), scan) == ()


def test_where_nothing_was_scanned_the_nearest_image_stands_for_it(scan: Series) -> None:
    pieces = list(scan.slices)
    pieces[2] = EMPTY_LEVEL
    gap = replace(scan, slices=tuple(pieces))
    assert source_slices([AXIAL, CORONAL, AXIAL], gap) == (1, 4)
    assert key_lines(with_keys(Reading("r"), AXIAL), gap)[0].where == "se 3"


# Its picture


def stepped() -> Volume:
    """Bright to the left, dark to the right, brighter towards the head."""
    geometry = Geometry.axial((6, 10, 12), spacing_kji_mm=(2.0, 1.0, 1.0))
    k, _, i = np.indices(geometry.shape_kji)
    return Volume(geometry, (i * 100 + k * 10).astype(np.int16))


def looked_at(volume: Volume, **more: Any) -> KeyImageKept:
    x, y, z = (float(n) for n in volume.geometry.lps_of((2, 5, 6)))
    base = KeyImageKept(
        "k", "axial", 2, (x, y, z), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 8.0, 6.0, 1201.0, 600.5
    )
    return replace(base, **more)


def greys(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L"), float)


def test_the_picture_shows_the_plane_in_its_window_the_right_way_round() -> None:
    volume = stepped()
    made = greys(key_picture(volume, looked_at(volume), ""))
    assert made.shape == (LONG_SIDE * 6 // 8, LONG_SIDE)
    row = made[250]
    middle = LONG_SIDE // 2
    assert row[middle] == pytest.approx(255 * 620 / 1200, abs=2)
    assert row[middle + 96] - row[middle] == pytest.approx(255 * 100 / 1200, abs=1)
    inverted = greys(key_picture(volume, looked_at(volume, invert=True), ""))
    assert inverted[250, middle] == pytest.approx(255 - row[middle], abs=1)


def test_beyond_the_scan_it_is_black_also_inverted() -> None:
    volume = stepped()
    made = greys(key_picture(volume, looked_at(volume, wide_mm=60.0, invert=True), ""))
    assert made[40, 700] == 0


def test_a_coronal_one_has_the_head_on_top() -> None:
    volume = stepped()
    key = looked_at(volume, plane="coronal", down=(0.0, 0.0, -1.0), high_mm=8.0)
    column = greys(key_picture(volume, key, ""))[:, LONG_SIDE // 2]
    assert column[250] > column[500]


@pytest.mark.parametrize(("slab", "hu"), [("max", 640), ("min", 600), ("mean", 620)])
def test_a_slab_joins_what_lies_in_it(slab: str, hu: float) -> None:
    volume = stepped()
    made = greys(key_picture(volume, looked_at(volume, slab=slab, slab_mm=8.0), ""))
    assert made[250, LONG_SIDE // 2] == pytest.approx(255 * hu / 1200, abs=2)


def test_the_finding_is_ringed_and_nothing_lies_on_it() -> None:
    volume = stepped()
    key = looked_at(volume, wide_mm=40.0, high_mm=40.0)
    there = replace(finding("a", diameter_mm=4.0), centre_lps=key.centre_lps)
    plain = np.asarray(key_picture(volume, key, ""))
    ringed = np.asarray(key_picture(volume, key, "", ring=(there, "accepted")))
    changed = np.argwhere((plain != ringed).any(axis=2))
    away = np.linalg.norm(changed - np.array([LONG_SIDE / 2] * 2), axis=1)
    assert len(changed) and away.min() > there.measurement.long_mm / 2 * LONG_SIDE / 40


# What goes out


def one_line(text: str) -> str:
    return " ".join(text.split())


def exported(made: ExportRequest) -> tuple[ExportResult, Path]:
    return export_reading(made), made.folder


def test_key_images_go_out_as_pictures_as_a_selection_and_in_every_report(request_for) -> None:
    result, folder = exported(request_for(AXIAL, CORONAL))
    for name in ("ko.dcm", "pictures/key-1.png", "pictures/key-2.png"):
        assert (folder / name).is_file()
    assert result.passport is not None and result.passport.proven
    (selection,) = (one for one in result.passport.objects if one.role == "ko")
    assert selection.images == (2, 2)
    assert {one.file for one in result.passport.objects} >= {"pictures/key-1.png", "ko.dcm"}
    page = (folder / "report.html").read_text()
    assert "Key images" in page and 'href="pictures/key-2.png"' in page
    text = (folder / "report.txt").read_text()
    assert "1. RUZ 1, axial, se 3 im 4, W 1500 L −600" in text
    assert "ko.dcm saved (images: 2); read again, it names the same ones." in one_line(text)
    told = json.loads((folder / "findings.json").read_text())
    assert [row["image"] for row in told["key_images"]] == [4, 2]


def test_no_picture_and_no_selection_says_who_the_patient_is(request_for, scan: Series) -> None:
    _, folder = exported(request_for(AXIAL))
    ko = pydicom.dcmread(folder / "ko.dcm")
    described = [item.TextValue for item in ko.ContentSequence if item.ValueType == "TEXT"]
    assert not any(scan.patient.id in text for text in described)
    with Image.open(folder / "pictures" / "key-1.png") as picture:
        assert picture.info == {}


def test_without_a_kept_image_there_is_no_selection(request_for) -> None:
    _, folder = exported(request_for())
    assert not (folder / "ko.dcm").exists()
    assert "Key images" not in (folder / "report.html").read_text()


def test_the_selection_is_what_the_standard_has(request_for, scan: Series) -> None:
    _, folder = exported(request_for(CORONAL, AXIAL))
    ko = pydicom.dcmread(folder / "ko.dcm")
    assert ko.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.59" and ko.Modality == "KO"
    (title,) = ko.ConceptNameCodeSequence
    assert (title.CodeValue, title.CodingSchemeDesignator) == ("113000", "DCM")
    assert ko.ContentTemplateSequence[0].TemplateIdentifier == "2010"
    named = [
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in ko.ContentSequence
        if item.ValueType == "IMAGE"
    ]
    assert named == [scan.slices[4].sop_instance_uid, scan.slices[2].sop_instance_uid]
    assert ko.StudyInstanceUID == scan.study_uid


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not on this machine")
def test_dciodvfy_finds_no_error_in_selection_and_report(request_for) -> None:
    _, folder = exported(request_for(AXIAL, CORONAL))
    for name in ("ko.dcm", "sr.dcm"):
        done = subprocess.run(
            ["dciodvfy", "-new", folder / name], capture_output=True, text=True, errors="replace"
        )
        said = (done.stdout + done.stderr).splitlines()
        assert [line for line in said if line.startswith("Error")] == []


def test_the_measurement_report_has_them_in_its_library_and_the_best_one_at_its_finding(
    request_for, scan: Series
) -> None:
    _, folder = exported(request_for(AXIAL, CORONAL))
    items = list(pydicom.dcmread(folder / "sr.dcm").iterall())
    uids = [scan.slices[k].sop_instance_uid for k in (2, 4)]
    libraries = [i.value for i in items if i.keyword == "CodeValue" and i.value == "111028"]
    assert len(libraries) == 1
    best = [i.value for i in items if i.keyword == "CodeValue" and i.value == "121080"]
    assert len(best) == 1, "of the finding that the first one shows"
    named = [i.value for i in items if i.keyword == "ReferencedSOPInstanceUID"]
    assert all(named.count(uid) >= 2 for uid in uids)


def name_another(ko: pydicom.Dataset) -> None:
    ko.ContentSequence[-1].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "1.2.3"


def lose_one(ko: pydicom.Dataset) -> None:
    del ko.ContentSequence[-1]


def another_study(ko: pydicom.Dataset) -> None:
    ko.StudyInstanceUID = "1.2.3"


def no_description(ko: pydicom.Dataset) -> None:
    ko.ContentSequence = [item for item in ko.ContentSequence if item.ValueType != "TEXT"]


def no_content(ko: pydicom.Dataset) -> None:
    del ko.ContentSequence


@pytest.mark.parametrize(
    "change", [name_another, lose_one, another_study, no_description, no_content]
)
def test_a_spoilt_selection_is_noticed(request_for, scan: Series, change) -> None:
    _, folder = exported(request_for(AXIAL, CORONAL))
    ko = pydicom.dcmread(folder / "ko.dcm")
    change(ko)
    ko.save_as(folder / "ko.dcm")
    with pytest.raises(UnreadableError):
        reread_ko(folder / "ko.dcm", scan.slices[0].path)


def test_a_selection_that_reads_back_otherwise_saves_nothing(request_for, monkeypatch) -> None:
    made = request_for(AXIAL)

    def spoilt(content: Any) -> pydicom.Dataset:
        dataset = whole(content)
        dataset.ConceptNameCodeSequence[0].CodeValue = "113001"
        return dataset

    from viewer.dicom.written import ko

    whole = ko.ko_dataset
    monkeypatch.setattr(ko, "ko_dataset", spoilt)
    with pytest.raises(NotSaved, match="its title is another one"):
        export_reading(made)
    assert not [path for path in made.folder.rglob("*") if path.is_file()]


def test_a_multi_frame_file_is_named_by_its_frames(request_for, scan: Series) -> None:
    pieces = tuple(
        replace(piece, path=scan.slices[0].path, sop_instance_uid="1.2.3.4", frame=n)
        for n, piece in enumerate(scan.slices)
    )
    series = replace(scan, slices=pieces)
    made = request_for(AXIAL, CORONAL, series=series, objects=frozenset({"ko", "passport"}))
    _, folder = exported(replace(made, lungs=None, findings=()))
    ko = pydicom.dcmread(folder / "ko.dcm")
    frames = [
        item.ReferencedSOPSequence[0].ReferencedFrameNumber
        for item in ko.ContentSequence
        if item.ValueType == "IMAGE"
    ]
    assert frames == [3, 5]


def test_what_is_shown_in_another_plane_says_where_the_crosshair_stood() -> None:
    line = KeyImageLine(2, "coronal", 3, 87, "", "W 1500 L \u2212600")
    told = "2  shown in the coronal plane, crosshair on se 3 im 87, W 1500 L \u2212600"
    assert key_caption(line) == told
    assert key_caption(replace(line, plane="axial")).startswith("2  axial, se 3 im 87")
    assert "\u5341\u5b57\u7ebf" in key_caption(line, "zh")


def test_pictures_speak_the_readers_language_with_latin_figures(
    scan: Series, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    put = pictures.put_text
    monkeypatch.setattr(pictures, "put_text", lambda *w: (said.append(w[2]), put(*w))[1])
    found = nodule(scan, "n", (1, 2, 3), np.ones((2, 3, 4), np.bool_))
    assert scan.geometry is not None
    volume = Volume(scan.geometry, np.full(scan.geometry.shape_kji, -800, np.int16))
    english = draw_pictures(volume, None, [(found, "accepted")], series=scan)
    del said[:]
    chinese = draw_pictures(volume, None, [(found, "accepted")], series=scan, language="zh")
    assert english.keys() == chinese.keys() and english != chinese
    words = "".join(said)
    assert "\u5df2\u63a5\u53d7" in words and "mm" in words and "accepted" not in words
    assert not any(sign in words for sign in "\u4e8c\u4e09\u56db")


def test_a_second_export_is_new_in_every_object_and_tracks_the_same_things(request_for) -> None:
    """Also where the reading was folded anew in between, as after it was opened again."""
    _, folder = exported(request_for(AXIAL, CORONAL))
    first = {path for path in folder.rglob("*") if path.is_file()}
    exported(request_for(AXIAL, CORONAL))
    second = {path for path in folder.rglob("*") if path.is_file()} - first
    assert len(second) == len(first)
    assert {path.name for path in second if path.parent.name == "pictures-2"} == {
        path.name for path in first if path.parent.name == "pictures"
    }
    for name in ("lungs", "nodules", "sr", "ko"):
        was, now = (pydicom.dcmread(folder / f"{name}{end}.dcm") for end in ("", "-2"))
        for keyword in ("SOPInstanceUID", "SeriesInstanceUID"):
            assert was[keyword].value != now[keyword].value, (name, keyword)
        assert _tracked(was) == _tracked(now)
    assert _tracked(pydicom.dcmread(folder / "sr-2.dcm")) >= _tracked(
        pydicom.dcmread(folder / "lungs-2.dcm")
    )


def _tracked(file: pydicom.Dataset) -> set[str]:
    """Tracking UIDs of a SEG or an SR."""
    found = {str(item.value) for item in file.iterall() if item.keyword == "TrackingUID"}
    return found | {str(item.value) for item in file.iterall() if item.keyword == "UID"}


def test_every_sign_of_a_picture_is_one_that_its_font_has() -> None:
    line = KeyImageLine(2, "coronal", 3, 87, "RUZ 1", "W 1500 L \u2212600", True, "mean", 10.0)
    runs = pictures.runs_of(key_caption(line, "zh"))
    assert {wide for wide, _ in runs} == {True, False}
    for wide, run in runs:
        font = pictures._font(wide)
        none = bytes(font.getmask("\uffff"))
        for sign in run.replace(" ", ""):
            assert bytes(font.getmask(sign)) != none, (wide, sign)

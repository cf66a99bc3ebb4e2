"""What is exported, where it lies, and that it opens again on its CT."""

from __future__ import annotations

import hashlib
import json
import shutil

import numpy as np
import pydicom
import pytest

from tests.flows.desks import until
from viewer.reading.events import Answer, Exported
from viewer.reading.listing import readings
from viewer.reading.names import short_name, short_names
from viewer.reading.out.passport import passport_of

ACCEPT, REJECT, UNDECIDED = Answer.ACCEPT, Answer.REJECT, Answer.UNDECIDED


def export(at_desk):
    """Exports, and the files that came of it."""
    saved = []
    at_desk.desk.exported.connect(saved.append)
    try:
        at_desk.desk.export()
        at_desk.idle("export")
    finally:
        at_desk.desk.exported.disconnect(saved.append)
    return saved[0] if saved else ()


@pytest.fixture
def exported(newcomer, phantom):
    """One accepted, one added, one rejected, one undecided; then Ctrl+E."""
    kept = newcomer.answer(ACCEPT)
    newcomer.answer(REJECT)
    newcomer.answer(UNDECIDED)
    newcomer.desk.add_at(phantom.nodules[0].centre_lps)
    (added,) = newcomer.reading.in_state("added")
    newcomer.kept = [newcomer.reading.finding(kept), added]
    newcomer.files = export(newcomer)
    return newcomer


def lungs_and_nodules(files):
    return {path.stem: path for path in files if path.name in ("lungs.dcm", "nodules.dcm")}


def test_lungs_and_the_readers_findings_are_saved_apart_and_nothing_else(exported):
    files = lungs_and_nodules(exported.files)
    assert set(files) == {"lungs", "nodules"}
    others = {path.name for path in exported.files} - {path.name for path in files.values()}
    assert others == {
        *("sr.dcm", "figures.csv", "findings.json", "passport.json"),
        *("report.html", "report.pdf", "report.txt"),
        *("lungs.png", *(f"finding-{finding.id}.png" for finding in exported.kept)),
    }
    lungs, nodules = (pydicom.dcmread(files[name]) for name in ("lungs", "nodules"))
    assert [s.SegmentLabel for s in lungs.SegmentSequence] == ["Right lung", "Left lung"]
    names = short_names(exported.reading)
    assert [s.TrackingID for s in nodules.SegmentSequence] == [names[f.id] for f in exported.kept]
    assert "saved, re-read and equal" in exported.last


def test_a_free_label_typed_in_the_window_is_in_the_seg_and_the_sr(newcomer, phantom):
    newcomer.desk.add_at(phantom.nodules[0].centre_lps)
    (mark,) = newcomer.reading.in_state("added")
    newcomer.desk.make_current(mark.id)
    newcomer.desk.own.label("lymph node 4R")
    files = {path.name: path for path in export(newcomer)}
    (item,) = pydicom.dcmread(files["nodules.dcm"]).SegmentSequence
    assert item.SegmentLabel.startswith("lymph node 4R, ")
    assert item.TrackingID == f"{short_name(newcomer.reading, mark.id)}: lymph node 4R"
    texts = [one.value for one in pydicom.dcmread(files["sr.dcm"]).iterall() if one.VR == "UT"]
    assert item.TrackingID in texts
    assert "lymph node 4R; Added by a reader; research use only" in texts


def test_findings_json_tells_of_every_finding_and_the_passport_of_it(exported):
    files = {path.name: path for path in exported.files}
    told = json.loads(files["findings.json"].read_text("utf-8"))
    states = {row["id"]: row["state"] for row in told["findings"]}
    reading = exported.reading
    assert states == {f.id: reading.state(f.id) for f in reading.findings}
    passport = passport_of(files["passport.json"].read_text("utf-8"))
    (one,) = [one for one in passport.objects if one.role == "findings"]
    assert (
        one.proven and one.sha256 == hashlib.sha256(files["findings.json"].read_bytes()).hexdigest()
    )


def test_an_export_is_in_the_log_with_its_hashes_and_in_the_list_with_its_paths(exported):
    (event,) = [r.event for r in exported.reading.history if isinstance(r.event, Exported)]
    *proven, passport = exported.files
    assert passport.name == "passport.json"
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in proven]
    assert [digest for _, digest in event.objects] == hashes
    assert [role for role, _ in event.objects][:3] == ["lungs", "nodules", "sr"]
    told = next(row for row in readings() if row["reading"] == exported.reading.id)
    assert told["exports"] == [str(path) for path in exported.files]
    again = export(exported)
    told = next(row for row in readings() if row["reading"] == exported.reading.id)
    assert told["exports"] == [str(path) for path in (*exported.files, *again)]


def test_no_patient_is_named_by_the_folder_of_an_export(exported, phantom):
    header = pydicom.dcmread(next(phantom.series.iterdir()), stop_before_pixels=True)
    for path in exported.files:
        assert str(header.PatientID) not in str(path)


def test_a_reading_without_lungs_or_findings_exports_nothing_and_says_so(newcomer, own_home):
    newcomer.desk.set_reader("Empty-handed")
    before = sorted((own_home / "exports").glob("*")) if (own_home / "exports").exists() else []
    assert export(newcomer) == ()
    assert newcomer.last == "There is nothing to export yet."
    assert sorted((own_home / "exports").glob("*")) == before


def test_an_export_that_ends_after_its_study_was_left_is_noted_where_it_belongs(exported, tiny):
    reading = exported.reading.id
    saved = []
    exported.desk.exported.connect(saved.append)
    exported.desk.export()
    exported.open(tiny.series)
    until(lambda: saved, "the export of the study that was left", 20)
    exported.desk.exported.disconnect(saved.append)
    told = next(row for row in readings() if row["reading"] == reading)
    assert told["exports"][-len(saved[0]) :] == [str(path) for path in saved[0]]
    left = exported.store.reading(reading, voxels=False)
    assert sum(isinstance(row.event, Exported) for row in left.history) == 2
    assert not any(isinstance(row.event, Exported) for row in exported.reading.history)


def test_the_exported_segs_open_again_on_their_ct_for_another_reader(exported):
    lungs, kept = exported.reading.lungs, exported.kept
    files = lungs_and_nodules(exported.files).values()
    exported.desk.set_reader("Second pair of eyes")
    assert exported.reading.lungs is None
    open_segs(exported, *files)
    assert np.array_equal(exported.reading.lungs.labels, lungs.labels)
    assert exported.reading.lungs.made_by == lungs.made_by
    again = exported.reading.in_state("added")
    shape = lungs.labels.shape
    for was, now in zip(kept, again, strict=True):
        assert np.array_equal(now.mask.on(shape), was.mask.on(shape))
        assert now.measurement == was.measurement
        assert now.made_by == was.made_by
        assert now.zone == was.zone


def test_the_seg_of_the_reading_itself_adds_nothing(exported):
    before = len(exported.reading.findings)
    open_segs(exported, lungs_and_nodules(exported.files)["nodules"])
    assert len(exported.reading.findings) == before
    assert exported.last == "The reading holds all of this segmentation already."


def test_a_folder_of_a_ct_and_its_segs_opens_with_both_and_once(exported, phantom, tmp_path):
    folder = shutil.copytree(phantom.series, tmp_path / "both")
    for path in exported.files:
        shutil.copy(path, folder / f"out-{path.name}")
    exported.desk.set_reader("Third pair of eyes")
    exported.open(folder)
    exported.idle("seg")
    until(lambda: exported.reading.lungs is not None, "the lungs of the SEG", 20)
    assert len(exported.reading.in_state("added")) == 2
    rows = len(exported.reading.history)
    exported.open(folder)
    exported.idle("seg")
    assert exported.last.startswith("Reading restored")
    assert len(exported.reading.history) == rows + 1  # that it was left
    exported.open(phantom.series)  # without them, for the readers that come next


def test_a_seg_of_another_study_is_refused_in_a_sentence(exported, tiny):
    files = lungs_and_nodules(exported.files).values()
    exported.open(tiny.series)
    before = exported.reading
    open_segs(exported, *files)
    for name in ("lungs.dcm", "nodules.dcm"):
        assert f"{name} belongs to another study than this CT." in exported.said
    assert exported.reading is before


def open_segs(at_desk, *files):
    """Opens files one by one, as a reader does who drops them on the window."""
    for path in files:
        at_desk.desk.open(path)
        until(lambda: not at_desk.desk.opening.busy, f"{path.name} was looked at")
        at_desk.idle("seg")


def test_a_second_export_is_a_new_report_that_names_the_one_it_follows(exported):
    def report(files):
        return pydicom.dcmread(next(path for path in files if path.match("sr*.dcm")))

    first, again = report(exported.files), report(export(exported))
    assert again.SOPInstanceUID != first.SOPInstanceUID
    (study,) = again.PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (before,) = series.ReferencedSOPSequence
    assert before.ReferencedSOPInstanceUID == first.SOPInstanceUID


def test_the_passport_of_the_window_counts_every_answer(exported):
    (path,) = (path for path in exported.files if path.name == "passport.json")
    passport = passport_of(path.read_text(encoding="utf-8"))
    assert passport.proven and passport.reader.startswith("reader ")
    counts = {row.state: row.count for row in passport.went_out}
    states = [exported.reading.state(finding.id) for finding in exported.reading.findings]
    assert counts == {state: states.count(state) for state in counts}
    assert sum(counts.values()) == len(states)

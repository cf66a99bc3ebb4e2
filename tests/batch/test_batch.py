"""What `hilum batch` makes of a study, and what it says of one that it cannot read."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pydicom
import pytest

from ai.agent.policy import prior, to_json
from tests.data import data_folder
from tests.dicom.small import write_ct
from tests.flows.phantom import copy_of, small_study, spoil
from viewer.dicom.inspect import inspect
from viewer.home import home
from viewer.reading.out.passport import passport_of
from viewer.reading.store import Store, StoredPolicy

KEYS = {
    "id", "centre_mm", "series", "image", "long_mm", "short_mm", "mean_diameter_mm", "volume_mm3",
    "mean_hu", "type", "chance", "state",
}  # fmt: skip
SHEETS = {"figures.csv", "findings.json", "report.html", "report.pdf", "report.txt"}
WRITTEN = {"lungs.dcm", "nodules.dcm", "sr.dcm", "passport.json", *SHEETS}
HAN = re.compile("[\u4e00-\u9fff]")
PAPERS = {*SHEETS, "passport.json", "pictures"}


@pytest.fixture(scope="module")
def uneven(folder):
    """A study that the AI must not be asked about: its slices lie unevenly."""
    write_ct(folder / "uneven", z_mm=[0, 2.5, 5, 9, 11.5, 14])
    return folder / "uneven"


@pytest.fixture(scope="module")
def two(batch, uneven, phantom):
    """A study that cannot be read, then the phantom, accepted from chance 0.5 on."""
    return batch(uneven, phantom.series, "--accept", "0.5", "--json")


@pytest.fixture(scope="module")
def whole(two):
    """What came of the phantom."""
    return two.told[1]


def findings_of(told):
    return json.loads((Path(told["folder"]) / "findings.json").read_text("utf-8"))


def names_in(folder):
    return {path.name for path in Path(folder).iterdir()}


def description_of(path):
    return str(pydicom.dcmread(path, stop_before_pixels=True).SeriesDescription)


def test_the_passport_knows_every_other_file_by_its_hash(whole):
    folder = Path(whole["folder"])
    passport = passport_of((folder / "passport.json").read_text("utf-8"))
    assert passport.proven
    files = {path for path in folder.rglob("*") if path.is_file()} - {folder / "passport.json"}
    assert {folder / one.file for one in passport.objects} == files
    for one in passport.objects:
        assert sha256((folder / one.file).read_bytes()).hexdigest() == one.sha256
    out = {row.state: row.count for row in passport.went_out}
    assert out["accepted"] == whole["accepted"] and out["held"] == whole["held"]


def test_one_bad_study_never_stops_the_others(two, whole):
    assert [row["read"] for row in two.told] == [False, True]
    assert two.code == 1
    assert whole["files"]


def test_why_a_study_could_not_be_read_stands_on_one_line_on_stderr(two, uneven):
    (line,) = two.err.splitlines()
    assert line.startswith(f"{uneven.name}: ")
    assert line.removeprefix(f"{uneven.name}: ") == two.told[0]["why_not"]


def test_a_study_gets_a_folder_named_after_it_with_all_its_files(whole, phantom):
    folder = Path(whole["folder"])
    assert folder.name.startswith(f"{phantom.series.name}-")
    assert names_in(folder) == {*WRITTEN, "pictures"}
    assert {str(folder / name) for name in WRITTEN} <= set(whole["files"])
    assert all(Path(path).stat().st_size for path in whole["files"])


def test_findings_json_holds_the_figures_of_every_candidate_and_of_both_lungs(whole, phantom):
    told = findings_of(whole)
    assert all(KEYS <= set(row) for row in told["findings"])
    assert len(told["findings"]) == whole["findings"]
    assert not [row for row in told["findings"] if None in row.values()]
    assert set(told["lungs"]) == {"right", "left"}
    for side in told["lungs"].values():
        assert 1500 < side["ml"] < 4000
        assert -900 < side["mean_hu"] < -700


def test_image_is_the_number_of_the_slice_nearest_to_the_centre(whole, phantom):
    heights = {}
    for file in phantom.series.iterdir():
        header = pydicom.dcmread(file, stop_before_pixels=True)
        heights[int(header.InstanceNumber)] = float(header.ImagePositionPatient[2])
    for row in findings_of(whole)["findings"]:
        nearest = min(heights, key=lambda number: abs(heights[number] - row["centre_mm"][2]))
        assert abs(heights[row["image"]] - heights[nearest]) < 1e-6


def test_most_of_the_phantoms_nodules_are_among_the_findings(whole, phantom):
    centres = [row["centre_mm"] for row in findings_of(whole)["findings"]]
    near = [
        nodule
        for nodule in phantom.nodules
        if any(
            sum((a - b) ** 2 for a, b in zip(nodule.centre_lps, c, strict=True)) ** 0.5
            < nodule.diameter_mm / 2
            for c in centres
        )
    ]
    assert len(near) >= 6


def test_only_shown_findings_of_that_chance_are_accepted(whole):
    rows = findings_of(whole)["findings"]
    states = {row["state"] for row in rows}
    assert {"accepted", "held", "proposed"} == states
    assert all(row["chance"] >= 0.5 for row in rows if row["state"] == "accepted")
    assert all(row["chance"] < 0.5 for row in rows if row["state"] == "proposed")
    assert whole["held"] == sum(row["state"] == "held" for row in rows) > 0
    assert whole["accepted"] == sum(row["state"] == "accepted" for row in rows) > 0


def test_what_a_rule_accepted_is_marked_so_in_report_findings_and_seg(whole):
    folder = Path(whole["folder"])
    assert "by rule" in (folder / "report.html").read_text("utf-8")
    assert "by rule, chance 0.5 or more" in findings_of(whole)["accepted"]
    seg = pydicom.dcmread(folder / "nodules.dcm", stop_before_pixels=True)
    assert "by rule, chance 0.5 or more" in str(seg.SeriesDescription)
    assert "by rule, chance 0.5 or more" in str(seg.ContentCreatorName)
    assert len(seg.SegmentSequence) == whole["accepted"]


def test_nothing_batch_accepts_is_ever_learnt(whole, folder):
    assert not (folder / "home" / "readings.sqlite").exists()


def test_lungs_alone_are_written_without_any_finding(batch, phantom):
    ran = batch(phantom.series, "--lungs", "--json")
    assert ran.code == 0
    assert ran.findings == []
    assert names_in(ran.folder) == {"lungs.dcm", "sr.dcm", *PAPERS}
    assert len(pydicom.dcmread(ran.folder / "lungs.dcm").SegmentSequence) == 2


def test_nodules_alone_are_written_without_the_lungs_and_all_takes_no_held_one(batch, phantom):
    ran = batch(phantom.series, "--nodules", "--accept", "all", "--json")
    assert ran.code == 0
    assert names_in(ran.folder) == {"nodules.dcm", "sr.dcm", *PAPERS}
    assert {row["state"] for row in ran.findings} == {"accepted", "held"}
    assert "by rule, all" in description_of(ran.folder / "nodules.dcm")
    assert json.loads((ran.folder / "findings.json").read_text("utf-8"))["lungs"] == {}


def test_nothing_is_accepted_unless_asked_and_then_no_nodules_file_is_there(batch, phantom):
    ran = batch(phantom.series)
    assert ran.code == 0
    assert "0 accepted by rule" in ran.out
    assert "No finding was accepted: no nodules file." in ran.out
    (folder,) = [
        Path(line.split(" to ", 1)[1]) for line in ran.out.splitlines() if "written to" in line
    ]
    assert not (folder / "nodules.dcm").exists()
    states = {r["state"] for r in json.loads((folder / "findings.json").read_text())["findings"]}
    assert states == {"proposed", "held"}


def test_a_second_run_leaves_nothing_of_the_first(batch, folder, phantom):
    out = folder / "twice"
    first = batch(phantom.series, "--lungs", "--out", out, "--json")
    (first.folder / "nodules.dcm").write_bytes(b"of an earlier run")
    second = batch(phantom.series, "--lungs", "--out", out, "--json")
    assert second.folder == first.folder
    assert not (second.folder / "nodules.dcm").exists()


def test_a_spoilt_slice_is_named_in_what_is_printed_and_in_the_report(batch, folder, phantom):
    study = copy_of(phantom, folder / "one-spoilt")
    spoil(study / "0040.dcm")
    ran = batch(study, "--lungs", "--json")
    assert ran.code == 0
    assert ran.told[0]["outcome"] == "opens_with_warning"
    (sentence,) = [s for s in ran.told[0]["sentences"] if "0040.dcm" in s]
    assert sentence in (ran.folder / "report.html").read_text("utf-8")


def test_a_study_without_one_slice_to_read_is_refused(batch, folder):
    study = copy_of(small_study("tiny"), folder / "all-spoilt")
    for file in study.iterdir():
        spoil(file)
    ran = batch(study, "--json")
    assert ran.code == 1
    assert ran.told[0]["outcome"] == "refused"
    assert len(ran.err.splitlines()) == 1


def test_a_series_is_chosen_by_its_uid(batch, folder, phantom):
    tiny = small_study("tiny")
    shutil.copytree(phantom.series, folder / "both" / "a")
    shutil.copytree(tiny.series, folder / "both" / "b")
    ran = batch(folder / "both", "--series", tiny.uid, "--lungs", "--json")
    assert ran.code == 0
    told = json.loads((ran.folder / "findings.json").read_text("utf-8"))
    assert told["series_uid"] == tiny.uid


def test_a_series_that_is_not_there_is_named(batch, phantom):
    ran = batch(phantom.series, "--series", "1.2.3", "--json")
    assert ran.code == 1
    assert "There is no series 1.2.3 in this study." in ran.err


def test_two_inputs_of_one_name_get_folders_of_their_own(batch, folder):
    tiny = small_study("tiny")
    here, there = copy_of(tiny, folder / "a" / "scan"), copy_of(tiny, folder / "b" / "scan")
    ran = batch(here, there, "--lungs", "--json")
    assert ran.code == 0
    assert len({row["folder"] for row in ran.told}) == 2


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_read(
    batch, folder, phantom, monkeypatch
):
    monkeypatch.setattr("viewer.batch._volume", lambda series: pytest.fail("it read the scan"))
    (folder / "a-file").write_text("in the way")
    ran = batch(phantom.series, "--out", folder / "a-file" / "out", "--json")
    assert ran.code == 1
    assert "cannot be written to" in ran.err


def test_json_says_of_an_input_what_inspect_says_of_it_whether_or_not_it_is_read(
    batch, folder, phantom, uneven
):
    spoilt = copy_of(phantom, folder / "spoilt-too")
    spoil(spoilt / "0040.dcm")
    studies = [uneven, spoilt, folder / "nowhere", phantom.series]
    point = phantom.nodules[0].centre_lps
    told = batch(*studies, "--lungs", "--json", "--probe", ",".join(map(str, point)))
    for study, row in zip(studies, told.told, strict=True):
        seen = inspect(study, [point])
        assert {name: row[name] for name in seen} == seen
    assert [row["outcome"] for row in told.told] == [
        "opens_with_warning", "opens_with_warning", "refused", "opens"
    ]  # fmt: skip
    assert [row["read"] for row in told.told] == [False, True, False, True]
    assert told.code == 1


@pytest.mark.data
@pytest.mark.parametrize(
    ("case", "read"),
    [
        ("geo-missing-slice", False),
        ("geo-irregular-spacing", False),
        ("geo-gantry-tilt", None),
        ("ts-one-slice-damaged", None),
        ("mf-enhanced-ct-shuffled", None),
        ("obj-pdf", False),
    ],
)
def test_batch_and_inspect_agree_over_strange_inputs(batch, case, read):
    data = data_folder()
    assert data is not None
    listed = json.loads((data / "torture" / "MANIFEST.json").read_text("utf-8"))["list"]
    (one,) = [row for row in listed if row["name"] == case]
    probes = [tuple(probe[:3]) for probe in one.get("facts", {}).get("probes_lps_mm_hu", [])]
    words = [f"--probe={x},{y},{z}" for x, y, z in probes]
    ran = batch(data / "torture" / one["path"], "--lungs", "--json", *words)
    seen = inspect(data / "torture" / one["path"], probes)
    assert {name: ran.told[0][name] for name in seen} == seen
    assert ran.code == (0 if ran.told[0]["read"] else 1)
    assert read is None or ran.told[0]["read"] is read


def test_a_path_with_nothing_there_is_one_sentence(batch, folder):
    ran = batch(folder / "nowhere", "--json")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert ran.told[0]["outcome"] == "refused"


def test_a_fault_of_ours_costs_one_study_and_leaves_its_trace_in_a_file(
    batch, folder, phantom, monkeypatch
):
    def broken(volume, series, order, on_progress):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("viewer.batch._read", broken)
    ran = batch(phantom.series, phantom.series, "--json")
    assert ran.code == 1
    assert len(ran.told) == 2
    assert len(ran.err.splitlines()) == 2
    assert "ZeroDivisionError" in (folder / "home" / "log" / "batch.log").read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ("--accept", "maybe"),
        ("--accept", "1.5"),
        ("--accept", "-0.1"),
        ("--accept", "nan"),
        ("--mode", "concurrent"),
        ("--language", "tlh"),
    ],
)
def test_bad_arguments_end_with_2_and_a_reason(batch, phantom, words):
    ran = batch(phantom.series, *words)
    assert ran.code == 2
    assert ran.err


def test_a_place_to_write_to_and_a_study_must_be_named(folder, capsys):
    from viewer.cli import run

    for line in (["batch", str(folder)], ["batch", "--out", str(folder)]):
        with pytest.raises(SystemExit) as stop:
            run(line)
        assert stop.value.code == 2


def test_the_report_is_in_the_language_that_is_asked_for_and_figures_are_not(batch, phantom):
    told = batch(phantom.series, "--accept", "0.5", "--language", "zh", "--json")
    assert told.code == 0
    text = " ".join((told.folder / "report.txt").read_text("utf-8").split())
    assert "胸部 CT 阅片报告" in text and "按规则接受概率 ≥ 0.5 的发现" in text
    assert 'lang="zh-CN"' in (told.folder / "report.html").read_text("utf-8")
    assert {row["state"] for row in told.findings} <= {"accepted", "held", "proposed"}
    assert (told.folder / "figures.csv").read_text("utf-8").startswith("what,name,id,state")


def test_what_this_machine_learnt_decides_only_where_it_is_asked_for(
    batch, folder, phantom, monkeypatch
):
    monkeypatch.setenv("HILUM_HOME", str(folder / "taught"))
    start = prior()
    learnt = replace(start, version=7, parent=start.id, origin="a test", answers=3)

    def policies(*words):
        ran = batch(phantom.series, "--nodules", "--json", *words)
        assert ran.code == 0
        return passport_of((ran.folder / "passport.json").read_text("utf-8")).policies, ran.err

    assert policies("--policy", "learnt") == (
        (start.id,), "This machine has learnt nothing yet; the prior decides.\n"
    )  # fmt: skip
    assert not (folder / "taught" / "readings.sqlite").exists()
    store = Store(home() / "readings.sqlite")
    store.keep_policy(StoredPolicy(learnt.id, learnt.parent, 1, to_json(learnt)))
    store.close()
    assert policies("--policy", "learnt") == ((learnt.id,), "")
    assert policies() == ((start.id,), "")
    assert policies("--policy", "prior") == ((start.id,), "")


def test_what_is_printed_speaks_the_language_of_the_report(batch, phantom, uneven):
    told = batch(uneven, phantom.series, "--accept", "0.5", "--language", "zh")
    lines = [*told.err.splitlines(), *told.out.splitlines()]
    assert told.code == 1 and len(lines) > 3
    assert [line for line in lines if not HAN.search(line)] == []
    assert "候选" in told.out and "已写入" in told.out


def test_json_keeps_its_sentences_in_english(batch, phantom, uneven):
    told = batch(uneven, phantom.series, "--language", "zh", "--json")
    assert not HAN.search(told.out + told.err)
    assert told.told[0]["why_not"] and told.told[1]["remarks"]


def test_the_help_says_which_words_follow_the_language(batch):
    told = " ".join(batch("--help").out.split())
    assert "of the report and of what is printed" in told
    assert "With --json the sentences stay English" in told

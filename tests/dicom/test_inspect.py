"""`hilum inspect` answers about any path, and tells HU at points in the patient."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import JPEG2000Lossless

from tests.dicom.small import COLUMNS, ORIGIN, ROWS, SPACING, STEP, hu_of, write_ct
from viewer.dicom.inspect import inspect, main

INSIDE = (ORIGIN[0] + 3 * SPACING[1], ORIGIN[1] + 4 * SPACING[0], ORIGIN[2] + 2 * STEP)


def test_facts_of_a_series_are_told(tmp_path: Path) -> None:
    write_ct(tmp_path)
    answer = inspect(tmp_path, [INSIDE, (0.0, 0.0, 0.0)])
    assert answer["outcome"] == "opens" and answer["sentences"] == []
    (row,) = answer["series"]
    assert row == {
        "uid": "1.2.3.1",
        "modality": "CT",
        "slices": 6,
        "rows": ROWS,
        "columns": COLUMNS,
        "spacing_mm": [2.5, 2.0, 3.0],
        "probes": [int(hu_of()[2, 4, 3]), None],
    }


def test_a_probe_past_a_gap_finds_the_slice_that_lies_there(tmp_path: Path) -> None:
    write_ct(tmp_path)[3].unlink()
    x, y, _ = INSIDE
    answer = inspect(tmp_path, [(x, y, ORIGIN[2] + k * STEP) for k in (0, 2, 4, 5)])
    assert answer["series"][0]["probes"] == [int(hu_of()[k, 4, 3]) for k in (0, 2, 4, 5)]


def test_a_spoilt_slice_is_named_and_its_probe_is_null(tmp_path: Path) -> None:
    files = write_ct(tmp_path)
    files[2].write_bytes(files[2].read_bytes()[:-50])
    answer = inspect(tmp_path, [INSIDE])
    assert answer["outcome"] == "opens_with_warning"
    assert "1-002.dcm" in answer["sentences"][0]


@pytest.mark.parametrize(
    "argv", [["--probe=-34,-22,105"], ["--probe", "-34,-22,105"], ["--probe=-34.4,-21.2,105.9"]]
)
def test_negative_numbers_are_taken_with_and_without_a_space(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    write_ct(tmp_path)
    assert main([str(tmp_path), *argv, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["series"][0]["probes"] == [int(hu_of()[2, 4, 2])]


@pytest.mark.parametrize(
    "argv",
    [[], ["--json"], ["x", "--probe", "1,2"], ["x", "--probe=a,b,c"], ["x", "--probe=1,2,nan"],
     ["x", "--nonsense"], ["x", "--probe"]],
)  # fmt: skip
def test_bad_arguments_end_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    assert "hilum inspect" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "code"), [([], 1), (["--json"], 0)])
def test_what_is_refused_ends_with_1_but_for_programs_and_a_warning_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear colleague")
    assert main([str(letter), *words]) == code
    told = capsys.readouterr().out
    assert "refused" in told if words else told.startswith("Cannot be opened.")
    write_ct(tmp_path / "ct")[3].unlink()
    assert main([str(tmp_path / "ct"), *words]) == 0
    assert "missing" in capsys.readouterr().out


def test_damaged_streams_leave_no_trace_of_a_decoder_on_the_terminal(tmp_path: Path) -> None:
    for path in write_ct(tmp_path, hu=hu_of(12)):
        dataset = pydicom.dcmread(path)
        dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
        dataset.save_as(path)
    raw = bytearray(path.read_bytes())
    raw[-700:-100] = bytes(600)
    path.write_bytes(raw)
    command = [sys.executable, "-m", "viewer", "inspect", str(tmp_path)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Opens") and done.stderr == ""


def test_a_refusal_ends_with_1_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "absent")]) == 1
    said = capsys.readouterr().out
    assert said.startswith("Cannot be opened.") and "There is nothing at absent." in said


def test_people_can_read_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_ct(tmp_path)
    assert main([str(tmp_path), "--probe", ",".join(map(str, INSIDE))]) == 0
    said = capsys.readouterr().out
    assert f"CT  6 slices of {ROWS} x {COLUMNS}, 2.5 x 2 x 3 mm" in said
    assert f"{int(hu_of()[2, 4, 3])} HU" in said


def test_inspect_loads_no_window_and_no_network(tmp_path: Path) -> None:
    write_ct(tmp_path)
    code = (
        "import sys; from viewer.dicom.inspect import main; main(sys.argv[1:]);"
        "bad = {'torch', 'PySide6', 'vtkmodules', 'highdicom', 'pydicom'} & set(sys.modules);"
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

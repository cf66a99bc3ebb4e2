"""What is logged of an error tells where it happened, and nothing of what was read or by whom."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ai.errors import BadInput
from ai.trace import PrivateFormatter, crash_without_paths, place_of, scrubbed, trace_of
from viewer.logs import CRASH, LOG, RAW_CRASH, Logs, tidy_crash

ROOT = Path(__file__).resolve().parents[2]
PATIENT = "Wang^XiaoDong"
UID = "1.2.840.113619.2.55.3.604688"


def failed(kind, *more):
    try:
        raise kind(*more)
    except kind as error:
        return error


def logged(error, *, name="viewer.desk.desk", text="%s failed", args=("export",)):
    record = logging.LogRecord(name, 40, "", 0, text, args, (type(error), error, None))
    record.exc_info = (type(error), error, error.__traceback__) if error else None
    return PrivateFormatter("%(levelname)s %(name)s: %(message)s").format(record)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"invalid value {PATIENT} at {UID}"),
        FileNotFoundError(2, "No such file or directory", f"/data/{PATIENT}/{UID}"),
        KeyError(PATIENT),
        BadInput(f"{PATIENT} cannot be read", f"Look at /data/{PATIENT}."),
        type(f"Error_{'x' * 3}", (Exception,), {})(PATIENT, UID),
    ],
)
def test_of_an_error_its_kind_and_place_stay_and_its_message_goes(error):
    with pytest.raises(type(error)) as caught:
        raise error
    told = trace_of(caught.value)
    assert type(error).__name__ in told
    assert "tests/house/test_trace.py:" in told
    assert "raise error" in told, "the line of code is no secret"
    assert PATIENT not in told and UID not in told and str(ROOT) not in told


def test_an_error_of_the_system_keeps_its_own_words():
    told = trace_of(failed(PermissionError, 13, "Permission denied", f"/home/{PATIENT}"))
    assert "PermissionError (errno 13: Permission denied)" in told and PATIENT not in told


def test_what_led_to_an_error_is_told_first():
    try:
        try:
            raise KeyError(PATIENT)
        except KeyError as cause:
            raise BadInput(PATIENT) from cause
    except BadInput as error:
        told = trace_of(error)
    first, second = told.split("\nwhich led to\n")
    assert first.endswith("KeyError") and second.endswith("ai.errors.BadInput")


def test_errors_that_lead_to_each_other_end():
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    assert trace_of(one).count("which led to") == 1


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (f"/home/{PATIENT}/hilum/viewer/desk/desk.py", "viewer/desk/desk.py"),
        (f"/home/{PATIENT}/.venv/lib/python3.12/site-packages/vtk/x.py", "vtk/x.py"),
        (f"C:\\Users\\{PATIENT}\\hilum\\ai\\errors.py", "ai/errors.py"),
        ("/usr/lib/python3.11/json/decoder.py", "json/decoder.py"),
        (f"/data/{PATIENT}/plugin.py", "plugin.py"),
        ("<string>", "<string>"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>"),
    ],
)
def test_code_is_named_from_its_package_on(file, place):
    assert place_of(file) == place


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (f"series {UID} opened", "series (uid) opened"),
        ("cannot read /data/a/b.dcm now", "cannot read (path) now"),
        ("at ~/scans/x", "at (path)"),
        ("at C:\\scans\\x.dcm", "at (path)"),
        ("worker 3 ended with exit code -9", "worker 3 ended with exit code -9"),
        ("12 / 300 slices, 1/2 done, Hilum 0.1.0 starts", None),
        ("viewer/desk/desk.py:120 in record", None),
    ],
)
def test_a_uid_or_a_path_that_slipped_into_a_line_is_taken_out(line, left):
    assert scrubbed(line) == (line if left is None else left)


def test_what_a_library_logs_keeps_only_its_constant_part():
    error = failed(ValueError, PATIENT)
    told = logged(None, name="pydicom", text="Invalid value for %s", args=(PATIENT,))
    assert told.startswith("ERROR pydicom: Invalid value for %s (message left out")
    told = logged(error, name="highdicom.seg", text=f"{PATIENT} is no name", args=())
    assert PATIENT not in told and "ValueError" in told


def test_a_trace_that_another_formatter_made_is_not_taken_over():
    error = failed(ValueError, PATIENT)
    record = logging.LogRecord("viewer", 40, "", 0, "failed", (), None)
    record.exc_info, record.exc_text = (ValueError, error, None), f"ValueError: {PATIENT}"
    assert PATIENT not in PrivateFormatter().format(record)
    assert record.exc_text.endswith(PATIENT), "the other handlers keep theirs"


def test_a_crash_is_told_without_the_paths_that_the_interpreter_writes(tmp_path):
    raw = (
        "Fatal Python error: Segmentation fault\n\n"
        "Current thread 0x0001 (most recent call first):\n"
        f'  File "/home/{PATIENT}/hilum/viewer/desk/desk.py", line 12 in record\n'
        f'  File "/home/{PATIENT}/.venv/lib/python3.11/site-packages/vtk/x.py", line 9 in y\n'
    )
    assert PATIENT not in crash_without_paths(raw)
    (tmp_path / RAW_CRASH).write_text(raw)
    (tmp_path / CRASH).write_text("an earlier one\n")
    tidy_crash(tmp_path)
    told = (tmp_path / CRASH).read_text()
    assert told.startswith("an earlier one\nFatal Python error: Segmentation fault")
    assert 'File "viewer/desk/desk.py", line 12 in record' in told and PATIENT not in told
    assert (tmp_path / RAW_CRASH).read_text() == ""
    tidy_crash(tmp_path)
    assert (tmp_path / CRASH).read_text() == told


def test_a_real_crash_leaves_a_trace_without_paths_once_hilum_starts_again(hilum_home):
    code = (
        "import os, faulthandler; from viewer.logs import Logs; logs = Logs();"
        "faulthandler._sigsegv()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGSEGV
    Logs().close()
    told = (hilum_home / "log" / CRASH).read_text()
    assert "Segmentation fault" in told and str(ROOT) not in told
    assert (hilum_home / "log" / RAW_CRASH).read_text() == ""


def test_what_nobody_caught_is_logged_and_told_once(hilum_home, capsys):
    told = []
    logs = Logs()
    logs.watch(lambda: told.append("told"))
    error = failed(ValueError, PATIENT)
    sys.excepthook(ValueError, error, error.__traceback__)
    logs.close()
    text = (hilum_home / "log" / LOG).read_text()
    assert "nobody caught this" in text and "ValueError" in text and PATIENT not in text
    assert told == ["told"]
    assert PATIENT in capsys.readouterr().err, "in the terminal a developer sees all of it"


def test_the_logs_are_their_owners_alone(hilum_home):
    logs = Logs()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (hilum_home / "log").iterdir()}
    logs.close()
    assert modes == {LOG: 0o600, RAW_CRASH: 0o600}
    assert (hilum_home / "log").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_written_costs_the_log_and_no_more(hilum_home):
    (hilum_home / "log").write_text("a file where the folder should be")
    Logs().close()

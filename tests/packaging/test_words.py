"""Every way set-up can fail gives one sentence a person can act on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import setup_tests
import setup_words
from setup_tests import Step
from setup_words import run, why_it_failed


@pytest.mark.parametrize(
    ("output", "begins"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full (x)"),
        ("error: failed to write: Disk quota exceeded (os error 122)", "The disk is full (x)"),
        (
            "error: Failed to fetch: `a`\n Caused by: dns error: failed to lookup",
            "The network did not answer (x)",
        ),
        (
            "NewConnectionError: Temporary failure in name resolution\n"
            "ERROR: No matching distribution found for uv",
            "The network did not answer (x)",
        ),
        (
            "ERROR: No matching distribution found for vtk>=9.6",
            "The package index does not offer what is needed (x): ERROR: No matching",
        ),
        ("gcc\nerror: command failed\n\nsee the manual", "This step failed: x: error: command"),
        ("", "This step failed: x: nothing was printed"),
    ],
)
def test_a_failure_becomes_one_sentence(output: str, begins: str) -> None:
    sentence = why_it_failed("x", output)
    assert sentence.startswith(begins)
    assert "\n" not in sentence


def test_a_command_gives_its_code_and_both_its_streams_and_is_logged(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert run([sys.executable, "-c", code], log=log)[0] == 3
    assert {"out", "err", "exit 3"} <= set(log.read_text().splitlines())


def test_only_telling_lines_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code = "print('Looking in links'); print('Downloading vtk (133 MB)'); print('  Resolved 26')"
    _, output = run([sys.executable, "-c", code])
    assert capsys.readouterr().out == "  Downloading vtk (133 MB)\n  Resolved 26\n"
    assert "Looking in links" in output


def test_a_long_silence_is_broken_by_a_sign_of_life(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_words, "HEARTBEAT_S", 0.05)
    run([sys.executable, "-c", "import time; time.sleep(0.3)"])
    assert "still working" in capsys.readouterr().out


def test_a_command_that_is_not_there_fails_like_any_other(tmp_path: Path) -> None:
    code, output = run([tmp_path / "nowhere"])
    assert code == 127 and output


def test_the_counts_of_the_tests_are_told_not_what_a_child_printed_after_them() -> None:
    output = "..F\n1 failed, 345 passed in 79.63s (0:01:19)\nworker 1 ended\n"
    assert setup_tests.telling_line(output) == "1 failed, 345 passed in 79.63s (0:01:19)"
    assert setup_tests.telling_line("All checks passed!\n\n") == "All checks passed!"
    assert setup_tests.telling_line("") == ""


def test_the_summary_fails_when_one_step_did(capsys: pytest.CaptureFixture[str]) -> None:
    well = Step("style", 0, "All checks passed!", 1.0)
    badly = Step("tests", 1, "1 failed, 200 passed in 9 s", 9.0)
    assert setup_tests.report([well]) == 0
    assert setup_tests.report([well, badly]) == 1
    out = capsys.readouterr().out
    assert "FAILED tests" in out and "1 failed, 200 passed" in out


def test_tests_run_side_by_side_on_several_cores_and_alone_on_one() -> None:
    assert setup_tests.side_by_side(1) == []
    assert setup_tests.side_by_side(2) == ["-n", "2", "--dist", "loadfile"]
    assert setup_tests.side_by_side(64)[1] == str(setup_tests.MOST_SIDE_BY_SIDE)

"""A study whose objects a judge finds errors in is not passed over: the JSON of batch says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flows.phantom import Study
from viewer.commands import batch as command
from viewer.dicom.reread import judge


@pytest.mark.parametrize("errors", [0, 1])
def test_errors_by_dciodvfy_are_told_and_are_no_refusal(
    phantom: Study,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    errors: int,
) -> None:
    program = tmp_path / "judge"
    program.write_text("#!/bin/sh\n" + "echo 'Error - a' >&2\n" * errors)
    program.chmod(0o700)
    monkeypatch.setattr(judge, "PROGRAM", str(program))
    said = ["--lungs", "--json", "--out", str(tmp_path / "out"), str(phantom.series)]
    assert command.main(said) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["read"], told["proven"]) == (True, not errors)

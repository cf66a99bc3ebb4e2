"""A study whose objects a judge finds errors in is not passed over: batch exits 1 and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flows.phantom import Study
from viewer.commands import batch as command
from viewer.dicom.reread import judge


@pytest.mark.parametrize(("errors", "code"), [(0, 0), (1, 1)])
def test_errors_by_dciodvfy_make_batch_exit_with_one(
    phantom: Study,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    errors: int,
    code: int,
) -> None:
    program = tmp_path / "judge"
    program.write_text("#!/bin/sh\n" + "echo 'Error - a' >&2\n" * errors)
    program.chmod(0o700)
    monkeypatch.setattr(judge, "PROGRAM", str(program))
    said = ["--lungs", "--json", "--out", str(tmp_path / "out"), str(phantom.series)]
    assert command.main(said) == code
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["read"], told["proven"]) == (True, not errors)

"""A program that a mask names and that names the patient is told without its name."""

from __future__ import annotations

import pytest

from ai.scan.labelmap import MadeBy
from viewer.dicom.masks.drawn_by import FOREIGN, made_for_nobody


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("Finder for Lindqvist", FOREIGN),
        ("Finder 778899", FOREIGN),
        ("Finder 1.2.840.113619.2.55.3", FOREIGN),
        ("王小东的程序", FOREIGN),
        ("Li finder", FOREIGN),
        ("Lion finder", "Lion finder"),
        ("lungs-classical", "lungs-classical"),
    ],
)
def test_a_program_that_names_the_patient_is_told_without_its_name(program: str, told: str) -> None:
    people = ("Lindqvist^Annemarie=王小东", "PID 778899", "Li^Lung")
    made = made_for_nobody(MadeBy(program, "1 for Annemarie", remark="of 778899"), people)
    assert made.card == told
    if told != "lungs-classical":
        assert (made.version, made.remark) == ("", "")

"""The passport is a value: it survives its file, and a card can be drawn from it alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from viewer.reading.out.passport import (
    STATES,
    Judgement,
    Overlap,
    Passport,
    PassportObject,
    passport_json,
    passport_of,
    what_went_out,
)

LUNGS = PassportObject(
    role="lungs",
    kind="DICOM-SEG",
    file="lungs.dcm",
    sha256="ab" * 32,
    size_bytes=8_700_000,
    segments=2,
    frames=266,
    voxels_reread=34_865_152,
    overlaps=(Overlap("Right lung", 1.0, 10), Overlap("Left lung", 1.0, 20)),
    positions=(133, 133),
    same_study=True,
    same_frame_of_reference=True,
    dciodvfy=Judgement(True, 0, 0),
)
PASSPORT = Passport(
    "r", "2026-01-02T03:04:05+00:00", "reader 1", (LUNGS,), what_went_out(["accepted", "held"])
)


def told(one: PassportObject) -> dict[str, tuple[str, bool | None]]:
    return {check.name: (check.told, check.good) for check in one.checks}


def test_a_card_lists_what_the_design_shows() -> None:
    assert told(LUNGS) == {
        "Voxels re-read": ("34,865,152 equal", True),
        "Overlap": ("Dice R 1.0000, L 1.0000", True),
        "Place in space": ("133 of 133 positions", True),
        "Study": ("the same", True),
        "Frame of reference": ("the same", True),
        "dciodvfy": ("0 errors, 0 warnings", True),
    }
    nodules = replace(LUNGS, role="nodules", overlaps=tuple(Overlap("n", 1.0, 1) for _ in "abcd"))
    assert told(nodules)["Overlap"] == ("Dice 1.0000, lowest of 4", True)


@pytest.mark.parametrize(
    "worse",
    [
        {"overlaps": (Overlap("Right lung", 0.999, 10),)},
        {"positions": (132, 133)},
        {"same_study": False},
        {"same_frame_of_reference": False},
        {"figures": (4, 5)},
        {"bytes_equal": False},
        {"dciodvfy": Judgement(True, 1, 0)},
    ],
)
def test_anything_that_differs_is_not_proven(worse: dict[str, object]) -> None:
    one = replace(LUNGS, **worse)  # type: ignore[arg-type]
    assert not one.proven
    assert not replace(PASSPORT, objects=(LUNGS, one)).proven


def test_a_judge_that_gave_no_verdict_speaks_neither_for_nor_against() -> None:
    absent = replace(LUNGS, dciodvfy=Judgement())
    silent = replace(LUNGS, dciodvfy=Judgement(why="no answer"))
    assert told(absent)["dciodvfy"] == ("not on this machine", None)
    assert told(silent)["dciodvfy"] == ("no answer", None)
    assert absent.proven and silent.proven


@pytest.mark.parametrize(
    "judged", [Judgement(), Judgement(True, 2, 3), Judgement(why="no answer"), None]
)
def test_what_the_file_holds_is_the_value(judged: Judgement | None) -> None:
    passport = replace(PASSPORT, objects=(replace(LUNGS, dciodvfy=judged),))
    assert passport_of(passport_json(passport)) == passport


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"reading": 1}', "null", "3"])
def test_what_is_no_passport_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        passport_of(text)


def test_every_state_is_told_with_its_count_zeros_too() -> None:
    rows = what_went_out(["accepted", "accepted", "rejected", "held"])
    assert tuple(row.state for row in rows) == STATES
    assert sum(row.count for row in rows) == 4
    assert {row.state for row in rows if row.in_file} == {
        *("accepted", "edited", "added", "taken over")
    }
    assert replace(PASSPORT, went_out=rows).judged == (3, 3), "of what was shown"
    rows = what_went_out(["accepted", "undecided", "proposed", "added", "taken over", "held"])
    assert replace(PASSPORT, went_out=rows).judged == (2, 3)


def test_a_passport_tells_whether_it_is_what_was_signed_and_how_often_it_was_amended() -> None:
    signed = replace(PASSPORT, signed="signed", signed_at="2026-01-02T03:04:05+00:00", amended=2)
    assert passport_of(passport_json(signed)) == signed
    before = json.loads(passport_json(signed))
    for key in ("signed", "signed_at", "amended"):
        del before[key]  # as an earlier Hilum wrote it
    for row in before["objects"]:
        del row["verified"]
    assert passport_of(json.dumps(before)).signed == "never"

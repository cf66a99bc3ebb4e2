"""Type and zone are the reader's to set once they have drawn, edited or accepted a finding."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.window.conftest import Sitting

Key = Qt.Key


def choose(choice: object, text: str) -> None:
    (action,) = [a for a in choice.choices.actions() if a.text() == text]  # type: ignore[attr-defined]
    action.trigger()


def test_it_stands_there_while_a_finding_is_edited_and_after(read: Sitting) -> None:
    bar = read.window.findings.describing
    assert not bar.isVisible(), "nobody has said yet that it is a finding"
    read.key(Key.Key_E)
    assert bar.isVisible()
    assert (bar.type.text(), bar.zone.text()) == ("Solid", "Left, middle zone")
    choose(bar.type, "Part-solid")
    choose(bar.zone, "Left, lower zone")
    finding = read.desk.current_finding
    assert finding is not None
    assert (finding.measurement.type, finding.zone) == ("part-solid", "LLZ")
    assert read.desk.name_of(finding.id) == "LLZ 1"
    assert (bar.type.text(), bar.zone.text()) == ("Part-solid", "Left, lower zone")
    assert "LLZ 1: Left, lower zone" in read.said
    read.key(Key.Key_Escape)
    assert not bar.isVisible()


def test_undo_takes_the_readers_word_back_and_says_so(read: Sitting) -> None:
    read.key(Key.Key_E)
    choose(read.window.findings.describing.type, "Calcified")
    read.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    finding = read.desk.current_finding
    assert finding is not None and finding.measurement.type == "solid"
    assert read.said == "Undone: LMZ 1: calcified"


def test_the_same_again_is_no_step(read: Sitting) -> None:
    read.key(Key.Key_E)
    assert read.desk.reading is not None
    before = len(read.desk.reading.history)
    choose(read.window.findings.describing.type, "Solid")
    assert len(read.desk.reading.history) == before


def test_an_accepted_finding_can_be_told_otherwise_too(read: Sitting) -> None:
    current = read.desk.current
    assert current is not None
    read.key(Key.Key_A)
    read.desk.select(current)
    bar = read.window.findings.describing
    assert bar.isVisible()
    choose(bar.type, "Ground glass")
    finding = read.desk.current_finding
    assert finding is not None and finding.measurement.type == "ground glass"
    assert read.state(current) == "accepted"

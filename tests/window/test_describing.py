"""Type and zone are the reader's to set once they have drawn, edited or accepted a finding."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt

from tests.window.conftest import Sitting
from viewer import theme

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
    assert read.desk.editing.target is not None, "a word about it does not end the edit"
    assert (bar.type.text(), bar.zone.text()) == ("Part-solid", "Left, lower zone")
    assert "LLZ 1: Left, lower zone" in read.said
    read.key(Key.Key_Escape)
    assert not bar.isVisible()


def test_the_choices_lie_in_the_card_and_go_where_it_goes(read: Sitting) -> None:
    read.key(Key.Key_E)
    findings = read.window.findings
    bar, view, model = findings.describing, findings.list, findings.model

    def card() -> QRect:
        (n,) = [n for n, entry in enumerate(model.entries) if entry.edit is not None]
        return view.visualRect(model.index(n))

    assert bar.parentWidget() is view.viewport()
    assert card().contains(bar.geometry())
    head = theme.size("space.m") + theme.size("thumbCurrent")
    assert bar.x() > head, "beside the picture, as long as both have the room"
    assert bar.geometry().bottom() < card().top() + head + theme.size("card.choices")
    choose(bar.type, "Ground glass")
    choose(bar.zone, "Right, middle zone")
    assert card().contains(bar.geometry())
    before = bar.y() - card().y()
    findings.resize(findings.width(), 300)
    view.setFixedHeight(120)
    view.doItemsLayout()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    assert view.verticalScrollBar().value() > 0
    assert bar.y() - card().y() == before


def test_the_card_of_an_accepted_finding_makes_room_for_them(read: Sitting) -> None:
    current = read.desk.current
    assert current is not None
    read.key(Key.Key_A)
    read.desk.select(current)
    findings = read.window.findings
    (n,) = [n for n, entry in enumerate(findings.model.entries) if entry.current]
    entry, card = findings.model.entries[n], findings.list.visualRect(findings.model.index(n))
    assert findings.describing.isVisible() and card.contains(findings.describing.geometry())
    bar = findings.describing.geometry().translated(-card.topLeft())
    assert not [p for p in findings.rows.parts_of(entry, card.width()) if p.intersects(QRectF(bar))]


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

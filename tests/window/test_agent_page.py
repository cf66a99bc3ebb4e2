"""The agent's page: how it did by reading, its versions, going back and freezing, in any width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from ai.agent.policy import from_json, prior, to_json
from tests.window.conftest import Sitting
from viewer.reading.judged import Judged
from viewer.reading.store import StoredPolicy

Key = Qt.Key


@pytest.fixture
def page(read: Sitting) -> Iterator[Sitting]:
    """The page in sight, beside a reading of six candidates of which two are held."""
    read.window.side.open(2)
    settle()
    yield read


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def teach(sitting: Sitting, *versions: int) -> list[str]:
    """Versions as learning leaves them, each child of the one before."""
    store, parent, ids = sitting.desk.agent._store, prior(), [prior().id]
    for n in versions:
        mean = tuple(value + 0.1 * n for value in prior().mean)
        made = replace(
            parent, version=n, parent=ids[-1], mean=mean, answers=12 * n, accepted=5 * n, readings=n
        )
        store.keep_policy(StoredPolicy(made.id, made.parent, store.last_seq(), to_json(made)))
        assert from_json(to_json(made)) == made
        ids.append(made.id)
    sitting.window.agent.refresh()
    settle()
    return ids


def judge_all(sitting: Sitting) -> None:
    for n in range(4):
        sitting.key(Key.Key_X if n else Key.Key_A)
    settle()


def test_before_a_reading_is_judged_the_plots_say_so_in_words(page: Sitting) -> None:
    agent = page.window.agent
    assert not agent.false.plot.isVisible() and agent.false.none.isVisible()
    assert "first reading judged" in agent.accepted.none.text()
    assert agent.proof.number.text() == "0 of 150"


def test_a_reading_judged_to_the_last_mark_comes_into_the_plots(page: Sitting) -> None:
    page.window.side.open(0)
    judge_all(page)
    page.window.side.open(2)
    settle()
    agent = page.window.agent
    assert agent.false.plot.isVisible()
    assert agent.false.number.text() == "3.0"
    assert agent.accepted.number.text() == "25 %"
    curves = agent.false.plot.curves
    assert curves is not None and curves.main.values == (3.0,)
    page.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # one answer is open again
    settle()
    assert not agent.false.plot.isVisible()


def test_under_150_judged_nodules_the_page_says_order_only(page: Sitting) -> None:
    agent = page.window.agent
    assert agent.stage.isVisible()
    assert agent.stage.text() == "Order only: 0 of 150 judged nodules"
    teach(page, 2)
    assert agent.stage.text() == "Order only: 10 of 150 judged nodules"
    assert agent.proof.number.text() == "10 of 150"
    teach(page, 30)
    assert not agent.stage.isVisible() and agent.proof.number.text() == "150 of 150"


def test_roll_back_has_the_version_before_serve_and_the_same_button_undoes_it(
    page: Sitting,
) -> None:
    agent, desk = page.window.agent, page.desk
    assert not agent.back.isEnabled() and "Nothing was learnt" in agent.back.toolTip()
    _, second, third = teach(page, 2, 3)
    assert agent.back.text() == "Roll back to v2"
    page.click(agent.back)
    assert desk.agent.next_policy.id == second
    assert agent.state.label.text() == "Rolled back · v2"
    assert "v2 serves from the next study on" in page.said
    assert [row.outcome for row in agent.history.rows] == ["Rolled back", "Serves", "Retired"]
    assert agent.back.text() == "Undo roll back"
    page.click(agent.back)
    assert desk.agent.next_policy.id == third
    assert [row.outcome for row in agent.history.rows] == ["Serves", "Retired", "Retired"]
    assert "v3 serves" in page.said


def test_frozen_says_so_and_learns_again_on_the_same_button(page: Sitting) -> None:
    agent = page.window.agent
    page.click(agent.freezing)
    assert agent.state.label.text() == "Frozen · v1"
    assert page.desk.agent.standing.frozen
    page.click(agent.freezing)
    assert not page.desk.agent.standing.frozen
    assert agent.freezing.text() == "Freeze"


def test_the_history_tells_each_version_with_its_numbers_newest_first(page: Sitting) -> None:
    teach(page, 2, 3)
    rows = page.window.agent.history.rows
    assert len(rows) == 3
    assert "36 answers, 15 of them accepted" in rows[0].why
    assert "another detector" in rows[-1].why


def test_a_reading_left_without_an_answer_makes_no_second_row_of_one_version(page: Sitting) -> None:
    agent = page.desk.agent
    agent._learning["job"] = agent._store.last_seq()
    agent.learnt("job", to_json(replace(prior(), readings=1)))
    page.window.agent.refresh()
    settle()
    (only,) = page.window.agent.history.rows
    assert "another detector" in only.why


@pytest.mark.parametrize("size", [(1024, 640), (1440, 900)])
@pytest.mark.parametrize("wide", [False, True])
def test_no_word_of_the_page_is_cut(page: Sitting, size: tuple[int, int], wide: bool) -> None:
    page.window.resize(*size)
    if wide:
        page.key(Key.Key_F4)
    page.desk.agent.track.look = lambda: (  # type: ignore[method-assign]
        tuple(Judged("v1-a" if n < 20 else "v2-b", 5, 2, 3, 6, 2) for n in range(40)),
        True,
    )
    teach(page, 2, 3)
    settle()
    agent = page.window.agent
    cut = [
        label.text()
        for label in agent.findChildren(QLabel)
        if label.isVisible() and not label.wordWrap() and label.width() < label.sizeHint().width()
    ]
    assert not cut
    assert all(
        button.width() >= button.sizeHint().width() for button in (agent.back, agent.freezing)
    )
    inner = agent.false.parentWidget()
    assert inner is not None and inner.width() <= agent.width()

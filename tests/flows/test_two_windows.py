"""Two windows of one reader on one study: one reading, and each is told of the other."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest

from tests.flows.kill import begin_reading, quick_study
from viewer.app import compose
from viewer.home import home
from viewer.reading.events import Answer
from viewer.reading.store import Store


@pytest.fixture
def windows(hilum_home, qapp, tmp_path):
    study = quick_study(tmp_path / "study")
    begin_reading(study)
    pair = compose(mode="concurrent"), compose()
    for program in pair:
        program.desk.open(study)
    for _ in range(3000):
        if all(p.desk.scan is not None and p.desk.scan.complete for p in pair):
            break
        QTest.qWait(20)
    yield pair
    for program in pair:
        program.window.close()
        program.close()


def test_what_one_window_answers_the_other_takes_in_with_its_next_step(windows):
    one, two = (program.desk for program in windows)
    told = []
    two.noticed.connect(lambda notice: told.append(notice.sentence))
    assert one.reading.id == two.reading.id == "script"
    first, second = one.order[0], one.order[1]
    one.select(first)
    one.answer(Answer.ACCEPT)
    two.select(second)
    two.answer(Answer.REJECT)
    assert two.reading.state(first) == "accepted" and two.reading.state(second) == "rejected"
    assert sum("Another window has this reading open too" in sentence for sentence in told) == 1
    two.undo()
    assert two.reading.state(first) == "accepted" and two.reading.state(second) == "proposed"
    assert sum("Another window" in sentence for sentence in told) == 1, "told once, not again"
    store = Store(home() / "readings.sqlite", read_only=True)
    assert store.broken_at() is None
    assert store.reading("script").states == two.reading.states
    store.close()

"""A window on a desk whose children are fakes: keys and clicks, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ai.agent.reward import reward_table
from ai.worker.messages import FoundNodule
from tests.fakes import CANDIDATES, Children, FakeJobs
from tests.window.programs import english, program  # noqa: F401
from viewer import theme
from viewer.desk.desk import Desk
from viewer.dicom.series import Series
from viewer.ending import end
from viewer.home import home
from viewer.notices import Notice
from viewer.panels.entries import EntryList
from viewer.reading.library import Library
from viewer.reading.store import Store
from viewer.window.window import HilumWindow

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@dataclass
class Sitting:
    """A reader before the window."""

    window: HilumWindow
    desk: Desk
    jobs: FakeJobs
    children: Children
    notices: list[Notice] = field(default_factory=list)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """A key, to whatever has the focus, as a keyboard gives it."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def open(self, *series: Series) -> None:
        """A study is opened and read to the last slice."""
        self.desk.open(Path("study"))
        self.children.find(*series)
        self.children.load()

    def lungs(self) -> None:
        self.key(Qt.Key.Key_F5)
        self.children.lungs()

    def nodules(self, *found: FoundNodule) -> None:
        """Lungs first, then these candidates."""
        self.lungs()
        self.key(Qt.Key.Key_F6)
        self.children.nodules(*found)

    def read(self) -> None:
        """All the way to the candidates."""
        self.open()
        self.nodules(*CANDIDATES)

    def state(self, finding: str) -> str:
        assert self.desk.reading is not None
        return self.desk.reading.states[finding]

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        QTest.mouseClick(
            widget, Qt.MouseButton.LeftButton, NONE, at if at is not None else QPoint()
        )

    def click_entry(self, view: EntryList, n: int, at: QPointF | None = None) -> None:
        """A click on the n-th row of a list, at a place from its upper left corner."""
        view.doItemsLayout()
        view.scrollTo(view.model().index(n, 0))
        rect = view.visualRect(view.model().index(n, 0))
        place = rect.center() if at is None else rect.topLeft() + at.toPoint()
        self.click(view.viewport(), place)

    @property
    def said(self) -> str:
        return self.notices[-1].sentence if self.notices else ""


@pytest.fixture(scope="session")
def themed(qapp: QApplication) -> QApplication:
    theme.apply_theme(qapp)
    return qapp


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent shows the safety set and holds all else, so that few candidates are enough."""
    table = replace(reward_table(), budget=0, audit_chance=0.0)
    monkeypatch.setattr("ai.agent.policy.reward_table", lambda: table)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for a scan of any size is made at once: a test answers for children, not for threads."""
    monkeypatch.setattr("viewer.desk.room.SMALL_BYTES", 1 << 40)


@pytest.fixture
def folders_lie_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's studies lie in folders of the mind; what has "gone" in its path lies nowhere."""
    monkeypatch.setattr("viewer.desk.shelf.lies_there", lambda path: "gone" not in path.parts)
    monkeypatch.setattr("viewer.desk.gone.lies_there", lambda path: "gone" not in path.parts)


@pytest.fixture
def lung_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test but those of it is asked first about lung that was not shown."""
    monkeypatch.setattr("viewer.window.leaving.GOAL", 0.0)


@pytest.fixture
def sitting(
    qtbot: QtBot,
    themed: QApplication,
    hilum_home: Path,
    strict: None,
    at_once: None,
    folders_lie_there: None,
    lung_not_asked_about: None,
) -> Iterator[Sitting]:
    """The window as it starts, without a study."""
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    desk = Desk(store, library, jobs)
    desk.own_pass.start_in("concurrent")
    window = HilumWindow(desk)
    made = Sitting(window, desk, jobs, Children(jobs))
    desk.noticed.connect(made.notices.append)
    with qtbot.waitActive(window):
        window.show()
    yield made
    window.close()
    end(window, desk, jobs)
    store.close()
    library.close()


@pytest.fixture
def read(sitting: Sitting) -> Sitting:
    """The same with a study, lungs and candidates."""
    sitting.read()
    return sitting

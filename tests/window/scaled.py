"""The window in a process of its own, at the scale of QT_SCALE_FACTOR: which words are cut?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from viewer.window.window import HilumWindow

SIZES = ((1024, 640), (1269, 720), (1440, 900))


def stations(window: HilumWindow) -> Iterator[str]:
    """Each tab, page and state of the window in turn, by name; settled when it is named."""
    app = QApplication.instance()
    assert app is not None

    def at(name: str) -> str:
        for _ in range(3):
            app.processEvents()
        return name

    for n, tab in enumerate(window.side.tabs):
        window.side.open(n)
        yield at(f"tab {tab.text()}")
    window.side.open(0)
    for page in window.pages.all:
        window.pages.show(page)
        yield at(f"page {type(page).__name__}")
        window.pages.show(page)
    window.hands.label()
    yield at("label")
    window.findings.labelling.close_bar()
    window.hands.find_finding()
    yield at("find")
    window.findings.end_search()
    window.status.ask_reader()
    yield at("reader")
    window.focus_panes()
    window.find_study()
    yield at("studies")
    window.studies.end_search()
    window.toggle_browser()
    window.toggle_keys()
    for name in ("hilum", "ohif", "weasis", "horos"):
        window.keysheet.choose(name)
        yield at(f"keys {name}")
    window.keysheet.choose("hilum")
    window.toggle_keys()
    yield at("panes")


def cut(window: QWidget) -> list[str]:
    """Labels and buttons in sight that are narrower than their words."""
    found = []
    for label in window.findChildren(QLabel):
        short = label.width() < label.sizeHint().width() and not label.wordWrap()
        low = label.wordWrap() and label.height() < label.heightForWidth(label.width())
        if label.isVisible() and label.text() and (short or low):
            found.append(f"{type(label.parent()).__name__}: {label.text()}")
    for button in window.findChildren(QPushButton):
        if button.isVisible() and button.width() < button.sizeHint().width():
            found.append(f"{type(button.parent()).__name__}: {button.text()}")
    return found


def main() -> None:
    from tests.fakes import CANDIDATES, Children, FakeJobs, chest
    from viewer import theme
    from viewer.desk.desk import Desk
    from viewer.home import home
    from viewer.reading.events import Answer
    from viewer.reading.library import Library
    from viewer.reading.store import Store

    app = QApplication([])
    theme.apply_theme(app)
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    desk = Desk(store, library, jobs)
    desk.own_pass.start_in("concurrent")
    library.remember(chest(), Path("study"))
    window = HilumWindow(desk)
    window.show()
    words, count = [], 0
    for size in SIZES:
        window.resize(*size)
        for _ in range(3):
            app.processEvents()
        words += [f"{size[0]} start: {one}" for one in cut(window)]
    children = Children(jobs)
    desk.open(Path("study"))
    children.find()
    children.load()
    desk.segment_lungs()
    children.lungs(warnings=("The right lung is cut off at the foot of the scan.",))
    desk.find_nodules()
    children.nodules(*CANDIDATES)
    told: dict[str, object] = {"ratio": window.devicePixelRatioF(), "stations": 0}
    for size in SIZES if window.devicePixelRatioF() == 1 else SIZES[:1]:
        window.resize(*size)
        desk.add_at((0.0, 0.0, 0.0))
        for name in stations(window):
            count += 1
            words += [f"{size[0]} {name}: {one}" for one in cut(window)]
        desk.select("a")
        desk.answer(Answer.REJECT)
        app.processEvents()
        words += [f"{size[0]} rejected: {one}" for one in cut(window)]
        desk.undo()
    window.close()
    print(json.dumps({**told, "stations": count, "cut": words}))


if __name__ == "__main__":
    main()

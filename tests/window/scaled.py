"""The window in a process of its own, at the scale of QT_SCALE_FACTOR: which words are cut?

Also by hand, with a picture of each station to look at:
QT_SCALE_FACTOR=2 QT_QPA_PLATFORM=offscreen python -m tests.window.scaled --pictures DIR
[--language zh] [--level darker] [--size 1024x700]
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from viewer.window.window import HilumWindow

SIZES = ((1024, 640), (1269, 720), (1440, 900))
Size = tuple[int, int]


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
        yield at(f"tab {n} {tab.text()}")
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
    window.studies.fold(False)
    yield at("panes beside the studies")
    window.measure()
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


def over_the_edge(window: QWidget) -> list[str]:
    """Words and buttons that reach over the left or right edge of something that holds them."""
    found = []
    for kind in (QLabel, QPushButton):
        for part in window.findChildren(kind):
            if not part.isVisible() or not part.text():
                continue
            holder = part.parentWidget()
            while holder is not None and holder.isVisible():
                left = part.mapTo(holder, QPoint()).x()
                if left < 0 or left + part.width() > holder.width():
                    found.append(f"{type(holder).__name__}: {part.text()} over its edge")
                    break
                holder = None if holder.isWindow() else holder.parentWidget()
    return found


def over_each_other(window: QWidget) -> list[str]:
    """Words and buttons of one parent that lie over each other."""
    shown = [
        part
        for kind in (QLabel, QPushButton)
        for part in window.findChildren(kind)
        if part.isVisible() and (part.text() or isinstance(part, QPushButton))
    ]
    found = []
    for n, one in enumerate(shown):
        for other in shown[n + 1 :]:
            if one.parent() is other.parent() and one.geometry().intersects(other.geometry()):
                found.append(f"{type(one.parent()).__name__}: {one.text()} over {other.text()}")
    return found


class Walk:
    """Looks at the window at each station, and keeps a picture where they are asked for."""

    def __init__(self, window: HilumWindow, pictures: Path | None) -> None:
        self._window, self._pictures = window, pictures
        self.stations = 0
        self.cut: list[str] = []

    def look(self, size: Size, name: str) -> None:
        self.stations += 1
        wrong = [*cut(self._window), *over_the_edge(self._window), *over_each_other(self._window)]
        self.cut += [f"{size[0]} {name}: {one}" for one in wrong]
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            file = f"{size[0]}x{size[1]}-{re.sub('[^0-9A-Za-z]+', '-', name)}.png"
            self._window.grab().save(str(self._pictures / file))


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.window.scaled")
    parser.add_argument("--language", default="en")
    parser.add_argument("--level", default="dim")
    parser.add_argument("--size", action="append", default=[], help="as 1024x700; more than once")
    parser.add_argument("--pictures", type=Path, default=None)
    return parser.parse_args()


def main() -> None:
    from tests.fakes import CANDIDATES, Children, FakeJobs, chest
    from viewer import theme
    from viewer.desk.desk import Desk
    from viewer.home import home
    from viewer.language.spoken import speak
    from viewer.reading.events import Answer
    from viewer.reading.library import Library
    from viewer.reading.store import Store

    wants = asked()
    sizes: list[Size] = [(int(w), int(h)) for w, h in (one.split("x") for one in wants.size)]
    app = QApplication([])
    theme.apply_theme(app, wants.level)
    speak(wants.language)
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    desk = Desk(store, library, jobs)
    desk.own_pass.start_in("concurrent")
    library.remember(chest(), Path("study"))
    window = HilumWindow(desk)
    window.show()
    walk = Walk(window, wants.pictures)
    ratio = window.devicePixelRatioF()
    for size in sizes or SIZES:
        window.resize(*size)
        for _ in range(3):
            app.processEvents()
        walk.look(size, "start")
    children = Children(jobs)
    desk.open(Path("study"))
    children.find()
    children.load()
    desk.segment_lungs()
    children.lungs(warnings=("The right lung is cut off at the foot of the scan.",))
    desk.find_nodules()
    children.nodules(*CANDIDATES)
    for size in sizes or (SIZES if ratio == 1 else SIZES[:1]):
        window.resize(*size)
        desk.add_at((0.0, 0.0, 0.0))
        for name in stations(window):
            walk.look(size, name)
        desk.select("a")
        desk.answer(Answer.REJECT)
        app.processEvents()
        walk.look(size, "rejected")
        desk.undo()
    window.close()
    print(json.dumps({"ratio": ratio, "stations": walk.stations, "cut": walk.cut}))


if __name__ == "__main__":
    main()

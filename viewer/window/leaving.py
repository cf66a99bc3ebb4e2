"""Before a reading is signed or goes out: lung that no pane has shown is offered, in place.

Asked for once more it is done; Esc gives it up. Only where the AI is read along with, and nobody
touches anything, does an export asked for once begin by itself after a while: who scripts a window
is not there to answer. What was answered in a reading is not asked there again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer

from viewer.coverage.rules import GOAL
from viewer.keymaps import cap
from viewer.language.counted import counted
from viewer.notices import BANNER, WARN, Notice
from viewer.panels.coverage import unseen_percent
from viewer.reading.events import CONCURRENT, OPEN_STATES
from viewer.window.chain import VIEWING

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow

LEAVING = "leaving"
"""What the banner is about."""
BY_ITSELF_MS = 10_000
EXPORT, EXPORT_TO, SIGN = "export", "export-to", "sign"
HANDS = (
    QEvent.Type.ShortcutOverride,
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
)
"""Somebody is there, and will answer."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Leaving", text)


@dataclass(frozen=True)
class Asked:
    """What waits for an answer: the action, in which reading, and what it does."""

    action: str
    reading: str
    go: Callable[[], object]


class Leaving(QObject):
    """Of one window. Where all was shown, or no lungs are known, nothing is asked."""

    def __init__(self, window: HilumWindow) -> None:
        super().__init__(window)
        self._window, self._desk = window, window.desk
        self._asked: Asked | None = None
        self._answered: set[tuple[str, str]] = set()
        self._told, self._telling = "", False
        self._timer = QTimer(self, singleShot=True, interval=BY_ITSELF_MS)
        self._timer.timeout.connect(self._go)
        self._desk.scan_opened.connect(self._leave)
        self._desk.reader_changed.connect(self._leave)
        window.on_escape.add(VIEWING, self.stop)
        window.actions_by_id["unseen"].triggered.connect(self._stay)

    @property
    def waits_for(self) -> str:
        """The action that waits for an answer; empty where none does, or its banner was closed."""
        return self._asked.action if self._asked is not None and self._stands() else ""

    def _stands(self) -> bool:
        shown = self._window.banners.shown
        return self._telling or any(one.notice.about == LEAVING for one in shown)

    @property
    def counts_down(self) -> bool:
        """Whether what waits begins by itself."""
        return self._timer.isActive()

    def export(self) -> None:
        """Ctrl+E."""
        by_itself = self._desk.own_pass.mode == CONCURRENT
        self._ask(EXPORT, self._desk.export, by_itself=by_itself)

    def export_to(self) -> None:
        """Ctrl+Shift+E."""
        self._ask(EXPORT_TO, self._window.hand_out.export_to)

    def sign(self) -> None:
        """Ctrl+Shift+S."""
        self._ask(SIGN, self._sign)

    def _sign(self) -> None:
        self._desk.sign(self._window.pages.report.reason.text())

    def ask_again(self, action: str) -> None:
        """What waited for an answer in another language's window waits here: a hand changed it."""
        way = {EXPORT: self._desk.export, EXPORT_TO: self._window.hand_out.export_to}
        reading = self._desk.reading
        if reading is None or self._unseen() is None:
            return
        self._asked = Asked(action, reading.id, way.get(action, self._sign))
        self._tell()

    def words_of(self, action: str) -> str:
        """What a button says of it while it waits; nothing else."""
        if action != self.waits_for:
            return ""
        now = tr("Export now") if self.counts_down else tr("Export anyway")
        return tr("Sign anyway") if action == SIGN else now

    def refresh(self) -> None:
        """More was seen, or judged: the figures that stand there follow; all seen, and they go."""
        if self._asked is not None:
            reading = self._desk.reading
            if reading is None or reading.id != self._asked.reading:
                self._leave()
            elif self._unseen() is None:
                self.stop()
            elif self.waits_for:  # else the study is being left, and its banners went
                self._tell()

    def stop(self, *_: object) -> bool:
        """What waits is given up; False where nothing does."""
        waited, self._asked = self._asked is not None, None
        self._stop_counting()
        self._told = ""
        if waited:
            self._window.banners.drop_about(LEAVING)
        return waited

    def _leave(self, *_: object) -> None:
        """Another study or reader: what would have begun by itself does not, and that is said."""
        given_up = self.counts_down and self._asked is not None
        self.stop()
        if given_up:
            text = tr("The export that was to begin by itself did not: its reading was left.")
            begins = tr("{0} there begins it.").format(cap(EXPORT))
            self._desk.tell(Notice(text, begins, WARN, BANNER))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Asked only while it counts down."""
        if event.type() in HANDS:
            self._stay()
        return super().eventFilter(watched, event)

    def _count_down(self) -> None:
        self._timer.start()
        if (application := QCoreApplication.instance()) is not None:
            application.installEventFilter(self)

    def _stop_counting(self) -> None:
        self._timer.stop()
        if (application := QCoreApplication.instance()) is not None:
            application.removeEventFilter(self)

    def _stay(self, *_: object) -> None:
        """A hand is at work, or goes to that lung: nothing begins by itself any more."""
        if self.counts_down:
            self._stop_counting()
            if self.waits_for:
                self._tell()

    def _ask(self, action: str, go: Callable[[], object], *, by_itself: bool = False) -> None:
        reading = self._desk.reading
        here = (reading.id if reading is not None else "", action)
        self._window.watching.count()
        signed = action == SIGN and reading is not None and reading.signed
        again = self.waits_for == action or here in self._answered
        if signed or again or self._unseen() is None:
            self._answered.add(here)
            self.stop()
            go()
            return
        self.stop()
        self._asked = Asked(action, here[0], go)
        if by_itself:
            self._count_down()
        self._tell()

    def _go(self) -> None:
        """Nobody said otherwise."""
        asked, waits = self._asked, self.waits_for
        self.stop()
        if asked is not None and waits:
            asked.go()

    def _unseen(self) -> float | None:
        """Share of the lungs that was shown, where that is not nearly all of them."""
        whole = self._window.watching.whole()
        return None if whole is None or whole >= GOAL else whole

    def _tell(self) -> None:
        whole, reading, asked = self._unseen(), self._desk.reading, self._asked
        if whole is None or reading is None or asked is None:
            return
        text = tr("{0} of the lungs was not shown").format(unseen_percent(whole))
        waiting = 0 if reading.blind else len(reading.in_state(*OPEN_STATES))
        if waiting:
            text += counted(waiting, tr(", 1 mark is undecided"), tr(", {0} marks are undecided"))
        remedy = ""
        if asked.action != SIGN:
            remedy = tr("{0} once more exports it all the same; {1} gives it up.")
            remedy = remedy.format(cap(asked.action), cap("cancel"))
        if self.counts_down:
            remedy += " " + tr("Untouched, it begins by itself in {0} s.").format(
                BY_ITSELF_MS // 1000
            )
        told = Notice(
            tr("{0}.").format(text), remedy, WARN, BANNER,
            action=asked.action, second="unseen", about=LEAVING, reading=reading.id,
        )  # fmt: skip
        if self._told != f"{told.sentence}{remedy}":
            self._told = f"{told.sentence}{remedy}"
            self._telling = True  # its buttons are made before it stands
            self._desk.tell(told)
            self._telling = False
            for one in self._window.banners.shown:
                if one.notice.about == LEAVING:
                    one.closed.connect(self.stop)

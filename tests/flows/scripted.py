"""A reading by a seeded script in a real `hilum` process, telling each step once it is kept.

    python -m tests.flows.scripted STUDY SEED SECONDS [STATEMENT]

It builds what the window builds and gives the desk commands as keys would. Each line it prints is
whole or was never written; a harness kills it at any moment and looks what the log holds. With
STATEMENT it kills itself at that statement to the log's database: inside a write.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.app import Program
    from viewer.reading.reading import Reading

OPENS, STANDS, KEPT, WRITES, ENDS = "opens", "stands", "kept", "writes", "ends"
TYPED = "typed"
READERS = ("Reader A", "Reader B")
STEP_MS = 25


def digest(reading: Reading) -> str:
    """One word for all that a reader sees of a reading: two readings of one digest are the same."""
    lungs, findings = reading.lungs, reading.findings
    masks = [hashlib.sha256(f.mask.voxels).hexdigest() if f.mask else "" for f in findings]
    told = {
        "id": reading.id,
        "states": sorted(reading.states.items()),
        "sizes": [(f.id, f.measurement.mean_diameter_mm, list(f.centre_lps)) for f in findings],
        "masks": masks,
        "lungs": hashlib.sha256(lungs.labels).hexdigest() if lungs is not None else "",
        "figures": [(f.number, f.volume_ml, f.mean_hu) for f in reading.lung_figures],
        "withdrawn": sorted(reading.withdrawn),
        "redoable": list(reading.redoable),
        "closed": reading.closed,
        "signed": [reading.signed, reading.signed_at, reading.amended],
        "report": [reading.report.findings, reading.report.impression],
        "key images": [(key.id, key.plane, key.slice_index) for key in reading.key_images],
    }
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def chosen_folder() -> Path:
    """Of the reader's choice, beside the data folder."""
    from viewer.home import home

    return home().with_name(f"{home().name}-chosen")


def say(word: str, *more: Any) -> None:
    """A line in one write: it is there as a whole, or not at all."""
    os.write(1, (" ".join(map(str, (word, *more))) + "\n").encode())


class Script:
    """Commands in an order that the seed decides, each as soon as the one before was done."""

    def __init__(self, program: Program, study: Path, seed: int) -> None:
        self.desk, self.study, self.window = program.desk, study, program.window
        self.random = random.Random(seed)
        self._words = 0
        self._stands = False
        self.desk.reading_changed.connect(self._kept)
        append = program.store.append

        def told_append(*args: Any, **more: Any) -> Any:
            say(WRITES)
            return append(*args, **more)

        program.store.append = told_append  # type: ignore[method-assign]
        typed = self.desk.out.typed

        def told_typed(findings: str, impression: str) -> None:
            typed(findings, impression)
            say(TYPED, self.desk.reader.replace(" ", "_"), findings.encode().hex() or "-")

        self.desk.out.typed = told_typed  # type: ignore[method-assign]

    def _kept(self, reading: Reading) -> None:
        if reading.history:
            say(KEPT, reading.id, reading.history[-1].seq, digest(reading))

    def step(self) -> None:
        """One command, as a key or a click would give it."""
        desk = self.desk
        if desk.scan is None or not desk.scan.complete or desk.opening.busy:
            return
        if not self._stands:
            self._stands = True
            say(STANDS)
        if desk.jobs.running("lungs", "nodules") is not None:
            return  # while an export runs the reader goes on
        reading = desk.reading
        assert reading is not None
        if not reading.has_lungs:
            desk.segment_lungs()
        elif not reading.searched:
            desk.find_nodules()
        else:
            self._judge(reading)

    def _judge(self, reading: Reading) -> None:
        from viewer.reading.events import Answer, FindingsProposed, SegmentsAdded

        desk, dice = self.desk, self.random
        what = dice.random()
        if what < 0.12:
            self._type()
        elif what < 0.20:
            self.window.panes.scroll(dice.randrange(-9, 9))
            self.window.key_images.toggle()
        elif what < 0.55:
            if desk.current is None:
                desk.step(1)
            desk.answer(dice.choice(list(Answer)))
        elif what < 0.70:
            row = reading.undo_target
            computed = row is not None and isinstance(row.event, SegmentsAdded | FindingsProposed)
            if not computed or dice.random() < 0.05:  # what comes back takes the AI seconds
                desk.undo()
        elif what < 0.80:
            desk.redo()
        elif what < 0.86:
            desk.step(dice.choice((1, -1)))
        elif what < 0.89 and reading.findings:
            x, y, z = dice.choice(reading.findings).centre_lps
            desk.add_at((x + dice.uniform(-9, 9), y + dice.uniform(-9, 9), z))
        elif what < 0.91:
            desk.export()
        elif what < 0.93:
            desk.export(chosen_folder())
        elif what < 0.96:
            desk.sign()
        elif what < 0.98:
            desk.set_reader(dice.choice(READERS))
        else:
            desk.open(self.study)

    def _type(self) -> None:
        """A few letters more, as a reader types them who does not pause."""
        from PySide6.QtGui import QTextCursor

        page = self.window.pages.report
        if self.window.side.page is not page:
            self.window.side.show_page(page)
        page.findings.setFocus()
        page.findings.moveCursor(QTextCursor.MoveOperation.End)
        self._words += 1
        page.findings.insertPlainText(f" word{self._words}")


def die_at(program: Program, statement: int) -> None:
    """The process ends before that one of the statements that write to the log is carried out."""
    left, writing = statement, False

    def count(text: str) -> None:
        nonlocal left, writing
        writing = writing or text.startswith("BEGIN")
        left -= writing
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        writing = writing and not text.startswith("COMMIT")

    program.store._db.set_trace_callback(count)


def run(study: Path, seed: int, seconds: float, statement: int = 0) -> int:
    """The whole script; the exit code."""
    from PySide6.QtCore import QTimer

    from viewer.app import compose

    say(OPENS)
    program = compose(mode="concurrent")
    script = Script(program, study, seed)
    if statement:
        die_at(program, statement)
    program.window.show()
    ticker = QTimer()
    ticker.timeout.connect(script.step)

    def begin() -> None:
        program.jobs.warm_up()
        program.desk.open(study)
        program.desk.learn()
        program.desk.leftovers.sweep()
        ticker.start(STEP_MS)
        QTimer.singleShot(int(seconds * 1000), program.window.close)

    QTimer.singleShot(0, begin)
    code = program.app.exec()
    program.close()
    say(ENDS)
    return int(code)


if __name__ == "__main__":
    study, seed, seconds, *statement = sys.argv[1:]
    sys.exit(run(Path(study), int(seed), float(seconds), *map(int, statement)))

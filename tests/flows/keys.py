"""A real window that takes its keys from standard input: one key sequence a line.

It answers each line with what the window says, as JSON: a notice, or a key that was carried out.
"""

from __future__ import annotations

import json
import sys


def say(**told: object) -> None:
    print(json.dumps(told), flush=True)


def main(study: str) -> int:
    import time
    from pathlib import Path

    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtGui import QKeySequence
    from PySide6.QtTest import QTest

    import viewer.app
    import viewer.window.window

    class Window(viewer.window.window.HilumWindow):
        """The window, heard from outside."""

        def __init__(self, desk: object) -> None:
            super().__init__(desk)
            desk.noticed.connect(lambda notice: say(notice=notice.sentence))
            desk.scan_completed.connect(lambda scan: say(stands=scan.series.uid))
            self._pipe = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
            self._pipe.activated.connect(self._press)

        def _press(self) -> None:
            name = sys.stdin.readline().strip()
            if not name:
                self._pipe.setEnabled(False)
                return
            key = QKeySequence(name)[0]
            began = time.monotonic()
            QTest.keyClick(self.focusWidget() or self, key.key(), key.keyboardModifiers())
            say(pressed=name, seconds=time.monotonic() - began)

    viewer.app.HilumWindow = Window
    return viewer.app.show(Path(study), mode="concurrent")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

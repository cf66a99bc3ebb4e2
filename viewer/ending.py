"""The explicit end of Qt objects that nobody owns but the program: window, desk, jobs.

A lambda that is connected to a signal is held by the signal, where Python's collector does not
look. The desk's signals hold the window so, and the window holds the desk: neither would ever go,
nor the voxels on the panes. Only the end of the sender lets go.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject


def end(*owned: QObject) -> None:
    """Ends each, with its children, in this order; not from within a handler of theirs.

    What ended already is passed over. A thread that still emits a signal of one gets RuntimeError.
    """
    for one in owned:
        if shiboken6.isValid(one):
            shiboken6.delete(one)

"""A process that makes strokes and says each one that was acknowledged, until it is killed.

python -m tests.editing.strokes LOG
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from tests.editing.test_edits import random_stroke
from tests.reading.samples import lungs, proposed
from viewer.reading.events import Begun
from viewer.reading.store import Store


def main(path: Path) -> None:
    store = Store(path)
    for event in (Begun("study", "series", "reader"), lungs(), proposed("ab")):
        store.append("r", event)
    for number in itertools.count():
        print(store.append("r", random_stroke(number)).seq, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Kills real `hilum` processes at seeded moments, and says what their readers lost: nothing.

    python -m tests.flows.kill [KILLS [SECONDS]]

kills the window so many times (200), within so many seconds (6) of the study's opening or its own
start, a quarter as many more inside a write, the AI's worker and the I/O processes half as often;
moments are uniform in time. It prints one line about each.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.flows.scripted import (
    KEPT,
    OPENS,
    READERS,
    STANDS,
    TYPED,
    WRITES,
    chosen_folder,
    digest,
)

if TYPE_CHECKING:
    from viewer.reading.store import Store

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
STATEMENTS = 40
"""That write to the log in the first steps; a kill inside a write comes before one of them."""


def quick_study(folder: Path) -> Path:
    """The small phantom at half its resolution in each plane: a reading of it takes seconds."""
    from ai.phantom.chest import chest
    from ai.scan.geometry import Geometry
    from ai.scan.volume import Volume
    from viewer.dicom.written.ct import SeriesHeader, write_series

    volume = chest("small", 7).volume
    affine = volume.geometry.affine.copy()
    affine[:3, 1:3] *= 2
    hu = np.ascontiguousarray(volume.hu[:, ::2, ::2])
    write_series(folder, Volume(Geometry(hu.shape, affine), hu), header=SeriesHeader(seed="quick"))
    return folder


def begin_reading(study: Path) -> None:
    """In the current HILUM_HOME, readings of the study that wait to be judged; by no AI."""
    from ai.agent.policy import prior, propose
    from ai.scan.finding import BoxMask, Finding, Measurement
    from ai.scan.labelmap import LUNGS, LabelMap, MadeBy, SegmentFigures
    from viewer.dicom.find import open_path
    from viewer.home import home
    from viewer.reading.events import Begun, FindingsProposed, Proposal, SegmentsAdded
    from viewer.reading.library import reader_key, series_key, study_key
    from viewer.reading.store import Store

    series = open_path(study).series[0]
    assert series.geometry is not None
    labels = np.zeros(series.geometry.shape_kji, np.uint8)
    labels[20:80, 30:70, 12:40] = 1
    labels[20:80, 30:70, 56:84] = 2
    figures = tuple(SegmentFigures(lung.number, 2300.5, -820.25) for lung in LUNGS)
    dice = random.Random(1)
    findings = []
    for n in range(24):
        corner = (dice.randrange(20, 70), dice.randrange(30, 60), dice.randrange(12, 34))
        size = dice.uniform(4, 12)
        findings.append(
            Finding(
                id=f"f{n}",
                kind="nodule",
                centre_lps=tuple(float(x) for x in series.geometry.lps_of(corner)),
                slice_index=corner[0],
                zone="RUZ",
                chance=dice.random(),
                measurement=Measurement(size, size, size, 99.0, -50.0, -200.0, 90.0, "solid"),
                made_by=MadeBy("nodules-log", "1"),
                features=(("vesselness", 0.2), ("pleura_mm", 9.0), ("height", 0.5)),
                mask=BoxMask(corner, np.ones((2, 3, 3), np.bool_)),
            )
        )
    policy = prior()
    proposals = tuple(
        Proposal(d.finding, d.shown, d.rank, d.propensity, policy.id, 7, d.value, d.reason)
        for d in propose(policy, tuple(findings), seed=7)
    )
    store = Store(home() / "readings.sqlite")
    keys = study_key(series.study_uid), series_key(series.uid)
    lungs = LabelMap(series.geometry, labels, LUNGS, MadeBy("lungs-classical", "1"))
    for reading, reader in zip(("script", "other"), READERS, strict=True):
        store.append(reading, Begun(*keys, reader_key(reader)))
        store.append(reading, SegmentsAdded(lungs, figures))
        store.append(reading, FindingsProposed(tuple(findings), proposals))
    store.close()


@dataclass(frozen=True)
class Kill:
    """One kill of a window: so long after it said `since`, or at a statement to its log."""

    seed: int
    moment_s: float = 0.0
    since: str = STANDS
    statement: int = 0


@dataclass(frozen=True)
class Said:
    """What the window said before it died. kept: reading, row and digest of its last step.

    typed: by reader, the words that were in the report when they were last safe.
    """

    kept: tuple[str, int, str] | None = None
    steps: int = 0
    in_write: bool = False
    errors: str = ""
    typed: dict[str, str] = field(default_factory=dict)


@dataclass
class Kept:
    """The last acknowledged step of every reading, over all windows so far."""

    rows: dict[str, tuple[int, str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)

    def take(self, said: Said) -> None:
        if said.kept is not None:
            self.rows[said.kept[0]] = said.kept[1:]
        self.typed |= said.typed

    def check(self) -> int:
        """Raises AssertionError where the log lost a step or its chain, where words that were typed
        are gone, or half an export stays; how many rows the log holds."""
        from viewer.home import home
        from viewer.reading.reading import fold
        from viewer.reading.store import Store

        store = Store(home() / "readings.sqlite")
        try:
            assert store.broken_at() is None, f"the chain is broken at row {store.broken_at()}"
            for reading, (row, seen) in self.rows.items():
                folded = fold(reading, store.rows(reading, before=row + 1))
                assert folded.last_row is not None and folded.last_row.seq == row, (
                    f"row {row} is gone"
                )
                assert digest(folded) == seen, f"reading {reading} is not what it was at row {row}"
            for reading in store.readings():
                store.reading(reading)
            check_words(store, self.typed)
            check_exports()
            return store.last_seq()
        finally:
            store.close()


def check_words(store: Store, typed: dict[str, str]) -> None:
    """What each reader typed is in the report of the next window; only later words follow it."""
    from viewer.reading.draft import Draft
    from viewer.reading.library import Library, reader_key
    from viewer.reading.reader_events import ReportWritten

    library = Library()
    try:
        for reader, words in typed.items():
            key = reader_key(reader)
            readings = [store.reading(one, voxels=False) for one in store.readings()]
            (mine,) = [reading for reading in readings if reading.reader == key]
            there = library.words_of(mine.report.findings)
            written = [row.at for row in mine.history if isinstance(row.event, ReportWritten)]
            draft = Draft(mine.series, key).read()
            if draft is not None and (not written or draft.at >= written[-1]):
                there = draft.findings
            assert there.startswith(words), f"typed {words!r}, there is {there!r}"
    finally:
        library.close()


def check_exports() -> None:
    """What the next start finds half-written in the reader's folder goes, or is finished."""
    from viewer.reading.library import Library
    from viewer.unfinished import ASIDE, sweep

    folder = chosen_folder()
    library = Library()
    noted = library.written_to()
    library.close()
    end = time.monotonic() + 10  # the writing child of a killed window ends by itself
    while left := list(folder.rglob(f"*{ASIDE}")):
        assert folder in noted, f"nobody remembers {folder}"
        assert time.monotonic() < end, f"half an export stays: {left}"
        sweep(folder)
        time.sleep(0.02)
    for path in folder.glob("*.dcm"):
        number = path.stem.partition("-")[1:]
        passport = folder / f"passport{''.join(number)}.json"
        assert passport.exists(), f"{path.name} came out without its passport"


def kill_window(study: Path, kill: Kill, *, seconds: float) -> Said:
    """A window on the study, killed; what it had said by then."""
    words = [str(study), str(kill.seed), str(seconds), str(kill.statement)]
    with tempfile.TemporaryFile() as errors:
        window = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.scripted", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        try:
            lines = _listen(window, kill)
        finally:
            window.kill()
            assert window.stdout is not None
            with window.stdout:
                rest = window.stdout.read()
            window.wait()
        errors.seek(0)
        said = _said((lines + rest).decode())
        return replace(said, errors=errors.read().decode("utf-8", "replace"))


def _listen(window: subprocess.Popen[bytes], kill: Kill) -> bytes:
    """What it says until the moment has come, or until it has ended by itself."""
    assert window.stdout is not None
    pipe, said = window.stdout.fileno(), b""
    end = time.monotonic() + PATIENCE_S
    begun = False
    while (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([pipe], [], [], left)
        piece = os.read(pipe, 65536) if ready else b""
        if ready and not piece:
            break
        said += piece
        if not begun and f"{kill.since}\n".encode() in said:
            begun = True
            if not kill.statement:
                end = time.monotonic() + kill.moment_s
    return said


def _said(text: str) -> Said:
    """Only whole lines count: half a line was never said."""
    lines = text.split("\n")[:-1]
    kept = [line.split() for line in lines if line.startswith(KEPT)]
    last = (kept[-1][1], int(kept[-1][2]), kept[-1][3]) if kept else None
    in_write = bool(lines) and lines[-1] == WRITES
    typed = [line.split() for line in lines if line.startswith(TYPED)]
    words = {
        reader.replace("_", " "): bytes.fromhex(told.strip("-")).decode()
        for _, reader, told in typed
    }
    return Said(last, len(kept), in_write, typed=words)


def schedule(seed: int, kills: int, *, seconds: float, inside: int = 0) -> list[Kill]:
    """Kills uniform in the time of a reading, one in eight in that of a start; `inside` more.

    inside: kills inside a write.
    """
    dice = random.Random(seed)
    at = [
        Kill(dice.randrange(10**6), dice.uniform(0, seconds), STANDS if n % 8 else OPENS)
        for n in range(kills)
    ]
    within = [
        Kill(dice.randrange(10**6), statement=dice.randrange(1, STATEMENTS)) for _ in range(inside)
    ]
    return at + within


def lose_children(study: Path, seed: int, kind: str, kills: int) -> Iterator[dict[str, Any]]:
    """What came of each kill of a child of that kind: ai, or io."""
    with tempfile.TemporaryFile("w+") as errors:
        window = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.losing", str(study), str(seed), kind, str(kills)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        assert window.stdout is not None
        with window.stdout:
            try:
                for line in window.stdout:
                    yield json.loads(line)
            finally:
                if window.poll() is None:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        window.wait(30)
                    window.kill()
                window.wait()
        errors.seek(0)
        assert window.returncode == 0, errors.read()


def fault_of(lost: dict[str, Any]) -> str:
    """What was wrong after a child was killed, or nothing."""
    if len(lost["told"]) > 1:
        return "told more than once"
    if lost["told"] and not lost["same"]:
        return "the reading changed"
    if lost["sort"] != "open" and not lost["told"] and not lost["done"]:
        return "neither a result nor a sentence"
    if lost["left"]:
        return "half an export stays"
    return ""


def main(kills: int = 200, seconds: float = 6) -> int:
    """All kills on demand; 0 where nothing was lost."""
    faults = 0
    with tempfile.TemporaryDirectory(prefix="hilum-kills-") as place:
        study = quick_study(Path(place) / "study")
        kept = Kept()
        for number, kill in enumerate(schedule(1, kills, seconds=seconds, inside=kills // 4)):
            fresh = number % 10 == 0  # with the AI's part; the others go on with what is there
            if fresh:
                kept = Kept()
                os.environ["HILUM_HOME"] = str(Path(place) / f"home-{number}")
                if number % 40:
                    begin_reading(study)
            said = kill_window(study, kill, seconds=60)
            kept.take(said)
            try:
                rows = kept.check()
            except AssertionError as error:
                rows, faults = str(error), faults + 1
            print(number, kill, said.steps, "in a write" if said.in_write else "", rows, flush=True)
        for kind in ("ai", "io"):
            os.environ["HILUM_HOME"] = str(Path(place) / f"home-{kind}")
            begin_reading(study)
            for lost in lose_children(study, 2, kind, kills // 2):
                fault = fault_of(lost)
                faults += bool(fault)
                print(lost, fault, flush=True)
    print(f"{faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

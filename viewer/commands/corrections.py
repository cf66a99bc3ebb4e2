"""Lungs that the reader of this machine corrected, as scans that a network learns from.

The log tells which masks were changed by hand, the private library where their scans lie. Nothing
of it leaves the machine: scans and patients are called by keyed hashes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import numpy as np

from ai.errors import BadInput, HilumError
from viewer.home import home_path, pseudonym
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.library import KnownSeries, Library, series_key
from viewer.reading.reading import Reading
from viewer.reading.store import Store

if TYPE_CHECKING:
    from ai.scan.volume import Volume
    from ai.training.lungs_scans import TrainingScan

DIGITS = 8


def corrected_scans(say: Callable[[str], None] = print) -> tuple[TrainingScan, ...]:
    """Every series whose lungs a reader changed, the newest reading of each; what cannot be had is
    told and left out. Raises StoreError where log or library cannot be read."""
    from ai.training.lungs_prepare import prepare

    log, library = home_path() / "readings.sqlite", home_path() / "library.sqlite"
    if not log.exists() or not library.exists():
        return ()
    scans = []
    with ExitStack() as stack:
        store = stack.enter_context(closing(Store(log, read_only=True)))
        books = stack.enter_context(closing(Library(library, read_only=True)))
        store.words = books
        known = {one.key: one for one in books.shelf()}
        for reading in _corrected(store):
            name = f"correction-{reading.series[:DIGITS]}"
            try:
                one = known.get(reading.series)
                if one is None:
                    raise BadInput("Nobody knows where its scan lies.")
                volume = _volume(one, reading)
            except HilumError as error:
                say(f"{name} is left out: {error.sentence}")
                continue
            assert reading.lungs is not None
            patient = pseudonym("patient", one.patient_id or one.study_uid)
            labels = np.asarray(reading.lungs.labels)
            scans.append(prepare(volume, labels, name=name, patient=patient))
    return tuple(scans)


def _corrected(store: Store) -> Iterator[Reading]:
    """Readings with strokes on their lungs that count, one for each series, the newest first."""
    seen: set[str] = set()
    for name in store.readings():
        light = store.reading(name, voxels=False)
        edits = light.edits.get(LUNGS_MASK)
        if edits is None or not edits.strokes or light.series in seen:
            continue
        seen.add(light.series)
        reading = store.reading(name)
        if reading.lungs is not None:
            yield reading


def _volume(known: KnownSeries, reading: Reading) -> Volume:
    """The scan of a reading. Raises BadInput, without a name or a path in the sentence."""
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    opened = open_path(known.path)
    series = next((one for one in opened.series if series_key(one.key) == known.key), None)
    if series is None:
        raise BadInput("Its scan is no longer where it was.")
    volume = read_volume(series)
    assert reading.lungs is not None
    if not reading.lungs.geometry.same_grid(volume.geometry):
        raise BadInput("Its scan is another one than when the lungs were corrected.")
    return volume

"""The log holds no free text of a file: who drew a mask may be told by a patient's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ai.scan.labelmap import MadeBy
from tests.reading.samples import finding, lungs
from viewer.dicom.masks.drawn_by import CONTOURS, FOREIGN, READER, drawn_words, is_drawn
from viewer.home import home
from viewer.reading.events import Begun, FindingAdded
from viewer.reading.library import Library
from viewer.reading.store import Store

FREE = (
    MadeBy(f"{CONTOURS}, Lindqvist plan 778899", "automatic"),
    MadeBy("Lindqvist tool", "778899", "778899", "of Lindqvist", "778899", "Lindqvist"),
    MadeBy("lungs-classical", "Lindqvist", "", "778899"),
)
NAMES = (b"Lindqvist", b"778899")


@pytest.fixture
def store() -> Iterator[Store]:
    library, store = Library(), Store(home() / "readings.sqlite")
    store.words = library
    store.append("r", Begun("study", "series", "reader"))
    yield store
    store.close()
    library.close()


def logged() -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home().glob("readings.sqlite*")))


@pytest.mark.parametrize("made_by", FREE)
def test_words_of_a_file_are_in_the_library_and_not_in_the_log(
    store: Store, made_by: MadeBy
) -> None:
    event = lungs()
    assert event.label_map is not None
    store.append("r", replace(event, label_map=replace(event.label_map, made_by=made_by)))
    one = replace(finding("f"), made_by=made_by)
    store.append("r", FindingAdded(one))
    back = store.reading("r")
    assert back.lungs is not None and back.lungs.made_by == made_by
    assert back.findings[0].made_by == made_by
    assert store.broken_at() is None
    assert all(name not in logged() for name in NAMES), "not in the log"
    held = b"".join(path.read_bytes() for path in home().glob("library.sqlite*"))
    assert any(name in held for name in NAMES), "they are looked for as they are written"


def test_who_drew_it_is_told_in_plain_words_where_the_library_is_lost(store: Store) -> None:
    for name, made_by in zip("abc", FREE, strict=True):
        store.append("r", FindingAdded(replace(finding(name), made_by=made_by)))
    store.words = None
    plan, tool, own = (one.made_by for one in store.reading("r").findings)
    assert drawn_words(plan) == "Contours from RTSTRUCT" and plan.version == "automatic"
    assert tool.card == FOREIGN and not is_drawn(tool)
    assert own.card == "lungs-classical"


def test_our_own_models_and_hands_stand_in_the_log_as_they_are(store: Store) -> None:
    ours = MadeBy("nodules-log", "1.0", "ab" * 32, "torch 2.9", "CPU", "In blocks.")
    for name, made_by in {"a": ours, "b": READER, "c": MadeBy(CONTOURS, "")}.items():
        store.append("r", FindingAdded(replace(finding(name), made_by=made_by)))
    assert [one.made_by for one in store.reading("r").findings] == [
        ours, READER, MadeBy(CONTOURS, ""),
    ]  # fmt: skip
    assert b"In blocks." in logged() and b"words:" not in logged()


def test_rows_of_an_earlier_hilum_are_read_as_they_are(store: Store) -> None:
    store.words = None
    store.append("r", FindingAdded(replace(finding("f"), made_by=FREE[0])))
    assert store.reading("r").findings[0].made_by == FREE[0]

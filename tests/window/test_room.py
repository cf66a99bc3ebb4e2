"""Big blocks are made on a thread and told in a later turn, small ones at once; no room is said."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ai.errors import OutOfMemory, OutsideError
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.worker import shared
from ai.worker.shared import Block
from viewer.desk import room as rooms
from viewer.desk.elsewhere import Elsewhere
from viewer.desk.room import Room, Want, give_back, let_go, prepare_edit, want_lungs
from viewer.reading import edits
from viewer.reading.edits import LUNGS_MASK, Edits, lungs_after, prepared

BIG = (24, 512, 512)


class Heard:
    """What a room told, and on which thread."""

    def __init__(self) -> None:
        self.blocks: tuple[Block, ...] = ()
        self.errors: list[OutsideError] = []
        self.threads: list[int] = []

    def then(self, blocks: tuple[Block, ...]) -> None:
        self.blocks = blocks
        self.threads.append(threading.get_ident())

    def refused(self, error: OutsideError) -> None:
        self.errors.append(error)
        self.threads.append(threading.get_ident())


def test_a_big_block_comes_in_a_later_turn_on_the_windows_own_thread(qtbot: QtBot) -> None:
    heard, content = Heard(), np.arange(24 * 512 * 512, dtype=np.int16).reshape(BIG)
    room = Room()
    room.make([Want(BIG, "int16", content), Want((9,), "uint8")], heard.then, heard.refused)
    assert heard.threads == []
    qtbot.waitUntil(lambda: bool(heard.threads))
    assert heard.threads == [threading.get_ident()]
    assert np.array_equal(heard.blocks[0].array, content)
    assert heard.blocks[1].array.tolist() == [0] * 9
    for block in heard.blocks:
        block.free()


def test_small_blocks_are_there_at_once(qtbot: QtBot) -> None:
    heard = Heard()
    Room().make([Want((4, 4), "uint8", np.eye(4, dtype=np.uint8))], heard.then, heard.refused)
    (block,) = heard.blocks
    assert block.array.sum() == 4
    block.free()


@pytest.mark.parametrize("shape", [(4, 4), BIG])
def test_where_one_block_has_no_room_none_is_kept_and_it_is_said(
    shape: tuple[int, ...], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shared, "_folders", lambda: (tmp_path,))
    heard, room, create = Heard(), Room(), Block.create

    def full(shape: tuple[int, ...], dtype: Any) -> Block:
        if dtype == "int16":
            raise OutOfMemory("There is no room.", "Close other programs.")
        return create(shape, dtype)

    monkeypatch.setattr(rooms.Block, "create", full)
    room.make([Want((5,), "uint8"), Want(shape, "int16")], heard.then, heard.refused)
    qtbot.waitUntil(lambda: bool(heard.errors))
    assert heard.errors[0].sentence == "There is no room." and heard.blocks == ()
    assert list(tmp_path.iterdir()) == []


def test_a_room_that_is_gone_by_then_leaves_nothing_behind(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shared, "_folders", lambda: (tmp_path,))
    heard, owner = Heard(), QObject()
    Room(owner).make([Want(BIG, "int16")], heard.then, heard.refused)
    shiboken6.delete(owner)
    qtbot.waitUntil(lambda: not any(t.name == "elsewhere" for t in threading.enumerate()))
    qtbot.waitUntil(lambda: list(tmp_path.iterdir()) == [])
    assert heard.threads == []


@pytest.mark.parametrize(("shape", "at_once"), [((4, 4), True), (BIG, False)])
def test_what_a_job_was_lent_is_freed_and_where_it_is_big_the_window_goes_on_meanwhile(
    shape: tuple[int, ...], at_once: bool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To free the room for the masks of a whole scan held the window up for 20 ms."""
    threads, free = [], Block.free

    def watched(block: Block) -> None:
        threads.append(threading.get_ident())
        free(block)

    blocks = [Block.create(shape, "int16"), Block.create((2,), "uint8")]
    paths = [block._path for block in blocks]
    monkeypatch.setattr(Block, "free", watched)
    give_back(blocks)
    qtbot.waitUntil(lambda: not any(path.exists() for path in paths))
    assert [thread == threading.get_ident() for thread in threads] == [at_once, at_once]


def test_memory_that_is_let_go_goes_back(qtbot: QtBot) -> None:
    class Told(np.ndarray):
        """An array that can be watched."""

        gone: ClassVar[list[int]] = []

        def __del__(self) -> None:
            self.gone.append(threading.get_ident())

    held = [np.zeros(3).view(Told)]
    let_go(held)
    qtbot.waitUntil(lambda: bool(Told.gone))
    assert held == [] and Told.gone != [threading.get_ident()]


def test_what_somebody_still_looks_at_keeps_its_voxels(qtbot: QtBot) -> None:
    block = Block.create(BIG, "int16")
    block.array[...] = 7
    shown = block.array[3]
    held = [block.array]
    block.free()
    del block
    let_go(held)
    qtbot.waitUntil(lambda: held == [])
    assert np.all(shown == 7)
    let_go([])
    assert not any(thread.name == "let-go" for thread in threading.enumerate())


def test_lungs_that_strokes_change_in_place_are_copied_before_the_thread_looks() -> None:
    lungs = SimpleNamespace(labels=np.ones((2, 2, 2), np.uint8))
    plain: Any = SimpleNamespace(lungs=lungs, edits={})
    edited: Any = SimpleNamespace(lungs=lungs, edits={LUNGS_MASK: object()})
    assert want_lungs(plain).content is lungs.labels
    kept = want_lungs(edited).content
    lungs.labels[...] = 2
    assert kept is not None and np.all(kept == 1)
    with pytest.raises(ValueError, match="no lungs"):
        want_lungs(SimpleNamespace(lungs=None, edits={}))  # type: ignore[arg-type]


class Watched(np.ndarray):
    """Labels that tell on which thread they were copied."""

    threads: ClassVar[list[int]] = []

    def copy(self, *order: Any) -> Any:
        self.threads.append(threading.get_ident())
        return np.array(self, *order)


def some_lungs(monkeypatch: pytest.MonkeyPatch) -> LabelMap:
    geometry = Geometry.axial((4, 4, 4), spacing_kji_mm=(1, 1, 1))
    made = LabelMap(geometry, np.ones(geometry.shape_kji, np.uint8), LUNGS, MadeBy("test", "1"))
    monkeypatch.setattr(Watched, "threads", [])
    object.__setattr__(made, "labels", made.labels.view(Watched))
    return made


def test_the_copy_that_strokes_go_to_is_made_on_a_thread_and_once(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lungs = some_lungs(monkeypatch)
    monkeypatch.setattr(rooms, "SMALL_BYTES", 0)
    prepare_edit(lungs, Elsewhere(QObject()))  # an owner that is gone is told nothing
    elsewhere = Elsewhere()
    prepare_edit(lungs, elsewhere)
    qtbot.waitUntil(lambda: prepared(lungs))
    assert threading.get_ident() not in Watched.threads
    count = len(Watched.threads)
    prepare_edit(lungs, elsewhere)
    assert len(Watched.threads) == count


def test_a_stroke_that_comes_before_that_copy_keeps_its_own(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lungs = some_lungs(monkeypatch)
    monkeypatch.setattr(rooms, "SMALL_BYTES", 0)
    elsewhere = Elsewhere()
    prepare_edit(lungs, elsewhere)
    own = edits._bench_of(lungs)
    qtbot.waitUntil(lambda: not any(t.name == "elsewhere" for t in threading.enumerate()))
    qtbot.wait(20)
    assert edits._bench_of(lungs) is own
    assert lungs_after(Edits(lungs)) is lungs

"""Blocks of shared memory."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ai.errors import BadInput, OutOfMemory
from ai.worker.messages import BlockRef
from ai.worker.shared import SHM, Block, BlockFile, sweep

needs_shm = pytest.mark.skipif(not SHM.is_dir(), reason="no /dev/shm on this system")


def names_of_ours() -> set[str]:
    return {p.name for p in SHM.glob(f"hilum-{os.getpid()}-*")}


def test_what_one_writes_the_other_reads() -> None:
    with Block.create((3, 4, 5), "int16") as mine:
        mine.array[...] = np.arange(60).reshape(3, 4, 5)
        with Block.attach(mine.ref, writable=True) as theirs:
            np.testing.assert_array_equal(theirs.array, mine.array)
            theirs.array[2, 3, 4] = -7
        assert mine.array[2, 3, 4] == -7


def test_parts_put_into_a_lent_block_stand_in_the_owners_array() -> None:
    with Block.create((3, 4, 5), "int16") as mine:
        part = np.arange(20, dtype=np.int16).reshape(4, 5)
        with BlockFile(mine.ref) as theirs:
            theirs.put(2, part)
            theirs.put(0, part.T.copy().reshape(4, 5)[::-1])
        np.testing.assert_array_equal(mine.array[2], part)
        np.testing.assert_array_equal(mine.array[0], part.T.copy().reshape(4, 5)[::-1])
        assert not mine.array[1].any()


@pytest.mark.parametrize("part", [np.zeros((4, 5), "uint8"), np.zeros((5, 4), "int16")])
def test_a_part_of_another_shape_or_type_is_refused(part: np.ndarray) -> None:
    with (
        Block.create((3, 4, 5), "int16") as mine,
        BlockFile(mine.ref) as theirs,
        pytest.raises(ValueError, match="no part of the block"),
    ):
        theirs.put(0, part)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_part_beyond_the_block_is_refused(index: int) -> None:
    with (
        Block.create((3, 4, 5), "int16") as mine,
        BlockFile(mine.ref) as theirs,
        pytest.raises(ValueError, match="no part of the block"),
    ):
        theirs.put(index, np.zeros((4, 5), "int16"))


def test_a_block_that_is_gone_or_too_small_cannot_be_written() -> None:
    with Block.create((3, 4, 5), "int16") as mine:
        longer = BlockRef(mine.ref.name, (3000, 4, 5), "int16")
        with pytest.raises(BadInput, match="smaller"):
            BlockFile(longer)
        ref = mine.ref
    with pytest.raises(BadInput, match="cannot be used"):
        BlockFile(ref)
    with pytest.raises(BadInput, match="not the name"):
        BlockFile(BlockRef("../etc/passwd", (1, 1, 1), "int16"))


def test_a_new_block_is_all_zeros() -> None:
    with Block.create((64, 64), "uint8") as block:
        assert not block.array.any()


def test_an_attached_block_is_read_only_unless_asked() -> None:
    with (
        Block.create((2, 2), "uint8") as mine,
        Block.attach(mine.ref) as theirs,
        pytest.raises(ValueError, match="read-only"),
    ):
        theirs.array[0, 0] = 1


@needs_shm
def test_a_freed_block_leaves_nothing_in_shared_memory() -> None:
    before = names_of_ours()  # other tests of this process may still hold theirs
    block = Block.create((8, 8), "int16")
    assert block.ref.name in names_of_ours() and len(block.ref.name) < 30
    block.free()
    block.free()
    assert names_of_ours() == before


@needs_shm
def test_a_forgotten_block_frees_itself() -> None:
    gc.collect()
    before = names_of_ours()
    Block.create((8, 8), "int16")
    gc.collect()
    assert names_of_ours() == before


def test_a_view_outlives_the_block_it_was_cut_from() -> None:
    block = Block.create((16, 16), "int16")
    block.array[...] = 5
    view = block.array[3]
    block.free()
    del block
    gc.collect()
    assert view.sum() == 80


def test_a_freed_block_says_so_when_used() -> None:
    block = Block.create((2,), "uint8")
    block.free()
    with pytest.raises(ValueError, match="was freed"):
        _ = block.array


def test_where_shared_memory_is_full_a_file_stands_in(tmp_path: Path) -> None:
    full = tmp_path / "no such folder"
    with Block.create((4, 4), "int16", folders=(full, tmp_path)) as mine:
        assert Path(mine.ref.name).is_file() and Path(mine.ref.name).parent == tmp_path
        mine.array[...] = 3
        with Block.attach(mine.ref) as theirs:
            assert theirs.array.sum() == 48
    assert list(tmp_path.iterdir()) == []


@needs_shm
def test_more_than_there_is_room_for_is_said_in_a_sentence(tmp_path: Path) -> None:
    before = names_of_ours()
    room = os.statvfs(SHM)
    too_much = room.f_bavail * room.f_frsize + (1 << 30)
    with pytest.raises(OutOfMemory) as raised:
        Block.create((too_much,), "uint8", folders=(SHM,))
    assert "There is no room" in raised.value.sentence and raised.value.remedy
    assert names_of_ours() == before


def test_a_block_without_voxels_is_refused() -> None:
    with pytest.raises(ValueError, match="needs voxels"):
        Block.create((0, 4), "int16")


@pytest.mark.parametrize("name", ["hilum-1-99999", "passwd", "../etc/hilum-1-1x", "/etc/passwd"])
def test_a_name_that_is_no_block_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        Block.attach(BlockRef(name, (2, 2), "uint8"))


def test_a_reference_larger_than_its_block_is_refused() -> None:
    with Block.create((2, 2), "uint8") as mine, pytest.raises(BadInput):
        Block.attach(BlockRef(mine.ref.name, (1 << 20,), "int16"))


@needs_shm
def test_blocks_of_the_dead_are_swept_and_those_of_the_living_are_not() -> None:
    program = (
        "import os; from ai.worker.shared import Block\n"
        "block = Block.create((4,), 'uint8'); print(block.ref.name, flush=True)\n"
        "import sys; sys.stdin.read(); os._exit(0)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None and other.stdin is not None
    name = other.stdout.readline().strip()
    with Block.create((4,), "uint8") as mine:
        sweep()
        assert (SHM / name).exists() and (SHM / mine.ref.name).exists()
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
        assert str(SHM / name) in sweep()
        assert not (SHM / name).exists() and (SHM / mine.ref.name).exists()


@needs_shm
def test_a_block_is_held_by_its_owner_even_where_its_pid_is_unknown() -> None:
    with Block.create((4,), "uint8") as mine:
        # Another container sees the file, but not the process: as if the pid were nobody's.
        unknown = SHM / f"hilum-{2**22 - 1}-{mine.ref.name.rsplit('-', 1)[1]}"
        (SHM / mine.ref.name).rename(unknown)
        try:
            assert str(unknown) not in sweep()
            assert unknown.exists()
        finally:
            unknown.rename(SHM / mine.ref.name)

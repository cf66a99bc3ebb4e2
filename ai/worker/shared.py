"""Blocks: arrays in memory that two processes share by name.

A block is a mapped file: in Linux's /dev/shm (which is POSIX shared memory), or, where that is
small (containers often get 64 MB) or absent, in the folder for temporary files. Mapping files
instead of asking multiprocessing.shared_memory keeps its resource tracker out: it deletes a block
that a process merely attached when that process dies.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import mmap
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ai.errors import BadInput, OutOfMemory
from ai.worker.messages import BlockRef

SHM = Path("/dev/shm")
_NAME = re.compile(r"hilum-(\d+)-\d+")
_numbers = itertools.count(1)


class Block:
    """An array in shared memory.

    The process that creates it lends it (`ref`) and frees it; others attach. The memory itself goes
    when the last array on it is gone, so a view that is still on screen never turns into a crash.
    """

    def __init__(self, ref: BlockRef, array: NDArray[Any], path: Path, owned: bool) -> None:
        self.ref = ref
        self._array: NDArray[Any] | None = array
        self._path = path
        self._owned = owned

    @property
    def array(self) -> NDArray[Any]:
        """The shared array; read-only where it was attached so."""
        if self._array is None:
            raise ValueError(f"block {self.ref.name} was freed")
        return self._array

    @classmethod
    def create(
        cls, shape: Sequence[int], dtype: DTypeLike, *, folders: Sequence[Path] | None = None
    ) -> Block:
        """A new block of zeros, owned by this process.

        folders: where to try in turn. Raises OutOfMemory when there is no room in any of them.
        """
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        if size <= 0:
            raise ValueError(f"a block needs voxels, not shape {tuple(shape)}")
        places = _folders() if folders is None else tuple(folders)
        for folder in places:
            path = folder / f"hilum-{os.getpid()}-{next(_numbers)}"
            memory = _new_file(path, size)
            if memory is not None:
                break
        else:
            raise OutOfMemory(
                f"There is no room for a block of {size / 1e6:.0f} MB in "
                f"{' or '.join(map(str, places))}.",
                "Close other programs, or free space there.",
            )
        name = path.name if folder == SHM else str(path)
        array = np.frombuffer(memory, dtype=kind).reshape(tuple(shape))
        return cls(BlockRef(name, tuple(int(n) for n in shape), kind.name), array, path, True)

    @classmethod
    def attach(cls, ref: BlockRef, *, writable: bool = False) -> Block:
        """The block that another process lent. Raises BadInput where it is gone or too small."""
        path = _path_of(ref.name)
        kind = np.dtype(ref.dtype)
        size = math.prod(ref.shape) * kind.itemsize
        access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
        try:
            with path.open("r+b" if writable else "rb") as file:
                memory = mmap.mmap(file.fileno(), size, access=access)
        except (OSError, ValueError) as error:
            raise BadInput(f"The shared block {ref.name} cannot be used: {error}.") from error
        array = np.frombuffer(memory, dtype=kind).reshape(ref.shape)
        return cls(ref, array, path, False)

    def free(self) -> None:
        """Let go; the owner's block loses its name at once. Twice is once."""
        self._array = None
        if self._owned:
            self._owned = False
            # Windows refuses while a view is left; the sweep of the next start takes it then.
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    def __enter__(self) -> Block:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.free()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.free()


class BlockFile:
    """A block that another process lent, written part by part without mapping it.

    For one who fills all of it once: meeting each page of a fresh map costs more than twice what
    the write itself does. Maps of it see what was written (not promised on Windows: mapped there).
    """

    def __init__(self, ref: BlockRef) -> None:
        """Raises BadInput where the block is gone or too small."""
        self._count, self._shape, self._dtype = ref.shape[0], ref.shape[1:], np.dtype(ref.dtype)
        self._mapped: Block | None = None
        self._file: io.FileIO | None = None
        if sys.platform == "win32":
            self._mapped = Block.attach(ref, writable=True)
            return
        path = _path_of(ref.name)
        try:
            self._file = io.FileIO(path, "r+b")
            size = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            raise BadInput(f"The shared block {ref.name} cannot be used: {error}.") from error
        if size < math.prod(ref.shape) * self._dtype.itemsize:
            self._file.close()
            raise BadInput(f"The shared block {ref.name} is smaller than it was said to be.")

    def put(self, index: int, part: NDArray[Any]) -> None:
        """Write block[index]; part has its shape and type. Raises ValueError for another one."""
        fits = part.shape == self._shape and part.dtype == self._dtype
        if not fits or not 0 <= index < self._count:
            raise ValueError(f"this is no part of the block: {part.dtype} {part.shape} at {index}")
        if self._mapped is not None:
            self._mapped.array[index] = part
            return
        assert self._file is not None
        left = np.ascontiguousarray(part).data.cast("B")
        self._file.seek(index * len(left))
        while left:
            left = left[self._file.write(left) :]

    def __enter__(self) -> BlockFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
        if self._mapped is not None:
            self._mapped.free()


def sweep() -> tuple[str, ...]:
    """Remove blocks that dead processes of ours left behind; their paths."""
    swept = []
    for path in _left_behind():
        with contextlib.suppress(OSError):
            path.unlink()
            swept.append(str(path))
    return tuple(swept)


def _folders() -> tuple[Path, ...]:
    temporary = Path(tempfile.gettempdir())
    return (SHM, temporary) if SHM.is_dir() else (temporary,)


def _path_of(name: str) -> Path:
    path = Path(name) if os.path.isabs(name) else SHM / name  # noqa: PTH117
    if not _NAME.fullmatch(path.name):
        raise BadInput(f"{name} is not the name of a block of ours.")
    return path


def _new_file(path: Path, size: int) -> mmap.mmap | None:
    """A mapped file of `size` bytes that is really there, or None where there is no room."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError:
        return None
    try:
        _hold(file)
        os.truncate(file, size)
        if hasattr(os, "posix_fallocate"):
            # Without it a full /dev/shm shows only at the first touch, as SIGBUS.
            os.posix_fallocate(file, 0, size)
        return mmap.mmap(file, size)
    except OSError:
        path.unlink(missing_ok=True)
        return None
    finally:
        os.close(file)


def _hold(file: int) -> None:
    """Lock a block for as long as it is mapped (the map keeps a duplicate of the descriptor)."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def _is_held(path: Path) -> bool:
    """True while its owner lives, also one in another container, whose pid we cannot see."""
    if sys.platform == "win32":
        return False  # Windows refuses to delete a mapped file anyway
    import fcntl

    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _left_behind() -> Iterator[Path]:
    for folder in _folders():
        for path in folder.glob("hilum-*"):
            match = _NAME.fullmatch(path.name)
            if match is None or is_alive(int(match[1])):
                continue
            with contextlib.suppress(OSError):
                if not _is_held(path):
                    yield path


def is_alive(pid: int) -> bool:
    """True while a process of that number runs; on Windows, where we cannot ask, false for others.

    (There a file that another process has mapped cannot be deleted anyway.)
    """
    if pid == os.getpid():
        return True
    if sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

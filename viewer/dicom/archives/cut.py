"""What is still whole in a ZIP whose end is missing: a download that broke off, a full disk.

Its list of contents stood at the end, so the members are walked by their own headers. One counts
only where its size and its checksum hold.
Source: PKWARE APPNOTE 4.3.7 (local header), 4.3.9 (data descriptor), 4.5.3 (ZIP64).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LOCAL, CENTRAL, DESCRIPTOR, SPANNED = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08", b"PK00"
LOCKED, TOLD_LATER, UTF_8 = 1 << 0, 1 << 3, 1 << 11
STORED, DEFLATED = 0, 8
UNTOLD = 0xFFFFFFFF
ZIP64 = 0x0001
BLOCK = 1 << 20


class _CutError(Exception):
    """The file ends, or is damaged, within a member."""


@dataclass(frozen=True)
class Member:
    """One file of the archive by its own header. packed, size: bytes, -1 where told after it."""

    name: str
    locked: bool
    method: int
    packed: int
    size: int
    checksum: int
    told_later: bool


Take = Callable[[Member, Iterator[bytes]], None]
"""Takes the content of a member as it comes; it must come to its end."""


@dataclass(frozen=True)
class Walked:
    """whole: members whose content was good to the end. lost: those whose was not.

    complete: the list of contents was reached, so no other member is missing.
    """

    whole: int
    lost: int
    complete: bool


def walk_members(path: Path, take: Take) -> Walked:
    """Hand every member to `take`, in order, until the file ends.

    A member that proves damaged makes the iterator that `take` was given raise ValueError; take
    lets it pass after it has cleaned up. Raises OSError where the disk refuses.
    """
    whole = lost = 0
    with path.open("rb") as file:
        if file.read(4) not in (DESCRIPTOR, SPANNED):  # first of several volumes, in one piece
            file.seek(0)
        while (mark := file.read(4)) == LOCAL:
            try:
                member = _member(file)
                data = _Content(file, member)
            except _CutError:
                return Walked(whole, lost + 1, complete=False)
            try:
                take(member, data.blocks())
                whole += 1
            except ValueError:
                lost += 1
            if not data.skip_to_end():
                return Walked(whole, lost, complete=False)
    return Walked(whole, lost, complete=mark == CENTRAL)


def _member(file: IO[bytes]) -> Member:
    """The local header, the reader on the first byte of content after it."""
    raw = _exactly(file, 26)
    _, flags, method, _, _, checksum, packed, size, name_long, extra_long = struct.unpack(
        "<HHHHHIIIHH", raw
    )
    name = _exactly(file, name_long)
    extra = _exactly(file, extra_long)
    if UNTOLD in (packed, size):
        packed, size = _long_sizes(extra, packed, size)
    later = bool(flags & TOLD_LATER)
    return Member(
        name.decode("utf-8" if flags & UTF_8 else "cp437", "replace"),
        bool(flags & LOCKED),
        method,
        -1 if later and not packed else packed,
        -1 if later and not size else size,
        checksum,
        later,
    )


def _long_sizes(extra: bytes, packed: int, size: int) -> tuple[int, int]:
    """Sizes beyond 4 GiB, from the ZIP64 field: the full size first, then the packed one."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == ZIP64 and at + 4 + length <= len(extra):
            told = list(struct.unpack_from(f"<{length // 8}Q", extra, at + 4))
            size = told.pop(0) if size == UNTOLD and told else size
            packed = told.pop(0) if packed == UNTOLD and told else packed
            return packed, size
        at += 4 + length
    raise _CutError


def _exactly(file: IO[bytes], count: int) -> bytes:
    raw = file.read(count)
    if len(raw) < count:
        raise _CutError
    return raw


class _Content:
    """The content of one member; afterwards the file stands behind it."""

    def __init__(self, file: IO[bytes], member: Member) -> None:
        self._file, self._member = file, member
        self._begin = file.tell()
        self._end = -1 if member.packed < 0 else self._begin + member.packed

    def blocks(self) -> Iterator[bytes]:
        """Unpacked. Raises ValueError as soon as the member proves damaged, cut or unknown."""
        member = self._member
        if member.locked or member.method not in (STORED, DEFLATED):
            raise ValueError("packed in a way that cannot be read here")
        if member.method == STORED and self._end < 0:
            raise ValueError("nothing tells where it ends")
        checksum = length = 0
        for block in self._stored() if member.method == STORED else self._inflated():
            checksum = zlib.crc32(block, checksum)
            length += len(block)
            if 0 <= member.size < length:
                raise ValueError("longer than it says")
            yield block
        told = self._told_later() if member.told_later else member.checksum
        if checksum != told or (member.size >= 0 and length != member.size):
            raise ValueError("the checksum does not hold")

    def skip_to_end(self) -> bool:
        """To the byte after the member; False where nobody can tell where that is."""
        if self._end < 0:
            return False
        self._file.seek(self._end)
        if self._member.told_later:
            self._told_later()
        return True

    def _stored(self) -> Iterator[bytes]:
        left = self._member.packed
        while left:
            block = self._file.read(min(BLOCK, left))
            if not block:
                raise ValueError("it is cut")
            left -= len(block)
            yield block

    def _inflated(self) -> Iterator[bytes]:
        engine = zlib.decompressobj(-zlib.MAX_WBITS)
        left = self._member.packed
        try:
            while not engine.eof:
                packed = engine.unconsumed_tail
                if not packed:
                    packed = self._file.read(BLOCK if left < 0 else min(BLOCK, left))
                    left -= len(packed) if left >= 0 else 0
                    if not packed:
                        raise ValueError("it is cut")
                yield engine.decompress(packed, BLOCK)
        except zlib.error as error:
            raise ValueError("it is damaged") from error
        if self._end < 0:
            self._end = self._file.tell() - len(engine.unused_data)

    def _told_later(self) -> int:
        """The checksum that follows the content; the file stands behind it then."""
        self._file.seek(self._end)
        raw = self._file.read(28)
        at = 4 if raw[:4] == DESCRIPTOR else 0
        if len(raw) < at + 12:
            return -1
        for sizes in (8, 16):  # 4 bytes each, or 8 in ZIP64
            after = at + 4 + sizes
            if raw[after : after + 4] in (LOCAL, CENTRAL) or len(raw) == after:
                break
        else:
            after = at + 12
        self._file.seek(self._end + after)
        return int(struct.unpack_from("<I", raw, at)[0])

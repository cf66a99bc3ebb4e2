"""Stored pixels into Hounsfield units, slice by slice, outward from where the reader looks.

Uncompressed pixels are read straight at their own file's offset: offsets differ within a series.
A slice that cannot be decoded is left at air's value and named, never invented.
Source of the mapping: DICOM PS3.3 C.7.6.3.1 (bits, sign), C.11.1 (rescale).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.errors import BadInput, Cancelled, OutOfMemory
from ai.progress import OnProgress, ignore
from ai.scan.volume import Hu, Volume
from viewer.dicom.ahead import Decode, decoding_ahead
from viewer.dicom.decoders import NATIVE, decode_frame
from viewer.dicom.elements import DEFLATED_LE, EXPLICIT_BE, UnreadableError, inflated_file
from viewer.dicom.series import Series, SliceFile
from viewer.dicom.sort import name_of

UNREADABLE_HU = -1024
TOLD_EVERY_S = 0.05
LOWEST_HU, HIGHEST_HU = -32768, 32767


class UndecodableSlice(BadInput):
    """One slice whose pixels cannot be had; the sentence names it."""


def outward(count: int, first_k: int | None) -> list[int]:
    """All slice numbers, nearest to first_k first (the middle unless given)."""
    middle = count // 2 if first_k is None else min(max(first_k, 0), count - 1)
    return sorted(range(count), key=lambda k: (abs(k - middle), k))


def read_slice(series: Series, k: int) -> Hu:
    """HU of slice k, int16 (J, I); of air where nothing was scanned. Raises UndecodableSlice."""
    out = np.full((series.rows, series.columns), UNREADABLE_HU, dtype=np.int16)
    if series.slices[k].here:
        _read_into(
            series.slices[k], out, lambda item: _decoded(item, (series.rows, series.columns))
        )
    return out


def read_volume(series: Series, *, on_progress: OnProgress = ignore) -> Volume:
    """The whole series in HU. Raises BadInput where its slices make no volume."""
    if series.geometry is None:
        raise BadInput(series.refusal or "The slices of this series make no volume.")
    try:
        hu = np.empty(series.geometry.shape_kji, dtype=np.int16)
    except MemoryError as error:
        size_mib = 2 * int(np.prod(series.geometry.shape_kji, dtype=np.int64)) >> 20
        raise OutOfMemory(
            f"The series needs {size_mib} MiB of memory, more than there is.",
            "Close other programs, or open a series of fewer slices.",
        ) from error
    total = sum(piece.here for piece in series.slices)
    done = 0

    def told(ks: list[int]) -> None:
        nonlocal done
        done += len(ks)
        on_progress(done / total, "Reading slices")

    load_into(series, hu, on_slices=told)
    return Volume(series.geometry, hu, series.key)


def load_into(
    series: Series,
    hu: Hu,
    *,
    on_slices: Callable[[list[int]], None] | None = None,
    first_k: int | None = None,
    only: Iterable[int] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """Fill hu (K, J, I) with the series' HU; returns a sentence for what could not be read.

    on_slices hears the slices that have come, at most 20 times a second, the first one at once.
    only: the slices wanted, for workers that share the work. Raises Cancelled between slices.
    """
    order = outward(len(series.slices), first_k)
    if only is not None:
        chosen = set(only)
        order = [k for k in order if k in chosen]
    spoilt = load_slices(series, order, lambda k: hu[k], on_slices=on_slices, cancelled=cancelled)
    return spoilt_sentences(series, spoilt)


def load_slices(
    series: Series,
    order: Iterable[int],
    room: Callable[[int], Hu],
    *,
    filled: Callable[[int], None] = lambda k: None,
    on_slices: Callable[[list[int]], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[int]:
    """Decode slices in an order; the ones that could not be, left at air's value.

    room(k): where the HU of slice k go, (J, I) int16, perhaps the same each time; filled(k) takes
    them from there, before on_slices hears of k. It hears nothing of levels where nothing was
    scanned nor of slices that cannot be had: they get air's value, and are no pictures. Raises
    Cancelled between slices.
    """
    ks = list(order)
    pieces = dict.fromkeys(series.slices[k] for k in ks if series.slices[k].here)
    shape = (series.rows, series.columns)
    spoilt: list[int] = []
    ready: list[int] = []
    told_at = float("-inf")
    with decoding_ahead(tuple(pieces), lambda piece: _decoded(piece, shape)) as decode:
        once = _Once(series, decode)
        for k in ks:
            if cancelled():
                raise Cancelled
            out = room(k)
            if not series.slices[k].here:
                out[...] = UNREADABLE_HU
                filled(k)
                continue
            try:
                once.read(series.slices[k], out)
                ready.append(k)
            except UndecodableSlice:
                out[...] = UNREADABLE_HU
                spoilt.append(k)
            filled(k)
            if on_slices and ready and time.monotonic() - told_at >= TOLD_EVERY_S:
                on_slices(ready)
                ready, told_at = [], time.monotonic()
    if on_slices and ready:
        on_slices(ready)
    return sorted(spoilt)


class _Once:
    """Reads a slice once, though it may lie on several levels of an uneven series."""

    def __init__(self, series: Series, decode: Decode) -> None:
        self._decode = decode
        self._left = {piece: n for piece, n in Counter(series.slices).items() if n > 1}
        self._kept: dict[SliceFile, Hu | UndecodableSlice] = {}

    def read(self, piece: SliceFile, out: Hu) -> None:
        """HU of a slice into out. Raises UndecodableSlice."""
        if piece not in self._left:
            _read_into(piece, out, self._decode)
            return
        if piece not in self._kept:
            try:
                _read_into(piece, out, self._decode)
                self._kept[piece] = out.copy()
            except UndecodableSlice as error:
                self._kept[piece] = error
        self._left[piece] -= 1
        kept = self._kept[piece] if self._left[piece] else self._kept.pop(piece)
        if isinstance(kept, UndecodableSlice):
            raise kept
        out[...] = kept


def spoilt_sentences(series: Series, ks: Sequence[int]) -> tuple[str, ...]:
    """What to tell of slices whose pixels cannot be decoded; nothing where all could."""
    if not ks:
        return ()
    ks = list({series.slices[k]: k for k in reversed(ks)}.values())[::-1]
    names = ", ".join(name_of(series.slices[k]) for k in ks[:3])
    more = f" and {len(ks) - 3} more" if len(ks) > 3 else ""
    if len(ks) == 1:
        told = (
            f"The pixel data of {names} is damaged: its place is left empty, and the AI does not "
            "see it."
        )
        return (told,)
    told = (
        f"The pixel data of {len(ks)} slices is damaged, {names}{more}: their places are left "
        "empty, and the AI does not see them."
    )
    return (told,)


def _read_into(item: SliceFile, out: NDArray[np.int16], decode: Decode) -> None:
    try:
        if item.pixel_offset >= 0 and item.transfer_syntax != DEFLATED_LE:
            raw = _read_plain(item, out)
        else:
            raw = decode(item)
    except (ValueError, OSError, UnreadableError, MemoryError) as error:
        raise UndecodableSlice(f"The pixel data of {name_of(item)} is damaged.") from error
    to_hu(raw, item, out)


def _decoded(item: SliceFile, shape: tuple[int, int]) -> NDArray[np.generic]:
    """Stored values of a slice that cannot be read straight from its file."""
    if item.transfer_syntax in NATIVE:
        return _read_native(item, shape)
    return decode_frame(item, *shape)


def _stored_type(item: SliceFile) -> np.dtype[np.generic]:
    sign = "f" if item.floating else "i" if item.signed else "u"
    if item.bits_allocated not in ((32, 64) if item.floating else (8, 16, 32)):
        raise ValueError("pixels of an unusual width")
    order = ">" if item.transfer_syntax == EXPLICIT_BE else "<"
    return np.dtype(f"{order}{sign}{item.bits_allocated // 8}")


def _read_plain(item: SliceFile, out: NDArray[np.int16]) -> NDArray[np.generic]:
    """Stored values read at the file's offset: into `out` itself where they have its width."""
    in_place = item.bits_allocated == 16 and out.flags.c_contiguous
    buffer: NDArray[Any] = out if in_place else np.empty(out.shape, _stored_type(item))
    with item.path.open("rb", buffering=0) as file:
        file.seek(item.pixel_offset)
        view = memoryview(buffer.data).cast("B")
        have = 0
        while have < len(view):
            got = file.readinto(view[have:])
            if not got:
                raise ValueError("the pixel data is too short")
            have += got
    return buffer.view(_stored_type(item)) if buffer is out else buffer


def _read_native(item: SliceFile, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """Stored values of big endian and deflated files."""
    kind = _stored_type(item)
    count = shape[0] * shape[1]
    if item.transfer_syntax == DEFLATED_LE:
        raw = np.frombuffer(inflated_file(item.path), kind, count, item.pixel_offset)
    else:
        at = item.stored_at + item.frame * count * kind.itemsize
        with item.path.open("rb") as file:
            file.seek(at)
            raw = np.frombuffer(file.read(count * kind.itemsize), kind, count)
    return raw.reshape(shape).astype(kind.newbyteorder("="))


def to_hu(raw: NDArray[np.generic], item: SliceFile, out: NDArray[np.int16]) -> None:
    """Stored values to HU in `out` (int16, clipped): unused bits off, sign, then slope, intercept.

    raw may share memory with out. A table stands in for slope and intercept where there is one;
    a float that is no number becomes air.
    """
    if item.floating:
        real = np.asarray(raw, dtype=np.float64) * item.slope + item.intercept
        real = np.nan_to_num(real, nan=UNREADABLE_HU, posinf=HIGHEST_HU, neginf=LOWEST_HU)
        out[...] = np.clip(np.rint(real), LOWEST_HU, HIGHEST_HU)
        return
    stored, low, high = _meaningful(raw, item)
    if item.table is not None:
        out[...] = np.clip(item.table.values(stored), LOWEST_HU, HIGHEST_HU)
        return
    intercept = int(item.intercept) if float(item.intercept).is_integer() else None
    if (
        item.slope == 1
        and intercept is not None
        and stored.dtype.itemsize <= 2
        and low + intercept >= LOWEST_HU
        and high + intercept <= HIGHEST_HU
    ):
        # modulo 2^16 the sum is exact, whatever the sign of the stored type
        offset = np.array(intercept % 65536, dtype=np.uint16)
        if stored.dtype.itemsize == 1:
            out[...] = stored.astype(np.int16) + np.int16(intercept)
        else:
            np.add(stored.view(np.uint16), offset, out=out.view(np.uint16))
        return
    exact = stored.astype(np.float64) * item.slope + item.intercept
    out[...] = np.clip(np.rint(exact), LOWEST_HU, HIGHEST_HU)


def _meaningful(raw: NDArray[np.generic], item: SliceFile) -> tuple[NDArray[np.generic], int, int]:
    """Values of the stored bits alone, their least and their greatest.

    Overlays hide in the other bits, and the last stored one is the sign. Most files leave them
    clean, which the extremes show without two more walks through the pixels.
    """
    width = raw.dtype.itemsize * 8
    bits, low_bit = item.bits_stored, item.high_bit + 1 - item.bits_stored
    kind = np.dtype(f"{'i' if item.signed else 'u'}{width // 8}")
    stored: NDArray[np.generic] = raw.view(kind) if raw.dtype.kind in "iu" else raw.astype(kind)
    low, high = int(stored.min()), int(stored.max())
    if bits >= width or bits <= 0 or low_bit < 0 or bits + low_bit > width:
        return stored, low, high
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if item.signed else (0, (1 << bits) - 1)
    if low_bit == 0 and least <= low and high <= most:
        return stored, low, high
    up = width - bits - low_bit
    stored = np.right_shift(np.left_shift(stored, up), up + low_bit)
    return stored, int(stored.min()), int(stored.max())


def same_pixels(a: SliceFile, b: SliceFile) -> bool:
    """Whether two images store the same pixels, byte for byte; False where one cannot be read."""
    try:
        return _stored_bytes(a) == _stored_bytes(b)
    except OSError:
        return False


def _stored_bytes(item: SliceFile) -> bytes:
    with item.path.open("rb") as file:
        file.seek(max(item.stored_at, 0))
        whole = file.read(item.stored_length if item.stored_length > 0 else -1)
    share = len(whole) // item.frames if item.stored_length > 0 else 0
    return whole[share * item.frame : share * (item.frame + 1)] if share else whole

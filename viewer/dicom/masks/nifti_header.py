"""The header of a NIfTI file: how voxels are stored, and where they lie in the patient.

Read and written here because tilted grids must come through whole: a library that allows only right
angles would refuse them or straighten them. NIfTI speaks RAS, Hilum LPS.
Source: the NIfTI-1 and NIfTI-2 headers (nifti1.h, nifti2.h), NIfTI-1 "method 2" and "method 3".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]

SIZE_1, SIZE_2 = 348, 540
"""Bytes of the header, which are also its first number."""
DATA_AT: Final = 352
MOST_BEFORE: Final = 64 * 1024**2
"""Voxels begin within so many bytes; what lies between is other programs' notes."""
TYPES: Final = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8",
    1280: "u8",
}  # fmt: skip
UNITS_MM: Final = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
HALF_TURN: Final = 2e-7
"""What rounding can leave of one, less the squares of three floats."""
SCANNER, LABELS, MM = 1, 1002, 2
RAS_LPS: Final = np.diag([-1.0, -1.0, 1.0, 1.0])


class UnreadableNiftiError(Exception):
    """A file that is no NIfTI, or one of a kind that is not read; the text says which."""


@dataclass(frozen=True, eq=False)
class NiftiHeader:
    """What stands before the voxels.

    shape_ijk: as stored, i fastest. affine: (i, j, k, 1) to LPS mm. data_at: offset of the voxels.
    slope 1 and intercept 0 where the file scales nothing. intent: what it calls itself.
    """

    shape_ijk: tuple[int, int, int]
    affine: Floats
    dtype: np.dtype[np.generic]
    data_at: int
    slope: float = 1.0
    intercept: float = 0.0
    intent: str = ""


def looks_like_nifti(start: bytes) -> bool:
    """Whether a file that begins so, unpacked, is a NIfTI; 348 bytes are needed to tell."""
    return _order(start) != ""


def _order(start: bytes) -> str:
    for order in "<>":
        if len(start) >= SIZE_1 and struct.unpack_from(f"{order}i", start)[0] == SIZE_1:
            return order if start[344:347] in (b"n+1", b"ni1") else ""
        if len(start) >= 12 and struct.unpack_from(f"{order}i", start)[0] == SIZE_2:
            return order if start[4:7] in (b"n+2", b"ni2") else ""
    return ""


def read_header(start: bytes) -> NiftiHeader:
    """The header at the start of a file, unpacked. Raises UnreadableNiftiError."""
    order = _order(start)
    if not order:
        raise UnreadableNiftiError("it is no NIfTI file")
    first = struct.unpack_from(f"{order}i", start)[0] == SIZE_1
    if not first and len(start) < SIZE_2:
        raise UnreadableNiftiError("its header is cut off")
    if start[344:347] == b"ni1" or start[4:7] == b"ni2":
        raise UnreadableNiftiError("its voxels are in another file; one .nii or .nii.gz is needed")
    raw = _fields_1(start, order) if first else _fields_2(start, order)
    if raw.kind not in TYPES:
        raise UnreadableNiftiError(f"its voxels are of a type that is not read here ({raw.kind})")
    if not SIZE_1 <= raw.data_at <= MOST_BEFORE:
        raise UnreadableNiftiError("it does not say where in the file its voxels begin")
    slope = raw.slope if np.isfinite(raw.slope) and raw.slope != 0 else 1.0
    return NiftiHeader(
        _shape(raw.dim),
        _affine(raw),
        np.dtype(f"{order}{TYPES[raw.kind]}"),
        int(raw.data_at),
        float(slope),
        float(raw.intercept) if np.isfinite(raw.intercept) and raw.slope != 0 else 0.0,
        raw.intent.split(b"\0")[0].decode("latin-1"),
    )


@dataclass(frozen=True, eq=False)
class _Raw:
    """The fields that both versions share, under one set of names."""

    dim: tuple[int, ...]
    pixdim: tuple[float, ...]
    kind: int
    data_at: float
    slope: float
    intercept: float
    units: int
    qform: int
    sform: int
    quaternion: tuple[float, ...]
    offset: tuple[float, ...]
    rows: Floats
    intent: bytes


def _fields_1(start: bytes, order: str) -> _Raw:
    def of(form: str, at: int) -> tuple[float, ...]:
        return struct.unpack_from(order + form, start, at)

    return _Raw(
        tuple(int(n) for n in of("8h", 40)), of("8f", 76), int(of("h", 70)[0]), of("f", 108)[0],
        of("f", 112)[0], of("f", 116)[0], start[123], int(of("h", 252)[0]), int(of("h", 254)[0]),
        of("3f", 256), of("3f", 268), np.array(of("12f", 280)).reshape(3, 4), start[328:344],
    )  # fmt: skip


def _fields_2(start: bytes, order: str) -> _Raw:
    def of(form: str, at: int) -> tuple[float, ...]:
        return struct.unpack_from(order + form, start, at)

    return _Raw(
        tuple(int(n) for n in of("8q", 16)), of("8d", 104), int(of("h", 12)[0]), of("q", 168)[0],
        of("d", 176)[0], of("d", 184)[0], int(of("i", 500)[0]), int(of("i", 344)[0]),
        int(of("i", 348)[0]), of("3d", 352), of("3d", 376),
        np.array(of("12d", 400)).reshape(3, 4), start[508:524],
    )  # fmt: skip


def _shape(dim: tuple[int, ...]) -> tuple[int, int, int]:
    count = dim[0]
    if not 1 <= count <= 7 or any(n < 1 for n in dim[1 : count + 1]):
        raise UnreadableNiftiError("its size makes no sense")
    sizes = (*dim[1 : count + 1], 1, 1)
    if any(n != 1 for n in sizes[3:]):
        raise UnreadableNiftiError("it holds more than one volume")
    return sizes[0], sizes[1], sizes[2]


def _affine(raw: _Raw) -> Floats:
    """(i, j, k, 1) to LPS mm: the sform where there is one, else the qform."""
    to_ras = np.eye(4)
    if raw.sform > 0:
        to_ras[:3] = raw.rows
    elif raw.qform > 0:
        b, c, d = raw.quaternion
        rest = 1.0 - (b * b + c * c + d * d)
        # In half turns, as from LPS to RAS, what is left is the rounding of three floats. Taken for
        # an angle it would shift the far corner of a chest by a tenth of a millimetre.
        a = np.sqrt(rest) if rest > HALF_TURN else 0.0
        if not np.isfinite(rest) or rest < -0.1:
            raise UnreadableNiftiError("its orientation makes no sense")
        turned = Rotation.from_quat([b, c, d, a]).as_matrix()
        side = -1.0 if raw.pixdim[0] < 0 else 1.0
        to_ras[:3, :3] = turned * (raw.pixdim[1], raw.pixdim[2], side * raw.pixdim[3])
        to_ras[:3, 3] = raw.offset
    else:
        raise UnreadableNiftiError("it does not say where its voxels lie in the patient")
    to_ras[:3] *= UNITS_MM.get(raw.units & 7, 1.0)
    if not np.all(np.isfinite(to_ras)) or abs(np.linalg.det(to_ras[:3, :3])) < 1e-12:
        raise UnreadableNiftiError("its orientation makes no sense")
    return RAS_LPS @ to_ras


def header_bytes(header: NiftiHeader, *, labels: bool, description: str) -> bytes:
    """The 352 bytes before the voxels of a NIfTI-1 file (little endian, sform and, where its axes
    are at right angles, the same qform)."""
    out = bytearray(DATA_AT)
    to_ras = RAS_LPS @ header.affine
    sizes = np.linalg.norm(to_ras[:3, :3], axis=0)
    quaternion, side = _quaternion(to_ras[:3, :3] / sizes)
    code = next(code for code, name in TYPES.items() if name == header.dtype.str[1:])
    struct.pack_into("<i", out, 0, SIZE_1)
    struct.pack_into("<8h", out, 40, 3, *header.shape_ijk, 1, 1, 1, 1)
    struct.pack_into("<h", out, 68, LABELS if labels else 0)
    struct.pack_into("<2h", out, 70, code, 8 * header.dtype.itemsize)
    struct.pack_into("<8f", out, 76, side, *sizes, 0, 0, 0, 0)
    struct.pack_into("<3f", out, 108, DATA_AT, 1.0, 0.0)
    out[123] = MM
    out[148:228] = description.encode("latin-1", "replace")[:79].ljust(80, b"\0")
    struct.pack_into("<2h", out, 252, SCANNER if quaternion else 0, SCANNER)
    struct.pack_into("<6f", out, 256, *(quaternion or (0, 0, 0)), *to_ras[:3, 3])
    struct.pack_into("<12f", out, 280, *to_ras[:3].ravel())
    out[328:344] = header.intent.encode("latin-1")[:15].ljust(16, b"\0")
    out[344:348] = b"n+1\0"
    return bytes(out)


def _quaternion(directions: Floats) -> tuple[tuple[float, float, float] | None, float]:
    """b, c, d of unit columns, and the side their third lies on; None where they are skewed."""
    side = 1.0 if np.linalg.det(directions) > 0 else -1.0
    square = directions * (1.0, 1.0, side)
    if np.abs(square.T @ square - np.eye(3)).max() > 1e-5:
        return None, 1.0
    b, c, d, a = Rotation.from_matrix(square).as_quat()
    if a < 0:
        b, c, d = -b, -c, -d
    return (float(b), float(c), float(d)), side

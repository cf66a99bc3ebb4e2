"""What may cross the pipe: every message is checked against its own declaration.

Here both ends run the same code, so this mostly guards against our own mistakes; for a worker on
another machine it is the door.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from pathlib import PurePath
from typing import Any

import numpy as np

from ai.errors import BadInput
from ai.scan.chance import map_grid
from ai.scan.check import KINDS, CheckPlace
from ai.scan.density import HIGHEST_HU, LOWEST_HU, Density
from ai.scan.fit import LEVELS, Fit
from ai.scan.geometry import Geometry
from ai.worker import messages
from ai.worker.messages import (
    BlockRef,
    CompareLungs,
    FindNodules,
    Hello,
    LabelsRef,
    LungsAligned,
    MapChance,
    MaskRef,
    Progress,
    SegmentLungs,
    VolumeRef,
)

REQUESTS: tuple[type, ...] = typing.get_args(messages.Request)
REPLIES: tuple[type, ...] = typing.get_args(messages.Reply)
DTYPES = ("int16", "uint8", "bool")


def check_request(message: Any) -> None:
    """Raises BadInput for anything that a worker must not be asked."""
    _check(message, REQUESTS)


def check_reply(message: Any) -> None:
    """Raises BadInput for anything that a worker must not answer."""
    _check(message, REPLIES)


def _check(message: Any, allowed: tuple[type, ...]) -> None:
    if type(message) not in allowed:
        raise BadInput(f"{type(message).__name__} is not a message of this protocol.")
    _fits(message, type(message), type(message).__name__)


def _fits(value: Any, kind: Any, where: str) -> None:
    """Raises BadInput unless value is what `kind` declares; `where` is the place in the message."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        _one_fits(value, typing.get_args(kind), where)
    elif origin is tuple:
        _tuple_fits(value, typing.get_args(kind), where)
    elif origin is np.ndarray:
        _demand(False, where, "holds voxels; they belong into a block")
    elif kind is float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        _demand(is_number and math.isfinite(value), where, "must be a finite number")
    elif isinstance(kind, type) and dataclasses.is_dataclass(kind):
        _demand(type(value) is kind, where, f"must be a {kind.__name__}")
        for name, declared in _fields(kind):
            _fits(getattr(value, name, None), declared, f"{where}.{name}")
        _rule(value, where)
    else:
        _demand(type(value) is kind, where, f"must be {getattr(kind, '__name__', kind)}")


def _one_fits(value: Any, kinds: tuple[Any, ...], where: str) -> None:
    kind = next((k for k in kinds if type(value) is k), None)
    _demand(kind is not None, where, f"is a {type(value).__name__}")
    if value is not None:
        _fits(value, kind, where)


def _tuple_fits(value: Any, kinds: tuple[Any, ...], where: str) -> None:
    _demand(type(value) is tuple, where, "must be a tuple")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    _demand(len(value) == len(kinds), where, f"must have {len(kinds)} parts")
    for n, (part, kind) in enumerate(zip(value, kinds, strict=True)):
        _fits(part, kind, f"{where}[{n}]")


def _rule(value: Any, where: str) -> None:
    """What a declaration cannot say."""
    match value:
        case BlockRef():
            _demand(value.dtype in DTYPES, where, f"must hold one of {', '.join(DTYPES)}")
            _demand(bool(value.shape) and min(value.shape) > 0, where, "has no such shape")
            _demand(PurePath(value.name).name.startswith("hilum-"), where, "names no block")
        case VolumeRef():
            _demand(len(value.affine) == 16, where, "must have an affine of 16 numbers")
            _demand(value.block.dtype == "int16", where, "must hold HU as int16")
            _demand(len(value.block.shape) == 3, where, "must have three axes")
        case SegmentLungs():
            same = value.out.shape == value.volume.block.shape and value.out.dtype == "uint8"
            _demand(same, where, "must lend a uint8 block of the volume's shape")
        case CompareLungs():
            for block in (value.lungs, value.out):
                same = block.shape == value.volume.block.shape and block.dtype == "uint8"
                _demand(same, where, "must lend uint8 blocks of the volume's shape")
        case MapChance():
            shape = map_grid(geometry_of(value.volume)).shape_kji
            _demand(value.out.shape == shape, where, "must lend a map's block")
            _demand(value.out.dtype == "uint8", where, "must lend a block of bytes")
        case FindNodules():
            same = value.lungs.shape == value.volume.block.shape and value.lungs.dtype == "uint8"
            _demand(same, where, "must give lungs as uint8 of the volume's shape")
            arena = len(value.out.shape) == 1 and value.out.dtype == "uint8"
            _demand(arena, where, "must lend an arena of bytes")
        case LabelsRef():
            _demand(len(value.affine) == 16, where, "must have an affine of 16 numbers")
            labels = value.block.dtype == "uint8" and len(value.block.shape) == 3
            _demand(labels, where, "must hold labels as uint8 on three axes")
        case LungsAligned():
            _demand(len(value.matrix) == 16, where, "must have a matrix of 16 numbers")
        case Fit():
            _demand(value.level in LEVELS, where, f"must be one of {', '.join(LEVELS)}")
        case CheckPlace():
            _demand(value.kind in KINDS, where, f"must be one of {', '.join(KINDS)}")
        case Density():
            size = HIGHEST_HU - LOWEST_HU + 1
            _demand(len(value.counts) == size, where, f"must have {size} places")
        case Progress():
            _demand(0.0 <= value.fraction <= 1.0, where, "must lie between 0 and 1")
        case MaskRef():
            _demand(value.offset >= 0 and min(value.shape) > 0, where, "lies nowhere")
        case Hello():
            same = value.protocol == messages.PROTOCOL
            _demand(same, where, f"speaks protocol {value.protocol}, not {messages.PROTOCOL}")


def geometry_of(ref: VolumeRef) -> Geometry:
    """The grid that a reference describes."""
    k, j, i = ref.block.shape
    affine = np.array(ref.affine, dtype=np.float64).reshape(4, 4)
    return Geometry((k, j, i), affine, ref.frame_of_reference)


@functools.cache
def _fields(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((f.name, hints[f.name]) for f in dataclasses.fields(kind))


def _demand(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise BadInput(f"{where} {what}.")

"""How a model was run, in DICOM's free text for an algorithm's parameters, and read back."""

from __future__ import annotations

from collections.abc import Iterable

from ai.scan.labelmap import MadeBy

NAMES = {
    "weights_sha256": "Weights SHA-256",
    "runtime": "Runtime",
    "device": "Device",
    "remark": "Remark",
}
NOT_TOLD = "version not told"
"""Of a foreign program that names no version, where a value must stand (TID 4019)."""
LINES = "\r\n"
"""What parts lines in a Long Text (PS3.5 6.2)."""


def parameters_of(made_by: MadeBy) -> tuple[str, ...]:
    """Each of what is known, as "Name: value"; nothing for a recipe without weights.

    For Algorithm Parameters (0066,0032) and for the items (111002, DCM) of TID 4019.
    """
    told = ((name, getattr(made_by, field)) for field, name in NAMES.items())
    return tuple(f"{name}: {value}" for name, value in told if value)


def made_by_of(card: str, version: str, parameters: Iterable[str]) -> MadeBy:
    """What parameters_of told; words of other programs are left out."""
    known = {}
    for line in parameters:
        name, _, value = line.partition(": ")
        field = next((field for field, told in NAMES.items() if told == name.strip()), "")
        if field:
            known[field] = value.strip()
    return MadeBy(card, version, **known)

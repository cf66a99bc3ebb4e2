"""What a reader can call a mark of their own: kinds with a code, or words of their own.

Codes: SNOMED CT as DICOM PS3.16 has them. A kind for which that part has none goes out as a lesion,
and its label says what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ai.scan.labelmap import ANATOMICAL, Code

NODULE: Final = "nodule"
OTHER: Final = "other"
"""What the reader says in words of their own."""

ABNORMAL: Final = Code("49755003", "SCT", "Morphologically Abnormal Structure")
LESION: Final = Code("52988006", "SCT", "Lesion")


@dataclass(frozen=True)
class Kind:
    """A kind of finding: its id in the log, what English reports call it, its DICOM codes."""

    id: str
    word: str
    code: Code
    category: Code = ABNORMAL


KINDS: Final = {
    kind.id: kind
    for kind in (
        Kind(NODULE, "nodule", Code("27925004", "SCT", "Nodule")),
        Kind("lymph-node", "lymph node", Code("59441001", "SCT", "Lymph Node"), ANATOMICAL),
        Kind("effusion", "pleural effusion", Code("60046008", "SCT", "Pleural effusion")),
        Kind("mass", "mass", Code("4147007", "SCT", "Mass")),
        Kind("cyst", "cyst", Code("367643001", "SCT", "Cyst")),
        Kind("scar", "scar", Code("12402003", "SCT", "Scar (morphologic abnormality)")),
        Kind("consolidation", "consolidation", LESION),
        Kind("atelectasis", "atelectasis", LESION),
        Kind(OTHER, "lesion", LESION),
    )
}
"""By id, in the order in which they are offered."""


def kind_of(finding_kind: str) -> Kind:
    """The kind with that id; any other is told as a lesion."""
    return KINDS.get(finding_kind, KINDS[OTHER])

"""What a reader can call a mark of their own: kinds with a code, or words of their own.

Codes: SNOMED CT as DICOM PS3.16 has them; consolidation and atelectasis, which its lists (all
extensible) lack, by SNOMED CT itself. What a reader names otherwise goes out as a lesion, and its
label says what it is. All go out as abnormal: that category is what tells a finding from an
organ when a segmentation is read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ai.scan.labelmap import LUNG, Code

NODULE: Final = "nodule"
OTHER: Final = "other"
"""What the reader says in words of their own."""

USE: Final = "research use only"
ABNORMAL: Final = Code("49755003", "SCT", "Morphologically Abnormal Structure")
LESION: Final = Code("52988006", "SCT", "Lesion")
PLEURA: Final = Code("3120008", "SCT", "Pleura")
THORAX: Final = Code("816094009", "SCT", "Thorax")


@dataclass(frozen=True)
class Kind:
    """A kind of finding: its id in the log, what English reports call it, its DICOM codes.

    region: where such a thing lies. textured: solid or ground glass means something of it.
    """

    id: str
    word: str
    code: Code
    region: Code = LUNG
    textured: bool = False


KINDS: Final = {
    kind.id: kind
    for kind in (
        Kind(NODULE, "nodule", Code("27925004", "SCT", "Nodule"), textured=True),
        Kind("lymph-node", "lymph node", Code("59441001", "SCT", "Lymph Node"), region=THORAX),
        Kind(
            "effusion",
            "pleural effusion",
            Code("60046008", "SCT", "Pleural effusion"),
            region=PLEURA,
        ),
        Kind("mass", "mass", Code("4147007", "SCT", "Mass"), textured=True),
        Kind("cyst", "cyst", Code("367643001", "SCT", "Cyst")),
        Kind("scar", "scar", Code("12402003", "SCT", "Scar (morphologic abnormality)")),
        Kind("consolidation", "consolidation", Code("95436008", "SCT", "Lung consolidation")),
        Kind("atelectasis", "atelectasis", Code("46621007", "SCT", "Atelectasis")),
        Kind(OTHER, "lesion", LESION, region=THORAX),
    )
}
"""By id, in the order in which they are offered."""


def kind_of(finding_kind: str) -> Kind:
    """The kind with that id; any other is told as a lesion."""
    return KINDS.get(finding_kind, KINDS[OTHER])


def kind_coded(value: str) -> str:
    """The id of the kind with that SNOMED CT code; a nodule's for any other."""
    return next((kind.id for kind in KINDS.values() if kind.code.value == value), NODULE)


def what_it_is(finding_kind: str, texture: str) -> str:
    """What English names say of a finding: a nodule's texture, else its kind."""
    return texture if finding_kind == NODULE else kind_of(finding_kind).word

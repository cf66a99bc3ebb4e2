"""The export passport: what was proven of each file that went out, as values a panel can draw.

Nothing here is claimed by the writer: every figure comes from the file as it lies on the disk, read
again by code that shares no module with the one that wrote it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from viewer import __version__
from viewer.reading.events import ADDED, EDITED, EXPORTED_STATES, HELD, PROPOSED, Answer
from viewer.reading.origin import TAKEN_OVER
from viewer.reading.signature import NEVER

STATES: Final = (
    Answer.ACCEPT.value,
    EDITED,
    ADDED,
    TAKEN_OVER,
    Answer.REJECT.value,
    HELD,
    Answer.UNDECIDED.value,
    PROPOSED,
)
"""Every state of a finding, in the order they are told."""
IN_FILE: Final = (*EXPORTED_STATES, TAKEN_OVER)
NOT_HERE: Final = "not on this machine"
FORMAT: Final = 1


@dataclass(frozen=True)
class Overlap:
    """One segment against what was asked: Dice, and how many voxels it holds in the file."""

    label: str
    dice: float
    voxels: int


@dataclass(frozen=True)
class Check:
    """One line to draw. good: None where it was not looked at.

    words: a literal of this file, so that a panel may have it in another language, with the values
    in its places {0}, {1} ...
    """

    name: str
    good: bool | None
    words: str
    values: tuple[object, ...] = ()

    @property
    def told(self) -> str:
        return self.words.format(*self.values)


@dataclass(frozen=True)
class Judgement:
    """What dciodvfy said. ran: False where it gave no verdict; why: then the reason."""

    ran: bool = False
    errors: int = 0
    warnings: int = 0
    why: str = ""

    @property
    def words(self) -> str:
        return self.check.told

    @property
    def check(self) -> Check:
        if not self.ran:
            return Check("dciodvfy", None, self.why or NOT_HERE)
        told = {
            (True, True): "{0} error, {1} warning",
            (True, False): "{0} error, {1} warnings",
            (False, True): "{0} errors, {1} warning",
            (False, False): "{0} errors, {1} warnings",
        }[self.errors == 1, self.warnings == 1]
        return Check("dciodvfy", self.errors == 0, told, (self.errors, self.warnings))


@dataclass(frozen=True)
class PassportObject:
    """One file and what was proven of it.

    role: lungs, nodules, sr, figures ... kind: DICOM-SEG, DICOM-SR, CSV ... segments, frames:
    of a SEG; groups: of an SR; rows: of a table. voxels_reread: how many voxels of the scan's grid
    were compared. positions, figures, images: how many agree, of how many. bytes_equal: the file
    holds what was sent to the disk (where nothing finer can be said). verified: of an SR: whether
    it names who signed it, as was asked.
    """

    role: str
    kind: str
    file: str
    sha256: str
    size_bytes: int
    segments: int = 0
    frames: int = 0
    groups: int = 0
    rows: int = 0
    voxels_reread: int = 0
    overlaps: tuple[Overlap, ...] = ()
    positions: tuple[int, int] = (0, 0)
    figures: tuple[int, int] = (0, 0)
    images: tuple[int, int] = (0, 0)
    same_study: bool | None = None
    same_frame_of_reference: bool | None = None
    bytes_equal: bool | None = None
    verified: bool | None = None
    dciodvfy: Judgement | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        """What a card lists, in order."""
        made: list[Check] = []
        if self.voxels_reread:
            equal = all(one.dice == 1 for one in self.overlaps)
            made.append(Check("Voxels re-read", equal, "{0:,} equal", (self.voxels_reread,)))
            made.append(self._overlap(equal=equal))
        for name, pair, told in (
            ("Place in space", self.positions, "{0} of {1} positions"),
            ("Figures re-read", self.figures, "{0} of {1} figures"),
            ("Images named", self.images, "{0} of {1} images"),
        ):
            if pair[1]:
                made.append(Check(name, pair[0] == pair[1], told, pair))
        for name, same in (
            ("Study", self.same_study),
            ("Frame of reference", self.same_frame_of_reference),
        ):
            if same is not None:
                made.append(Check(name, same, "the same" if same else "another one"))
        if self.verified is not None:
            told = "by name, as signed" if self.verified else "by nobody"
            made.append(Check("Verified", True if self.verified else None, told))
        if self.bytes_equal is not None:
            told = "as written" if self.bytes_equal else "not as written"
            made.append(Check("Read back", self.bytes_equal, told))
        if self.dciodvfy is not None:
            made.append(self.dciodvfy.check)
        return tuple(made)

    @property
    def proven(self) -> bool:
        """Nothing that was looked at speaks against the file."""
        return all(check.good is not False for check in self.checks)

    def _overlap(self, *, equal: bool) -> Check:
        if self.role == "lungs":
            each = ", ".join(f"{one.label[:1]} {one.dice:.4f}" for one in self.overlaps)
            return Check("Overlap", equal, "Dice {0}", (each,))
        many, lowest = len(self.overlaps), min((one.dice for one in self.overlaps), default=1.0)
        told = "Dice {0:.4f}, lowest of {1}" if many > 1 else "Dice {0:.4f}"
        return Check("Overlap", equal, told, (lowest, many))


@dataclass(frozen=True)
class WentOut:
    """How many findings of one state there were, and whether they are in the files."""

    state: str
    count: int
    in_file: bool


@dataclass(frozen=True)
class Passport:
    """All files of one export. made_at: ISO 8601. reader: a pseudonym, or how a rule accepted.

    how_read: a sentence each. rejected_as: reasons, the most frequent first, with how many.
    signed: never, signed, changed since, or reopened and not changed.
    signed_at: ISO 8601. signed_by_name: the report names who signed, and where; the passport does
    not. amended: how often.
    """

    reading: str
    made_at: str
    reader: str
    objects: tuple[PassportObject, ...]
    went_out: tuple[WentOut, ...]
    policies: tuple[str, ...] = ()
    signed: str = NEVER
    signed_at: str = ""
    amended: int = 0
    how_read: tuple[str, ...] = ()
    rejected_as: tuple[tuple[str, int], ...] = ()
    made_by: str = f"Hilum {__version__}"
    qualification: str = "RESEARCH"
    signed_by_name: bool = False

    @property
    def proven(self) -> bool:
        return all(one.proven for one in self.objects)

    @property
    def judged(self) -> tuple[int, int]:
        """How many of the candidates that were shown have an answer, and how many there were."""
        shown = [row for row in self.went_out if row.state not in (HELD, ADDED, TAKEN_OVER)]
        return (
            sum(row.count for row in shown if row.state != PROPOSED),
            sum(row.count for row in shown),
        )


def what_went_out(states: Iterable[str]) -> tuple[WentOut, ...]:
    """Every state with its count, zeros too: what was left out is told as plainly."""
    counts = Counter(states)
    return tuple(WentOut(state, counts[state], state in IN_FILE) for state in STATES)


def passport_json(passport: Passport) -> str:
    """passport.json: the value as it is, with the checks in words beside it."""
    told: dict[str, Any] = {"format": FORMAT, **asdict(passport)}
    for row, one in zip(told["objects"], passport.objects, strict=True):
        if one.dciodvfy is not None:
            counts = {"errors": one.dciodvfy.errors, "warnings": one.dciodvfy.warnings}
            row["dciodvfy"] = counts if one.dciodvfy.ran else one.dciodvfy.words
        row["checks"] = [
            {"name": check.name, "told": check.told, "good": check.good} for check in one.checks
        ]
        row["proven"] = one.proven
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)


def passport_of(text: str) -> Passport:
    """The passport that a passport.json holds. Raises ValueError where it is none."""
    try:
        told = json.loads(text)
        return Passport(
            reading=told["reading"],
            made_at=told["made_at"],
            reader=told["reader"],
            objects=tuple(_object(row) for row in told["objects"]),
            went_out=tuple(WentOut(**row) for row in told["went_out"]),
            policies=tuple(told["policies"]),
            signed=told.get("signed", NEVER),
            signed_at=told.get("signed_at", ""),
            amended=told.get("amended", 0),
            how_read=tuple(told.get("how_read", ())),
            rejected_as=tuple((why, count) for why, count in told.get("rejected_as", ())),
            made_by=told["made_by"],
            qualification=told["qualification"],
            signed_by_name=told.get("signed_by_name", False),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no export passport: {error}") from error


def _object(row: dict[str, Any]) -> PassportObject:
    said = row["dciodvfy"]
    if said is None:
        judged: Judgement | None = None
    elif isinstance(said, str):
        judged = Judgement(why="" if said == NOT_HERE else said)
    else:
        judged = Judgement(True, said["errors"], said["warnings"])
    plain = {key: value for key, value in row.items() if key not in ("checks", "proven")}
    pairs = [key for key in ("positions", "figures", "images") if key in plain]
    plain |= {key: (plain[key][0], plain[key][1]) for key in pairs}
    plain |= {"overlaps": tuple(Overlap(**one) for one in row["overlaps"]), "dciodvfy": judged}
    return PassportObject(**plain)

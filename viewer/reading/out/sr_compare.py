"""What a measurement report read back from the disk says, against what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ai.scan.labelmap import Code
from viewer.dicom.series import Series
from viewer.dicom.written.algorithm import NOT_TOLD, parameters_of
from viewer.dicom.written.sr_content import SrContent, SrGroup
from viewer.reading.out.drawn import drawn_agreement

if TYPE_CHECKING:
    from viewer.dicom.reread.sr import GroupSeen, SrSeen


@dataclass(frozen=True)
class SrAgreement:
    """fault: what differs first, or nothing. figures: how many agree, of all that were asked."""

    fault: str
    figures: tuple[int, int]
    same_study: bool


def sr_agreement(seen: SrSeen, asked: SrContent) -> SrAgreement:
    """Every statement and every figure of the report, group by group under its Tracking UID."""
    there = {group.tracking_uid: group for group in seen.groups}
    agree = total = 0
    fault = _fault(seen, asked)
    for number, group in enumerate(asked.groups, start=1):  # its name may hold a reader's words
        total += len(group.numbers)
        found = there.get(group.tracking_uid)
        if found is None:
            fault = fault or f"group {number} is missing"
            continue
        agree += _same_figures(found, group)
        if not _same_meaning(found, group, asked.series):
            fault = fault or f"group {number} says something else"
        if len(found.figures) != len(group.numbers) or _same_figures(found, group) < len(
            group.numbers
        ):
            fault = fault or f"group {number} has other figures"
    other, (more, of) = drawn_agreement(seen.drawn, asked)
    fault, agree, total = fault or other, agree + more, total + of
    return SrAgreement(fault, (agree, total), seen.study_uid == asked.series.study_uid)


def _fault(seen: SrSeen, asked: SrContent) -> str:
    before = (asked.before.instance_uid,) if asked.before else ()
    for name, there, here in (
        ("instance", seen.instance_uid, asked.instance_uid),
        ("study", seen.study_uid, asked.series.study_uid),
        ("qualification", seen.qualification, "RESEARCH"),
        ("completion", seen.completion, "COMPLETE"),
        ("verification", seen.verification, "VERIFIED" if asked.verified else "UNVERIFIED"),
        ("verifying observer", seen.verified_by, _verified(asked)),
        ("observer", bool(seen.reader), bool(asked.reader)),
        ("predecessor", seen.before, before),
        ("library of images", seen.key_images, references_of(asked.series, asked.key_images)),
        ("account of how it was read", seen.remarks, asked.remarks),
        ("number of groups", len(seen.groups), len(asked.groups)),
        ("evidence", _ct_of(asked) <= seen.evidence, True),
    ):
        if there != here:
            return f"its {name} is another one"
    return ""


def _ct_of(asked: SrContent) -> set[tuple[str, str]]:
    return {(asked.series.uid, piece.sop_instance_uid) for piece in asked.series.slices}


def _verified(asked: SrContent) -> tuple[tuple[str, str, str], ...]:
    who = asked.verified
    return ((who.name, who.organisation, who.at),) if who is not None else ()


def _same_figures(there: GroupSeen, here: SrGroup) -> int:
    """How many of the figures asked for stand there, with concept, derivation, unit and value."""
    stored = {(f.concept, f.derivation, f.unit): f.value for f in there.figures}
    return sum(
        stored.get((_pair(f.concept), _pair(f.derivation) if f.derivation else None, _pair(f.unit)))
        == f.value
        for f in here.numbers
    )


def references_of(series: Series, slices: Iterable[int]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Instance UID and frames (from 1) by which slices k of a series are named in a report."""
    multi = len({piece.sop_instance_uid for piece in series.sources}) < len(series.sources)
    pieces = [series.slices[k] for k in slices]
    return tuple((piece.sop_instance_uid, (piece.frame + 1,) if multi else ()) for piece in pieces)


def _same_meaning(there: GroupSeen, here: SrGroup, series: Series) -> bool:
    algorithm = (here.made_by.card, here.made_by.version or NOT_TOLD) if here.made_by else None
    return (
        (there.tracking_id, there.category, there.finding, there.site, there.side)
        == (
            here.tracking_id,
            _pair(here.category),
            _pair(here.finding),
            _pair(here.site),
            _pair(here.site_side) if here.site_side else None,
        )
        and (there.segment_instance, there.segment_number)
        == (here.segment.instance_uid, here.segment.number)
        and there.algorithm == algorithm
        and there.run == (parameters_of(here.made_by) if here.made_by else ())
        and bool(there.sources) == bool(here.slices)
        and there.key_images == references_of(series, here.key_images)
        and there.comment == here.comment
        and there.qualities == tuple((_pair(q.concept), _pair(q.answer)) for q in here.qualities)
    )


def _pair(code: Code) -> tuple[str, str]:
    return code.scheme, code.value

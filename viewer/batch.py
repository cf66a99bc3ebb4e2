"""`hilum batch`: the same reading without a window, by the same functions in the same order."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ai.errors import BadInput, HilumError, OutsideError
from ai.progress import OnProgress, ignore
from ai.scan.finding import Finding
from ai.scan.volume import Volume
from viewer.cli import BAD_ARGUMENTS, COULD_NOT
from viewer.dicom.series import REFUSED, Opened, Series
from viewer.reading.reading import (
    BY_RULE,
    Answer,
    Begun,
    Event,
    FindingsProposed,
    Proposal,
    Reading,
    Row,
    SegmentsAdded,
    VerdictGiven,
    apply,
)


@dataclass(frozen=True)
class Rule:
    """Which proposed findings are accepted without a reader: none, all, or from a chance on."""

    words: str
    least_chance: float | None

    def takes(self, finding: Finding) -> bool:
        return self.least_chance is not None and finding.chance >= self.least_chance

    @property
    def sentence(self) -> str:
        """How the report says it."""
        if self.least_chance is None:
            return "No finding was accepted: nobody read this scan."
        if self.words == "all":
            return "Every proposed finding was accepted by rule; nobody read this scan."
        return (
            f"Findings were accepted by rule, chance {self.least_chance:g} or more;"
            " nobody read this scan."
        )


def rule_of(words: str) -> Rule:
    """The rule of --accept: all, none, or a chance from 0 to 1. Raises ValueError."""
    if words == "none":
        return Rule(words, None)
    if words == "all":
        return Rule(words, 0.0)
    chance = float(words)
    if not 0 <= chance <= 1:
        raise ValueError(words)
    return Rule(words, chance)


@dataclass(frozen=True)
class Order:
    """What is asked of every study."""

    out: Path
    series_uid: str = ""
    lungs: bool = True
    nodules: bool = True
    rule: Rule = Rule("none", None)


@dataclass(frozen=True)
class Written:
    """What came of one input."""

    folder: Path
    files: tuple[Path, ...]
    sentences: tuple[str, ...]
    findings: int
    accepted: int
    held: int


def read_study(
    study: Path, order: Order, *, opened: Opened | None = None, on_progress: OnProgress = ignore
) -> Written:
    """One study read, judged by rule and written out. Raises HilumError with the reason it was not.

    opened: what the path holds, where that is known already.
    """
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    on_progress(0.0, "Reading images")
    opened = open_path(study) if opened is None else opened
    series = _wanted(opened, order.series_uid)
    if series.ai_refusal:
        raise BadInput(series.ai_refusal, "hilum inspect tells more.")
    volume = read_volume(series)
    reading, sentences = _read(volume, series, order, on_progress)
    return _write(study, volume, series, reading, order, (*opened.sentences, *sentences))


def _wanted(opened: Opened, uid: str) -> Series:
    if opened.outcome == REFUSED or not opened.series:
        raise BadInput(" ".join(opened.sentences) or "There is no series here to read.")
    if not uid:
        return opened.series[0]
    for series in opened.series:
        if series.uid == uid:
            return series
    raise BadInput(f"There is no series {uid} in this study.")


def _read(
    volume: Volume, series: Series, order: Order, on_progress: OnProgress
) -> tuple[Reading, tuple[str, ...]]:
    """The reading that the window would make of the same scan, with the rule's answers."""
    from ai.nodules.detect import find_nodules

    from ai.agent.policy import prior, propose, seed_of
    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card

    on_progress(0.2, "Segmenting lungs")
    result = segment_lungs(volume, card=load_card("lungs-classical"))
    reading = _after(
        Reading(sha256(series.uid.encode()).hexdigest()[:16]),
        Begun("", "", BY_RULE),
    )
    if order.lungs:
        event = SegmentsAdded(result.label_map, result.figures, result.warnings)
        reading = _after(reading, event)
    if order.nodules:
        on_progress(0.5, "Finding nodules")
        found = find_nodules(volume, result.label_map, card=load_card("nodules-log"))
        policy, seed = prior(), seed_of(series.uid)
        proposals = tuple(
            Proposal(d.finding, d.shown, d.rank, d.propensity, policy.id, seed, d.value, d.reason)
            for d in propose(policy, found, seed=seed)
        )
        reading = _after(reading, FindingsProposed(found, proposals))
        for finding in reading.in_state("proposed"):
            if order.rule.takes(finding):
                verdict = VerdictGiven(finding.id, Answer.ACCEPT, by=BY_RULE)
                reading = _after(reading, verdict)
    return reading, result.warnings


def _after(reading: Reading, event: Event) -> Reading:
    return apply(reading, Row(len(reading.history) + 1, "", event))


def _write(
    study: Path,
    volume: Volume,
    series: Series,
    reading: Reading,
    order: Order,
    sentences: tuple[str, ...],
) -> Written:
    from viewer.reading.export import ExportRequest, export_segs
    from viewer.reading.outputs import write_findings_json, write_pictures
    from viewer.reading.report import write_report

    folder = _folder(order.out, study)
    stated = tuple((f, reading.state(f.id)) for f in reading.findings)
    exported = export_segs(
        ExportRequest(
            folder=folder,
            series=series,
            lungs=reading.lungs,
            findings=stated,
            reading_id=reading.id,
            reader_label="by rule",
            replace=True,
        )
    )
    said = (*sentences, *exported.sentences)
    pictures = write_pictures(folder, volume, reading.lungs, stated, series=series)
    listing = write_findings_json(folder, series, reading, rule=order.rule.sentence)
    report = write_report(
        folder, series, reading, pictures=pictures, rule=order.rule.sentence, sentences=said
    )
    return Written(
        folder,
        (*exported.files, listing, report, *pictures),
        said,
        len(reading.findings),
        len(reading.in_state("accepted")),
        len(reading.in_state("held")),
    )


def _folder(out: Path, study: Path) -> Path:
    """DIR/<input name>-<short hash>: two inputs of one name never share a folder."""
    place = study.absolute()
    name = place.name or "study"
    folder = out / f"{name}-{sha256(str(place).encode()).hexdigest()[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            f"The folder {out} cannot be written to: {error.strerror}.", "Choose another --out."
        ) from error
    return folder


def main(words: Sequence[str]) -> int:
    """The command: 0, 1 if any study could not be read, 2 for bad arguments."""
    parser = argparse.ArgumentParser(
        prog="hilum batch", description="Read studies without a window. Research use only."
    )
    parser.add_argument("studies", nargs="+", type=Path, metavar="STUDY")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument("--series", default="", metavar="UID", help="not the default series")
    parser.add_argument("--lungs", action="store_true", help="lungs only, unless --nodules too")
    parser.add_argument("--nodules", action="store_true", help="nodules only, unless --lungs too")
    parser.add_argument(
        "--accept", default="none", metavar="all|none|CHANCE", help="by rule; none unless given"
    )
    parser.add_argument("--json", action="store_true", help="tell the outcome as JSON")
    options = parser.parse_args(words)
    try:
        rule = rule_of(options.accept)
    except ValueError:
        print("--accept takes all, none or a chance from 0 to 1.", file=sys.stderr)
        return BAD_ARGUMENTS
    both = options.lungs == options.nodules
    order = Order(options.out, options.series, both or options.lungs, both or options.nodules, rule)
    told = [_told(study, order, quiet=options.json) for study in options.studies]
    if options.json:
        print(json.dumps(told, indent=1))
    return COULD_NOT if any(row["outcome"] == REFUSED for row in told) else 0


def _told(study: Path, order: Order, *, quiet: bool) -> dict[str, Any]:
    """One study read and told of; a study that cannot be read never stops the others."""
    from viewer.dicom.find import open_path
    from viewer.dicom.inspect import inspect

    told: dict[str, Any] = {"input": str(study), "outcome": REFUSED, "sentences": [], "series": []}
    try:
        told |= inspect(study) if quiet else {}
        written = read_study(study, order, opened=open_path(study))
    except HilumError as error:
        _say_why(study, error.sentence)
        sentences = told["sentences"]
        if error.sentence not in sentences:
            sentences = [*sentences, error.sentence]
        return told | {"outcome": REFUSED, "sentences": sentences}
    except MemoryError:
        _say_why(study, "There is not enough memory for this scan.")
        return told | {"outcome": REFUSED}
    if not quiet:
        _say(study, written)
    return told | {
        "folder": str(written.folder),
        "files": [str(path) for path in written.files],
        "findings": written.findings,
        "accepted": written.accepted,
        "held": written.held,
    }


def _say_why(study: Path, sentence: str) -> None:
    print(f"{study.name}: {sentence}", file=sys.stderr)


def _say(study: Path, written: Written) -> None:
    print(
        f"{study.name}: {written.findings} candidates, {written.accepted} accepted by rule,"
        f" {written.held} held back"
    )
    for sentence in written.sentences:
        print(f"  {sentence}")
    print(f"  written to {written.folder}")

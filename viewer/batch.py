"""The same reading without a window, by the same functions in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ai.errors import BadInput, OutOfMemory, OutsideError
from ai.progress import OnProgress, ignore
from ai.scan.finding import Finding
from ai.scan.fit import RED
from ai.scan.volume import Volume
from viewer.dicom.series import REFUSED, WARNS, Opened, Series
from viewer.language.catalogue import ENGLISH
from viewer.reading.events import (
    BY_RULE,
    Answer,
    Begun,
    Event,
    FindingsProposed,
    Proposal,
    SegmentsAdded,
    VerdictGiven,
)
from viewer.reading.lung_events import ScanJudged
from viewer.reading.reading import Reading, Row, apply
from viewer.reading.report.how_read import overridden
from viewer.reading.report.words import rule_sentence

if TYPE_CHECKING:
    from ai.agent.policy import Policy


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
        return rule_sentence(self.least_chance)

    @property
    def label(self) -> str:
        """How a SEG says it, in words: a person's name in DICOM holds no signs."""
        if self.least_chance is None:
            return ""
        return f"by rule, {'all' if self.words == 'all' else f'chance {self.words} or more'}"


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


def _untold(sentence: str, key: str) -> None:
    """Nobody keeps a record of overrides."""


@dataclass(frozen=True)
class Order:
    """What is asked of every study. language: of the report. policy: what decides which candidates
    are shown; the prior where none is given, so that every machine proposes the same.
    override: why a scan that the gate refuses is segmented all the same; nothing: it is not.
    on_override: told the gate's sentence and the series' key, before anything is computed.
    models: ids of cards, each for its own task; the default does what none is named for.
    """

    out: Path
    series_uid: str = ""
    lungs: bool = True
    nodules: bool = True
    rule: Rule = Rule("none", None)
    language: str = ENGLISH
    policy: Policy | None = None
    override: str = ""
    on_override: Callable[[str, str], None] = _untold
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """What came of one input. outcome: opens, or opens_with_warning. proven: by the passport."""

    outcome: str
    folder: Path
    files: tuple[Path, ...]
    sentences: tuple[str, ...]
    findings: int
    accepted: int
    held: int
    proven: bool = True


def learnt_policy() -> Policy | None:
    """What this machine learnt last from its readers; None where that is nothing yet.

    The log is only read. Raises HilumError where it, or the policy, cannot be read.
    """
    from ai.agent.policy import from_json
    from viewer.home import home
    from viewer.reading.store import Store

    log = home() / "readings.sqlite"
    if not log.exists() or not log.stat().st_size:
        return None
    store = Store(log, read_only=True)
    try:
        stored = store.newest_policy()
    finally:
        store.close()
    return from_json(stored.body) if stored is not None else None


def read_study(
    study: Path, order: Order, *, opened: Opened | None = None, on_progress: OnProgress = ignore
) -> Written:
    """One study read, judged by rule and written out. Raises HilumError with the reason it was not.

    opened: what the path holds, where that is known already.
    """
    from viewer.dicom.find import open_path

    on_progress(0.0, "Reading images")
    opened = open_path(study) if opened is None else opened
    series = _wanted(opened, order.series_uid)
    if series.ai_refusal:
        raise BadInput(series.ai_refusal, "hilum inspect tells more.")
    _check_room(order.out)
    volume, spoilt = _volume(series)
    reading, warnings = _read(volume, series, order, on_progress)
    told = (*opened.sentences, *spoilt, *warnings)
    outcome = WARNS if spoilt else opened.outcome
    folder = _folder(order.out, study)
    return _write(folder, outcome, volume, series, reading, order, told)


def _wanted(opened: Opened, uid: str) -> Series:
    if opened.outcome == REFUSED or not opened.series:
        raise BadInput(" ".join(opened.sentences) or "There is no series here to read.")
    if not uid:
        return opened.series[0]
    for series in opened.series:
        if series.uid == uid:
            return series
    raise BadInput(f"There is no series {uid} in this study.")


def _volume(series: Series) -> tuple[Volume, tuple[str, ...]]:
    """HU of the whole series, and a sentence for slices that could not be read.

    Raises BadInput where there is no volume, or not one slice of it.
    """
    from viewer.dicom.pixels import UNREADABLE_HU, load_into

    if series.geometry is None:
        raise BadInput(series.refusal or "The slices of this series make no volume.")
    try:
        hu = np.empty(series.geometry.shape_kji, dtype=np.int16)
    except MemoryError as error:
        raise OutOfMemory("There is not enough memory for this scan.") from error
    spoilt = load_into(series, hu)
    if spoilt and (hu == UNREADABLE_HU).all():
        raise BadInput("No slice of this series can be read.", "hilum inspect tells more.")
    return Volume(series.geometry, hu, series.key), spoilt


def _read(
    volume: Volume, series: Series, order: Order, on_progress: OnProgress
) -> tuple[Reading, tuple[str, ...]]:
    """The reading that the window would make of the same scan, with the rule's answers."""
    from ai.agent.policy import prior, propose, seed_of
    from ai.lungs.segment import segment_lungs
    from ai.models.card import DEFAULTS, load_card
    from ai.models.gate import fit_of
    from ai.nodules.detect import find_nodules

    by, anyway = {**DEFAULTS, **chosen(order.models)}, False
    card = load_card(by["lungs"])
    if order.override and (fit := fit_of(volume, card)).level == RED:
        order.on_override(fit.reasons[0], series.key)
        anyway = True
    on_progress(0.2, "Segmenting lungs")
    result = segment_lungs(volume, card=card, anyway=anyway)
    reading = _after(
        Reading(sha256(series.key.encode()).hexdigest()[:16]),
        Begun("", "", BY_RULE),
    )
    judged = ScanJudged(result.fit.level, result.fit.reasons, result.fit.by_reader)
    reading = _after(reading, judged)
    if order.lungs:
        event = SegmentsAdded(result.label_map, result.figures, result.warnings)
        reading = _after(reading, event)
    if order.nodules:
        on_progress(0.5, "Finding nodules")
        searcher = load_card(by["nodules"])
        found = find_nodules(volume, result.label_map, card=searcher)
        policy, seed = order.policy or prior(), seed_of(series.key)
        proposals = tuple(
            Proposal(d.finding, d.shown, d.rank, d.propensity, policy.id, seed, d.value, d.reason)
            for d in propose(policy, found, seed=seed)
        )
        made_by = searcher.made_by
        reading = _after(reading, FindingsProposed(found, proposals, made_by))
        for finding in reading.in_state("proposed"):
            if order.rule.takes(finding):
                verdict = VerdictGiven(finding.id, Answer.ACCEPT, by=BY_RULE)
                reading = _after(reading, verdict)
    return reading, result.warnings


def chosen(models: Sequence[str]) -> dict[str, str]:
    """Which card does which task. Raises OutsideError for a card that is none, or spoilt, BadInput
    for two of one task."""
    from ai.models.card import load_card

    by: dict[str, str] = {}
    for card in map(load_card, models):
        if card.task in by:
            raise BadInput(f"Both {by[card.task]} and {card.id} are for {card.task}; name one.")
        by[card.task] = card.id
    return by


def _after(reading: Reading, event: Event) -> Reading:
    return apply(reading, Row(len(reading.history) + 1, "", event))


def _write(
    folder: Path,
    outcome: str,
    volume: Volume,
    series: Series,
    reading: Reading,
    order: Order,
    sentences: tuple[str, ...],
) -> Written:
    from viewer.reading.out.export import export_reading
    from viewer.reading.out.request import ALL_OBJECTS, ExportRequest
    from viewer.reading.report.content import report_content

    content = report_content(series, reading, rule=order.rule.sentence, remarks=sentences)
    if reading.fit is not None and reading.fit.by_reader:
        why = overridden(order.override)
        content = content.told_how(why)
        sentences = (*sentences, why)
    exported = export_reading(
        ExportRequest(
            folder=folder,
            series=series,
            lungs=reading.lungs,
            findings=tuple((f, reading.state(f.id)) for f in reading.findings),
            reading_id=reading.id,
            reader_label=order.rule.label,
            replace=True,
            by_rule=True,
            lung_figures=reading.lung_figures,
            objects=ALL_OBJECTS,
            content=content,
            volume=volume,
            language=order.language,
        )
    )
    return Written(
        outcome,
        folder,
        exported.files,
        (*sentences, *exported.sentences),
        len(reading.findings),
        len(reading.in_state("accepted")),
        len(reading.in_state("held")),
        exported.passport is None or exported.passport.proven,
    )


def _check_room(out: Path) -> None:
    """Raises OutsideError where nothing can be written, before a scan is read in vain."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(out, error.strerror or "the disk refuses") from error
    if not os.access(out, os.W_OK | os.X_OK):
        raise _unwritable(out, "permission is denied")


def _unwritable(out: Path, why: str) -> OutsideError:
    return OutsideError(f"The folder {out} cannot be written to: {why}.", "Choose another --out.")


def _folder(out: Path, study: Path) -> Path:
    """DIR/<input name>-<short hash>: two inputs of one name never share a folder."""
    place = study.absolute()
    name = place.name or "study"
    folder = out / f"{name}-{sha256(str(place).encode()).hexdigest()[:8]}"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise _unwritable(out, error.strerror or "the disk refuses") from error
    return folder
